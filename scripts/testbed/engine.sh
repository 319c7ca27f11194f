# shellcheck shell=bash disable=SC2034,SC2154 # the variables are those of scripts/swarm
# The outer engine: the one that holds the node containers. Finds one, or runs a private one, and is
# sourced by scripts/swarm. It sets `outer` (its DOCKER_HOST) and `home` (the folder of the private
# engine; empty if it is somebody else's) and exports DOCKER_HOST.

default_home=/var/lib/swarmroll-testbed

# lock FD FILE [FLOCK OPTION...]: the file may have been removed, with its folder, by the one before us.
lock() {
  local fd=$1 file=$2
  shift 2
  while :; do
    { eval "exec $fd>>\"\$file\""; } 2>/dev/null || die "$file can't be written" "it is another user's: run this as that user"
    if ! flock -n "$@" "$fd"; then
      say "waiting for another scripts/swarm to finish"
      flock -w 300 "$@" "$fd" || die "another scripts/swarm has held $file for 5 minutes" "end it, then try again"
    fi
    if [ "$file" -ef "/proc/self/fd/$fd" ]; then return; fi
    mkdir -p "${file%/*}"
  done
}

unlock() { eval "exec $1>&-"; }

engine_answers() { timeout 5 docker --host "$1" version --format '{{.Server.Version}}' >/dev/null 2>&1; }

use_outer() {
  outer=$1
  export DOCKER_HOST=$outer
}

# The engine that already holds this clone's swarm, else the user's, else (not with `existing`) a new one.
# Only unix sockets count: on another machine the swarm's ports would not be ours to reach, and the tcp
# address in DOCKER_HOST may be that of a test swarm, which must not hold another.
find_outer() {
  local host
  if [ -n "${outer:-}" ] && [ -z "$home" ]; then
    if engine_answers "$outer"; then
      use_outer "$outer"
      return
    fi
    [ "${1:-}" != existing ] || die "the engine at $outer, which holds the swarm, does not answer" \
      "start it and try again; if it is gone for good, remove $state_home"
    say "the engine at $outer, which held the swarm, does not answer any more"
    config=none
  fi
  home=${home:-${SWARMROLL_TESTBED_HOME:-}}
  if [ -z "$home" ] && command -v docker >/dev/null; then
    for host in "$asked_host" "$(DOCKER_CONTEXT=${asked_context:-} docker context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null)" \
      unix:///var/run/docker.sock; do
      if [[ $host == unix://* ]] && engine_answers "$host"; then
        use_outer "$host"
        return
      fi
    done
  fi
  home=$(readlink -m "${home:-$default_home}")
  if [ "${1:-}" = existing ]; then
    if [ ! -d "$home/data" ]; then return 1; fi
  else
    require_space "$home" 500
  fi
  start_private
}

# install COMMAND... : the packages that bring these commands, on Debian and Ubuntu. `instead`, where it is set, is what
# else would do.
install() {
  local packages=() command
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    die "this needs $* and can install it only on Debian or Ubuntu, as root" \
      "install it yourself${instead:+, or $instead}"
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-cache show docker.io >/dev/null 2>&1 || quietly apt-get update || true
  for command; do
    case $command in
    # In Debian 13 the client is a package of its own.
    dockerd)
      packages+=(docker.io iptables)
      if apt-cache show docker-cli >/dev/null 2>&1; then packages+=(docker-cli); fi
      ;;
    compose) packages+=("$(apt-cache show docker-compose-v2 >/dev/null 2>&1 && echo docker-compose-v2 || echo docker-compose)") ;;
    *) packages+=("$command") ;;
    esac
  done
  say "installing ${packages[*]}"
  local get=(apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120 "${packages[@]}")
  # The first try fails where the package lists are older than the mirror.
  if ! quietly "${get[@]}" && ! { quietly apt-get update && quietly "${get[@]}"; }; then
    log_tail
    die "apt-get could not install ${packages[*]}" "see $log, mend it, then try again"
  fi
}

has_compose() { docker compose version >/dev/null 2>&1 || command -v docker-compose >/dev/null; }

