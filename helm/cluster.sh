#!/usr/bin/env bash
# A real Kubernetes control plane on loopback to install the chart into, built from the Go proxy: etcd, API server, controller
# manager, scheduler, and kwok's fake nodes, on which pods become Running without a container.
#
#   helm/cluster.sh install     build the programs into the user's cache (about 12 minutes of CPU, once)
#   helm/cluster.sh up FOLDER   start it with its state in FOLDER; prints the path of a kubeconfig
#   helm/cluster.sh down FOLDER end what `up` started and remove FOLDER
#
# Namespaces are under Pod Security `restricted` unless they say otherwise: a pod that asks for more is refused by the server itself.
set -euo pipefail

KUBERNETES=v1.36.3
STAGING=v0.36.3 # k8s.io/kubernetes names its libraries by folder; this is their version in the proxy
ETCD=v3.7.3
KWOK=v0.8.0

home=${XDG_CACHE_HOME:-$HOME/.cache}/tocsin/cluster
bin=$home/bin
say() { printf 'cluster: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# A program whose go.mod has replace directives cannot be `go install`ed: they count only in the main module. So each is
# built from a small main module that requires it and states the replacements itself.
build() { # name, package…: go.mod on standard input
  local name=$1 folder=$home/work/$1 package
  shift
  mkdir -p "$folder" "$bin"
  cat >"$folder/go.mod"
  { printf '//go:build tools\n\npackage tools\n\n'; printf 'import _ "%s"\n' "$@"; } >"$folder/tools.go"
  (cd "$folder" && go mod tidy >/dev/null 2>&1) || fail "the modules of $name could not be had from the Go proxy"
  for package in "$@"; do
    say "building $(program "$package") …"
    (cd "$folder" && go build -trimpath -ldflags "$flags" -o "$bin/$(program "$package")" "$package")
  done
}

program() { case $1 in */etcd/server/v3) echo etcd ;; *) basename "$1" ;; esac; }

install() {
  local stamp="$KUBERNETES $ETCD $KWOK" folder flags='-s -w'
  if [ "$(cat "$home/complete" 2>/dev/null)" = "$stamp" ]; then return; fi
  command -v go >/dev/null || fail "go is needed to build the control plane and was not found; install Go 1.26 or newer and run this again."
  export GOFLAGS= CGO_ENABLED=0 GOTOOLCHAIN=local
  printf 'module tocsin/etcd\n\ngo 1.26\n\nrequire go.etcd.io/etcd/server/v3 %s\n' "$ETCD" | build etcd go.etcd.io/etcd/server/v3
  printf 'module tocsin/kwok\n\ngo 1.26\n\nrequire sigs.k8s.io/kwok %s\n' "$KWOK" | build kwok sigs.k8s.io/kwok/cmd/kwok
  folder=$(moduleFolder "k8s.io/kubernetes@$KUBERNETES")
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    flags+=" -X $package.gitVersion=$KUBERNETES -X $package.gitMajor=1 -X $package.gitMinor=$(echo "$KUBERNETES" | cut -d. -f2)"
  done
  { printf 'module tocsin/kubernetes\n\ngo 1.26.0\n\nrequire k8s.io/kubernetes %s\n\n' "$KUBERNETES"
    sed -n '/^replace (/,/^)/p' "$folder/go.mod" | sed -E "s#=> \./staging/src/(k8s.io/[a-z0-9-]+)#=> \1 $STAGING#"
  } | build kubernetes k8s.io/kubernetes/cmd/{kube-apiserver,kube-controller-manager,kube-scheduler}
  stages
  echo "$stamp" >"$home/complete"
}

moduleFolder() { go mod download -json "$1" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p'; }

# What kwok plays: nodes that are ready, pods that run and end, volumes that bind.
stages() {
  local from stage
  from=$(moduleFolder "sigs.k8s.io/kwok@$KWOK")/kustomize/stage
  : >"$home/stages.yaml"
  for stage in node/fast/node-initialize node/heartbeat-with-lease/node-heartbeat-with-lease \
    pod/fast/pod-{complete,delete,ready} volume/fast/{pv-bind,pv-delete,pvc-delete,pvc-provision}; do
    cat "$from/$stage.yaml" >>"$home/stages.yaml"
    echo '---' >>"$home/stages.yaml"
  done
  cat "$from/volume/fast/storage-class.yaml" >"$home/storage-class.yaml"
}

start() { # name, program, argument…
  local name=$1
  shift
  "$@" >"$run/$name.log" 2>&1 &
  echo $! >"$run/$name.pid"
}

freePort() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

keys() {
  openssl genrsa -out accounts.key 2048 2>/dev/null
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=tocsin-test-ca -keyout ca.key -out ca.crt 2>/dev/null
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=kube-apiserver -keyout api.key -out api.csr 2>/dev/null
  printf 'subjectAltName=IP:127.0.0.1,IP:10.96.0.1,DNS:localhost\n' >names
  openssl x509 -req -in api.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names -out api.crt 2>/dev/null
  (umask 077 && openssl rand -hex 24 >token && echo "$(cat token),admin,admin,system:masters" >tokens.csv)
}

settings() { # port
  cat >admission.yaml <<Y
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
  - name: PodSecurity
    configuration:
      apiVersion: pod-security.admission.config.k8s.io/v1
      kind: PodSecurityConfiguration
      defaults: {enforce: restricted, enforce-version: latest, warn: restricted, warn-version: latest}
Y
  (umask 077 && cat >kubeconfig <<Y
apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: "https://127.0.0.1:$1", certificate-authority: "$run/ca.crt"}}]
users: [{name: admin, user: {token: "$(cat token)"}}]
contexts: [{name: test, context: {cluster: test, user: admin}}]
current-context: test
Y
  )
}

