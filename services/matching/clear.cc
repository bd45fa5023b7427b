// The course of a clearing: coarse auctions for prices, finer ones for the allocation, mending, contracts and proof.
#include "services/matching/clear.h"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <optional>
#include <span>

#include "services/base/money.h"
#include "services/matching/clearing/allotment.h"
#include "services/matching/clearing/auction.h"
#include "services/matching/clearing/balance.h"
#include "services/matching/clearing/level.h"
#include "services/matching/clearing/phases.h"
#include "services/matching/clearing/proof.h"
#include "services/matching/clearing/range.h"
#include "services/matching/clearing/renewal.h"
#include "services/matching/clearing/resale.h"
#include "services/matching/clearing/sample.h"
#include "services/matching/clearing/workers.h"

namespace zhuxiao::matching {
namespace clearing {
namespace {

// What the ends of a stage take, as multiples of the time of reading the book into markets: making contracts, selling
// what is left over before that, and proving the bound. A time limit leaves room for them.
constexpr double kContractShare = 2.5;
constexpr double kClosingShare = 2;
constexpr double kProvingShare = 2.5;
// Taking contracts over into a resale, and out again; it is not begun with less.
constexpr double kResaleShare = 0.5;

// Markets that did not end in their share of the time share what the others left of theirs, once and again.
constexpr int kAuctionPasses = 3;

// With less time than this a round is in a hurry: a bound is proved first, in case there is no time for it later.
constexpr double kThoroughShare = 18;
// A nation's auctions have nothing to show before the last two, and reading takes between a thirtieth and a sixtieth of
// all on machines on which the whole takes as long: so many seconds an order for each of at most two threads.
constexpr double kThoroughSecondsPerOrder = 70e-6;
constexpr int kThoroughThreads = 2;
// What that takes at the prices it begins from: with the values of money, and without.
constexpr double kFirstMoneyShare = 1.5;
constexpr double kFirstBoundShare = 0.6;
// Balancing is not begun with less; it can be ended at any time.
constexpr double kBalanceShare = 6;

// An auction takes about as long as the longest before it, and of those in a hurry each three times as long as
// the one before. One that would not end in time is not begun: it starts by giving all goods back.
constexpr double kNextAuctionShare = 1.2;
constexpr double kNextHurriedShare = 3.5;

class Round {
 public:
  Round(const RoundBook& book, const ClearingPolicy& policy, const ClearOptions& options)
      : book_(book), policy_(policy), options_(options), watch_(options), money_(book.institutions.size()) {}

  absl::StatusOr<Clearing> Run();

 private:
  absl::Status Prepare();
  // Takes over the prices; false where some goods have none.
  bool TakePrices(const RoundPrices& prices);
  // The stage of a round in a hurry: from earlier prices or from levels, which are proved first.
  bool RunHurriedStage();
  // The stage that starts from earlier prices, or all over where they are out of date.
  bool RunWarmStage(const RoundPrices& prices);
  // Holds auctions, then proves their bound and makes contracts; keeps the better of what it had and finds. True where
  // that is good enough, or time is up.
  bool RunStage(std::span<const Phase> phases);
  // True where the next auction and what comes after it surely run beyond the time limit.
  bool IsTooLateForAuction() const;
  // True where the time limit leaves so many times the time of reading the book.
  bool LeavesTimeFor(double share) const;
  // True where it leaves what a nation's auctions take.
  bool LeavesTimeForNation() const;
  // One of how many orders bids in the auction.
  int64_t OneIn(const Phase& phase) const;
  void HoldAuction(const Phase& phase);
  // Balances prices; false where there was no time for it.
  bool BalancePrices(const Cooling& cooling, bool ignores_lots);
  // Makes contracts at balanced prices, and keeps the better. True where that is good enough, or time is up.
  bool RunBalancedStage();
  void ProveBalanced(const Cooling& cooling);
  const Cooling& NarrowCooling() const { return options_.target_gap_ppm > 0 ? kThoroughCooling : kQuickCooling; }
  // Finds prices for a better bound than that of the contracts' prices, which remain.
  void Prove();
  void Certify();
  // By the present prices and values of money, unless a better bound is known.
  void ProveBound();
  // By the worth of all goods, which is always a bound.
  void CertifyByWorth();
  void Close();
  // Exchanges contracts until the target gap is met; of a province at most, or with a target of a tenth of a nation.
  void Exchange();
  void Enter(const char* phase);
  template <typename Step>
  void EachMarket(const Step& step);
  // Takes the step in these markets, where each has its share, by its orders, of the time the deadline leaves: cut
  // short, none has had nothing. Returns those that did not come to the end.
  template <typename Step>
  std::vector<uint32_t> InShares(const std::vector<uint32_t>& markets, const Step& step);

