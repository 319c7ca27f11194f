# shellcheck shell=bash disable=SC2034,SC2154 # the variables are those of scripts/swarm
# What can be in the way of a swarm, found before its nodes start: no free subnet or port, little disk space, swarms of
# clones that are gone. Sourced by scripts/swarm.

# require_space FOLDER MEGABYTES
require_space() {
  local folder=$1 free
  until [ -d "$folder" ]; do folder=$(dirname "$folder"); done
  free=$(df -Pk "$folder" | awk 'NR == 2 {print int($4 / 1024)}')
  [ "$free" -ge "$2" ] || die "only $free MB are free in $folder, and the swarm needs $2 MB" \
    "free some, or choose another disk: SWARMROLL_TESTBED_HOME=/some/folder scripts/swarm up (as root)"
}

# A swarm takes 150 MB beside its node image (400 MB), and making that image three times as much for a while.
require_space_for_nodes() {
  local folder=${home:-$(docker info --format '{{.DockerRootDir}}')} megabytes=500
  has_image "swarmroll-testbed/node:$version" || megabytes=2000
  # The engine may run in a machine of its own, whose disk can't be seen from here.
  if [ -d "$folder" ]; then require_space "$folder" "$megabytes"; fi
}

# routed_subnets <FILE: the subnets in a file like /proc/net/route, as A.B.C.D/LENGTH. Addresses are hexadecimal there,
# with their bytes backwards. A route that is wider than our whole range (a VPN's) is in nobody's way and left out.
routed_subnets() {
  local to mask length
  while read -r _ to _ _ _ _ _ mask _; do
    if ! [[ $to$mask =~ ^[0-9A-Fa-f]{16}$ ]]; then continue; fi
    length=0
    for ((mask = 16#$mask; mask > 0; mask >>= 1)); do length=$((length + (mask & 1))); done
    if [ $length -lt 16 ]; then continue; fi
    echo "$((16#${to:6:2})).$((16#${to:4:2})).$((16#${to:2:2})).$((16#${to:0:2}))/$length"
  done
}

taken_subnets() {
  if [ -r /proc/net/route ]; then routed_subnets </proc/net/route; fi
  docker network ls -q | xargs docker network inspect --format '{{range .IPAM.Config}}{{println .Subnet}}{{end}}'
}

# subnet_is_free NET SUBNETS: does NET.0/24 overlap none of these?
subnet_is_free() {
  local a b c d length ours theirs bits
  IFS=. read -r a b c <<<"$1"
  ours=$((a << 16 | b << 8 | c))
  while IFS=./ read -r a b c d length; do
    # Nothing, or IPv6.
    if ! [[ $length =~ ^[0-9]+$ ]]; then continue; fi
    theirs=$((a << 16 | b << 8 | c))
    bits=$((length < 24 ? 24 - length : 0))
    if [ $((ours >> bits)) = $((theirs >> bits)) ]; then return 1; fi
  done <<<"$2"
}

port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

addresses_are_free() { subnet_is_free "$net" "$1" && port_is_free "$port" && port_is_free "$registry_port"; }

# choose_addresses TRY SUBNETS: sets `net`, `port` and `registry_port`. The ports lie below those that the system gives
# to outgoing connections, the network in a range that is set aside for tests (RFC 2544).
choose_addresses() {
  local seed=$((16#$(printf %s "$project" | checksum) + $1 * 7919)) i
  for ((i = 0; i < 250; i++)); do
    net=198.19.$((1 + (seed + i) % 250))
    if subnet_is_free "$net" "$2"; then break; fi
  done
  [ $i -lt 250 ] || die "no subnet of 198.19.0.0/16 is free" \
    "free one (ip route, docker --host $outer network ls); scripts/swarm prune removes swarms of clones that are gone"
  for ((i = 0; i < 250; i++)); do
    port=$((20000 + (seed + i) % 6000 * 2))
    registry_port=$((port + 1))
    if port_is_free "$port" && port_is_free "$registry_port"; then return; fi
  done
  die "no two ports between 20000 and 32000 are free" "end what listens there: ss -ltn"
}

# abandoned: the swarms of clones that are gone, as PROJECT and FOLDER, one a line. Compose labels its containers.
abandoned() {
  local label=com.docker.compose.project project folder
  docker ps --all --filter "label=$label" --format "{{.Label \"$label\"}} {{.Label \"$label.working_dir\"}}" | sort -u |
    while read -r project folder; do
      if ! [[ $project =~ ^swarmroll-[0-9a-f]{8}-[0-9]+$ ]] || [ -z "$folder" ]; then continue; fi
      if [ ! -e "$folder/docker-compose.test.yml" ]; then echo "$project $folder"; fi
    done
}

tell_abandoned() {
  local project folder
  abandoned | while read -r project folder; do
    say "a swarm of $folder, which is gone, still takes memory and addresses: scripts/swarm prune removes it"
  done
}

# Removes them, and behind the last swarm the private engine.
prune() {
  local folder found='' list
  mkdir -p "$state"
  lock 8 "$state_home/lock"
  if find_outer existing; then
    list=$(abandoned)
    while read -r project folder; do
      if [ -z "$project" ]; then continue; fi
      found=yes
      say "removing the swarm of $folder"
      remove_containers || die "could not remove it" "see $log; its containers and network are named $project-*"
      close_firewall
    done <<<"$list"
    if [ -n "$found" ] && [ -n "$home" ]; then stop_private ''; fi
  fi
  if [ -z "$found" ]; then say "no swarm of a clone that is gone is here"; fi
}
