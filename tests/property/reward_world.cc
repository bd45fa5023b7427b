// Random worlds of policies and sales, and a slow and obvious calculator of what they pay.
#include "tests/property/reward_world.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace zhuxiao::reward {

int64_t Draw(std::mt19937_64& rng, int64_t low, int64_t high) {
  return low + static_cast<int64_t>(rng() % static_cast<uint64_t>(high - low + 1));
}

namespace {

using engine::GrantKind;
using engine::PoolMode;
using engine::TieRule;
using engine::Unit;

template <typename T>
const T& Pick(std::mt19937_64& rng, const std::vector<T>& list) {
  return list[static_cast<size_t>(Draw(rng, 0, static_cast<int64_t>(list.size()) - 1))];
}

const std::vector<std::string> kFirms = {"F1", "F2", "F3", "F4", "F5"};
const std::vector<std::string> kOrigins = {"141032203206", "141032", "140321105201", "110101", ""};

base::Day DayNumber(const char* text) { return *base::ParseDay(text); }

// Instants around the ends of the period, of quarters and of days, in Asia/Shanghai.
int64_t DrawSecond(std::mt19937_64& rng) {
  static const std::vector<const char*> days = {"2020-01-01", "2020-02-15", "2020-04-01", "2020-07-01",
                                                "2020-10-01", "2020-12-31", "2021-01-01"};
  return absl::ToUnixSeconds(base::StartOfDay(DayNumber(Pick(rng, days)))) + Draw(rng, -1, 1);
}

engine::Grant MakeGrant(std::mt19937_64& rng) {
  engine::Grant grant;
  grant.kind = static_cast<GrantKind>(Draw(rng, 0, 3));
  grant.rate_basis_points = Draw(rng, 0, 10'000);
  grant.unit = static_cast<Unit>(Draw(rng, 0, 1));
  grant.unit_fen = Draw(rng, 1, 30);
  grant.is_actual_cost_limit = Draw(rng, 0, 1) == 1;
  if (!grant.is_actual_cost_limit) grant.free_units = Draw(rng, 0, 3);
  if (Draw(rng, 0, 1) == 1) grant.cap_fen = Draw(rng, 0, 120);
  if (grant.kind != GrantKind::kTiers) return grant;
  grant.cap_fen.reset();
  grant.tie_rule = static_cast<TieRule>(Draw(rng, 0, 2));
  int64_t from_fen = Draw(rng, 0, 40);
  for (int64_t i = Draw(rng, 1, 3); i > 0; --i) {
    engine::Tier tier{.from_fen = from_fen, .reward_fen = Draw(rng, 0, 100)};
    from_fen += Draw(rng, 1, 60);
    if (i > 1) tier.below_fen = from_fen;
    if (Draw(rng, 0, 2) > 0) tier.top = Draw(rng, 1, 3);
    grant.tiers.push_back(tier);
    from_fen += Draw(rng, 0, 1) * 5;
  }
  return grant;
}

engine::Policy MakePolicy(std::mt19937_64& rng) {
  engine::Policy policy;
  policy.period = {.clock = static_cast<engine::SaleClock>(Draw(rng, 0, 3)),
                   .first_day = DayNumber("2020-01-01"),
                   .last_day = DayNumber("2020-12-31"),
                   .window = static_cast<engine::Window>(Draw(rng, 0, 1))};
  if (Draw(rng, 0, 2) > 0) policy.scope.programmes = {"poor"};
  if (Draw(rng, 0, 5) == 0) policy.scope.platforms = {"pa"};
  if (Draw(rng, 0, 5) == 0) policy.scope.commodities = {"egg"};
  if (Draw(rng, 0, 5) == 0) policy.scope.origins = {"14"};
  if (Draw(rng, 0, 5) == 0) policy.scope.is_outside_own_county = true;
  policy.grant = MakeGrant(rng);
  policy.threshold_unit = policy.grant.kind == GrantKind::kPerUnit ? policy.grant.unit : Unit::kOrder;
  if (Draw(rng, 0, 1) == 1) policy.least_amount = engine::Threshold{Draw(rng, 0, 150), Draw(rng, 0, 1) == 1};
  if (Draw(rng, 0, 2) == 0) policy.least_units = engine::Threshold{Draw(rng, 0, 5), Draw(rng, 0, 1) == 1};
  if (Draw(rng, 0, 1) == 1) {
    policy.pool = engine::Pool{.amount_fen = Draw(rng, 0, 200),
                               .mode = static_cast<PoolMode>(Draw(rng, 0, 2)),
                               .rolls_over = Draw(rng, 0, 1) == 1};
    if (policy.pool->mode == PoolMode::kFirstCome) {
      policy.grant.kind = GrantKind::kPerUnit;
      policy.grant.free_units = 0;
      policy.threshold_unit = policy.grant.unit;
      policy.least_amount.reset();
      policy.least_units.reset();
    }
  }
  return policy;
}

WorldRow MakeSale(std::mt19937_64& rng) {
  WorldRow row{.platform = Pick(rng, std::vector<std::string>{"pa", "pb"}),
               .order_no = absl::StrCat("O", Draw(rng, 1, 12)),
               .line_no = absl::StrCat(Draw(rng, 1, 2)),
               .claimant = Pick(rng, kFirms),
               .origin = Pick(rng, kOrigins),
               .destination = Pick(rng, std::vector<std::string>{"110105", "141032105", ""}),
               .commodity = Pick(rng, std::vector<std::string>{"egg", "egg", "小米, \"新\""}),
               .amount_fen = Draw(rng, 0, 60),
               .parcels = Draw(rng, 0, 3),
               .parcel_fee_fen = Draw(rng, 0, 40)};
  row.seconds[0] = DrawSecond(rng);
  for (size_t clock = 1; clock < row.seconds.size(); ++clock) {
    if (Draw(rng, 0, 4) > 0) row.seconds[clock] = DrawSecond(rng);
  }
  return row;
}

using Key = std::tuple<std::string, std::string, std::string>;

size_t LinesOfOrder(const std::map<Key, size_t>& sales, const WorldRow& sale) {
  return static_cast<size_t>(std::count_if(sales.begin(), sales.end(), [&](const auto& entry) {
    return std::get<0>(entry.first) == sale.platform && std::get<1>(entry.first) == sale.order_no;
  }));
}

WorldRow MakeRefund(std::mt19937_64& rng, const World& world, const std::map<Key, size_t>& sales, int sale_index,
                    int64_t left_fen) {
  const WorldRow& sale = world.rows[static_cast<size_t>(sale_index)];
  WorldRow row{.platform = sale.platform,
               .order_no = absl::StrCat("R", world.rows.size()),
               .line_no = "7",
               .claimant = Draw(rng, 0, 1) == 1 ? sale.claimant : "",
               .is_refund = true,
               .amount_fen = Draw(rng, 0, 2) == 0 ? left_fen : Draw(rng, 0, left_fen),
               .sale = sale_index};
  row.refund_of = absl::StrCat(Draw(rng, 0, 1) == 1 ? sale.platform + "/" : "", sale.order_no);
  if (LinesOfOrder(sales, sale) > 1 && Draw(rng, 0, 1) == 1) {
    row.line_no = sale.line_no;  // the order alone is named, and the line by the refund's own
  } else if (LinesOfOrder(sales, sale) > 1 || Draw(rng, 0, 1) == 1) {
    absl::StrAppend(&row.refund_of, Pick(rng, std::vector<std::string>{"/", ":", "#", "-"}), sale.line_no);
  }
  return row;
}

std::string Cell(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string cell = "\"";
  for (const char c : text) cell += c == '"' ? "\"\"" : std::string(1, c);
  return cell + "\"";
}

// In one offset or another by what the second is, so that the same row is always written alike.
std::string TimeCell(std::optional<int64_t> second) {
  if (!second) return "";
  const absl::Time time = absl::FromUnixSeconds(*second);
  if (*second % 3 == 0) return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
  const int hours = *second % 3 == 1 ? 8 : -5;
  return absl::StrCat(absl::FormatTime("%Y-%m-%dT%H:%M:%S", time, absl::FixedTimeZone(hours * 3600)),
                      hours == 8 ? "+08:00" : "-05:00");
}

std::string LabelOf(const WorldRow& row) { return absl::StrCat(row.platform, "/", row.order_no, "/", row.line_no); }

absl::CivilSecond Local(int64_t second) {
  return absl::ToCivilSecond(absl::FromUnixSeconds(second + 8 * 3600), absl::UTCTimeZone());
}

}  // namespace

World MakeWorld(std::mt19937_64& rng) {
  World world{.policy = MakePolicy(rng)};
  world.lists = {{"poor", "1", "141032", DayNumber("2020-02-15"), std::nullopt},
                 {"poor", "2", "140321105201", DayNumber("2019-01-01"), DayNumber("2020-06-30")},
                 {"other", "1", "11", DayNumber("2000-01-01"), std::nullopt}};
  std::map<Key, size_t> sales;
  for (int64_t i = Draw(rng, 0, 30); i > 0; --i) {
    WorldRow row = MakeSale(rng);
    if (sales.emplace(Key(row.platform, row.order_no, row.line_no), world.rows.size()).second) {
      world.rows.push_back(std::move(row));
    }
  }
  const auto sale_count = static_cast<int>(world.rows.size());
  std::map<int, int64_t> refunded_fen;
  for (int64_t i = Draw(rng, 0, 10); i > 0 && sale_count > 0; --i) {
    const auto sale = static_cast<int>(Draw(rng, 0, sale_count - 1));
    const int64_t left_fen = world.rows[static_cast<size_t>(sale)].amount_fen - refunded_fen[sale];
    world.rows.push_back(MakeRefund(rng, world, sales, sale, left_fen));
    refunded_fen[sale] += world.rows.back().amount_fen;
  }
  for (int64_t i = Draw(rng, 0, 2); i > 0; --i) {
    world.rows.push_back({.platform = "pa",
                          .order_no = absl::StrCat("R", world.rows.size()),
                          .line_no = "1",
                          .claimant = "F1",
                          .is_refund = true,
                          .amount_fen = Draw(rng, 0, 100),
                          .refund_of = "nowhere/1"});
  }
  return world;
}

std::string CsvOf(const World& world, const std::vector<size_t>& order) {
  std::string text =
      "refund_of,order_time,payment_time,waybill_time,accept_time,platform,order_no,line_no,kind,claimant_uscc,"
      "origin_region,destination_region,commodity,amount_fen,parcels,parcel_fee_fen,waybill_no\n";
  for (const size_t i : order) {
    const WorldRow& row = world.rows[i];
    absl::StrAppend(&text, row.refund_of, ",", TimeCell(row.seconds[0]), ",", TimeCell(row.seconds[1]), ",",
                    TimeCell(row.seconds[2]), ",", TimeCell(row.seconds[3]), ",", row.platform, ",", row.order_no, ",");
    absl::StrAppend(&text, row.line_no, ",", row.is_refund ? "refund" : "sale", ",", row.claimant, ",", row.origin, ",",
                    row.destination, ",", Cell(row.commodity), ",", row.amount_fen, ",", row.parcels, ",",
                    row.parcel_fee_fen, ",W\n");
  }
  return text;
}

bool RewardWorldModel::IsListed(const WorldRow& row) const {
  const std::string day = absl::FormatCivilTime(absl::CivilDay(Local(*row.seconds[0])));
  for (const engine::Designation& entry : world_.lists) {
    const bool is_prefix = row.origin.substr(0, entry.region_code.size()) == entry.region_code;
    if (entry.programme == "poor" && is_prefix && base::FormatDay(entry.valid_from) <= day &&
        (!entry.valid_to || day <= base::FormatDay(*entry.valid_to))) {
      return true;
    }
  }
  return false;
}

std::string RewardWorldModel::ReasonOf(const WorldRow& row) const {
  const engine::Policy& policy = world_.policy;
  const auto second = row.seconds[static_cast<size_t>(policy.period.clock)];
  if (!second) return "no_time";
  if (Local(*second).year() != 2020) return "outside_period";
  if (!policy.scope.platforms.empty() && row.platform != "pa") return "platform_not_listed";
  if (!policy.scope.commodities.empty() && row.commodity != "egg") return "commodity_not_listed";
  if (!policy.scope.origins.empty() && row.origin.substr(0, 2) != "14") return "origin_not_listed";
  const bool is_out =
      !row.origin.empty() && !row.destination.empty() && row.origin.substr(0, 6) != row.destination.substr(0, 6);
  if (policy.scope.is_outside_own_county && !is_out) return "inside_own_county";
  if (policy.applicant.is_shipper && row.is_sent_by_another) return "not_shipper";
  if (!policy.scope.programmes.empty() && !IsListed(row)) return "not_designated";
  return "in_scope";
}

std::optional<std::string> RewardWorldModel::QuarterOf(const WorldRow& row) const {
  if (world_.policy.period.window == engine::Window::kWhole) return "year";
  const auto local = Local(*row.seconds[static_cast<size_t>(world_.policy.period.clock)]);
  return absl::StrCat("Q", (local.month() + 2) / 3);
}

void RewardWorldModel::CountSales() {
  for (const WorldRow& row : world_.rows) {
    if (row.is_refund || ReasonOf(row) != "in_scope") continue;
    tallies_[*QuarterOf(row)][row.claimant].counted_fen += row.amount_fen;
  }
  for (const WorldRow& row : world_.rows) {
    if (!row.is_refund || row.sale < 0) continue;
    const WorldRow& sale = world_.rows[static_cast<size_t>(row.sale)];
    if (ReasonOf(sale) == "in_scope") tallies_[*QuarterOf(sale)][sale.claimant].refunded_fen += row.amount_fen;
  }
}

void RewardWorldModel::CountUnits() {
  const engine::Grant& grant = world_.policy.grant;
  const bool is_by_order =
      (grant.kind == GrantKind::kPerUnit ? grant.unit : world_.policy.threshold_unit) == Unit::kOrder;
  // By what is paid at once: an order of a claimant, or a line.
  struct Piece {
    int64_t second = 0, units = 0, fee_fen = 0;
    std::string quarter, place, claimant;
  };
  std::map<std::string, Piece> pieces;
  for (size_t i = 0; i < world_.rows.size(); ++i) {
    const WorldRow& row = world_.rows[i];
    if (row.is_refund || ReasonOf(row) != "in_scope") continue;
    int64_t refunded_fen = 0;
    for (const WorldRow& other : world_.rows) {
      if (other.is_refund && other.sale == static_cast<int>(i)) refunded_fen += other.amount_fen;
    }
    if (row.amount_fen > 0 && refunded_fen == row.amount_fen) continue;
    const int64_t second = *row.seconds[static_cast<size_t>(world_.policy.period.clock)];
    const std::string name =
        is_by_order ? absl::StrCat(row.platform, "/", row.order_no, "/", row.claimant) : LabelOf(row);
    const bool is_first = !pieces.contains(name);
    Piece& piece = pieces[name];
    piece.fee_fen += row.parcel_fee_fen;
    piece.units = is_by_order ? 1 : row.parcels;
    piece.claimant = row.claimant;
    if (is_first || LabelOf(row) < piece.place) piece.place = LabelOf(row);
    if (is_first || second < piece.second) {
      piece.second = second;
      piece.quarter = *QuarterOf(row);
    }
  }
  for (const auto& [name, piece] : pieces) {
    Tally& tally = tallies_[piece.quarter][piece.claimant];
    tally.units += piece.units;
    if (grant.kind != GrantKind::kPerUnit) continue;
    int64_t value_fen = grant.unit_fen * piece.units;
    if (grant.is_actual_cost_limit) value_fen = std::min(value_fen, piece.fee_fen);
    tally.value_fen += value_fen;
    payments_[piece.quarter].push_back({piece.second, piece.place, piece.claimant, value_fen});
  }
}

bool RewardWorldModel::MeetsThresholds(const Tally& tally) const {
  const auto meets = [](const std::optional<engine::Threshold>& least, int64_t number) {
    return !least || number > least->value || (least->is_inclusive && number == least->value);
  };
  return meets(world_.policy.least_amount, tally.counted_fen - tally.refunded_fen) &&
         meets(world_.policy.least_units, tally.units);
}

void RewardWorldModel::WantTiers(std::map<std::string, Tally>& tallies) const {
  for (const engine::Tier& tier : world_.policy.grant.tiers) {
    std::vector<std::pair<int64_t, std::string>> members;
    for (const auto& [claimant, tally] : tallies) {
      const int64_t net_fen = tally.counted_fen - tally.refunded_fen;
      if (MeetsThresholds(tally) && net_fen >= tier.from_fen && (!tier.below_fen || net_fen < *tier.below_fen)) {
        members.emplace_back(net_fen, claimant);
      }
    }
    const auto top = tier.top ? *tier.top : static_cast<int64_t>(members.size());
    for (const auto& [net_fen, claimant] : members) {
      std::vector<std::string> level;
      int64_t above = 0;
      for (const auto& [other_fen, other] : members) {
        above += other_fen > net_fen;
        if (other_fen == net_fen) level.push_back(other);
      }
      const auto count = static_cast<int64_t>(level.size());
      const int64_t places = std::clamp<int64_t>(top - above, 0, count);
      int64_t& wanted_fen = tallies[claimant].wanted_fen;
      if (places == count || (places > 0 && world_.policy.grant.tie_rule == TieRule::kAll)) {
        wanted_fen = tier.reward_fen;
      } else if (places > 0 && world_.policy.grant.tie_rule == TieRule::kSplit) {
        const int64_t total_fen = places * tier.reward_fen;
        const int64_t rank = std::find(level.begin(), level.end(), claimant) - level.begin();
        wanted_fen = total_fen / count + (rank < total_fen % count ? 1 : 0);
      }
    }
  }
}

void RewardWorldModel::WantAll(std::map<std::string, Tally>& tallies) const {
  const engine::Grant& grant = world_.policy.grant;
  if (grant.kind == GrantKind::kTiers) return WantTiers(tallies);
  for (auto& [claimant, tally] : tallies) {
    if (!MeetsThresholds(tally)) continue;
    const int64_t net_fen = tally.counted_fen - tally.refunded_fen;
    if (grant.kind == GrantKind::kRate) tally.wanted_fen = net_fen * grant.rate_basis_points / 10'000;
    if (grant.kind == GrantKind::kWaiver) tally.wanted_fen = net_fen;
    if (grant.kind == GrantKind::kPerUnit) {
      tally.wanted_fen = grant.free_units == 0 ? tally.value_fen
                                               : std::max<int64_t>(0, tally.units - grant.free_units) * grant.unit_fen;
      if (tally.units <= grant.free_units) tally.wanted_fen = 0;
    }
    if (grant.cap_fen) tally.wanted_fen = std::min(tally.wanted_fen, *grant.cap_fen);
  }
}

int64_t RewardWorldModel::PayAll(std::map<std::string, Tally>& tallies, std::vector<Payment>& payments,
                                 int64_t fund_fen) const {
  const PoolMode mode = world_.policy.pool->mode;
  if (mode == PoolMode::kFirstCome) {
    std::sort(payments.begin(), payments.end(), [](const Payment& a, const Payment& b) {
      return std::tie(a.second, a.place) < std::tie(b.second, b.place);
    });
    for (const Payment& payment : payments) {
      Tally& tally = tallies[payment.claimant];
      for (int64_t fen = 0; fen < payment.value_fen && fund_fen > 0 && tally.paid_fen < tally.wanted_fen; ++fen) {
        ++tally.paid_fen;
        --fund_fen;
      }
    }
    return fund_fen;
  }
  if (mode == PoolMode::kRanked) {
    std::vector<std::tuple<int64_t, std::string>> ranked;
    for (const auto& [claimant, tally] : tallies) ranked.emplace_back(tally.refunded_fen - tally.counted_fen, claimant);
    std::sort(ranked.begin(), ranked.end());
    for (const auto& [minus_net_fen, claimant] : ranked) {
      Tally& tally = tallies[claimant];
      tally.paid_fen = std::min(tally.wanted_fen, fund_fen);
      fund_fen -= tally.paid_fen;
    }
    return fund_fen;
  }
  int64_t wanted_fen = 0;
  for (const auto& [claimant, tally] : tallies) wanted_fen += tally.wanted_fen;
  if (wanted_fen <= fund_fen) {
    for (auto& [claimant, tally] : tallies) tally.paid_fen = tally.wanted_fen;
    return fund_fen - wanted_fen;
  }
  std::vector<std::pair<int64_t, std::string>> remainders;
  int64_t left_fen = fund_fen;
  for (auto& [claimant, tally] : tallies) {
    tally.paid_fen = fund_fen * tally.wanted_fen / wanted_fen;
    left_fen -= tally.paid_fen;
    remainders.emplace_back(-(fund_fen * tally.wanted_fen % wanted_fen), claimant);
  }
  std::sort(remainders.begin(), remainders.end());
  for (int64_t i = 0; i < left_fen; ++i) ++tallies[remainders[static_cast<size_t>(i)].second].paid_fen;
  return 0;
}

ModelResult RewardWorldModel::Compute() {
  const bool is_quarterly = world_.policy.period.window == engine::Window::kQuarter;
  const std::vector<Quarter> quarters =
      is_quarterly ? std::vector<Quarter>{"Q1", "Q2", "Q3", "Q4"} : std::vector<Quarter>{"year"};
  std::set<std::string> claimants;
  for (const WorldRow& row : world_.rows) {
    if (!row.claimant.empty()) claimants.insert(row.claimant);
  }
  for (const Quarter& quarter : quarters) {
    for (const std::string& claimant : claimants) tallies_[quarter][claimant];
  }
  CountSales();
  CountUnits();
  int64_t left_fen = 0;
  for (const Quarter& quarter : quarters) {
    WantAll(tallies_[quarter]);
    if (!world_.policy.pool) {
      for (auto& [claimant, tally] : tallies_[quarter]) tally.paid_fen = tally.wanted_fen;
      continue;
    }
    left_fen = PayAll(tallies_[quarter], payments_[quarter], world_.policy.pool->amount_fen + left_fen);
    if (!world_.policy.pool->rolls_over) left_fen = 0;
  }
  ModelResult result;
  for (const std::string& claimant : claimants) {
    int64_t counted_fen = 0, refunded_fen = 0, paid_fen = 0;
    for (const Quarter& quarter : quarters) {
      const Tally& tally = tallies_[quarter][claimant];
      counted_fen += tally.counted_fen;
      refunded_fen += tally.refunded_fen;
      paid_fen += tally.paid_fen;
    }
    result.statement.push_back(
        absl::StrCat(claimant, ",", counted_fen, ",", refunded_fen, ",", counted_fen - refunded_fen, ",", paid_fen));
  }
  for (const WorldRow& row : world_.rows) {
    std::string reason = "refund_pending";
    if (!row.is_refund) {
      reason = ReasonOf(row);
    } else if (row.sale >= 0) {
      const bool is_counted = ReasonOf(world_.rows[static_cast<size_t>(row.sale)]) == "in_scope";
      reason = is_counted ? "refund_of_counted_sale" : "refund_of_excluded_sale";
    }
    const bool is_counted = reason == "in_scope" || reason == "refund_of_counted_sale";
    result.lines.push_back(absl::StrCat(LabelOf(row), ",", is_counted ? "counted" : "excluded", ",", reason));
  }
  std::sort(result.lines.begin(), result.lines.end());
  return result;
}

}  // namespace zhuxiao::reward
