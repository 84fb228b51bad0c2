#!/usr/bin/env bash
# completed.sh REVISION: whether a revision of a task definition is in service, for a check of rollback-gate. What AWS does not answer is
# no fault of the release: then it ends by a signal, which the gate takes for no evidence.
# shellcheck source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
(($# == 1)) || fail 2 'usage: completed.sh REVISION'
take_revision "$1"
read_settings
trap 'status=$?; if ((status > 1)); then kill -s TERM "$$"; fi' EXIT
look
find_service
[[ -n "$chosen" ]] || fail 1 'ECS runs another task definition'
deployment=$(of "$chosen" '.deployments[] | select(.status == "PRIMARY")')
jq --raw-output --arg name "$chosen" '"\($name): \(.rolloutState), \(.runningCount) of \(.desiredCount) tasks run"' \
  <<<"$deployment"
jq --exit-status '.rolloutState == "COMPLETED" and .runningCount > 0' <<<"$deployment" >/dev/null || exit 1
