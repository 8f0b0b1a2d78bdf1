#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Builds the server on Apache CXF that tests talk to; Maven brings the libraries. Installs a JDK and Maven first if
# they are missing. Does nothing when all is up to date.
#
#   scripts/peers/cxf.sh [BUILD-FOLDER]      default: .build/cxf-peer below the repository
#
# Exit codes: 0 built, 3 something is missing that cannot be installed here, 1 anything else.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
. "$root/scripts/peers/lib.sh"
java_peer "Apache CXF" "$root/cmd/lintel/testdata/soap-peers/cxf" "${1:-$root/.build/cxf-peer}"
