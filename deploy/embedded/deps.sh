#!/usr/bin/env bash
# Installs what the project needs, in the one order that works on a new machine: the pinned Node, Debian packages, npm packages
# under that Node, the native Kafka client with zstd, the servers' jars. Does nothing, quickly, where all of it is there.
# Caches live outside the tree (TOCSIN_CACHE, else XDG_CACHE_HOME/tocsin), so that a second clone is fast.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
export TOCSIN_CACHE=${TOCSIN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tocsin}
node_bin=$here/toolchain/node_modules/.bin
say() { printf 'deps: %s\n' "$*"; }
fail() { printf 'deps: %s\n' "$*" >&2; exit 1; }

# Runs a command with its output in a log; says every 15 s that it still works; shows the end of the log where it fails.
quietly() { # what, log, command…
  local what=$1 log=$2 started=$SECONDS
  shift 2
  say "$what …"
  "$@" >"$log" 2>&1 &
  local pid=$!
  while sleep 1 && kill -0 "$pid" 2>/dev/null; do
    [ $(((SECONDS - started) % 15)) -ne 0 ] || say "$what: still at it after $((SECONDS - started)) s"
  done
  if ! wait "$pid"; then
    tail -n 15 "$log" >&2
    return 1
  fi
  say "$what: done in $((SECONDS - started)) s"
}

prepare_cache() {
  mkdir -p "$TOCSIN_CACHE/log" 2>/dev/null && [ -w "$TOCSIN_CACHE" ] ||
    fail "the cache folder $TOCSIN_CACHE cannot be written; set XDG_CACHE_HOME to one that can."
  if [ ! -d "$root/node_modules" ]; then
    local free_kib
    free_kib=$(df -Pk "$root" | awk 'NR==2 {print $4}')
    [ "$free_kib" -ge 1500000 ] || fail "only $((free_kib / 1024)) MB are free at $root and about 1500 MB are needed; free some space first."
  fi
}

install_node() {
  local wanted
  wanted=$(sed -n 's/.*"node": "\(.*\)".*/\1/p' "$here/toolchain/package.json")
  if [ "$("$node_bin/node" --version 2>/dev/null)" != "v$wanted" ]; then
    command -v npm >/dev/null || fail "npm is not installed; it fetches the pinned Node $wanted. Install Node 20 or newer with npm (nodejs.org) and run make deps again."
    quietly "Node $wanted" "$TOCSIN_CACHE/log/node.log" npm ci --prefix "$here/toolchain" --no-audit --no-fund ||
      fail "the pinned Node $wanted could not be fetched by npm; is the package registry reachable?"
    "$node_bin/node" --version >/dev/null || fail "the fetched Node $wanted does not run on this machine."
  fi
  export PATH=$node_bin:$PATH
}

is_root_with_apt() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

has_package() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

