//! Workflows, starters and composite actions as data, with what stands behind their aliases.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

/// A workflow's or an action's file.
pub(crate) struct Document {
    /// Its path in the repository.
    pub(crate) path: String,
    /// Its name without `.yml`.
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) value: Value,
}

/// Workflows that only pipelines call.
const PARTS: [&str; 1] = ["deploy"];

/// A job, by its id.
pub(crate) type Job<'d> = (&'d str, &'d Value);

impl Document {
    fn read(file: &Path) -> Self {
        let text = std::fs::read_to_string(file).unwrap();
        let value = serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let path = file.strip_prefix(root()).unwrap().display().to_string();
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        Self { path, name, text, value }
    }

    /// What `on: workflow_call` declares, if others can call it.
    pub(crate) fn call(&self) -> Option<&Value> {
        self.value["on"].get("workflow_call")
    }

    /// Whether people call it: others are parts of pipelines.
    pub(crate) fn is_pipeline(&self) -> bool {
        self.call().is_some() && !PARTS.contains(&self.name.as_str())
    }

    /// What it declares of `inputs`, `secrets` or `outputs`.
    pub(crate) fn declared(&self, what: &str) -> Map<String, Value> {
        self.call().and_then(|call| call[what].as_object()).cloned().unwrap_or_default()
    }

    pub(crate) fn jobs(&self) -> impl Iterator<Item = Job<'_>> {
        self.value["jobs"].as_object().into_iter().flatten().map(|(id, job)| (id.as_str(), job))
    }
}

/// The steps of a job.
pub(crate) fn steps(job: &Value) -> impl Iterator<Item = &Value> {
    job["steps"].as_array().into_iter().flatten()
}

/// The workflows of this repository, by name.
pub(crate) fn workflows() -> BTreeMap<String, Document> {
    yaml_files(".github/workflows").into_iter().map(|document| (document.name.clone(), document)).collect()
}

/// The workflows to copy for GitHub.
pub(crate) fn starters() -> Vec<Document> {
    yaml_files(".github/workflow-templates")
}

/// The actions that are made of steps.
pub(crate) fn composite_actions() -> Vec<Document> {
    let folders = ["actions", ".github/actions"].into_iter().flat_map(entries);
    let actions = folders.map(|folder| folder.join("action.yml")).filter(|file| file.is_file());
    let documents = actions.map(|file| Document::read(&file));
    documents.filter(|document| document.value["runs"]["using"] == "composite").collect()
}

/// The permissions of a job: its own, else those of its workflow.
pub(crate) fn permissions<'d>(document: &'d Document, job: &'d Value) -> BTreeMap<&'d str, &'d str> {
    let given = job.get("permissions").or_else(|| document.value.get("permissions"));
    let given = given.and_then(Value::as_object).into_iter().flatten();
    given.map(|(name, access)| (name.as_str(), access.as_str().unwrap_or_default())).collect()
}

/// The workflow of this repository that a job calls, if it calls one.
pub(crate) fn called<'w>(job: &Value, workflows: &'w BTreeMap<String, Document>) -> Option<&'w Document> {
    let name = job["uses"].as_str()?;
    let (_, file) = name.split('@').next()?.rsplit_once(".github/workflows/")?;
    let called = workflows.get(file.strip_suffix(".yml")?);
    Some(called.unwrap_or_else(|| panic!("there is no workflow `{file}`")))
}

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn yaml_files(folder: &str) -> Vec<Document> {
    let files = entries(folder).into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "yml"));
    files.map(|file| Document::read(&file)).collect()
}

/// What is in a folder, by name; nothing if it is not there.
fn entries(folder: &str) -> Vec<PathBuf> {
    let read = std::fs::read_dir(root().join(folder)).into_iter().flatten();
    let mut entries: Vec<PathBuf> = read.map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}
