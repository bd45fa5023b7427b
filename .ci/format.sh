#!/usr/bin/env bash
# Checks that every tracked C++ file is formatted as .clang-format says. To mend: clang-format -i <files>
set -euo pipefail
cd "$(dirname "$0")/.."

git ls-files -z '*.h' '*.cc' | xargs -0 -r clang-format --dry-run -Werror
echo "format: ok"
