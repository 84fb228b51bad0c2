//! An analysis of recorded answers under a virtual clock, in which a measurement takes no time.

use std::time::Duration;

use litemap::LiteMap;
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
    let mut answers = LiteMap::new();
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
fn run(metrics: &[Metric], answers: LiteMap<String, Vec<Recorded>>, terminate: bool) -> Analysis {
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

    /// The recipes of the README, over answers of the shapes that these services document.
    #[test]
    fn recipes_read_what_services_answer() {
        let readme = include_str!("../../../../actions/rollback-gate/README.md");
        let recipes = readme.split("\n### Recipes\n").nth(1).and_then(|section| section.split("```").nth(1)).unwrap();
        let spec = recipes.trim_start_matches("yaml").trim_end().replace('\n', "\n  ");
        let template = format!("kind: AnalysisTemplate\nmetadata: {{name: recipes}}\nspec:{spec}\n");
        let arguments = ["datadog-api-key", "datadog-application-key", "new-relic-key", "grafana-token"];
        let sources = Sources {
            arguments: arguments.map(|name| format!("{name}=s3cret").parse().unwrap()).into(),
            surroundings: Surroundings::default(),
            compatibility: Compatibility::Strict,
        };
        let rules = |state: &str| json!({"status": "success", "data": {"groups": [{"name": "shop", "rules": [{"state": state, "health": "ok"}]}]}});
        let nrql = |results: Json| json!({"data": {"actor": {"account": {"nrql": {"results": results}}}}});
        let vector = |value: &str| json!({"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "value": [1_700_000_000, value]}]}});
        let good = [
            ("datadog-monitor", json!({"id": 4711, "type": "query alert", "overall_state": "OK"})),
            ("new-relic-errors", nrql(json!([{"errors": 0.7}]))),
            ("grafana-alert", rules("inactive")),
            ("loki-panics", vector("0")),
        ];
        let denied = json!({"errors": ["Forbidden"]});
        for (name, status, body, expected) in [
            ("datadog-monitor", 200, good[0].1.clone(), Phase::Successful),
            ("datadog-monitor", 200, json!({"overall_state": "Alert"}), Phase::Failed),
            ("datadog-monitor", 200, json!({"overall_state": "No Data"}), Phase::Inconclusive),
            ("datadog-monitor", 403, denied, Phase::Error),
            ("new-relic-errors", 200, good[1].1.clone(), Phase::Successful),
            ("new-relic-errors", 200, nrql(json!([{"errors": 12}])), Phase::Failed),
            ("new-relic-errors", 200, nrql(json!([])), Phase::Error),
            (
                "new-relic-errors",
                200,
                json!({"errors": [{"message": "no such account"}], "data": {"actor": {"account": null}}}),
                Phase::Error,
            ),
            ("grafana-alert", 200, rules("pending"), Phase::Inconclusive),
            ("grafana-alert", 200, rules("firing"), Phase::Failed),
            ("grafana-alert", 200, json!({"status": "success", "data": {"groups": []}}), Phase::Error),
            ("loki-panics", 200, good[3].1.clone(), Phase::Successful),
            ("loki-panics", 200, vector("3"), Phase::Failed),
            (
                "loki-panics",
                200,
                json!({"status": "success", "data": {"resultType": "vector", "result": []}}),
                Phase::Error,
            ),
        ] {
            let mut responses = json!({});
            for (other, body) in &good {
                responses[*other] = json!([{"status": 200, "body": body.to_string()}]);
            }
            responses[name] = json!([{"status": status, "body": body.to_string()}]);
            let case = json!({"responses": responses}).to_string();
            let replay = replay(&case, &[("README.md".into(), template.clone())], &sources).unwrap();
            let analysis = replay.analysis.unwrap_or_else(|| panic!("{:?}", replay.reason));
            let metric = analysis.metrics.iter().find(|metric| metric.name == name).unwrap();
            assert_eq!(metric.measurements[0].phase, expected, "{name} {body}");
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
