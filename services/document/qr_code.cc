#include "services/document/qr_code.h"

#include <qrencode.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "services/base/strings.h"

namespace zhuxiao::document {
namespace {

constexpr int kQuietModules = 4;
constexpr int kAnyVersion = 0;
constexpr bool kIsCaseSensitive = true;
constexpr unsigned char kDark = 1;  // the lowest bit of a module

}  // namespace

std::string QrCodeSvg(std::string_view text) {
  const std::string zero_ended(text);
  const std::unique_ptr<QRcode, void (*)(QRcode*)> code(
      QRcode_encodeString(zero_ended.c_str(), kAnyVersion, QR_ECLEVEL_M, QR_MODE_8, kIsCaseSensitive), QRcode_free);
  if (code == nullptr) {  // out of memory, or a text the contract does not admit
    std::fprintf(stderr, "no code can be made of %s\n", zero_ended.c_str());
    std::abort();
  }
  const int side = code->width + 2 * kQuietModules;
  std::string path;
  for (int y = 0; y < code->width; ++y) {
    for (int x = 0; x < code->width; ++x) {
      if ((code->data[y * code->width + x] & kDark) == 0) continue;
      base::StrAppend(&path, "M", x + kQuietModules, " ", y + kQuietModules, "h1v1h-1z");
    }
  }
  return base::StrCat("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ", side, " ", side,
                      "\" shape-rendering=\"crispEdges\"><rect width=\"", side, "\" height=\"", side,
                      "\" fill=\"#fff\"/><path d=\"", path, "\"/></svg>");
}

}  // namespace zhuxiao::document
