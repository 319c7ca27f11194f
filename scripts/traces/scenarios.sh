# shellcheck shell=bash disable=SC2154 # the variables are those of scripts/record-traces
# The rollouts that scripts/record-traces records: one function each, named scenario_ and the trace's name.
# Sourced; `given`, `record`, `meanwhile` and the conditions are explained there.

ping=registry:5000/ping
crash=registry:5000/crash:1.0
oneshot=registry:5000/oneshot:1.0
nowhere=node.labels.zone==nowhere

# Converged.
scenario_create_replicated() { record 0 create --replicas 3 $ping:1.0; }
scenario_create_global() { record 0 create --mode global $ping:1.0; }
scenario_create_replicated_job() { record 0 create --mode replicated-job --replicas 4 --max-concurrent 2 $oneshot; }
scenario_create_global_job() { record 0 create --mode global-job $oneshot; }
scenario_create_zero() { record 0 create --replicas 0 $ping:1.0; }
scenario_create_oneshot() { record 0 create --replicas 2 --restart-condition none $oneshot; }
scenario_create_health_check() { record 0 create --replicas 2 registry:5000/healthy:1.0; }
scenario_create_global_nowhere() { record 0 create --mode global --constraint $nowhere $ping:1.0; }
scenario_update_stop_first() {
  given --replicas 3 $ping:1.0
  record 0 update --image $ping:1.1
}
scenario_update_start_first() {
  given --replicas 3 --update-order start-first $ping:1.0
  record 0 update --image $ping:1.1
}
scenario_update_global() {
  given --mode global $ping:1.0
  record 0 update --image $ping:1.1
}
scenario_update_labels() {
  given --replicas 2 $ping:1.0
  record 0 update --label-add tier=web
}
scenario_update_scale_up() {
  given --replicas 1 $ping:1.0
  record 0 update --replicas 4
}
scenario_update_scale_down() {
  given --replicas 4 $ping:1.0
  record 0 update --replicas 2
}
# Slots 1 and 2 may have gone with the scaling down.
scenario_update_after_scale_down() {
  given --replicas 5 $ping:1.0
  swarmroll update --quiet --replicas 2 "$service" >/dev/null
  record 0 update --image $ping:1.1
}
scenario_update_delay_over_monitor() {
  given --replicas 3 --update-delay 3s $ping:1.0
  record 0 update --image $ping:1.1
}
scenario_update_oneshot() {
  given --replicas 2 --restart-condition none --update-failure-action continue $oneshot
  record 0 update --env-add RUN=2
}
scenario_update_job_again() {
  given --mode replicated-job --replicas 2 $oneshot
  record 0 update --force
}
# The paused state of the update before says nothing about this one.
scenario_update_after_pause() {
  given --replicas 2 $ping:1.0
  swarmroll update --quiet --image $crash "$service" >/dev/null 2>&1
  record 0 update --image $ping:1.1
}
# One task of three fails at first, which is allowed: the engine goes on, and it runs at last.
scenario_update_failures_tolerated() {
  given --replicas 3 --update-max-failure-ratio 0.5 --constraint node.hostname==worker1 --env 'SLOT={{.Task.Slot}}' \
    --mount "type=volume,source=$service-$RANDOM,target=/data" $ping:1.0
  record 0 update --args "sh -c 'if [ \$SLOT = 1 ] && [ ! -e /data/second ]; then touch /data/second; exit 1; fi; trap \"exit 0\" TERM; sleep 3600 & wait'"
}
scenario_rollback_asked() {
  given --replicas 3 $ping:1.0
  swarmroll update --quiet --image $ping:1.1 "$service" >/dev/null
  record 0 rollback
}
scenario_rollback_of_paused() {
  given --replicas 3 $ping:1.0
  swarmroll update --quiet --image $crash "$service" >/dev/null 2>&1
  record 0 rollback
}

# Rolled back by the engine.
scenario_rolled_back_crash() {
  given --replicas 3 --update-failure-action rollback $ping:1.0
  record 3 update --image $crash
}
scenario_rolled_back_no_image() {
  given --replicas 2 --update-failure-action rollback $ping:1.0
  record 3 update --no-resolve-image --image $ping:9.9
}
scenario_rolled_back_global() {
  given --mode global --update-failure-action rollback --update-parallelism 0 $ping:1.0
  record 3 update --image $crash
}
scenario_rolled_back_start_first() {
  given --replicas 2 --update-failure-action rollback --update-order start-first $ping:1.0
  record 3 update --image $crash
}

# Paused.
scenario_paused_crash() {
  given --replicas 3 $ping:1.0
  record 4 update --image $crash
}
# A task that ends within the monitor period is a failure to the engine, even where it is not restarted.
scenario_paused_oneshot() {
  given --replicas 3 --restart-condition none $oneshot
  record 4 update --env-add RUN=2
}
scenario_paused_unhealthy() {
  given --replicas 2 $ping:1.0
  record 4 update --image registry:5000/unhealthy:1.0
}
# Runs for 8 seconds: longer than most, but not as long as this monitor.
scenario_paused_late_crash() {
  given --replicas 2 --update-monitor 15s $ping:1.0
  record 4 update --image registry:5000/latecrash:1.0
}
scenario_rollback_paused() {
  swarmroll create --detach --name "$service" "${brisk[@]}" "${rolling[@]}" --update-failure-action rollback --rollback-failure-action pause $crash >/dev/null
  record 4 update --no-resolve-image --image $ping:9.9
}
scenario_rollback_asked_paused() {
  swarmroll create --detach --name "$service" "${brisk[@]}" "${rolling[@]}" --replicas 2 $crash >/dev/null
  swarmroll update --quiet --image $ping:1.1 "$service" >/dev/null
  record 4 rollback
}

