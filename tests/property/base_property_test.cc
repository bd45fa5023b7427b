// Properties of the words everything is counted in, over random values. A failure prints the run's seed; run again with
// ZHUXIAO_TEST_SEED set to it.
#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <random>
#include <string>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/base/ids.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/base/text.h"
#include "services/base/uscc.h"
#include "services/rpc/page_token.h"
#include "services/store/keys.h"
#include "tests/support/seed.h"

namespace zhuxiao {
namespace {

__extension__ using Int128 = __int128;
using Rng = std::mt19937_64;

constexpr int kCases = 20'000;
constexpr std::string_view kUsccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

// Runs `body` on kCases random sources, and stops at the first failure.
void ForAll(const std::function<void(Rng&)>& body) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(base::StrCat("ZHUXIAO_TEST_SEED=", seed));
  Rng rng(seed);
  for (int i = 0; i < kCases && !::testing::Test::HasFailure(); ++i) body(rng);
}

int64_t Between(Rng& rng, int64_t least, int64_t most) {
  return std::uniform_int_distribution<int64_t>(least, most)(rng);
}

// Any int64, of any magnitude: uniform numbers alone are nearly all of 19 digits.
int64_t AnyNumber(Rng& rng) {
  const int64_t number = static_cast<int64_t>(rng() >> Between(rng, 0, 63));
  return rng() % 2 == 0 ? number : -1 - (number < 0 ? -1 - number : number);
}

template <typename Text>
char AnyOf(Rng& rng, const Text& characters) {
  return characters[Between(rng, 0, static_cast<int64_t>(characters.size()) - 1)];
}

TEST(MoneyProperty, MulDivIsTheExactQuotientRounded) {
  ForAll([](Rng& rng) {
    const int64_t a = AnyNumber(rng);
    const int64_t b = AnyNumber(rng);
    const int64_t c = std::max<int64_t>(1, AnyNumber(rng) & std::numeric_limits<int64_t>::max());
    SCOPED_TRACE(base::StrCat(a, " * ", b, " / ", c));
    const Int128 product = static_cast<Int128>(a) * b;
    const auto fits = [](Int128 value) { return value == static_cast<int64_t>(value); };
    // By definition: floor is the q with q*c <= product < (q+1)*c.
    if (const auto floor = base::MulDivFloor(a, b, c)) {
      const Int128 rest = product - static_cast<Int128>(*floor) * c;
      EXPECT_TRUE(rest >= 0 && rest < c);
    } else {
      EXPECT_FALSE(fits(product / c) && fits(product / c - 1));
    }
    // The nearest is at most half of c away, and a half goes away from zero.
    if (const auto nearest = base::MulDivHalfUp(a, b, c)) {
      const Int128 rest = product - static_cast<Int128>(*nearest) * c;
      const Int128 distance = rest < 0 ? -rest : rest;
      EXPECT_TRUE(distance <= c - distance);
      EXPECT_TRUE(distance < c - distance || (product < 0) == (rest > 0));
    } else {
      EXPECT_FALSE(fits(product / c) && fits(product / c + 1) && fits(product / c - 1));
    }
  });
}

TEST(MoneyProperty, CheckedSumsAgreeWith128Bits) {
  ForAll([](Rng& rng) {
    const int64_t a = AnyNumber(rng);
    const int64_t b = AnyNumber(rng);
    const auto agrees = [](std::optional<int64_t> got, Int128 exact) {
      return got ? *got == exact : exact != static_cast<int64_t>(exact);
    };
    EXPECT_TRUE(agrees(base::CheckedAdd(a, b), static_cast<Int128>(a) + b)) << a << " + " << b;
    EXPECT_TRUE(agrees(base::CheckedSub(a, b), static_cast<Int128>(a) - b)) << a << " - " << b;
    EXPECT_TRUE(agrees(base::CheckedMul(a, b), static_cast<Int128>(a) * b)) << a << " * " << b;
  });
}

TEST(MoneyProperty, SplitSumsExactlyAndStaysNextToTheExactParts) {
  ForAll([](Rng& rng) {
    const int64_t total = AnyNumber(rng) & std::numeric_limits<int64_t>::max();
    std::vector<int64_t> weights(Between(rng, 1, 12));
    // Few different weights make ties.
    const int64_t greatest = rng() % 2 == 0 ? 3 : base::kMaxAmountFen;
    for (int64_t& weight : weights) weight = Between(rng, 0, greatest);
    const std::vector<int64_t> shares = base::SplitByLargestRemainder(total, weights);
    const Int128 sum = std::accumulate(weights.begin(), weights.end(), Int128{0});
    if (sum == 0) {
      EXPECT_TRUE(shares.empty());
      return;
    }

    ASSERT_EQ(shares.size(), weights.size());
    EXPECT_TRUE(std::accumulate(shares.begin(), shares.end(), Int128{0}) == total);
    const auto remainder = [&](size_t i) { return static_cast<Int128>(total) * weights[i] % sum; };
    const auto floor = [&](size_t i) { return static_cast<Int128>(total) * weights[i] / sum; };
    for (size_t i = 0; i < shares.size(); ++i) {
      EXPECT_TRUE(shares[i] == floor(i) || (shares[i] == floor(i) + 1 && remainder(i) > 0)) << i << " of " << total;
      for (size_t j = 0; j < shares.size(); ++j) {
        // Whoever got one more had the larger remainder, or the same and stands first.
        if (shares[i] > floor(i) && shares[j] == floor(j)) {
          EXPECT_TRUE(remainder(i) > remainder(j) || (remainder(i) == remainder(j) && i < j)) << i << " " << j;
        }
      }
    }
  });
}

TEST(MoneyProperty, YuanAreReadAsPrinted) {
  ForAll([](Rng& rng) {
    const int64_t fen = Between(rng, -base::kMaxAmountFen, base::kMaxAmountFen) >> Between(rng, 0, 50);
    const auto parsed = base::ParseYuan(base::FormatYuan(fen));
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(*parsed, fen);
  });
}

TEST(UsccProperty, EverySingleWrongCharacterIsFound) {
  ForAll([](Rng& rng) {
    std::string code;
    for (int i = 0; i < 17; ++i) code += AnyOf(rng, kUsccAlphabet);
    code += base::UsccCheckCharacter(code);
    ASSERT_TRUE(base::IsValidUscc(code)) << code;
    const size_t place = Between(rng, 0, 17);
    for (const char other : kUsccAlphabet) {
      if (other == code[place]) continue;
      std::string wrong = code;
      wrong[place] = other;
      EXPECT_FALSE(base::IsValidUscc(wrong)) << wrong;
    }
  });
}

TEST(UsccProperty, SwappedNeighboursAreFound) {
  ForAll([](Rng& rng) {
    std::string code;
    for (int i = 0; i < 17; ++i) code += AnyOf(rng, kUsccAlphabet);
    code += base::UsccCheckCharacter(code);
    const size_t place = Between(rng, 0, 16);
    if (code[place] == code[place + 1]) return;
    std::swap(code[place], code[place + 1]);
    EXPECT_FALSE(base::IsValidUscc(code)) << code;
  });
}

TEST(TextProperty, WhatIsEncodedIsCleanAndCutsAreNot) {
  ForAll([](Rng& rng) {
    const uint32_t code_point = static_cast<uint32_t>(Between(rng, 0xA0, 0x10FFFF));
    if (code_point >= 0xD800 && code_point <= 0xDFFF) return;
    std::string text;
    if (code_point < 0x800) {
      text = {static_cast<char>(0xC0 | code_point >> 6)};
    } else if (code_point < 0x10000) {
      text = {static_cast<char>(0xE0 | code_point >> 12), static_cast<char>(0x80 | (code_point >> 6 & 0x3F))};
    } else {
      text = {static_cast<char>(0xF0 | code_point >> 18), static_cast<char>(0x80 | (code_point >> 12 & 0x3F)),
              static_cast<char>(0x80 | (code_point >> 6 & 0x3F))};
    }
    EXPECT_FALSE(base::IsCleanText(text)) << code_point;
    text += static_cast<char>(0x80 | (code_point & 0x3F));
    EXPECT_TRUE(base::IsCleanText(text)) << code_point;
    EXPECT_EQ(base::CodePointCount(text), 1);
  });
}

class SeededRandom final : public base::Random {
 public:
  explicit SeededRandom(Rng& rng) : rng_(rng) {}
  uint64_t Next() override { return rng_(); }

