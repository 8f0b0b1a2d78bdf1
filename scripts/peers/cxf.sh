#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Builds the server on Apache CXF that tests talk to; Maven brings the libraries. Installs a JDK and Maven first if
# they are missing. Does nothing when all is up to date.
#
#   scripts/peers/cxf.sh [BUILD-FOLDER]      default: .build/cxf-peer below the repository
#
# Exit codes: 0 built, 3 something is missing that cannot be installed here, 1 anything else.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/scripts/peers/lib.sh"
source=$root/cmd/lintel/testdata/soap-peers/cxf
build=${1:-$root/.build/cxf-peer}

missing() {
	say "$1"
	say "On Debian or Ubuntu, as root: apt-get update && apt-get install -y default-jdk-headless maven (Java 17 or later)"
	exit 3
}

command -v javac >/dev/null 2>&1 || install default-jdk-headless || missing "A JDK is missing."
command -v mvn >/dev/null 2>&1 || install maven || missing "Maven is missing."
javac --release 17 --version >/dev/null 2>&1 || missing "The JDK is older than Java 17, which Apache CXF 4 needs."

mkdir -p "$build"
exec 9>"$build/.lock"
flock 9
stamp=$({ javac --version; cat "$0" "$source/pom.xml" "$source"/*.java "$source"/META-INF/*; } | cksum)
if [ -f "$build/stamp" ] && [ "$(cat "$build/stamp")" = "$stamp" ]; then
	exit 0
fi
rm -rf "$build/stamp" "$build/lib" "$build/classes"
mkdir -p "$build/classes"
cp "$source/pom.xml" "$build"
cp -R "$source/META-INF" "$build/classes"
log=$(mktemp)
(cd "$build" && mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib) >"$log" 2>&1 || {
	tail -n 5 "$log" >&2
	missing "Apache CXF cannot be had from Maven."
}
javac -cp "$build/lib/*" -d "$build/classes" "$source"/*.java >"$log" 2>&1 || {
	tail -n 10 "$log" >&2
	exit 1
}
rm -f "$log"
printf '%s' "$stamp" >"$build/stamp"
say "the Apache CXF server is ready in $build"
