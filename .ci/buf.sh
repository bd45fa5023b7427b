#!/usr/bin/env bash
# Lints the protos with buf, and checks that every rpc says who may call it (the server would refuse to start).
# buf comes from npm into the build tree (BUILD, default build); nothing of it is committed.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$(realpath -m "${BUILD:-build}")
version=1.75.0

buf=$build/buf/node_modules/.bin/buf
if [[ ! -x $buf || $("$buf" --version 2>&1) != "$version" ]]; then
  mkdir -p "$build/buf"
  npm install --prefix "$build/buf" --no-package-lock --no-fund --no-audit --loglevel=error "@bufbuild/buf@$version" \
    >/dev/null </dev/null
fi
# buf gets what protoc made of the protos, since it cannot be told where the packaged google/rpc protos are.
google=/usr/share/gocode/src/github.com/gogo/googleapis
mapfile -t protos < <(cd proto && git ls-files '*.proto')
protoc -I proto -I "$google" --include_imports --include_source_info --descriptor_set_out="$build/buf/protos.binpb" \
  "${protos[@]}" || exit 1
"$buf" lint "$build/buf/protos.binpb" --config proto/buf.yaml || failed=1

git ls-files -z 'proto/*.proto' | xargs -0 awk '
  function complain() { printf "%s:%d: rpc %s has no option (zhuxiao.common.v1.access)\n", FILENAME, line, name; bad = 1 }
  /^ *rpc / { line = FNR; name = $2; sub(/\(.*/, "", name); is_open = 1 }
  is_open && /option \(zhuxiao\.common\.v1\.access\) = \{/ { is_open = 0 }
  is_open && (/;$/ || /^  }/) { complain(); is_open = 0 }
  END { exit bad }
' || failed=1

if [[ ${failed:-} ]]; then
  echo "buf: see above" >&2
  exit 1
fi
echo "buf: ok"
