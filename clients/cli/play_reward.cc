// The firm at the edge of the reward: a fen below the threshold earns nothing, the threshold earns the cap, and a
// refund in January takes a paid reward back.
#include "clients/cli/play.h"
#include "clients/cpp/sales_report.h"
#include "services/base/clock.h"
#include "services/base/money.h"
#include "services/base/strings.h"

namespace zhuxiao::cli {
namespace {

constexpr int64_t kMillionFen = 100'000'000;
constexpr int64_t kThresholdFen = 10 * kMillionFen;
constexpr int64_t kCapFen = 50'000'000;

std::string PolicyIdOf(int year) { return "play-online-" + Digits(year); }

// The text of the year's policy. Its claims are public for no day, so that the play need not wait.
std::string PolicyText(int year, int64_t rate_basis_points) {
  return base::StrCat("[policy]\nid = \"", PolicyIdOf(year), "\"\nversion = 1\njurisdiction = \"", kShanxi,
                      "\"\ntitle_zh = \"网络销售贫困地区特色产品奖励\"\ntitle_en = \"Reward for online sales\"\n",
                      "source = \"play\"\n\n[period]\nclock = \"order\"\nfirst_day = ", year,
                      "-01-01\nlast_day = ", year,
                      "-12-31\n\n[scope]\nprogrammes = [\"national-poor-counties\", \"shanxi-poor-villages\"]\n\n",
                      "[threshold]\namount_fen = ", kThresholdFen,
                      "\namount_is = \"at_least\"\n\n[grant]\nkind = \"rate\"\nrate_basis_points = ", rate_basis_points,
                      "\ncap_fen = ", kCapFen, "\n\n[claims]\nobjection_days = 0\n");
}

// One officer proposes, another reviews and publishes.
void EnsurePolicy(Stage& stage, int year, int64_t rate_basis_points) {
  reward::v1::GetPolicyRequest get;
  get.set_policy_id(PolicyIdOf(year));
  const auto found = stage.Ask<reward::v1::GetPolicyResponse>("province-1", get);
  if (!absl::IsNotFound(found.status())) return stage.Fail(found.status(), "province-1");
  reward::v1::ProposePolicyRequest propose;
  propose.set_toml(PolicyText(year, rate_basis_points));
  stage.Call<reward::v1::ProposePolicyResponse>("province-1", propose);
  reward::v1::ReviewPolicyRequest review;
  review.set_policy_id(PolicyIdOf(year));
  review.set_version(1);
  review.set_is_approved(true);
  stage.Call<reward::v1::ReviewPolicyResponse>("province-2", review);
  reward::v1::PublishPolicyRequest publish;
  publish.set_policy_id(PolicyIdOf(year));
  publish.set_version(1);
  stage.Call<reward::v1::PublishPolicyResponse>("province-2", publish);
}

reward::v1::SaleEntry Sale(int year, int number, int64_t amount_fen, const char* origin_code = kYonghe) {
  reward::v1::SaleEntry entry;
  auto& sale = *entry.mutable_sale();
  sale.set_platform_order_no("EDGE-" + Digits(year) + "-" + Digits(number));
  sale.set_claimant_uscc(Member("firm-edge").uscc);
  sale.set_commodity_code("jujube-dried");
  sale.set_origin_code(origin_code);
  sale.mutable_amount()->set_amount_fen(amount_fen);
  *sale.mutable_order_time() = base::ToProto(base::StartOfYear(year) + absl::Hours(24 * 30 * number + 12));
  return entry;
}

// The last second of the year in Shanghai, which is 15:59:59 UTC: it still counts.
reward::v1::SaleEntry LastFen(int year) {
  reward::v1::SaleEntry entry = Sale(year, 11, 1);
  *entry.mutable_sale()->mutable_order_time() = base::ToProto(base::StartOfYear(year + 1) - absl::Seconds(1));
  return entry;
}

void Report(Stage& stage, const std::vector<reward::v1::SaleEntry>& entries) {
  if (!stage.ok()) return;
  client::SalesReport report(stage.As("platform"));
  for (const auto& entry : entries) report.Add(entry);
  const auto response = report.Finish();
  if (!response.ok()) return stage.Fail(response.status(), "platform");
  stage.Tell("play.reported", {Digits(response->taken_count()), Digits(response->duplicate_count())});
  if (response->rejected_count() > 0) {
    stage.ShowRows(*response, "rejected");
    stage.Fail(absl::InternalError("the server rejected a sale of the play"), "platform");
  }
}

void ShowStatement(Stage& stage, int year) {
  reward::v1::GetStatementRequest request;
  request.set_policy_id(PolicyIdOf(year));
  const auto statement = stage.Call<reward::v1::GetStatementResponse>("firm-edge", request).statement();
  stage.Show({"field.year", "field.gross", "field.refunded", "field.net", "field.reward", "field.reason",
              "field.counted_count", "field.excluded_count"},
             {{Digits(year), base::FormatYuan(statement.gross().amount_fen()),
               base::FormatYuan(statement.refunded().amount_fen()), base::FormatYuan(statement.net().amount_fen()),
               base::FormatYuan(statement.reward().amount_fen()), statement.reason(), Digits(statement.counted_count()),
               Digits(statement.excluded_count())}});
}

// The firm's claim for a year that was not rejected, or an empty one.
reward::v1::Claim FindClaim(Stage& stage, int year) {
  reward::v1::ListClaimsRequest request;
  request.set_page_size(200);
  const auto response = stage.Call<reward::v1::ListClaimsResponse>("firm-edge", request);
  for (const auto& claim : response.claims()) {
    if (claim.statement().policy_id() == PolicyIdOf(year) && claim.state() != reward::v1::CLAIM_STATE_REJECTED)
      return claim;
  }
  return {};
}

void ShowClaim(Stage& stage, int year) {
  const reward::v1::Claim claim = FindClaim(stage, year);
  stage.Show(
      {"field.claim", "field.state", "field.paid", "field.earned", "field.claw_back_due"},
      {{claim.claim_id(), stage.Word(ClaimState_Name(claim.state())), base::FormatYuan(claim.paid().amount_fen()),
        base::FormatYuan(claim.earned().amount_fen()), base::FormatYuan(claim.claw_back_due().amount_fen())}});
}

template <typename Request>
Request Passing(const std::string& claim_id) {
  Request request;
  request.set_claim_id(claim_id);
  request.set_is_approved(true);
  return request;
}

// Files a claim and takes it to its payment: each step by another officer than the one it checks.
void TakeClaimToPayment(Stage& stage, int year) {
  reward::v1::SubmitClaimRequest submit;
  submit.set_policy_id(PolicyIdOf(year));
  const std::string id = stage.Call<reward::v1::SubmitClaimResponse>("firm-edge", submit).claim().claim_id();
  stage.Call<reward::v1::ReviewClaimResponse>("province-1", Passing<reward::v1::ReviewClaimRequest>(id));
  stage.Call<reward::v1::RecheckClaimResponse>("province-2", Passing<reward::v1::RecheckClaimRequest>(id));
  reward::v1::PublishClaimsRequest publish;
  publish.set_policy_id(PolicyIdOf(year));
  stage.Call<reward::v1::PublishClaimsResponse>("province-2", publish);
  stage.Call<reward::v1::ApproveClaimResponse>("province-3", Passing<reward::v1::ApproveClaimRequest>(id));
  reward::v1::PayClaimRequest pay;
  pay.set_claim_id(id);
  stage.Call<reward::v1::PayClaimResponse>("province-1", pay);
  stage.Tell("play.paid");
  ShowClaim(stage, year);
}

void RefundInJanuary(Stage& stage, int year) {
  reward::v1::SaleEntry entry;
  auto& refund = *entry.mutable_refund();
  refund.set_refund_no("EDGE-REFUND-" + Digits(year));
  refund.set_platform_order_no("EDGE-" + Digits(year) + "-1");
  refund.mutable_amount()->set_amount_fen(100);
  *refund.mutable_refund_time() = base::ToProto(base::StartOfYear(year + 1) + absl::Hours(24 * 9));
  stage.Tell("play.refund");
  Report(stage, {entry});
  ShowClaim(stage, year);
}

// Ten sales that sum to a fen less than the threshold, and one of a county on no list, which counts for nothing.
std::vector<reward::v1::SaleEntry> AlmostEnough(int year) {
  std::vector<reward::v1::SaleEntry> entries;
  for (int number = 1; number <= 9; ++number) entries.push_back(Sale(year, number, kMillionFen));
  entries.push_back(Sale(year, 10, kMillionFen - 1));
  entries.push_back(Sale(year, 12, 5 * kMillionFen, kPingding));
  return entries;
}

}  // namespace

void PlayReward(Stage& stage) {
  stage.Scene("play.scene.reward");
  EnsurePolicy(stage, 2020, 500);
  EnsurePolicy(stage, 2021, 300);
  if (stage.ok() && !FindClaim(stage, 2020).claim_id().empty()) {
    stage.Tell("play.already");
  } else {
    Report(stage, AlmostEnough(2020));
    ShowStatement(stage, 2020);
    stage.Tell("play.last-fen");
    Report(stage, {LastFen(2020)});
    ShowStatement(stage, 2020);
    TakeClaimToPayment(stage, 2020);
    RefundInJanuary(stage, 2020);
  }
  stage.Tell("play.three-percent");
  std::vector<reward::v1::SaleEntry> entries = AlmostEnough(2021);
  entries.push_back(LastFen(2021));
  Report(stage, entries);
  ShowStatement(stage, 2021);
  ShowStatement(stage, 2020);
  ShowClaim(stage, 2020);
}

}  // namespace zhuxiao::cli