# The commands needed for a private engine, installed in one go because that is faster.
install_private() {
  local missing=() instead="start a Docker Engine whose unix socket you may use (docker info)"
  command -v docker >/dev/null && command -v dockerd >/dev/null && command -v containerd >/dev/null || missing+=(dockerd)
  has_compose || missing+=(compose)
  command -v mmdebstrap >/dev/null || [ -d "$home/data" ] || hub_reachable || missing+=(mmdebstrap)
  if [ ${#missing[@]} = 0 ]; then return; fi
  install "${missing[@]}"
  # Under systemd the package starts, now and at every boot, an engine that nobody asked for.
  if [[ " ${missing[*]} " == *" dockerd "* ]] && [ -d /run/systemd/system ]; then
    quietly systemctl disable --now docker.socket docker.service containerd.service || true
  fi
}

# daemon_pid NAME: told by its own configuration file, as a pid file may name a stranger after a reboot.
# One that has another root lives in a container, where the same path is another file.
daemon_pid() {
  local file argv
  for file in /proc/[0-9]*/cmdline; do
    mapfile -d '' -t argv 2>/dev/null <"$file" || continue
    if [ ${#argv[@]} -gt 2 ] && [ "${argv[0]##*/}" = "$1" ] && [ "${argv[2]}" = "$home/$1.conf" ] && [ "${file%/cmdline}/root" -ef / ]; then
      file=${file#/proc/}
      echo "${file%/cmdline}"
      return
    fi
  done
  return 1
}

stop_daemon() {
  local pid i
  pid=$(daemon_pid "$1") || return 0
  kill "$pid" 2>/dev/null || return 0
  for ((i = 0; i < 100; i++)); do
    if ! daemon_pid "$1" >/dev/null; then return; fi
    sleep 0.1
  done
  kill -9 "$pid" 2>/dev/null || true
  sleep 0.3
}

private_names() {
  run=/run/swarmroll-testbed-$(printf %s "$home" | checksum)
  use_outer "unix://$run/docker.sock"
}

# Leaves two locks: 7 (shared) says "in use", so that no `down` of another clone stops the engine.
start_private() {
  [ "$(id -u)" = 0 ] || die "no Docker Engine answers, and only root may start a private one" \
    "start one whose unix socket you may use (docker info), or run this as root"
  private_names
  lock 7 "$run.use" -s
  lock 9 "$run.lock"
  if ! daemon_pid dockerd >/dev/null || ! daemon_pid containerd >/dev/null || ! engine_answers "$outer"; then
    install_private
    say "starting a private engine in $home"
    if ! run_daemons; then
      say "it does not start: trying again without what was left in $home"
      wipe_private
      run_daemons || {
        grep -E 'level=(error|fatal)|^failed' "$home/dockerd.log" | tail -n 3 | sed 's/^/swarm:   /' >&2
        die "the private engine does not start" "see $home/dockerd.log and containerd.log, mend it, then try again"
      }
    fi
  fi
  unlock 9
}

run_daemons() {
  local i pid
  # One of the two may be alive still, or hang.
  stop_daemon dockerd
  stop_daemon containerd
  rm -f "$run"/*.sock "$run"/*.pid "$run"/containerd/*.sock*
  mkdir -p "$home/data" "$run"
  # Its own containerd: one that runs already belongs to another engine. Its own everything else, and
  # no firewall rules: engines that share a machine wipe each other's, and the swarm needs only that of firewall.sh.
  cat >"$home/containerd.conf" <<CONF
version = 2
root = "$home/containerd"
state = "$run/containerd"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "$run/containerd.sock"
CONF
  cat >"$home/dockerd.conf" <<CONF
{ "data-root": "$home/data", "exec-root": "$run/docker", "pidfile": "$run/docker.pid",
  "hosts": ["unix://$run/docker.sock"], "containerd": "$run/containerd.sock",
  "bridge": "none", "iptables": false, "ip6tables": false, "ip-forward": false }
CONF
  setsid containerd --config "$home/containerd.conf" >"$home/containerd.log" 2>&1 7>&- 8>&- 9>&- &
  for ((i = 0; i < 100; i++)); do
    [ ! -S "$run/containerd.sock" ] || break
    sleep 0.1
  done
  setsid dockerd --config-file "$home/dockerd.conf" >"$home/dockerd.log" 2>&1 7>&- 8>&- 9>&- &
  pid=$!
  for ((i = 0; i < 200; i++)); do
    if engine_answers "$outer"; then return; fi
    kill -0 "$pid" 2>/dev/null || return 1
    sleep 0.1
  done
  return 1
}

stop_daemons() {
  stop_daemon dockerd
  stop_daemon containerd
  # Engines that were killed leave mounts, the last one uppermost.
  awk -v a="$home/" -v b="$run/" 'index($5, a) == 1 || index($5, b) == 1 {print $5}' /proc/self/mountinfo | tac |
    while read -r mount; do umount -l "$mount"; done
}

wipe_private() {
  stop_daemons
  rm -rf "$home" "$run"
}

# After a swarm is removed: its images too, unless another clone is about to use them, and after the last
# one the engine with all its data; with `keep` only the processes go, so that the images stay.
stop_private() {
  local keep=$1
  lock 9 "$run.lock"
  if flock -n -x 7; then
    if [ -n "$(docker ps -aq)" ]; then
      if [ -z "$keep" ]; then remove_images; fi
    else
      say "stopping the private engine${keep:+ (its images stay in $home until scripts/swarm down)}"
      if [ -n "$keep" ]; then
        stop_daemons
        rm -rf "$run"
      else
        wipe_private
      fi
      rm -f "$run.use" "$run.lock"
    fi
  fi
  unlock 7
  unlock 9
}
