// Imports listings and online sales from CSV files.
#include "clients/cli/import.h"

#include <algorithm>
#include <map>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "clients/cli/fault_words.h"
#include "clients/cli/progress.h"
#include "clients/cli/sales_import.h"
#include "clients/cli/sheet.h"
#include "clients/cli/unit_check.h"
#include "clients/cpp/sales_report.h"
#include "google/rpc/error_details.pb.h"
#include "services/base/digest.h"
#include "services/base/strings.h"
#include "zhuxiao/listing/v1/listing.pb.h"
#include "zhuxiao/reward/v1/reward.pb.h"

namespace zhuxiao::cli {
namespace {

using reward::v1::SaleEntry;
// Column ("" for the whole row) and reason of each.
using Mistakes = std::vector<std::pair<std::string, std::string>>;

// Bytes of a row's digest in a request_id: 128 bits, which no two rows of a person share by chance.
constexpr size_t kDigestBytes = 16;
// Refusals of one row that are asked about again. More stand in its way than anybody mends within a month.
constexpr int kMaxAttempts = 20;

// True where the error is about the row and not about the connection, the caller or the server.
bool IsAboutTheRow(const absl::Status& status) {
  const ExitCode code = ExitCodeOf(status);
  return code == kExitInvalidArgument || code == kExitNotFound || code == kExitRefused;
}

// The column a field of `message` came from: its path where that is none of `specs`.
std::string ColumnOf(std::string_view path, const google::protobuf::Descriptor& message,
                     const std::vector<OptionSpec>& specs) {
  for (const OptionSpec& spec : specs) {
    // A field of it, or one of its values.
    const std::string_view rest = path.substr(std::min(path.size(), spec.path.size()));
    const bool ends_there = rest.empty() || rest.front() == '.' || rest.front() == '[';
    if (path.starts_with(spec.path) && ends_there) return NameOf(message, spec);
  }
  return std::string(path);
}

// Column and reason of each mistake; the server's fields are named by the column they came from.
Mistakes MistakesOf(const absl::Status& status, const google::protobuf::Descriptor& message,
                    const std::vector<OptionSpec>& specs) {
  google::rpc::BadRequest bad_request;
  const auto payload = status.GetPayload("type.googleapis.com/google.rpc.BadRequest");
  if (payload) bad_request.ParseFromString(std::string(*payload));
  Mistakes mistakes;
  for (const auto& violation : bad_request.field_violations()) {
    mistakes.emplace_back(ColumnOf(violation.field(), message, specs), violation.description());
  }
  if (mistakes.empty()) mistakes.emplace_back("", std::string(status.message()));
  return mistakes;
}

// Without the dashes of options: in a file they are columns.
Mistakes ColumnsOf(const base::FieldErrors& errors) {
  auto mistakes = errors.violations();
  for (auto& [column, reason] : mistakes) column.erase(0, absl::StartsWith(column, "--") ? 2 : 0);
  return mistakes;
}

// What became of the rows of a file, and why those after some were not sent.
struct ImportResult {
  int64_t taken = 0;                     // also those of an import before, where `reported` does not tell them apart
  std::optional<ReportCounts> reported;  // of sales
  std::vector<SheetRejection> rejections;
  absl::Status stopped;
};

// Writes the rejected rows, says what became of all, and ends the command. An import that stopped leaves the file of
// rejected rows as it is: it may hold what somebody mended after an earlier run, and the next run finds these rows
// again.
int Conclude(const Session& session, const std::string& path, const Sheet& sheet, ImportResult result) {
  auto& [taken, reported, rejections, stopped] = result;
  for (SheetRejection& rejection : rejections) {
    for (auto& [column, reason] : rejection.mistakes) reason = SayFault(session.globals().language, reason);
  }
  const std::string rejected_path = path + ".rejected.csv";
  const absl::Status written = stopped.ok() ? WriteRejected(rejected_path, sheet, rejections) : absl::OkStatus();
  const bool has_file = stopped.ok() && written.ok() && !rejections.empty();
  const auto number = [](int64_t n) { return std::to_string(n); };
  const int64_t rejected = static_cast<int64_t>(rejections.size());
  if (session.globals().is_json && stopped.ok() && written.ok()) {
    session.environment().out << "{\"rows\":" << sheet.rows.size() << ",\"taken\":" << taken;
    if (reported) {
      session.environment().out << ",\"repeated\":" << reported->repeated << ",\"waiting\":" << reported->waiting;
    }
    session.environment().out << ",\"rejected\":" << rejected << "}\n";
  } else if (!session.globals().is_json) {
    const std::string rows = number(static_cast<int64_t>(sheet.rows.size()));
    session.environment().out << (reported
                                      ? session.Say("import.summary", {rows, number(taken), number(reported->repeated),
                                                                       number(reported->waiting), number(rejected)})
                                      : session.Say("import.answered", {rows, number(taken), number(rejected)}))
                              << "\n";
    if (has_file) session.environment().err << session.Say("import.rejected", {rejected_path}) << "\n";
    if (!stopped.ok()) session.environment().err << session.Say("import.stopped") << "\n";
  }
  if (!stopped.ok()) return session.Fail(stopped);
  if (!written.ok()) return session.Fail(written);
  return rejected > 0 ? kExitPartial : kExitOk;
}

bool IsRecorded(const absl::Status& status) { return absl::IsFailedPrecondition(status) || absl::IsNotFound(status); }

// What a row says, in few characters: of the request, not of the text, so that columns may change their order.
std::string DigestOf(const google::protobuf::Message& row) {
  return absl::BytesToHexString(base::View(base::Sha256(row.SerializeAsString()).substr(0, kDigestBytes)));
}

// Lists the goods of a row under ids that begin with `name`. A refusal is the answer to its id for good, so where the
// reason is gone since, the row goes on with its next one.
absl::Status ListRow(const client::Client& client, const google::protobuf::Message& row, const std::string& name) {
  listing::v1::CreateListingRequest request;
  request.CopyFrom(row);
  absl::Status refused;
  for (int attempt = 1; attempt <= kMaxAttempts; ++attempt) {
    request.set_request_id(base::StrCat(name, "-", attempt));
    refused = client.Call<listing::v1::CreateListingResponse>(request).status();
    if (!IsRecorded(refused)) return refused;
    listing::v1::CreateListingRequest check = request;
    check.set_request_id(client.NewRequestId());
    check.set_validate_only(true);
    const absl::Status checked = client.Call<listing::v1::CreateListingResponse>(check).status();
    if (!checked.ok()) return checked;
  }
  return refused;
}

// `listing create` as the rows of a file have it: what only looks is for one listing at a time.
const VerbSpec& ListingRowVerb() {
  static const auto& verb = *[] {
    auto* row = new VerbSpec(FindVerb("listing", "create"));
    std::erase_if(row->options, [](const OptionSpec& option) { return option.path == "validate_only"; });
    return row;
  }();
  return verb;
}

// Takes the rows of a file one by one and counts those that are equal.
class ListingImport {
 public:
  explicit ListingImport(const Session& session) : client_(session.client()), units_(client_) {}

