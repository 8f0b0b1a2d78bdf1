#!/usr/bin/env bash
# Runs every fuzz target of the module for the time given (default 5s each), or for a number of inputs (300x).
set -euo pipefail
time=${1:-5s}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# fuzz PACKAGE TARGET: go test can report the end of its own -fuzztime as a failed target ("context deadline
# exceeded", golang.org/issue/48591), with nothing found. That alone is no failure; whatever else it says is one.
# Inputs are made smaller for 50 runs, not for the minute that go test takes for each new one otherwise: slow
# targets would do nothing else.
fuzz() {
  echo "fuzz $1 $2"
  if go test "$1" -run '^$' -fuzz "^$2\$" -fuzztime "$time" -fuzzminimizetime 50x -timeout 10m >"$log" 2>&1; then
    cat "$log"
    return 0
  fi
  cat "$log"
  if grep -qE 'Failing input written|panic:|fatal error:|\.go:[0-9]+:' "$log"; then return 1; fi
  if ! grep -qE '^ +context deadline exceeded$' "$log"; then return 1; fi
  echo "fuzz $1 $2: the time was over, nothing was found"
}

go list ./... | while read -r pkg; do
  dir=$(go list -f '{{.Dir}}' "$pkg")
  targets=$(grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$dir"/*_test.go 2>/dev/null | sed 's/^func //' | sort -u || true)
  for t in $targets; do
    fuzz "$pkg" "$t"
  done
done
