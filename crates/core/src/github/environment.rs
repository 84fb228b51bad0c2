//! What the runner tells: `GITHUB_*` and the event's payload.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use crate::host::Host;
use crate::{Error, ErrorKind, Result};

/// The largest payload that is read. GitHub's own limit for a webhook is 25 MB.
const PAYLOAD_LIMIT: u64 = 32 * 1024 * 1024;

/// The server where nothing else is said.
const GITHUB: &str = "https://github.com";

/// The variable that holds the payload itself, where no runner wrote it to a file.
pub(crate) const EVENT: &str = "SLIPWAY_EVENT";

/// The runner's view of the run. Outside GitHub and the other CI systems that are known, everything is empty but the addresses.
///
/// What decides about rights comes from the runner's variables, never from the payload, which its sender can fill.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// Name of the event, such as `push`; empty outside GitHub.
    pub event_name: String,
    /// The payload; `Null` if there is none.
    pub event: Value,
    /// Full name of the ref that triggered the run, such as `refs/heads/main`.
    pub git_ref: String,
    /// The commit that triggered the run.
    pub sha: String,
    /// The repository of the workflow.
    pub repository: Option<RepositoryName>,
    /// Base of the API, without a slash at its end; empty on a server that is not GitHub's.
    pub api_url: String,
    /// Base of the web pages and of git, without a slash at its end.
    pub server_url: String,
    /// Who started the run, or started it again.
    pub actor: String,
    /// Number of the run; empty outside GitHub.
    pub run_id: String,
    /// Address of the run's page; empty where nobody tells.
    pub run_url: String,
}

impl Environment {
    /// Reads the variables and the payload.
    ///
    /// # Errors
    /// `InvalidEvent` if the payload cannot be read or is not a JSON object.
    pub async fn read<H: Host>(host: &H) -> Result<Self> {
        let variable = |name: &str| host.variable(name).unwrap_or_default();
        let base = |name: &str, otherwise: &str| {
            host.variable(name)
                .filter(|url| !url.is_empty())
                .unwrap_or_else(|| otherwise.into())
                .trim_end_matches('/')
                .to_owned()
        };
        let event = match host.variable("GITHUB_EVENT_PATH").filter(|path| !path.is_empty()) {
            Some(path) => read_event(host, &path).await?,
            None => serde_json::from_str(&variable(EVENT)).unwrap_or_default(),
        };
        let server_url = base("GITHUB_SERVER_URL", GITHUB);
        let api_url = base("GITHUB_API_URL", if server_url == GITHUB { "https://api.github.com" } else { "" });
        let repository = match host.variable("GITHUB_REPOSITORY").filter(|name| !name.is_empty()) {
            Some(name) => Some(name.parse::<RepositoryName>().map_err(|error| error.context("`GITHUB_REPOSITORY`"))?),
            None => event["repository"]["full_name"].as_str().and_then(|name| name.parse().ok()),
        };
        let run_id = variable("GITHUB_RUN_ID");
        let run_url = match (&repository, &run_id) {
            (Some(repository), id) if !id.is_empty() => format!("{server_url}/{repository}/actions/runs/{id}"),
            _ => variable("SLIPWAY_RUN_URL"),
        };
        Ok(Self {
            event_name: variable("GITHUB_EVENT_NAME"),
            event,
            git_ref: variable("GITHUB_REF"),
            sha: variable("GITHUB_SHA"),
            repository,
            api_url,
            server_url,
            actor: Some(variable("GITHUB_TRIGGERING_ACTOR"))
                .filter(|again| !again.is_empty())
                .unwrap_or_else(|| variable("GITHUB_ACTOR")),
            run_id,
            run_url,
        })
    }

    /// A text of the payload by its path of keys, if it is there and is a text.
    pub fn event_text(&self, path: &[&str]) -> Option<&str> {
        path.iter().try_fold(&self.event, |value, key| value.get(key))?.as_str()
    }

    /// The pull request that the event is about, or on which the comment was made.
    pub fn pull_request(&self) -> Option<u64> {
        let (pull, issue) = (&self.event["pull_request"], &self.event["issue"]);
        if pull.is_object() {
            return pull["number"].as_u64().or_else(|| self.event["number"].as_u64());
        }
        issue["number"].as_u64().filter(|_| issue["pull_request"].is_object())
    }

