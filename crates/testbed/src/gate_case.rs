//! The shared conformance cases of rollback-gate: metrics, recorded answers, and what Argo Rollouts makes of them.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{ActionRun, Runner, run_action, shared_case};

/// Metrics, recorded answers, and the phases that they lead to.
pub struct GateCase(Value);

impl GateCase {
    /// Every case, if the file lies beside the workspace.
    ///
    /// # Panics
    /// When the file holds something else.
    pub fn all() -> Option<Vec<Self>> {
        let cases: Value = shared_case("rollback-gate.json")?;
        Some(cases["cases"].as_array().expect("cases of rollback-gate").iter().cloned().map(Self).collect())
    }

    /// Its name.
    pub fn id(&self) -> &str {
        self.0["id"].as_str().unwrap_or_default()
    }

    /// What a careful gate does where upstream's answer is a hazard.
    pub fn strict_should(&self) -> Option<&str> {
        self.0["strict_should"].as_str()
    }

    /// The phase of the run that upstream ends in.
    pub fn run_phase(&self) -> &str {
        self.0["expect"]["run_phase"].as_str().unwrap_or_default()
    }

    /// Runs `mode: replay` on this case. Gives the run and its `json` output.
    ///
    /// # Panics
    /// When the case cannot be set up.
    pub fn run(&self, runner: Runner, compatibility: &str) -> (ActionRun, Value) {
        let directory = TempDir::with_prefix("case-").expect("a temporary directory");
        std::fs::write(directory.path().join("case.json"), self.0.to_string()).expect("a writable directory");
        let inputs = [("mode", "replay"), ("replay-file", "case.json"), ("compatibility", compatibility)];
        let run =
            run_action(runner, "rollback-gate", &inputs, &[("SLIPWAY_NOW", "2026-03-04T05:06:07Z")], directory.path());
        let json = serde_json::from_str(run.output("json")).unwrap_or(Value::Null);
        (run, json)
    }

    /// In what a replay differs from upstream: in nothing, or line by line.
    pub fn differences(&self, run: &ActionRun, json: &Value) -> Vec<String> {
        if run.code != 0 {
            return vec![format!("exit {}: {}{}", run.code, run.stdout, run.stderr)];
        }
        let mut differences = Vec::new();
        compare("", &self.0["expect"], json, &mut differences);
        differences
    }
}

/// Every key that is expected, with its value; there may be others beside them, but no other metrics.
fn compare(path: &str, expected: &Value, ours: &Value, differences: &mut Vec<String>) {
    match expected {
        Value::Object(entries) => {
            for (key, value) in entries {
                compare(&format!("{path}.{key}"), value, &ours[key], differences);
            }
        }
        Value::Number(number) if number.as_f64() == ours.as_f64() => {}
        _ if expected == ours => {}
        _ => differences.push(format!("{}: {ours}, expected {}", path.trim_start_matches('.'), json!(expected))),
    }
}
