#!/usr/bin/env bash
# Checks that the command line can say every fault in Chinese (words.mjs).
set -euo pipefail
cd "$(dirname "$0")/.."
exec node .ci/words.mjs
