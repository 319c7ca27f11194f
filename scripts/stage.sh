# shellcheck shell=bash
# stage NAME COMMAND...: runs a part of the tests, and says how long it took.
stage() {
  local name=$1 from=$SECONDS
  shift
  "$@"
  printf 'test: %s: %d s\n' "$name" "$((SECONDS - from))" >&2
}
