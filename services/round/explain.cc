#include "services/round/explain.h"

#include <optional>
#include <utility>
#include <vector>

#include "services/base/errors.h"
#include "services/base/ids.h"
#include "services/listing/listing.h"
#include "services/order/order.h"
#include "services/round/archive.h"
#include "services/round/explain_listing.h"
#include "services/round/explain_order.h"
#include "services/round/reading.h"
#include "services/round/settled_share.h"

namespace zhuxiao::round {
namespace {

using base::Role;

std::optional<uint32_t> Find(const round_files::IdTable& ids, std::string_view id) {
  size_t low = 0;
  size_t high = ids.size();
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    (ids[middle] < id ? low : high) = ids[middle] < id ? middle + 1 : middle;
  }
  if (low == ids.size() || ids[low] != id) return std::nullopt;
  return static_cast<uint32_t>(low);
}

// The lines over a listing or an order: contracts and lines stand in one order.
std::vector<int64_t> LinesOf(const round_files::Outcome& outcome, bool is_listing, uint32_t place) {
  std::vector<int64_t> numbers;
  for (size_t i = 0; i < outcome.contracts.size(); ++i) {
    const matching::RoundContract& contract = outcome.contracts[i];
    if ((is_listing ? contract.listing : contract.order) == place) numbers.push_back(static_cast<int64_t>(i));
  }
  return numbers;
}

absl::Status CheckRequest(const v1::ExplainRoundRequest& request) {
  base::FieldErrors errors;
  const bool is_one = request.listing_id().empty() != request.order_id().empty();
  errors.Require(is_one, "listing_id", "exactly one of listing_id and order_id is required");
  if (!request.listing_id().empty()) {
    errors.Require(base::IsValidId(request.listing_id()), "listing_id", "is no id");
  }
  if (!request.order_id().empty()) errors.Require(base::IsValidId(request.order_id()), "order_id", "is no id");
  return errors.ToStatus();
}

// OK where the caller may hear of the listing or order; else as if there were none.
absl::Status CheckOwner(store::Reader& reader, const base::Caller& caller, const v1::Round& round,
                        const v1::ExplainRoundRequest& request) {
  if (!request.listing_id().empty()) {
    auto terms = listing::GetTerms(reader, request.listing_id());
    if (!terms.ok()) return terms.status();
    if (ReadsAllOf(caller, round) || caller.Is(Role::ROLE_SUPPLIER, terms->supplier_uscc())) return absl::OkStatus();
    return base::NotFound("listing", request.listing_id());
  }
  auto order = order::GetOrder(reader, request.order_id());
  if (!order.ok()) return order.status();
  if (ReadsAllOf(caller, round) || caller.Is(Role::ROLE_INSTITUTION, order->institution_uscc())) {
    return absl::OkStatus();
  }
  return base::NotFound("order", request.order_id());
}

}  // namespace

absl::StatusOr<std::shared_ptr<const ClearedRound>> ClearedRounds::Get(store::Reader& reader, const v1::Round& round) {
  absl::MutexLock lock(&mutex_);
  if (round_id_ == round.round_id()) return last_;
  auto input = LoadInput(reader, round.round_id(), round.input_digest());
  if (!input.ok()) return input.status();
  auto loaded = std::make_shared<ClearedRound>(*std::move(input));
  auto outcome = LoadOutcome(reader, round.round_id(), loaded->input.ids);
  if (!outcome.ok()) return outcome.status();
  loaded->outcome = *std::move(outcome);
  last_ = std::move(loaded);
  round_id_ = round.round_id();
  return last_;
}

absl::StatusOr<v1::ExplainRoundResponse> Explain(store::Reader& reader, const base::Caller& caller,
                                                 ClearedRounds& rounds, const v1::ExplainRoundRequest& request) {
  if (absl::Status checked = CheckRequest(request); !checked.ok()) return checked;
  auto round = GetRound(reader, request.round_id());
  if (!round.ok()) return round.status();
  if (absl::Status owned = CheckOwner(reader, caller, *round, request); !owned.ok()) return owned;
  if (!round->has_clear_time()) {
    return base::Refuse(base::ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, request.round_id(),
                        "the round is not cleared", {{"state", v1::RoundState_Name(round->state())}});
  }
  auto cleared = rounds.Get(reader, *round);
  if (!cleared.ok()) return cleared.status();
  const bool is_listing = !request.listing_id().empty();
  const round_files::RoundIds& ids = (*cleared)->input.ids;
  const std::string& id = is_listing ? request.listing_id() : request.order_id();
  const std::optional<uint32_t> place = Find(is_listing ? ids.listings : ids.orders, id);
  if (!place) {
    auto left_out = FindLeftOut(reader, request.round_id(), id);
    if (!left_out.ok()) return left_out.status();
    v1::ExplainRoundResponse response;
    response.set_left_out(*left_out);
    response.set_reason(*left_out == v1::ROUND_LEFT_OUT_UNSPECIFIED ? v1::ROUND_REASON_NOT_THERE
                                                                    : v1::ROUND_REASON_LEFT_OUT);
    return response;
  }
  v1::ExplainRoundResponse response = is_listing ? ExplainListing(**cleared, *place) : ExplainOrder(**cleared, *place);
  const std::vector<int64_t> numbers = LinesOf((*cleared)->outcome, is_listing, *place);
  if (absl::Status told = TellSettled(reader, *round, numbers, !is_listing, response); !told.ok()) return told;
  return response;
}

}  // namespace zhuxiao::round
