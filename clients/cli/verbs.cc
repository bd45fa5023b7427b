// The verbs of the command line.
#include "clients/cli/verbs.h"

#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "clients/cli/fields.h"

namespace zhuxiao::cli {
namespace {

// Names the thing: stands without a dash, is never part of an update mask.
OptionSpec Key(std::string path) { return {std::move(path), Need::kPositional, "", false}; }
// The etag an update was read with.
OptionSpec Etag(std::string path) { return {std::move(path), Need::kRequired, "", false}; }
OptionSpec Must(std::string path, std::string name = "") { return {std::move(path), Need::kRequired, std::move(name)}; }
OptionSpec May(std::string path, std::string name = "") { return {std::move(path), Need::kOptional, std::move(name)}; }

std::vector<VerbSpec> DirectoryVerbs() {
  return {
      {"organisation",
       "create",
       "directory.CreateOrganisation",
       {Key("organisation.uscc"), Must("organisation.name"), Must("organisation.kind"),
        Must("organisation.region_code")}},
      {"organisation",
       "update",
       "directory.UpdateOrganisation",
       {Key("organisation.uscc"), May("organisation.name"), May("organisation.region_code"),
        Etag("organisation.etag")}},
      {"organisation",
       "register",
       "directory.SetRegistration",
       {Key("registration.uscc"), May("registration.representative_digest"), May("registration.identifier_digests"),
        May("registration.capacities", "capacity"), May("registration.etag")}},
      {"organisation", "registration", "directory.GetRegistration", {Key("uscc")}},
      {"organisation", "get", "directory.GetOrganisation", {Key("uscc")}},
      {"organisation", "list", "directory.ListOrganisations", {May("region_prefix", "region"), May("kind")}},

      {"supplier",
       "apply",
       "directory.ApplySupplier",
       {Key("supplier.uscc"), Must("supplier.village_code"), May("supplier.production_licence")}},
      {"supplier", "recommend", "directory.RecommendSupplier", {Key("uscc")}},
      {"supplier", "activate", "directory.ActivateSupplier", {Key("uscc")}},
      {"supplier", "suspend", "directory.SuspendSupplier", {Key("uscc"), Must("reason")}},
      {"supplier", "remove", "directory.RemoveSupplier", {Key("uscc"), Must("reason")}},
      {"supplier", "get", "directory.GetSupplier", {Key("uscc")}},
      {"supplier", "list", "directory.ListSuppliers", {May("region_prefix", "region"), May("state")}},

      {"institution",
       "register",
       "directory.RegisterInstitution",
       {Key("institution.uscc"), Must("institution.channel"), Must("institution.canteen_mode"),
        May("institution.parent_uscc"), May("institution.representative_uscc")}},
      {"institution",
       "update",
       "directory.UpdateInstitution",
       {Key("institution.uscc"), May("institution.channel"), May("institution.canteen_mode"),
        May("institution.parent_uscc"), May("institution.representative_uscc"), Etag("institution.etag")}},
      {"institution", "get", "directory.GetInstitution", {Key("uscc")}},
      {"institution", "list", "directory.ListInstitutions", {May("channel"), May("parent_uscc")}},

      {"region", "get", "directory.GetRegion", {Key("code")}},
      {"region", "list", "directory.ListRegions", {May("region_prefix", "region")}},

      {"designation", "publish", "directory.PublishDesignations", {Must("designations")}},
      {"designation", "list", "directory.ListDesignations", {May("programme")}},
      {"designation", "check", "directory.CheckEligibility", {Key("region_code"), Must("day")}},

      {"linkage",
       "set",
       "directory.SetLinkage",
       {Key("linkage.supplier_uscc"), Must("linkage.village_code"), Must("linkage.linkage_ppm"),
        May("linkage.households"), May("linkage.etag")}},
      {"linkage", "get", "directory.GetLinkage", {Key("supplier_uscc")}},

      {"commodity", "get", "directory.GetCommodity", {Key("code")}},
      {"commodity", "list", "directory.ListCommodities"},
  };
}

std::vector<VerbSpec> ListingVerbs() {
  return {
      {"listing",
       "create",
       "listing.CreateListing",
       {May("listing.supplier_uscc"), Must("listing.commodity_code"), Must("listing.title"),
        Must("listing.origin_code"), Must("listing.sale_unit"), Must("listing.sale_unit_base", "unit-size"),
        Must("listing.listed_units", "units"), May("listing.unit_price", "price"), May("listing.price_per_kg"),
        May("listing.nominal_weight_g"), Must("listing.ready_time"), Must("listing.last_sale_time"),
        May("listing.min_lot_units", "min-lot"), May("listing.delivery_regions"), May("listing.certificates"),
        May("listing.remark"), May("validate_only")}},
      {"listing",
       "update",
       "listing.UpdateListing",
       {Key("listing.listing_id"), May("listing.title"), May("listing.listed_units", "units"),
        May("listing.unit_price", "price"), May("listing.price_per_kg"), May("listing.ready_time"),
        May("listing.last_sale_time"), May("listing.min_lot_units", "min-lot"), May("listing.delivery_regions"),
        May("listing.certificates"), May("listing.remark"), Etag("listing.etag")}},
      {"listing", "withdraw", "listing.WithdrawListing", {Key("listing_id"), May("units")}},
      {"listing", "spoiled", "listing.ReportSpoiled", {Key("listing_id"), Must("units"), May("cause")}},
      {"listing",
       "stall",
       "listing.ReportStall",
       {Key("listing_id"), Must("stall.level"), May("stall.cause"), May("stall.households_affected", "households"),
        May("stall.contact")}},
      {"listing", "get", "listing.GetListing", {Key("listing_id")}},
      {"listing",
       "list",
       "listing.ListListings",
       {May("commodity_code"), May("region_prefix", "region"), May("stalled_only", "stalled"),
        May("max_days_left", "days-left"), May("max_unit_price", "max-price"), May("supplier_uscc"), May("state")}},

      {"stall",
       "report",
       "stall.ReportStallCase",
       {Key("stall_case.listing_id"), May("stall.level"), May("stall.cause"),
        May("stall.households_affected", "households"), May("stall.contact"), May("stall_case.reporter"),
        May("stall_case.grade"), May("stall_case.packing"), May("stall_case.storage"), May("stall_case.floor_price"),
        May("stall_case.pick_up_point"), May("validate_only")}},
      {"stall", "verify", "stall.VerifyStallCase", {Key("case_id"), May("remark")}},
      {"stall", "dismiss", "stall.DismissStallCase", {Key("case_id"), Must("remark"), May("validate_only")}},
      {"stall", "raise", "stall.RaiseStallCase", {Key("case_id"), Must("level"), May("remark")}},
      {"stall",
       "dispatch",
       "stall.DispatchStallCase",
       {Key("case_id"), May("channels"), May("organisation_usccs", "organisation"), May("remark")}},
      {"stall", "close", "stall.CloseStallCase", {Key("case_id"), May("validate_only")}},
      {"stall", "get", "stall.GetStallCase", {Key("case_id")}},
      {"stall",
       "list",
       "stall.ListStallCases",
       {May("region_prefix", "region"), May("state"), May("min_level"), May("warned_only", "warned"),
        May("open_only", "open")}},
      {"stall", "rules", "stall.GetStallRules", {May("region_code")}},

      {"quota",
       "set",
       "quota.SetQuota",
       {Key("quota.institution_uscc"), Must("quota.year"), Must("quota.target"), Must("quota.limit"),
        May("quota.etag")}},
      {"quota", "declare", "quota.DeclareBase", {May("institution_uscc"), Must("year"), Must("base")}},
      {"quota", "get", "quota.GetQuota", {May("institution_uscc"), Must("year")}},
      {"quota", "list", "quota.ListQuotas", {Must("year"), May("region_prefix", "region")}},
      {"quota", "rules", "quota.ListQuotaRules", {May("year")}},
  };
}

std::vector<VerbSpec> QuotaVerbs() {
  return {
      {"quota",
       "propose-rule",
       "quota.ProposeQuotaRule",
       {Must("rule.year"), May("rule.region_code", "region"), Must("rule.kind"),
        Must("rule.ratio_basis_points", "ratio"), Must("rule.opens_on"), Must("rule.closes_on"),
        Must("rule.correctable_until"), Must("rule.source"), May("validate_only")}},
      {"quota",
       "approve-rule",
       "quota.ApproveQuotaRule",
       {Must("year"), May("region_code", "region"), Must("kind"), Must("version"), May("validate_only")}},
      {"quota",
       "progress",
       "report.ListQuotaProgress",
       {Must("year"), May("region_prefix", "region"), May("parent_uscc"), May("channel"), May("status"),
        May("institution_uscc"), May("with_listings")}},
      {"quota",
       "sum",
       "report.SumQuotaProgress",
       {Must("year"), Must("group_by", "by"), May("region_prefix", "region")}},

      {"declaration",
       "save",
       "quota.SaveDeclaration",
       {Must("declaration.year"), Must("declaration.kind"), May("declaration.figures.base", "base"),
        May("declaration.figures.target", "target"), May("declaration.limit", "limit"),
        May("declaration.waiver.document_no", "waiver-no"), May("declaration.waiver.document_sha256", "waiver-sha256"),
        May("declaration.waiver.reason", "waiver-reason"), May("declaration.etag")}},
      {"declaration", "submit", "quota.SubmitDeclaration", {Must("year"), May("validate_only")}},
      {"declaration",
       "review",
       "quota.ReviewDeclaration",
       {Key("institution_uscc"), Must("year"), May("is_accepted", "accept"), May("remark")}},
      {"declaration",
       "confirm",
       "quota.ConfirmDeclaration",
       {Key("institution_uscc"), Must("year"), May("is_accepted", "accept"), May("remark"), May("validate_only")}},
      {"declaration",
       "correct",
       "quota.CorrectDeclaration",
       {Must("year"), Must("correction.figures.base", "base"), May("correction.figures.target", "target"),
        Must("correction.document_no"), Must("correction.cause"), May("validate_only")}},
      {"declaration",
       "decide",
       "quota.DecideCorrection",
       {Key("institution_uscc"), Must("year"), May("is_accepted", "accept"), May("remark"), May("validate_only")}},
      {"declaration", "get", "quota.GetDeclaration", {May("institution_uscc"), Must("year")}},
      {"declaration", "list", "quota.ListDeclarations", {Must("year"), May("region_prefix", "region"), May("state")}},

      {"binding",
       "propose",
       "quota.ProposeRebinding",
       {Key("contract_id"), Must("to_uscc"), Must("cause"), May("validate_only")}},
      {"binding",
       "decide",
       "quota.DecideRebinding",
       {Key("contract_id"), May("is_accepted", "accept"), May("remark"), May("validate_only")}},
      {"binding", "get", "quota.GetBinding", {Key("contract_id")}},
  };
}

std::vector<OptionSpec> OrderOptions() {
  return {Must("order.commodity_code"),
          Must("order.quantity_base"),
          Must("order.limit_price"),
          Must("order.limit_base", "per"),
          Must("order.destination_code"),
          May("order.address"),
          Must("order.deliver_by_time"),
          May("order.allow_partial", "partial"),
          May("order.standing_until"),
          May("order.awaits_round", "await-round"),
          May("order.required_programme", "programme"),
          May("order.required_certificates", "certificate"),
          May("order.payment_mode"),
          May("order.payment_days"),
          May("order.late_interest_ppm")};
}

std::vector<VerbSpec> ForwardVerbs() {
  return {
      {"forward",
       "propose",
       "forward.ProposeForward",
       {Key("forward.supplier_uscc"), Must("forward.commodity_code"), Must("forward.units"), Must("forward.sale_unit"),
        Must("forward.sale_unit_base", "unit-size"), Must("forward.floor_price", "floor"),
        May("forward.ceiling_price", "ceiling"), Must("forward.first_day", "from"), Must("forward.last_day", "to"),
        May("forward.origin_code"), Must("forward.destination_code"), May("forward.address"),
        May("forward.payment_mode"), May("forward.payment_days"), May("forward.late_interest_ppm"),
        May("forward.remark"), May("validate_only")}},
      {"forward", "sign", "forward.SignForward", {Key("forward_id"), May("etag"), May("validate_only")}},
      {"forward",
       "refuse",
       "forward.RefuseForward",
       {Key("forward_id"), May("reason"), May("etag"), May("validate_only")}},
      {"forward", "withdraw", "forward.WithdrawForward", {Key("forward_id"), May("etag"), May("validate_only")}},
      {"forward",
       "call-off",
       "forward.CallOffForward",
       {Key("forward_id"), Must("units"), May("going_price", "price"), May("ready_time"), Must("last_sale_time"),
        May("title"), May("certificates"), May("etag"), May("validate_only")}},
      {"forward",
       "ask-cancel",
       "forward.AskCancelForward",
       {Key("forward_id"), Must("reason"), May("etag"), May("validate_only")}},
      {"forward",
       "answer-cancel",
       "forward.AnswerCancelForward",
       {Key("forward_id"), May("is_agreed", "agree"), May("etag"), May("validate_only")}},
      {"forward", "get", "forward.GetForward", {Key("forward_id")}},
      {"forward",
       "list",
       "forward.ListForwards",
       {May("state"), May("commodity_code"), May("organisation_uscc", "organisation"), May("is_short", "short"),
        May("region_prefix", "region")}},
  };
}

std::vector<VerbSpec> OrderVerbs() {
  return {
      {"order", "place", "order.PlaceOrder", OrderOptions()},
      {"order", "preview", "order.PreviewOrder", OrderOptions()},
      {"order", "cancel", "order.CancelOrder", {Key("order_id")}},
      {"order", "get", "order.GetOrder", {Key("order_id")}},
      {"order", "list", "order.ListOrders", {May("institution_uscc"), May("state")}},

      {"contract", "get", "order.GetContract", {Key("contract_id")}},
      {"contract", "list", "order.ListContracts", {May("state"), May("organisation_uscc")}},
      {"contract", "sign", "order.SignContract", {Key("contract_id"), May("validate_only")}},
      {"contract", "refuse", "order.RefuseContract", {Key("contract_id"), May("cause"), May("validate_only")}},
      {"contract", "pay", "order.PayContract", {Key("contract_id"), May("validate_only")}},
      {"contract", "extend", "order.ExtendPayment", {Key("contract_id"), May("validate_only")}},
      {"contract",
       "ship",
       "order.ShipContract",
       {Key("contract_id"), May("delivered_units", "units"), May("certificates"), May("validate_only")}},
      {"contract",
       "accept",
       "order.AcceptContract",
       {Key("contract_id"), Must("accepted_units", "units"), May("accepted_weight_g", "weight"), May("rejected_goods"),
        May("cause"), May("rejected_party", "party"), May("invoice_number", "invoice"), May("validate_only")}},
      {"contract", "settle", "order.SettleContract", {Key("contract_id"), May("validate_only")}},
      {"contract",
       "return",
       "order.AskReturn",
       {Key("contract_id"), Must("units"), May("weight_g"), Must("goods"), Must("party"), Must("cause"),
        May("validate_only")}},
      {"contract",
       "answer",
       "order.AnswerReturn",
       {Key("contract_id"), Must("return_id", "return"), May("is_agreed", "agree"), May("answer"),
        May("validate_only")}},
      {"shipment", "plan", "shipping.PlanShipments", {May("capacity_g")}},
      {"shipment",
       "ship",
       "shipping.ShipTogether",
       {Must("contract_ids"), Must("capacity_g"), Must("vehicle"), May("certificates"), May("validate_only")}},
      {"shipment", "get", "shipping.GetShipment", {Key("shipment_id")}},
      {"contract", "overdue", "order.ListOverdueContracts"},
      {"contract", "payment-rules", "order.ListPaymentRules", {May("day")}},

      {"hold", "create", "partner.HoldStock", {Key("listing_id"), Must("units"), Must("expire_time", "until")}},
      {"hold",
       "sell",
       "partner.SellHold",
       {Key("hold_id"), Must("units"), May("weight_g"), Must("platform_order_no", "order-no")}},
      {"hold", "release", "partner.ReleaseHold", {Key("hold_id")}},
      {"hold", "get", "partner.GetHold", {Key("hold_id")}},
      {"hold", "list", "partner.ListHolds", {May("state")}},
  };
}

std::vector<VerbSpec> DocumentVerbs() {
  return {
      {"document",
       "issue",
       "document.IssueDocument",
       {Must("kind"), May("contract_id"), May("month"), May("validate_only")}},
      {"document", "list", "document.ListDocuments", {May("kind"), May("organisation_uscc")}},
      {"document", "check", "document.CheckDocument", {Key("document_number"), Must("digest")}},
  };
}

std::vector<VerbSpec> RoundVerbs() {
  return {
      {"round",
       "open",
       "matching.OpenRound",
       {May("region_code", "region"), May("is_automatic", "automatic"), May("target_gap_ppm", "gap"),
        May("time_limit_seconds", "time-limit")}},
      {"round", "close", "matching.CloseRound", {Key("round_id")}},
      {"round", "clear", "matching.ClearRound", {Key("round_id")}},
      {"round", "settle", "matching.SettleRound", {Key("round_id")}},
      {"round", "cancel", "matching.CancelRound", {Key("round_id"), May("cause")}},
      {"round", "show", "matching.GetRound", {Key("round_id")}},
      {"round", "list", "matching.ListRounds", {May("state"), May("region_code", "region")}},
      {"round",
       "lines",
       "matching.ListRoundLines",
       {Key("round_id"), May("listing_id"), May("order_id"), May("state")}},
      {"round",
       "preview",
       "matching.PreviewRound",
       {May("region_code", "region"), May("target_gap_ppm", "gap"), May("time_limit_seconds", "time-limit"),
        May("max_lines", "lines")}},
      {"round", "explain", "matching.ExplainRound", {Key("round_id"), May("listing_id"), May("order_id")}},
  };
}

std::vector<VerbSpec> RewardVerbs() {
  return {
      {"sales", "list", "reward.ListSales", {May("claimant_uscc"), Must("year")}},
      {"sales", "pending-refunds", "reward.ListPendingRefunds", {May("platform_uscc")}},
      {"sales", "pending-waybills", "reward.ListPendingWaybills", {May("platform_uscc")}},

      {"reward",
       "review-policy",
       "reward.ReviewPolicy",
       {Key("policy_id"), Must("version"), May("is_approved", "approve"), May("cause")}},
      {"reward", "publish", "reward.PublishPolicy", {Key("policy_id"), Must("version")}},
      {"reward", "policies", "reward.ListPolicies", {May("jurisdiction")}},
      {"reward",
       "dry-run",
       "reward.DryRunPolicy",
       {Key("policy_id"), Must("version"), May("years_back", "years-back")}},
      {"reward",
       "statement",
       "reward.GetStatement",
       {Key("policy_id"), May("claimant_uscc"), May("policy_version", "version")}},
      {"reward", "claim", "reward.SubmitClaim", {Key("policy_id"), May("documents"), May("registered_on")}},
      {"reward", "review", "reward.ReviewClaim", {Key("claim_id"), May("is_approved", "approve"), May("cause")}},
      {"reward", "recheck", "reward.RecheckClaim", {Key("claim_id"), May("is_approved", "approve"), May("cause")}},
      {"reward", "publish-claims", "reward.PublishClaims", {Key("policy_id")}},
      {"reward", "object", "reward.ObjectToClaim", {Key("claim_id"), Must("text")}},
      {"reward",
       "answer",
       "reward.AnswerObjection",
       {Key("claim_id"), Must("objection_id"), Must("answer"), May("is_upheld", "uphold")}},
      {"reward", "approve", "reward.ApproveClaim", {Key("claim_id"), May("is_approved", "approve"), May("cause")}},
      {"reward", "pay", "reward.PayClaim", {Key("claim_id")}},
      {"reward", "clawback", "reward.SettleClawBack", {Key("claim_id"), Must("amount")}},
      {"reward", "get", "reward.GetClaim", {Key("claim_id")}},
      {"reward", "claims", "reward.ListClaims", {May("state")}},
      {"reward", "key", "reward.GetRecordKey"},
      {"reward",
       "waive",
       "reward.RecordWaiver",
       {Key("waiver.waiver_no"), Must("waiver.claimant_uscc"), Must("waiver.policy_id"), Must("waiver.kind"),
        Must("waiver.amount"), Must("waiver.due_time")}},
      {"reward", "waivers", "reward.ListWaivers", {May("claimant_uscc")}},
      {"sales", "feed", "reward.GetSalesFeed", {Key("feed")}},

      {"report",
       "entries",
       "report.ListReportEntries",
       {Key("day"), Must("group_by", "by"), Must("figure"), May("key"), May("region_prefix", "region"),
        May("commodity_code")}},
      {"report",
       "household",
       "report.GetHouseholdStatement",
       {Key("household_code"), May("supplier_uscc"), Must("first_day"), Must("last_day")}},
      {"", "income", "report.GetIncome", {May("supplier_uscc"), Must("year")}},
      {"", "echo", "diagnostics.Echo", {Key("payload")}},
  };
}

}  // namespace

const std::vector<VerbSpec>& Verbs() {
  static const auto& verbs = *[] {
    auto* all = new std::vector<VerbSpec>();
    for (auto part : {DirectoryVerbs(), ListingVerbs(), QuotaVerbs(), OrderVerbs(), ForwardVerbs(), DocumentVerbs(),
                      RoundVerbs(), RewardVerbs()}) {
      all->insert(all->end(), part.begin(), part.end());
    }
    return all;
  }();
  return verbs;
}

const VerbSpec& FindVerb(std::string_view group, std::string_view name) {
  for (const VerbSpec& verb : Verbs()) {
    if (verb.group == group && verb.name == name) return verb;
  }
  std::abort();
}

const google::protobuf::MethodDescriptor& MethodOf(const VerbSpec& verb) {
  const std::vector<std::string> parts = absl::StrSplit(verb.method, '.');
  std::string service = parts[0];
  service[0] = absl::ascii_toupper(static_cast<unsigned char>(service[0]));
  const auto* method = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
      "zhuxiao." + parts[0] + ".v1." + service + "Service." + parts[1]);
  if (method == nullptr) std::abort();
  return *method;
}

std::string NameOf(const google::protobuf::Descriptor& message, const OptionSpec& option) {
  return option.name.empty() ? OptionNameOf(*FindField(message, option.path)) : option.name;
}

}  // namespace zhuxiao::cli
