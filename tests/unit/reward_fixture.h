// A small world for tests of rewards: two firms of Pingding, one platform, the seed places on their lists, a policy
// of Shanxi, and a clock in January 2022, so that the year 2021 is over.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/directory/designations.h"
#include "services/directory/organisations.h"
#include "services/directory/registrations.h"
#include "services/reward/claims.h"
#include "services/reward/policies.h"
#include "services/reward/sales.h"
#include "services/reward/statements.h"
#include "tests/support/operation_fixture.h"
#include "tests/support/scratch_directory.h"

namespace zhuxiao::reward {

inline constexpr int64_t kYuan = 100;
inline constexpr int64_t kThresholdFen = 10'000'000 * kYuan;
inline constexpr int64_t kCapFen = 500'000 * kYuan;
inline constexpr char kDesignatedVillage[] = "140321105200";  // on the provincial list, in a county on no list
inline constexpr char kPlainVillage[] = "140321105201";       // its neighbour, on no list
inline constexpr char kPoorCounty[] = "141032";               // on the national list

inline absl::Time At(absl::string_view text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) ADD_FAILURE() << text << ": " << error;
  return time;
}

inline v1::SaleEntry Sale(const std::string& claimant, const std::string& number, int64_t amount_fen,
                          absl::Time time = At("2021-06-01T00:00:00Z"), const std::string& origin = kPoorCounty) {
  v1::SaleEntry entry;
  v1::OnlineSale& sale = *entry.mutable_sale();
  sale.set_platform_order_no(number);
  sale.set_claimant_uscc(claimant);
  sale.set_commodity_code("apple");
  sale.set_origin_code(origin);
  sale.mutable_amount()->set_amount_fen(amount_fen);
  *sale.mutable_order_time() = base::ToProto(time);
  return entry;
}

inline v1::SaleEntry Refund(const std::string& number, const std::string& order_no, int64_t amount_fen) {
  v1::SaleEntry entry;
  v1::SaleRefund& refund = *entry.mutable_refund();
  refund.set_refund_no(number);
  refund.set_platform_order_no(order_no);
  refund.mutable_amount()->set_amount_fen(amount_fen);
  *refund.mutable_refund_time() = base::ToProto(At("2021-07-01T00:00:00Z"));
  return entry;
}

// The text of a yearly policy, with what tests change of it.
struct PolicyText {
  std::string id = "shanxi-online";
  int version = 1;
  std::string jurisdiction = "14";
  int year = 2021;
  int64_t threshold_fen = kThresholdFen;
  int64_t rate_basis_points = 500;
  int64_t cap_fen = kCapFen;
  std::vector<std::string> programmes = {"national-poor-counties", "shanxi-poor-villages"};
  std::string more;  // further tables

  std::string Toml() const {
    std::string names;
    for (const std::string& name : programmes) base::StrAppend(&names, names.empty() ? "" : ", ", "\"", name, "\"");
    return base::StrCat("[policy]\nid = \"", id, "\"\nversion = ", version, "\njurisdiction = \"", jurisdiction,
                        "\"\ntitle_zh = \"网销奖励\"\ntitle_en = \"reward\"\nsource = \"test\"\n",
                        "[period]\nclock = \"order\"\nfirst_day = ", year, "-01-01\nlast_day = ", year, "-12-31\n",
                        "[scope]\nprogrammes = [", names, "]\n", "[threshold]\namount_fen = ", threshold_fen,
                        "\namount_is = \"at_least\"\n",
                        "[grant]\nkind = \"rate\"\nrate_basis_points = ", rate_basis_points, "\ncap_fen = ", cap_fen,
                        "\n", more);
  }
};

class RewardFixture : public testing::OperationFixture {
 protected:
  void SetUp() override {
    clock_.Set(At("2022-01-15T02:00:00Z"));
    for (const std::string& uscc : {firm_, other_firm_}) AddFirm(uscc, "140321");
    Designate("national-poor-counties", kPoorCounty);
    Designate("shanxi-poor-villages", kDesignatedVillage);
  }

  // The file that an export writes.
  template <typename Function, typename... Args>
  absl::StatusOr<std::string> SeeFile(const Function& function, const Args&... args) {
    const ScratchDirectory directory;
    const std::string path = directory.path() + "/file";
    if (absl::Status status = See(function, args..., path); !status.ok()) return status;
    std::ifstream file(path, std::ios::binary);
    return std::string{std::istreambuf_iterator<char>(file), {}};
  }

