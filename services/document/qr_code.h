// QR codes (ISO/IEC 18004) as SVG, by libqrencode.
#pragma once

#include <string>
#include <string_view>

namespace zhuxiao::document {

// A code of `text` with error correction M, which survives a stamp over a seventh of it, as an <svg> element with the
// quiet zone of four modules. Requires at most 300 bytes of ASCII: a number and a digest, far below what a code holds.
std::string QrCodeSvg(std::string_view text);

}  // namespace zhuxiao::document
