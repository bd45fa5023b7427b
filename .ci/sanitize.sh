#!/usr/bin/env bash
# Builds the tests of what runs in many threads, or handles memory by hand, with the sanitizers of gcc and runs them:
# `sanitize.sh thread` with ThreadSanitizer, `sanitize.sh address` with AddressSanitizer and UBSan, and without an
# argument both. Any report fails the test it is of. Not part of .ci/run: from nothing it takes half an hour a sanitizer
# on two cores. Each has a build directory of its own, SANITIZED (default build-sanitize)-NAME.
#   .ci/sanitize.sh [thread|address] [test …]
set -euo pipefail
cd "$(dirname "$0")/.."

which=(thread address)
if [[ ${1:-} == thread || ${1:-} == address ]]; then
  which=("$1")
  shift
fi
tests=("$@")
# What waits for one another through std::mutex, atomics and threads of our own. Beyond that threads meet in Abseil's
# mutexes and gRPC's callbacks, which come from packages without ThreadSanitizer: it sees no order there, and takes each
# use of what they guard for a race.
declare -A suites=(
  [thread]="store_unit_test store_conformance_test store_copy_test redis_store_test rpc_test"
  [address]="store_unit_test store_conformance_test store_copy_test redis_store_test rpc_test rpc_e2e_test
    matching_test order_test trade_test")

# gRPC, absl and RocksDB come from packages that are not instrumented: what they do among themselves is not seen, and
# must not be taken for a race of ours.
export TSAN_OPTIONS="ignore_noninstrumented_modules=1 halt_on_error=0 exitcode=66 second_deadlock_stack=1"
export ASAN_OPTIONS="detect_leaks=1 detect_stack_use_after_return=1"
export LSAN_OPTIONS="suppressions=$PWD/.ci/lsan.supp print_suppressions=0"
export UBSAN_OPTIONS="print_stacktrace=1 halt_on_error=1"
# Fewer faults of each kind: an instrumented run is five to fifteen times slower.
export ZHUXIAO_ROLLBACKS=${ZHUXIAO_ROLLBACKS:-8}

declare -A flags=([thread]=thread [address]=address,undefined)
failed=()
for name in "${which[@]}"; do
  if (($# == 0)); then read -r -d '' -a tests <<<"${suites[$name]}" || true; fi
  build=${SANITIZED:-build-sanitize}-$name
  cmake -S . -B "$build" -G Ninja -DZHUXIAO_SANITIZE="${flags[$name]}" >/dev/null
  ninja --quiet -C "$build" -j "${JOBS:-2}" "${tests[@]}"
  for test in "${tests[@]}"; do
    log=$build/$test.log
    if timeout 1800 "$build/bin/$test" >"$log" 2>&1 && ! grep -q 'ThreadSanitizer\|AddressSanitizer\|runtime error' "$log"; then
      echo "$name: $test: $(grep -E 'tests? from .* ran' "$log" | head -1)"
    else
      failed+=("$name: $test (see $log)")
    fi
  done
done
if ((${#failed[@]})); then
  printf 'failed: %s\n' "${failed[@]}" >&2
  exit 1
fi
echo "no reports"
