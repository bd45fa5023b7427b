# zhuxiao_embed(<file> <header> <namespace> <symbol>)
# Makes <header>, beside the including directory's own headers in the build tree, with the text of <file> as
#   inline constexpr std::string_view <symbol>
# so that a binary carries its data and needs no path at run time. Included as "services/<module>/<header>".
function(zhuxiao_embed file header namespace symbol)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  file(READ ${CMAKE_CURRENT_SOURCE_DIR}/${file} text)
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${header} CONTENT
"// Generated from ${file}.
#pragma once

#include <string_view>

namespace @namespace@ {

inline constexpr std::string_view @symbol@ = R\"embedded(@text@)embedded\";

}  // namespace @namespace@
" @ONLY)
endfunction()
