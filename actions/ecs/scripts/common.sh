# shellcheck shell=bash
# What the scripts of this folder share. Settings are environment variables:
#
#   ECS_CLUSTER          cluster, by name or ARN
#   ECS_SERVICES         one service, or for blue-green two, with white space between them
#   ECS_LISTENER         blue-green: ARN of the listener, or of the listener rule, that forwards to both target groups
#   ECS_TASK_DEFINITION  path of the task definition in the repository
#   ECS_TIMEOUT          seconds that a deployment may take (900)
#   ECS_INTERVAL         seconds between two looks at it (10)
#   ECS_TOKEN            token that git may fetch a commit with, where the checkout does not have it
#
# Exit status: 0 done, 1 the answer is no, 2 an argument or a setting is wrong, 3 the world failed.
set -euo pipefail
shopt -s inherit_errexit

export AWS_PAGER='' AWS_RETRY_MODE="${AWS_RETRY_MODE:-standard}" AWS_MAX_ATTEMPTS="${AWS_MAX_ATTEMPTS:-5}"

# fail STATUS MESSAGE
fail() {
  if [[ "${GITHUB_ACTIONS:-}" == true ]]; then printf '::error::'; fi >&2
  printf '%s\n' "$2" >&2
  exit "$1"
}

say() { printf '%s\n' "$*"; }

# Asks AWS; prints JSON.
ask() { aws "$@" --output json || fail 3 "\`aws $1 $2\` failed"; }

# output NAME VALUE: to the runner, where there is one.
output() {
  if [[ -n "${GITHUB_OUTPUT:-}" ]]; then printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"; fi
  say "$1: $2"
}

# Reads and checks the settings; `services` is a list from here on.
read_settings() {
  local name
  for name in ECS_CLUSTER ECS_SERVICES ECS_TASK_DEFINITION; do
    [[ -n "${!name:-}" ]] || fail 2 "\`$name\` is missing"
  done
  : "${ECS_LISTENER:=}" "${ECS_TIMEOUT:=900}" "${ECS_INTERVAL:=10}"
  read -r -d '' -a services <<<"$ECS_SERVICES" || true
  [[ "$ECS_CLUSTER" =~ ^(arn:aws[a-z-]*:ecs:[^:]+:[0-9]+:cluster/)?[A-Za-z0-9_][A-Za-z0-9_-]{0,254}$ ]] ||
    fail 2 "\`ECS_CLUSTER\` is \`$ECS_CLUSTER\`, which is no name of a cluster"
  for name in "${services[@]}"; do
    [[ "$name" =~ ^[A-Za-z0-9_][A-Za-z0-9_-]{0,254}$ ]] || fail 2 "\`ECS_SERVICES\` has \`$name\`, which is no name of a service"
  done
  if ((${#services[@]} == 1)); then
    [[ -z "$ECS_LISTENER" ]] || fail 2 "\`ECS_LISTENER\` is for two services, and \`ECS_SERVICES\` has one"
  elif ((${#services[@]} == 2)); then
    [[ "${services[0]}" != "${services[1]}" ]] || fail 2 "\`ECS_SERVICES\` has the same service twice"
    [[ "$ECS_LISTENER" =~ ^arn:aws[a-z-]*:elasticloadbalancing:[^:]+:[0-9]+:listener(-rule)?/app/ ]] ||
      fail 2 "\`ECS_LISTENER\` must be the ARN of an application load balancer's listener, or of one of its rules"
  else
    fail 2 "\`ECS_SERVICES\` has ${#services[@]} services: give one, or two for blue-green"
  fi
  [[ "$ECS_TASK_DEFINITION" != /* && "/$ECS_TASK_DEFINITION/" != */../* ]] ||
    fail 2 "\`ECS_TASK_DEFINITION\` is \`$ECS_TASK_DEFINITION\`, which is no path in the repository"
  for name in ECS_TIMEOUT ECS_INTERVAL; do
    [[ "${!name}" =~ ^[1-9][0-9]{0,4}$ ]] || fail 2 "\`$name\` is \`${!name}\`, which is no number of seconds"
  done
}

# take_revision REVISION: sets `revision`.
take_revision() {
  [[ "$1" =~ ^arn:aws[a-z-]*:ecs:[^:]+:[0-9]+:task-definition/[A-Za-z0-9_-]+:[1-9][0-9]*$ ]] ||
    fail 2 "\`$1\` is no ARN of a revision of a task definition"
  # shellcheck disable=SC2034 # the scripts use it
  revision=$1
}

check_commit() {
  [[ "$1" =~ ^[0-9a-f]{40}([0-9a-f]{24})?$ ]] || fail 2 "\`$1\` is no full commit id"
}

folder=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=task-definition.sh
source "$folder/task-definition.sh"
# shellcheck source=service.sh
source "$folder/service.sh"
# shellcheck source=listener.sh
source "$folder/listener.sh"
