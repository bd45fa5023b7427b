// Policies as officers write them.
#include "services/reward/engine/policy_file.h"

#include <algorithm>
#include <limits>

#include "services/base/ids.h"
#include "services/base/money.h"
#include "services/base/region.h"
#include "services/base/strings.h"
#include "services/reward/engine/jurisdictions_text.h"
#include "services/reward/engine/toml_section.h"

namespace zhuxiao::reward::engine {
namespace {

constexpr int64_t kMaxVersion = 1'000'000;
constexpr int64_t kMaxFen = base::kMaxAmountFen;
// A month that is more than so many times the ones before it is as good as the first.
constexpr int64_t kMaxJumpTimes = 1'000;
// Ten times the certified capacity; what is further above it needs no signal.
constexpr int64_t kMaxMargin = 10 * base::kBasisPoints;
// A period of more than this is a mistyped year.
constexpr base::Day kMaxPeriodDays = 20 * 366;

// Reads one file; `root` outlives it.
class Reader {
 public:
  Reader(const toml::table& root, PolicyReading& reading)
      : reading_(reading), policy_(reading.policy), root_(&root, "", 1, reading.faults), table_(root) {}

  void Read() {
    ReadHead(Section("policy"));
    ReadPeriod(Section("period"));
    ReadScope(Section("scope"));
    if (table_.contains("threshold")) ReadThreshold(Section("threshold"));
    ReadGrant(Section("grant"));
    if (table_.contains("pool")) ReadPool(Section("pool"));
    ReadApplicant(Section("applicant"));
    ReadClaims(Section("claims"));
    ReadSignals();
    for (const auto& [key, node] : table_) {
      if (!known_.contains(key.str())) root_.Fault(key.str(), "is not known here");
    }
  }

 private:
  // A top-level table; each of its readers ends with RefuseOthers.
  TomlSection Section(const char* name) {
    known_.insert(name);
    const toml::node* node = table_.get(name);
    if (node != nullptr && node->as_table() == nullptr) root_.Fault(name, "must be a table");
    const int64_t line = node == nullptr ? 1 : static_cast<int64_t>(node->source().begin.line);
    return {node == nullptr ? nullptr : node->as_table(), name, line, reading_.faults};
  }

  void ReadHead(TomlSection section) {
    policy_.id = section.Text("id", true).value_or("");
    if (!policy_.id.empty() && !base::IsValidId(policy_.id)) {
      section.Fault("id", "must be 1 to 64 characters of A-Z a-z 0-9 . _ -");
    }
    policy_.version = section.Integer("version", 1, kMaxVersion, true).value_or(0);
    if (const auto code = section.Text("jurisdiction", true)) {
      policy_.jurisdiction = *code;
      const auto level = base::LevelOf(*code);
      if (!level || *level > base::RegionLevel::kCounty) section.Fault("jurisdiction", "must be 2, 4 or 6 digits");
    }
    policy_.title_zh = section.Text("title_zh", true).value_or("");
    policy_.title_en = section.Text("title_en", true).value_or("");
    policy_.source = section.Text("source", true).value_or("");
    section.RefuseOthers();
  }

  void ReadPeriod(TomlSection section) {
    Period& period = policy_.period;
    period.clock = section
                       .Choice<SaleClock>("clock",
                                          {{"order", SaleClock::kOrder},
                                           {"payment", SaleClock::kPayment},
                                           {"waybill", SaleClock::kWaybill},
                                           {"acceptance", SaleClock::kAcceptance}},
                                          true)
                       .value_or(SaleClock::kOrder);
    const auto first = section.Date("first_day", true);
    const auto last = section.Date("last_day", true);
    if (first && last) {
      period.first_day = *first;
      period.last_day = *last;
      if (*last < *first || *last - *first > kMaxPeriodDays) {
        section.Fault("last_day", "must be the first day or one of the twenty years after it");
      }
    }
    period.window = section.Choice<Window>("window", {{"whole", Window::kWhole}, {"quarter", Window::kQuarter}})
                        .value_or(Window::kWhole);
    section.RefuseOthers();
  }

