#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Builds the SOAP servers that tests talk to: node-soap (npm), spyne (Debian) and PHP's SoapServer (Debian). Installs
# what is missing first. Does nothing when all is up to date.
#
#   scripts/peers/soap.sh [BUILD-FOLDER]      default: .build/soap-peers below the repository
#
# Exit codes: 0 built, 3 something is missing that cannot be installed here, 1 anything else.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/scripts/peers/lib.sh"
source=$root/cmd/lintel/testdata/soap-peers
build=${1:-$root/.build/soap-peers}

missing() {
	say "$1"
	say "On Debian or Ubuntu, as root: apt-get update && apt-get install -y php-cli php-soap python3-spyne libxml2-utils; and Node.js 20 with npm"
	exit 3
}

have_php() { command -v php >/dev/null 2>&1 && php -r 'exit(class_exists("SoapServer") ? 0 : 1);'; }
# Debian's own python, since another one may come first on the path.
have_spyne() { /usr/bin/python3 -c 'import spyne, lxml' >/dev/null 2>&1; }

have_php || install php-cli php-soap || missing "PHP with SOAP is missing."
have_spyne || install python3-spyne python3-lxml || missing "spyne is missing."
command -v xmllint >/dev/null 2>&1 || install libxml2-utils || missing "xmllint is missing."
command -v npm >/dev/null 2>&1 || install nodejs npm || missing "Node.js is missing."
have_php && have_spyne || missing "PHP's SoapServer or spyne was installed, but cannot be used."

mkdir -p "$build"
exec 9>"$build/.lock"
flock 9
stamp=$({ node --version; cat "$0" "$source/node/package.json" "$source/node/server.js"; } | cksum)
if [ -f "$build/stamp" ] && [ "$(cat "$build/stamp")" = "$stamp" ]; then
	exit 0
fi
rm -rf "$build/stamp" "$build/node"
cp -R "$source/node" "$build/node"
log=$(mktemp)
(cd "$build/node" && npm install --no-audit --no-fund --ignore-scripts >"$log" 2>&1) || {
	tail -n 5 "$log" >&2
	missing "node-soap cannot be installed."
}
rm -f "$log"
printf '%s' "$stamp" >"$build/stamp"
say "SOAP servers are ready in $build"
