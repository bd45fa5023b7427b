// Records as files: signed, read back, replayed; and every way of changing one refused with its reason.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/escaping.h"
#include "services/base/digest.h"
#include "services/base/strings.h"
#include "services/reward/record/record_file.h"
#include "services/reward/record/replay.h"
#include "services/reward/record/signing_key.h"
#include "tests/support/scratch_directory.h"

namespace zhuxiao::reward::record {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kPolicy[] =
    "[policy]\nid = \"p\"\nversion = 1\njurisdiction = \"14\"\ntitle_zh = \"p\"\ntitle_en = \"p\"\nsource = \"p\"\n"
    "[period]\nclock = \"order\"\nfirst_day = 2021-01-01\nlast_day = 2021-12-31\n[scope]\nprogrammes = [\"poor\"]\n"
    "[grant]\nkind = \"rate\"\nrate_basis_points = 100\n[applicant]\ndocuments = [\"licence\"]\n";
constexpr char kSales[] =
    "platform,order_no,line_no,kind,claimant_uscc,origin_region,destination_region,commodity,amount_fen,parcels,"
    "waybill_no,parcel_fee_fen,order_time,payment_time,waybill_time,accept_time,refund_of,designations\n"
    "jd,1,1,sale,A,141032,,,10000,,,,2021-05-01T00:00:00Z,,,,,poor/v1/141032\n"
    "jd,2,1,sale,A,141032,,,10000,,,,2021-05-01T00:00:00Z,,,,,\n"
    "jd,3,1,sale,B,141032,,,50000,,,,2021-05-01T00:00:00Z,,,,,rich/v1/14;poor/v1/141032\n";
constexpr char kApplicants[] = "claimant_uscc,registered_on,documents\nA,,licence\n";
constexpr char kStatement[] =
    "claimant,counted_fen,refunded_fen,net_fen,reward_fen,reason\nA,10000,0,10000,100,rate\n"
    "B,50000,0,50000,0,conditions_unmet\n";
constexpr char kLines[] =
    "line,state,reason\njd/1/1,counted,in_scope\njd/2/1,excluded,not_designated\njd/3/1,counted,in_scope\n";

class RecordTest : public testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) const {
    const std::string path = directory_.path() + "/" + name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  static std::string Read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  SigningKey NewKey(const std::string& name) const {
    auto key = SigningKey::Create(directory_.path() + "/" + name);
    EXPECT_TRUE(key.ok()) << key.status();
    return *std::move(key);
  }

  std::string Record(const std::string& statement = kStatement, const std::string& lines = kLines) const {
    const std::string path = directory_.path() + "/record";
    const absl::Status written = WriteRecord({{"claim", "c 1"}},
                                             {{kPolicyPart, Write("a", kPolicy)},
                                              {kApplicantsPart, Write("b", kApplicants)},
                                              {kSalesPart, Write("c", kSales)},
                                              {kStatementPart, Write("d", statement)},
                                              {kLinesPart, Write("e", lines)}},
                                             key_, path);
    EXPECT_TRUE(written.ok()) << written;
    return path;
  }

  // Why a record of these bytes is refused.
  std::string Refused(const std::string& bytes, const std::optional<PublicKey>& expected = std::nullopt) const {
    const auto replay = ReplayRecord(Write("changed", bytes), expected, 1);
    EXPECT_FALSE(replay.ok());
    return std::string(replay.status().message());
  }

  static std::string Changed(std::string text, const std::string& from, const std::string& to) {
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  }

  const ScratchDirectory directory_;
  const SigningKey key_ = NewKey("key.pem");
};

TEST_F(RecordTest, ReplaysToTheSameBytesAndIsTheSameFileEachTime) {
  const std::string path = Record();
  const std::string bytes = Read(path);
  const auto replay = ReplayRecord(path, key_.public_key(), 2);
  ASSERT_TRUE(replay.ok()) << replay.status();
  EXPECT_THAT(replay->differences, IsEmpty());
  EXPECT_EQ(replay->difference_count, 0);
  EXPECT_THAT(replay->manifest.facts, ElementsAre(std::pair("engine", "1"), std::pair("claim", "c 1")));
  Record();
  EXPECT_EQ(Read(path), bytes);
}

