// Records of claims.
#include "services/reward/record_export.h"

#include <algorithm>
#include <fstream>
#include <map>

#include "services/base/clock.h"
#include "services/base/errors.h"
#include "services/base/process.h"
#include "services/base/strings.h"
#include "services/base/temporary_directory.h"
#include "services/reward/claim_input.h"
#include "services/reward/claim_record.h"
#include "services/reward/engine/policy.h"
#include "services/reward/offline/applicant_file.h"
#include "services/reward/policies.h"
#include "services/reward/record/record_file.h"
#include "services/reward/record/replay.h"
#include "services/reward/reward.h"
#include "services/reward/sale_rows.h"
#include "services/reward/totals.h"

namespace zhuxiao::reward {
namespace {

absl::Status NoRecord(const std::string& claim_id, std::string_view why) {
  return base::Refuse(base::ErrorReason::ERROR_REASON_STATE_NOT_ALLOWED, claim_id, why);
}

// The claims that share what the claim's statement shares: itself or, under a policy that looks at others, all that
// were published with it. By claimant.
absl::StatusOr<std::map<std::string, v1::Claim>> SharersOf(store::Reader& reader, const v1::Claim& claim,
                                                           const engine::Policy& policy) {
  std::map<std::string, v1::Claim> sharers = {{claim.claimant_uscc(), claim}};
  if (!engine::LooksAtOthers(policy)) return sharers;
  absl::Status walked = ForEachClaim(reader, [&](const v1::Claim& other) {
    const bool is_together = other.statement().policy_id() == claim.statement().policy_id() &&
                             other.has_publish_time() &&
                             base::FromProto(other.publish_time()) == base::FromProto(claim.publish_time());
    if (is_together) sharers.emplace(other.claimant_uscc(), other);
    return absl::OkStatus();
  });
  if (!walked.ok()) return walked;
  return sharers;
}

absl::Status CheckAllowed(const base::Caller& caller, const v1::Claim& claim, const engine::Policy& policy) {
  if (claim.epoch() == 0) return NoRecord(claim.claim_id(), "the claim is older than records are kept");
  if (!engine::LooksAtOthers(policy)) return absl::OkStatus();
  if (!claim.has_publish_time()) {
    return NoRecord(claim.claim_id(), "what is shared with others is provisional until the claims are published");
  }
  if (caller.role == base::Role::ROLE_SUPPLIER) {
    return NoRecord(claim.claim_id(), "the record holds the sales of all who share; officers and auditors get it");
  }
  return absl::OkStatus();
}

// The parts of one record in a directory of their own.
class Parts {
 public:
  Parts(store::Reader& reader, const v1::Claim& claim, const ReadyPolicy& policy)
      : reader_(reader), claim_(claim), policy_(policy) {}

  absl::Status Write() {
    if (scratch_.path().empty()) return absl::InternalError("there is no room for temporary files");
    auto sharers = SharersOf(reader_, claim_, policy_.rule);
    if (!sharers.ok()) return sharers.status();
    sharers_ = *std::move(sharers);
    const std::string sales_path = base::StrCat(scratch_.path(), "/", record::kSalesPart);
    SaleRows sales(sales_path, claim_.claim_id());
    for (const auto& [claimant_uscc, sharer] : sharers_) {
      if (absl::Status status = AddSales(sharer, sales); !status.ok()) return status;
    }
    if (absl::Status status = sales.Close(); !status.ok()) return status;
    Put(record::kPolicyPart, policy_.record.toml());
    // A published claim met every condition. The statement of a filing does not look at them, so where one is not met
    // the record does not either.
    has_applicants_ = claim_.unmet_conditions().empty();
    if (has_applicants_) Put(record::kApplicantsPart, offline::FormatApplicants(Applicants()));
    sources_.push_back({record::kSalesPart, sales_path});
    return absl::OkStatus();
  }

  // Computes the statement from what was written, and compares it with those of the claims.
  absl::Status Compute() {
    offline::FaultList faults;
    const std::string out = scratch_.path() + "/computed";
    auto computed = record::ComputeParts(scratch_.path(), out, base::FileThreads(), faults);
    if (!faults.empty()) {
      return base::DataLoss(
          base::StrCat("the record of claim ", claim_.claim_id(), ": ", faults.Sorted().front().what));
    }
    if (!computed.ok()) return computed.status();
    for (const char* name : {record::kStatementPart, record::kLinesPart}) {
      sources_.push_back({name, base::StrCat(out, "/", name)});
    }
    return CheckStatements(*computed);
  }

