#!/usr/bin/env bash
# Installs what is missing, builds everything and runs all tests; ends with ctest's summary.
#   tests/run.sh [ctest arguments, for example -R store]
set -euo pipefail
cd "$(dirname "$0")/.."

.ci/packages.sh test
cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
ninja -C build
# Two at a time: many tests start servers and threads of their own.
exec ctest --test-dir build --output-on-failure -j 2 "$@"
