#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Fetches WSDLs that nobody here wrote: those that packages bring along for their own tests and examples, zeep (PyPI),
# strong-soap and quickbooks-js (npm). Nothing of them is kept in the repository. Does nothing when they are there.
#
#   scripts/peers/wsdls.sh [BUILD-FOLDER]      default: .build/wsdls below the repository
#
# Exit codes: 0 fetched, 3 something is missing that cannot be had here, 1 anything else.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/scripts/peers/lib.sh"
build=${1:-$root/.build/wsdls}

missing() {
	say "$1"
	exit 3
}

command -v npm >/dev/null 2>&1 || install nodejs npm || missing "npm is missing."
/usr/bin/python3 -m pip --version >/dev/null 2>&1 || install python3-pip || missing "pip is missing."

mkdir -p "$build"
exec 9>"$build/.lock"
flock 9
stamp=$(cksum <"$0")
if [ -f "$build/stamp" ] && [ "$(cat "$build/stamp")" = "$stamp" ]; then
	exit 0
fi
work=$(mktemp -d)
(
	cd "$work"
	# The build of the package would run code of its own; only its archive is wanted.
	/usr/bin/python3 -m pip download -q --no-deps --no-binary :all: --no-build-isolation zeep==4.3.3 >pip.log 2>&1 || true
	[ -f zeep-4.3.3.tar.gz ] || { tail -n 3 pip.log >&2; exit 3; }
	npm pack -s --ignore-scripts strong-soap@5.0.10 quickbooks-js@1.0.0 >npm.log 2>&1 || { tail -n 3 npm.log >&2; exit 3; }
	for archive in *.tar.gz *.tgz; do
		mkdir "$archive.d"
		tar xzf "$archive" -C "$archive.d"
	done
) || missing "Packages with WSDLs cannot be had."
rm -rf "$build/zeep" "$build/strong-soap" "$build/quickbooks-js"
mv "$work/zeep-4.3.3.tar.gz.d" "$build/zeep"
mv "$work/strong-soap-5.0.10.tgz.d" "$build/strong-soap"
mv "$work/quickbooks-js-1.0.0.tgz.d" "$build/quickbooks-js"
rm -rf "$work"
printf '%s' "$stamp" >"$build/stamp"
say "WSDLs are in $build"
