// How a command ends.
#include "clients/cli/outcome.h"

#include "clients/cli/fault_words.h"
#include "clients/cli/values.h"
#include "clients/cli/width.h"
#include "google/protobuf/util/json_util.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/base/errors.h"
#include "services/base/money.h"
#include "services/base/strings.h"

namespace zhuxiao::cli {
namespace {

template <typename Detail>
Detail DetailOf(const absl::Status& status) {
  Detail detail;
  const auto payload = status.GetPayload(base::StrCat("type.googleapis.com/", detail.GetDescriptor()->full_name()));
  if (payload) detail.ParseFromString(std::string(*payload));
  return detail;
}

// The field's path, behind what it is called in the reader's language.
std::string LabelledField(Language language, std::string_view path) {
  const std::string key = base::StrCat("field.", path.substr(path.rfind('.') + 1));
  const std::string label = Say(language, key);
  if (language != Language::kChinese || label == key) return Printable(std::string(path));
  return base::StrCat(label, " (", Printable(std::string(path)), ")");
}

// A fact of the server's about its refusal, such as "limit_fen" = "500000": money in yuan, weights as people write
// them, under the words the catalogue has for them.
std::string SayFact(Language language, const std::string& key, const std::string& value) {
  std::string name = Say(language, base::StrCat("fact.", key));
  if (name == base::StrCat("fact.", key)) name = Say(language, key);
  const auto number = ParseInteger(value);
  std::string said = Printable(SayFault(language, SayNames(language, value)));
  if (number.ok() && key.ends_with("_fen")) said = base::StrCat(base::FormatYuan(*number), " ", Say(language, "yuan"));
  if (number.ok() && key.ends_with("_g")) said = FormatGrams(*number);
  if (value == "true") said = Say(language, "yes");
  return base::StrCat(Printable(name), ": ", said);
}

}  // namespace

ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kExitOk;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return kExitInvalidArgument;
    case absl::StatusCode::kNotFound:
      return kExitNotFound;
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAlreadyExists:
      return kExitRefused;
    case absl::StatusCode::kAborted:
      return kExitAborted;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kCancelled:
      return kExitUnavailable;
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return kExitDenied;
    default:
      return kExitInternal;
  }
}

std::string DescribeError(Language language, const absl::Status& status) {
  const base::ErrorReason reason = base::ReasonOf(status);
  std::string result = Say(language, "error") + ": ";
  if (reason == base::ErrorReason::ERROR_REASON_UNSPECIFIED) {
    result += Say(language, "code." + absl::StatusCodeToString(status.code()));
  } else {
    result += Say(language, common::v1::ErrorReason_Name(reason)) + " (" +
              DetailOf<google::rpc::ErrorInfo>(status).reason() + ")";
  }
  const auto bad_request = DetailOf<google::rpc::BadRequest>(status);
  if (bad_request.field_violations().empty()) {
    result += "\n  " + Printable(SayFault(language, std::string(status.message())));
  }
  for (const auto& violation : bad_request.field_violations()) {
    result += "\n  " + LabelledField(language, violation.field()) + ": " +
              Printable(SayFault(language, violation.description()));
  }
  const auto error_info = DetailOf<google::rpc::ErrorInfo>(status);
  for (const auto& [key, value] : error_info.metadata()) {
    result += "\n  " + SayFact(language, key, value);
  }
  return result + "\n";
}

std::string ErrorAsJson(const absl::Status& status) {
  google::rpc::Status wire;
  wire.set_code(status.raw_code());
  wire.set_message(std::string(status.message()));
  status.ForEachPayload([&wire](absl::string_view type_url, const absl::Cord& value) {
    // A type this program does not know could not be printed.
    const absl::string_view name = type_url.substr(type_url.rfind('/') + 1);
    if (google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(std::string(name)) == nullptr) return;
    auto* detail = wire.add_details();
    detail->set_type_url(std::string(type_url));
    detail->set_value(std::string(value));
  });
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(wire, &json).ok()) json = "{}";
  return "{\"error\":" + json + "}\n";
}

}  // namespace zhuxiao::cli
