#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# ten-minutes.sh: runs the commands of docs/guide/ten-minutes.md as they stand there, in a folder of its own, and says how long they took.
# The page's ports must be free: 8080, 9901 and 9301. PAUSE is how many seconds pass between saving a file and the next call.
set -euo pipefail
cd "$(dirname "$0")/.."
page=$PWD/docs/guide/ten-minutes.md
work=$(mktemp -d)
export GOBIN=$work/bin PATH=$work/bin:$PATH
go install ./cmd/lintel
cd "$work"
sed -n '/^```cobol$/,/^```$/{/^```/!p;}' "$page" >STOCKINQ.cpy
running=()
cleanup() {
  for pid in "${running[@]}"; do kill -INT "$pid" 2>/dev/null && wait "$pid" || true; done
  rm -rf "$work"
}
trap cleanup EXIT

commands=0
first=
begin=$(date +%s%N)
since() { echo "$(( ($(date +%s%N) - begin) / 1000000 )) ms"; }
pause() { sleep "${PAUSE:-0.5}"; }

# serve LINE: begins a command that goes on, and waits until it says that it is ready.
serve() {
  $1 >"server${#running[@]}.log" 2>&1 &
  running+=("$!")
  for _ in $(seq 600); do
    grep -qE 'Ctrl-C stops$|^admin port on' "server$((${#running[@]} - 1)).log" && return
    sleep 0.05
  done
  cat "server$((${#running[@]} - 1)).log"
  exit 1
}

while read -r line; do
  commands=$((commands + 1))
  echo "\$ $line"
  case $line in
  "lintel dev "* | "lintel simulate "*) serve "$line" ;;
  "lintel serve "*)
    kill -INT "${running[0]}" && wait "${running[0]}" || true # as the page says: lintel dev has ended
    serve "$line"
    ;;
  "lintel test --record"*) # the address that lintel dev shows
    pause
    eval "${line/http:\/\/127.0.0.1:39353/$(sed -n 's/^admin *//p' server0.log)}"
    ;;
  "lintel test stock")
    eval "$line" && { echo "the change was not noticed"; exit 1; }
    sed -i 's/text: "TEXT"/text: "text"/' stock/tests/getStock.yaml
    ;;
  "lintel doctor stock") eval "$line" || [ $? -eq 4 ] ;;
  *)
    eval "$line"
    echo
    ;;
  esac
  case $line in
  *articles/123)
    if [ -z "$first" ]; then
      first=$(since)
      firsts=$commands
    fi
    ;;
  *articles/123456789) # step 5: a change, a mistake, and its cure
    for edit in 's/text: =reply.text/text: =lower(reply.text)/' 's/=lower(reply.text)/=lower(reply.txt)/' 's/=lower(reply.txt)/=lower(reply.text)/'; do
      sed -i "$edit" stock/transforms/getStock.yaml
      pause
    done
    grep -q 'did you mean text?' server0.log
    ;;
  esac
done < <(sed -n 's/^    \(\(lintel\|curl\|cp\) .*\)/\1/p' "$page")
echo "first JSON answer after $first, with $firsts commands; all steps: $commands commands, $(since)"
