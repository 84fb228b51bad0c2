//! Analyses as Argo Rollouts defines them: metrics that are measured again and again until each has its phase.

mod arguments;
mod decide;
mod go_duration;
mod inputs;
mod judge;
mod live;
mod metric;
mod phase;
mod replay;
mod run;
mod shown;
mod sources;
mod template;

pub(crate) use go_duration::go_duration;
pub(crate) use inputs::{
    ARGUMENTS, AnalysisFiles, AnalysisInputs, CERTIFICATE_AUTHORITY, COMPATIBILITY, PROMETHEUS_HEADERS, PROMETHEUS_URL,
    REPLAY_FILE, TEMPLATE,
};
pub(crate) use live::{check_times, measure_once, watch};
pub(crate) use metric::Metric;
pub(crate) use phase::Phase;
pub(crate) use replay::{Replay, replay};
pub(crate) use run::{Analysis, Run};
pub(crate) use shown::seconds;
pub(crate) use sources::Selection;
