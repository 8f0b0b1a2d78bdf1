#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs oidc-provider (npm), an OpenID provider, with the server of the tests in front of it. Installs Node.js first
# where it is missing. Does nothing when all is up to date.
#
#   scripts/peers/oidc.sh [BUILD-FOLDER]      default: .build/oidc-provider below the repository
#
# Exit codes: 0 it is there, 3 it cannot be installed here, 1 anything else.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/scripts/peers/lib.sh"
source=$root/cmd/lintel/testdata/oidc-provider
build=${1:-$root/.build/oidc-provider}

command -v npm >/dev/null 2>&1 || install nodejs npm || {
	say "Node.js 20 with npm is missing."
	exit 3
}
mkdir -p "$build"
exec 9>"$build/.lock"
flock 9
stamp=$({ node --version; cat "$0" "$source/package.json" "$source/server.js"; } | cksum)
if [ -f "$build/stamp" ] && [ "$(cat "$build/stamp")" = "$stamp" ]; then
	exit 0
fi
rm -rf "$build/stamp" "$build/node"
cp -R "$source" "$build/node"
log=$(mktemp)
(cd "$build/node" && npm install --no-audit --no-fund --ignore-scripts >"$log" 2>&1) || {
	tail -n 5 "$log" >&2
	rm -f "$log"
	say "oidc-provider cannot be installed from npm."
	exit 3
}
rm -f "$log"
printf '%s' "$stamp" >"$build/stamp"
say "oidc-provider is ready in $build"
