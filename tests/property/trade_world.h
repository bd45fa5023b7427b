// A random world of trade: suppliers, institutions and a platform that do everything a call can do, at random, day by
// day, over a store that fails at random, with the deadlines of upkeep between. Every write goes by its request id and
// is repeated until its outcome is known, as a client would.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "services/base/ids.h"
#include "services/base/strings.h"
#include "services/ledger/operation.h"
#include "services/order/market.h"
#include "services/stall/upkeep.h"
#include "services/store/memory_store.h"
#include "services/store/request_log.h"
#include "tests/support/callers.h"
#include "tests/support/changed_rows.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fault_store.h"
#include "zhuxiao/forward/v1/forward.pb.h"

namespace zhuxiao::testing {

// What a call may answer besides OK: a business "no", a thing that is not there, a form filled in wrongly, an etag or a
// conflict that another step overtook.
inline bool IsAnAnswer(const absl::Status& status) {
  return status.ok() || absl::IsFailedPrecondition(status) || absl::IsNotFound(status) ||
         absl::IsInvalidArgument(status) || absl::IsAlreadyExists(status) || absl::IsAborted(status);
}

// What the world trades in, and the platform it trades through.
inline const std::vector<std::string> kGoods = {"egg", "cabbage", "beef-cattle", "millet", "shiitake"};
inline const std::string kPlatform = Uscc("91", 7);

struct WorldSize {
  int suppliers = 5;
  int institutions = 7;
  int days = 30;
  int steps_a_day = 40;
};

// Not thread-safe. The same seed and size live the same days.
class TradeWorld {
 public:
  TradeWorld(uint64_t seed, const WorldSize& size);

  // Lives one day, from midnight to midnight of Asia/Shanghai.
  void LiveADay();

  store::Store& store() { return memory_; }
  // Keys of the rows written since the last call.
  std::set<std::string> TakeChanged() { return noting_.TakeChanged(); }
  const FakeClock& clock() const { return clock_; }
  const std::vector<std::string>& suppliers() const { return suppliers_; }
  const std::vector<std::string>& institutions() const { return institutions_; }
  // What should not have happened: an answer no rule explains, or a refusal that changed something.
  const std::string& complaints() const { return complaints_; }
  // Writes that took effect, by method: that the world did not just stand still.
  const std::map<std::string, int>& done() const { return done_; }

 private:
  // Ids that are the same in every run of a seed.
  class SeededRandom final : public base::Random {
   public:
    explicit SeededRandom(uint64_t seed) : rng_(seed) {}
    uint64_t Next() override { return rng_(); }

   private:
    std::mt19937_64 rng_;
  };

  int64_t Draw(int64_t low, int64_t high);
  bool Chance(int percent) { return Draw(1, 100) <= percent; }
  template <typename T>
  const T& Pick(const std::vector<T>& things) {
    return things[static_cast<size_t>(Draw(0, static_cast<int64_t>(things.size()) - 1))];
  }

  // Runs a write to a known outcome. Complains of answers that are no business answer.
  template <typename Response, typename Request>
  absl::StatusOr<Response> Do(const base::Caller& caller, const std::string& method, const Request& request,
                              const std::function<absl::StatusOr<Response>(ledger::Operation&, const Request&)>& body);
  // The same for a write whose answer does not matter to what comes next.
  template <typename Response, typename Request>
  void Try(const base::Caller& caller, const std::string& method, const Request& request,
           const std::function<absl::StatusOr<Response>(ledger::Operation&, const Request&)>& body) {
    Do<Response, Request>(caller, method, request, body).IgnoreError();
  }
  absl::StatusOr<std::string> RunToTheEnd(const base::Caller& caller, const std::string& method,
                                          const std::string& content, const store::RequestBody& body);
  void Complain(const std::string& what) { complaints_ += what + "\n"; }
  void RunStep(const std::string& action, const std::function<absl::Status(ledger::Operation&)>& step);

  void Admit(const std::string& uscc, const std::string& village);
  void Register(const std::string& uscc, int number);
  void SetQuota(const std::string& uscc, int year, int64_t limit_fen);

  void Know(const std::string& contract_id) {
    if (known_contracts_.insert(contract_id).second) contracts_.push_back(contract_id);
  }

  // What may happen at any moment.
  void TakeAStep();
  void ListGoods();
  void ChangeListing();
  void PlaceOrder();
  void CancelOrder();
  void MoveContract();
  order::v1::Certificate CertificateOf(directory::v1::CertificateKind kind, int64_t quantity_base) const;
  void Ship(const order::v1::Contract& contract);
  void ShipTogether();
  void Accept(const order::v1::Contract& contract);
  void PayFirst(const order::v1::Contract& contract);
  // Asks for a return, or answers the one asked for.
  void GoBack(const order::v1::Contract& contract);
  void WorkOnForward();
  void MoveForward();
  void ProposeForward();
  void AnswerForward(const forward::v1::Forward& now);
  void CallOff(const forward::v1::Forward& now);
  void CancelForward(const forward::v1::Forward& now, bool is_asked);
  void TradeOnPlatform();
  void FollowCases();
  void WorkOnStall();
  void WorkOnQuota();
  void ChangeCanteen();
  void ChangeRule();
  void MoveDeclaration();
  void SaveDeclaration(const std::string& uscc, int year, const std::string& etag);
  void ReBind();
  void SuspendOrReinstate();
  void ActForAnother();
  void Upkeep();

  std::mt19937_64 rng_;
  SeededRandom random_;
  const WorldSize size_;
  store::MemoryStore memory_;
  NotingStore noting_{memory_};
  store::FaultStore store_;
  FakeClock clock_;
  std::unique_ptr<order::Market> market_;
  std::unique_ptr<stall::Upkeep> upkeep_;
  std::vector<std::string> suppliers_;
  std::vector<std::string> institutions_;
  std::vector<std::string> listings_;
  std::vector<std::string> orders_;
  std::vector<std::string> contracts_;  // in the order the world heard of them
  absl::flat_hash_set<std::string> known_contracts_;
  std::vector<std::string> holds_;
  std::vector<std::string> forwards_;
  std::vector<std::string> cases_;
  absl::flat_hash_set<std::string> known_cases_;
  store::Position cases_seen_;
  int sale_count_ = 0;
  int64_t request_count_ = 0;
  std::string complaints_;
  std::map<std::string, int> done_;
};

template <typename Response, typename Request>
absl::StatusOr<Response> TradeWorld::Do(
    const base::Caller& caller, const std::string& method, const Request& request,
    const std::function<absl::StatusOr<Response>(ledger::Operation&, const Request&)>& body) {
  const ledger::Intent intent{caller, method, "", clock_.Now(), base::NewId(clock_.Now(), random_)};
  auto answer = RunToTheEnd(caller, method, request.SerializeAsString(),
                            [&](store::Transaction& transaction) -> absl::StatusOr<std::string> {
                              ledger::Operation operation(transaction, intent);
                              auto response = body(operation, request);
                              if (!response.ok()) return response.status();
                              operation.Close();
                              return response->SerializeAsString();
                            });
  if (!IsAnAnswer(answer.status())) Complain(base::StrCat(method, ": ", answer.status().ToString()));
  if (!answer.ok()) return answer.status();
  ++done_[method];
  Response response;
  if (!response.ParseFromString(*answer)) Complain(base::StrCat(method, ": the answer cannot be read"));
  return response;
}

}  // namespace zhuxiao::testing
