#!/usr/bin/env bash
# Checks who includes whom, from the #include lines. The rule, each module seeing those to its left and itself:
#   base <- {matching, store} <- ledger <- directory <- {listing, quota, reward} <- order <- {document, forward, round, partner} <- report
#   <- stall <- server
# where report reads partner since a household's income comes from platform sales too, and stall reads report since the
# early warning is about that income. And besides:
# - reward/engine sees base alone, reward/offline the engine besides and reward/record both; reward sees all three;
# - audit stands before server and reads them all, but not report;
# - round_files, the open files of clearing rounds, sees base and of matching the plain data of a round; round sees it,
#   and neither partner nor report sees round;
# - rpc sees base; api sees base, store, ledger and rpc;
# - of the domain modules only the adapters (*_service.h, *_service.cc) see rpc and api;
# - a module's records.h is its own, for tests too;
# - clients see base and the protos, and for what needs no server matching, round_files and the shipped data of the
#   directory (zhuxiao clear) and reward/engine, reward/offline and reward/record (zhuxiao reward compute, replay):
#   there the files are the interface, and no service stands behind them;
# - services never see clients or tests.
# CMake's links keep most of this; this check also catches what a header-only include slips through.
set -euo pipefail
cd "$(dirname "$0")/.."

git ls-files -z '*.h' '*.cc' | xargs -0 awk '
  BEGIN {
    sees["base"] = "base"
    sees["store"] = "base store"
    sees["matching"] = "base matching"
    sees["round_files"] = "base matching round_files"
    sees["rpc"] = "base rpc"
    sees["ledger"] = "base store matching ledger"
    sees["api"] = "base store ledger rpc api"
    sees["directory"] = sees["ledger"] " directory"
    sees["listing"] = sees["directory"] " listing"
    sees["quota"] = sees["directory"] " quota"
    sees["reward/engine"] = "base reward/engine"
    sees["reward/offline"] = "base reward/engine reward/offline"
    sees["reward/record"] = "base reward/engine reward/offline reward/record"
    sees["reward"] = sees["directory"] " reward reward/engine reward/offline reward/record"
    sees["order"] = sees["directory"] " listing quota reward order"
    sees["document"] = sees["order"] " document"
    sees["forward"] = sees["order"] " forward"
    sees["round"] = sees["order"] " round_files round"
    sees["partner"] = sees["order"] " partner"
    sees["report"] = sees["partner"] " report"
    sees["stall"] = sees["report"] " stall"
    sees["audit"] = sees["partner"] " audit stall document forward"
    sees["server"] = sees["stall"] " round document forward audit rpc api reward/record server"
  }
  function has(list, word) { return index(" " list " ", " " word " ") > 0 }
  function complain(what) { printf "%s:%d: %s\n", FILENAME, FNR, what; bad = 1 }

  # The module of a path under services/; a part of reward that has a place of its own is one.
  function module_of(path,    part) {
    split(path, part, "/")
    return (part[2] "/" part[3]) in sees ? part[2] "/" part[3] : part[2]
  }

  FNR == 1 {
    split(FILENAME, from, "/")
    top = from[1]
    module = module_of(FILENAME)
    if (top == "services" && !(module in sees)) {
      complain("module " module " has no place in the include rule (.ci/layers.sh)")
    }
  }
  /^#include "/ {
    split($0, quoted, "\"")
    split(quoted[2], to, "/")
    target = module_of(quoted[2])
    if (to[1] == "services" && to[3] == "records.h" && !(top == "services" && module == target)) {
      complain("records.h of " target " is private to it")
    }
    if (top == "services") {
      if (to[1] == "clients" || to[1] == "tests") complain("a service may not include " quoted[2])
      if (to[1] != "services") next
      if (!(module in sees)) next
      allowed = sees[module]
      if (FILENAME ~ /_service\.(h|cc)$/ && module != "rpc" && module != "base") allowed = allowed " rpc api"
      if (!has(allowed, target)) complain(module " may not include " quoted[2])
    } else if (top == "clients") {
      if (to[1] == "tests" ||
          (to[1] == "services" && !has("base matching round_files reward/engine reward/offline reward/record", target) && quoted[2] != "services/directory/data.h")) complain("a client may not include " quoted[2])
    }
  }
  END { exit bad }
' || { echo "layers: see above" >&2; exit 1; }
echo "layers: ok"
