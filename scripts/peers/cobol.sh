#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Builds the real peers that tests talk to: the bank's COBOL programs and the region that runs them.
# Installs GnuCOBOL, and ICU for the check of the code pages, first where they are missing (Debian, Ubuntu). Does nothing when all is up to date.
#
#   scripts/peers/cobol.sh [BUILD-FOLDER]      default: .build/bank-region below the repository
#
# Exit codes: 0 built, 3 something is missing that cannot be installed here, 1 anything else.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/scripts/peers/lib.sh"
host=$root/examples/bank/host
books=$root/examples/bank/copybooks
build=${1:-$root/.build/bank-region}

missing() {
	say "$1"
	say "On Debian or Ubuntu, as root: apt-get update && apt-get install -y gcc libc6-dev gnucobol3 libicu-dev pkg-config"
	exit 3
}

have_icu() { pkg-config --exists icu-uc 2>/dev/null; }

have_cobol() {
	command -v cobc >/dev/null 2>&1 && command -v gcc >/dev/null 2>&1 &&
		printf '#include <stdio.h>\n#include <libcob.h>\n' | gcc -fsyntax-only -x c - >/dev/null 2>&1
}

[ "$(uname -s)" = Linux ] || missing "the region runs on Linux only."
have_cobol || install gcc libc6-dev gnucobol3 || missing "GnuCOBOL 3 is missing."
have_cobol || missing "GnuCOBOL was installed, but cobc, gcc or libcob.h is still not found."
# Without ICU the region can be built all the same; the tests of the code pages say that they miss it.
have_icu || install libicu-dev pkg-config || say "ICU is missing: the code pages cannot be compared with it."

mkdir -p "$build"
exec 9>"$build/.lock"
flock 9

# Everything the result depends on, compilers included. Equal stamp: nothing to do.
stamp=$({
	cobc --version | head -n 1
	gcc --version | head -n 1
	cat "$0" "$host"/region/*.[ch] "$host"/cobol/*.cbl "$host"/copy/*.cpy "$books"/*.cpy
} | cksum)
if [ -f "$build/stamp" ] && [ "$(cat "$build/stamp")" = "$stamp" ] && [ -x "$build/region" ]; then
	exit 0
fi
rm -f "$build/stamp"

# Built aside and moved into place: a region that is running keeps the files it has mapped.
new=$build/new
rm -rf "$new"
mkdir "$new"

# The rules of IBM's compiler: binaries of 2, 4 and 8 bytes, big-endian; signs as in EBCDIC data.
for source in "$host"/cobol/*.cbl; do
	name=$(basename "$source" .cbl)
	(cd "$new" && cobc -m -std=ibm -fsign=EBCDIC -debug -Wall -ext cpy -I "$books" -I "$host/copy" -o "$name.so" "$source") || {
		say "$name does not compile"
		exit 1
	}
done
gcc -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -rdynamic -o "$new/region" "$host"/region/*.c -lcob || {
	say "the region does not compile"
	exit 1
}
mv -f "$new"/*.so "$new/region" "$build/"
rm -rf "$new"
printf '%s\n' "$stamp" >"$build/stamp"
say "built $build/region"
