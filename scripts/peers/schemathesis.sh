#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs schemathesis, an OpenAPI fuzzer, into a virtual environment below .build. Does nothing when
# that is up to date.
#
# Exit codes: 0 it is there, 3 it cannot be installed here.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/scripts/peers/lib.sh"
version=4.32.5
env=$root/.build/schemathesis
# Its programs name their interpreter by its whole path: an environment that was moved is not one.
stamp="$version in $env"

if [ -x "$env/bin/schemathesis" ] && [ "$(cat "$env/version" 2>/dev/null)" = "$stamp" ]; then
	exit 0
fi
have_venv() { command -v python3 >/dev/null 2>&1 && python3 -c 'import venv, ensurepip' >/dev/null 2>&1; }
have_venv || install python3 python3-venv || {
	say "python3 with venv is missing. On Debian or Ubuntu, as root: apt-get install -y python3-venv"
	exit 3
}
rm -rf "$env"
log=$(mktemp)
python3 -m venv "$env" && "$env/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version" >"$log" 2>&1 || {
	tail -n 5 "$log" >&2
	rm -f "$log"
	say "schemathesis $version cannot be installed from PyPI."
	exit 3
}
rm -f "$log"
printf '%s\n' "$stamp" >"$env/version"
