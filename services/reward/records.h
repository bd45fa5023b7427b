// Keys of the reward module's rows. Private to it.
//
//   reward_policy/<policy id>/<version>                    RewardPolicy in any state; version as an ordered number
//   reward_policy_in/<jurisdiction>/<policy id>/<version>  empty: the published versions of a jurisdiction
//   online_sale/<claimant>/<year>/<platform>/<order no>    OnlineSale
//   online_sale_year/<platform>/<order no>                 "<claimant>/<year>": where the sale of that number is
//   sale_refund/<platform>/<refund no>                     SaleRefund
//   refund_of_sale/<platform>/<order no>/<refund no>       empty: the refunds a sale was lowered by
//   sale_waybill/<waybill no>/<platform>/<order no>        the orders that were sent by a waybill: SaleWaybill where it
//                                                          was reported by itself, empty where its sale told it
//   pending_refund/<platform>/<order no>                   PendingRefunds
//   pending_waybill/<platform>/<order no>                  PendingWaybills
//   claim_epoch/<claimant>                                 decimal: how many statements of the firm were frozen
//   sale_total/<claimant>/<year>                           counter: the sum of all sales ordered in the year
//   policy_counted/<claimant>/<policy id>/<version>        empty: that totals under this version are kept
//   policy_total/<claimant>/<policy id>/<version>/<window> counter of the fields in totals.cc
//   sales_feed/<platform>/<feed>                           decimal: place of the last entry taken
//   reward_claim/<claim id>                                Claim
//   reward_claim_of/<claimant>/<policy id>                 id of the live claim
//   reward_claim_under/<policy id>/<claimant>              the same, by policy
//   fee_waiver/<claimant>/<waiver id>                      FeeWaiver
//   fee_waiver_no/<platform>/<waiver no>                   id of the waiver of that number
#pragma once

#include <string>
#include <string_view>

#include "services/store/keys.h"

namespace zhuxiao::reward {

inline constexpr std::string_view kPolicyTable = "reward_policy";
inline constexpr std::string_view kPolicyInTable = "reward_policy_in";
inline constexpr std::string_view kSaleTable = "online_sale";
inline constexpr std::string_view kSaleYearTable = "online_sale_year";
inline constexpr std::string_view kRefundTable = "sale_refund";
inline constexpr std::string_view kRefundOfTable = "refund_of_sale";
inline constexpr std::string_view kWaybillTable = "sale_waybill";
inline constexpr std::string_view kPendingTable = "pending_refund";
inline constexpr std::string_view kPendingWaybillTable = "pending_waybill";
inline constexpr std::string_view kEpochTable = "claim_epoch";
inline constexpr std::string_view kYearTotalTable = "sale_total";
inline constexpr std::string_view kCountedTable = "policy_counted";
inline constexpr std::string_view kPolicyTotalTable = "policy_total";
inline constexpr std::string_view kFeedTable = "sales_feed";
inline constexpr std::string_view kClaimTable = "reward_claim";
inline constexpr std::string_view kClaimOfTable = "reward_claim_of";
inline constexpr std::string_view kClaimUnderTable = "reward_claim_under";
inline constexpr std::string_view kWaiverTable = "fee_waiver";
inline constexpr std::string_view kWaiverNoTable = "fee_waiver_no";

// "<claimant>/<year>": the part of a key that the rows of one claimant's year share. Years have four digits.
inline std::string ClaimantYear(std::string_view claimant_uscc, int year) {
  return base::StrCat(claimant_uscc, "/", year);
}

// "<policy id>/<version>" in the order of versions.
inline std::string PolicyVersion(std::string_view policy_id, int version) {
  return base::StrCat(policy_id, "/", store::OrderedNumber(version));
}

}  // namespace zhuxiao::reward
