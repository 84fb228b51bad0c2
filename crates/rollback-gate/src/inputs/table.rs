//! The table of inputs.

use slipway_core::input::{GITHUB_TOKEN, InputKind, InputSpec, WORKING_DIRECTORY};
use slipway_gitops::{
    COMPONENT, CONFIG_BRANCH, CONFIG_REPOSITORY, CONFIG_TOKEN, CONFIG_USER, ENVIRONMENT, RECORD, SSH_KEY,
    SSH_KNOWN_HOSTS,
};

use super::metrics::{
    CPU_LIMIT, CPU_METRIC, DISK_METRIC, DURATION_METRIC, MEMORY_LIMIT, MEMORY_METRIC, REQUESTS_METRIC, RESTARTS_METRIC,
    STATUS_LABEL,
};
use crate::check::PRESET;
use crate::evidence::{EVIDENCE, EVIDENCE_AGE, EVIDENCE_COMMIT};
use crate::headers::HEADERS;
use crate::{analysis, bake, canary, deployment_status, recovery, request, rollout, telling};

/// Every input.
pub(crate) const INPUTS: &[InputSpec] = &[
    InputSpec::mode(
        &["plan", "gate", "await", "rollback", "decide", "replay", "calibrate"],
        "`plan` takes one look and tells what the gate would read and conclude; `gate` watches and gives a verdict; `await` waits until \
         all `checks` are good at once, for `duration` at most, and records nothing; `rollback` takes the release back because a person \
         says so; `decide` is a person's answer to a hold; `replay` runs an analysis over recorded answers; `calibrate` replays the \
         comparison of a canary over recorded counters and tells how often it would have been wrong.",
    )
    .default("gate"),
    ENVIRONMENT,
    COMPONENT,
    InputSpec::new(
        "checks",
        InputKind::List,
        "What must hold, one check a line: `health URL`, `health URL .status == \"healthy\"`, `version URL == release`, `uptime URL`, \
         `json URL .path < 5`, `error-rate < 5%`, `p95 < 2s` (also p50, p90, p99), `throughput > 50/s`, `cpu < 70%`, `memory < 80%`, \
         `disk < 85%`, `restarts == 0`, `slo 99.9% window 30d`, `query \"…\" < 0.7`, `argocd URL NAME`, `container NAME healthy`, \
         `pods LABELS ready`, `cloudwatch METRIC p99 < 5`, `alarm NAME`, `command PROGRAM …`. \
         Something to judge by is needed: this, `preset`, `analysis-template`, `canary` or `evidence`.",
    ),
    PRESET,
    analysis::TEMPLATE,
    analysis::ARGUMENTS,
    analysis::COMPATIBILITY,
    analysis::PROMETHEUS_URL,
    analysis::PROMETHEUS_HEADERS,
    analysis::CERTIFICATE_AUTHORITY,
    analysis::REPLAY_FILE,
    InputSpec::new(
        "metrics-url",
        InputKind::List,
        "Addresses of Prometheus metrics, one process a line, or a name that has an address for each. Their counts are summed, and a \
         fault that only one has is a fault. Checks of metrics need one; without it, they read `canary`.",
    ),
    HEADERS,
    canary::CANARY,
    canary::STABLE,
    canary::CANARY_QUERY,
    canary::STABLE_QUERY,
    canary::BUDGET,
    canary::REGRESSION,
    canary::CALIBRATE_FILE,
    EVIDENCE,
    EVIDENCE_COMMIT,
    EVIDENCE_AGE,
    REQUESTS_METRIC,
    DURATION_METRIC,
    STATUS_LABEL,
    CPU_METRIC,
    MEMORY_METRIC,
    DISK_METRIC,
    RESTARTS_METRIC,
    CPU_LIMIT,
    MEMORY_LIMIT,
    InputSpec::new(
        "minimum-requests",
        InputKind::Number,
        "Requests that a share or a percentile must rest on; fewer are no evidence.",
    )
    .default("20"),
    InputSpec::new("duration", InputKind::Duration, "How long to watch.").default("5m"),
    bake::BAKE,
    bake::BAKE_QUERY,
    InputSpec::new("interval", InputKind::Duration, "Time between two looks.").default("10s"),
    InputSpec::new(
        "failure-limit",
        InputKind::Number,
        "Failed looks in a row that lead to a rollback before the time is over.",
    )
    .default("3"),
    InputSpec::new(
        "on-failure",
        InputKind::Choice(&["report", "rollback"]),
        "What a verdict of rollback leads to: `report` records it; `rollback` also restores the verified release in the config \
         repository.",
    )
    .default("report"),
    InputSpec::new(
        "fail-on",
        InputKind::Choice(&["hold", "rollback", "never"]),
        "The mildest verdict that makes the run fail: with `rollback`, a hold is told and recorded but does not; with `never`, only a \
         rollback that was asked for and could not be carried out does.",
    )
    .default("hold"),
    InputSpec::new(
        "restore-time",
        InputKind::Duration,
        "How long to wait until a restored release is healthy, by the `health` and `version` checks.",
    )
    .default("5m"),
    rollout::STEPS,
    rollout::WEIGHT,
    rollout::WEIGHT_COMMAND,
    rollout::PREVIEW_CHECKS,
    rollout::RETIRE_COMMAND,
    recovery::COMMAND,
    recovery::IRREVERSIBLE,
    request::TO,
    request::DECISION,
    request::RELEASE,
    request::DECIDED_BY,
    InputSpec::new(
        "reason",
        InputKind::Text,
        "A note for the record and for the commit of a rollback; `mode: decide` needs one.",
    ),
    telling::RUNBOOK,
    telling::WEBHOOK,
    telling::NOTIFY_ON,
    deployment_status::DEPLOYMENT_STATUS,
    deployment_status::ENVIRONMENT_URL,
    CONFIG_REPOSITORY,
    CONFIG_BRANCH,
    RECORD,
    CONFIG_TOKEN,
    CONFIG_USER,
    SSH_KEY,
    SSH_KNOWN_HOSTS,
    WORKING_DIRECTORY,
    GITHUB_TOKEN,
];
