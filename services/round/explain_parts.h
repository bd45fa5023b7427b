// What explanations of orders and of listings share.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "services/round/room.h"
#include "services/round/round.h"

namespace zhuxiao::round {

// Counterparts named one by one.
inline constexpr int kMaxServedBy = 100;

inline int64_t Clamp(Wide value) {
  constexpr int64_t kMost = INT64_MAX;
  return static_cast<int64_t>(std::clamp<Wide>(value, -Wide{kMost}, kMost));
}

// Names a counterpart that serves, among the first kMaxServedBy.
inline void TellServedBy(std::string_view id, v1::ExplainRoundResponse& response) {
  if (response.served_by_size() < kMaxServedBy) response.add_served_by(std::string(id));
}

// Counts what bars counterparts.
class Tally {
 public:
  void Add(v1::RoundReason reason) { ++counts_[reason]; }
  int64_t of(v1::RoundReason reason) const {
    const auto it = counts_.find(reason);
    return it == counts_.end() ? 0 : it->second;
  }
  // From the most frequent; equally frequent ones by number.
  std::vector<v1::RoundReason> Ranked() const {
    std::vector<v1::RoundReason> reasons;
    for (const auto& [reason, count] : counts_) reasons.push_back(static_cast<v1::RoundReason>(reason));
    std::stable_sort(reasons.begin(), reasons.end(),
                     [this](v1::RoundReason a, v1::RoundReason b) { return of(a) > of(b); });
    return reasons;
  }
  void Tell(v1::ExplainRoundResponse& response) const {
    for (const auto& [reason, of_it] : counts_) {
      v1::RoundReasonCount& count = *response.add_counts();
      count.set_reason(static_cast<v1::RoundReason>(reason));
      count.set_count(of_it);
    }
  }

 private:
  std::map<int, int64_t> counts_;
};

// Of what bars every counterpart: the most frequent that a change lifts, with the change; else the most frequent. Among
// many reasons why not, this is the one a reader can do something about.
template <typename Changes>
v1::RoundReason TellBar(const Tally& tally, const Changes& changes, v1::ExplainRoundResponse& response) {
  const std::vector<v1::RoundReason> ranked = tally.Ranked();
  if (ranked.empty()) return v1::ROUND_REASON_NO_COUNTERPART;
  for (const v1::RoundReason reason : ranked) {
    response.set_change(changes.Lifting(reason));
    if (!response.change().empty()) return reason;
  }
  return ranked.front();
}

// The change that lifts the reason, or else any there is.
template <typename Changes>
void TellChange(v1::RoundReason reason, const Changes& changes, v1::ExplainRoundResponse& response) {
  response.set_change(changes.Lifting(reason));
  if (response.change().empty()) response.set_change(changes.Any());
}

}  // namespace zhuxiao::round
