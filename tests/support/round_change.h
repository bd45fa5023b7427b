// Makes the changes that explanations of rounds offer, as a reader of their text would.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include "services/base/clock.h"
#include "services/matching/round_book.h"

namespace zhuxiao::testing {

// The row an explanation is about.
struct ExplainedRow {
  bool is_listing = false;
  uint32_t place = 0;
};

inline int64_t FenOf(const std::string& yuan) {
  const size_t point = yuan.find('.');
  return std::stoll(yuan.substr(0, point)) * 100 + std::stoll(yuan.substr(point + 1));
}

// The book with one change made: "limit_price at least 3.50 yuan". False for a text that is none.
inline bool MakeChange(const std::string& change, const ExplainedRow& row, matching::RoundBook& book) {
  const size_t space = change.find(' ');
  const size_t most = change.find(" at most ");
  const size_t least = change.find(" at least ");
  const std::string field = change.substr(0, space);
  const size_t sign = most != std::string::npos ? most + 9 : least + 10;
  const bool has_value = most != std::string::npos || least != std::string::npos;
  const std::string value = has_value ? change.substr(sign, change.find(' ', sign) - sign) : "";
  const auto day = [&] { return static_cast<int32_t>(base::ParseDay(value).value_or(0)); };
  if (row.is_listing) {
    matching::RoundListing& listing = book.listings[row.place];
    if (field == "unit_price") return (listing.unit_price_fen = FenOf(value)) > 0;
    if (field == "ready_time") return (listing.ready_day = day()), true;
    if (field == "last_sale_time") return (listing.last_sale_day = day()), true;
    if (field == "min_lot_units") return (listing.min_lot_units = std::stoll(value)) > 0;
    if (field == "listed_units") return (listing.units = std::stoll(value)) > 0;
    return false;
  }
  matching::RoundOrder& order = book.orders[row.place];
  if (field == "limit_price") return (order.limit_price_fen = FenOf(value)) > 0;
  if (field == "deliver_by_time") return (order.deliver_by_day = day()), true;
  if (field == "quantity_base") return (order.quantity_base = std::stoll(value)) > 0;
  if (field == "allow_partial") return order.is_partial_allowed = true;
  if (field != "spending") return false;
  book.institutions[order.institution].limit_fen += FenOf(value);
  return FenOf(value) > 0;
}

// The changes of a text: "allow_partial, or quantity_base at most 4500" is two.
inline std::vector<std::string> ChangesOf(const std::string& text) {
  if (text.empty()) return {};
  const size_t comma = text.find(", or ");
  if (comma == std::string::npos) return {text};
  return {text.substr(0, comma), text.substr(comma + 5)};
}

}  // namespace zhuxiao::testing
