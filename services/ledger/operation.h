// One operation of one caller, as the domain functions see it: the transaction it works in, who asked, when, the ids it
// may use, and the event that will tell of it. Domain functions compose by passing one Operation on.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "services/base/caller.h"
#include "services/base/clock.h"
#include "services/store/store.h"
#include "zhuxiao/audit/v1/audit.pb.h"

namespace zhuxiao::ledger {

// What does not change between the attempts of one operation. Time and ids are taken before the first attempt, so
// that every attempt decides alike.
struct Intent {
  base::Caller caller;     // role ROLE_UNSPECIFIED and all empty where the server itself acts
  std::string action;      // short method name, for example "PlaceOrder"
  std::string request_id;  // empty where the server itself acts
  absl::Time now;
  std::string first_id;  // base::NewId: the first of the ids NewId below hands out
};

// One attempt. Not thread-safe; lives as long as the attempt's transaction.
class Operation {
 public:
  Operation(store::Transaction& transaction, const Intent& intent);

  store::Transaction& transaction() { return transaction_; }
  const base::Caller& caller() const { return intent_.caller; }
  absl::Time now() const { return intent_.now; }
  base::Day today() const { return base::DayOf(intent_.now); }

  // A fresh id; ids of one operation sort in the order they were handed out, and every attempt gets the same ones.
  std::string NewId();

  // What the operation changed so far. Time, actor, action and request are filled in.
  audit::v1::Event& event() { return event_; }

  // Appends the event to the feed. Called once, after the last domain function.
  void Close();

 private:
  store::Transaction& transaction_;
  const Intent& intent_;
  std::string next_id_;
  audit::v1::Event event_;
};

}  // namespace zhuxiao::ledger