 private:
  Rng& rng_;
};

TEST(IdsProperty, FollowersSortBehind) {
  ForAll([](Rng& rng) {
    SeededRandom random(rng);
    std::string id = base::NewId(absl::FromUnixMillis(Between(rng, 0, 4'000'000'000'000)), random);
    ASSERT_TRUE(base::IsValidId(id)) << id;
    // Near a carry, often.
    for (int64_t i = 25, nines = Between(rng, 0, 10); nines > 0; --nines, --i) id[i] = 'Z';
    const std::string next = base::FollowingId(id);
    EXPECT_LT(id, next);
    EXPECT_EQ(next.size(), id.size());
  });
}

TEST(KeysProperty, OrderedNumbersSortAsNumbers) {
  ForAll([](Rng& rng) {
    const int64_t a = AnyNumber(rng) & std::numeric_limits<int64_t>::max();
    const int64_t b = AnyNumber(rng) & std::numeric_limits<int64_t>::max();
    EXPECT_EQ(a < b, store::OrderedNumber(a) < store::OrderedNumber(b)) << a << " " << b;
    EXPECT_EQ(store::ParseOrderedNumber(store::OrderedNumber(a)), a);
  });
}

TEST(KeysProperty, ARangeHoldsItsPrefixAndNothingElse) {
  ForAll([](Rng& rng) {
    const auto text = [&](int64_t most) {
      std::string bytes(Between(rng, 0, most), '\0');
      for (char& byte : bytes) byte = AnyOf(rng, std::string_view("\0a/b~\x7F\xFE\xFF", 8));
      return bytes;
    };
    const std::string prefix = "p" + text(3);
    const std::string key = rng() % 2 == 0 ? prefix + text(3) : "p" + text(5);
    const bool in_range = key >= prefix && key < store::PrefixEnd(prefix);
    EXPECT_EQ(in_range, key.starts_with(prefix));
  });
}

TEST(PageTokenProperty, ComesBackForItsQueryAndNoOther) {
  ForAll([](Rng& rng) {
    const auto text = [&](int64_t most) {
      std::string bytes(Between(rng, 1, most), '\0');
      for (char& byte : bytes) byte = static_cast<char>(rng());
      return bytes;
    };
    const std::string query = text(20);
    const std::string key = text(40);
    const std::string token = rpc::EncodePageToken(query, key);
    const auto decoded = rpc::DecodePageToken(query, token);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, key);
    EXPECT_FALSE(rpc::DecodePageToken(query + "x", token).ok());

    std::string damaged = token;
    const size_t place = Between(rng, 0, static_cast<int64_t>(damaged.size()) - 1);
    damaged[place] = AnyOf(rng, std::string_view("ABab01-_=+/ \n"));
    EXPECT_TRUE(damaged == token || !rpc::DecodePageToken(query, damaged).ok()) << token << " " << damaged;
  });
}

}  // namespace
}  // namespace zhuxiao
