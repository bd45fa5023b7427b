// Which columns a list of each kind of thing shows: the ones a person looks for, within about 120 characters. A path
// may lead through one list within the thing, which then has a line for each of its items.
#include <array>
#include <string_view>
#include <utility>

#include "absl/strings/str_split.h"
#include "clients/cli/fields.h"
#include "clients/cli/render.h"
#include "services/base/strings.h"

namespace zhuxiao::cli {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 34> kColumns = {{
    {"zhuxiao.directory.v1.Organisation", "uscc name kind region_code"},
    {"zhuxiao.directory.v1.Supplier", "uscc village_code state state_reason"},
    {"zhuxiao.directory.v1.Institution", "uscc channel canteen_mode parent_uscc"},
    {"zhuxiao.directory.v1.Region", "code full_name"},
    {"zhuxiao.directory.v1.Commodity",
     "code name_zh name_en base_unit reference_price reference_base shelf_life_days is_cold_chain is_divisible"},
    {"zhuxiao.listing.v1.Listing",
     "listing_id commodity_code title sale_unit unit_price balances.listed balances.available stall.level "
     "last_sale_time state"},
    {"zhuxiao.quota.v1.Quota", "institution_uscc year target limit held settled progress.gap progress.rule_status"},
    {"zhuxiao.quota.v1.QuotaRule",
     "year region_code kind ratio_basis_points version opens_on closes_on correctable_until state"},
    {"zhuxiao.quota.v1.Declaration",
     "institution_uscc year kind figures.base derived_target rule.ratio_basis_points canteen_mode state"},
    {"zhuxiao.quota.v1.DeclarationStep", "time action state token_id remark"},
    {"zhuxiao.report.v1.UnitProgress",
     "institution_uscc status figures.target figures.settled figures.held figures.open figures.days_left "
     "figures.needed_per_week"},
    {"zhuxiao.report.v1.ReportRow", "key cells.figure cells.count cells.amount"},
    {"zhuxiao.report.v1.ProgressRow",
     "key figures.target figures.settled figures.settled_basis_points figures.gap figures.open "
     "figures.needed_per_week represented_count"},
    {"zhuxiao.order.v1.Order",
     "order_id commodity_code quantity_base filled_base limit_price limit_base deliver_by_time state"},
    {"zhuxiao.order.v1.Contract",
     "contract_id listing_id ordered_units sale_unit unit_price ordered_amount accepted_amount "
     "match_reason.distance_km state"},
    {"zhuxiao.document.v1.Document", "document_number kind subject amount issue_time corrects digest"},
    {"zhuxiao.order.v1.Shipment",
     "shipment_id destination_county contract_ids load_g capacity_g load_ppm is_full_load is_green_channel"},
    {"zhuxiao.forward.v1.Forward",
     "forward_id commodity_code units sale_unit floor_price ceiling_price first_day last_day figures.called_units "
     "figures.delivered_units figures.shortfall_units state"},
    {"zhuxiao.order.v1.OverdueContract", "contract_id supplier_uscc institution_uscc due_day days_late owed interest"},
    {"zhuxiao.order.v1.PaymentRule",
     "rule_id pay_days max_pay_days extension_days late_interest_ppm return_days source"},
    {"zhuxiao.order.v1.Certificate", "kind number issue_time valid_until"},
    {"zhuxiao.partner.v1.Hold", "hold_id listing_id units sold_units unit_price sold_amount expire_time state"},
    {"zhuxiao.reward.v1.OnlineSale",
     "platform_order_no commodity_code origin_code amount refunded order_time waybill_no"},
    {"zhuxiao.reward.v1.StatementLine",
     "sale.platform_order_no sale.origin_code sale.amount sale.refunded sale.order_time counted reason"},
    {"zhuxiao.reward.v1.RewardPolicy", "policy_id version jurisdiction title_zh title_en first_day last_day state"},
    {"zhuxiao.reward.v1.Claim",
     "claim_id claimant_uscc statement.policy_id statement.net statement.reward state paid claw_back_due"},
    {"zhuxiao.reward.v1.RejectedEntry", "index number reason message"},
    {"zhuxiao.stall.v1.StallCase",
     "case_id listing.commodity_code listing.origin_code listing.stall.level state opening.left_units "
     "listing.balances.available listing.balances.sold listing.balances.spoiled listing.last_sale_time"},
    {"zhuxiao.stall.v1.StallRaise", "time from_level to_level value_at_risk days_left households_affected source"},
    {"zhuxiao.stall.v1.StallDay",
     "day figures.sold_units figures.spoiled_units figures.withdrawn_units figures.left_units"},
    {"zhuxiao.order.v1.RefusalCount", "reason listing_count"},
    {"zhuxiao.matching.v1.Round",
     "round_id region_code state open_time listing_count order_count line_count welfare_fen gap_ppm"},
    {"zhuxiao.matching.v1.RoundLine", "number order_id listing_id units unit_price state limit contract_units"},
    {"zhuxiao.matching.v1.RoundReasonCount", "reason count"},
}};

}  // namespace

std::vector<std::string> ColumnsOf(const google::protobuf::Descriptor& type) {
  for (const auto& [name, paths] : kColumns) {
    if (name == type.full_name()) return absl::StrSplit(base::View(paths), ' ');
  }
  std::vector<std::string> paths;
  for (int i = 0; i < type.field_count(); ++i) {
    if (KindOf(*type.field(i)) != FieldKind::kMessage) paths.push_back(type.field(i)->name());
  }
  return paths;
}

}  // namespace zhuxiao::cli