  // Region codes of a list, checked.
  std::vector<std::string> Regions(TomlSection& section, const char* key) {
    std::vector<std::string> codes = section.Texts(key);
    for (const std::string& code : codes) {
      if (!base::LevelOf(code)) section.Fault(key, base::StrCat(code, " is no region code"));
    }
    return codes;
  }

  void ReadScope(TomlSection section) {
    Scope& scope = policy_.scope;
    scope.programmes = section.Texts("programmes");
    scope.list_version = section.Text("list_version").value_or("");
    scope.levels = section.Integers("levels");
    scope.platforms = section.Texts("platforms");
    scope.known_platforms = section.Texts("known_platforms");
    scope.commodities = section.Texts("commodities");
    scope.origins = Regions(section, "origins");
    scope.destinations = Regions(section, "destinations");
    scope.is_outside_own_county = section.Flag("outside_own_county").value_or(false);
    if (scope.programmes.empty() && (!scope.list_version.empty() || !scope.levels.empty())) {
      section.Fault("programmes", "must be named where a list version or levels are");
    }
    for (const std::string& platform : scope.platforms) {
      const auto& known = scope.known_platforms;
      if (!known.empty() && std::find(known.begin(), known.end(), platform) == known.end()) {
        section.Fault("platforms", base::StrCat(platform, " is none of known_platforms"));
      }
    }
    section.RefuseOthers();
  }

  std::optional<Threshold> ReadOneThreshold(TomlSection& section, const char* value_key, const char* bound_key,
                                            int64_t most) {
    const auto value = section.Integer(value_key, 0, most);
    const auto inclusive = section.Choice<bool>(bound_key, {{"at_least", true}, {"more_than", false}});
    if (!value) return std::nullopt;
    if (!inclusive) section.Fault(bound_key, "is required: at_least (以上) or more_than (超过)");
    return Threshold{*value, inclusive.value_or(true)};
  }

  void ReadThreshold(TomlSection section) {
    policy_.least_amount = ReadOneThreshold(section, "amount_fen", "amount_is", kMaxFen);
    policy_.least_units = ReadOneThreshold(section, "count", "count_is", kMaxUnits);
    const auto unit = ReadUnit(section, "count_unit");
    policy_.threshold_unit = unit.value_or(Unit::kParcel);
    if (policy_.least_units && !unit) section.Fault("count_unit", "is required: parcel or order");
    section.RefuseOthers();
  }

  static std::optional<Unit> ReadUnit(TomlSection& section, const char* key, bool is_required = false) {
    return section.Choice<Unit>(key, {{"parcel", Unit::kParcel}, {"order", Unit::kOrder}}, is_required);
  }

  void ReadGrant(TomlSection section) {
    Grant& grant = policy_.grant;
    const auto kind = section.Choice<GrantKind>("kind",
                                                {{"rate", GrantKind::kRate},
                                                 {"tiers", GrantKind::kTiers},
                                                 {"per_unit", GrantKind::kPerUnit},
                                                 {"waiver", GrantKind::kWaiver}},
                                                true);
    if (!kind) return;  // which other keys belong here is not known
    grant.kind = *kind;
    if (grant.kind == GrantKind::kRate) ReadRate(section);
    if (grant.kind == GrantKind::kTiers) ReadTiers(section);
    if (grant.kind == GrantKind::kPerUnit) ReadPerUnit(section);
    if (grant.kind != GrantKind::kTiers) grant.cap_fen = section.Integer("cap_fen", 0, kMaxFen);
    section.RefuseOthers();
  }

  void ReadRate(TomlSection& section) {
    const int64_t most = MaxRateBasisPoints(policy_.jurisdiction);
    const auto rate =
        section.Integer("rate_basis_points", 0, std::numeric_limits<int64_t>::max(), /*is_required=*/true);
    policy_.grant.rate_basis_points = rate.value_or(0);
    if (rate && *rate > most) {
      section.Fault("rate_basis_points", base::StrCat("is ", *rate, ", above the maximum of jurisdiction ",
                                                      policy_.jurisdiction, ", ", most));
    }
  }

