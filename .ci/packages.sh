#!/usr/bin/env bash
# Installs the Debian 12 packages that are missing: `packages.sh build` for what building takes, `packages.sh test` for
# what the tests and checks take besides, `packages.sh image` for what making container images takes besides. Does
# nothing, without root or network, where all are there.
set -euo pipefail

build=(g++ cmake ninja-build pkg-config ccache
  libgrpc++-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev golang-github-gogo-googleapis-dev
  librocksdb-dev libabsl-dev libssl-dev libspdlog-dev prometheus-cpp-dev libcli11-dev libjemalloc-dev
  libhiredis-dev libcsv-dev libicu-dev libtomlplusplus-dev nlohmann-json3-dev libxlsxwriter-dev
  libqrencode-dev)
test=(libgtest-dev libgmock-dev clang-format clang-tidy lld liblemon-dev coinor-libclp-dev redis-server iproute2)

# For k8s/: its checks, and its images.
manifests=(prometheus unzip)
image=(mmdebstrap buildah)

wanted=("${build[@]}")
case "${1:-build}" in
  test) wanted+=("${test[@]}" "${manifests[@]}") ;;
  image) wanted+=("${image[@]}") ;;
esac

missing=()
for package in "${wanted[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi

echo "installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
sudo=""
if [ "$(id -u)" != 0 ]; then sudo=sudo; fi
$sudo apt-get update -qq
$sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
