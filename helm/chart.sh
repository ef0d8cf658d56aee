#!/usr/bin/env bash
# Installs the chart's tools into the user's cache, from package registries only, and checks the chart with them.
#
#   helm/chart.sh            all tools, all checks, and an install into a real API server (20 minutes the first time, then about two)
#   helm/chart.sh --light    helm only; whatever else is not there yet is skipped by name
#   helm/chart.sh --install  install, check nothing
#   helm/chart.sh render NAME [helm arguments]   print the manifests of ci/NAME-values.yaml
#
# A tool that is there in its pinned version is not built again. Needs Go and Python 3.9 or newer; Strimzi's schemas need Maven and Java 21.
set -euo pipefail
export PATH="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/deploy/embedded/toolchain/node_modules/.bin:$PATH" # the pinned Node
cd "$(dirname "$0")/.."

HELM=v4.3.1
KUBERNETES_VALIDATE=1.37.0
KEDA=v2.21.0
PROMETHEUS_OPERATOR=v0.85.0
ECK=v3.5.0
STRIMZI=1.2.0

cache=${XDG_CACHE_HOME:-$HOME/.cache}/tocsin
bin=$cache/bin
chart=$cache/chart
light=

say() { printf 'chart: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }
need() { command -v "$1" >/dev/null || fail "$1 is needed for $2 and was not found; install it and run this again."; }

# Runs a command and says every 30 s that it still runs, because a build without output looks dead.
patiently() {
  local what=$1 log=$chart/last-build.log started=$SECONDS
  shift
  mkdir -p "$chart"
  say "$what …"
  "$@" >"$log" 2>&1 &
  local child=$!
  trap 'kill "$child" 2>/dev/null' INT TERM
  while kill -0 "$child" 2>/dev/null; do
    sleep 1
    if (((SECONDS - started) % 30 == 0)); then say "  $what: $((SECONDS - started)) s"; fi
  done
  trap - INT TERM
  wait "$child" || { tail -n 20 "$log" >&2; fail "$what failed; the whole output is in $log"; }
  say "$what: done in $((SECONDS - started)) s"
}

install_helm() {
  if [ -x "$bin/helm" ] && [ "$("$bin/helm" version --template '{{.Version}}' 2>/dev/null)" = "$HELM" ]; then return; fi
  need go "building helm"
  mkdir -p "$bin"
  # GOTOOLCHAIN=local: an old Go says so instead of fetching another one. The version is stamped as helm's own build does.
  patiently "building helm $HELM (about 5 minutes of two cores, once)" \
    env GOBIN="$bin" GOFLAGS= CGO_ENABLED=0 GOTOOLCHAIN=local \
    go install -ldflags "-s -w -X helm.sh/helm/v4/internal/version.version=$HELM" "helm.sh/helm/v4/cmd/helm@$HELM"
}

install_kubernetes_validate() {
  if [ "$(cat "$chart/venv/complete" 2>/dev/null)" = "$KUBERNETES_VALIDATE" ]; then return; fi
  need python3 "the schema check"
  mkdir -p "$chart"
  python3 -m venv "$chart/venv"
  patiently "installing kubernetes-validate $KUBERNETES_VALIDATE" "$chart/venv/bin/pip" install --quiet "kubernetes-validate==$KUBERNETES_VALIDATE"
  echo "$KUBERNETES_VALIDATE" >"$chart/venv/complete"
}

module() { # path@version, folder inside, name: copies CRDs out of a Go module
  local folder
  folder=$(go mod download -json "$1" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
  [ -n "$folder" ] || fail "the Go module $1 could not be had"
  mkdir -p "$chart/crds/$3"
  cp -r "$folder/$2/." "$chart/crds/$3/"
  chmod -R u+w "$chart/crds/$3"
}

# Strimzi publishes no CRD file to a registry but the program that writes them; it runs on the Java that the embedded stack needs anyway.
strimzi() {
  local java work=$chart/strimzi kind
  need mvn "Strimzi's schemas"
  java=$(node packages/cli/src/stack/java.ts 21)/bin/java
  mkdir -p "$work" "$chart/crds/strimzi"
  cat >"$work/pom.xml" <<X
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>tocsin</groupId><artifactId>strimzi-crds</artifactId><version>1</version>
<dependencies><dependency><groupId>io.strimzi</groupId><artifactId>crd-generator</artifactId><version>$STRIMZI</version></dependency>
<dependency><groupId>io.strimzi</groupId><artifactId>api</artifactId><version>$STRIMZI</version></dependency></dependencies></project>
X
  (cd "$work" && mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib)
  for kind in kafka.Kafka nodepool.KafkaNodePool topic.KafkaTopic user.KafkaUser; do
    "$java" -cp "$work/lib/*" io.strimzi.crdgenerator.CrdGenerator --yaml "io.strimzi.api.kafka.model.$kind=$chart/crds/strimzi/${kind#*.}.yaml"
  done
}

crds() {
  module "github.com/kedacore/keda/v2@$KEDA" config/crd/bases keda
  module "github.com/prometheus-operator/prometheus-operator@$PROMETHEUS_OPERATOR" example/prometheus-operator-crd prometheus-operator
  module "github.com/elastic/cloud-on-k8s/v3@$ECK" config/crds/v1/resources eck
  strimzi
}

install_crds() {
  local stamp="$KEDA $PROMETHEUS_OPERATOR $ECK $STRIMZI"
  if [ "$(cat "$chart/crds/complete" 2>/dev/null)" = "$stamp" ]; then return; fi
  need go "the operators' schemas"
  rm -rf "$chart/crds"
  patiently "fetching the schemas of KEDA, the Prometheus operator, ECK and Strimzi" crds
  echo "$stamp" >"$chart/crds/complete"
}

check() {
  if [ -n "$light" ]; then export CI_LIGHT=1; fi
  node --test --test-reporter=spec helm/tests/*.test.ts
}

case ${1:-} in
  --light) light=1; install_helm; check ;;
  --install) install_helm; install_kubernetes_validate; install_crds; helm/cluster.sh install ;;
  render) install_helm; exec "$bin/helm" template tocsin helm/tocsin --namespace siem --values "helm/tocsin/ci/${2:-minimal}-values.yaml" "${@:3}" ;;
  "") install_helm; install_kubernetes_validate; install_crds; helm/cluster.sh install; check ;;
  *) sed -n '2,9p' "$0"; exit 2 ;;
esac