  void AddFirm(const std::string& uscc, const std::string& region) {
    directory::v1::CreateOrganisationRequest request;
    directory::v1::Organisation& organisation = *request.mutable_organisation();
    organisation.set_uscc(uscc);
    organisation.set_name("firm");
    organisation.set_kind(directory::v1::ORGANISATION_KIND_ENTERPRISE);
    organisation.set_region_code(region);
    const auto created = Do(testing::Operator(), directory::CreateOrganisation, request);
    ASSERT_TRUE(created.ok()) << created.status();
  }

  void Designate(const std::string& programme, const std::string& region, const std::string& from = "2014-01-01",
                 const std::string& to = "") {
    directory::v1::PublishDesignationsRequest request;
    directory::v1::Designation& designation = *request.add_designations();
    designation.set_programme(programme);
    designation.set_list_version("v-" + region);
    designation.set_region_code(region);
    designation.set_valid_from(from);
    designation.set_valid_to(to);
    const auto published = Do(testing::Operator(), directory::PublishDesignations, request);
    ASSERT_TRUE(published.ok()) << published.status();
  }

  absl::StatusOr<v1::ProposePolicyResponse> Propose(const std::string& toml,
                                                    const base::Caller& caller = testing::Officer("14", "drafter")) {
    v1::ProposePolicyRequest request;
    request.set_toml(toml);
    return Do(caller, ProposePolicy, request);
  }

  absl::StatusOr<v1::ReviewPolicyResponse> ReviewOf(const std::string& id, int version, bool is_approved,
                                                    const base::Caller& caller = testing::Officer("14", "checker")) {
    v1::ReviewPolicyRequest request;
    request.set_policy_id(id);
    request.set_version(version);
    request.set_is_approved(is_approved);
    if (!is_approved) request.set_cause("the rate is not the published one");
    return Do(caller, ReviewPolicy, request);
  }

  absl::StatusOr<v1::PublishPolicyResponse> PublishOf(const std::string& id, int version,
                                                      const base::Caller& caller = testing::Officer("14", "checker")) {
    v1::PublishPolicyRequest request;
    request.set_policy_id(id);
    request.set_version(version);
    return Do(caller, PublishPolicy, request);
  }

  // Takes a text all the way, by two officers of the whole country.
  absl::Status PublishText(const std::string& toml) {
    const auto proposed = Propose(toml, testing::Officer("", "drafter"));
    if (!proposed.ok()) return proposed.status();
    const std::string& id = proposed->policy().policy_id();
    const int version = proposed->policy().version();
    const auto reviewed = ReviewOf(id, version, true, testing::Officer("", "checker"));
    if (!reviewed.ok()) return reviewed.status();
    return PublishOf(id, version, testing::Officer("", "checker")).status();
  }

  absl::Status Publish(const PolicyText& policy) { return PublishText(policy.Toml()); }

  absl::StatusOr<v1::ReportSalesResponse> TryReport(const std::vector<v1::SaleEntry>& entries,
                                                    int64_t first_index = 0) {
    v1::ReportSalesRequest batch;
    for (const v1::SaleEntry& entry : entries) *batch.add_entries() = entry;
    const ledger::Intent intent{.caller = testing::PlatformOf(platform_),
                                .action = "ReportSales",
                                .now = clock_.Now(),
                                .first_id = base::NewId(clock_.Now(), random_)};
    v1::ReportSalesResponse tally;
    const absl::Status status = store::RunTransaction(store_, [&](store::Transaction& transaction) {
      return TakeBatch(transaction, intent, batch, first_index, tally);
    });
    if (!status.ok()) return status;
    return tally;
  }

  v1::ReportSalesResponse Report(const std::vector<v1::SaleEntry>& entries) {
    auto tally = TryReport(entries);
    EXPECT_TRUE(tally.ok()) << tally.status();
    return tally.value_or(v1::ReportSalesResponse());
  }

  v1::GetStatementRequest StatementRequest(const std::string& claimant, int page_size = 0) {
    v1::GetStatementRequest request;
    request.set_claimant_uscc(claimant);
    request.set_policy_id("shanxi-online");
    request.set_page_size(page_size);
    return request;
  }

  // The statement of the firm under "shanxi-online" with all its lines.
  v1::GetStatementResponse StatementWithLines(const std::string& claimant) {
    auto page = See(GetStatement, testing::Auditor(), StatementRequest(claimant), store::PageRequest{.size = 10'000});
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? page->response : v1::GetStatementResponse();
  }

  v1::Statement StatementNow(const std::string& claimant) { return StatementWithLines(claimant).statement(); }

  const std::string firm_ = testing::Uscc("91", 1);
  const std::string other_firm_ = testing::Uscc("91", 2);
  const std::string platform_ = testing::Uscc("91", 99);
};

}  // namespace zhuxiao::reward
