#include "services/document/pages.h"

#include "services/base/clock.h"
#include "services/base/money.h"
#include "services/base/strings.h"
#include "services/directory/directory.h"
#include "services/document/html.h"
#include "services/document/qr_code.h"

namespace zhuxiao::document {
namespace {

using base::StrCat;
using order::v1::Contract;
using order::v1::ContractReturn;

constexpr std::string_view kMask = "***";

constexpr std::string_view kStyle =
    "body{font-family:sans-serif;margin:2em auto;max-width:60em}table{border-collapse:collapse;margin:1em 0}"
    "th,td{border:1px solid #888;padding:.3em .6em;text-align:left}figure{margin:1em 0}svg{width:10em;height:10em}"
    "figcaption{font-family:monospace;font-size:.7em;word-break:break-all}";

std::string_view TitleOf(v1::DocumentKind kind) {
  switch (kind) {
    case v1::DOCUMENT_KIND_DELIVERY_NOTE:
      return "送货单 Delivery note";
    case v1::DOCUMENT_KIND_ACCEPTANCE_SHEET:
      return "验收单 Acceptance sheet";
    default:
      return "月结单 Monthly statement";
  }
}

std::string TimeText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", base::FromProto(time), base::Shanghai());
}

std::string Yuan(int64_t amount_fen) { return base::FormatYuan(amount_fen); }

std::string NameOf(const PageFacts& facts, const std::string& uscc) {
  const auto it = facts.names.find(uscc);
  return it == facts.names.end() ? uscc : StrCat(it->second, " (", uscc, ")");
}

std::string GoodsOf(const Contract& contract) {
  const directory::v1::Commodity* commodity = directory::FindCommodity(contract.commodity_code());
  return commodity == nullptr ? contract.commodity_code() : StrCat(commodity->name_zh(), " ", commodity->name_en());
}

std::string_view PartyText(order::v1::Party party) {
  switch (party) {
    case order::v1::PARTY_SUPPLIER:
      return "供方 supplier";
    case order::v1::PARTY_CARRIER:
      return "承运方 carrier";
    case order::v1::PARTY_BUYER:
      return "采购方 buyer";
    default:
      return "";
  }
}

std::string_view PaymentText(order::v1::PaymentKind kind) {
  switch (kind) {
    case order::v1::PAYMENT_KIND_PREPAYMENT:
      return "预付款 prepayment";
    case order::v1::PAYMENT_KIND_BALANCE:
      return "货款 balance";
    case order::v1::PAYMENT_KIND_LATE_INTEREST:
      return "逾期利息 late interest";
    default:
      return "退款 refund";
  }
}

// Words people wrote may name people.
std::string FreeText(const std::string& text, bool is_masked) {
  return is_masked && !text.empty() ? std::string(kMask) : text;
}

bool IsAgreed(const ContractReturn& back) { return back.state() == order::v1::RETURN_STATE_AGREED; }

bool IsIn(const google::protobuf::Timestamp& time, absl::Time begin, absl::Time end) {
  return base::FromProto(time) >= begin && base::FromProto(time) < end;
}

bool IsAcceptedIn(const Contract& contract, absl::Time begin, absl::Time end) {
  return contract.has_accept_time() && contract.accepted_units() > 0 && IsIn(contract.accept_time(), begin, end);
}

// Units back, and their amount, by returns agreed to in [begin, end).
struct Back {
  int64_t units = 0;
  int64_t amount_fen = 0;
};
Back BackIn(const Contract& contract, absl::Time begin, absl::Time end) {
  Back back;
  for (const ContractReturn& r : contract.returns()) {
    if (!IsAgreed(r) || !IsIn(r.answer_time(), begin, end)) continue;
    back.units += r.units();
    back.amount_fen += r.amount().amount_fen();
  }
  return back;
}

// What the goods were accepted for, before any return.
int64_t AcceptedFen(const Contract& contract) {
  return contract.accepted_amount().amount_fen() +
         BackIn(contract, absl::InfinitePast(), absl::InfiniteFuture()).amount_fen;
}

std::string Head(const PageFacts& facts) {
  const v1::Document& document = facts.document;
  std::vector<std::pair<std::string, std::string>> rows = {
      {"编号 Number", document.document_number()},
      {"开具时间 Issued", TimeText(document.issue_time())},
  };
  if (!document.corrects().empty()) rows.emplace_back("更正 Corrects", document.corrects());
  return Element("h1", TitleOf(document.kind())) + "\n" + FactTable(rows);
}

std::string Quantities(const Contract& contract, bool has_come) {
  std::vector<std::string> header = {"品类 Goods", "单位 Unit", "单价 Price", "订购 Ordered", "发货 Shipped"};
  std::vector<std::string> row = {GoodsOf(contract), contract.sale_unit(), Yuan(contract.unit_price().amount_fen()),
                                  StrCat(contract.ordered_units()), StrCat(contract.delivered_units())};
  if (has_come) {
    for (const char* name : {"验收 Accepted", "退货 Returned", "重量 Weight (g)", "金额 Amount"})
      header.push_back(name);
    row.push_back(StrCat(contract.accepted_units()));
    row.push_back(StrCat(contract.taken_back_units()));
    row.push_back(
        contract.accepted_weight_g() == 0 ? "" : StrCat(contract.accepted_weight_g() - contract.taken_back_weight_g()));
    row.push_back(Yuan(contract.accepted_amount().amount_fen()));
  }
  return Table(header, {row});
}

std::string Certificates(const Contract& contract) {
  if (contract.certificates().empty()) return "";
  std::vector<std::vector<std::string>> rows;
  for (const order::v1::Certificate& certificate : contract.certificates()) {
    rows.push_back({directory::v1::CertificateKind_Name(certificate.kind()).substr(17), certificate.number(),
                    TimeText(certificate.issue_time()), TimeText(certificate.valid_until()),
                    StrCat(certificate.quantity_base())});
  }
  return Table({"证明 Certificate", "编号 Number", "签发 Issued", "有效至 Valid until", "数量 Quantity"}, rows);
}

std::string Returns(const Contract& contract, bool is_masked) {
  std::vector<std::vector<std::string>> rows;
  for (const ContractReturn& back : contract.returns()) {
    if (!IsAgreed(back)) continue;
    rows.push_back({TimeText(back.answer_time()), StrCat(back.units()), Yuan(back.amount().amount_fen()),
                    std::string(PartyText(back.party())), FreeText(back.cause(), is_masked)});
  }
  if (rows.empty()) return "";
  return Table({"退货 Returned", "数量 Units", "金额 Amount", "责任方 At fault", "原因 Cause"}, rows);
}

std::string Rejected(const Contract& contract, bool is_masked) {
  const int64_t rejected = contract.delivered_units() - contract.accepted_units();
  if (rejected == 0) return "";
  return Table({"拒收 Not accepted", "损坏 Spoiled", "责任方 At fault", "原因 Cause"},
               {{StrCat(rejected), StrCat(contract.spoiled_units()), std::string(PartyText(contract.rejected_party())),
                 FreeText(contract.rejected_cause(), is_masked)}});
}

std::string InArticle(const std::string& content) { return "<article>\n" + content + "</article>"; }

}  // namespace

