# shellcheck shell=bash
# shellcheck disable=SC2154 # set by `look`
# The listener, or the rule, whose weights say which service users get.

# Sets `actions` to those of the listener or of the rule; only weights in them are ever changed.
look_at_listener() {
  if [[ "$ECS_LISTENER" == *:listener-rule/* ]]; then
    actions=$(ask elbv2 describe-rules --rule-arns "$ECS_LISTENER")
    actions=$(jq '.Rules[0].Actions' <<<"$actions")
  else
    actions=$(ask elbv2 describe-listeners --listener-arns "$ECS_LISTENER")
    actions=$(jq '.Listeners[0].DefaultActions' <<<"$actions")
  fi
}

# target_group SERVICE
target_group() {
  local group
  group=$(of "$1" '.loadBalancers | if length == 1 then .[0].targetGroupArn // "" else "" end')
  [[ -n "$group" ]] || fail 2 "the service \`$1\` must have exactly one target group"
  say "$group"
}

# weight_of SERVICE: the percentage of users that it gets.
weight_of() {
  local group weight
  group=$(target_group "$1")
  weight=$(jq --arg group "$group" '
    [.[] | select(.Type == "forward").ForwardConfig.TargetGroups] | select(length == 1)[0]
    | select(length == 2)[] | select(.TargetGroupArn == $group).Weight' <<<"$actions")
  [[ -n "$weight" ]] ||
    fail 2 "\`ECS_LISTENER\` must forward to the target groups of both services and no others; \`$1\` is not among them"
  say "$weight"
}

# set_weight SERVICE PERCENT: the other one gets the rest.
set_weight() {
  local ours theirs now rest changed
  look_at_listener
  ours=$(target_group "$1")
  theirs=$(target_group "$(other "$1")")
  now=$(weight_of "$1")
  rest=$(weight_of "$(other "$1")")
  if ((now == $2 && rest == 100 - $2)); then return; fi
  changed=$(jq --arg ours "$ours" --arg theirs "$theirs" --argjson percent "$2" 'map(
    if .Type == "forward" then del(.TargetGroupArn) | .ForwardConfig.TargetGroups |= map(
      if .TargetGroupArn == $ours then .Weight = $percent
      elif .TargetGroupArn == $theirs then .Weight = 100 - $percent else . end) else . end)' <<<"$actions")
  if [[ "$ECS_LISTENER" == *:listener-rule/* ]]; then
    ask elbv2 modify-rule --rule-arn "$ECS_LISTENER" --actions "$changed" >/dev/null
  else
    ask elbv2 modify-listener --listener-arn "$ECS_LISTENER" --default-actions "$changed" >/dev/null
  fi
  look_at_listener
  now=$(weight_of "$1")
  ((now == $2)) || fail 3 "the listener does not say the weight that it was given"
}