ask() { # path, curl argument…
  local path=$1
  shift
  curl --silent --fail --cacert "$run/ca.crt" --header @"$run/header" "$@" "https://127.0.0.1:$port$path"
}

node() { # number
  printf '{"apiVersion":"v1","kind":"Node","metadata":{"name":"node-%s","labels":{"kubernetes.io/hostname":"node-%s","kubernetes.io/os":"linux","topology.kubernetes.io/zone":"zone-%s"},"annotations":{"kwok.x-k8s.io/node":"fake"}},"status":{"allocatable":{"cpu":"32","memory":"128Gi","ephemeral-storage":"512Gi","pods":"110"},"capacity":{"cpu":"32","memory":"128Gi","ephemeral-storage":"512Gi","pods":"110"}}}' "$1" "$1" "$1"
}

up() {
  [ -f "$home/complete" ] || fail "the control plane is not built yet; run helm/cluster.sh install first."
  run=$(mkdir -p "$1" && cd "$1" && pwd)
  cd "$run"
  local etcd peer
  port=$(freePort) etcd=$(freePort) peer=$(freePort)
  keys
  settings "$port"
  (umask 077 && echo "Authorization: Bearer $(cat token)" >header)
  start etcd "$bin/etcd" --data-dir "$run/etcd" --unsafe-no-fsync --log-level error --listen-client-urls "http://127.0.0.1:$etcd" \
    --advertise-client-urls "http://127.0.0.1:$etcd" --listen-peer-urls "http://127.0.0.1:$peer"
  start kube-apiserver "$bin/kube-apiserver" --etcd-servers "http://127.0.0.1:$etcd" --bind-address 127.0.0.1 --secure-port "$port" \
    --tls-cert-file api.crt --tls-private-key-file api.key --client-ca-file ca.crt --token-auth-file tokens.csv \
    --service-account-issuer https://kubernetes.default.svc --service-account-key-file accounts.key \
    --service-account-signing-key-file accounts.key --authorization-mode Node,RBAC --service-cluster-ip-range 10.96.0.0/16 \
    --admission-control-config-file admission.yaml --advertise-address 127.0.0.1 --endpoint-reconciler-type none
  for _ in $(seq 240); do
    if ask /readyz >/dev/null 2>&1; then break; fi
    kill -0 "$(cat kube-apiserver.pid)" || { tail -n 5 kube-apiserver.log >&2; fail "the API server ended; its log is in $run"; }
    sleep 0.5
  done
  start kube-controller-manager "$bin/kube-controller-manager" --kubeconfig kubeconfig --leader-elect=false --secure-port 0 \
    --service-account-private-key-file accounts.key --root-ca-file ca.crt --use-service-account-credentials
  start kube-scheduler "$bin/kube-scheduler" --kubeconfig kubeconfig --leader-elect=false --secure-port 0
  start kwok "$bin/kwok" --config "$home/stages.yaml" --kubeconfig kubeconfig --manage-all-nodes --node-lease-duration-seconds 40 --node-ip 127.0.0.1 --node-port 0
  for number in 1 2 3; do node "$number" | ask /api/v1/nodes --header 'Content-Type: application/json' --data @- >/dev/null; done
  ask /apis/storage.k8s.io/v1/storageclasses --header 'Content-Type: application/yaml' --data-binary @"$home/storage-class.yaml" >/dev/null
  echo "$run/kubeconfig"
}

down() {
  local pid
  # The state is thrown away: a server that saves what it has, or waits for another one, only costs time.
  for pid in "$1"/*.pid; do kill -KILL "$(cat "$pid")" 2>/dev/null || true; done
  for pid in "$1"/*.pid; do while kill -0 "$(cat "$pid")" 2>/dev/null; do sleep 0.1; done; done
  rm -rf "$1"
}

case ${1:-} in
  install) install ;;
  up) up "${2:?the folder for its state}" ;;
  down) down "${2:?the folder of its state}" ;;
  *) sed -n '2,9p' "$0"; exit 2 ;;
esac