TEST_F(RecordTest, EveryDifferenceIsNamed) {
  const std::string statement = Changed(Changed(kStatement, "100,rate", "101,rate"), "B,", "C,");
  const auto replay = ReplayRecord(Record(statement, Changed(kLines, "jd/3/1,counted,in_scope\n", "")), {}, 1);
  ASSERT_TRUE(replay.ok()) << replay.status();
  EXPECT_EQ(replay->difference_count, 3);
  EXPECT_THAT(replay->differences,
              ElementsAre("statement.csv line 2: recorded A,10000,0,10000,101,rate, computed A,10000,0,10000,100,rate",
                          "statement.csv line 3: recorded C,50000,0,50000,0,conditions_unmet, computed "
                          "B,50000,0,50000,0,conditions_unmet",
                          "lines.csv line 4: recorded nothing, computed jd/3/1,counted,in_scope"));
}

TEST_F(RecordTest, AChangedRecordIsRefusedWithEveryReason) {
  const std::string bytes = Read(Record());
  EXPECT_THAT(Refused(Changed(bytes, "fact claim c 1", "fact claim c 2")), HasSubstr("the signature is not one of"));
  EXPECT_THAT(Refused(Changed(bytes, ",10000,,,,2021", ",90000,,,,2021")),
              HasSubstr("sales.csv is not what was signed"));
  const std::string both = Refused(Changed(Changed(bytes, "A,,licence", "B,,licence"), "100,rate", "900,rate"));
  EXPECT_THAT(both, HasSubstr("applicants.csv is not"));
  EXPECT_THAT(both, HasSubstr("statement.csv is not"));
  EXPECT_THAT(Refused(bytes.substr(0, bytes.size() - 1)), HasSubstr("lines.csv ends after"));
  EXPECT_THAT(Refused(bytes + "x"), HasSubstr("more follows"));
  EXPECT_THAT(Refused("something else"), HasSubstr("is no record of rewards"));
  EXPECT_THAT(Refused(Changed(bytes, "part policy.toml", "part ../policy.toml")),
              HasSubstr("is no line of a manifest"));
  EXPECT_EQ(ReplayRecord(directory_.path() + "/none", {}, 1).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(RecordTest, WhoeverSignsAgainIsNotTheOneExpected) {
  const SigningKey other = NewKey("other.pem");
  const std::string bytes = Read(Record());
  // A forger changes the statement, its digest and the key, and signs it all: sound, but by another key.
  EXPECT_THAT(Refused(bytes, other.public_key()),
              AllOf(HasSubstr("signed by key " + key_.public_key().Id()), HasSubstr(other.public_key().Id())));
  const std::string forged = Changed(bytes, absl::BytesToHexString(key_.public_key().bytes()),
                                     absl::BytesToHexString(other.public_key().bytes()));
  EXPECT_THAT(Refused(forged, key_.public_key()),
              AllOf(HasSubstr("the signature is not one of"), HasSubstr("not by " + key_.public_key().Id())));
}

TEST_F(RecordTest, AnInputTheEngineRefusesIsTold) {
  const std::string path = directory_.path() + "/record";
  ASSERT_TRUE(WriteRecord({},
                          {{kPolicyPart, Write("a", kPolicy)},
                           {kSalesPart, Write("c", Changed(kSales, ",10000,", ",-5,"))},
                           {kStatementPart, Write("d", kStatement)},
                           {kLinesPart, Write("e", kLines)}},
                          key_, path)
                  .ok());
  const auto replay = ReplayRecord(path, {}, 1);
  EXPECT_THAT(std::string(replay.status().message()), HasSubstr("sales.csv:2: amount_fen: must not be negative"));
}

TEST_F(RecordTest, AKeyIsItsOwnersAloneAndNeverOverwritten) {
  const std::string path = directory_.path() + "/key.pem";
  EXPECT_EQ(SigningKey::Create(path).status().code(), absl::StatusCode::kAlreadyExists);
  const auto read = SigningKey::Read(path);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->public_key().bytes(), key_.public_key().bytes());
  struct stat status = {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  chmod(path.c_str(), 0640);
  EXPECT_THAT(std::string(SigningKey::Read(path).status().message()), HasSubstr("chmod 600"));
  EXPECT_FALSE(SigningKey::Read(Write("x.pem", "no key")).ok());
  const auto again = PublicKey::FromPem(key_.public_key().Pem());
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->Verifies("text", key_.Sign("text")));
  EXPECT_FALSE(again->Verifies("Text", key_.Sign("text")));
}

// The first test of RFC 8032, section 7.1: an empty text.
TEST(Ed25519, ChecksSignaturesAsTheStandardMakesThem) {
  const auto key =
      PublicKey::FromBytes(absl::HexStringToBytes("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
  ASSERT_TRUE(key.ok());
  const std::string signature = absl::HexStringToBytes(
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
      "655"
      "141438e7a100b");
  EXPECT_TRUE(key->Verifies("", signature));
  EXPECT_FALSE(key->Verifies(" ", signature));
}

}  // namespace
}  // namespace zhuxiao::reward::record
