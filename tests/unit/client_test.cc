// The client library against a server that does what each test says.
#include "clients/cpp/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "clients/cpp/pager.h"
#include "clients/cpp/sales_report.h"
#include "google/rpc/error_details.pb.h"
#include "tests/unit/client_fake.h"

namespace zhuxiao::client {
namespace {

using listing::v1::CreateListingRequest;
using listing::v1::ListListingsRequest;
using listing::v1::ListListingsResponse;

class ClientTest : public testing::Test {
 protected:
  Client MakeClient(absl::Duration deadline = kDefaultDeadline) {
    return Client({.target = server_.target(), .token = "secret", .tls_ca_pem = "", .deadline = deadline}, clock_,
                  random_);
  }

  FakeServer server_;
  base::SystemClock clock_;
  base::SystemRandom random_;
};

TEST_F(ClientTest, SendsTheTokenAndMintsARequestId) {
  ASSERT_TRUE(MakeClient().Call<listing::v1::CreateListingResponse>(CreateListingRequest()).ok());
  EXPECT_EQ(server_.listings.authorization, "Bearer secret");
  EXPECT_TRUE(base::IsValidId(server_.listings.create.requests.at(0).request_id()));
}

TEST_F(ClientTest, KeepsARequestIdTheCallerMinted) {
  CreateListingRequest request;
  request.set_request_id("mine");
  ASSERT_TRUE(MakeClient().Call<listing::v1::CreateListingResponse>(request).ok());
  EXPECT_EQ(server_.listings.create.requests.at(0).request_id(), "mine");
}

TEST_F(ClientTest, EachIntentGetsItsOwnRequestId) {
  const Client client = MakeClient();
  ASSERT_TRUE(client.Call<listing::v1::CreateListingResponse>(CreateListingRequest()).ok());
  ASSERT_TRUE(client.Call<listing::v1::CreateListingResponse>(CreateListingRequest()).ok());
  const auto& requests = server_.listings.create.requests;
  EXPECT_NE(requests.at(0).request_id(), requests.at(1).request_id());
}

TEST_F(ClientTest, RetriesKeepTheRequestId) {
  for (const absl::StatusCode code : {absl::StatusCode::kUnavailable, absl::StatusCode::kResourceExhausted}) {
    auto& create = server_.listings.create;
    create.requests.clear();
    create.answer = [&create, code](const auto&, auto&) {
      return create.requests.size() < 3 ? absl::Status(code, "not now") : absl::OkStatus();
    };
    ASSERT_TRUE(MakeClient().Call<listing::v1::CreateListingResponse>(CreateListingRequest()).ok());
    ASSERT_EQ(create.requests.size(), 3);
    EXPECT_FALSE(create.requests[0].request_id().empty());
    EXPECT_EQ(create.requests[0].request_id(), create.requests[1].request_id());
    EXPECT_EQ(create.requests[0].request_id(), create.requests[2].request_id());
  }
}

TEST_F(ClientTest, DoesNotRetryARefusal) {
  server_.listings.create.answer = [](const auto&, auto&) {
    return base::Refuse(base::ErrorReason::ERROR_REASON_SUPPLIER_NOT_ACTIVE, "93", "not active");
  };
  const auto response = MakeClient().Call<listing::v1::CreateListingResponse>(CreateListingRequest());
  EXPECT_EQ(response.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(server_.listings.create.requests.size(), 1);
}

TEST_F(ClientTest, WhatNoServerTakesIsNotSent) {
  CreateListingRequest request;
  request.mutable_listing()->set_title(std::string(kMaxRequestBytes, 'x'));
  const absl::Time begin = absl::Now();
  const auto response = MakeClient().Call<listing::v1::CreateListingResponse>(request);
  EXPECT_EQ(response.status().code(), absl::StatusCode::kInvalidArgument) << response.status();
  EXPECT_EQ(base::ReasonOf(response.status()), base::ErrorReason::ERROR_REASON_INVALID_FIELDS);
  EXPECT_THAT(response.status().message(), testing::HasSubstr("4194304")) << absl::Now() - begin;
  EXPECT_TRUE(server_.listings.create.requests.empty());

  const Client client = MakeClient();
  SalesReport report(client);
  reward::v1::SaleEntry entry;
  entry.mutable_sale()->set_platform_order_no(std::string(kMaxRequestBytes, 'x'));
  report.Add(entry);
  EXPECT_EQ(base::ReasonOf(report.Finish().status()), base::ErrorReason::ERROR_REASON_INVALID_FIELDS);
  EXPECT_TRUE(server_.rewards.batches.empty());
}

TEST_F(ClientTest, ErrorsKeepReasonMetadataAndFields) {
  server_.listings.create.answer = [](const auto&, auto&) {
    return base::MakeError(absl::StatusCode::kAborted, base::ErrorReason::ERROR_REASON_CONFLICT, "busy",
                           {{"listing_id", "L1"}});
  };
  auto response = MakeClient().Call<listing::v1::CreateListingResponse>(CreateListingRequest());
  EXPECT_EQ(response.status().message(), "busy");
  EXPECT_EQ(base::ReasonOf(response.status()), base::ErrorReason::ERROR_REASON_CONFLICT);
  EXPECT_EQ(base::MetadataOf(response.status(), "listing_id"), "L1");

  server_.listings.create.answer = [](const auto&, auto&) {
    base::FieldErrors errors;
    errors.Add("listing.title", "is required");
    errors.Add("listing.sale_unit", "is required");
    return errors.ToStatus();
  };
  response = MakeClient().Call<listing::v1::CreateListingResponse>(CreateListingRequest());
  google::rpc::BadRequest bad_request;
  const auto payload = response.status().GetPayload("type.googleapis.com/google.rpc.BadRequest");
  ASSERT_TRUE(payload && bad_request.ParseFromString(std::string(*payload)));
  EXPECT_EQ(bad_request.field_violations_size(), 2);
}

TEST_F(ClientTest, CallsByDescriptorLikeByMessages) {
  server_.listings.create.answer = [](const CreateListingRequest& request, auto& response) {
    *response.mutable_listing() = request.listing();
    return absl::OkStatus();
  };
  const auto* method = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
      "zhuxiao.listing.v1.ListingService.CreateListing");
  CreateListingRequest request;
  request.mutable_listing()->set_title("鸡蛋");
  listing::v1::CreateListingResponse response;
  ASSERT_TRUE(MakeClient().Call(*method, request, response).ok());
  EXPECT_EQ(response.listing().title(), "鸡蛋");
  EXPECT_EQ(server_.listings.create.requests.at(0).request_id(), request.request_id());
  EXPECT_FALSE(request.request_id().empty());
}

TEST_F(ClientTest, MessagesOfNoMethodAreUnimplemented) {
  const auto response = MakeClient().Call<listing::v1::UpdateListingResponse>(CreateListingRequest());
  EXPECT_EQ(response.status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(response.status().message(), testing::HasSubstr("CreateListingRequest"));
}

TEST_F(ClientTest, GivesUpAtItsDeadline) {
  server_.listings.create.answer = [](const auto&, auto&) {
    absl::SleepFor(absl::Milliseconds(300));
    return absl::OkStatus();
  };
  const auto response =
      MakeClient(absl::Milliseconds(50)).Call<listing::v1::CreateListingResponse>(CreateListingRequest());
  EXPECT_EQ(response.status().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(ClientTest, ATokenNoHeaderCanCarryIsAnErrorAndNothingIsSent) {
  for (const char* token : {"two\nlines", "return\r", "鸡蛋", "a blank"}) {
    const Client client({.target = server_.target(), .token = token, .tls_ca_pem = ""}, clock_, random_);
    const auto response = client.Call<listing::v1::CreateListingResponse>(CreateListingRequest());
    EXPECT_TRUE(absl::IsInvalidArgument(response.status())) << response.status();
    EXPECT_EQ(response.status().message().find(token), absl::string_view::npos);
    SalesReport report(client);
    report.Add(reward::v1::SaleEntry());
    report.Finish().status().IgnoreError();
  }
  EXPECT_TRUE(server_.listings.create.requests.empty());
}

TEST_F(ClientTest, AStreamThatHearsNothingEndsWithItsPatience) {
  std::promise<void> released;
  server_.rewards.take = [release = released.get_future().share()](const auto&, int64_t, auto&) { release.wait(); };
  const Client client(
      {.target = server_.target(), .token = "secret", .tls_ca_pem = "", .stream_patience = absl::Milliseconds(200)},
      clock_, random_);
  SalesReport report(client);
  report.Add(reward::v1::SaleEntry());
  EXPECT_TRUE(absl::IsDeadlineExceeded(report.Finish().status()));
  released.set_value();
}

TEST_F(ClientTest, PagerReadsEveryPageAndAFailedOneAgain) {
  int failures_left = 1;
  server_.listings.list.answer = [&](const ListListingsRequest& request, ListListingsResponse& response) {
    const int page = request.page_token().empty() ? 0 : std::stoi(request.page_token());
    if (page == 1 && failures_left-- > 0) return absl::AbortedError("once");
    response.add_listings()->set_listing_id("L" + std::to_string(page));
    if (page < 2) response.set_next_page_token(std::to_string(page + 1));
    return absl::OkStatus();
  };
  const Client client = MakeClient();
  Pager<ListListingsResponse, ListListingsRequest> pager(client, ListListingsRequest());
  std::vector<std::string> ids;
  int errors = 0;
  while (!pager.done()) {
    const auto page = pager.Next();
    if (!page.ok()) {
      ++errors;
      continue;
    }
    for (const auto& listing : page->listings()) ids.push_back(listing.listing_id());
  }
  EXPECT_THAT(ids, testing::ElementsAre("L0", "L1", "L2"));
  EXPECT_EQ(errors, 1);
}

reward::v1::SaleEntry Entry(int i) {
  reward::v1::SaleEntry entry;
  entry.mutable_sale()->set_platform_order_no("N" + std::to_string(i));
  return entry;
}

TEST_F(ClientTest, SalesReportSendsFullBatchesAndTheRest) {
  const Client client = MakeClient();
  SalesReport report(client);
  for (int i = 0; i < 1201; ++i) ASSERT_TRUE(report.Add(Entry(i)));
  const auto response = report.Finish();
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->taken_count(), 1201);
  ASSERT_EQ(server_.rewards.batches.size(), 3);
  EXPECT_EQ(server_.rewards.batches[0].entries_size(), 500);
  EXPECT_EQ(server_.rewards.batches[2].entries_size(), 201);
  EXPECT_EQ(server_.rewards.batches[2].entries(200).sale().platform_order_no(), "N1200");
}

TEST_F(ClientTest, EmptySalesReportMakesNoCall) {
  const Client client = MakeClient();
  const auto response = SalesReport(client).Finish();
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->taken_count(), 0);
  EXPECT_TRUE(server_.rewards.batches.empty());
}

TEST_F(ClientTest, SalesReportTellsWhyTheStreamEnded) {
  server_.rewards.outcome = base::MakeError(absl::StatusCode::kPermissionDenied,
                                            base::ErrorReason::ERROR_REASON_ROLE_NOT_ALLOWED, "not a platform");
  const Client client = MakeClient();
  SalesReport report(client);
  report.Add(Entry(0));
  const auto response = report.Finish();
  EXPECT_EQ(base::ReasonOf(response.status()), base::ErrorReason::ERROR_REASON_ROLE_NOT_ALLOWED);
}

TEST(FromGrpc, DropsDetailsThatDoNotParse) {
  const absl::Status status = FromGrpc({grpc::StatusCode::NOT_FOUND, "gone", "\xff\xff"});
  EXPECT_EQ(status, absl::NotFoundError("gone"));
}

}  // namespace
}  // namespace zhuxiao::client
