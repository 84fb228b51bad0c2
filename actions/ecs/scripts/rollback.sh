#!/usr/bin/env bash
# rollback.sh [COMMIT]: brings the task definition of a commit (without one, SLIPWAY_CONFIG_COMMIT, as rollback-gate sets it) back
# into service, gives it all users, and with blue-green stops what the other service runs.
# shellcheck source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
(($# <= 1)) || fail 2 'usage: rollback.sh [COMMIT]'
commit=${1:-${SLIPWAY_CONFIG_COMMIT:-}}
check_commit "$commit"
read_settings
task_definition "$commit"
look
register "$commit"
if ((${#services[@]} == 1)); then
  roll "${services[0]}" "$revision"
  say "${services[0]} runs ${revision##*/} again"
  exit
fi
choose_service
roll "$chosen" "$revision" "$(tasks_needed)"
set_weight "$chosen" 100
failing=$(other "$chosen")
# With its task definition gone from both services, nobody starts the failing release by scaling one of them.
ask ecs update-service --cluster "$ECS_CLUSTER" --service "$failing" --task-definition "$revision" --desired-count 0 >/dev/null
say "$chosen runs ${revision##*/} for all users; $failing is stopped"
