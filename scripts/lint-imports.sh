#!/usr/bin/env bash
# Proves that the import rules work: plants one forbidden import in each room and expects the
# linter to report every one.
set -euo pipefail
lint=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git ls-files -z --cached --others --exclude-standard | grep -zvE '^(docs|examples)/' | tar --null -T - -cf - 2>/dev/null | tar -xf - -C "$work"
cd "$work"
planted=0
plant() { # folder package import
  printf 'package %s\n\nimport _ "%s"\n' "$2" "$3" >"$1/zz_planted.go"
  planted=$((planted + 1))
}

# count runs the linter, adds what it reports and takes the plants away again.
found=0
count() {
  report=$("$lint" run --enable-only depguard --max-issues-per-linter 0 --max-same-issues 0 ./... 2>&1 || true)
  found=$((found + $(printf '%s' "$report" | grep -cE 'zz_planted\.go:[0-9]+:[0-9]+: import .* \(depguard\)' || true)))
  find . -name zz_planted.go -delete
}

plant adapters adapters lintel/specs
plant adapters/tcp tcp lintel/transforms
plant adapters/stream stream lintel/specs
plant adapters/queue queue lintel/specs
plant adapters/hosthttp hosthttp lintel/adapters/tcp
plant adapters/amqp amqp lintel/adapters/tcp
plant adapters/amqp/broker broker lintel/adapters
plant specs/compare compare lintel/transforms
plant specs/format format lintel/transforms
plant transforms transforms lintel/adapters
plant transforms/codepage codepage lintel/specs
plant transforms/copybook copybook lintel/transforms/codepage
plant transforms/record record lintel/adapters
plant transforms/mqheader mqheader lintel/transforms/record
plant transforms/json json lintel/transforms/record
plant transforms/soap soap lintel/transforms/record
plant transforms/soap/wssec wssec lintel/specs
plant transforms/funcs funcs lintel/adapters
plant gateway gateway lintel/transforms/record
plant gateway/listener listener lintel/transforms
plant gateway/rates rates lintel/transforms
plant gateway/docspage docspage lintel/adapters
plant gateway/journal journal lintel/specs
plant gateway/journal/filestore filestore lintel/specs
plant gateway/journal/postgres postgres lintel/gateway/journal/filestore
plant gateway/tracing tracing lintel/transforms
plant cmd/lintel main github.com/go-chi/chi/v5
count
# By itself, since together with the others it would make a circle.
plant specs specs lintel/transforms/codepage
count
if [ "$found" -ne "$planted" ]; then
  echo "lint-imports: $planted forbidden imports planted, $found reported"
  printf '%s\n' "$report"
  exit 1
fi
echo "lint-imports: $planted forbidden imports planted, all reported"
