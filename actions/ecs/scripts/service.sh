# shellcheck shell=bash
# shellcheck disable=SC2154 # set by read_settings, register and take_revision
# Services: which one runs what, and bringing a revision into one.

# Sets `known` to what ECS knows of the services.
look() {
  local name
  known=$(ask ecs describe-services --cluster "$ECS_CLUSTER" --services "${services[@]}")
  for name in "${services[@]}"; do
    jq --exit-status --arg name "$name" 'any(.services[]; .serviceName == $name and .status == "ACTIVE")' \
      <<<"$known" >/dev/null || fail 2 "there is no service \`$name\` in the cluster \`$ECS_CLUSTER\`"
  done
}

# of SERVICE FILTER: something that `look` saw.
of() { jq --raw-output --arg name "$1" "first(.services[] | select(.serviceName == \$name)) | $2" <<<"$known"; }

# Sets `chosen` to the service that has the revision (of two, the one that users get more of), or to nothing.
find_service() {
  local name found other_runs=''
  chosen=''
  for name in "${services[@]}"; do
    found=$(of "$name" .taskDefinition)
    if [[ "$found" != "$revision" ]]; then continue; fi
    if [[ -n "$chosen" ]]; then other_runs=$name; else chosen=$name; fi
  done
  if [[ -n "$other_runs" ]]; then
    look_at_listener
    if (($(weight_of "$other_runs") > $(weight_of "$chosen"))); then chosen=$other_runs; fi
  fi
}

# other SERVICE: the other one of the two.
other() {
  if [[ "$1" == "${services[0]}" ]]; then say "${services[1]}"; else say "${services[0]}"; fi
}

# The service that a release goes to: the one that has it already, the only one, or the one that no user gets.
choose_service() {
  local name weight
  find_service
  if [[ -n "$chosen" ]]; then return; fi
  if ((${#services[@]} == 1)); then
    chosen=${services[0]}
    return
  fi
  look_at_listener
  for name in "${services[@]}"; do
    weight=$(weight_of "$name")
    if ((weight == 0)); then
      chosen=$name
      return
    fi
  done
  fail 1 "users get both \`${services[0]}\` and \`${services[1]}\`: finish or roll back that release first"
}

# How many tasks serve the users now: as many does the service need that takes over.
tasks_needed() { jq '[1, .services[].desiredCount] | max' <<<"$known"; }

# roll SERVICE REVISION [COUNT]: brings a revision into service and waits until ECS says that this very deployment is
# complete. A service can be stable because ECS took the deployment back.
roll() {
  local name=$1 wanted=$2 count=${3:-} state id event began=$SECONDS seen=''
  local arguments=(--cluster "$ECS_CLUSTER" --service "$name" --task-definition "$wanted")
  if [[ -n "$count" ]]; then arguments+=(--desired-count "$count"); fi
  state=$(of "$name" .)
  [[ "$(jq --raw-output '.deploymentController.type // "ECS"' <<<"$state")" == ECS ]] ||
    fail 2 "the deployments of \`$name\` belong to another controller than ECS"
  if jq --exit-status --arg wanted "$wanted" '.taskDefinition == $wanted
      and any(.deployments[]; .status == "PRIMARY" and .rolloutState == "FAILED")' <<<"$state" >/dev/null; then
    arguments+=(--force-new-deployment)
  fi
  if ! jq --exit-status --arg wanted "$wanted" --arg count "$count" '.taskDefinition == $wanted
      and ($count == "" or .desiredCount == ($count | tonumber))
      and any(.deployments[]; .status == "PRIMARY" and .rolloutState != "FAILED")' <<<"$state" >/dev/null; then
    state=$(ask ecs update-service "${arguments[@]}")
    state=$(jq .service <<<"$state")
  fi
  id=$(jq --raw-output '.deployments[] | select(.status == "PRIMARY").id' <<<"$state")
  say "$name: deployment $id of ${wanted##*/}"
  while true; do
    look
    event=$(of "$name" '.events[0].message // ""')
    state=$(of "$name" "(.deployments | length == 1) as \$alone
      | first((.deployments[] | select(.id == \"$id\")), {status: \"GONE\"}) + {alone: \$alone}")
    case "$(jq --raw-output '"\(.status) \(.rolloutState // "")"' <<<"$state")" in
      'PRIMARY COMPLETED')
        if jq --exit-status '.alone and .runningCount == .desiredCount' <<<"$state" >/dev/null; then return; fi
        ;;
      'PRIMARY FAILED')
        fail 1 "$name: the deployment $id failed: $(jq --raw-output '.rolloutStateReason // ""' <<<"$state")"
        ;;
      PRIMARY*) ;;
      *) fail 1 "$name: another deployment took the place of $id" ;;
    esac
    ((SECONDS - began < ECS_TIMEOUT)) ||
      fail 1 "$name: the deployment $id is not complete after $ECS_TIMEOUT s: $event"
    if [[ "$event" != "$seen" ]]; then say "$event"; fi
    seen=$event
    sleep "$ECS_INTERVAL"
  done
}
