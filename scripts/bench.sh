#!/usr/bin/env bash
# Runs the benchmarks and prints, at the end, the ratios against their peers: measured turn by turn
# in the same run, since absolute times of shared machines say little.
#   BENCHTIME=20x scripts/bench.sh     shorter (the default is 1s for parts, 10 rounds for the gateway)
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(mktemp)
trap 'rm -f "$out"' EXIT
parts=$(go list ./... | grep -v '/cmd/')
# shellcheck disable=SC2086
go test -run '^$' -bench . -benchmem -benchtime "${BENCHTIME:-1s}" $parts 2>&1 | tee "$out"
go test -run '^$' -bench 'BenchmarkGateway|BenchmarkJournal|BenchmarkSync' -benchtime "${ROUNDS:-10x}" ./cmd/lintel 2>&1 | tee -a "$out"
printf "\nratios against peers, measured in this run: ratio is time over the peer's (less is better), speed-ratio is throughput over the peer's (more is better)\n"
awk '/^Benchmark/ { for (i = 3; i <= NF; i++) if ($i ~ /ratio$/) printf "  %-60s %s %s\n", $1, $(i-1), $i }' "$out"
printf "\nwhat a recorded request costs: processor time of client, host and gateway together, syncs, and what the journal adds to the median time\n"
awk '/^BenchmarkJournal/ { for (i = 3; i <= NF; i++) if ($i ~ /(us\/op|syncs\/op|p50-us.*)$/) printf "  %-60s %s %s\n", $1, $(i-1), $i }' "$out"
