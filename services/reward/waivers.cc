// Waived fees over the store and the ledger.
#include "services/reward/waivers.h"

#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/base/ids.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/base/uscc.h"
#include "services/directory/directory.h"
#include "services/ledger/posting.h"
#include "services/reward/access.h"
#include "services/reward/policies.h"
#include "services/reward/records.h"
#include "services/reward/reward.h"
#include "services/reward/sales.h"
#include "services/reward/totals.h"

namespace zhuxiao::reward {
namespace {

using base::FieldErrors;
using store::Key;

void CheckWaiver(const v1::FeeWaiver& waiver, absl::Time now, FieldErrors& errors) {
  errors.Require(base::IsValidId(waiver.waiver_no()), "waiver.waiver_no",
                 "must be 1 to 64 characters of A-Z a-z 0-9 . _ -");
  errors.Require(base::IsValidUscc(waiver.claimant_uscc()), "waiver.claimant_uscc",
                 "must be a unified social credit code of 18 characters");
  errors.Require(!waiver.policy_id().empty(), "waiver.policy_id", "is required");
  errors.Require(!CodeOf(waiver.kind()).empty(), "waiver.kind", "must be one of the five kinds");
  const int64_t amount_fen = waiver.amount().amount_fen();
  errors.Require(amount_fen > 0 && amount_fen <= base::kMaxAmountFen, "waiver.amount",
                 base::StrCat("must be 1 to ", base::kMaxAmountFen, " fen"));
  const bool is_usable = base::IsUsable(waiver.due_time());
  errors.Require(is_usable && base::FromProto(waiver.due_time()) <= now + kClockTolerance, "waiver.due_time",
                 "is required, from 2000 on and not in the future");
}

// The waiver as a line of the policy: its kind for the commodity, the firm's seat for the origin, its day for all
// times.
absl::StatusOr<v1::OnlineSale> WaiverLineOf(store::Reader& reader, const v1::FeeWaiver& waiver,
                                            const std::string& seat) {
  v1::OnlineSale line;
  line.set_platform_uscc(waiver.platform_uscc());
  line.set_claimant_uscc(waiver.claimant_uscc());
  line.set_commodity_code(std::string(CodeOf(waiver.kind())));
  line.set_origin_code(seat);
  for (google::protobuf::Timestamp* time : {line.mutable_order_time(), line.mutable_payment_time(),
                                            line.mutable_waybill_time(), line.mutable_accept_time()}) {
    *time = waiver.due_time();
  }
  auto lists = directory::DesignationsOf(reader, seat, base::DayOf(base::FromProto(waiver.due_time())));
  if (!lists.ok()) return lists.status();
  for (const auto& list : *lists) {
    v1::SaleDesignation& designation = *line.add_designations();
    designation.set_programme(list.programme());
    designation.set_list_version(list.list_version());
    designation.set_region_code(list.region_code());
  }
  return line;
}

// OK where the policy waives the fee, and nothing was wrong with the waiver before.
absl::Status CheckCovered(store::Reader& reader, const v1::FeeWaiver& waiver, FieldErrors errors) {
  auto firm = directory::GetOrganisation(reader, waiver.claimant_uscc());
  if (!firm.ok() && !absl::IsNotFound(firm.status())) return firm.status();
  errors.Require(firm.ok() || errors.Names("waiver.claimant_uscc"), "waiver.claimant_uscc", "is no known organisation");
  if (!errors.empty()) return errors.ToStatus();
  auto policy = PublishedPolicy(reader, waiver.policy_id(), 0);
  if (!policy.ok()) return policy.status();
  if (!errors.Require(policy->rule.grant.kind == engine::GrantKind::kWaiver, "waiver.policy_id", "waives no fees") ||
      !errors.Require(Covers(policy->record.jurisdiction(), firm->region_code()), "waiver.policy_id",
                      "does not hold at the firm's seat")) {
    return errors.ToStatus();
  }
  auto line = WaiverLineOf(reader, waiver, firm->region_code());
  if (!line.ok()) return line.status();
  const engine::Verdict verdict = JudgeSale(policy->rule, *line);
  errors.Require(verdict.reason == engine::LineReason::kInScope, "waiver",
                 base::StrCat("is not covered by the policy: ", engine::LineReasonName(verdict.reason)));
  return errors.ToStatus();
}

}  // namespace

std::string_view CodeOf(v1::FeeKind kind) {
  switch (kind) {
    case v1::FEE_KIND_PLATFORM_USE:
      return "platform-use";
    case v1::FEE_KIND_TECHNICAL_SERVICE:
      return "technical-service";
    case v1::FEE_KIND_TRAINING:
      return "training";
    case v1::FEE_KIND_FRANCHISE:
      return "franchise";
    case v1::FEE_KIND_SHOP_SIGN:
      return "shop-sign";
    default:
      return "";
  }
}

absl::StatusOr<v1::RecordWaiverResponse> RecordWaiver(ledger::Operation& operation,
                                                      const v1::RecordWaiverRequest& request) {
  FieldErrors errors;
  CheckWaiver(request.waiver(), operation.now(), errors);
  v1::FeeWaiver waiver = request.waiver();
  waiver.DiscardUnknownFields();
  waiver.set_platform_uscc(operation.caller().organisation);
  if (absl::Status status = CheckCovered(operation.transaction(), waiver, std::move(errors)); !status.ok()) {
    return status;
  }
  const std::string number_key = Key(kWaiverNoTable, waiver.platform_uscc(), waiver.waiver_no());
  auto known = operation.transaction().Get(number_key);
  if (!known.ok()) return known.status();
  if (*known) return base::AlreadyExists("fee waiver", waiver.waiver_no());

  waiver.set_waiver_id(operation.NewId());
  operation.transaction().Put(number_key, waiver.waiver_id());
  operation.transaction().Put(Key(kWaiverTable, waiver.claimant_uscc(), waiver.waiver_id()),
                              waiver.SerializeAsString());
  const int64_t amount_fen = waiver.amount().amount_fen();
  absl::Status posted = ledger::Post(operation, audit::v1::POSTING_CAUSE_FEE_WAIVED, waiver.waiver_id(),
                                     {{ledger::ClaimantWaived(waiver.claimant_uscc()), amount_fen},
                                      {ledger::WaivedFees(CodeOf(waiver.kind())), -amount_fen}});
  if (!posted.ok()) return posted;
  *operation.event().mutable_waiver() = waiver;
  v1::RecordWaiverResponse response;
  *response.mutable_waiver() = std::move(waiver);
  return response;
}

absl::StatusOr<store::Page<v1::ListWaiversResponse>> ListWaivers(store::Reader& reader, const base::Caller& caller,
                                                                 const v1::ListWaiversRequest& request,
                                                                 const store::PageRequest& page) {
  FieldErrors errors;
  const std::string claimant_uscc = ClaimantOf(caller, request.claimant_uscc(), errors);
  if (!errors.empty()) return errors.ToStatus();
  auto claimant = VisibleClaimant(reader, caller, claimant_uscc);
  if (!claimant.ok()) return claimant.status();
  store::Page<v1::ListWaiversResponse> result;
  auto last = store::WalkPage(reader, Key(kWaiverTable, claimant_uscc, ""), page,
                              [&](const store::KeyValue& row) -> absl::StatusOr<bool> {
                                if (result.response.add_waivers()->ParseFromString(row.value)) return true;
                                return base::DataLoss(base::StrCat(row.key, " cannot be read"));
                              });
  if (!last.ok()) return last.status();
  result.last_key = *std::move(last);
  return result;
}

absl::Status ForEachWaiver(store::Reader& reader, const std::function<absl::Status(const v1::FeeWaiver&)>& visit) {
  return store::WalkAll(reader, Key(kWaiverTable, ""), [&](const store::KeyValue& row) -> absl::Status {
    v1::FeeWaiver waiver;
    if (!waiver.ParseFromString(row.value)) return base::DataLoss(base::StrCat(row.key, " cannot be read"));
    return visit(waiver);
  });
}

}  // namespace zhuxiao::reward
