#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Builds an ActiveMQ Artemis broker, the third AMQP 1.0 broker that tests talk to; Maven brings its parts. Installs a JDK
# and Maven first if they are missing. Does nothing when all is up to date.
#
#   scripts/peers/artemis.sh [BUILD-FOLDER]      default: .build/artemis below the repository
#
# Exit codes: 0 built, 3 something is missing that cannot be installed here, 1 anything else.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/scripts/peers/lib.sh"
source=$root/adapters/amqp/amqptest/testdata/artemis
build=${1:-$root/.build/artemis}

missing() {
	say "$1"
	say "On Debian or Ubuntu, as root: apt-get update && apt-get install -y default-jdk-headless maven (Java 17 or later)"
	exit 3
}

command -v javac >/dev/null 2>&1 || install default-jdk-headless || missing "A JDK is missing."
command -v mvn >/dev/null 2>&1 || install maven || missing "Maven is missing."
javac --release 17 --version >/dev/null 2>&1 || missing "The JDK is older than Java 17, which Artemis needs."

mkdir -p "$build"
exec 9>"$build/.lock"
flock 9
stamp=$({ javac --version; cat "$0" "$source/pom.xml" "$source/Broker.java"; } | cksum)
if [ -f "$build/stamp" ] && [ "$(cat "$build/stamp")" = "$stamp" ]; then
	exit 0
fi
rm -rf "$build/stamp" "$build/lib" "$build/classes"
mkdir -p "$build/classes"
cp "$source/pom.xml" "$build"
log=$(mktemp)
(cd "$build" && mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib) >"$log" 2>&1 || {
	tail -n 5 "$log" >&2
	missing "Artemis cannot be had from Maven."
}
javac -cp "$build/lib/*" -d "$build/classes" "$source/Broker.java" >"$log" 2>&1 || {
	tail -n 10 "$log" >&2
	exit 1
}
rm -f "$log"
printf '%s' "$stamp" >"$build/stamp"
say "the Artemis broker is ready in $build"
