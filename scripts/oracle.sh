#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Compares the copybook reader and the record codec with GnuCOBOL, over many random records.
#
#   scripts/oracle.sh [RECORDS]      default: 2000
#
# Every run draws other records; LINTEL_ORACLE_SEED draws those of an earlier run again. Fails if cobc is missing.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"

LINTEL_ORACLE_LAYOUTS=${1:-${LINTEL_ORACLE_LAYOUTS:-2000}}
LINTEL_ORACLE_SEED=${LINTEL_ORACLE_SEED:-$(date +%s)}
LINTEL_REQUIRE_PEERS=1
export LINTEL_ORACLE_LAYOUTS LINTEL_ORACLE_SEED LINTEL_REQUIRE_PEERS
printf 'oracle: %s records, seed %s\n' "$LINTEL_ORACLE_LAYOUTS" "$LINTEL_ORACLE_SEED" >&2

exec "${GO:-go}" test -count=1 -timeout 60m -v -run '^(TestOracle|TestEdges)$' ./transforms/record/oracle
