#include "tests/property/trade_books.h"

#include <gtest/gtest.h>

#include <vector>

#include "services/base/strings.h"
#include "services/order/order.h"
#include "services/partner/partner.h"
#include "services/quota/bindings.h"
#include "zhuxiao/audit/v1/audit.pb.h"
#include "zhuxiao/report/v1/report.pb.h"

namespace zhuxiao::testing {
namespace {

// What an event made of a contract counts for, by figure, given what the feed showed of it before.
std::vector<std::pair<report::v1::ReportFigure, int64_t>> CountsOf(const order::v1::Contract& before,
                                                                   const order::v1::Contract& now) {
  using namespace report::v1;
  using namespace order::v1;
  std::vector<std::pair<ReportFigure, int64_t>> counts;
  const int64_t price = now.unit_price().amount_fen();
  const int64_t ordered = now.ordered_units() * price;
  for (int i = before.payments_size(); i < now.payments_size(); ++i) {
    const bool is_refund = now.payments(i).kind() == PAYMENT_KIND_REFUND;
    if (is_refund) counts.emplace_back(REPORT_FIGURE_REFUNDED, now.payments(i).amount().amount_fen());
  }
  if (now.taken_back_units() > before.taken_back_units()) {
    const ContractReturn& back = now.returns(now.returns_size() - 1);
    counts.emplace_back(REPORT_FIGURE_RETURNED, back.amount().amount_fen());
  }
  if (now.has_overdue_time() && !before.has_overdue_time()) {
    counts.emplace_back(REPORT_FIGURE_OVERDUE, now.accepted_amount().amount_fen() - now.paid_amount().amount_fen());
  }
  if (before.state() == now.state()) return counts;
  const bool was_paid = before.state() == CONTRACT_STATE_AWAITING_PAYMENT;
  const std::map<int, std::pair<ReportFigure, int64_t>> steps = {
      {CONTRACT_STATE_PROPOSED, {REPORT_FIGURE_MATCHED, ordered}},
      {CONTRACT_STATE_AWAITING_PAYMENT, {REPORT_FIGURE_SIGNED, ordered}},
      {CONTRACT_STATE_SIGNED, {was_paid ? REPORT_FIGURE_PREPAID : REPORT_FIGURE_SIGNED, ordered}},
      {CONTRACT_STATE_SHIPPED, {REPORT_FIGURE_SHIPPED, now.delivered_units() * price}},
      {CONTRACT_STATE_ACCEPTED, {REPORT_FIGURE_SOLD, now.accepted_amount().amount_fen()}},
      {CONTRACT_STATE_SETTLED, {REPORT_FIGURE_SETTLED, now.accepted_amount().amount_fen()}},
      {CONTRACT_STATE_VOID, {REPORT_FIGURE_VOIDED, ordered}}};
  counts.push_back(steps.at(now.state()));
  return counts;
}

using Tally = std::map<std::string, std::pair<int64_t, int64_t>>;  // "key figure": count and fen

}  // namespace

std::set<std::string> TradeBooks::Take(store::Reader& rows) {
  std::set<std::string> suppliers;
  EXPECT_TRUE(order::ForEachContract(rows, [&](const order::v1::Contract& contract) {
                suppliers.insert(contract.supplier_uscc());
                contracts[contract.contract_id()] = contract;
                return absl::OkStatus();
              }).ok());
  EXPECT_TRUE(quota::ForEachBinding(rows, [&](const quota::v1::QuotaBinding& binding) {
                std::string& unit = bound[binding.contract_id()];
                unit = binding.first_uscc();
                for (const quota::v1::Rebinding& rebinding : binding.rebindings()) {
                  if (rebinding.state() == quota::v1::REBINDING_STATE_APPROVED) unit = rebinding.to_uscc();
                }
                return absl::OkStatus();
              }).ok());
  EXPECT_TRUE(partner::ForEachPlatformSale(rows, [&](const partner::v1::PlatformSale& sale) {
                suppliers.insert(sale.supplier_uscc());
                sales[sale.sale_id()] = sale;
                return absl::OkStatus();
              }).ok());
  return suppliers;
}

const std::string& TradeBooks::UnitOf(const order::v1::Contract& contract) const {
  const auto unit = bound.find(contract.contract_id());
  return unit == bound.end() ? contract.institution_uscc() : unit->second;
}

void DayTally::Follow(store::Store& store) {
  constexpr size_t kAtOnce = 500;
  for (const store::Position end = store.FeedEnd(); seen_ < end;) {
    const auto entries = store.ReadFeed(seen_, kAtOnce);
    ASSERT_TRUE(entries.ok() && !entries->empty());
    for (const store::FeedEntry& entry : *entries) {
      audit::v1::Event event;
      ASSERT_TRUE(event.ParseFromString(entry.payload));
      seen_ = entry.position;
      if (event.has_listing()) commodity_of_[event.listing().listing_id()] = event.listing().commodity_code();
      Tally& tally = days_[base::DayOf(base::FromProto(event.time()))];
      const auto add = [&](const std::string& commodity, int figure, int64_t fen) {
        auto& [count, sum] = tally[base::StrCat(commodity, " ", figure)];
        ++count;
        sum += fen;
      };
      for (const order::v1::Contract& contract : event.contracts()) {
        order::v1::Contract& before = last_[contract.contract_id()];
        for (const auto& counted : CountsOf(before, contract)) {
          add(contract.commodity_code(), counted.first, counted.second);
        }
        before = contract;
      }
      if (event.has_platform_sale()) {
        add(commodity_of_[event.platform_sale().listing_id()], report::v1::REPORT_FIGURE_PLATFORM_SOLD,
            event.platform_sale().amount().amount_fen());
      }
    }
  }
}

}  // namespace zhuxiao::testing
