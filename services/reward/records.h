// Keys of the reward module's rows. Private to it.
//
//   reward_policy/<jurisdiction>/<year>/<version>          RewardPolicy; year and version as ordered numbers
//   online_sale/<claimant>/<year>/<platform>/<order no>    OnlineSale
//   online_sale_year/<platform>/<order no>                 "<claimant>/<year>": where the sale of that number is
//   sale_refund/<platform>/<refund no>                     SaleRefund
//   pending_refund/<platform>/<order no>                   PendingRefunds
//   sale_scope/<claimant>/<year>/<scope>                   SaleScope: the programmes behind a scope's digest
//   sale_total/<claimant>/<year>/<scope>                   counter of the Total fields
//   reward_claim/<claim id>                                Claim
//   reward_claim_of/<claimant>/<year>/<jurisdiction>       id of the live claim
#pragma once

#include <string>
#include <string_view>

#include "services/store/keys.h"

namespace zhuxiao::reward {

inline constexpr std::string_view kPolicyTable = "reward_policy";
inline constexpr std::string_view kSaleTable = "online_sale";
inline constexpr std::string_view kSaleYearTable = "online_sale_year";
inline constexpr std::string_view kRefundTable = "sale_refund";
inline constexpr std::string_view kPendingTable = "pending_refund";
inline constexpr std::string_view kScopeTable = "sale_scope";
inline constexpr std::string_view kTotalTable = "sale_total";
inline constexpr std::string_view kClaimTable = "reward_claim";
inline constexpr std::string_view kClaimOfTable = "reward_claim_of";

// "<claimant>/<year>": the part of a key that the rows of one claimant's year share. Years have four digits.
inline std::string ClaimantYear(std::string_view claimant_uscc, int year) {
  return base::StrCat(claimant_uscc, "/", year);
}

}  // namespace zhuxiao::reward
