#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs what checks signatures, encryption and canonical forms that nobody here wrote: xmlsec1, xmllint, and zeep with
# its WS-Security. Does nothing when all is there.
#
#   scripts/peers/xmlsec.sh
#
# Exit codes: 0 there, 3 something is missing that cannot be installed here.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/scripts/peers/lib.sh"

missing() {
	say "$1"
	say "On Debian or Ubuntu, as root: apt-get update && apt-get install -y xmlsec1 libxml2-utils python3-zeep python3-xmlsec"
	exit 3
}

# Debian's own python, since another one may come first on the path.
have_zeep() { /usr/bin/python3 -c 'import zeep, xmlsec' >/dev/null 2>&1; }

command -v xmlsec1 >/dev/null 2>&1 || install xmlsec1 || missing "xmlsec1 is missing."
command -v xmllint >/dev/null 2>&1 || install libxml2-utils || missing "xmllint is missing."
have_zeep || install python3-zeep python3-xmlsec || missing "zeep or the Python binding of xmlsec is missing."
have_zeep || missing "zeep was installed, but cannot be used."
