// Checks the books from outside: recomputes every balance from the feed and from contracts, holds and sales, with none
// of the server's code but the reader of policy texts. Pure: no connection, no clock; the command around it fetches
// what it needs.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "clients/cli/verify_rewards.h"
#include "services/reward/engine/policy.h"
#include "zhuxiao/audit/v1/audit.pb.h"

namespace zhuxiao::cli {

// What the books must keep. The names are stable: "rule.NAME" of the catalogue says them in words.
enum class Rule {
  kFeedOrder,
  kListingSum,
  kListingMoves,
  kListingUse,
  kQuotaLimit,
  kQuotaMoves,
  kQuotaUse,
  kOrderQuantity,
  kOrderLimit,
  kContractTerms,
  kContractSteps,
  kMoneyBalance,
  kMoneyCause,
  kPlatformSale,
  kOnlineSale,
  kClaimReward,
  kStallCase,
  kRewardPolicy,
  kRewardPool,
  kContractPayments,
  kQuotaBinding,
  kQuotaDeclaration,
  kDocument,
  kForward,
  kShipment,
};

// "listing-sum" for kListingSum.
std::string_view NameOf(Rule rule);

// One rule broken by one thing.
struct Finding {
  Rule rule;
  std::string id;    // of the listing, contract, account …
  std::string what;  // numbers that do not agree
};

// Takes the books row by row and the feed event by event, in this order, then tells what does not hold. Keeps orders,
// contracts, listings, holds and platform sales in memory, online sales as sums. May go on from there: with the rows
// that changed since (each in place of its former self) and the events since, at the cost of these alone. What it then
// cannot see is a row that changed and was not handed over. Not thread-safe.
class BookCheck {
 public:
  void AddRow(const audit::v1::ExportBooksResponse& row);
  void AddEvent(const audit::v1::ReadFeedResponse& event);

  // Everything broken about what rows and events spoke of since the last call, in the order found; an empty vector
  // means the books hold. Called after the last event.
  std::vector<Finding> Finish();

  // Where in the feed the books stand.
  const audit::v1::FeedPosition& position() const { return position_; }

  // How many rows of each kind, postings and events were checked, by a name of the catalogue.
  const std::map<std::string, int64_t>& counts() const { return counts_; }

 private:
  // listed, available, held, contracted, sold, spoiled, withdrawn
  using Units = std::array<int64_t, 7>;
  using QuotaKey = std::pair<std::string, int32_t>;  // institution and year

  struct Spending {
    int64_t held_fen = 0;
    int64_t settled_fen = 0;
    bool operator==(const Spending&) const = default;
  };
  static std::string Show(const Spending& spending);
  struct Booked {
    int64_t count = 0;
    int64_t largest_leg_fen = 0;
    int64_t total_fen = 0;  // of the largest leg of each
  };
  // Ids of what is to be looked at.
  struct Touched {
    std::set<std::string> listings;
    std::set<std::string> orders;
    std::set<std::string> contracts;
    std::set<std::string> holds;
    std::set<std::string> sales;
    std::set<std::string> stall_cases;
    std::set<std::string> forwards;
    std::set<std::string> shipments;
    std::set<QuotaKey> quotas;
    std::set<QuotaKey> declarations;
    std::set<std::pair<int, std::string>> booked;
  };
  // The institution whose quota a contract counts for.
  const std::string& UnitOf(const order::v1::Contract& contract) const;
  void Break(Rule rule, std::string id, std::string what);
  void Require(bool holds, Rule rule, const std::string& id, const std::string& what);
  static Units UnitsOf(const listing::v1::Balances& balances);
  static std::string Show(const Units& units);

  // Adds what a row uses of others to the sums over all rows, or takes it out again (sign -1).
  void Count(const order::v1::Contract& contract, int sign);
  void Count(const partner::v1::Hold& hold, int sign);
  void Count(const partner::v1::PlatformSale& sale, int sign);
  template <typename Row>
  void Replace(std::map<std::string, Row>& rows, const std::string& id, const Row& row);
  void AddBinding(const quota::v1::QuotaBinding& binding);
  void AddStallCase(const stall::v1::StallCase& stall_case);
  void AddForward(const forward::v1::Forward& forward);
  void AddShipment(const order::v1::Shipment& shipment);
  void AddPaper(const audit::v1::ExportBooksResponse& row);
  void AddOnlineSale(const reward::v1::OnlineSale& sale);
  void CheckWaybills(const reward::v1::OnlineSale& sale, const std::string& number);
  void AddPolicy(const reward::v1::RewardPolicy& policy);

  // While the feed goes by.
  void CheckPlace(const audit::v1::FeedPosition& position);
  void TakeStockMoves(const audit::v1::Event& event, const std::string& place);
  void TakeQuotaMoves(const audit::v1::Event& event, const std::string& place);
  void TakePostings(const audit::v1::Event& event);
  void TakeContracts(const audit::v1::Event& event);
  void TakeStallCase(const audit::v1::Event& event);
  void TakeForward(const forward::v1::Forward& forward);
  void TakeDeclaration(const quota::v1::Declaration& declaration);
  void CheckNewContract(const order::v1::Contract& contract);
  void TakeHold(const partner::v1::Hold& hold);
  void CheckSaleAmount(const partner::v1::PlatformSale& sale);

