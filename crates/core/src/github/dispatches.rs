//! Starting workflows.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Map, Value, json};

use super::{Client, RepositoryName};
use crate::git::RefName;
use crate::{Error, ErrorKind, Result, validated_text};

validated_text! {
    /// A workflow by its file in `.github/workflows`, such as `deploy.yml`.
    WorkflowFile, check_file
}
validated_text! {
    /// What a `repository_dispatch` is called: 1 to 100 characters.
    EventType, check_event
}

impl Client {
    /// Starts a workflow that has the trigger `workflow_dispatch`, on a branch or a tag.
    ///
    /// # Errors
    /// `Unprocessable` if the workflow lacks the trigger, an input, or has none of that name; as every method of [`Client`].
    pub async fn dispatch_workflow(
        &self,
        repository: &RepositoryName,
        workflow: &WorkflowFile,
        on: &RefName,
        inputs: &BTreeMap<String, String>,
    ) -> Result<()> {
        let url = self.url(repository, &["actions", "workflows", workflow.as_str(), "dispatches"]);
        let call = self.call(Method::POST, url, "actions: write");
        self.ask(&call.json(&json!({ "ref": on, "inputs": inputs }))).await.map(drop)
    }

    /// Starts every workflow of the default branch that waits for this `repository_dispatch`.
    ///
    /// # Errors
    /// `Unprocessable` if the payload is too large; as every method of [`Client`].
    pub async fn dispatch_repository(
        &self,
        repository: &RepositoryName,
        event: &EventType,
        payload: &Map<String, Value>,
    ) -> Result<()> {
        let call = self.call(Method::POST, self.url(repository, &["dispatches"]), "contents: write");
        self.ask(&call.json(&json!({ "event_type": event, "client_payload": payload }))).await.map(drop)
    }
}

fn check_file(text: &str) -> Result<()> {
    let stem = text.strip_suffix(".yml").or_else(|| text.strip_suffix(".yaml"));
    if stem.is_some_and(|stem| !stem.is_empty()) && !text.chars().any(|c| c.is_control() || "/\\".contains(c)) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidInput, format!("`{text}` is not the file of a workflow"))
        .hint("write the name of a file in `.github/workflows`, such as `deploy.yml`"))
}

fn check_event(text: &str) -> Result<()> {
    if (1..=100).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidInput, format!("`{text}` is not a type of event"))
        .hint("write 1 to 100 characters, such as `released`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workflows_are_named_by_their_files() {
        assert!("deploy prod.yaml".parse::<WorkflowFile>().is_ok());
        for hostile in ["", ".yml", "deploy", "../x.yml", "a\\b.yml", "a\nb.yml", ".github/workflows/x.yml"] {
            assert!(hostile.parse::<WorkflowFile>().is_err(), "{hostile:?}");
        }
        assert!("released".parse::<EventType>().is_ok());
        for hostile in [String::new(), "x".repeat(101), "a\nb".into()] {
            assert!(hostile.parse::<EventType>().is_err(), "{hostile:?}");
        }
    }
}
