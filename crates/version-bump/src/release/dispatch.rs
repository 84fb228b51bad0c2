//! Starting what follows a release: a tag that is pushed with the job's own token starts no workflow by itself.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::Serialize;
use serde_json::{Map, Value, json};
use slipway_core::git::{CommitId, RefName, TagName};
use slipway_core::github::{Client, EventType, RepositoryName, WorkflowFile};
use slipway_core::{Context, Error, ErrorKind, Host, Result};

use super::template::{Template, Values};

/// A line of the input `dispatch`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Dispatch {
    /// `deploy.yml name={{version}} …`: a workflow of the repository that is released.
    Workflow(WorkflowFile, BTreeMap<String, Template>),
    /// `owner/name event-type`: every workflow of a repository that waits for the event.
    Repository(RepositoryName, EventType),
}

impl FromStr for Dispatch {
    type Err = Error;

    fn from_str(line: &str) -> Result<Self> {
        let invalid = |why: &str| {
            Error::new(ErrorKind::InvalidInput, format!("`{line}` {why}"))
                .hint("write `deploy.yml`, `deploy.yml version={{version}}`, or `owner/name event-type`")
        };
        let mut words = line.split_whitespace();
        let first = words.next().unwrap_or_default();
        if let Ok(workflow) = first.parse::<WorkflowFile>() {
            let mut inputs = BTreeMap::new();
            for word in words {
                let (name, value) = word.split_once('=').ok_or_else(|| invalid("has an input without a value"))?;
                if name.is_empty() || inputs.insert(name.to_owned(), value.parse()?).is_some() {
                    return Err(invalid("has an input without a name, or twice"));
                }
            }
            return Ok(Self::Workflow(workflow, inputs));
        }
        let repository = first.parse().map_err(|_| invalid("starts with neither a workflow nor a repository"))?;
        match (words.next(), words.next()) {
            (Some(event), None) => Ok(Self::Repository(repository, event.parse()?)),
            _ => Err(invalid("does not name one event")),
        }
    }
}

/// A workflow or event to be started once everything else is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct NewDispatch {
    /// The repository.
    pub repository: String,
    /// The file of the workflow; nothing for an event.
    pub workflow: Option<WorkflowFile>,
    /// The type of the event; nothing for a workflow.
    pub event: Option<EventType>,
    /// What the workflow gets as its inputs.
    pub inputs: BTreeMap<String, String>,
    /// Precondition: the ref that says that it is not started yet. It comes with the tag, and goes once this is started.
    pub pending: RefName,
}

impl NewDispatch {
    /// How it is told.
    pub(crate) fn name(&self) -> String {
        match (&self.workflow, &self.event) {
            (Some(workflow), _) => workflow.to_string(),
            (None, event) => {
                format!("{} {}", self.repository, event.as_ref().map(EventType::as_str).unwrap_or_default())
            }
        }
    }
}

impl Dispatch {
    /// The ref that says that it is not started yet for a tag.
    ///
    /// # Errors
    /// `InvalidInput` if the names make none.
    pub(crate) fn pending(&self, tag: &TagName) -> Result<RefName> {
        let name = match self {
            Self::Workflow(workflow, _) => workflow.to_string(),
            Self::Repository(repository, event) => format!("{repository}-{event}"),
        };
        let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        format!("refs/slipway/pending/{tag}/{name}").parse()
    }

    /// Fills the line in.
    pub(super) fn plan(&self, own: Option<&RepositoryName>, values: &Values<'_>, pending: RefName) -> NewDispatch {
        match self {
            Self::Workflow(workflow, inputs) => NewDispatch {
                repository: own.map(ToString::to_string).unwrap_or_default(),
                workflow: Some(workflow.clone()),
                event: None,
                inputs: inputs.iter().map(|(name, value)| (name.clone(), value.fill(values))).collect(),
                pending,
            },
            Self::Repository(repository, event) => NewDispatch {
                repository: repository.to_string(),
                workflow: None,
                event: Some(event.clone()),
                inputs: BTreeMap::new(),
                pending,
            },
        }
    }
}

/// Starts one.
///
/// # Errors
/// As every method of [`Client`].
pub(crate) async fn send<H: Host>(
    context: &Context<H>,
    dispatch: &NewDispatch,
    version: &str,
    tag: &TagName,
    commit: &CommitId,
) -> Result<()> {
    let client = Client::new(context)?;
    let repository: RepositoryName = dispatch.repository.parse()?;
    let sent = match (&dispatch.workflow, &dispatch.event) {
        (Some(workflow), _) => {
            client.dispatch_workflow(&repository, workflow, &tag.qualified(), &dispatch.inputs).await
        }
        (None, Some(event)) => {
            let payload =
                json!({ "version": version, "tag": tag, "commit": commit, "run": context.environment.run_url });
            let payload: Map<String, Value> = payload.as_object().cloned().unwrap_or_default();
            client.dispatch_repository(&repository, event, &payload).await
        }
        (None, None) => Ok(()),
    };
    sent.map_err(|error| error.context(format!("`{}` was not started", dispatch.name())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_workflows_or_events() {
        let values = Values { version: "1.5.0", tag: "v1.5.0", component: "" };
        let own: RepositoryName = "acme/shop".parse().unwrap();
        let tag = "v1.5.0".parse().unwrap();
        let planned = |line: &str| {
            let line: Dispatch = line.parse().unwrap();
            line.plan(Some(&own), &values, line.pending(&tag).unwrap())
        };
        let workflow = planned("deploy.yml version={{version}} tag={{tag}} mode=full");
        assert_eq!(workflow.name(), "deploy.yml");
        assert_eq!(workflow.pending.as_str(), "refs/slipway/pending/v1.5.0/deploy-yml");
        let inputs: Vec<String> = workflow.inputs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(inputs, ["mode=full", "tag=v1.5.0", "version=1.5.0"]);
        assert_eq!(planned("acme/deploy released").name(), "acme/deploy released");
        for wrong in
            ["", "deploy", "acme/deploy", "acme/deploy a b", "deploy.yml version", "a.yml x=1 x=2", "a.yml x={{y}}"]
        {
            assert_eq!(wrong.parse::<Dispatch>().unwrap_err().kind(), ErrorKind::InvalidInput, "{wrong}");
        }
    }
}
