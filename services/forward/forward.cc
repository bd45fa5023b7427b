#include "services/forward/forward.h"

#include "services/base/errors.h"
#include "services/forward/forward_states.h"
#include "services/forward/records.h"
#include "services/order/order.h"
#include "services/store/page.h"

namespace zhuxiao::forward {
namespace {

// The step that is due in a state.
std::string_view StepOfTime(v1::ForwardState state) {
  if (state == v1::FORWARD_STATE_PROPOSED) return kMissSignDeadlineStep;
  return state == v1::FORWARD_STATE_CANCEL_ASKED ? kReachWindowStep : kEndWindowStep;
}

}  // namespace

absl::StatusOr<v1::Forward> GetForward(store::Reader& reader, std::string_view forward_id) {
  auto row = reader.Get(store::Key(kForwardTable, forward_id));
  if (!row.ok()) return row.status();
  if (!*row) return base::NotFound("forward contract", forward_id);
  v1::Forward forward;
  if (!forward.ParseFromString(**row)) return base::DataLoss("a forward contract cannot be read");
  return forward;
}

absl::StatusOr<std::vector<order::v1::Contract>> ContractsOf(store::Reader& reader, const v1::Forward& forward) {
  std::vector<order::v1::Contract> contracts;
  for (const std::string& id : forward.contract_ids()) {
    auto contract = order::GetContract(reader, id);
    if (!contract.ok()) return contract.status();
    contracts.push_back(*std::move(contract));
  }
  return contracts;
}

v1::ForwardFigures FiguresOf(const v1::Forward& forward, const std::vector<order::v1::Contract>& contracts) {
  v1::ForwardFigures figures;
  const auto add = [&figures](int64_t called, int64_t delivered, int64_t accepted) {
    figures.set_called_units(figures.called_units() + called);
    figures.set_delivered_units(figures.delivered_units() + delivered);
    figures.set_accepted_units(figures.accepted_units() + accepted);
  };
  for (const order::v1::Contract& contract : contracts) {
    const int64_t kept = contract.accepted_units() - contract.taken_back_units();
    switch (contract.state()) {
      case order::v1::CONTRACT_STATE_PROPOSED:
      case order::v1::CONTRACT_STATE_AWAITING_PAYMENT:
      case order::v1::CONTRACT_STATE_SIGNED:
        add(contract.ordered_units(), 0, 0);
        break;
      case order::v1::CONTRACT_STATE_SHIPPED:
        add(contract.delivered_units(), contract.delivered_units(), 0);
        break;
      case order::v1::CONTRACT_STATE_ACCEPTED:
      case order::v1::CONTRACT_STATE_SETTLED:
        add(kept, kept, kept);
        break;
      default:
        break;
    }
  }
  const bool is_open = forward.state() == v1::FORWARD_STATE_AGREED || forward.state() == v1::FORWARD_STATE_CANCEL_ASKED;
  if (is_open) figures.set_open_units(forward.units() - figures.called_units());
  if (forward.state() == v1::FORWARD_STATE_ENDED) {
    figures.set_shortfall_units(forward.units() - figures.delivered_units());
  }
  return figures;
}

absl::Status ForEachForward(store::Reader& reader, const std::function<absl::Status(const v1::Forward&)>& visit) {
  return store::WalkAll(reader, store::Key(kForwardTable, ""), [&](const store::KeyValue& row) -> absl::Status {
    v1::Forward forward;
    if (!forward.ParseFromString(row.value)) return base::DataLoss("a forward contract cannot be read");
    return visit(forward);
  });
}

absl::StatusOr<std::vector<std::string>> DueForwards(store::Reader& reader, absl::Time now, size_t limit) {
  // '~' sorts after every id.
  auto rows = reader.Scan(store::Key(kForwardDue, ""), store::Key(kForwardDue, store::OrderedTime(now), "~"), limit);
  if (!rows.ok()) return rows.status();
  std::vector<std::string> ids;
  for (const store::KeyValue& row : *rows) ids.push_back(row.key.substr(row.key.rfind('/') + 1));
  return ids;
}

absl::Status ExpireForward(ledger::Operation& operation, const std::string& forward_id) {
  auto before = GetForward(operation.transaction(), forward_id);
  if (!before.ok()) return before.status();
  const auto due = DueTime(*before);
  if (!due || operation.now() < *due) return absl::OkStatus();
  v1::Forward forward = *before;
  if (absl::Status stepped = TakeStep(forward, StepOfTime(before->state()), base::kTime); !stepped.ok()) {
    return stepped;
  }
  if (before->state() == v1::FORWARD_STATE_CANCEL_ASKED) {
    forward.clear_cancel_asked_by();
    forward.clear_reason();
  }
  if (!DueTime(forward)) *forward.mutable_end_time() = base::ToProto(*due);
  PutForward(operation, *before, forward);
  return absl::OkStatus();
}

}  // namespace zhuxiao::forward