  const RoundBook& book_;
  const ClearingPolicy& policy_;
  const ClearOptions& options_;
  Watch watch_;
  double prepare_seconds_ = 0;  // reading the book into markets: what other steps are reckoned by
  bool is_hurried_ = false;     // the time limit is so near that shortcuts are taken from the start
  double longest_auction_seconds_ = 0;
  std::optional<Roads> roads_;
  std::vector<Market> markets_;
  std::optional<Purses> purses_;
  std::vector<double> money_;
  Clearing clearing_;
  bool has_stage_ = false;
  bool is_sampled_ = false;         // the last auction was held with a sample
  size_t whole_auction_count_ = 0;  // held with all orders, to the end
  std::string phase_;
  double phase_start_ = 0;
};

void Round::Enter(const char* phase) {
  const double now = watch_.Seconds();
  if (!phase_.empty() && options_.now_seconds) {
    const auto same = std::find_if(clearing_.phases.begin(), clearing_.phases.end(),
                                   [&](const Clearing::Phase& known) { return known.name == phase_; });
    if (same == clearing_.phases.end()) {
      clearing_.phases.push_back({phase_, now - phase_start_});
    } else {
      same->seconds += now - phase_start_;
    }
  }
  phase_ = phase;
  phase_start_ = now;
  if (options_.on_progress)
    options_.on_progress(
        {.phase = phase, .seconds = now, .welfare_fen = clearing_.welfare_fen, .bound_fen = clearing_.bound_fen});
}

template <typename Step>
void Round::EachMarket(const Step& step) {
  ForEach(markets_.size(), options_.threads, [&](size_t i, int) {
    Auction auction(markets_[i], *roads_, watch_);
    step(auction);
  });
}

absl::Status Round::Prepare() {
  Enter("prepare");
  roads_.emplace(book_.counties, DestinationsOf(book_), options_.threads);
  if (absl::Status status = CheckRange(book_, policy_, *roads_); !status.ok()) return status;
  // Roads take the same time for the smallest round as for the largest.
  const double start = watch_.Seconds();
  markets_ = MakeMarkets(book_, policy_, options_.threads);
  purses_.emplace(book_, markets_);
  // So that nobody is ever without a budget, also where time is up before anybody asks what limits are worth.
  ShareLimitsByNeed(book_, *purses_, markets_);
  ForEach(markets_.size(), options_.threads, [&](size_t i, int) {
    markets_[i].MeasureBlocks(*roads_);
    markets_[i].RefreshAll();
  });
  prepare_seconds_ = watch_.Seconds() - start;
  return absl::OkStatus();
}

bool Round::TakePrices(const RoundPrices& prices) {
  bool has_all = true;
  for (Market& market : markets_) {
    for (uint32_t lot = 0; lot < market.stocks.size(); ++lot) {
      const Stock& stock = market.stocks[lot];
      const LotClass& lot_class = market.lot_classes[stock.lot_class];
      const int64_t parts = PartsOf(prices, stock);
      has_all = has_all && parts != kNoPrice;
      // Above what the goods can be worth to anybody a price only takes steps to come down again.
      const float most = std::max(0.0f, stock.gross + market.GapWorth(lot_class, base::kPpm));
      const double fen = static_cast<double>(std::max<int64_t>(0, parts)) / kPriceParts;
      market.SetPrice(lot, std::min(most, static_cast<float>(fen * lot_class.per_fen)));
    }
    market.KeepPrices();
    market.RefreshAll();
  }
  return has_all;
}

bool Round::RunHurriedStage() {
  if (options_.warm_start != nullptr) {
    TakePrices(*options_.warm_start);
  } else {
    ForEach(markets_.size(), options_.threads, [&](size_t i, int) { TakeLevelPrices(markets_[i]); });
  }
  if (LeavesTimeFor(kContractShare + kFirstMoneyShare)) {
    Enter("limits");
    ShareLimits(book_, *purses_, Sample(*purses_, markets_, 1), markets_, *roads_, options_.threads, money_);
  }
  if (LeavesTimeFor(kContractShare + kFirstBoundShare)) {
    Enter("certify");
    ProveBound();
  }
  return RunStage(kHurried);
}

bool Round::RunWarmStage(const RoundPrices& prices) {
  if (!TakePrices(prices)) {
    HoldAuction(kWarmNew);
    for (Market& market : markets_) {
      market.RestorePrices([&](uint32_t lot) {
        const Stock& stock = market.stocks[lot];
        return PartsOf(prices, stock) != kNoPrice && stock.price <= market.kept_prices[lot] + kWarmNew.step;
      });
    }
  }
  const bool is_nation = book_.orders.size() > kTenthOrders;
  if (RunStage(is_nation ? std::span(kWarmOfNation) : std::span(kWarm))) return true;
  if (clearing_.GapPpm() <= kStaleGapPpm) return false;
  for (Market& market : markets_) {
    for (uint32_t lot = 0; lot < market.stocks.size(); ++lot) market.SetPrice(lot, 0);
    market.RefreshAll();
  }
  return RunStage(kFirst);
}

absl::StatusOr<Clearing> Round::Run() {
  if (absl::Status status = Prepare(); !status.ok()) return status;
  is_hurried_ = !LeavesTimeFor(kThoroughShare) || !LeavesTimeForNation();
  bool is_done = is_hurried_                      ? RunHurriedStage()
                 : options_.warm_start != nullptr ? RunWarmStage(*options_.warm_start)
                                                  : RunStage(kFirst);
  const size_t further = FurtherStages(book_.orders.size());
  for (size_t stage = 0; stage < further && !is_done; ++stage) {
    is_done = RunStage(std::span(kFurther).subspan(stage, 1));
  }
  if (!is_done && !is_hurried_ && HasBalance(options_, book_.orders.size())) is_done = RunBalancedStage();
  if (!is_done) Prove();
  if (!watch_.is_cancelled() && !watch_.is_cut_short() && !is_hurried_) Exchange();
  if (watch_.is_cancelled()) return absl::CancelledError("the clearing was cancelled");
  clearing_.is_cut_short = watch_.is_cut_short() || is_hurried_;
  Enter("done");
  return std::move(clearing_);
}

bool Round::LeavesTimeFor(double share) const {
  return options_.time_limit_seconds == 0 || watch_.Seconds() + share * prepare_seconds_ <= options_.time_limit_seconds;
}

bool Round::LeavesTimeForNation() const {
  if (options_.time_limit_seconds == 0 || book_.orders.size() <= kTenthOrders) return true;
  const double needed = kThoroughSecondsPerOrder * static_cast<double>(book_.orders.size());
  return needed / std::clamp(options_.threads, 1, kThoroughThreads) <= options_.time_limit_seconds;
}

bool Round::IsTooLateForAuction() const {
  const double ending = kContractShare + kClosingShare + (is_hurried_ ? 0 : kProvingShare);
  const double next = (is_hurried_ ? kNextHurriedShare : kNextAuctionShare) * longest_auction_seconds_;
  return options_.time_limit_seconds > 0 &&
         watch_.Seconds() + next + ending * prepare_seconds_ > options_.time_limit_seconds;
}

bool Round::RunStage(std::span<const Phase> phases) {
  if (options_.time_limit_seconds > 0) {
    watch_.SetDeadline(
        std::max(options_.time_limit_seconds / 2, options_.time_limit_seconds - kContractShare * prepare_seconds_));
  }
  for (const Phase& phase : phases) {
    if (whole_auction_count_ > 0 && IsTooLateForAuction()) watch_.CutShort();
    // What orders hold after a sampled auction is no allocation; the next gives it back, even if it comes no further.
    if (is_sampled_ || (!watch_.IsOver() && !watch_.is_cut_short())) HoldAuction(phase);
  }
  // A stage cut short has nothing to add to one that was not.
  if (watch_.is_cancelled() || (watch_.is_cut_short() && has_stage_)) return true;
  has_stage_ = true;
  watch_.Extend();
  Certify();
  if (options_.time_limit_seconds > 0) watch_.SetDeadline(options_.time_limit_seconds);
  Close();
  return watch_.is_cut_short() || clearing_.GapPpm() <= options_.target_gap_ppm;
}

int64_t Round::OneIn(const Phase& phase) const {
  // In a hurry the first auction may have to be the allocation.
  if (phase.sample_multiple == 0 || is_hurried_) return 1;
  return static_cast<int64_t>(
      std::max<size_t>(1, book_.orders.size() / phase.sample_multiple / options_.coarse_orders));
}

template <typename Step>
std::vector<uint32_t> Round::InShares(const std::vector<uint32_t>& markets, const Step& step) {
  std::atomic<int64_t> orders_left = 0;
  for (const uint32_t market : markets) orders_left += static_cast<int64_t>(markets_[market].buyers.size());
  std::vector<uint8_t> is_cut(markets.size());
  ForEach(markets.size(), options_.threads, [&](size_t i, int) {
    Market& market = markets_[markets[i]];
    const auto orders = static_cast<int64_t>(market.buyers.size());
    const double share = static_cast<double>(orders) / static_cast<double>(orders_left.fetch_sub(orders));
    Watch slice(watch_, std::min(1.0, share * options_.threads));
    Auction auction(market, *roads_, slice);
    step(auction);
    is_cut[i] = slice.is_cut_short();
  });
  std::vector<uint32_t> cut;
  for (size_t i = 0; i < markets.size(); ++i) {
    if (is_cut[i]) cut.push_back(markets[i]);
  }
  return cut;
}

void Round::HoldAuction(const Phase& phase) {
  const double start = watch_.Seconds();
  Enter("limits");
  const int64_t one_in = OneIn(phase);
  is_sampled_ = one_in > 1;
  const Sample sample(*purses_, markets_, one_in);
  // In a hurry they were shared at the prices the first auction begins from, if there was time.
  const bool is_shared = is_hurried_ && whole_auction_count_ == 0;
  if (!is_shared && !watch_.IsOver()) {
    ShareLimits(book_, *purses_, sample, markets_, *roads_, options_.threads, money_);
  }
  Enter("auction");
  std::vector<uint32_t> open(markets_.size());
  std::iota(open.begin(), open.end(), 0);
  const auto hold = [&](Auction& auction, bool goes_on) {
    if (phase.ignores_lots) auction.IgnoreLots();
    goes_on ? auction.Resume(phase.step) : auction.Run(phase.step, phase.drop, sample);
  };
  open = InShares(open, [&](Auction& auction) { hold(auction, false); });
  for (int pass = 1; pass < kAuctionPasses && !open.empty() && !watch_.IsOver(); ++pass) {
    open = InShares(open, [&](Auction& auction) { hold(auction, true); });
  }
  if (!open.empty()) watch_.CutShort();
  if (is_sampled_) return;
  if (!watch_.is_cut_short()) ++whole_auction_count_;
  longest_auction_seconds_ = std::max(longest_auction_seconds_, watch_.Seconds() - start);
}

bool Round::BalancePrices(const Cooling& cooling, bool ignores_lots) {
  if (!LeavesTimeFor(kBalanceShare) || watch_.IsOver()) return false;
  Enter("balance");
  Balance(book_, *purses_, *roads_, {.cooling = cooling, .ignores_lots = ignores_lots, .threads = options_.threads},
          watch_, markets_, money_);
  return !watch_.IsOver();
}

bool Round::RunBalancedStage() {
  if (IsTooLateForAuction() || !BalancePrices(NarrowCooling(), false)) return watch_.IsOver();
  HoldAuction(kBalanced);
  if (!watch_.is_cancelled() && !watch_.is_cut_short()) Close();
  return watch_.IsOver() || clearing_.GapPpm() <= options_.target_gap_ppm;
}

void Round::ProveBalanced(const Cooling& cooling) {
  if (!BalancePrices(cooling, true)) return;
  Enter("certify");
  ProveBound();
}

void Round::Prove() {
  if (book_.orders.size() > kTenthOrders || watch_.IsOver() || IsTooLateForAuction()) return;
  // Contracts are exchanged by the prices they were made at.
  for (Market& market : markets_) market.KeepPrices();
  const std::vector<double> money = money_;
  const bool is_balanced = HasBalance(options_, book_.orders.size());
  HoldAuction(is_balanced ? kProvingRoughly : kProving);
  if (!watch_.is_cancelled() && !watch_.is_cut_short()) {
    Certify();
    if (is_balanced) ProveBalanced(NarrowCooling());
    if (is_balanced && PairsOf(book_) <= kMostPairs) ProveBalanced(kWideCooling);
  }
  for (Market& market : markets_) market.RestorePrices([](uint32_t) { return true; });
  money_ = money;
}

void Round::Certify() {
  Enter("certify");
  // Prices of an auction cut in the middle are so low that their bound is above the worth of all goods.
  const bool is_late = !LeavesTimeFor(kContractShare + kProvingShare);
  if ((watch_.is_cut_short() && whole_auction_count_ == 0) || (is_late && (watch_.is_cut_short() || is_hurried_))) {
    if (clearing_.prices.institution.empty()) CertifyByWorth();
    return;
  }
  ProveMoney(book_, *purses_, markets_, *roads_, options_.threads, money_);
  ProveBound();
}

void Round::ProveBound() {
  RoundPrices prices = PricesOf(book_, policy_, markets_, money_);
  const std::optional<int64_t> bound_fen = BoundFen(book_, policy_, markets_, *roads_, prices, options_.threads);
  const bool has_prices = !clearing_.prices.institution.empty();
  if (!bound_fen) {
    if (!has_prices) CertifyByWorth();
  } else if (!has_prices || *bound_fen < clearing_.bound_fen) {
    clearing_.prices = std::move(prices);
    clearing_.bound_fen = *bound_fen;
  }
}

void Round::CertifyByWorth() {
  clearing_.prices = WorthPrices(book_, policy_);
  clearing_.bound_fen = WorthFen(book_, policy_);
}

void Round::Close() {
  Enter("close");
  for (Market& market : markets_) market.KeepPrices();
  const bool is_late = watch_.is_cut_short() && !LeavesTimeFor(kContractShare + kClosingShare);
  EachMarket([&](Auction& auction) {
    auction.Prune();
    for (const Phase& phase : kClosing) {
      if (is_late) return;
      auction.LowerFree(phase.drop);
      auction.Resume(phase.step);
    }
  });
  Enter("contracts");
  Allotment allotment = Allot(book_, policy_, *purses_, markets_, *roads_, options_.threads, watch_);
  // The next stage starts from the prices before the closing.
  for (Market& market : markets_) market.RestorePrices([](uint32_t) { return true; });
  if (LeavesTimeFor(kResaleShare)) {
    Enter("resale");
    allotment = Resell(book_, policy_, *purses_, markets_, *roads_, std::move(allotment), options_.threads, watch_);
  }
  if (!clearing_.contracts.empty() && allotment.welfare_fen <= clearing_.welfare_fen) return;
  clearing_.contracts = std::move(allotment.contracts);
  clearing_.welfare_fen = allotment.welfare_fen;
}

void Round::Exchange() {
  if (clearing_.GapPpm() <= options_.target_gap_ppm) return;
  // The choices of a nation's orders would take half as much memory as all the rest.
  if (book_.orders.size() > (options_.target_gap_ppm > 0 ? kTenthOrders : kProvinceOrders)) return;
  Enter("exchange");
  const Choices choices = PairsOf(book_) <= kMostPairs
                              ? AllChoices(book_, policy_, *roads_)
                              : BestChoices(book_, policy_, *roads_, markets_, money_, options_.threads);
  const auto missing =
      static_cast<int64_t>(static_cast<__int128>(clearing_.bound_fen) * options_.target_gap_ppm / base::kPpm);
  Allotment allotment = Renew(book_, policy_, *roads_, choices, {std::move(clearing_.contracts), clearing_.welfare_fen},
                              {clearing_.bound_fen - missing, options_.target_gap_ppm > 0}, watch_);
  clearing_.contracts = std::move(allotment.contracts);
  clearing_.welfare_fen = allotment.welfare_fen;
}

}  // namespace
}  // namespace clearing

int64_t Clearing::GapPpm() const {
  if (bound_fen <= 0) return 0;
  const __int128 missing = static_cast<__int128>(bound_fen) - welfare_fen;
  return static_cast<int64_t>((missing * base::kPpm + bound_fen - 1) / bound_fen);
}

absl::StatusOr<Clearing> Clear(const RoundBook& book, const ClearingPolicy& policy, const ClearOptions& options) {
  if (absl::Status status = ValidateRound(book, policy); !status.ok()) return status;
  return clearing::Round(book, policy, options).Run();
}

}  // namespace zhuxiao::matching