  absl::Status Sign(const record::SigningKey& key, const std::string& path) {
    const v1::Statement& statement = claim_.statement();
    const auto& time = claim_.has_publish_time() ? claim_.publish_time() : claim_.submit_time();
    const record::Facts facts = {{"claim", claim_.claim_id()},
                                 {"claimant", claim_.claimant_uscc()},
                                 {"policy", base::StrCat(statement.policy_id(), " ", statement.policy_version())},
                                 {"statement_of", claim_.has_publish_time() ? "publication" : "filing"},
                                 {"statement_time", TimeText(true, time)},
                                 {"reward_fen", base::StrCat(statement.reward().amount_fen())}};
    return record::WriteRecord(facts, sources_, key, path);
  }

 private:
  void Put(const char* name, const std::string& text) {
    const std::string path = base::StrCat(scratch_.path(), "/", name);
    std::ofstream(path, std::ios::binary) << text;
    sources_.push_back({name, path});
  }

  absl::Status AddSales(const v1::Claim& sharer, SaleRows& sales) {
    return ForEachFrozenSale(reader_, sharer.claimant_uscc(), sharer.epoch(), [&](const FrozenSale& frozen) {
      const bool is_line = IsLine(policy_.rule, frozen.sale, JudgeSale(policy_.rule, frozen.sale));
      return is_line ? sales.Add(frozen) : absl::OkStatus();
    });
  }

  offline::Applicants Applicants() const {
    offline::Applicants applicants;
    for (const auto& [claimant_uscc, sharer] : sharers_) {
      engine::Applicant& applicant = applicants[claimant_uscc];
      if (!sharer.registered_on().empty()) {
        // What is stored was checked when it was filed.
        applicant.registered_on = base::ParseDay(sharer.registered_on()).value();
      }
      for (const v1::ClaimDocument& document : sharer.documents()) applicant.documents.push_back(document.name());
    }
    return applicants;
  }

  absl::Status CheckStatements(const offline::Computed& computed) const {
    for (const auto& [claimant_uscc, sharer] : sharers_) {
      const auto row =
          std::find_if(computed.statement.begin(), computed.statement.end(),
                       [&uscc = sharer.claimant_uscc()](const auto& candidate) { return candidate.claimant == uscc; });
      const v1::Statement& stated = sharer.statement();
      if (row == computed.statement.end() && !has_applicants_) {
        return NoRecord(sharer.claim_id(), "no sale falls in the period, and the policy's conditions are not met");
      }
      const bool is_same = row != computed.statement.end() && row->counted_fen == stated.gross().amount_fen() &&
                           row->refunded_fen == stated.refunded().amount_fen() &&
                           row->reward_fen == stated.reward().amount_fen() && row->reason == stated.reason();
      if (!is_same) {
        return base::DataLoss(
            base::StrCat("the statement of claim ", sharer.claim_id(), " does not follow from the sales it rests on"));
      }
    }
    return absl::OkStatus();
  }

  store::Reader& reader_;
  const v1::Claim& claim_;
  const ReadyPolicy& policy_;
  const base::TemporaryDirectory scratch_;
  std::map<std::string, v1::Claim> sharers_;
  std::vector<record::PartSource> sources_;
  bool has_applicants_ = false;
};

absl::Status NoKey() {
  return NoRecord("record key", "this server has no key to sign records with: zhuxiaod key create");
}

}  // namespace

absl::Status ExportClaimRecord(store::Reader& reader, const base::Caller& caller, const record::SigningKey* key,
                               const v1::ExportClaimRecordRequest& request, const std::string& path) {
  auto claim = FindClaim(reader, request.claim_id());
  if (!claim.ok()) return claim.status();
  if (!MaySeeLines(caller, *claim)) return base::NotFound("claim", request.claim_id());
  if (key == nullptr) return NoKey();
  auto policy = PublishedPolicy(reader, claim->statement().policy_id(), claim->statement().policy_version());
  if (!policy.ok()) return policy.status();
  if (absl::Status status = CheckAllowed(caller, *claim, policy->rule); !status.ok()) return status;
  Parts parts(reader, *claim, *policy);
  if (absl::Status status = parts.Write(); !status.ok()) return status;
  if (absl::Status status = parts.Compute(); !status.ok()) return status;
  return parts.Sign(*key, path);
}

absl::StatusOr<v1::GetRecordKeyResponse> GetRecordKey(const record::SigningKey* key) {
  if (key == nullptr) return NoKey();
  v1::GetRecordKeyResponse response;
  response.set_key_id(key->public_key().Id());
  response.set_public_key_pem(key->public_key().Pem());
  return response;
}

}  // namespace zhuxiao::reward
