#!/usr/bin/env bash
# elapsed.sh WORDS COMMAND...: runs the command, and tells on standard error how long it has been running, every fifteen
# seconds (ELAPSED_EVERY), and how long it took: long work that is silent looks like work that hangs.
set -u
every=${ELAPSED_EVERY:-15}
words=$1
shift
began=$SECONDS

tick() {
  local next=$every
  while sleep 1; do
    [ $((SECONDS - began)) -lt "$next" ] && continue
    printf '      %s: %s s so far\n' "$words" "$((SECONDS - began))" >&2
    next=$((next + every))
  done
}

# The ticker runs beside the command and not the other way round, so that Ctrl-C reaches the command.
tick &
ticker=$!
trap 'kill "$ticker" 2>/dev/null' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
"$@"
code=$?
if [ "$code" = 0 ]; then
  printf '      %s: done in %s s\n' "$words" "$((SECONDS - began))" >&2
else
  printf '      %s: failed after %s s (exit code %s)\n' "$words" "$((SECONDS - began))" "$code" >&2
fi
exit "$code"
