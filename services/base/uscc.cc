#include "services/base/uscc.h"

namespace zhuxiao::base {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
constexpr int kModulus = 31;
constexpr size_t kBodyLength = 17;

}  // namespace

char UsccCheckCharacter(std::string_view body) {
  if (body.size() != kBodyLength) return '\0';
  int sum = 0;
  int weight = 1;
  for (char c : body) {
    const size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return '\0';
    sum = (sum + static_cast<int>(value) * weight) % kModulus;
    weight = weight * 3 % kModulus;
  }
  return kAlphabet[(kModulus - sum) % kModulus];
}

bool IsValidUscc(std::string_view code) {
  return code.size() == kBodyLength + 1 && code.back() != '\0' &&
         UsccCheckCharacter(code.substr(0, kBodyLength)) == code.back();
}

}  // namespace zhuxiao::base
