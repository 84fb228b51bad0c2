//! Watching a restored release until it is healthy.

use std::time::Duration;

use serde::Serialize;
use slipway_core::{Context, Host, Result, together};

use crate::ask::Question;
use crate::check::{Deployed, Probe, Standing, Test};
use crate::gate::LONGEST_SLEEP;
use crate::inputs::Inputs;
use crate::shown;

/// How the watch over a restored release ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Watch {
    /// Whether every `health` and `version` check was good in the end; unknown if there is none.
    pub healthy: Option<bool>,
    /// Whether a `version` check told that it is the restored version.
    pub version_seen: bool,
    /// How long it took, in milliseconds.
    pub took: u64,
    /// What was still wrong in the end.
    pub why: String,
}

/// Asks the probes until all are good, for as long as `restore-time` allows.
pub(crate) async fn watch<H: Host>(context: &Context<H>, inputs: &Inputs, version: &str) -> Result<Watch> {
    let probes: Vec<(&str, &dyn Probe)> = inputs
        .checks
        .iter()
        .filter_map(|check| match &check.test {
            Test::Probe(probe) => Some((check.text.as_str(), probe.as_ref())),
            Test::Measurement(_) | Test::Inquiry(_) => None,
        })
        .collect();
    let version_seen = probes.iter().any(|(_, probe)| probe.tells_arrival());
    if probes.is_empty() {
        let why = "there is no `health` or `version` check that could tell".into();
        return Ok(Watch { healthy: None, version_seen, took: 0, why });
    }
    let surroundings = inputs.analysis.surroundings(context).await?;
    let started = context.host.monotonic();
    let elapsed = || context.host.monotonic().saturating_sub(started);
    loop {
        let question = Question::new(context, inputs, &surroundings, false);
        let answers = together(probes.iter().map(|(_, probe)| question.probe(probe.endpoint()))).await;
        let mut wrong = None;
        for ((text, probe), answer) in probes.iter().zip(answers) {
            let seen = probe.judge(&answer?, Deployed::Restored(version));
            if seen.standing != Standing::Good {
                wrong.get_or_insert(format!("`{text}`: {}", seen.value));
            }
        }
        let took = elapsed();
        let left = inputs.restore_time.saturating_sub(took);
        let Some(why) = wrong else {
            let took = milliseconds(took);
            context.log(&format!("`{version}` is healthy again after {}", shown::seconds(took as f64 / 1000.0)));
            return Ok(Watch { healthy: Some(true), version_seen, took, why: String::new() });
        };
        if left.is_zero() {
            return Ok(Watch { healthy: Some(false), version_seen, took: milliseconds(took), why });
        }
        context.log(&format!("waiting for `{version}` · {} left · {why}", shown::clock(left)));
        context.host.sleep(inputs.interval.min(left).min(LONGEST_SLEEP)).await;
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
