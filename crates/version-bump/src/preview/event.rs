//! The pull request that an event is about, as its payload describes it.

use serde::Serialize;
use serde_json::Value;
use slipway_core::git::CommitId;

/// How a pull request can be merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Method {
    /// With its commits and a merge commit.
    Merge,
    /// As one commit with the pull request's title.
    Squash,
    /// With its commits, anew on top of the base.
    Rebase,
}

impl Method {
    const ALL: [Self; 3] = [Self::Merge, Self::Squash, Self::Rebase];

    /// The word for it in inputs and in GitHub's API.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Squash => "squash",
            Self::Rebase => "rebase",
        }
    }
}

/// A pull request. Whoever opened it chose most of this.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct PullRequest {
    /// Its number.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// Its text.
    #[serde(skip)]
    pub body: String,
    /// The commit at its end.
    pub head: CommitId,
    /// The account and the branch that it comes from, as `owner/branch`.
    pub from: String,
    /// The branch that it is merged into.
    pub base: String,
    /// The ways of merging that the repository allows; all where the event does not tell.
    pub methods: Vec<Method>,
    /// The way that was chosen already, if it merges itself once its checks pass.
    pub chosen: Option<Method>,
    /// What GitHub writes into the commits of merges.
    #[serde(skip)]
    pub messages: Messages,
}

/// The repository's settings for the messages of merges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Messages {
    /// The title of a squashed pull request is always its own, also of one with a single commit.
    pub squash_title_is_own: bool,
    /// What stands below the title of a squashed pull request.
    pub squash_body: Body,
    /// The title of a merge commit is that of the pull request.
    pub merge_title_is_own: bool,
    /// What stands below the title of a merge commit.
    pub merge_body: Body,
}

/// What stands below the title.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Body {
    /// GitHub's default: the commits' messages below a squash, the title below a merge.
    #[default]
    Default,
    /// The text of the pull request.
    Text,
    /// Nothing.
    Blank,
}

impl PullRequest {
    /// Reads the payload of a `pull_request` or `pull_request_target` event; nothing if it has none of the two that count, the number
    /// and the head.
    pub(crate) fn read(event: &Value) -> Option<Self> {
        let request = &event["pull_request"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (head, base) = (&request["head"], &request["base"]);
        let settings = &base["repo"];
        let allows = |method: &Method| match method {
            Method::Merge => &settings["allow_merge_commit"],
            Method::Squash => &settings["allow_squash_merge"],
            Method::Rebase => &settings["allow_rebase_merge"],
        };
        let methods: Vec<Method> =
            Method::ALL.into_iter().filter(|method| allows(method).as_bool() != Some(false)).collect();
        let chosen = request["auto_merge"]["merge_method"].as_str();
        let owner = head["user"]["login"].as_str().unwrap_or("unknown");
        let says = |key: &str, word: &str| settings[key] == word;
        let body = |key: &str| match settings[key].as_str() {
            Some("PR_BODY") => Body::Text,
            Some("BLANK") => Body::Blank,
            _ => Body::Default,
        };
        Some(Self {
            number: request["number"].as_u64()?,
            title: text(&request["title"]),
            body: text(&request["body"]),
            head: head["sha"].as_str()?.parse().ok()?,
            from: format!("{owner}/{}", head["ref"].as_str().unwrap_or("unknown")),
            base: text(&base["ref"]),
            methods: if methods.is_empty() { Method::ALL.into() } else { methods },
            chosen: Method::ALL.into_iter().find(|method| Some(method.word()) == chosen),
            messages: Messages {
                squash_title_is_own: says("squash_merge_commit_title", "PR_TITLE"),
                squash_body: body("squash_merge_commit_message"),
                merge_title_is_own: says("merge_commit_title", "PR_TITLE"),
                merge_body: body("merge_commit_message"),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(event: &str) -> Option<PullRequest> {
        PullRequest::read(&serde_json::from_str(event).unwrap())
    }

    #[test]
    fn settings_that_the_event_does_not_tell_are_githubs_defaults() {
        let head = "a".repeat(40);
        let plain = read(&format!(r#"{{"pull_request":{{"number":7,"head":{{"sha":"{head}"}}}}}}"#)).unwrap();
        assert_eq!(plain.methods, Method::ALL);
        assert_eq!((plain.chosen, plain.messages, plain.from.as_str()), (None, Messages::default(), "unknown/unknown"));
        let told = read(&format!(
            r#"{{"pull_request":{{"number":7,"title":"t","body":null,"auto_merge":{{"merge_method":"rebase"}},
            "head":{{"sha":"{head}","ref":"x","user":{{"login":"eve"}}}},
            "base":{{"ref":"main","repo":{{"allow_merge_commit":false,"allow_squash_merge":true,
            "squash_merge_commit_title":"PR_TITLE","squash_merge_commit_message":"BLANK"}}}}}}}}"#
        ))
        .unwrap();
        assert_eq!(told.methods, [Method::Squash, Method::Rebase]);
        assert_eq!((told.chosen, told.from.as_str(), told.base.as_str()), (Some(Method::Rebase), "eve/x", "main"));
        assert!(told.messages.squash_title_is_own && told.messages.squash_body == Body::Blank);
    }

    #[test]
    fn hostile_payloads_are_no_pull_request() {
        for event in [
            "null",
            "{}",
            r#"{"pull_request":[]}"#,
            r#"{"pull_request":{"number":-1,"head":{"sha":"main"}}}"#,
            r#"{"pull_request":{"number":1,"head":{"sha":"--upload-pack=x"}}}"#,
        ] {
            assert!(read(event).is_none(), "{event}");
        }
    }
}
