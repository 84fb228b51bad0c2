//! An analysis of recorded answers under a virtual clock, in which a measurement takes no time.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value as Json;
use slipway_core::{Error, ErrorKind, Result};

use super::metric::Metric;
use super::run::{Analysis, Run};
use super::sources::{self, Sources};
use crate::check::Answer;

/// What a replay tells.
#[derive(Clone, Debug, Serialize)]
pub struct Replay {
    /// Why the metrics are not valid; none if they are.
    pub reason: Option<String>,
    /// How it went; none if the metrics are not valid.
    pub analysis: Option<Analysis>,
}

/// Replays a recorded case. Its metrics are those of the template files, if there are any, else its own.
///
/// # Errors
/// `InvalidFile` if it is not a case.
pub(crate) fn replay(case: &str, templates: &[(String, String)], sources: &Sources) -> Result<Replay> {
    let invalid = |why: String| Error::new(ErrorKind::InvalidFile, format!("the recorded case {why}"));
    let case: Json = serde_json::from_str(case).map_err(|error| invalid(format!("is not JSON: {error}")))?;
    if templates.is_empty() && !case["metrics"].is_array() {
        return Err(invalid("has no `metrics`".into()).hint("add them, or name templates by `analysis-template`"));
    }
    let metrics =
        if templates.is_empty() { sources::of_case(&case, sources) } else { sources::metrics(templates, sources) };
    let metrics = match metrics {
        Ok(metrics) => metrics,
        Err(error) => return Ok(Replay { reason: Some(error.message().to_owned()), analysis: None }),
    };
    let mut answers = BTreeMap::new();
    for metric in &metrics {
        let recorded = case["responses"][&metric.name].as_array().map_or(&[][..], Vec::as_slice);
        let recorded: Result<Vec<_>> = recorded.iter().map(|answer| read(answer).map_err(&invalid)).collect();
        answers.insert(metric.name.clone(), recorded?);
    }
    let analysis = run(&metrics, answers, case["terminate_after_last_response"] == true);
    Ok(Replay { reason: None, analysis: Some(analysis) })
}

type Recorded = std::result::Result<Answer, String>;

fn read(answer: &Json) -> std::result::Result<Recorded, String> {
    if let Some(error) = answer["transport_error"].as_str() {
        return Ok(Err(error.to_owned()));
    }
    let status = answer["status"].as_u64().and_then(|status| u16::try_from(status).ok());
    match (status, answer["body"].as_str()) {
        (Some(status), Some(body)) => Ok(Ok(Answer { status, body: body.into() })),
        _ => Err("has an answer without `status` and `body`, or `transport_error`".into()),
    }
}

/// Runs until all is known, or an answer is needed that was not recorded.
fn run(metrics: &[Metric], answers: BTreeMap<String, Vec<Recorded>>, terminate: bool) -> Analysis {
    let mut answers: BTreeMap<String, _> =
        answers.into_iter().map(|(name, recorded)| (name, recorded.into_iter())).collect();
    let mut run = Run::new(metrics);
    let mut now = Duration::ZERO;
    while let Some(next) = run.next() {
        now = next;
        let due = run.due(now);
        let is_left = |index: &usize| answers.get(&metrics[*index].name).is_some_and(|left| left.len() > 0);
        if !due.iter().all(is_left) {
            if terminate {
                run.settle(true);
            }
            break;
        }
        for index in due {
            if let Some(answer) = answers.get_mut(&metrics[index].name).and_then(Iterator::next) {
                run.record(index, now, now, answer.and_then(|answer| metrics[index].provider.read(&answer)));
            }
        }
        run.settle(false);
    }
    run.finish(now)
}
