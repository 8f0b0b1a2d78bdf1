#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs and builds the real peers that tests talk to: every script of scripts/peers, one peer each.
# Each does nothing when its peer is there and up to date.
#
#   scripts/peers.sh [NAME...]      default: all
#
# Exit codes: 0 all are there, 3 some are missing that cannot be installed here, 1 anything else.
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)/peers
[ $# -gt 0 ] || set -- $(cd "$here" && ls | grep -v '^lib\.sh$' | grep '\.sh$' | sed 's/\.sh$//')
mkdir -p "$here/../../.build"
exec 9>"$here/../../.build/.peers-lock"
flock 9 2>/dev/null || true

# What comes over a network fails now and then: where all have to be there, one that fails is tried again.
peer() {
	for pause in 5 30; do
		"$here/$1.sh" 9>&- && return 0
		code=$?
		[ "${LINTEL_REQUIRE_PEERS:-}" = 1 ] || return "$code"
		printf 'peers: %s once more in %s seconds\n' "$1" "$pause" >&2
		sleep "$pause"
	done
	"$here/$1.sh" 9>&-
}

worst=0
for name; do
	peer "$name" || {
		code=$?
		printf 'peers: %s is missing (exit code %s)\n' "$name" "$code" >&2
		[ "$worst" = 1 ] || worst=$code
		[ "$code" = 3 ] || worst=1
	}
done
exit "$worst"
