#!/usr/bin/env bash
# Runs every fuzz target of the module for the time given (default 5s each).
set -euo pipefail
time=${1:-5s}
go list ./... | while read -r pkg; do
  dir=$(go list -f '{{.Dir}}' "$pkg")
  targets=$(grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$dir"/*_test.go 2>/dev/null | sed 's/^func //' | sort -u || true)
  for t in $targets; do
    echo "fuzz $pkg $t"
    go test "$pkg" -run '^$' -fuzz "^$t\$" -fuzztime "$time" -timeout 10m
  done
done