  // At the end, of what was touched.
  void TouchBooked();
  void CheckListings();
  void CheckListing(const listing::v1::Listing& listing);
  void CheckQuotas();
  void CheckQuota(const quota::v1::Quota& quota, const std::string& id);
  void CheckBindings();
  void CheckBoundOnce(const order::v1::Contract& contract);
  void CheckBinding(const quota::v1::QuotaBinding& binding);
  void CheckDeclarations();
  void CheckInForce(const quota::v1::Declaration& declaration, const std::string& id);
  void CheckOrders();
  void CheckContracts();
  void CheckContract(const order::v1::Contract& contract);
  void CheckPayments(const order::v1::Contract& contract);
  void CheckReturns(const order::v1::Contract& contract);
  void CheckContractMoney(const order::v1::Contract& contract);
  void CheckEntries(audit::v1::PostingCause cause, const std::string& id, const std::vector<int64_t>& due_fen);
  void CheckHolds();
  void CheckMoney();
  void CheckAccounts();
  void CheckBooked(audit::v1::PostingCause cause, const std::string& id, bool is_due, int64_t amount_fen);
  void CheckDocuments();
  void CheckForwards();
  void CheckForward(const forward::v1::Forward& forward);
  int64_t CheckCalledOff(const forward::v1::Forward& forward, const order::v1::Contract& contract);
  void CheckShipments();
  void CheckShipment(const order::v1::Shipment& shipment);
  void CheckWaivers();
  void CheckClaims();
  void CheckStallCases();
  void CheckStallCase(const stall::v1::StallCase& stall_case);
  void CheckStallClosing(const stall::v1::StallCase& stall_case);
  void CheckStatement(const std::string& id, const reward::v1::Statement& statement,
                      const reward::engine::Policy& policy, bool is_published);
  void CheckPaid(const std::string& id, const reward::v1::Claim& claim, const reward::engine::Policy& policy);
  void CheckPools();

  audit::v1::FeedPosition position_;
  std::map<std::string, listing::v1::Listing> listings_;
  std::map<std::string, order::v1::Order> orders_;
  std::map<std::string, order::v1::Contract> contracts_;
  std::map<QuotaKey, quota::v1::Quota> quotas_;
  std::map<std::string, quota::v1::QuotaBinding> bindings_;  // by contract
  std::map<QuotaKey, quota::v1::Declaration> declarations_;
  std::map<std::string, partner::v1::Hold> holds_;
  std::map<std::string, partner::v1::PlatformSale> sales_;
  std::map<std::string, reward::v1::Claim> claims_;
  std::map<std::string, stall::v1::StallCase> stall_cases_;
  std::map<std::string, document::v1::Document> documents_;
  std::map<std::string, forward::v1::Forward> forwards_;
  std::map<std::string, order::v1::Shipment> shipments_;
  std::map<std::string, int64_t> accounts_;
  absl::flat_hash_set<std::string> online_numbers_;
  std::map<std::string, reward::v1::FeeWaiver> waivers_;
  // By "<id>/<version>": every policy that can be read, and what each claimant sold under it.
  std::map<std::string, reward::engine::Policy> policies_;
  std::map<std::string, std::map<std::string, RewardSums>> sold_under_;

  audit::v1::FeedPosition last_;
  std::map<std::string, Units> moved_;
  std::map<std::string, int64_t> spoiled_without_contract_;
  std::map<std::string, listing::v1::Listing> terms_;  // as the feed last showed them
  std::map<QuotaKey, Spending> spent_;
  std::map<std::string, std::map<std::string, Spending>> spent_for_;  // by contract and institution
  std::map<QuotaKey, quota::v1::Declaration> declaration_events_;
  std::map<std::string, int64_t> posted_;                 // by account
  std::map<std::pair<int, std::string>, Booked> booked_;  // by cause and its id
  std::map<std::string, order::v1::Contract> contract_events_;
  std::map<std::string, stall::v1::StallCase> stall_events_;
  std::map<std::string, partner::v1::Hold> hold_events_;
  std::map<std::string, document::v1::Document> issued_;        // as the feed says
  std::map<std::string, forward::v1::Forward> forward_events_;  // as it last showed them
  std::map<std::string, order::v1::Shipment> left_;             // as it says

  // Sums over the rows there are.
  std::map<std::string, Units> used_;                           // by listing
  std::map<std::string, int64_t> filled_;                       // by order
  std::map<QuotaKey, Spending> spending_;                       // by quota
  std::map<std::string, std::pair<int64_t, int64_t>> sold_of_;  // units and fen by hold
  std::map<std::string, std::string> sale_of_number_;           // the sale first seen of a platform's order
  std::map<std::string, std::set<std::string>> open_cases_;     // by listing

  Touched touched_;
  std::vector<Finding> findings_;
  std::map<std::string, int64_t> counts_;
};

}  // namespace zhuxiao::cli
