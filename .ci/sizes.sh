#!/usr/bin/env bash
# Checks that no file has more than 500 lines and no function more than 70. What was larger when it came in stands in
# sizes.ratchet with its size, and may only shrink. Protos are left out: they are the API and its reference in one.
#   .ci/sizes.sh             check
#   .ci/sizes.sh --tighten   lower the ratchet to today's sizes; never raises it or adds to it
# Functions are found by counting braces from each first line at the column of the namespace or of the type's members.
set -euo pipefail
cd "$(dirname "$0")/.."
ratchet=.ci/sizes.ratchet

# Prints "<lines> <path>:<line> <path> <name>" for whatever is too large; the name of a file is "-".
too_large() {
  git ls-files -z '*.h' '*.cc' '*.S' '*.sh' '*.cmake' '*CMakeLists.txt' .ci/run | xargs -0 awk '
    function name_of(line) {
      if (match(line, /^ *TEST(_F|_P)?\([^)]*\)/)) {
        line = substr(line, RSTART, RLENGTH)
      } else {
        sub(/\(.*/, "", line)
      }
      gsub(/^.* /, "", line)
      return line
    }
    # How many more braces this line opens than it closes, those in text and comments left out.
    function opened(    line) {
      line = $0
      gsub(/\\./, "", line)
      gsub(/"[^"]*"|\047[{}]\047|\/\/.*/, "", line)
      has_brace = line ~ /{/
      return gsub(/{/, "", line) - gsub(/}/, "", line)
    }
    # Follows the blocks at `depth` (0: in a namespace, 1: in a type), whose lines begin with `pad`.
    function look(depth, pad,    body) {
      body = substr($0, length(pad) + 1)
      if (!(depth in begun)) {
        if ($0 !~ "^" pad "[A-Za-z_~\\[:]" || body ~ /^(namespace|using|public:|private:|protected:|extern "C")/) return
        begun[depth] = FNR
        first[depth] = body
        balance[depth] = had_brace[depth] = is_type[depth] = 0
      } else if (first[depth] ~ /^template/) {
        first[depth] = body  # a template line is followed by what it is a template of
      }
      balance[depth] += opened()
      if (has_brace) had_brace[depth] = 1
      if (first[depth] ~ /^(class|struct|union|enum) / && had_brace[depth]) is_type[depth] = 1
      if ($0 !~ "^" pad "}" && (balance[depth] > 0 || (!had_brace[depth] && $0 !~ /;$/))) return
      lines = FNR - begun[depth] + 1
      if (had_brace[depth] && !is_type[depth] && lines > 70) {
        printf "%d %s:%d %s %s\n", lines, FILENAME, begun[depth], FILENAME, name_of(first[depth])
      }
      delete begun[depth]
    }
    function finish() {
      if (previous != "" && total > 500) printf "%d %s:%d %s -\n", total, previous, total, previous
    }
    FNR == 1 { finish(); previous = FILENAME; split("", begun); is_code = FILENAME ~ /\.(h|cc)$/ }
    { total = FNR }
    !is_code || /^$/ || /^ *\/\// || /^#/ { next }
    (0 in begun) && is_type[0] && !/^}/ { look(1, "  ") }
    { look(0, "") }
    END { finish() }
  '
}

touch "$ratchet"
if [[ ${1:-} == --tighten ]]; then
  too_large | awk -v OFS=' ' '
    NR == FNR { if ($0 !~ /^#/ && NF == 3) limit[$2 " " $3] = $1; else header = header $0 "\n"; next }
    ($3 " " $4) in limit { key = $3 " " $4; kept[key] = $1 < limit[key] ? $1 : limit[key] }
    END { printf "%s", header; for (key in kept) print kept[key], key | "sort -k2" }
  ' "$ratchet" - > "$ratchet.new"
  mv "$ratchet.new" "$ratchet"
fi

too_large | awk '
  NR == FNR { if ($0 !~ /^#/ && NF == 3) limit[$2 " " $3] = $1; next }
  {
    key = $3 " " $4
    what = $4 == "-" ? "the file" : $4
    most = $4 == "-" ? 500 : 70
    seen[key] = 1
    if (!(key in limit)) { printf "%s: %s has %d lines; at most %d\n", $2, what, $1, most; bad = 1 }
    else if ($1 > limit[key]) { printf "%s: %s grew to %d lines; the ratchet says %d\n", $2, what, $1, limit[key]; bad = 1 }
    else if ($1 < limit[key]) { printf "%s: %s shrank to %d lines; run .ci/sizes.sh --tighten\n", $2, what, $1; bad = 1 }
  }
  END {
    for (key in limit) if (!(key in seen)) { print ".ci/sizes.ratchet: " key " is small now; run .ci/sizes.sh --tighten"; bad = 1 }
    exit bad
  }
' "$ratchet" - || { echo "sizes: see above" >&2; exit 1; }
echo "sizes: ok"
