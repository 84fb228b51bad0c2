# shellcheck shell=bash
# shellcheck disable=SC2154 # set by read_settings and task_definition
# Services: which one runs what, and bringing a revision into one.

# service NAME: what ECS knows of it.
service() {
  local described
  described=$(ask ecs describe-services --cluster "$ECS_CLUSTER" --services "$1")
  jq --exit-status '.services[0] | select(.status == "ACTIVE")' <<<"$described" ||
    fail 2 "there is no service \`$1\` in the cluster \`$ECS_CLUSTER\`"
}

# Sets `chosen` to the service that runs the content (of two, the one that users get more of), or to nothing.
find_service() {
  local name described found weight best=-1
  chosen=''
  for name in "${services[@]}"; do
    described=$(service "$name")
    found=$(content_of "$(jq --raw-output .taskDefinition <<<"$described")")
    if [[ "$found" == "$content" ]]; then
      weight=0
      if [[ -n "$ECS_LISTENER" ]]; then weight=$(weight_of "$name"); fi
      if ((weight > best)); then
        chosen=$name
        best=$weight
      fi
    fi
  done
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
  for name in "${services[@]}"; do
    weight=$(weight_of "$name")
    if ((weight == 0)); then
      chosen=$name
      return
    fi
  done
  fail 1 "users get both \`${services[0]}\` and \`${services[1]}\`: finish or roll back that release first"
}

# roll SERVICE REVISION [COUNT]: brings a revision into service and waits until ECS says that this very deployment is
# complete. A service can be stable because ECS took the deployment back.
roll() {
  local name=$1 wanted=$2 count=${3:-} state id event began=$SECONDS seen=''
  local arguments=(--cluster "$ECS_CLUSTER" --service "$name" --task-definition "$wanted")
  if [[ -n "$count" ]]; then arguments+=(--desired-count "$count"); fi
  state=$(service "$name")
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
    state=$(service "$name")
    event=$(jq --raw-output '.events[0].message // ""' <<<"$state")
    state=$(jq --arg id "$id" '(.deployments | length == 1) as $alone
      | first((.deployments[] | select(.id == $id)), {status: "GONE"}) + {alone: $alone}' <<<"$state")
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

# How many tasks serve the users now: as many does the service need that takes over.
tasks_needed() {
  local name most=1 count
  for name in "${services[@]}"; do
    count=$(service "$name")
    count=$(jq .desiredCount <<<"$count")
    if ((count > most)); then most=$count; fi
  done
  say "$most"
}
