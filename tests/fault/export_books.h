// Reads all books and the whole feed of a server.
#pragma once

#include <gtest/gtest.h>

#include <utility>

#include "clients/cpp/client.h"
#include "tests/fault/book_checks.h"

namespace zhuxiao::testing {

inline Books ExportBooks(const client::Client& auditor) {
  Books books;
  const absl::Status rows = auditor.ReadAll<audit::v1::ExportBooksResponse>(
      audit::v1::ExportBooksRequest(), [&books](audit::v1::ExportBooksResponse& row) {
        books.rows.push_back(std::move(row));
        return absl::OkStatus();
      });
  EXPECT_TRUE(rows.ok()) << rows;
  const absl::Status events = auditor.ReadAll<audit::v1::ReadFeedResponse>(
      audit::v1::ReadFeedRequest(), [&books](audit::v1::ReadFeedResponse& event) {
        books.events.push_back(std::move(event));
        return absl::OkStatus();
      });
  EXPECT_TRUE(events.ok()) << events;
  return books;
}

}  // namespace zhuxiao::testing
