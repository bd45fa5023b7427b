// The token file: what is written, who is admitted, when a change is seen.
#include "services/rpc/token_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/base/errors.h"
#include "tests/support/callers.h"
#include "tests/support/fake_clock.h"

namespace zhuxiao::rpc {
namespace {

using testing::FakeClock;
using ::testing::HasSubstr;
using ::testing::Not;

class TokenFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "tokens.XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
    path_ = directory_ + "/tokens";
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  NewToken Create(base::Caller caller, absl::Duration lifetime = absl::Hours(1)) {
    auto token = CreateToken(path_, std::move(caller), lifetime, clock_, random_);
    EXPECT_TRUE(token.ok()) << token.status();
    return *token;
  }

  std::unique_ptr<TokenFile> Open() {
    auto file = TokenFile::Open(path_, clock_);
    EXPECT_TRUE(file.ok()) << file.status();
    return *std::move(file);
  }

  std::string Content() const {
    std::ostringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }

  FakeClock clock_;
  base::SystemRandom random_;
  std::string directory_;
  std::string path_;
};

void ExpectUnknown(const absl::StatusOr<base::Caller>& caller) {
  EXPECT_EQ(caller.status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(base::ReasonOf(caller.status()), base::ErrorReason::ERROR_REASON_TOKEN_INVALID);
}

TEST_F(TokenFileTest, ATokenStandsForItsCaller) {
  const NewToken token = Create(testing::SupplierOf(testing::Uscc("93", 7)));
  EXPECT_TRUE(token.secret.starts_with("zx_"));
  EXPECT_EQ(token.secret.size(), 3 + 43);
  const auto caller = Open()->Authenticate(token.secret);
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->role, base::Role::ROLE_SUPPLIER);
  EXPECT_EQ(caller->organisation, testing::Uscc("93", 7));
  EXPECT_EQ(caller->token_id, token.record.caller.token_id);
  EXPECT_NE(caller->token_id, "");
}

TEST_F(TokenFileTest, AnOfficersRegionIsKept) {
  const NewToken token = Create(testing::Officer("140321"));
  EXPECT_EQ(Open()->Authenticate(token.secret)->region, "140321");
}

TEST_F(TokenFileTest, TheSecretIsNotInTheFileAndTheFileIsPrivate) {
  const NewToken token = Create(testing::Operator());
  EXPECT_THAT(Content(), Not(HasSubstr(token.secret)));
  EXPECT_THAT(Content(), Not(HasSubstr(token.secret.substr(3))));
  EXPECT_THAT(Content(), HasSubstr(token.record.sha256));
  struct stat info = {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(TokenFileTest, OtherTextIsUnknown) {
  const NewToken token = Create(testing::Operator());
  auto file = Open();
  for (const std::string& text : {std::string(), token.secret + " ", token.secret.substr(1), token.record.sha256}) {
    ExpectUnknown(file->Authenticate(text));
  }
}

TEST_F(TokenFileTest, ATokenDiesAtItsExpiry) {
  const NewToken token = Create(testing::Operator(), absl::Minutes(10));
  auto file = Open();
  clock_.Advance(absl::Minutes(10) - absl::Seconds(1));
  EXPECT_TRUE(file->Authenticate(token.secret).ok());
  clock_.Advance(absl::Seconds(1));
  ExpectUnknown(file->Authenticate(token.secret));
}

TEST_F(TokenFileTest, ANewTokenWorksAtOnce) {
  Create(testing::Operator());
  auto file = Open();
  const NewToken token = Create(testing::Auditor());
  EXPECT_TRUE(file->Authenticate(token.secret).ok());
}

TEST_F(TokenFileTest, ARevokedTokenDiesWithinASecond) {
  const NewToken token = Create(testing::Operator());
  const NewToken other = Create(testing::Auditor());
  auto file = Open();
  EXPECT_TRUE(file->Authenticate(token.secret).ok());
  ASSERT_TRUE(RevokeToken(path_, token.record.caller.token_id).ok());
  clock_.Advance(absl::Seconds(1));
  ExpectUnknown(file->Authenticate(token.secret));
  EXPECT_TRUE(file->Authenticate(other.secret).ok());
}

TEST_F(TokenFileTest, RevokingAnUnknownTokenIsNotFound) {
  Create(testing::Operator());
  EXPECT_EQ(RevokeToken(path_, "nothing").code(), absl::StatusCode::kNotFound);
}

TEST_F(TokenFileTest, TokensAreListedInOrder) {
  EXPECT_TRUE(ListTokens(path_)->empty());
  const NewToken first = Create(testing::Officer("14"));
  const NewToken second = Create(testing::InstitutionOf(testing::Uscc("12", 3)));
  const auto listed = ListTokens(path_);
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->size(), 2u);
  EXPECT_EQ((*listed)[0].caller.token_id, first.record.caller.token_id);
  EXPECT_EQ((*listed)[1].caller.organisation, testing::Uscc("12", 3));
  EXPECT_EQ((*listed)[1].expires, second.record.expires);
}

TEST_F(TokenFileTest, ADamagedFileLeavesTheFormerTokensInForce) {
  const NewToken token = Create(testing::Operator());
  auto file = Open();
  std::ofstream(path_, std::ios::app) << "half a li";
  clock_.Advance(absl::Seconds(2));
  EXPECT_TRUE(file->Authenticate(token.secret).ok());
  const absl::Status status = ListTokens(path_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("line 3"));
  EXPECT_EQ(TokenFile::Open(path_, clock_).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(TokenFileTest, AFileThatIsGoneAdmitsNobody) {
  const NewToken token = Create(testing::Operator());
  auto file = Open();
  std::filesystem::remove(path_);
  clock_.Advance(absl::Seconds(2));
  ExpectUnknown(file->Authenticate(token.secret));
}

TEST_F(TokenFileTest, EveryFaultOfANewTokenIsNamed) {
  base::Caller caller{.role = base::Role::ROLE_SUPPLIER, .organisation = "93", .region = "1"};
  const absl::Status status = CreateToken(path_, caller, absl::ZeroDuration(), clock_, random_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  for (const char* field : {"organisation", "region", "lifetime"}) {
    EXPECT_THAT(std::string(status.message()), HasSubstr(field));
  }
  EXPECT_FALSE(CreateToken(path_, {}, absl::Hours(1), clock_, random_).ok());
  EXPECT_FALSE(CreateToken(path_, testing::Operator(), kMaxTokenLifetime + absl::Seconds(1), clock_, random_).ok());
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(TokenFileTest, WritersAtOnceLoseNothing) {
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([this] {
      for (int j = 0; j < 5; ++j) Create(testing::Operator());
    });
  }
  for (auto& writer : writers) writer.join();
  const auto listed = ListTokens(path_);
  ASSERT_TRUE(listed.ok());
  std::set<std::string> ids;
  for (const auto& record : *listed) ids.insert(record.caller.token_id);
  EXPECT_EQ(ids.size(), 20u);
}

}  // namespace
}  // namespace zhuxiao::rpc
