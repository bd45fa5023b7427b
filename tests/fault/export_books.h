// Reads all books and the whole feed of a server.
#pragma once

#include <gtest/gtest.h>

#include <utility>

#include "clients/cpp/client.h"
#include "tests/fault/book_checks.h"

namespace zhuxiao::testing {

inline Books ExportBooks(const client::Client& auditor) {
  using audit::v1::AuditService;
  Books books;
  const absl::Status rows =
      auditor.ReadAll<AuditService::Stub, audit::v1::ExportBooksRequest, audit::v1::ExportBooksResponse>(
          &AuditService::Stub::ExportBooks, {}, [&books](audit::v1::ExportBooksResponse& row) {
            books.rows.push_back(std::move(row));
            return absl::OkStatus();
          });
  EXPECT_TRUE(rows.ok()) << rows;
  const absl::Status events =
      auditor.ReadAll<AuditService::Stub, audit::v1::ReadFeedRequest, audit::v1::ReadFeedResponse>(
          &AuditService::Stub::ReadFeed, {}, [&books](audit::v1::ReadFeedResponse& event) {
            books.events.push_back(std::move(event));
            return absl::OkStatus();
          });
  EXPECT_TRUE(events.ok()) << events;
  return books;
}

}  // namespace zhuxiao::testing
