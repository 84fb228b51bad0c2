//! An analysis of recorded answers under a virtual clock, in which a measurement takes no time.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value as Json;
use slipway_core::{Error, ErrorKind, Result, order};

use super::metric::Metric;
use super::run::{Analysis, Run};
use super::sources::{self, Selection, Sources};
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
    let metrics = if templates.is_empty() {
        sources::of_case(&case, sources)
    } else {
        sources::metrics(templates, sources, Selection::Without(None))
    };
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
    let mut answers = order::map(answers.into_iter().map(|(name, recorded)| (name, recorded.into_iter())));
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::analysis::metric::Compatibility;
    use crate::analysis::phase::Phase;
    use crate::provider::Surroundings;

    fn replayed(case: &Json, compatibility: Compatibility) -> Replay {
        let sources = Sources { arguments: Vec::new(), surroundings: Surroundings::default(), compatibility };
        replay(&case.to_string(), &[], &sources).unwrap()
    }

    #[test]
    fn careful_answers_differ_only_where_upstreams_are_a_hazard() {
        let Some(cases) = testbed::shared_case::<Json>("rollback-gate.json") else { return };
        let mut differences = Vec::new();
        for case in cases["cases"].as_array().unwrap() {
            let Replay { reason, analysis } = replayed(case, Compatibility::Strict);
            let strict = analysis.map_or("refused", |analysis| analysis.phase.name());
            let upstream =
                if case["expect"]["valid"] == true { &case["expect"]["run_phase"] } else { &json!("refused") };
            match case["strict_should"].as_str() {
                Some("as-upstream") | None if upstream == strict => {}
                Some("inconclusive") if strict == Phase::Inconclusive.name() => {}
                Some("reject-config") if strict == "refused" => {}
                Some("reject-or-warn") if matches!(strict, "refused" | "Inconclusive") => {}
                _ => differences.push(format!("{}: {upstream} → {strict} {reason:?}", case["id"])),
            }
        }
        // An empty answer is no reason for a rollback, and a condition that looks at something else than it says is refused.
        let refused = "metrics[0]: `successCondition`: `default` and `isNil` look at `result`, whatever they are given";
        let known = [
            "\"vec-empty-isnil\": \"Failed\" → Inconclusive None".to_owned(),
            format!("\"vec-empty-default-index\": \"Error\" → refused Some({refused:?})"),
        ];
        assert_eq!(differences, known);
    }

    #[test]
    fn argo_cd_is_waited_for() {
        let condition = "result.sync.status == 'Synced' && result.health.status == 'Healthy' && \
                         (result.sync.revision == 'c0ffee' || 'c0ffee' in result.sync.revisions)";
        let metric = json!({
            "name": "argocd", "interval": "10s", "count": 4, "failureLimit": -1, "consecutiveSuccessLimit": 2,
            "successCondition": condition,
            "provider": {"web": {"url": "https://argocd.example/api/v1/applications/shop?refresh=normal", "jsonPath": "{$.status}"}},
        });
        let status = |sync: &str, health: &str, revision: Json| {
            let mut sync = json!({"status": sync});
            let key = if revision.is_array() { "revisions" } else { "revision" };
            sync[key] = revision;
            let body = json!({"status": {"sync": sync, "health": {"status": health}}}).to_string();
            json!({"status": 200, "body": body})
        };
        let old = status("Synced", "Healthy", "0ld".into());
        let busy = status("Synced", "Progressing", "c0ffee".into());
        let done = status("Synced", "Healthy", "c0ffee".into());
        let of_several = status("Synced", "Healthy", json!(["0ther", "c0ffee"]));
        for (answers, expected) in [
            (vec![&old, &busy, &done, &done], Phase::Successful),
            (vec![&of_several, &of_several], Phase::Successful),
            (vec![&old, &old, &old, &old], Phase::Failed),
            (vec![&busy, &busy, &busy, &done], Phase::Failed),
        ] {
            let case = json!({"metrics": [metric], "responses": {"argocd": answers}});
            let replay = replayed(&case, Compatibility::Strict);
            assert_eq!(replay.analysis.map(|analysis| analysis.phase), Some(expected), "{:?}", replay.reason);
        }
    }

    #[test]
    fn what_is_no_case_is_refused() {
        let sources = Sources {
            arguments: Vec::new(),
            surroundings: Surroundings::default(),
            compatibility: Compatibility::Strict,
        };
        let metric = json!({"name": "m", "provider": {"web": {"url": "https://x.example"}}});
        for (case, expected) in [
            ("{", "the recorded case is not JSON"),
            ("{}", "the recorded case has no `metrics`"),
            (
                &json!({"metrics": [metric], "responses": {"m": [{"status": 200}]}}).to_string(),
                "the recorded case has an answer without `status` and `body`, or `transport_error`",
            ),
        ] {
            let error = replay(case, &[], &sources).unwrap_err();
            assert!(error.message().starts_with(expected), "{error}");
        }
    }
}
