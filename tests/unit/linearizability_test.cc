// Tests the checker of balances: on histories known good and known bad, and against trying every order.
#include "tests/support/linearizability.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "tests/support/seed.h"

namespace zhuxiao::testing {
namespace {

using Kind = BalanceOperation::Kind;
using Verdict = Linearizability::Verdict;
using Operations = std::vector<BalanceOperation>;

BalanceOperation Move(int64_t begin, int64_t end, int64_t available, int64_t held) {
  return {.kind = Kind::kMove, .units = {available, held}, .begin = begin, .end = end, .name = "move"};
}
BalanceOperation Read(int64_t begin, int64_t end, int64_t available, int64_t held) {
  return {.kind = Kind::kRead, .units = {available, held}, .begin = begin, .end = end, .name = "look"};
}
BalanceOperation Refused(int64_t begin, int64_t end, int64_t available, int64_t held) {
  return {.kind = Kind::kRefusal, .units = {available, held}, .begin = begin, .end = end, .name = "refused"};
}

Verdict Check(Operations operations, int64_t most = 1'000) {
  return CheckLinearizable({.start = {10, 0}, .most = most}, std::move(operations)).verdict;
}

TEST(Linearizability, GoodHistoriesPass) {
  constexpr int64_t kNever = BalanceOperation::kNever;
  EXPECT_EQ(Check({}), Verdict::kYes);
  EXPECT_EQ(Check({Move(1, 2, -4, 4), Read(3, 4, 6, 4), Move(5, 6, 4, -4), Read(7, 8, 10, 0)}), Verdict::kYes);
  EXPECT_EQ(Check({Move(1, 5, -4, 4), Read(2, 3, 10, 0), Read(4, 6, 6, 4)}), Verdict::kYes) << "before, then after";
  EXPECT_EQ(Check({Move(1, 9, -3, 3), Move(1, 9, -4, 4), Move(1, 9, -1, 1), Read(2, 8, 6, 4)}), Verdict::kYes)
      << "two of three";
  EXPECT_EQ(Check({Move(1, 2, -4, 4), Refused(3, 4, -7, 7), Move(3, 4, -6, 6)}), Verdict::kYes);
  EXPECT_EQ(Check({Refused(1, 9, -7, 7), Move(2, 3, -6, 6), Move(4, 5, 6, -6), Read(6, 7, 10, 0)}), Verdict::kYes)
      << "refused while another held";
  EXPECT_EQ(Check({Move(1, kNever, -4, 4), Read(2, 3, 10, 0), Read(4, 5, 6, 4)}), Verdict::kYes)
      << "what nobody heard of shows later";
  EXPECT_EQ(Check({Move(1, kNever, -4, 4), Read(2, 3, 10, 0)}), Verdict::kYes) << "or never";
  EXPECT_EQ(Check({Move(1, kNever, -40, 40), Read(2, 3, 10, 0)}), Verdict::kYes) << "or could not at all";
  EXPECT_EQ(Check({Refused(1, 2, 0, 5)}, 14), Verdict::kYes) << "beyond the most";
}

TEST(Linearizability, BadHistoriesFail) {
  constexpr int64_t kNever = BalanceOperation::kNever;
  EXPECT_EQ(Check({Move(1, 2, -4, 4), Read(3, 4, 10, 0)}), Verdict::kNo) << "a stale read";
  EXPECT_EQ(Check({Read(1, 2, 6, 4), Move(3, 4, -4, 4)}), Verdict::kNo) << "a read of the future";
  EXPECT_EQ(Check({Move(1, 9, -4, 4), Read(2, 3, 6, 4), Read(4, 5, 10, 0)}), Verdict::kNo) << "new, then old";
  EXPECT_EQ(Check({Move(1, 2, -4, 4), Move(1, 2, -4, 4), Read(3, 4, 6, 4)}), Verdict::kNo) << "a lost update";
  EXPECT_EQ(Check({Move(1, 2, -4, 4), Read(3, 4, 2, 8)}), Verdict::kNo) << "took effect twice";
  EXPECT_EQ(Check({Move(1, 2, -4, 4), Read(1, 4, 6, 0)}), Verdict::kNo) << "half a move";
  EXPECT_EQ(Check({Move(1, 9, -6, 6), Move(1, 9, -6, 6)}), Verdict::kNo) << "sold more than there was";
  EXPECT_EQ(Check({Move(1, 2, 0, 5)}, 14), Verdict::kNo) << "more than the most";
  EXPECT_EQ(Check({Refused(1, 2, -4, 4)}), Verdict::kNo) << "refused though there was enough";
  EXPECT_EQ(Check({Move(1, 2, -8, 8), Move(3, 4, 8, -8), Refused(5, 6, -4, 4)}), Verdict::kNo)
      << "refused by what was over";
  EXPECT_EQ(Check({Move(1, kNever, -4, 4), Read(2, 3, 6, 4), Read(4, 5, 10, 0)}), Verdict::kNo)
      << "what nobody heard of shows, and is gone again";
  EXPECT_EQ(Check({Move(5, kNever, -4, 4), Read(2, 3, 6, 4)}), Verdict::kNo) << "shows before it was asked for";
}

TEST(Linearizability, ComplaintNamesWhereItStuck) {
  const auto checked = CheckLinearizable({.start = {10, 0}}, {Move(1, 2, -4, 4), Read(3, 4, 10, 0)});
  EXPECT_THAT(checked.complaint, ::testing::HasSubstr("after 1 of 2 operations the balances are 6,4"));
  EXPECT_THAT(checked.complaint, ::testing::HasSubstr("look read 10,0 in [3, 4]"));
}

TEST(Linearizability, StopsWhereItWasToldTo) {
  Operations operations;
  for (int i = 0; i < 24; ++i) operations.push_back(Move(1, 9, -(1 << i), 1 << i));
  operations.push_back(Read(2, 3, -1, -1));
  const auto checked = CheckLinearizable({.start = {1 << 24, 0}}, std::move(operations), 1'000);
  EXPECT_EQ(checked.verdict, Verdict::kUndecided);
}

// Tries every order of the moves answered, every choice of the others, and every place of the rest.
bool HasOrder(const Operations& operations, std::vector<int64_t> state, int64_t most, uint32_t applied = 0) {
  const auto is_applied = [&](size_t i) { return (applied >> i & 1) != 0; };
  int64_t first_end = BalanceOperation::kNever;
  bool is_done = true;
  for (size_t i = 0; i < operations.size(); ++i) {
    if (is_applied(i)) continue;
    first_end = std::min(first_end, operations[i].end);
    if (operations[i].end != BalanceOperation::kNever) is_done = false;
  }
  if (is_done) return true;
  for (size_t i = 0; i < operations.size(); ++i) {
    const BalanceOperation& operation = operations[i];
    if (is_applied(i) || operation.begin > first_end) continue;
    const std::vector<int64_t> moved = {state[0] + operation.units[0], state[1] + operation.units[1]};
    const bool is_within = moved[0] >= 0 && moved[1] >= 0 && moved[0] + moved[1] <= most;
    const uint32_t next = applied | 1U << i;
    if (operation.kind == Kind::kMove && is_within && HasOrder(operations, moved, most, next)) return true;
    if (operation.kind == Kind::kRefusal && !is_within && HasOrder(operations, state, most, next)) return true;
    if (operation.kind == Kind::kRead && state == operation.units && HasOrder(operations, state, most, next))
      return true;
  }
  return false;
}

TEST(Linearizability, AgreesWithTryingEveryOrder) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  const auto roll = [&random](int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random);
  };
  int good = 0;
  constexpr int kHistories = 3'000;
  for (int history = 0; history < kHistories; ++history) {
    Operations operations;
    for (int64_t count = roll(1, 7); count > 0; --count) {
      const int64_t begin = roll(0, 12);
      const int64_t end = begin + roll(1, 8);
      const int64_t units = roll(-3, 3);
      switch (roll(0, 5)) {
        case 0:
          operations.push_back(Read(begin, end, roll(0, 5), roll(0, 5)));
          break;
        case 1:
          operations.push_back(Refused(begin, end, -units, units));
          break;
        case 2:
          operations.push_back(Move(begin, BalanceOperation::kNever, -units, units));
          break;
        default:
          operations.push_back(Move(begin, end, roll(0, 3) == 0 ? 1 : -units, units));
      }
    }
    const bool has_order = HasOrder(operations, {3, 1}, 6);
    good += has_order;
    const auto checked = CheckLinearizable({.start = {3, 1}, .most = 6}, operations);
    ASSERT_EQ(checked.verdict, has_order ? Verdict::kYes : Verdict::kNo) << checked.complaint;
  }
  EXPECT_GT(good, kHistories / 20);
  EXPECT_LT(good, kHistories * 19 / 20);
}

// A register that many clients use at once, each operation taking effect at a random moment of its own.
Operations LongHistory(std::mt19937_64& random, int count) {
  Operations operations;
  std::vector<std::pair<int64_t, int>> moments;
  for (int i = 0; i < count; ++i) {
    const int64_t begin = i * 10 + static_cast<int64_t>(random() % 10);
    const int64_t end = begin + 1 + static_cast<int64_t>(random() % 160);
    operations.push_back({.units = {0, 0}, .begin = begin, .end = end, .name = std::to_string(i)});
    moments.emplace_back(begin + static_cast<int64_t>(random() % (end - begin)), i);
  }
  std::sort(moments.begin(), moments.end());
  std::vector<int64_t> state = {100, 0};
  for (const auto& [moment, i] : moments) {
    BalanceOperation& operation = operations[i];
    if (random() % 3 == 0) {
      operation.kind = Kind::kRead;
      operation.units = state;
      continue;
    }
    const int64_t units = static_cast<int64_t>(random() % 41) - 20;
    operation.units = {-units, units};
    const bool is_within = state[0] >= units && state[1] + units >= 0;
    operation.kind = is_within ? Kind::kMove : Kind::kRefusal;
    if (is_within) state = {state[0] - units, state[1] + units};
  }
  return operations;
}

TEST(Linearizability, DecidesLongHistories) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int history = 0; history < 20; ++history) {
    Operations operations = LongHistory(random, 3'000);
    const auto good = CheckLinearizable({.start = {100, 0}}, operations);
    ASSERT_EQ(good.verdict, Verdict::kYes) << good.complaint;
    const auto read = std::find_if(operations.begin() + static_cast<int64_t>(random() % 2'900), operations.end(),
                                   [](const auto& operation) { return operation.kind == Kind::kRead; });
    ASSERT_NE(read, operations.end());
    read->units[0] += 1'000;
    EXPECT_EQ(CheckLinearizable({.start = {100, 0}}, operations, 300'000).verdict == Verdict::kYes, false)
        << "nobody has ever seen " << read->ToString();
  }
}

}  // namespace
}  // namespace zhuxiao::testing
