//! Analyses as Argo Rollouts defines them: metrics that are measured again and again until each has its phase.

mod arguments;
mod go_duration;
mod judge;
mod live;
mod metric;
mod phase;
mod replay;
mod run;
mod shown;
mod sources;
mod template;

pub(crate) use arguments::Argument;
pub(crate) use go_duration::go_duration;
pub(crate) use live::{check_times, measure_once, watch};
pub(crate) use metric::{Compatibility, Metric};
pub use phase::Phase;
pub use replay::Replay;
pub(crate) use replay::replay;
pub(crate) use run::Run;
pub use run::{Analysis, MetricResult};
pub(crate) use shown::seconds;
pub(crate) use sources::{Sources, metrics};