    /// Whether the server has GitHub's API.
    pub fn has_api(&self) -> bool {
        !self.api_url.is_empty()
    }

    /// The branch that triggered the run, if one did.
    pub fn branch(&self) -> Option<&str> {
        self.git_ref.strip_prefix("refs/heads/")
    }

    /// The tag that triggered the run, if one did.
    pub fn tag(&self) -> Option<&str> {
        self.git_ref.strip_prefix("refs/tags/")
    }
}

async fn read_event<H: Host>(host: &H, path: &str) -> Result<Value> {
    let invalid = |why: String| {
        Error::new(ErrorKind::InvalidEvent, format!("the event payload `{path}` {why}"))
            .hint("`GITHUB_EVENT_PATH` must name the JSON file that the runner wrote")
    };
    let content = match host.read(path, PAYLOAD_LIMIT).await {
        Ok(content) => content,
        Err(error) => return Err(invalid(format!("cannot be read: {}", error.message()))),
    };
    match serde_json::from_slice(&content) {
        Ok(event @ (Value::Object(_) | Value::Null)) => Ok(event),
        Ok(_) => Err(invalid("is not a JSON object".into())),
        Err(error) => Err(invalid(format!("is not JSON: {error}"))),
    }
}

/// A repository on GitHub: `owner/name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryName {
    /// The account.
    pub owner: String,
    /// The repository.
    pub name: String,
}

impl FromStr for RepositoryName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let allowed = |part: &str| {
            !part.is_empty()
                && !matches!(part, "." | "..")
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        };
        match text.split_once('/') {
            Some((owner, name)) if allowed(owner) && allowed(name) => {
                Ok(Self { owner: owner.into(), name: name.into() })
            }
            _ => Err(Error::new(ErrorKind::InvalidInput, format!("`{text}` is not the name of a repository"))
                .hint("write `owner/name`")),
        }
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::scripted::ScriptedHost;

    fn read(payload: &str) -> Result<Environment> {
        let host = ScriptedHost::new(&[("GITHUB_EVENT_PATH", "/event"), ("GITHUB_REF", "refs/heads/a/b")])
            .file("/event", payload);
        ScriptedHost::block_on(Environment::read(&host)).unwrap()
    }

    #[test]
    fn hostile_payloads_are_refused_or_read_with_care() {
        for payload in ["", "[]", "3", "{", "\"x\""] {
            assert_eq!(read(payload).unwrap_err().kind(), ErrorKind::InvalidEvent, "{payload:?}");
        }
        let environment = read(r#"{"repository":[1],"ref":{}}"#).unwrap();
        assert_eq!(environment.event_text(&["repository", "name"]), None);
        assert_eq!(environment.event_text(&["ref"]), None);
        assert_eq!(environment.branch(), Some("a/b"));
    }

    #[test]
    fn only_github_has_an_api_without_a_word() {
        let has_api = |variables: &[(&str, &str)]| {
            ScriptedHost::block_on(Environment::read(&ScriptedHost::new(variables))).unwrap().unwrap().has_api()
        };
        let gitlab = ("GITHUB_SERVER_URL", "https://gitlab.example");
        assert!(has_api(&[]));
        assert!(!has_api(&[gitlab]));
        assert!(has_api(&[gitlab, ("GITHUB_API_URL", "https://gitlab.example/api/v3")]));
    }

    #[test]
    fn who_starts_a_run_again_is_its_actor() {
        for (again, actor) in [("eve", "eve"), ("", "ada")] {
            let host = ScriptedHost::new(&[("GITHUB_ACTOR", "ada"), ("GITHUB_TRIGGERING_ACTOR", again)]);
            assert_eq!(ScriptedHost::block_on(Environment::read(&host)).unwrap().unwrap().actor, actor);
        }
    }

    #[test]
    fn repository_names_are_two_plain_words() {
        assert_eq!("acme/shop.js".parse::<RepositoryName>().unwrap().to_string(), "acme/shop.js");
        for hostile in ["acme", "acme/", "a/b/c", "a/../b", "acme/..", "a b/c", "acme/x?y"] {
            assert!(hostile.parse::<RepositoryName>().is_err(), "{hostile:?}");
        }
    }
}