# Failed.
scenario_failed_crash_loop() { record 5 create --replicas 2 $crash; }
scenario_failed_no_image() { record 5 create --no-resolve-image --replicas 2 $ping:9.9; }
scenario_failed_unhealthy() { record 5 create --replicas 1 registry:5000/unhealthy:1.0; }
scenario_failed_no_restart() { record 5 create --replicas 2 --restart-condition none $crash; }
scenario_failed_max_attempts() { record 5 create --max-failures 0 --restart-condition on-failure --restart-max-attempts 2 $crash; }
scenario_failed_job() { record 5 create --mode replicated-job --replicas 2 --restart-condition none $crash; }
scenario_failed_global_job() { record 5 create --mode global-job --restart-condition on-failure --restart-max-attempts 1 $crash; }
scenario_failed_continue() {
  given --replicas 2 --update-failure-action continue $ping:1.0
  record 5 update --image $crash
}
scenario_failed_continue_no_restart() {
  given --replicas 2 --update-failure-action continue --restart-condition none $ping:1.0
  record 5 update --image $crash
}
scenario_deadline_create() { record 5 create --replicas 2 --constraint $nowhere --progress-deadline 2s $ping:1.0; }
scenario_deadline_update() {
  given --replicas 2 $ping:1.0
  record 5 update --constraint-add $nowhere --progress-deadline 2s
}
scenario_deadline_memory() { record 5 create --replicas 1 --reserve-memory 900GB --progress-deadline 2s $ping:1.0; }
scenario_deadline_port() { record 5 create --replicas 4 --publish mode=host,target=80,published=18080 --progress-deadline 2s $ping:1.0; }

# Not ours any more, and interrupted.
scenario_superseded() {
  given --replicas 3 --update-delay 1s $ping:1.0
  meanwhile half_way docker service update --detach --image $ping:1.2 --no-resolve-image "$service"
  record 7 update --image $ping:1.1
}
scenario_superseded_by_rollback() {
  given --replicas 3 --update-delay 1s $ping:1.0
  meanwhile half_way docker service rollback --detach "$service"
  record 7 update --image $ping:1.1
}
scenario_removed() {
  given --replicas 3 --update-delay 1s $ping:1.0
  meanwhile half_way docker service rm "$service"
  record 7 update --image $ping:1.1
}
scenario_timed_out() { record 124 create --replicas 2 --constraint $nowhere --timeout 2s $ping:1.0; }
scenario_timed_out_update() {
  given --replicas 3 --update-delay 5s $ping:1.0
  record 124 update --timeout 2s --image $ping:1.1
}
scenario_sigint() {
  given --replicas 3 --update-delay 1s $ping:1.0
  meanwhile half_way send INT
  record 130 update --image $ping:1.1
}
scenario_sigterm() {
  meanwhile exists after 0.5 send TERM
  record 143 create --replicas 2 --constraint $nowhere $ping:1.0
}

# The swarm's nodes change in the middle.
scenario_node_drained() {
  given --replicas 4 --update-delay 1s $ping:1.0
  meanwhile half_way docker node update --availability drain worker2
  record 0 update --image $ping:1.1
}
scenario_node_drained_global() {
  given --mode global --update-delay 2s $ping:1.0
  meanwhile half_way docker node update --availability drain worker2
  record 0 update --image $ping:1.1
}
# New tasks stay away from the node that goes down: where one is on its way to it, the engine's update can get
# stuck for ever (deadline-engine-stuck, which came of such a case and can't be had at will).
scenario_node_down() {
  given --replicas 4 --update-delay 2s $ping:1.0
  meanwhile half_way outer pause "$SWARMROLL_TEST_WORKER2"
  record 0 update --image $ping:1.1 --constraint-add node.hostname!=worker2
}
scenario_deadline_node_down() {
  given --replicas 2 --constraint node.hostname==worker2 $ping:1.0
  outer pause "$SWARMROLL_TEST_WORKER2"
  record 5 update --image $ping:1.1 --progress-deadline 25s
}
scenario_node_down_global() {
  given --mode global --update-delay 2s $ping:1.0
  meanwhile half_way outer pause "$SWARMROLL_TEST_WORKER2"
  record 0 update --image $ping:1.1 --constraint-add node.hostname!=worker2
}
scenario_manager_restarted() {
  given --replicas 4 --update-delay 1s --constraint node.role==worker $ping:1.0
  meanwhile half_way outer restart --time 1 "$SWARMROLL_TEST_MANAGER"
  record 0 update --image $ping:1.1
}
scenario_manager_hung() {
  given --replicas 4 --update-delay 1s --constraint node.role==worker $ping:1.0
  meanwhile half_way hang 12 "$SWARMROLL_TEST_MANAGER"
  record 0 update --image $ping:1.1
}
scenario_manager_lost() {
  given --replicas 4 --update-delay 1s $ping:1.0
  meanwhile half_way outer pause "$SWARMROLL_TEST_MANAGER"
  record 1 update --progress-deadline 4s --image $ping:1.1
}
