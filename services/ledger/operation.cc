#include "services/ledger/operation.h"

#include "services/base/ids.h"

namespace zhuxiao::ledger {

Operation::Operation(store::Transaction& transaction, const Intent& intent)
    : transaction_(transaction), intent_(intent), next_id_(intent.first_id) {
  *event_.mutable_time() = base::ToProto(intent.now);
  event_.set_actor(intent.caller.organisation);
  event_.set_action(intent.action);
  event_.set_request_id(intent.request_id);
}

std::string Operation::NewId() {
  std::string id = next_id_;
  next_id_ = base::FollowingId(next_id_);
  return id;
}

void Operation::Close() { transaction_.Append(event_.SerializeAsString()); }

}  // namespace zhuxiao::ledger
