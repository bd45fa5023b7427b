# zhuxiao_module(name SOURCES ... DEPENDS ... [LINKS ...] [SET set])
# One services/ module as a static library zhuxiao_<name>. DEPENDS names other modules and is
# the include rule: a module can include only what it depends on, directly or through them.
function(zhuxiao_module name)
  cmake_parse_arguments(ARG "" "SET" "SOURCES;DEPENDS;LINKS" ${ARGN})
  add_library(zhuxiao_${name} STATIC ${ARG_SOURCES})
  target_include_directories(zhuxiao_${name} PUBLIC ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
  zhuxiao_compile(zhuxiao_${name} SET ${ARG_SET})
  list(TRANSFORM ARG_DEPENDS PREPEND zhuxiao_)
  target_link_libraries(zhuxiao_${name} PUBLIC ${ARG_DEPENDS} ${ARG_LINKS})
endfunction()

# zhuxiao_compile(target [SET set]): how every source of ours is compiled: with all warnings, and with the headers of
# the system and of the libraries parsed once for all. A directory may set ZHUXIAO_OPTIMISATION.
function(zhuxiao_compile target)
  target_compile_options(${target} PRIVATE ${ZHUXIAO_WARNINGS} ${ZHUXIAO_OPTIMISATION})
  zhuxiao_precompile(${target} ${ARGN})
endfunction()

set(ZHUXIAO_WARNINGS -Wall -Wextra -Werror=return-type -Werror=unused-result -Wno-unused-parameter
    -Wno-missing-field-initializers -Wno-sign-compare)