std::string ContractArticle(const PageFacts& facts, const Contract& contract, bool is_masked) {
  const bool has_come = facts.document.kind() == v1::DOCUMENT_KIND_ACCEPTANCE_SHEET;
  const std::string address = FreeText(facts.address, is_masked);
  std::vector<std::pair<std::string, std::string>> rows = {
      {"合同 Contract", contract.contract_id()},
      {"供方 Supplier", NameOf(facts, contract.supplier_uscc())},
      {"采购方 Buyer", NameOf(facts, contract.institution_uscc())},
      {"产地 Origin", contract.origin_code()},
      {"送达 Destination", address.empty() ? facts.destination : StrCat(facts.destination, " ", address)},
      {"发货时间 Shipped", TimeText(contract.ship_time())},
  };
  if (has_come) {
    rows.emplace_back("验收时间 Accepted", TimeText(contract.accept_time()));
    rows.emplace_back("发票 Invoice", contract.invoice_number());
    rows.emplace_back("付款截止 Pay before", TimeText(contract.payment_due_time()));
  }
  std::string content = Head(facts) + FactTable(rows) + Quantities(contract, has_come);
  content += has_come ? Rejected(contract, is_masked) + Returns(contract, is_masked) : Certificates(contract);
  return InArticle(content);
}

