# zhuxiao_precompile(target [SET set]): compiles a target with the headers of a set parsed once for all its sources; they
# are about a third of what a source costs. zhuxiao_precompiled_set(set header) makes a set. Only targets with the same
# options of the compiler can share one: hence threads everywhere, and a set of its own for the tests.
add_compile_options(-pthread)

function(zhuxiao_precompiled_set set header)
  file(TOUCH ${CMAKE_BINARY_DIR}/${set}.cc)
  add_library(${set} OBJECT ${CMAKE_BINARY_DIR}/${set}.cc)
  target_include_directories(${set} PRIVATE ${CMAKE_SOURCE_DIR})
  target_precompile_headers(${set} PRIVATE ${header})
endfunction()

zhuxiao_precompiled_set(zhuxiao_precompiled ${CMAKE_CURRENT_LIST_DIR}/precompiled.h)

function(zhuxiao_precompile target)
  cmake_parse_arguments(ARG "" "SET" "" ${ARGN})
  if(NOT ARG_SET)
    set(ARG_SET zhuxiao_precompiled)
  endif()
  target_precompile_headers(${target} REUSE_FROM ${ARG_SET})
endfunction()
