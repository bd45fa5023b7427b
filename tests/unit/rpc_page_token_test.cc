// Page tokens: they go round, and nothing else gets in.
#include "services/rpc/page_token.h"

#include "gtest/gtest.h"
#include "services/base/errors.h"

namespace zhuxiao::rpc {
namespace {

void ExpectRefused(const absl::StatusOr<std::string>& key, const std::string& what) {
  EXPECT_EQ(key.status().code(), absl::StatusCode::kInvalidArgument) << what;
  EXPECT_EQ(base::ReasonOf(key.status()), base::ErrorReason::ERROR_REASON_PAGE_TOKEN_INVALID) << what;
  const auto bad_request = key.status().GetPayload("type.googleapis.com/google.rpc.BadRequest");
  ASSERT_TRUE(bad_request.has_value()) << what;
  EXPECT_NE(std::string(*bad_request).find("page_token"), std::string::npos) << what;
}

TEST(PageTokenTest, TheKeyComesBack) {
  for (const std::string& key : {std::string(), std::string("listing/1"), std::string("\0\xFF\n键", 6)}) {
    const auto decoded = DecodePageToken("query", EncodePageToken("query", key));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, key);
  }
}

TEST(PageTokenTest, AnotherQueryIsRefused) {
  ExpectRefused(DecodePageToken("county 140321", EncodePageToken("county 140322", "key")), "another query");
}

TEST(PageTokenTest, EveryChangedCharacterIsRefused) {
  const std::string token = EncodePageToken("query", "a key of some length");
  for (size_t i = 0; i < token.size(); ++i) {
    for (const char c : {'A', 'z', '5', '-', '=', ' '}) {
      if (token[i] == c) continue;
      std::string damaged = token;
      damaged[i] = c;
      ExpectRefused(DecodePageToken("query", damaged), damaged);
    }
  }
}

TEST(PageTokenTest, EveryShorterAndLongerTokenIsRefused) {
  const std::string token = EncodePageToken("query", "key");
  for (size_t length = 0; length < token.size(); ++length) {
    ExpectRefused(DecodePageToken("query", token.substr(0, length)), token.substr(0, length));
  }
  for (const char* tail : {"A", "AAAA", "=", " ", "\n"}) ExpectRefused(DecodePageToken("query", token + tail), tail);
}

}  // namespace
}  // namespace zhuxiao::rpc