  // The mistakes of the row, none where its goods are listed; an error where the import cannot go on.
  absl::StatusOr<Mistakes> Take(const SheetRow& row) {
    const VerbSpec& verb = ListingRowVerb();
    base::FieldErrors errors;
    if (!errors.Require(row.error.empty(), "", row.error)) return errors.violations();
    const auto request = BuildRequest(verb, row.arguments, errors);
    if (errors.empty()) {
      absl::Status asked = units_.Check(*request, verb.options, row.arguments, errors);
      if (!asked.ok()) return asked;
    }
    if (!errors.empty()) return ColumnsOf(errors);
    const std::string digest = DigestOf(*request);
    const int64_t occurrence = ++occurrences_[digest];
    const absl::Status status = ListRow(client_, *request, base::StrCat(digest, "-", occurrence));
    if (status.ok()) return Mistakes();
    if (IsAboutTheRow(status)) return MistakesOf(status, *MethodOf(verb).input_type(), verb.options);
    return status;
  }

 private:
  const client::Client& client_;
  UnitCheck units_;
  std::map<std::string, int64_t> occurrences_;
};

ImportResult SendListings(const Session& session, const Sheet& sheet) {
  ImportResult result;
  ListingImport listings(session);
  Progress progress(session.environment().err, session.environment().err_is_terminal, sheet.rows.size());
  for (size_t i = 0; i < sheet.rows.size() && result.stopped.ok(); ++i) {
    const SheetRow& row = sheet.rows[i];
    progress.Advance(static_cast<int64_t>(i + 1));
    auto mistakes = listings.Take(row);
    if (!mistakes.ok()) {
      result.stopped = mistakes.status();
    } else if (mistakes->empty()) {
      ++result.taken;
    } else {
      result.rejections.push_back({&row, *std::move(mistakes)});
    }
  }
  return result;
}

std::vector<CommandOption> ListingColumns() {
  return OptionsOf(*MethodOf(ListingRowVerb()).input_type(), ListingRowVerb().options);
}

int ImportListings(const Session& session, const Arguments& arguments) {
  const std::string path = arguments.at("file").back();
  const auto sheet = LoadSheet(path, ListingColumns());
  if (!sheet.ok()) return session.FailUsage(sheet.status());
  return Conclude(session, path, *sheet, SendListings(session, *sheet));
}

const std::vector<OptionSpec>& SaleOptions() {
  static const auto& options = *new std::vector<OptionSpec>{{"sale.platform_order_no", Need::kRequired, "order-no"},
                                                            {"sale.claimant_uscc", Need::kRequired, ""},
                                                            {"sale.commodity_code", Need::kRequired, ""},
                                                            {"sale.origin_code", Need::kRequired, ""},
                                                            {"sale.amount", Need::kRequired, ""},
                                                            {"sale.order_time", Need::kRequired, "order-time"},
                                                            {"sale.destination_code", Need::kOptional, ""},
                                                            {"sale.parcels", Need::kOptional, "parcels"},
                                                            {"sale.waybill_no", Need::kOptional, "waybill-no"},
                                                            {"sale.parcel_fee", Need::kOptional, "parcel-fee"},
                                                            {"sale.payment_time", Need::kOptional, "payment-time"},
                                                            {"sale.waybill_time", Need::kOptional, "waybill-time"},
                                                            {"sale.accept_time", Need::kOptional, "accept-time"},
                                                            {"sale.shipper_uscc", Need::kOptional, "shipper"},
                                                            {"sale.buyer_digests", Need::kOptional, "buyer-digest"},
                                                            {"sale.quantity_base", Need::kOptional, ""}};
  return options;
}

const std::vector<OptionSpec>& RefundOptions() {
  static const auto& options = *new std::vector<OptionSpec>{{"refund.refund_no", Need::kRequired, ""},
                                                            {"refund.platform_order_no", Need::kRequired, "order-no"},
                                                            {"refund.amount", Need::kRequired, ""},
                                                            {"refund.refund_time", Need::kRequired, "refund-time"}};
  return options;
}

const std::vector<OptionSpec>& WaybillOptions() {
  static const auto& options = *new std::vector<OptionSpec>{{"waybill.waybill_no", Need::kRequired, "waybill-no"},
                                                            {"waybill.platform_order_no", Need::kRequired, "order-no"},
                                                            {"waybill.parcels", Need::kRequired, "parcels"},
                                                            {"waybill.parcel_fee", Need::kOptional, "parcel-fee"},
                                                            {"waybill.waybill_time", Need::kRequired, "waybill-time"},
                                                            {"waybill.shipper_uscc", Need::kOptional, "shipper"}};
  return options;
}

// Columns of all kinds; only what all ask for is required of the file.
std::vector<CommandOption> SaleColumns() {
  std::vector<CommandOption> columns = OptionsOf(*SaleEntry::descriptor(), SaleOptions());
  for (CommandOption& column : columns) {
    if (column.name != "order-no") column.need = Need::kOptional;
  }
  for (CommandOption& column : OptionsOf(*SaleEntry::descriptor(), RefundOptions())) {
    column.need = Need::kOptional;
    if (column.name == "refund-no" || column.name == "refund-time") columns.push_back(std::move(column));
  }
  return columns;
}

// What a row or command line is: a refund where it has a refund number, a waybill where it has a waybill number and no
// amount, else a sale.
const std::vector<OptionSpec>& SpecsOf(const Arguments& arguments) {
  if (arguments.contains("refund-no")) return RefundOptions();
  return arguments.contains("waybill-no") && !arguments.contains("amount") ? WaybillOptions() : SaleOptions();
}

SaleEntry MakeEntry(const Arguments& arguments, base::FieldErrors& errors) {
  SaleEntry entry;
  Fill(entry, SpecsOf(arguments), arguments, errors);
  return entry;
}

ImportResult SendSales(const Session& session, const Sheet& sheet) {
  ImportResult result;
  SalesImport sales(session.client());
  UnitCheck units(session.client());
  Progress progress(session.environment().err, session.environment().err_is_terminal, sheet.rows.size());
  for (size_t i = 0; i < sheet.rows.size() && result.stopped.ok(); ++i) {
    const SheetRow& row = sheet.rows[i];
    base::FieldErrors errors;
    SaleEntry entry;
    if (errors.Require(row.error.empty(), "", row.error)) entry = MakeEntry(row.arguments, errors);
    if (errors.empty()) result.stopped = units.Check(entry, SpecsOf(row.arguments), row.arguments, errors);
    if (!errors.empty()) {
      result.rejections.push_back({&row, ColumnsOf(errors)});
    } else if (result.stopped.ok()) {
      result.stopped = sales.Add(row, std::move(entry));
    }
    progress.Advance(static_cast<int64_t>(i + 1));
  }
  const absl::Status finished = sales.Finish();
  if (result.stopped.ok()) result.stopped = finished;
  result.reported = sales.counts();
  result.taken = result.reported->taken;
  for (SheetRejection rejection : sales.rejections()) {
    for (auto& [column, reason] : rejection.mistakes) {
      column = ColumnOf(column, *SaleEntry::descriptor(), SpecsOf(rejection.row->arguments));
    }
    result.rejections.push_back(std::move(rejection));
  }
  std::stable_sort(result.rejections.begin(), result.rejections.end(),
                   [](const SheetRejection& a, const SheetRejection& b) { return a.row->line < b.row->line; });
  return result;
}

int ImportSales(const Session& session, const Arguments& arguments) {
  const std::string path = arguments.at("file").back();
  const auto sheet = LoadSheet(path, SaleColumns());
  if (!sheet.ok()) return session.FailUsage(sheet.status());
  return Conclude(session, path, *sheet, SendSales(session, *sheet));
}

// All mistakes in one line, for people.
std::string SayMistakes(Language language, const Mistakes& mistakes) {
  return absl::StrJoin(mistakes, "; ", [language](std::string* out, const auto& mistake) {
    const auto& [field, reason] = mistake;
    base::StrAppend(out, field, field.empty() ? "" : ": ", SayFault(language, reason));
  });
}

int ReportOne(const Session& session, const Arguments& arguments) {
  base::FieldErrors errors;
  SaleEntry entry = MakeEntry(arguments, errors);
  UnitCheck units(session.client());
  const absl::Status checked = units.Check(entry, SpecsOf(arguments), arguments, errors);
  if (!errors.empty()) return session.FailUsage(errors.ToStatus());
  if (!checked.ok()) return session.Fail(checked);
  client::SalesReport report(session.client());
  report.Add(std::move(entry));
  auto response = report.Finish();
  if (!response.ok()) return session.Fail(response.status());
  for (auto& rejected : *response->mutable_rejected()) {
    const std::string told = SayMistakes(session.globals().language, ViolationsOf(rejected));
    if (!session.globals().is_json) rejected.set_message(told);
  }
  session.Print(*response);
  return response->rejected_count() > 0 ? kExitRefused : kExitOk;
}

}  // namespace

std::vector<Command> ImportCommands() {
  const CommandOption file = {.name = "file", .need = Need::kPositional, .hint = "FILE", .label = "option.file"};
  std::vector<Command> commands = {{"listing", "import", {file}, ImportListings},
                                   {"sales", "import", {file}, ImportSales},
                                   {"sales", "report", SaleColumns(), ReportOne}};
  commands[0].columns = ListingColumns();
  commands[1].columns = SaleColumns();
  return commands;
}

}  // namespace zhuxiao::cli
