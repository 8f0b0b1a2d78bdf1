#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Builds the example broker of Apache Qpid Proton, the second AMQP 1.0 broker that tests talk to.
# Installs its library and source first where they are missing (Debian, Ubuntu). Does nothing when
# all is up to date.
#
#   scripts/peers/proton.sh [BUILD-FOLDER]      default: .build/proton below the repository
#
# Exit codes: 0 built, 3 something is missing that cannot be installed here, 1 anything else.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/scripts/peers/lib.sh"
build=${1:-$root/.build/proton}
source=/usr/share/proton/examples/cpp/broker.cpp

have() { command -v g++ >/dev/null 2>&1 && [ -f "$source" ] && [ -e /usr/include/proton/container.hpp ]; }

if ! have; then
	[ "$(uname -s)" = Linux ] || { say "the Proton broker is built by this script on Linux only."; exit 3; }
	install g++ libqpid-proton-cpp12-dev libqpid-proton11-dev-examples || :
	have || {
		say "Qpid Proton is missing. On Debian or Ubuntu, as root: apt-get update && apt-get install -y g++ libqpid-proton-cpp12-dev libqpid-proton11-dev-examples"
		exit 3
	}
fi

mkdir -p "$build"
exec 9>"$build/.lock"
flock 9
stamp=$({
	g++ --version | head -n 1
	cat "$0" "$source"
} | cksum)
if [ -f "$build/stamp" ] && [ "$(cat "$build/stamp")" = "$stamp" ] && [ -x "$build/broker" ]; then
	exit 0
fi
rm -f "$build/stamp"
g++ -std=c++17 -O1 -o "$build/broker.new" "$source" -lqpid-proton-cpp -lpthread || {
	say "the Proton broker does not compile"
	exit 1
}
mv -f "$build/broker.new" "$build/broker"
printf '%s\n' "$stamp" >"$build/stamp"
say "built $build/broker"
