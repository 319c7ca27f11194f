# shellcheck shell=bash disable=SC2034,SC2154 # the variables are those of scripts/swarm
# The node containers and the swarm in them: made, checked, mended, removed. Sourced by scripts/swarm.
# A function here that checks or mends says by its exit status whether all is well.

containers() { docker ps --all --filter "label=com.docker.compose.project=$project" "$@"; }

# in_node NODE SECONDS COMMAND...
in_node() {
  local node=$1 seconds=$2
  shift 2
  timeout "$seconds" docker exec --interactive "$project-$node" "$@"
}

# Does the manager answer where DOCKER_HOST points, and is it ours and not what took its port later?
answers() {
  [ "$(timeout 5 docker --host "tcp://127.0.0.1:$port" info --format '{{.Name}} {{.Swarm.LocalNodeState}}' 2>/dev/null)" = "manager active" ]
}

swarm_state() { in_node "$1" 5 docker info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null; }

nodes_ready() {
  local list node
  # The manager is slow to notice that a worker has left or hangs.
  for node in worker1 worker2; do
    [ "$(swarm_state $node)" = active ] || return 1
  done
  list=$(in_node manager 5 docker node ls --format '{{.Hostname}} {{.Status}} {{.Availability}}' 2>/dev/null | sort | tr '\n' ';')
  [ "$list" = "manager Ready Active;worker1 Ready Active;worker2 Ready Active;" ]
}

healthy() {
  [ "$(containers --format '{{.Status}}' | grep '^Up' | grep -vc Paused)" = 5 ] && answers && nodes_ready &&
    in_node manager 5 sh -s check <"$testbed/images.sh" >/dev/null 2>&1
}

# Starts what a reboot, a killed engine or a test left stopped, paused or drained.
restart_nodes() {
  local name deadline=$((SECONDS + 15))
  [ "$(containers -q | wc -l)" = 5 ] || return 1
  say "mending the $generation swarm"
  for name in $(containers --filter status=paused --format '{{.Names}}'); do quietly docker unpause "$name" || true; done
  for name in registry private "${nodes[@]}"; do quietly docker start "$project-$name" || return 1; done
  while [ $SECONDS -lt $deadline ]; do
    if nodes_ready; then
      in_node manager 20 sh -s push <"$testbed/images.sh" >>"$log" 2>&1 && answers
      return
    fi
    for name in "${nodes[@]}"; do
      if [ "$(swarm_state "$name")" = inactive ]; then return 1; fi
      quietly in_node manager 5 docker node update --availability active "$name" || true
    done
    sleep 0.3
  done
  return 1
}

remove_containers() {
  local ids
  ids=$(containers -q)
  # shellcheck disable=SC2086
  if [ -n "$ids" ]; then quietly docker rm --force --volumes $ids; fi
  ids=$(docker network ls -q --filter "label=com.docker.compose.project=$project")
  # shellcheck disable=SC2086
  if [ -n "$ids" ]; then quietly docker network rm $ids; fi
}

compose() {
  local command=(docker-compose) files=(--file "$root/docker-compose.test.yml")
  if docker compose version >/dev/null 2>&1; then command=(docker compose); fi
  # Not every engine may start privileged containers, not even for root.
  if ! docker run --rm --privileged --network none --entrypoint true "$node_image" >/dev/null 2>&1; then
    files+=(--file "$testbed/unprivileged.yml")
  fi
  SWARMROLL_NODE_IMAGE=$node_image SWARMROLL_REGISTRY_IMAGE=$registry_image SWARMROLL_PREFIX=$project \
    SWARMROLL_PORT=$port SWARMROLL_REGISTRY_PORT=$registry_port SWARMROLL_NET=$net \
    quietly "${command[@]}" --project-name "$project" "${files[@]}" "$@"
}

create_nodes() {
  local try taken
  has_compose || install compose
  remove_containers
  close_firewall
  taken=$(taken_subnets)
  if [ -z "${net:-}" ] || ! addresses_are_free "$taken"; then choose_addresses 0 "$taken"; fi
  say "starting registries, ${nodes[*]}"
  for try in 1 2 3 4; do
    if compose up --detach; then
      open_firewall
      return
    fi
    if ! has_image "$node_image"; then
      # Removed by the `down` of another clone.
      ensure_images
    elif tail -n 20 "$log" | grep -qiE 'already (allocated|in use)|overlap'; then
      # Taken after all, by somebody whom we can't see from here.
      choose_addresses "$try" "$(taken_subnets)"
    else
      break
    fi
    remove_containers
  done
  log_tail
  die "the engine at $outer could not start the nodes" \
    "see $log; as root, SWARMROLL_TESTBED_HOME=/some/folder scripts/swarm up uses a private engine instead"
}

# From a worker, as a first sign that the bridge carries traffic: without that, nothing that follows says why it fails.
# (No -T: the wget of Debian bookworm, busybox 1.35, crashes with it.)
wait_for_registry() {
  local deadline=$((SECONDS + 30))
  until in_node worker1 5 busybox wget -q -Y off -O /dev/null "http://$net.5:5000/v2/" >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || die "worker1 cannot reach the registry at $net.5:5000" \
      "most likely a firewall drops what a bridge forwards: iptables -S FORWARD, nft list ruleset; else docker --host $outer logs $project-registry"
    sleep 0.2
  done
}

# shellcheck disable=SC2016
engine_up='until docker version >/dev/null 2>&1; do sleep 0.1; done'

join_nodes() {
  local token node jobs=() job deadline
  wait_for_registry
  say "joining them into a swarm, filling the registry"
  token=$(in_node manager 60 sh -c "$engine_up; docker swarm init --advertise-addr $net.10 >/dev/null; docker swarm join-token -q worker" 2>>"$log") ||
    node_failed manager
  in_node manager 60 sh -s push <"$testbed/images.sh" >>"$log" 2>&1 &
  jobs+=("$!")
  for node in worker1 worker2; do
    quietly in_node "$node" 60 sh -c "$engine_up; docker swarm join --token $token $net.10:2377" </dev/null &
    jobs+=("$!")
  done
  for job in "${jobs[@]}"; do wait "$job" || node_failed "${node:-}"; done
  deadline=$((SECONDS + 60))
  until healthy; do
    [ $SECONDS -lt $deadline ] || node_failed manager
    sleep 0.2
  done
}

node_failed() {
  log_tail
  docker logs --tail 5 "$project-$1" 2>&1 | sed "s/^/swarm:   $1: /" >&2 || true
  die "the $generation swarm does not come up" "see $log, and: docker --host $outer logs $project-$1; scripts/swarm up starts afresh"
}

# remove_swarm [keep]: and its images, unless another swarm uses them, and the private engine behind the last one.
remove_swarm() {
  remove_containers || {
    log_tail
    die "could not remove the $generation swarm" "see $log; its containers and network are named $project-*"
  }
  if [ -n "$home" ]; then
    stop_private "$1"
  elif [ -z "$1" ]; then
    remove_images
  fi
}

remove_images() {
  local image
  for image in "swarmroll-testbed/node:$version" swarmroll-testbed/registry:2 "$debian_image"; do quietly docker rmi "$image" || true; done
}
