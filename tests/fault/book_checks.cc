#include "tests/fault/book_checks.h"

#include <cstdint>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "clients/cli/verify.h"
#include "services/base/strings.h"

namespace zhuxiao::testing {
namespace {

using absl::StrCat;
using audit::v1::ExportBooksResponse;

// Units of a listing's balances but for the sum.
std::vector<int64_t> PartsOf(const listing::v1::Balances& b) {
  return {b.available(), b.held(), b.contracted(), b.sold(), b.spoiled(), b.withdrawn()};
}

int64_t BaseOf(const order::v1::Contract& contract) {
  int64_t units = contract.ordered_units();
  if (contract.state() == order::v1::CONTRACT_STATE_SHIPPED) units = contract.delivered_units();
  if (contract.state() == order::v1::CONTRACT_STATE_ACCEPTED) units = contract.accepted_units();
  if (contract.state() == order::v1::CONTRACT_STATE_SETTLED) units = contract.accepted_units();
  return contract.state() == order::v1::CONTRACT_STATE_VOID ? 0 : units * contract.sale_unit_base();
}

class Sums {
 public:
  std::vector<std::string> Run(const Books& books) {
    for (const auto& event : books.events) TakeEvent(event);
    for (const auto& row : books.rows) TakeRow(row);
    Require(position_ == books.events.size(),
            StrCat("books stand at ", position_, ", events end at ", books.events.size()));
    Require(account_sum_ == 0, StrCat("accounts sum to ", account_sum_));
    for (const auto& [id, base] : contracted_base_) {
      Require(base <= ordered_base_[id],
              StrCat("order ", id, ": contracts of ", base, ", ordered ", ordered_base_[id]));
    }
    return std::move(broken_);
  }

 private:
  void Require(bool holds, const std::string& what) {
    if (!holds) broken_.push_back(what);
  }

  void TakeEvent(const audit::v1::ReadFeedResponse& event) {
    ++sequence_;
    Require(event.position().sequence() == sequence_,
            StrCat("event ", event.position().sequence(), " is number ", sequence_));
    if (const std::string& id = event.event().request_id(); !id.empty()) {
      const std::string request = StrCat(event.event().actor(), " ", event.event().action(), " ", id);
      Require(requests_.insert(request).second, StrCat("request ", request, " took effect twice"));
    }
    for (const auto& move : event.event().stock_moves()) {
      std::vector<int64_t>& units = moved_.try_emplace(move.listing_id(), 6).first->second;
      const std::vector<int64_t> delta = PartsOf(move.delta());
      for (size_t i = 0; i < units.size(); ++i) units[i] += delta[i];
    }
    for (const auto& posting : event.event().postings()) {
      int64_t sum = 0;
      for (const auto& leg : posting.legs()) sum += leg.amount_fen();
      Require(sum == 0, StrCat("an entry for ", posting.cause_id(), " sums to ", sum));
    }
  }

  void TakeRow(const ExportBooksResponse& row) {
    if (row.has_position()) position_ = row.position().sequence();
    if (row.has_listing()) TakeListing(row.listing());
    if (row.has_quota()) {
      const int64_t used_fen = row.quota().held().amount_fen() + row.quota().settled().amount_fen();
      Require(used_fen <= row.quota().limit().amount_fen() && row.quota().held().amount_fen() >= 0,
              StrCat("quota of ", row.quota().institution_uscc(), ": used ", used_fen));
    }
    if (row.has_account()) account_sum_ += row.account().balance_fen();
    if (row.has_order()) ordered_base_[row.order().order_id()] = row.order().quantity_base();
    if (row.has_contract()) contracted_base_[row.contract().order_id()] += BaseOf(row.contract());
  }

  void TakeListing(const listing::v1::Listing& listing) {
    const std::vector<int64_t> parts = PartsOf(listing.balances());
    int64_t listed = 0;
    for (const int64_t units : parts) {
      Require(units >= 0, StrCat("listing ", listing.listing_id(), ": a balance of ", units));
      listed += units;
    }
    Require(listed == listing.balances().listed(), StrCat("listing ", listing.listing_id(), ": parts sum to ", listed));
    Require(parts == moved_[listing.listing_id()],
            StrCat("listing ", listing.listing_id(), ": not the sum of its moves"));
  }

  std::vector<std::string> broken_;
  std::set<std::string> requests_;
  uint64_t sequence_ = 0;
  uint64_t position_ = 0;
  int64_t account_sum_ = 0;
  std::map<std::string, std::vector<int64_t>> moved_;
  std::map<std::string, int64_t> ordered_base_;
  std::map<std::string, int64_t> contracted_base_;
};

}  // namespace

std::vector<std::string> BrokenSums(const Books& books) { return Sums().Run(books); }

std::vector<std::string> VerifyFindings(const Books& books) {
  cli::BookCheck check;
  for (const auto& row : books.rows) check.AddRow(row);
  for (const auto& event : books.events) check.AddEvent(event);
  std::vector<std::string> lines;
  for (const cli::Finding& finding : check.Finish()) {
    lines.push_back(base::StrCat(cli::NameOf(finding.rule), " ", finding.id, ": ", finding.what));
  }
  return lines;
}

}  // namespace zhuxiao::testing
