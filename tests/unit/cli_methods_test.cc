// How a method is found by its messages, in a program that has all services linked in.
#include <gtest/gtest.h>

#include "clients/cpp/client.h"
#include "google/protobuf/descriptor.h"
#include "services/base/strings.h"

namespace zhuxiao::client {
namespace {

// Every method that a caller could name is found by its messages, and no other is.
TEST(FindMethod, FindsEachMethodOfEachService) {
  int method_count = 0;
  for (const char* service :
       {"audit.v1.AuditService", "directory.v1.DirectoryService", "document.v1.DocumentService",
        "forward.v1.ForwardService", "listing.v1.ListingService", "matching.v1.MatchingService",
        "order.v1.OrderService", "partner.v1.PartnerService", "quota.v1.QuotaService", "report.v1.ReportService",
        "reward.v1.RewardService", "shipping.v1.ShippingService", "stall.v1.StallService"}) {
    const auto* descriptor =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(base::StrCat("zhuxiao.", service));
    ASSERT_NE(descriptor, nullptr) << service;
    for (int i = 0; i < descriptor->method_count(); ++i, ++method_count) {
      const auto* method = descriptor->method(i);
      EXPECT_EQ(FindMethod(*method->input_type(), *method->output_type()), method) << method->full_name();
    }
  }
  EXPECT_GT(method_count, 100);
}

}  // namespace
}  // namespace zhuxiao::client
