# Every library the project links, found once. Protobuf comes first and in module mode:
# Debian 12 ships no config for it, and the gRPC config expects its targets to exist.
find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED MODULE)
find_package(absl CONFIG REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(RocksDB CONFIG REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(JEMALLOC REQUIRED IMPORTED_TARGET jemalloc)
find_program(GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)

# google/rpc/*.proto comes from a package, never copied into the tree.
find_path(GOOGLEAPIS_DIR google/rpc/error_details.proto
          PATHS /usr/share/gocode/src/github.com/gogo/googleapis REQUIRED)
find_path(TOMLPLUSPLUS_DIR toml++/toml.h REQUIRED)
# Without its pkg-config file, which would add a path of headers to everything above the store.
find_library(HIREDIS_LIBRARY hiredis REQUIRED)
