#include "tests/fault/balance_history.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"

namespace zhuxiao::testing {
namespace {

using absl::StrCat;
using Span = BalanceHistory::Span;
using Kind = BalanceOperation::Kind;

constexpr size_t kListingBalances = 6;

std::vector<int64_t> UnitsOf(const listing::v1::Balances& b) {
  return {b.available(), b.held(), b.contracted(), b.sold(), b.spoiled(), b.withdrawn()};
}

std::string ListingKey(const std::string& id) { return StrCat("listing ", id); }
std::string QuotaKey(const std::string& uscc, int year) { return StrCat("quota ", uscc, " ", year); }

// When each event of the feed may have happened.
std::vector<Span> SpansOf(const Books& books, const std::map<std::string, Span>& writes) {
  std::vector<Span> spans(books.events.size());
  std::vector<bool> is_known(spans.size());
  for (size_t i = 0; i < spans.size(); ++i) {
    const auto write = writes.find(books.events[i].event().request_id());
    is_known[i] = write != writes.end();
    if (is_known[i]) spans[i] = write->second;
  }
  int64_t begin = 0;
  for (size_t i = 0; i < spans.size(); ++i) {
    begin = std::max(begin, spans[i].begin);
    if (!is_known[i]) spans[i].begin = begin;
  }
  // An event in the feed did happen, so even the last one has an end.
  int64_t end = BalanceOperation::kNever - 1;
  for (size_t i = spans.size(); i-- > 0;) {
    end = std::min(end, spans[i].end);
    if (!is_known[i]) spans[i].end = end;
    spans[i].end = std::min(spans[i].end, BalanceOperation::kNever - 1);
  }
  return spans;
}

// The moves of one event on each listing and quota, summed, because they happened at once.
std::map<std::string, std::vector<int64_t>> MovesOf(const audit::v1::Event& event) {
  std::map<std::string, std::vector<int64_t>> moves;
  const auto add = [&moves](const std::string& key, const std::vector<int64_t>& units) {
    std::vector<int64_t>& sum = moves.try_emplace(key, units.size()).first->second;
    for (size_t i = 0; i < units.size(); ++i) sum[i] += units[i];
  };
  for (const auto& move : event.stock_moves()) add(ListingKey(move.listing_id()), UnitsOf(move.delta()));
  for (const auto& move : event.quota_moves()) {
    add(QuotaKey(move.institution_uscc(), move.year()), {move.held_fen(), move.settled_fen()});
  }
  return moves;
}

}  // namespace

int64_t SteadyNanos() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

void BalanceHistory::AddWrite(const std::string& request_id, Span span) {
  const std::lock_guard lock(mutex_);
  writes_[request_id] = span;
}

void BalanceHistory::AddRead(const listing::v1::Listing& listing, Span span) {
  Add(ListingKey(listing.listing_id()), {.kind = Kind::kRead,
                                         .units = UnitsOf(listing.balances()),
                                         .begin = span.begin,
                                         .end = span.end,
                                         .name = "GetListing"});
}

void BalanceHistory::AddRead(const quota::v1::Quota& quota, Span span) {
  Add(QuotaKey(quota.institution_uscc(), quota.year()),
      {.kind = Kind::kRead,
       .units = {quota.held().amount_fen(), quota.settled().amount_fen()},
       .begin = span.begin,
       .end = span.end,
       .name = "GetQuota"});
}

void BalanceHistory::AddExhausted(const std::string& listing_id, int64_t units, Span span) {
  std::vector<int64_t> refused(kListingBalances);
  refused[0] = -units;
  Add(ListingKey(listing_id),
      {.kind = Kind::kRefusal, .units = std::move(refused), .begin = span.begin, .end = span.end, .name = "HoldStock"});
}

void BalanceHistory::Add(const std::string& key, BalanceOperation operation) {
  const std::lock_guard lock(mutex_);
  observed_[key].push_back(std::move(operation));
}

size_t BalanceHistory::read_count() const {
  const std::lock_guard lock(mutex_);
  size_t count = 0;
  for (const auto& [key, operations] : observed_) count += operations.size();
  return count;
}

std::vector<std::string> BalanceHistory::Unexplained(const Books& books) const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::vector<BalanceOperation>> operations = observed_;
  const std::vector<Span> spans = SpansOf(books, writes_);
  for (size_t i = 0; i < spans.size(); ++i) {
    const audit::v1::Event& event = books.events[i].event();
    for (auto& [key, units] : MovesOf(event)) {
      operations[key].push_back({.units = units,
                                 .begin = spans[i].begin,
                                 .end = spans[i].end,
                                 .name = StrCat(event.action(), " ", event.request_id())});
    }
  }
  std::map<std::string, int64_t> most;
  for (const auto& row : books.rows) {
    if (row.has_quota()) {
      most[QuotaKey(row.quota().institution_uscc(), row.quota().year())] = row.quota().limit().amount_fen();
    }
  }
  std::vector<std::string> lines;
  for (auto& [key, seen] : operations) {
    BalanceRegister balances{.start = std::vector<int64_t>(seen.front().units.size())};
    if (most.contains(key)) balances.most = most.at(key);
    const Linearizability checked = CheckLinearizable(balances, std::move(seen));
    if (checked.verdict != Linearizability::Verdict::kYes) lines.push_back(StrCat(key, ": ", checked.complaint));
  }
  return lines;
}

}  // namespace zhuxiao::testing
