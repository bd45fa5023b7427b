# zhuxiao_precompile(target [SET set]): compiles a target with the headers of a set parsed once for all its sources.
# zhuxiao_precompiled_set(set header [OPTIONS ...] [LINKS ...]) makes a set. Only targets with the same options of the
# compiler can share one: hence threads everywhere, and sets of their own for what is optimised less.
add_compile_options(-pthread)

# Besides, the sources of a target are compiled several at a time, as one: the headers of protos and of gRPC, and the
# templates they ask for, cost three to fifteen seconds a source even so and are the same in each. Two sources of one
# target may then not use a name of an unnamed namespace for two things. With -DCMAKE_UNITY_BUILD=OFF each is compiled
# by itself, which is faster where one source is changed again and again; .ci/tidy.sh reads the commands of such a tree.
set(CMAKE_UNITY_BUILD ON CACHE BOOL "Compile several sources of a target as one")
set(CMAKE_UNITY_BUILD_BATCH_SIZE 12) # as many as compile in half a minute

function(zhuxiao_precompiled_set set header)
  cmake_parse_arguments(ARG "" "" "OPTIONS;LINKS" ${ARGN})
  file(TOUCH ${CMAKE_BINARY_DIR}/${set}.cc)
  add_library(${set} OBJECT ${CMAKE_BINARY_DIR}/${set}.cc)
  target_include_directories(${set} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
  target_compile_options(${set} PRIVATE ${ARG_OPTIONS})
  target_link_libraries(${set} PRIVATE ${ARG_LINKS})
  target_precompile_headers(${set} PRIVATE ${header})
endfunction()

# What everything includes; and what the modules above the ledger and the clients include besides: the records of all of
# them, which an event holds.
zhuxiao_precompiled_set(zhuxiao_precompiled ${CMAKE_CURRENT_LIST_DIR}/precompiled.h)
zhuxiao_precompiled_set(zhuxiao_precompiled_records ${CMAKE_CURRENT_LIST_DIR}/precompiled_records.h LINKS zhuxiao_proto)

# A directory may set ZHUXIAO_PRECOMPILED_SET for its targets.
set(ZHUXIAO_PRECOMPILED_SET zhuxiao_precompiled)
function(zhuxiao_precompile target)
  cmake_parse_arguments(ARG "" "SET" "" ${ARGN})
  if(NOT ARG_SET)
    set(ARG_SET ${ZHUXIAO_PRECOMPILED_SET})
  endif()
  target_precompile_headers(${target} REUSE_FROM ${ARG_SET})
endfunction()
