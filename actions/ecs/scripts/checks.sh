#!/usr/bin/env bash
# Prints the outputs `checks` and `metrics-url` for the runner: the lines of CHECKS and METRICS_URL with SERVICE, TARGET_GROUP and
# LOAD_BALANCER filled in, and that ECS runs REVISION and no test failed. Without checks, those of a service behind a load balancer.
set -euo pipefail

fill() {
  local name variable lines=${1//'{service}'/"$SERVICE"}
  for name in target-group load-balancer; do
    variable=${name//-/_}
    variable=${variable^^}
    if [[ "$lines" == *"{$name}"* && -z "${!variable}" ]]; then
      printf '%s\n' "\`{$name}\` is asked for, and the service \`$SERVICE\` has none" >&2
      exit 2
    fi
    lines=${lines//"{$name}"/"${!variable}"}
  done
  printf '%s' "$lines"
}

lines=$CHECKS
if [[ "$lines" != *[![:space:]]* && -n "$TARGET_GROUP" ]]; then
  of='{LoadBalancer={load-balancer},TargetGroup={target-group}}'
  lines="cloudwatch AWS/ApplicationELB/HTTPCode_Target_5XX_Count$of Sum / AWS/ApplicationELB/RequestCount$of Sum < 0.05
cloudwatch AWS/ApplicationELB/TargetResponseTime$of p99 < 2
cloudwatch AWS/ApplicationELB/UnHealthyHostCount$of Maximum < 1"
fi
lines=$(fill "$lines")
if [[ "$TESTED" == failure ]]; then lines+=$'\n'"command bash \"$SCRIPTS/tested.sh\""; fi
metrics=$(fill "$METRICS_URL")
end="end-$RANDOM$RANDOM$RANDOM"
printf 'checks<<%s\n%s\ncommand bash "%s/completed.sh" %s\n%s\n' "$end" "$lines" "$SCRIPTS" "$REVISION" "$end"
printf 'metrics-url<<%s\n%s\n%s\n' "$end" "$metrics" "$end"
