#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Compares the copybook reader and the record codec with GnuCOBOL, over many random records.
#
#   scripts/oracle.sh [RECORDS]      default: 2000
#
# LINTEL_ORACLE_SEED draws the records of an earlier run again. Fails if cobc is missing.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"

LINTEL_ORACLE_LAYOUTS=${1:-${LINTEL_ORACLE_LAYOUTS:-2000}}
LINTEL_REQUIRE_PEERS=1
export LINTEL_ORACLE_LAYOUTS LINTEL_REQUIRE_PEERS

exec "${GO:-go}" test -count=1 -timeout 60m -v -run '^(TestOracle|TestEdges)$' ./transforms/record/oracle
