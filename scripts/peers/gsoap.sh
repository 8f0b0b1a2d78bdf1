#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Builds the server on gSOAP that tests talk to: stubs by wsdl2h and soapcpp2 from its WSDL, and the plugin for
# WS-Security. Installs gSOAP, OpenSSL and a C compiler first if they are missing. Does nothing when all is up to date.
#
#   scripts/peers/gsoap.sh [BUILD-FOLDER]      default: .build/gsoap-peer below the repository
#
# Exit codes: 0 built, 3 something is missing that cannot be installed here, 1 anything else.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/scripts/peers/lib.sh"
source=$root/cmd/lintel/testdata/soap-peers/gsoap
build=${1:-$root/.build/gsoap-peer}

missing() {
	say "$1"
	say "On Debian or Ubuntu, as root: apt-get update && apt-get install -y gsoap libgsoap-dev libssl-dev zlib1g-dev gcc libc6-dev"
	exit 3
}

share=/usr/share/gsoap
have() {
	command -v wsdl2h >/dev/null 2>&1 && command -v soapcpp2 >/dev/null 2>&1 && [ -f /usr/include/stdsoap2.h ] &&
		[ -f $share/plugin/wsseapi.c ] && [ -f /usr/include/openssl/pem.h ] && [ -f /usr/include/zlib.h ]
}
have || install gsoap libgsoap-dev libssl-dev zlib1g-dev || missing "gSOAP is missing."
command -v gcc >/dev/null 2>&1 || install gcc libc6-dev || missing "A C compiler is missing."
have || missing "gSOAP was installed, but cannot be used."

mkdir -p "$build"
exec 9>"$build/.lock"
flock 9
stamp=$({ wsdl2h -V 2>&1; gcc --version; cat "$0" "$source"/*; } | cksum)
if [ -f "$build/stamp" ] && [ "$(cat "$build/stamp")" = "$stamp" ]; then
	exit 0
fi
rm -f "$build/stamp"
cp "$source"/* "$build"
log=$(mktemp)
(
	cd "$build" &&
		wsdl2h -c -o archive.h archive.wsdl &&
		{ echo '#import "wsse.h"' && cat archive.h; } >secured-archive.h &&
		soapcpp2 -c -S -x -I$share/import:$share secured-archive.h &&
		gcc -O0 -w -DWITH_OPENSSL -DWITH_DOM -DWITH_GZIP -DWITH_IPV6 -I. -I$share -I$share/plugin -o server server.c secured.c \
			soapC.c soapServer.c $share/plugin/wsseapi.c $share/plugin/smdevp.c $share/plugin/mecevp.c $share/plugin/threads.c \
			$share/custom/struct_timeval.c -lgsoapssl -lssl -lcrypto -lz -lpthread
) >"$log" 2>&1 || {
	tail -n 10 "$log" >&2
	exit 1
}
rm -f "$log"
printf '%s' "$stamp" >"$build/stamp"
say "the gSOAP server is ready in $build"
