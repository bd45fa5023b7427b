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

# zhuxiao_unite(target): compiles several sources of a target as one. For targets that include the stubs of many
# services: those headers, and the templates they ask for, cost some ten seconds a source and are the same in each. Two
# sources of one target may then not use a name of an unnamed namespace for two things. Not for services/, where
# .ci/tidy.sh needs the command of each source.
set(ZHUXIAO_UNITE_SOURCES 6) # as many as compile in half a minute
function(zhuxiao_unite target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${ZHUXIAO_UNITE_SOURCES})
endfunction()

zhuxiao_precompiled_set(zhuxiao_precompiled ${CMAKE_CURRENT_LIST_DIR}/precompiled.h)

function(zhuxiao_precompile target)
  cmake_parse_arguments(ARG "" "SET" "" ${ARGN})
  if(NOT ARG_SET)
    set(ARG_SET zhuxiao_precompiled)
  endif()
  target_precompile_headers(${target} REUSE_FROM ${ARG_SET})
endfunction()