# What a command line alone tells us on a machine without dpkg is enough for everybody else.
install_debian_packages() {
  local wanted=() package
  for package in libzstd-dev libssl-dev libsasl2-dev chromium fonts-noto-cjk libxml2-utils; do
    has_package "$package" || wanted+=("$package")
  done
  if [ ${#wanted[@]} -gt 0 ]; then
    if is_root_with_apt; then
      quietly "Debian packages ${wanted[*]}" "$TOCSIN_CACHE/log/apt.log" install_from_apt "${wanted[@]}" ||
        say "apt could not install ${wanted[*]}; what needs them says so when it runs."
    else
      say "not installed here: ${wanted[*]} (the first three build the Kafka client, chromium makes PDFs and page tests); with root: apt-get install ${wanted[*]}"
    fi
  fi
  unpack_vsftpd
}

install_from_apt() {
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -y --no-install-recommends "$@" || { apt-get update && apt-get install -y --no-install-recommends "$@"; }
}

# The FTPS server of demo and tests runs unprivileged from an unpacked package: nothing is installed, no service starts.
unpack_vsftpd() {
  if command -v vsftpd >/dev/null || [ -x /usr/sbin/vsftpd ] || [ -x "$TOCSIN_CACHE/vsftpd/usr/sbin/vsftpd" ]; then return; fi
  if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
    say "vsftpd is not here and cannot be had without apt; the demo uses an FTPS server from npm."
    return
  fi
  local folder=$TOCSIN_CACHE/vsftpd.partial
  rm -rf "$folder" && mkdir -p "$folder"
  if (cd "$folder" && apt-get download -q vsftpd && dpkg-deb -x vsftpd_*.deb .) >"$TOCSIN_CACHE/log/vsftpd.log" 2>&1; then
    mv "$folder" "$TOCSIN_CACHE/vsftpd"
  else
    say "vsftpd could not be fetched; the demo uses an FTPS server from npm."
  fi
}

install_npm_packages() {
  node "$here/installed.js" "$root" && return
  # Without install scripts: the one package that must be built, node-rdkafka, is built (or taken from the cache) below.
  quietly "npm packages" "$TOCSIN_CACHE/log/npm.log" npm ci --prefix "$root" --ignore-scripts --no-audit --no-fund ||
    fail "npm ci failed; its output is in $TOCSIN_CACHE/log/npm.log."
}

rdkafka=$root/node_modules/node-rdkafka

has_zstd() {
  (cd "$root" && node -e "process.exit(require('node-rdkafka').features.includes('zstd') ? 0 : 1)") 2>/dev/null
}

rdkafka_archive() {
  local key
  key=$(cd "$root" && node -p "[require('node-rdkafka/package.json').version, 'abi' + process.versions.modules, process.platform, process.arch, 'glibc' + (process.report.getReport().header.glibcVersionRuntime ?? 'none')].join('-')")
  echo "$TOCSIN_CACHE/native/node-rdkafka-$key.tar.gz"
}

install_rdkafka() {
  local archive
  archive=$(rdkafka_archive)
  if ! has_zstd && [ -f "$archive" ]; then
    tar -xzf "$archive" -C "$rdkafka"
    if has_zstd; then say "node-rdkafka taken from the cache"; fi
  fi
  has_zstd || build_rdkafka
  if [ ! -f "$archive" ]; then
    mkdir -p "$TOCSIN_CACHE/native"
    tar -czf "$archive.partial" -C "$rdkafka" build/Release/node-librdkafka.node build/deps/librdkafka.so.1 build/deps/librdkafka++.so.1
    mv "$archive.partial" "$archive"
  fi
}

# librdkafka's own configure takes zstd only where its headers are installed. It is run first because the makefile that node-gyp
# writes does not know that configure makes config.h, and fails on a clean tree as soon as two jobs run at once.
compile_rdkafka() { # folder with the headers of Node
  (cd "$rdkafka" && node util/configure) && JOBS=2 npm_config_nodedir=$1 npm rebuild --prefix "$root" node-rdkafka
}

build_rdkafka() {
  command -v make >/dev/null && command -v g++ >/dev/null && command -v python3 >/dev/null ||
    fail "make, g++ and python3 are needed to build the Kafka client node-rdkafka (Debian: apt-get install build-essential python3)."
  local headers=$here/toolchain/node_modules/node/node_modules/node-$(node -p "process.platform + '-' + process.arch")
  rm -rf "$rdkafka/build"
  quietly "node-rdkafka (built once, about three minutes)" "$TOCSIN_CACHE/log/node-rdkafka.log" compile_rdkafka "$headers" ||
    fail "node-rdkafka could not be built; its output is in $TOCSIN_CACHE/log/node-rdkafka.log."
  has_zstd || fail "node-rdkafka was built without zstd, and one zstd batch would stall a consumer; install libzstd-dev, remove $rdkafka/build and run make deps again."
}

# Elasticsearch and the registry need 21; asked before anything long is begun.
find_java() { node "$root/packages/cli/src/stack/java.ts" 21 >/dev/null || exit 1; }

# The console's page: built when a source is newer than what was built.
build_console() {
  local console=$root/services/console
  if [ -f "$console/dist/index.html" ] && [ -z "$(find "$console/web" "$console/vite.config.ts" "$console/package.json" -newer "$console/dist/index.html" -print -quit)" ]; then return; fi
  quietly "the console's page" "$TOCSIN_CACHE/log/console.log" npm run build --prefix "$console" ||
    fail "the console's page could not be built; the output is in $TOCSIN_CACHE/log/console.log."
}

prepare_cache
install_node
find_java
install_debian_packages
install_npm_packages
install_rdkafka
build_console
"$here/jars.sh"
say "all is there"
