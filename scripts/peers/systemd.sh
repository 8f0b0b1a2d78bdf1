#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Makes sure that systemd-analyze is there, which checks the units of docs/operations.md.
#
# Exit codes: 0 it is there, 3 it cannot be installed here.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/scripts/peers/lib.sh"

command -v systemd-analyze >/dev/null 2>&1 || install systemd || {
	say "systemd-analyze is missing. On Debian or Ubuntu, as root: apt-get install -y systemd"
	exit 3
}
