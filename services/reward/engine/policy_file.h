// Policies as officers write them: TOML, described key by key in services/reward/policies/README.md. Every mistake is
// found in one reading and named with its line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/reward/engine/policy.h"

namespace zhuxiao::reward::engine {

// The most a policy file may hold: far more than the longest programme, and read in one go.
inline constexpr size_t kMaxPolicyBytes = 1u << 20;
// Places a tier may pay: more than all registered firms of a province.
inline constexpr int64_t kMaxTop = 1'000'000;
// Days objections may be raised for: a year is longer than any published window.
inline constexpr int64_t kMaxObjectionDays = 365;
// Organisations of one registrant a signal may ask for, and the most of them that one is shown.
inline constexpr int64_t kMaxShops = 100;
// Units that may be free, or be asked for by a threshold.
inline constexpr int64_t kMaxUnits = 1'000'000'000'000;

struct PolicyFault {
  int64_t line = 0;  // from 1
  std::string key;   // "grant.rate_basis_points", or "" where the text is no TOML
  std::string what;
};

struct PolicyReading {
  Policy policy;                    // usable only where there are no faults
  std::vector<PolicyFault> faults;  // by line
};

PolicyReading ReadPolicy(std::string_view toml);

// The line of `key` ("grant.unit_fen") in a text without faults; 1 where it is not there.
int64_t LineOf(std::string_view toml, std::string_view key);

// The highest rate, in basis points, that a policy of `jurisdiction` may have: that of the longest region that holds it
// in jurisdictions.toml.
int64_t MaxRateBasisPoints(std::string_view jurisdiction);

}  // namespace zhuxiao::reward::engine
