#!/usr/bin/env bash
# deploy.sh COMMIT: registers the task definition that stands at a commit, and brings it into service: in the only service,
# or with blue-green in the one that no user gets. Ends when the deployment is complete, or will not be.
# shellcheck source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
(($# == 1)) || fail 2 'usage: deploy.sh COMMIT'
check_commit "$1"
read_settings
task_definition "$1"
look
register "$1"
choose_service
group=''
balancer=''
if [[ "$(of "$chosen" '.loadBalancers | length')" != 0 ]]; then
  group=$(target_group "$chosen")
  balancer=$(ask elbv2 describe-target-groups --target-group-arns "$group")
  balancer=$(jq --raw-output '.TargetGroups[0].LoadBalancerArns[0] // ""' <<<"$balancer")
fi
output service "$chosen"
output previous-task-definition "$(of "$chosen" .taskDefinition)"
output target-group "${group##*:}"
output load-balancer "${balancer##*:loadbalancer/}"
output task-definition "$revision"
if ((${#services[@]} == 1)); then
  roll "$chosen" "$revision"
else
  roll "$chosen" "$revision" "$(tasks_needed)"
fi
output completed true
