#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Builds the stand-in for IBM's MQ client library that the tests of adapters/ibmmq link: headers and libmqm_r.so.
# It holds nothing of IBM's: the constants are made from the Go module mq-golang, the rest is below adapters/ibmmq/mqitest.
# Writes .build/mqi/env: the variables that cgo needs to find it. Does nothing when all is up to date.
#
#   . .build/mqi/env && go test -tags ibmmq ./adapters/ibmmq/...
#
# Exit codes: 0 built, 3 something is missing that cannot be installed here, 1 anything else.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/scripts/peers/lib.sh"
src=$root/adapters/ibmmq/mqitest
build=${1:-$root/.build/mqi}

[ "$(uname -s)" = Linux ] || {
	say "the stand-in for the MQ client runs on Linux only."
	exit 3
}
have_gcc() { command -v gcc >/dev/null 2>&1 && printf '#include <stdio.h>\n' | gcc -fsyntax-only -x c - >/dev/null 2>&1; }
have_gcc || install gcc libc6-dev || {
	say "gcc is missing. On Debian or Ubuntu, as root: apt-get install -y gcc libc6-dev"
	exit 3
}

mkdir -p "$build"
exec 9>"$build/.lock"
flock 9

cd "$root"
module=$(go list -m -f '{{.Dir}}' github.com/ibm-messaging/mq-golang/v5)
[ -n "$module" ] || { # not downloaded yet
	go mod download github.com/ibm-messaging/mq-golang/v5
	module=$(go list -m -f '{{.Dir}}' github.com/ibm-messaging/mq-golang/v5)
}
constants=$module/ibmmq/cmqc_linux_$(go env GOARCH).go
stamp=$({
	gcc --version | head -n 1
	printf '%s\n' "$module"
	cat "$0" "$src"/include/*.h "$src"/lib/*.[ch] "$src"/mqigen/*.go
} | cksum)
# Always: the folder may be shared with, or copied from, another checkout.
cat >"$build/env" <<ENV
export CGO_ENABLED=1
export CGO_CFLAGS="-O2 -g -I$build/inc"
export CGO_LDFLAGS="-L$build/lib64 -Wl,-rpath,$build/lib64"
ENV
if [ -f "$build/stamp" ] && [ "$(cat "$build/stamp")" = "$stamp" ] && [ -f "$build/lib/libmqm_r.so" ]; then
	exit 0
fi
rm -f "$build/stamp"

# Built aside and moved into place: a process that runs keeps what it has mapped.
mkdir -p "$build/inc" "$build/lib"
cp "$src"/include/*.h "$build/inc/"
go run ./adapters/ibmmq/mqitest/mqigen "$constants" "$build/inc"
gcc -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Wno-format-truncation -Wno-pointer-to-int-cast -fPIC -shared -I "$build/inc" \
	-o "$build/lib/new.so" "$src"/lib/*.c -lpthread || {
	say "the stand-in does not compile"
	exit 1
}
mv -f "$build/lib/new.so" "$build/lib/libmqm_r.so"
ln -sfn lib "$build/lib64" # as an installed client has it
printf '%s\n' "$stamp" >"$build/stamp"
say "built $build/lib/libmqm_r.so"
