# shellcheck shell=bash disable=SC2154 # the variables are those of scripts/record-traces
# The rollouts that scripts/record-traces records: one function each, named scenario_ and the trace's name.
# Sourced; `given`, `record`, `meanwhile` and the conditions are explained there.

# All of them are recorded on the newest engine, these also on the oldest one (20.10).
older=(create-replicated-job rolled-back-crash manager-restarted)

ping=registry:5000/ping
crash=registry:5000/crash:1.0
oneshot=registry:5000/oneshot:1.0
nowhere=node.labels.zone==nowhere
# For a volume that starts empty.
fresh=$(date +%s)

# given_once [flags]: a service of which a task runs only once in each slot, and later ones fail.
given_once() {
  given --replicas 2 --constraint node.hostname==worker1 --env 'SLOT={{.Task.Slot}}' \
    --mount "type=volume,source=$service-$fresh,target=/data" "$@" \
    $ping:1.0 sh -c 'if [ -e /data/$SLOT ]; then exit 1; fi; touch /data/$SLOT; trap "exit 0" TERM; sleep 3600 & wait'
}

# Converged.
# The engine compares the node's own word for its architecture, not Docker's name for it (seen on 28.5).
scenario_create_global_arch() { record 0 create --mode global --constraint "node.platform.arch==$(uname -m)" $ping:1.0; }
scenario_create_replicated_job() { record 0 create --mode replicated-job --replicas 4 --max-concurrent 2 $oneshot; }
scenario_create_health_check() { record 0 create --replicas 2 registry:5000/healthy:1.0; }
scenario_update_stop_first() {
  given --replicas 3 $ping:1.0
  record 0 update --image $ping:1.1
}
scenario_update_start_first() {
  given --replicas 3 --update-order start-first $ping:1.0
  record 0 update --image $ping:1.1
}
# Slots 1 and 2 may have gone with the scaling down.
scenario_update_after_scale_down() {
  given --replicas 5 $ping:1.0
  swarmroll update --quiet --replicas 2 "$service" >/dev/null
  record 0 update --image $ping:1.1
}
# One task of three fails at first, which is allowed: the engine goes on, and it runs at last.
scenario_update_failures_tolerated() {
  given --replicas 3 --update-max-failure-ratio 0.5 --constraint node.hostname==worker1 --env 'SLOT={{.Task.Slot}}' \
    --mount "type=volume,source=$service-$fresh,target=/data" $ping:1.0
  record 0 update --args "sh -c 'if [ \$SLOT = 1 ] && [ ! -e /data/second ]; then touch /data/second; exit 1; fi; trap \"exit 0\" TERM; sleep 3600 & wait'"
}
# The same spec again while the engine rolls it out: nothing is sent, and it is watched to the end.
scenario_update_already_rolling() {
  given --replicas 3 --update-delay 1s $ping:1.0
  swarmroll update --detach --image $ping:1.1 "$service" >/dev/null
  record 0 update --image $ping:1.1
}
# Another's change of the replicas is followed.
scenario_update_scaled_by_another() {
  given --replicas 3 --update-delay 1s $ping:1.0
  meanwhile half_way docker service scale --detach "$service=4"
  record 0 update --image $ping:1.1
}
# A wait follows whatever is stored: here, an update that replaces the one that was rolling.
scenario_wait_follows() {
  given --replicas 3 --update-delay 1s $ping:1.0
  swarmroll update --detach --image $ping:1.1 "$service" >/dev/null
  meanwhile half_way docker service update --detach --image $ping:1.2 --no-resolve-image "$service"
  record 0 wait
}
scenario_rollback_asked() {
  given --replicas 3 $ping:1.0
  swarmroll update --quiet --image $ping:1.1 "$service" >/dev/null
  record 0 rollback
}

# Rolled back by the engine.
scenario_rolled_back_crash() {
  given --replicas 3 --update-failure-action rollback $ping:1.0
  record 3 update --image $crash
}
# A node is drained: to the engine the new task that ends there has failed.
scenario_rolled_back_drained() {
  given --replicas 2 --update-failure-action rollback --update-monitor 10s --constraint node.role==worker $ping:1.0
  meanwhile half_way drain_new
  record 3 update --image $ping:1.1
}

# Paused.
scenario_paused_unhealthy() {
  given --replicas 2 $ping:1.0
  record 4 update --image registry:5000/unhealthy:1.0
}
# Slot 2 fails, so the engine rolls back, and slot 1 fails then.
scenario_rollback_paused() {
  given_once --update-parallelism 2 --update-failure-action rollback --rollback-failure-action pause
  record 4 update --args "sh -c '[ \$SLOT = 1 ] || exit 1; trap \"exit 0\" TERM; sleep 3600 & wait'"
}

# Failed.
scenario_failed_crash_loop() { record 5 create --replicas 2 $crash; }
scenario_failed_global_job() { record 5 create --mode global-job --restart-condition on-failure --restart-max-attempts 1 $crash; }
scenario_failed_continue() {
  given --replicas 2 --update-failure-action continue $ping:1.0
  record 5 update --image $crash
}
scenario_failed_rolled_back() {
  given_once --update-failure-action rollback --rollback-failure-action continue
  record 5 update --image $ping:1.1
}
scenario_deadline_update() {
  given --replicas 2 $ping:1.0
  record 5 update --constraint-add $nowhere --progress-deadline 2s
}

# Not ours any more, and interrupted.
scenario_superseded() {
  given --replicas 3 --update-delay 1s $ping:1.0
  meanwhile half_way docker service update --detach --image $ping:1.2 --no-resolve-image "$service"
  record 7 update --image $ping:1.1
}
scenario_removed() {
  given --replicas 3 --update-delay 1s $ping:1.0
  meanwhile half_way docker service rm "$service"
  record 7 update --image $ping:1.1
}
scenario_timed_out_update() {
  given --replicas 3 --update-delay 5s $ping:1.0
  record 124 update --timeout 2s --image $ping:1.1
}
scenario_sigint() {
  given --replicas 3 --update-delay 1s $ping:1.0
  meanwhile half_way send INT
  record 130 update --image $ping:1.1
}

# The swarm's nodes change in the middle.
# A new task is given to a node that hangs. Once the engine knows that it is down, another task takes the place, but the
# update goes on waiting for the first.
scenario_node_awaited() {
  given --replicas 2 --update-parallelism 2 --constraint node.hostname==worker1 $ping:1.0
  outer pause "$SWARMROLL_TEST_WORKER2"
  record 0 update --image $ping:1.1 --constraint-rm node.hostname==worker1 --constraint-add node.role==worker
}
scenario_manager_restarted() {
  given --replicas 4 --update-delay 1s --constraint node.role==worker $ping:1.0
  meanwhile half_way outer restart --time 1 "$SWARMROLL_TEST_MANAGER"
  record 0 update --image $ping:1.1
}
scenario_manager_lost() {
  given --replicas 4 --update-delay 1s $ping:1.0
  meanwhile half_way outer pause "$SWARMROLL_TEST_MANAGER"
  record 1 update --progress-deadline 4s --image $ping:1.1
}