bool IsInStatement(const Contract& contract, absl::Time begin, absl::Time end) {
  if (IsAcceptedIn(contract, begin, end) || BackIn(contract, begin, end).units > 0) return true;
  for (const order::v1::Payment& payment : contract.payments()) {
    if (IsIn(payment.time(), begin, end)) return true;
  }
  return false;
}

int64_t StatementFen(const std::vector<Contract>& contracts, absl::Time begin, absl::Time end) {
  int64_t sum = 0;
  for (const Contract& contract : contracts) {
    if (IsAcceptedIn(contract, begin, end)) sum += AcceptedFen(contract);
    sum -= BackIn(contract, begin, end).amount_fen;
  }
  return sum;
}

std::string StatementArticle(const PageFacts& facts, const std::vector<Contract>& contracts, absl::Time begin,
                             absl::Time end) {
  std::vector<std::vector<std::string>> goods;
  std::vector<std::vector<std::string>> money;
  for (const Contract& contract : contracts) {
    const Back back = BackIn(contract, begin, end);
    const bool is_accepted = IsAcceptedIn(contract, begin, end);
    if (is_accepted || back.units > 0) {
      goods.push_back({contract.contract_id(), NameOf(facts, contract.supplier_uscc()), GoodsOf(contract),
                       contract.sale_unit(), StrCat(contract.ordered_units()), StrCat(contract.delivered_units()),
                       StrCat(contract.accepted_units()), StrCat(back.units),
                       Yuan((is_accepted ? AcceptedFen(contract) : 0) - back.amount_fen)});
    }
    for (const order::v1::Payment& payment : contract.payments()) {
      if (!IsIn(payment.time(), begin, end)) continue;
      money.push_back({TimeText(payment.time()), contract.contract_id(), std::string(PaymentText(payment.kind())),
                       Yuan(payment.amount().amount_fen())});
    }
  }
  return InArticle(Head(facts) +
                   FactTable({{"采购方 Buyer", NameOf(facts, facts.document.party_usccs(0))},
                              {"月份 Month", absl::FormatTime("%Y-%m", begin, base::Shanghai())},
                              {"合计 Total", Yuan(StatementFen(contracts, begin, end))}}) +
                   Table({"合同 Contract", "供方 Supplier", "品类 Goods", "单位 Unit", "订购 Ordered", "发货 Shipped",
                          "验收 Accepted", "本月退货 Returned", "金额 Amount"},
                         goods) +
                   Table({"时间 Time", "合同 Contract", "款项 Payment", "金额 Amount"}, money));
}

std::string CodeText(const v1::Document& document) {
  return StrCat("zhuxiao:document:", document.document_number(), ":", document.digest());
}

std::string Page(const v1::Document& document, std::string_view article) {
  const std::string text = CodeText(document);
  return StrCat("<!DOCTYPE html>\n<html lang=\"zh\">\n<head><meta charset=\"utf-8\">",
                Element("title", document.document_number()), "<style>", kStyle, "</style></head>\n<body>\n", article,
                "\n<figure>", QrCodeSvg(text), Element("figcaption", text), "</figure>\n</body>\n</html>\n");
}

}  // namespace zhuxiao::document
