#!/usr/bin/env bash
# weight.sh REVISION [PERCENT]: gives a percentage of the users (without one, SLIPWAY_WEIGHT, as rollback-gate sets it) to the
# service that has a revision of the task definition, and the rest to the other one.
# shellcheck source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
(($# == 1 || $# == 2)) || fail 2 'usage: weight.sh REVISION [PERCENT]'
percent=${2:-${SLIPWAY_WEIGHT:-}}
[[ "$percent" =~ ^(0|[1-9][0-9]?|100)$ ]] || fail 2 "\`$percent\` is no percentage"
take_revision "$1"
read_settings
[[ -n "$ECS_LISTENER" ]] || fail 2 "\`ECS_LISTENER\` is missing"
look
find_service
[[ -n "$chosen" ]] || fail 1 'neither service has this revision'
set_weight "$chosen" "$percent"
say "$chosen gets $percent % of the users"
