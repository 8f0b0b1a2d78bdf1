#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs the Redis server that the tests of shared counters talk to (Debian, Ubuntu). It is not
# started: each test starts one of its own, on a port that the system picks.
#
# Exit codes: 0 it is there, 3 it cannot be installed here.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/scripts/peers/lib.sh"

command -v redis-server >/dev/null 2>&1 || install redis-server || {
	say "redis-server is missing. On Debian or Ubuntu, as root: apt-get install -y redis-server"
	exit 3
}
