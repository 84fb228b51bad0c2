//! The shared conformance cases of config-updater: files, an operation, and the files after it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{ActionRun, Runner, run_action, shared_case};

/// An operation on one file or several, and what must become of them.
#[derive(Deserialize)]
pub struct EditCase {
    /// Its number.
    pub id: String,
    /// What it is about.
    pub title: String,
    format: String,
    operation: Value,
    #[serde(default)]
    input: Option<String>,
    #[serde(default)]
    expected: Option<String>,
    #[serde(default)]
    files: BTreeMap<String, String>,
    #[serde(default)]
    expected_files: BTreeMap<String, String>,
    #[serde(default)]
    expected_error: Option<String>,
    changed: bool,
}

impl EditCase {
    /// Every case, if the file lies beside the workspace.
    ///
    /// # Panics
    /// When the file holds something else.
    pub fn all() -> Option<Vec<Self>> {
        shared_case("config-updater.json")
    }

    /// Runs config-updater on this case with `mode: write`. Gives the run, and in what it differs from the expected answer.
    ///
    /// # Panics
    /// When the case cannot be set up.
    pub fn run(&self, runner: Runner) -> (ActionRun, Vec<String>) {
        let directory = TempDir::with_prefix("case-").expect("a temporary directory");
        let (name, one) = (self.file_name(), |text: &Option<String>| text.clone().unwrap_or_default());
        let is_one = self.files.is_empty();
        let [before, after] = match is_one {
            true => [&self.input, &self.expected].map(|text| BTreeMap::from([(name.to_owned(), one(text))])),
            false => [self.files.clone(), self.expected_files.clone()],
        };
        for (path, content) in &before {
            let file = directory.path().join(path);
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("a directory");
            std::fs::write(file, content).expect("a writable directory");
        }
        let mut change = self.change();
        if is_one {
            change["file"] = name.into();
        }
        let changes = json!([change]).to_string();
        let inputs = [("mode", "write"), ("changes", &*changes)];
        let run = run_action(runner, "config-updater", &inputs, &[], directory.path());
        let mut differences = self.differences(&run);
        for (path, expected) in &after {
            let found = std::fs::read_to_string(directory.path().join(path)).expect("a file");
            if found != *expected {
                differences.push(format!("{path}:\n  found    {found:?}\n  expected {expected:?}"));
            }
        }
        (run, differences)
    }

    /// The name, the content and the wanted content of the file, if there is one and the operation is not refused.
    pub fn edited_file(&self) -> Option<(&'static str, &str, &str)> {
        let expected = self.expected.as_deref().filter(|_| self.expected_error.is_none())?;
        Some((self.file_name(), self.input.as_deref()?, expected))
    }

    /// The operation, without the file that it works on.
    pub fn change(&self) -> Value {
        self.operation.clone()
    }

    fn file_name(&self) -> &'static str {
        Self::file_name_of(&self.format)
    }

    /// The name of the file that a case of this format is about, if it names none.
    pub fn file_name_of(format: &str) -> &'static str {
        match format {
            "kustomization" => "kustomization.yaml",
            "helm-values" => "values.yaml",
            "helm-chart" => "Chart.yaml",
            "compose" => "compose.yaml",
            "dotenv" => ".env",
            "hcl" => "main.tf",
            "tfvars" => "x.tfvars",
            "json" => "x.json",
            "jsonc" => "x.jsonc",
            "toml" => "x.toml",
            "text" => "x.text",
            "xml" => "x.xml",
            "properties" => "x.properties",
            _ => "x.yaml",
        }
    }

    fn differences(&self, run: &ActionRun) -> Vec<String> {
        let json: Value = run.outputs.get("json").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let error = json["error"]["kind"].as_str();
        if error != self.expected_error.as_deref() {
            return vec![format!("error {error:?}, expected {:?}: {}{}", self.expected_error, run.stdout, run.stderr)];
        }
        let mut differences = Vec::new();
        if (run.code == 0) != error.is_none() {
            differences.push(format!("exit code {}", run.code));
        }
        if error.is_none() && run.output("changed") != self.changed.to_string() {
            differences.push(format!("changed {}, expected {}", run.output("changed"), self.changed));
        }
        differences
    }
}
