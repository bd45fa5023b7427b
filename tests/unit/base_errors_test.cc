// Errors carry their reason and details as google.rpc messages.
#include "services/base/errors.h"

#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"

namespace zhuxiao::base {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

template <typename Detail>
Detail DetailOf(const absl::Status& status) {
  Detail detail;
  const auto payload = status.GetPayload("type.googleapis.com/" + Detail::descriptor()->full_name());
  EXPECT_TRUE(payload && detail.ParseFromString(std::string(*payload)));
  return detail;
}

TEST(ErrorsTest, CarryReasonDomainAndMetadata) {
  const absl::Status status =
      MakeError(absl::StatusCode::kAborted, ErrorReason::ERROR_REASON_CONFLICT, "busy", {{"key", "value"}});
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(status.message(), "busy");
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  EXPECT_EQ(info.reason(), "CONFLICT");
  EXPECT_EQ(info.domain(), "zhuxiao");
  EXPECT_EQ(ReasonOf(status), ErrorReason::ERROR_REASON_CONFLICT);
  EXPECT_EQ(MetadataOf(status, "key"), "value");
  EXPECT_EQ(MetadataOf(status, "other"), "");
}

TEST(ErrorsTest, WithoutDetailsHaveNoReason) {
  EXPECT_EQ(ReasonOf(absl::InternalError("x")), ErrorReason::ERROR_REASON_UNSPECIFIED);
  EXPECT_EQ(ReasonOf(absl::OkStatus()), ErrorReason::ERROR_REASON_UNSPECIFIED);
}

TEST(ErrorsTest, RefusalsNameTheSubject) {
  const absl::Status status =
      Refuse(ErrorReason::ERROR_REASON_QUOTA_EXCEEDED, "quota/2020", "over the limit", {{"limit_fen", "5"}});
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(MetadataOf(status, "limit_fen"), "5");
  const auto failure = DetailOf<google::rpc::PreconditionFailure>(status);
  ASSERT_EQ(failure.violations_size(), 1);
  EXPECT_EQ(failure.violations(0).type(), "QUOTA_EXCEEDED");
  EXPECT_EQ(failure.violations(0).subject(), "quota/2020");
}

TEST(ErrorsTest, HaveTheCodesOfTheContract) {
  EXPECT_EQ(NotFound("listing", "1").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(AlreadyExists("listing", "1").code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(EtagMismatch("listing", "1").code(), absl::StatusCode::kAborted);
  EXPECT_EQ(DataLoss("x").code(), absl::StatusCode::kDataLoss);
  const absl::Status overloaded = Overloaded("later", absl::Milliseconds(1'500));
  EXPECT_EQ(overloaded.code(), absl::StatusCode::kResourceExhausted);
  const auto retry = DetailOf<google::rpc::RetryInfo>(overloaded);
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 500'000'000);
}

TEST(FieldErrorsTest, NameAllInOrder) {
  FieldErrors errors;
  EXPECT_TRUE(errors.ToStatus().ok());
  EXPECT_TRUE(errors.Require(true, "a", "fine"));
  EXPECT_FALSE(errors.Require(false, "b", "is bad"));
  errors.Add("c.d", "is worse");
  const absl::Status status = errors.ToStatus();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), ErrorReason::ERROR_REASON_INVALID_FIELDS);
  EXPECT_THAT(std::string(status.message()), HasSubstr("b: is bad; c.d: is worse"));

  FieldErrors whole;
  whole.Add("first", "x");
  whole.Absorb(status);
  whole.Absorb(NotFound("listing", "1"));
  whole.Absorb(absl::OkStatus());
  EXPECT_THAT(whole.violations(), ElementsAre(Pair("first", "x"), Pair("b", "is bad"), Pair("c.d", "is worse")));
}

TEST(FieldErrorsTest, GoBeforeWhatIsWrongNow) {
  FieldErrors errors;
  EXPECT_TRUE(errors.Else(absl::OkStatus()).ok());
  EXPECT_EQ(ReasonOf(errors.Else(NotFound("listing", "1"))), ErrorReason::ERROR_REASON_NOT_FOUND);
  EXPECT_FALSE(errors.Names("a"));
  errors.Add("a", "is bad");
  EXPECT_EQ(errors.Else(NotFound("listing", "1")), errors.ToStatus());
  EXPECT_TRUE(errors.Names("a"));
  EXPECT_FALSE(errors.Names("a.b"));
}

}  // namespace
}  // namespace zhuxiao::base
