// What refund_of means.
#include "services/reward/offline/refund_target.h"

#include "services/reward/offline/spill.h"

namespace zhuxiao::reward::offline {
namespace {

constexpr std::string_view kSeparators = "/:#|-_";

std::string OrderKey(std::string_view platform, std::string_view order_no) {
  std::string key(platform);
  key.push_back(kKeyBreak);
  key.append(order_no);
  return key;
}

}  // namespace

RefundTarget ReadRefundOf(std::string_view refund_of, std::string_view own,
                          const std::function<bool(std::string_view)>& has_order) {
  const std::string_view own_order = OrderPart(own);
  const std::string_view platform = own_order.substr(0, own_order.find(kKeyBreak));
  const std::string_view own_line = own.substr(own_order.size() + 1);

  std::string_view without_platform;
  if (refund_of.size() > platform.size() + 1 && refund_of.starts_with(platform) &&
      kSeparators.find(refund_of[platform.size()]) != std::string_view::npos) {
    without_platform = refund_of.substr(platform.size() + 1);
  }
  for (const std::string_view text : {refund_of, without_platform}) {
    if (!text.empty() && has_order(OrderKey(platform, text))) return {KeyOf(platform, text, own_line), true};
  }
  for (const std::string_view text : {refund_of, without_platform}) {
    const size_t at = text.find_last_of(kSeparators);
    if (at == std::string_view::npos) continue;
    if (has_order(OrderKey(platform, text.substr(0, at)))) {
      return {KeyOf(platform, text.substr(0, at), text.substr(at + 1)), false};
    }
  }
  if (has_order(own_order)) return {std::string(own_order) + kKeyBreak + std::string(refund_of), false};
  return {KeyOf(platform, refund_of, own_line), true};
}

}  // namespace zhuxiao::reward::offline
