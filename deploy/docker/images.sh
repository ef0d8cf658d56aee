#!/usr/bin/env bash
# Builds the images of all services and of the `tocsin` command with the container engine at hand.
#
#   deploy/docker/images.sh                 build all; exit code 3 where no engine answers
#   deploy/docker/images.sh normalizer …    build these
#   deploy/docker/images.sh --list          print the images' names
#   deploy/docker/images.sh --check         what can be checked without an engine (test/deploy.test.ts)
#
#   TOCSIN_REGISTRY  put before every name, for example registry.example.gov
#   CONTAINER_ENGINE docker, podman or buildah; else the first of them that answers
set -euo pipefail
cd "$(dirname "$0")/../.."

version=$(node -p 'require("./package.json").version')
names() { for folder in services/*/; do basename "$folder"; done; echo tocsin; }
image() { echo "${TOCSIN_REGISTRY:+$TOCSIN_REGISTRY/}tocsin/$1:$version"; }
answers() { command -v "$1" >/dev/null && "$1" info >/dev/null 2>&1; }

engine() {
  local name
  for name in ${CONTAINER_ENGINE:-docker podman buildah}; do
    if answers "$name"; then echo "$name"; return; fi
  done
  echo "images: No container engine answers (tried ${CONTAINER_ENGINE:-docker, podman, buildah}); start one and run this again, or use 'deploy/docker/images.sh --check' for what can be checked without." >&2
  exit 3
}

build() { # engine, service
  local verb=(build)
  [ "$1" = buildah ] && verb=(bud --layers)
  # HEALTHCHECK and STOPSIGNAL are Docker's words; podman and buildah drop them from their own format.
  [ "$1" = docker ] || verb+=(--format docker)
  "$1" "${verb[@]}" --file deploy/docker/Dockerfile --build-arg "SERVICE=$2" --tag "$(image "$2")" .
}

case ${1:-} in
  --list) for name in $(names); do image "$name"; done ;;
  --check) exec node --test --test-reporter=spec test/deploy.test.ts ;;
  --*) sed -n '2,10p' "$0"; exit 2 ;;
  *)
    wanted=("$@")
    [ ${#wanted[@]} -gt 0 ] || mapfile -t wanted < <(names)
    for name in "${wanted[@]}"; do
      [[ " $(names | paste -sd ' ') " == *" $name "* ]] || { echo "images: There is no service called \"$name\"; known are $(names | paste -sd ' ')." >&2; exit 2; }
    done
    with=$(engine)
    for number in "${!wanted[@]}"; do
      echo "images: $((number + 1)) of ${#wanted[@]}: $(image "${wanted[number]}") with $with" >&2
      build "$with" "${wanted[number]}"
    done
    ;;
esac
