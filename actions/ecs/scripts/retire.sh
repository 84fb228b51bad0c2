#!/usr/bin/env bash
# retire.sh REVISION: stops the service that users no longer get, once the one that has a revision of the task definition gets all.
# shellcheck source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
(($# == 1)) || fail 2 'usage: retire.sh REVISION'
take_revision "$1"
read_settings
[[ -n "$ECS_LISTENER" ]] || fail 2 "\`ECS_LISTENER\` is missing"
look
find_service
[[ -n "$chosen" ]] || fail 1 'neither service has this revision'
look_at_listener
weight=$(weight_of "$chosen")
((weight == 100)) || fail 1 "the release has $weight % of the users, and the other service the rest"
old=$(other "$chosen")
ask ecs update-service --cluster "$ECS_CLUSTER" --service "$old" --desired-count 0 >/dev/null
say "$old is stopped"
