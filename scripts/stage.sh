# shellcheck shell=bash
# Parts of the tests, one after the other or side by side, and how long each took. Sourced by scripts/test and
# scripts/test-executable.

# stage NAME COMMAND...: runs a part, and says how long it took.
stage() {
  local name=$1 from=$SECONDS
  shift
  "$@"
  printf 'test: %s: %d s\n' "$name" "$((SECONDS - from))" >&2
}

# Of each part that runs beside the others: its process, which is the head of a process group, and its log.
declare -A beside=()

# stage_beside NAME COMMAND...: starts a part that runs beside the next ones. `finish_beside` waits for it.
stage_beside() {
  local log
  log=$(mktemp)
  set -m
  (stage "$@") >"$log" 2>&1 </dev/null &
  set +m
  beside[$!]=$log
}

# finish_beside: waits for all parts that were started so, and prints what they have printed. Fails if one of them has failed.
finish_beside() {
  local process status=0
  for process in "${!beside[@]}"; do
    wait "$process" || status=$?
    cat "${beside[$process]}" >&2
    rm "${beside[$process]}"
    unset "beside[$process]"
  done
  return "$status"
}

# Where a part has failed, those beside it need not go on.
stop_beside() {
  local process
  for process in "${!beside[@]}"; do
    kill -- "-$process" 2>/dev/null || true
    wait "$process" 2>/dev/null || true
    cat "${beside[$process]}" >&2
    rm "${beside[$process]}"
  done
}
trap stop_beside EXIT

# on_swarm NAME COMMAND...: runs a command with a swarm that scripts/swarm has started.
on_swarm() {
  local lines
  lines=$(scripts/swarm env --engine "$1")
  eval "$lines"
  shift
  "$@"
}
