#!/usr/bin/env bash
# Runs the main job: installs what is missing, builds, starts zhuxiaod on the embedded store, plays the seed cases through its public
# API and keeps serving until Ctrl-C or SIGTERM.
#   services/run.sh [--once] [--port PORT] [--data DIR]
#     --once   stop after the play
#     --port   port to listen on (default 50051; 0 picks a free one)
#     --data   data directory (default .data; started again, it finds its data)
set -euo pipefail
cd "$(dirname "$0")/.."

once=false
port=50051
data=.data
usage() { sed -n '2,7s/^# \{0,1\}//p' services/run.sh; }
while [ $# -gt 0 ]; do
  case "$1" in
    --once) once=true ;;
    --port) port=${2:?--port takes a number}; shift ;;
    --port=*) port=${1#*=} ;;
    --data) data=${2:?--data takes a directory}; shift ;;
    --data=*) data=${1#*=} ;;
    -h | --help) usage; exit 0 ;;
    *) echo "run.sh: unknown argument $1" >&2; usage >&2; exit 2 ;;
  esac
  shift
done

.ci/packages.sh build
cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
ninja -C build zhuxiaod zhuxiao

mkdir -p "$data"
chmod 700 "$data"
zhuxiaod=build/bin/zhuxiaod
zhuxiao=build/bin/zhuxiao

# The secrets of the play's callers: made once, readable by the owner only.
secrets=$data/play-tokens
if [ ! -s "$secrets" ]; then
  (
    umask 077
    "$zhuxiao" play --print-principals | while read -r name role uscc region; do
      args=(--role "$role")
      [ "$uscc" = - ] || args+=(--organisation "$uscc")
      [ "$region" = - ] || args+=(--region "$region")
      printf '%s=%s\n' "$name" "$("$zhuxiaod" token create --data "$data" "${args[@]}" 2>/dev/null)"
    done >"$secrets.new"
  )
  mv "$secrets.new" "$secrets"
fi

ports=$data/ports
rm -f "$ports"
"$zhuxiaod" --store "rocksdb:$data" --port "$port" --port-file "$ports" 2>>"$data/zhuxiaod.log" &
server=$!
stop() {
  trap - INT TERM EXIT
  kill -TERM "$server" 2>/dev/null || true
  wait "$server"
}
trap 'stop; exit' INT TERM EXIT

# A start takes under a second; a minute covers a large store on a slow disk.
for _ in $(seq 600); do
  [ -s "$ports" ] && break
  if ! kill -0 "$server" 2>/dev/null; then
    tail -n 5 "$data/zhuxiaod.log" >&2
    echo "run.sh: zhuxiaod did not start" >&2
    exit 1
  fi
  sleep 0.1
done
read -r port metrics_port <"$ports"

"$zhuxiao" --server "127.0.0.1:$port" play --tokens "$secrets"

if $once; then
  stop
  exit 0
fi
echo
echo "zhuxiaod serves on 127.0.0.1:$port (metrics on http://127.0.0.1:$metrics_port/metrics); Ctrl-C stops it"
wait "$server"
