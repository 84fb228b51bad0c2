//! What act says of a run, a JSON object a line.

use std::collections::BTreeMap;

use serde_json::Value;

/// A run of a workflow.
pub struct ActRun {
    /// Whether all jobs succeeded or were skipped.
    pub succeeded: bool,
    /// Every line that was printed.
    pub log: String,
    /// The steps that ended, in that order.
    pub steps: Vec<Step>,
    results: BTreeMap<String, String>,
    outputs: BTreeMap<(String, String), String>,
}

/// A step that ended.
#[derive(Clone, Debug)]
pub struct Step {
    /// The job's path: `deploy`, or `deploy/gate` for the job `gate` of a reusable workflow, with the values of its matrix.
    pub job: String,
    /// The step's name.
    pub name: String,
    /// `success`, `failure` or `skipped`.
    pub result: String,
    /// How long it took, in nanoseconds.
    pub nanoseconds: u64,
}

impl ActRun {
    pub(super) fn new(succeeded: bool, lines: &str) -> Self {
        let mut run = Self {
            succeeded,
            log: String::new(),
            steps: Vec::new(),
            results: BTreeMap::new(),
            outputs: BTreeMap::new(),
        };
        for line in lines.lines() {
            match serde_json::from_str::<Value>(line) {
                Ok(entry) => run.read(&entry),
                Err(_) => run.log += &format!("{line}\n"),
            }
        }
        run
    }

    fn read(&mut self, entry: &Value) {
        let text = |key: &str| entry[key].as_str().unwrap_or_default();
        let job = job_path(entry);
        self.log += &format!("{job:<12}{}\n", text("msg").trim_end());
        if let Some(result) = entry["jobResult"].as_str() {
            self.results.insert(job.clone(), result.to_owned());
        }
        if let Some(result) = entry["stepResult"].as_str() {
            let nanoseconds = entry["executionTime"].as_u64().unwrap_or_default();
            self.steps.push(Step {
                job: job.clone(),
                name: text("step").to_owned(),
                result: result.to_owned(),
                nanoseconds,
            });
        }
        if text("command") == "set-output" {
            self.outputs.insert((job, text("name").to_owned()), text("arg").to_owned());
        }
    }

    /// The jobs that ran and how they ended, as `build: success`, by path.
    pub fn jobs(&self) -> Vec<String> {
        self.results.iter().map(|(job, result)| format!("{job}: {result}")).collect()
    }

    /// The last value of an output `name` that a step of the job set.
    pub fn output(&self, job: &str, name: &str) -> Option<&str> {
        self.outputs.get(&(job.to_owned(), name.to_owned())).map(String::as_str)
    }
}

/// The path of a job: the job that called its workflow, its own id, and the values of its matrix, as `deploy/gate (staging)`. Of several
/// workflows that call one another, act tells the last.
fn job_path(entry: &Value) -> String {
    let id = entry["jobID"].as_str().unwrap_or_default();
    let parts: Vec<&str> = entry["job"].as_str().unwrap_or_default().split('/').map(str::trim).collect();
    let called = if parts.len() > 2 { format!("{}/{id}", parts[0]) } else { id.to_owned() };
    let values = entry["matrix"].as_object().into_iter().flatten();
    let values: Vec<String> =
        values.map(|(_, value)| named(value).as_str().map_or_else(|| value.to_string(), str::to_owned)).collect();
    if values.is_empty() { called } else { format!("{called} ({})", values.join(", ")) }
}

/// The value of a matrix, or of an object in it the name.
fn named(value: &Value) -> &Value {
    value.get("name").unwrap_or(value)
}
