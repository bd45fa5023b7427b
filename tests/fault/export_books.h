// Reads all books of a server and its feed as far as they stand.
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
  // A server that just started fills standing orders though no client trades.
  audit::v1::ReadFeedRequest feed;
  if (!books.rows.empty()) *feed.mutable_up_to() = books.rows.front().position();
  const absl::Status events =
      auditor.ReadAll<audit::v1::ReadFeedResponse>(feed, [&books](audit::v1::ReadFeedResponse& event) {
        books.events.push_back(std::move(event));
        return absl::OkStatus();
      });
  EXPECT_TRUE(events.ok()) << events;
  return books;
}

}  // namespace zhuxiao::testing
