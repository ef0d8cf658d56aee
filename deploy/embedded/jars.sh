#!/usr/bin/env bash
# Fetches the servers of the embedded stack with Maven into the cache, one folder per server and version:
#   <cache>/jars/{kafka-4.3.1,elasticsearch-9.5.3,registry-3.3.3}
# A folder appears under its final name only when it is whole; nothing is done for one that is there.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${TOCSIN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tocsin}
say() { printf 'deps: %s\n' "$*"; }
fail() { printf 'deps: %s\n' "$*" >&2; exit 1; }

version_of() { sed -n "s:.*<$1.version>\(.*\)</$1.version>.*:\1:p" "$here/pom.xml"; }
kafka=kafka-$(version_of kafka)
elasticsearch=elasticsearch-$(version_of elasticsearch)
registry=registry-$(version_of apicurio)

missing=()
for server in "$kafka" "$elasticsearch" "$registry"; do
  [ -d "$cache/jars/$server" ] || missing+=("$server")
done
[ ${#missing[@]} -eq 0 ] && exit 0

command -v mvn >/dev/null || fail "Maven is not installed; it fetches Kafka, Elasticsearch and the registry. Install it (Debian: apt-get install maven) and run make deps again."
java_home=$(node "$here/../../packages/cli/src/stack/java.ts" 21) || exit 1
mkdir -p "$cache/jars" 2>/dev/null || fail "the cache folder $cache cannot be written; set XDG_CACHE_HOME to a folder that can."
free_kib=$(df -Pk "$cache" | awk 'NR==2 {print $4}')
[ "$free_kib" -ge 1500000 ] || fail "only $((free_kib / 1024)) MB are free at $cache; the servers need 1500 MB while they are unpacked. Free some space or set XDG_CACHE_HOME."

fetch() { # profile, folder: Maven verifies the checksums
  local log=$cache/jars/$2.log
  JAVA_HOME=$java_home mvn -B -ntp -q -C -f "$here/pom.xml" -P "$1" dependency:copy-dependencies \
    -DincludeScope=runtime "-DoutputDirectory=$cache/jars/$2.partial/lib" >"$log" 2>&1 ||
    fail "Maven could not fetch $2; its output is in $log. Its last error: $(grep -m1 ERROR "$log" | cut -c1-200)"
  rm -f "$log"
}

# The server jar alone has no HTTP transport: it loads transport-netty4 as a module, which must not be on the class path.
arrange_elasticsearch() {
  local dir=$1 module=$1/modules/transport-netty4
  mkdir -p "$module" "$dir/launcher"
  mv "$dir"/lib/netty-*.jar "$dir"/lib/transport-netty4-*.jar "$dir"/lib/elasticsearch-ssl-config-*.jar "$module/"
  cat >"$module/plugin-descriptor.properties" <<EOF
description=HTTP and transport by Netty
version=$(version_of elasticsearch)
name=transport-netty4
classname=org.elasticsearch.transport.netty4.Netty4Plugin
java.version=21
elasticsearch.version=$(version_of elasticsearch)
has.native.controller=false
EOF
  "$java_home/bin/javac" --release 21 -cp "$dir/lib/*" -d "$dir/launcher" "$here/ElasticsearchLauncher.java" ||
    fail "the Elasticsearch launcher did not compile; $java_home must be a JDK, not only a JRE."
}

arrange_registry() {
  local dir=$1
  tar -xzf "$dir"/lib/*.tar.gz -C "$dir" && rm "$dir"/lib/*.tar.gz
}

for server in "${missing[@]}"; do
  partial=$cache/jars/$server.partial
  rm -rf "$partial" && mkdir -p "$partial"
  say "fetching $server …"
  started=$SECONDS
  case $server in
    kafka-*) fetch kafka "$server" ;;
    elasticsearch-*) fetch elasticsearch "$server" && arrange_elasticsearch "$partial" ;;
    registry-*) fetch registry "$server" && arrange_registry "$partial" ;;
  esac
  mv "$partial" "$cache/jars/$server"
  say "$server is in the cache ($((SECONDS - started)) s)"
done
