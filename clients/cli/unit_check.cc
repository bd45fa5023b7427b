// Holds quantities as they were typed against what their commodity is counted in.
#include "clients/cli/unit_check.h"

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
std::string FaultOf(const Commodity& commodity, const FieldDescriptor& field, const Quantity& quantity) {
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

}  // namespace

absl::Status UnitCheck::Check(const Message& request, const std::vector<OptionSpec>& options,
                              const Arguments& arguments, base::FieldErrors& errors) {
  for (const OptionSpec& option : options) {
    const FieldDescriptor& field = *FindField(*request.GetDescriptor(), option.path);
    if (KindOf(field) != FieldKind::kQuantity) continue;
    const auto quantity = ParseQuantity(TextOption(arguments, NameOf(*request.GetDescriptor(), option)));
    const std::string code = CommodityBeside(request, option.path);
    if (!quantity.ok() || code.empty()) continue;
    const auto commodity = Find(code);
    if (!commodity.ok()) return commodity.status();
    if (commodity->base_unit() == directory::v1::BASE_UNIT_UNSPECIFIED) continue;
    const std::string fault = FaultOf(*commodity, field, *quantity);
    errors.Require(fault.empty(), ShownName(*request.GetDescriptor(), option), fault);
  }
  return absl::OkStatus();
}

absl::StatusOr<Commodity> UnitCheck::Find(const std::string& code) {
  if (const auto it = known_.find(code); it != known_.end()) return it->second;
  directory::v1::GetCommodityRequest request;
  request.set_code(code);
  const auto response = client_.Call<directory::v1::GetCommodityResponse>(request);
  // An unknown code, or one that can be none: the call that needs it says so, with the field.
  const bool is_answer =
      response.ok() || absl::IsNotFound(response.status()) || absl::IsInvalidArgument(response.status());
  if (!is_answer) return response.status();
  return known_[code] = response.ok() ? response->commodity() : Commodity();
}

}  // namespace zhuxiao::cli