  void ReadTiers(TomlSection& section) {
    std::vector<std::pair<Tier, int64_t>> tiers;  // with their lines
    bool has_top = false;
    for (TomlSection& part : section.Tables("tiers")) {
      Tier tier{.from_fen = part.Integer("from_fen", 0, kMaxFen, true).value_or(0),
                .below_fen = part.Integer("below_fen", 0, kMaxFen),
                .reward_fen = part.Integer("reward_fen", 0, kMaxFen / kMaxTop, true).value_or(0),
                .top = part.Integer("top", 1, kMaxTop)};
      has_top = has_top || tier.top.has_value();
      if (tier.below_fen && *tier.below_fen <= tier.from_fen) part.Fault("below_fen", "must be more than from_fen");
      part.RefuseOthers();
      tiers.emplace_back(tier, part.line());
    }
    if (tiers.empty()) section.Fault("tiers", "must hold at least one tier");
    RefuseOverlaps(tiers);
    std::sort(tiers.begin(), tiers.end(),
              [](const auto& a, const auto& b) { return a.first.from_fen < b.first.from_fen; });
    for (const auto& [tier, line] : tiers) policy_.grant.tiers.push_back(tier);
    const auto rule = section.Choice<TieRule>(
        "tie_rule", {{"all", TieRule::kAll}, {"none", TieRule::kNone}, {"split", TieRule::kSplit}}, has_top);
    policy_.grant.tie_rule = rule.value_or(TieRule::kAll);
  }

  void RefuseOverlaps(const std::vector<std::pair<Tier, int64_t>>& tiers) {
    constexpr int64_t kOpen = std::numeric_limits<int64_t>::max();
    for (size_t later = 0; later < tiers.size(); ++later) {
      for (size_t earlier = 0; earlier < later; ++earlier) {
        const Tier& a = tiers[earlier].first;
        const Tier& b = tiers[later].first;
        if (a.from_fen >= b.below_fen.value_or(kOpen) || b.from_fen >= a.below_fen.value_or(kOpen)) continue;
        reading_.faults.push_back({tiers[later].second, base::StrCat("grant.tiers[", later, "]"),
                                   base::StrCat("overlaps the tier of line ", tiers[earlier].second)});
      }
    }
  }

  void ReadPerUnit(TomlSection& section) {
    Grant& grant = policy_.grant;
    grant.unit = ReadUnit(section, "unit", true).value_or(Unit::kParcel);
    grant.unit_fen = section.Integer("unit_fen", 1, kMaxFen, true).value_or(0);
    grant.free_units = section.Integer("free_units", 0, kMaxUnits).value_or(0);
    grant.is_actual_cost_limit = section.Flag("actual_cost_limit").value_or(false);
    if (grant.free_units > 0 && grant.is_actual_cost_limit) {
      section.Fault("free_units",
                    "cannot stand beside actual_cost_limit: which units are free would change what is paid");
    }
    if (policy_.least_units && policy_.threshold_unit != grant.unit) {
      section.Fault("unit", "must be what threshold.count_unit counts");
    }
  }

  void ReadPool(TomlSection section) {
    Pool pool;
    pool.amount_fen = section.Integer("amount_fen", 0, kMaxFen, true).value_or(0);
    const auto mode = section.Choice<PoolMode>(
        "mode", {{"pro_rata", PoolMode::kProRata}, {"first_come", PoolMode::kFirstCome}, {"ranked", PoolMode::kRanked}},
        true);
    pool.mode = mode.value_or(PoolMode::kProRata);
    pool.rolls_over = section.Flag("rolls_over").value_or(false);
    if (pool.rolls_over && policy_.period.window == Window::kWhole) {
      section.Fault("rolls_over", "needs a period of several windows");
    }
    const bool is_by_sale = policy_.grant.kind == GrantKind::kPerUnit && policy_.grant.free_units == 0 &&
                            !policy_.least_amount && !policy_.least_units;
    if (mode == PoolMode::kFirstCome && !is_by_sale) {
      section.Fault("mode", "first_come pays sale by sale: it needs a per_unit grant without threshold or free units");
    }
    section.RefuseOthers();
    policy_.pool = pool;
  }

  void ReadApplicant(TomlSection section) {
    policy_.applicant.registered_before = section.Date("registered_before");
    policy_.applicant.is_shipper = section.Flag("is_shipper").value_or(false);
    policy_.applicant.documents = section.Texts("documents");
    section.RefuseOthers();
  }

