#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Fetches the test suite of JSON Schema 2020-12, which the source package of jsonschema on PyPI carries, into
# .build/schemasuite. Does nothing when it is there. It uses the virtual environment of schemathesis for its pip.
#
# Exit codes: 0 it is there, 3 it cannot be had here.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/scripts/peers/lib.sh"
version=4.26.0
suite=$root/.build/schemasuite

if [ "$(cat "$suite/version" 2>/dev/null)" = "$version" ]; then
	exit 0
fi
"$root/scripts/peers/schemathesis.sh" || exit 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$root/.build/schemathesis/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: \
	--dest "$work" "jsonschema==$version" >"$work/log" 2>&1 || {
	tail -n 5 "$work/log" >&2
	say "the source of jsonschema $version cannot be had from PyPI."
	exit 3
}
tar -xzf "$work/jsonschema-$version.tar.gz" -C "$work"
rm -rf "$suite"
mkdir -p "$suite"
cp "$work/jsonschema-$version/json/LICENSE" "$suite/"
cp "$work/jsonschema-$version/json/tests/draft2020-12/"*.json "$suite/"
printf '%s\n' "$version" >"$suite/version"
say "the test suite of JSON Schema is ready in $suite"
