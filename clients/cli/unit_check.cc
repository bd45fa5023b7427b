// Holds quantities as they were typed against what their commodity is counted in.
#include "clients/cli/unit_check.h"

#include <optional>

#include "clients/cli/fields.h"
#include "clients/cli/values.h"
#include "services/base/strings.h"

namespace zhuxiao::cli {
namespace {

using directory::v1::Commodity;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The commodity the message that holds the field at `path` is about, or "".
std::string CommodityBeside(const Message& request, const std::string& path) {
  const Message* owner = &request;
  size_t begin = 0;
  for (size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.', begin)) {
    const FieldDescriptor* field = owner->GetDescriptor()->FindFieldByName(path.substr(begin, dot - begin));
    owner = &owner->GetReflection()->GetMessage(*owner, field);
    begin = dot + 1;
  }
  const FieldDescriptor* code = owner->GetDescriptor()->FindFieldByName("commodity_code");
  return code == nullptr ? "" : owner->GetReflection()->GetString(*owner, code);
}

// What is wrong with the unit of a quantity, or "". A price may be for a weight of goods that are counted in pieces.
std::string FaultFor(const Commodity& commodity, const FieldDescriptor& field, const Quantity& quantity) {
  const bool is_price = field.name() == "limit_base";
  if (is_price && commodity.is_catch_weight()) {
    return quantity.is_weight ? "" : base::StrCat("must be a weight, for ", commodity.code(), " is settled by weight");
  }
  const bool is_by_weight = commodity.base_unit() == directory::v1::BASE_UNIT_GRAM;
  if (is_by_weight == quantity.is_weight) return "";
  return is_by_weight
             ? base::StrCat("is a number of pieces, but ", commodity.code(), " is measured by weight (g, kg, jin, t)")
             : base::StrCat("is a weight, but ", commodity.code(), " is counted in pieces (head, piece)");
}

// False where the server could not be asked. What is unknown, or can be none, the call that needs it says so, with the
// field.
bool IsAnswer(const absl::Status& status) {
  return status.ok() || absl::IsNotFound(status) || absl::IsInvalidArgument(status);
}

}  // namespace

absl::Status UnitCheck::Check(const Message& request, const std::vector<OptionSpec>& options,
                              const Arguments& arguments, base::FieldErrors& errors) {
  for (const OptionSpec& option : options) {
    const FieldDescriptor& field = *FindField(*request.GetDescriptor(), option.path);
    const FieldKind kind = KindOf(field);
    const auto typed = arguments.find(NameOf(*request.GetDescriptor(), option));
    if (typed == arguments.end() || (kind != FieldKind::kQuantity && kind != FieldKind::kMessage)) continue;
    for (const std::string& text : typed->second) {
      const auto fault = kind == FieldKind::kQuantity ? FaultOf(field, text, {CommodityBeside(request, option.path)})
                                                      : FaultOfPairs(field, text, request);
      if (!fault.ok()) return fault.status();
      errors.Require(fault->empty(), ShownName(*request.GetDescriptor(), option), *fault);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> UnitCheck::FaultOf(const FieldDescriptor& field, const std::string& text,
                                               const std::vector<std::string>& codes) {
  const auto quantity = ParseQuantity(text);
  std::string fault;
  for (const std::string& code : codes) {
    if (!quantity.ok() || code.empty()) return "";
    const auto commodity = Find(code);
    if (!commodity.ok()) return commodity.status();
    if (commodity->base_unit() == directory::v1::BASE_UNIT_UNSPECIFIED) return "";
    const std::string its_fault = FaultFor(*commodity, field, *quantity);
    if (its_fault.empty()) return "";
    if (fault.empty()) fault = its_fault;
  }
  return fault;
}

absl::StatusOr<std::string> UnitCheck::FaultOfPairs(const FieldDescriptor& field, const std::string& text,
                                                    const Message& request) {
  const std::vector<FieldPair> pairs = SplitPairs(*field.message_type(), text);
  std::optional<std::vector<std::string>> codes;
  for (const FieldPair& pair : pairs) {
    if (pair.field != nullptr && pair.field->name() == "commodity_code") codes = {pair.text};
  }
  for (const FieldPair& pair : pairs) {
    if (pair.field == nullptr || KindOf(*pair.field) != FieldKind::kQuantity) continue;
    if (!codes) {
      auto asked = CommoditiesOfContracts(request);
      if (!asked.ok()) return asked.status();
      codes = *std::move(asked);
    }
    const auto fault = FaultOf(*pair.field, pair.text, *codes);
    if (!fault.ok()) return fault.status();
    if (!fault->empty()) return base::StrCat(pair.name, " ", *fault);
  }
  return "";
}

absl::StatusOr<std::vector<std::string>> UnitCheck::CommoditiesOfContracts(const Message& request) {
  const auto& reflection = *request.GetReflection();
  std::vector<std::string> ids;
  for (const char* name : {"contract_id", "contract_ids"}) {
    const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName(name);
    if (field == nullptr) continue;
    if (!field->is_repeated()) ids.push_back(reflection.GetString(request, field));
    for (int i = 0; field->is_repeated() && i < reflection.FieldSize(request, field); ++i) {
      ids.push_back(reflection.GetRepeatedString(request, field, i));
    }
  }
  std::vector<std::string> codes;
  for (const std::string& id : ids) {
    order::v1::GetContractRequest get;
    get.set_contract_id(id);
    const auto response = client_.Call<order::v1::GetContractResponse>(get);
    if (!IsAnswer(response.status())) return response.status();
    codes.push_back(response.ok() ? response->contract().commodity_code() : "");
  }
  return codes;
}

absl::StatusOr<Commodity> UnitCheck::Find(const std::string& code) {
  if (const auto it = known_.find(code); it != known_.end()) return it->second;
  directory::v1::GetCommodityRequest request;
  request.set_code(code);
  const auto response = client_.Call<directory::v1::GetCommodityResponse>(request);
  if (!IsAnswer(response.status())) return response.status();
  return known_[code] = response.ok() ? response->commodity() : Commodity();
}

}  // namespace zhuxiao::cli