  void ReadClaims(TomlSection section) {
    const auto days = section.Integer("objection_days", 0, kMaxObjectionDays);
    policy_.claims.objection_days = days.value_or(policy_.claims.objection_days);
    section.RefuseOthers();
  }

  void ReadSignals() {
    known_.insert("signals");
    for (TomlSection& part : root_.Tables("signals")) {
      const auto kind = part.Choice<SignalKind>("kind",
                                                {{"threshold_bunching", SignalKind::kThresholdBunching},
                                                 {"late_refunds", SignalKind::kLateRefunds},
                                                 {"duplicate_waybills", SignalKind::kDuplicateWaybills},
                                                 {"all_subsidised", SignalKind::kAllSubsidised},
                                                 {"sudden_jump", SignalKind::kSuddenJump},
                                                 {"shared_registrant", SignalKind::kSharedRegistrant},
                                                 {"over_capacity", SignalKind::kOverCapacity},
                                                 {"shared_identifiers", SignalKind::kSharedIdentifiers}},
                                                true);
      if (!kind) continue;  // which other keys belong here is not known
      policy_.signals.push_back(ReadSignal(part, *kind));
      part.RefuseOthers();
    }
  }

  Signal ReadSignal(TomlSection& part, SignalKind kind) {
    const auto number = [&part](const char* key, int64_t least, int64_t most) {
      return part.Integer(key, least, most, /*is_required=*/true).value_or(0);
    };
    Signal signal{.kind = kind};
    if (kind == SignalKind::kThresholdBunching) {
      signal.margin_basis_points = number("margin_basis_points", 1, base::kBasisPoints);
      if (!policy_.least_amount) part.Fault("kind", "needs a threshold on amount");
    }
    if (kind == SignalKind::kLateRefunds) signal.days = number("days", 1, kMaxObjectionDays);
    if (kind == SignalKind::kLateRefunds || kind == SignalKind::kAllSubsidised) {
      signal.share_basis_points = number("share_basis_points", 0, base::kBasisPoints);
    }
    if (kind == SignalKind::kAllSubsidised || kind == SignalKind::kSharedIdentifiers) {
      signal.least_lines = number("least_lines", 1, kMaxUnits);
    }
    if (kind == SignalKind::kSharedRegistrant) signal.least_shops = number("least_shops", 2, kMaxShops);
    if (kind == SignalKind::kOverCapacity) signal.margin_basis_points = number("margin_basis_points", 0, kMaxMargin);
    if (kind == SignalKind::kSuddenJump) {
      signal.times = number("times", 1, kMaxJumpTimes);
      signal.least_fen = number("least_fen", 0, kMaxFen);
    }
    return signal;
  }

  PolicyReading& reading_;
  Policy& policy_;
  TomlSection root_;
  const toml::table& table_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace

PolicyReading ReadPolicy(std::string_view text) {
  PolicyReading reading;
  if (text.size() > kMaxPolicyBytes) {
    reading.faults.push_back({1, "", base::StrCat("is larger than ", kMaxPolicyBytes, " bytes")});
    return reading;
  }
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    reading.faults.push_back({static_cast<int64_t>(error.source().begin.line), "", std::string(error.description())});
    return reading;
  }
  Reader(parsed.table(), reading).Read();
  std::stable_sort(reading.faults.begin(), reading.faults.end(),
                   [](const PolicyFault& a, const PolicyFault& b) { return a.line < b.line; });
  return reading;
}

int64_t LineOf(std::string_view text, std::string_view key) {
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) return 1;
  const toml::node* node = parsed.table().at_path(key).node();
  return node == nullptr ? 1 : static_cast<int64_t>(node->source().begin.line);
}

int64_t MaxRateBasisPoints(std::string_view jurisdiction) {
  static const toml::parse_result parsed = toml::parse(kJurisdictionsText);
  int64_t most = 0;
  size_t longest = 0;
  for (const toml::node& node : *parsed["jurisdiction"].as_array()) {
    const toml::table& row = *node.as_table();
    const std::string code = row["code"].value_or(std::string());
    if (!base::IsInside(jurisdiction, code) || code.size() < longest) continue;
    longest = code.size();
    most = row["max_rate_basis_points"].value_or(int64_t{0});
  }
  return most;
}

}  // namespace zhuxiao::reward::engine
