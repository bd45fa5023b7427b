#!/usr/bin/env bash
# Runs clang-tidy over the modules that hold the rules: about 9 seconds of CPU a file, most of it for the headers of
# the protos. Needs a configured build (BUILD, default build) whose generated headers exist. The gRPC plumbing and the
# adapters are left out: their headers take twice as long to parse, and they hold no rules.
#   .ci/tidy.sh [file.cc ...]    these files only
# What was clean is remembered in TIDY_CACHE (default ~/.cache/zhuxiao-tidy) by the digest that tidy_keys.mjs makes.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$(realpath -m "${BUILD:-build}")

if [[ ! -f $build/compile_commands.json ]]; then
  echo "tidy: $build/compile_commands.json is missing; configure first: cmake -S . -B $build" >&2
  exit 2
fi

if (($#)); then
  files=("$@")
else
  mapfile -t files < <(git ls-files services/{base,store,matching,ledger,listing,quota,order,reward,directory,partner,report,stall,round,document,forward} |
    grep '\.cc$' | grep -v '_service\.cc$')
fi

# The build compiles several sources as one: the commands of each are those of a tree beside it that is only configured,
# with the generated headers of the build. clang cannot read what gcc precompiled, and every source is to name the
# headers it uses: so without that file.
database=$(mktemp -d)
trap 'rm -rf "$database"' EXIT
cmake -S . -B "$build/single" -G Ninja -DCMAKE_UNITY_BUILD=OFF >/dev/null
sed -E "s#$build/single#$build#g; s/-Winvalid-pch -include [^ \"]*cmake_pch\.hxx//" "$build/single/compile_commands.json" \
  >"$database/compile_commands.json"

export database cache=${TIDY_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/zhuxiao-tidy}
mkdir -p "$cache"
find "$cache" -type f -mtime +60 -delete

# Counts of suppressed warnings go to stderr and are noise; findings go to stdout.
check() {
  [[ -e $cache/$1 ]] || { clang-tidy --quiet -p "$database" "$2" 2>/dev/null && touch "$cache/$1"; }
}
export -f check

keys=$(node .ci/tidy_keys.mjs "${files[@]}")
if ! printf '%s\n' "$keys" | xargs -L1 -P"$(nproc)" bash -c 'check "$1" "$2"' check; then
  echo "tidy: findings above; mend them, or explain a NOLINT in place" >&2
  exit 1
fi
echo "tidy: ok, ${#files[@]} files"
