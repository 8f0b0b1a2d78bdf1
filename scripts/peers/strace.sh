#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Makes sure that strace is there, which shows what a process opens, and lets system calls of it fail or take long.
#
# Exit codes: 0 it is there, 3 it cannot be installed here.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/scripts/peers/lib.sh"

command -v strace >/dev/null 2>&1 || install strace || {
	say "strace is missing. On Debian or Ubuntu, as root: apt-get install -y strace"
	exit 3
}
