#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Makes sure that curl is there, which runs the commands that lintel export writes.
#
# Exit codes: 0 it is there, 3 it cannot be installed here.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/scripts/peers/lib.sh"

command -v curl >/dev/null 2>&1 || install curl || {
	say "curl is missing. On Debian or Ubuntu, as root: apt-get install -y curl"
	exit 3
}
