#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs PostgreSQL from Debian or Ubuntu, as a peer of tests, where it is missing. It creates no
# cluster and starts nothing: a test makes a cluster of its own in a temporary folder.
#
#   scripts/peers/postgres.sh [BUILD-FOLDER]      default: .build/postgres below the repository
#
# Leaves a link to the folder of initdb and postgres in BUILD-FOLDER/bin.
# Exit codes: 0 it is there, 3 it cannot be installed here, 1 anything else.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/scripts/peers/lib.sh"
build=${1:-$root/.build/postgres}

# The newest version that is installed.
newest() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -n | tail -n 1; }

bin=$(newest)
if [ -z "$bin" ] || [ ! -x "$bin/initdb" ] || [ ! -x "$bin/postgres" ]; then
	if [ "$(id -u)" = 0 ] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
		mkdir -p /etc/postgresql-common
		printf 'create_main_cluster = false\nstart_conf = manual\n' >/etc/postgresql-common/createcluster.conf
	fi
	install postgresql || {
		say "PostgreSQL is missing. On Debian or Ubuntu, as root: apt-get update && apt-get install -y postgresql"
		exit 3
	}
	bin=$(newest)
fi
[ -n "$bin" ] && [ -x "$bin/initdb" ] || {
	say "PostgreSQL was installed, but initdb is not found."
	exit 1
}
mkdir -p "$build"
ln -sfn "$bin" "$build/bin"
