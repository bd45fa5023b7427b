#include "tests/property/progress_count.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "services/base/clock.h"
#include "services/directory/directory.h"
#include "services/quota/declarations.h"
#include "services/quota/operations.h"
#include "services/report/quota_progress.h"

namespace zhuxiao::testing {
namespace {

// status, settled, held, target, gap, open
using Figures = std::tuple<int, int64_t, int64_t, int64_t, int64_t, int64_t>;
// settled, held, target, gap, open, institutions
using FigureSums = std::array<int64_t, 6>;

struct Spent {
  int64_t settled_fen = 0;
  int64_t held_fen = 0;
};

// Who declares for an institution today.
std::string DeclarerOf(store::Reader& reader, const std::string& uscc) {
  const auto institution = *directory::GetInstitution(reader, uscc);
  const bool is_shared = institution.canteen_mode() == directory::v1::CANTEEN_MODE_SHARED;
  return is_shared ? institution.representative_uscc() : uscc;
}

using Declarers = std::map<std::string, std::string>;  // by institution

// What every institution's contracts of the year come to, at who declares for it.
std::map<std::string, Spent> CountSpending(const TradeBooks& books, const Declarers& declarers, int year) {
  std::map<std::string, Spent> spent;
  for (const auto& [id, contract] : books.contracts) {
    if (contract.quota_year() != year) continue;
    Spent& sum = spent[declarers.at(books.UnitOf(contract))];
    using namespace order::v1;
    const int64_t price_fen = contract.unit_price().amount_fen();
    if (contract.state() == CONTRACT_STATE_SETTLED) {
      sum.settled_fen += contract.accepted_amount().amount_fen();
    } else if (contract.state() == CONTRACT_STATE_ACCEPTED) {
      sum.held_fen += contract.accepted_amount().amount_fen();
    } else if (contract.state() == CONTRACT_STATE_SHIPPED) {
      sum.held_fen += contract.delivered_units() * price_fen;
    } else if (contract.state() != CONTRACT_STATE_VOID) {
      sum.held_fen += contract.ordered_units() * price_fen;
    }
  }
  return spent;
}

Figures CountOne(store::Reader& reader, const std::string& uscc, int year, const Spent& spent) {
  const auto institution = *directory::GetInstitution(reader, uscc);
  const auto quota = *quota::Find(reader, uscc, year);
  if (institution.canteen_mode() == directory::v1::CANTEEN_MODE_NONE) {
    return {report::v1::PROGRESS_STATUS_NO_CANTEEN, spent.settled_fen, spent.held_fen, 0, 0, 0};
  }
  quota::v1::GetDeclarationRequest ask;
  ask.set_institution_uscc(uscc);
  ask.set_year(year);
  const auto declared = quota::GetDeclaration(reader, Auditor(), ask);
  const bool is_in_force = declared.ok() && declared->declaration().state() >= quota::v1::DECLARATION_STATE_CONFIRMED;
  // In these worlds a base comes from a declaration alone.
  if (!is_in_force) return {report::v1::PROGRESS_STATUS_UNKNOWN, spent.settled_fen, spent.held_fen, 0, 0, 0};
  if (!declared->declaration().has_figures()) {
    return {report::v1::PROGRESS_STATUS_WAIVED, spent.settled_fen, spent.held_fen, 0, 0, 0};
  }
  const auto& rule = declared->declaration().rule();
  const __int128 parts = rule.ratio_basis_points() + (rule.kind() == quota::v1::QUOTA_KIND_GROWTH ? 10'000 : 0);
  int64_t target =
      static_cast<int64_t>((parts * declared->declaration().figures().base().amount_fen() + 9'999) / 10'000);
  target = std::max(target, declared->declaration().figures().target().amount_fen());
  EXPECT_EQ(quota->target().amount_fen(), target) << uscc << " " << year;
  const int64_t gap = std::max<int64_t>(0, target - spent.settled_fen);
  return {gap == 0 ? report::v1::PROGRESS_STATUS_REACHED : report::v1::PROGRESS_STATUS_BEHIND,
          spent.settled_fen,
          spent.held_fen,
          target,
          gap,
          std::max<int64_t>(0, gap - spent.held_fen)};
}

std::map<std::string, Figures> Reported(store::Reader& reader, absl::Time now, int year, size_t page_size) {
  std::map<std::string, Figures> reported;
  report::v1::ListQuotaProgressRequest request;
  request.set_year(year);
  request.set_with_listings(true);
  store::PageRequest page{.size = static_cast<int>(page_size)};
  do {
    const auto listed = report::ListProgress(reader, Auditor(), now, request, page);
    EXPECT_TRUE(listed.ok()) << listed.status();
    if (!listed.ok()) return reported;
    for (const report::v1::UnitProgress& unit : listed->response.units()) {
      const report::v1::ProgressFigures& figures = unit.figures();
      const bool is_new =
          reported
              .emplace(unit.institution_uscc(),
                       Figures(unit.status(), figures.settled().amount_fen(), figures.held().amount_fen(),
                               figures.target().amount_fen(), figures.gap().amount_fen(), figures.open().amount_fen()))
              .second;
      EXPECT_TRUE(is_new) << unit.institution_uscc() << " stands twice";
      for (const report::v1::FittingListing& fitting : unit.fitting()) {
        EXPECT_LE(fitting.amount().amount_fen(), figures.open().amount_fen());
        EXPECT_GE(fitting.units(), 1);
      }
      if (figures.has_needed_per_week()) {
        const __int128 bought = static_cast<__int128>(figures.needed_per_week().amount_fen()) * figures.days_left();
        EXPECT_TRUE(figures.days_left() <= 7 || bought >= static_cast<__int128>(figures.open().amount_fen()) * 7);
      }
    }
    page.after = listed->last_key;
  } while (!page.after.empty());
  return reported;
}

void Take(const Figures& figures, FigureSums& sums) {
  const auto& [status, settled, held, target, gap, open] = figures;
  sums[0] += settled;
  sums[1] += held;
  sums[2] += target;
  sums[3] += gap;
  sums[4] += open;
  ++sums[5];
}

std::map<std::string, FigureSums> ReportedSums(store::Reader& reader, absl::Time now, int year,
                                               report::v1::ProgressGrouping grouping) {
  report::v1::SumQuotaProgressRequest request;
  request.set_year(year);
  request.set_group_by(grouping);
  const auto response = report::SumProgress(reader, Auditor(), now, request);
  EXPECT_TRUE(response.ok()) << response.status();
  std::map<std::string, FigureSums> sums;
  if (!response.ok()) return sums;
  for (const report::v1::ProgressRow& row : response->rows()) {
    int64_t count = 0;
    for (const auto& counted : row.counts()) count += counted.count();
    const report::v1::ProgressFigures& figures = row.figures();
    sums[row.key()] = {figures.settled().amount_fen(), figures.held().amount_fen(), figures.target().amount_fen(),
                       figures.gap().amount_fen(),     figures.open().amount_fen(), count};
  }
  return sums;
}

}  // namespace

void ExpectProgress(TradeWorld& world, const TradeBooks& books, size_t page_size) {
  const auto snapshot = world.store().Latest();
  const absl::Time now = world.clock().Now();
  Declarers declarers;
  for (const std::string& uscc : world.institutions()) declarers[uscc] = DeclarerOf(*snapshot, uscc);
  for (const int year : {base::YearOf(now) - 1, base::YearOf(now)}) {
    if (year < quota::kFirstYear) continue;
    std::map<std::string, Spent> spent = CountSpending(books, declarers, year);
    std::map<std::string, Figures> counted;
    std::map<std::string, FigureSums> by_parent;
    std::map<std::string, FigureSums> by_channel;
    for (const std::string& uscc : world.institutions()) {
      if (declarers[uscc] != uscc) continue;
      counted[uscc] = CountOne(*snapshot, uscc, year, spent[uscc]);
      const auto institution = *directory::GetInstitution(*snapshot, uscc);
      Take(counted[uscc], by_parent[institution.parent_uscc()]);
      Take(counted[uscc], by_channel[directory::v1::Channel_Name(institution.channel())]);
    }
    EXPECT_EQ(Reported(*snapshot, now, year, page_size), counted) << year;
    EXPECT_EQ(ReportedSums(*snapshot, now, year, report::v1::PROGRESS_GROUPING_PARENT), by_parent) << year;
    EXPECT_EQ(ReportedSums(*snapshot, now, year, report::v1::PROGRESS_GROUPING_CHANNEL), by_channel) << year;
  }
}

}  // namespace zhuxiao::testing
