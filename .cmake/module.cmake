# zhuxiao_module(name SOURCES ... DEPENDS ... [LINKS ...])
# One services/ module as a static library zhuxiao_<name>. DEPENDS names other modules and is
# the include rule: a module can include only what it depends on, directly or through them.
function(zhuxiao_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LINKS" ${ARGN})
  add_library(zhuxiao_${name} STATIC ${ARG_SOURCES})
  target_include_directories(zhuxiao_${name} PUBLIC ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
  target_compile_options(zhuxiao_${name} PRIVATE ${ZHUXIAO_WARNINGS})
  list(TRANSFORM ARG_DEPENDS PREPEND zhuxiao_)
  target_link_libraries(zhuxiao_${name} PUBLIC ${ARG_DEPENDS} ${ARG_LINKS})
endfunction()

set(ZHUXIAO_WARNINGS -Wall -Wextra -Werror=return-type -Werror=unused-result -Wno-unused-parameter
    -Wno-missing-field-initializers -Wno-sign-compare)
