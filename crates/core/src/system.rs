//! The CI systems beside GitHub Actions: what each tells of a run, in the words of GitHub's runner.
//!
//! Only the native programs run there, and what is told reaches the program alone: what it starts finds the job's own variables.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::github::EVENT;

/// A CI system.
struct System {
    /// Variables of which it always sets one.
    marks: &'static [&'static str],
    /// What it tells. Of the facts with one name the first counts whose variables are all set.
    facts: &'static [Fact],
}

/// Something that a system tells: its name, when it holds, and what it is.
///
/// The name is a variable of GitHub's runner, or a path in the payload of the event. It holds always, if a variable is set (`NAME`), or
/// has a value (`NAME=value`, `NAME=beginning*`). In what it is, `$NAME` stands for a variable, and `${NAME#prefix}` for the rest of one that begins so.
type Fact = (&'static str, &'static str, &'static str);

/// Every system.
const SYSTEMS: &[System] = &[
    System { marks: &["GITLAB_CI"], facts: GITLAB },
    System { marks: &["JENKINS_URL", "JENKINS_HOME"], facts: JENKINS },
    System { marks: &["CODEBUILD_BUILD_ARN"], facts: CODEBUILD },
];

/// <https://docs.gitlab.com/ci/variables/predefined_variables/>. GitLab has neither GitHub's API nor its tokens.
const GITLAB: &[Fact] = &[
    // Only GitHub says who started a run again; elsewhere whoever sets variables could say so.
    ("GITHUB_TRIGGERING_ACTOR", "", ""),
    ("GITHUB_EVENT_NAME", "CI_MERGE_REQUEST_IID", "pull_request"),
    ("GITHUB_EVENT_NAME", "CI_PIPELINE_SOURCE=schedule", "schedule"),
    ("GITHUB_EVENT_NAME", "CI_PIPELINE_SOURCE=web", "workflow_dispatch"),
    ("GITHUB_EVENT_NAME", "CI_PIPELINE_SOURCE=api", "workflow_dispatch"),
    ("GITHUB_EVENT_NAME", "CI_PIPELINE_SOURCE=trigger", "workflow_dispatch"),
    ("GITHUB_EVENT_NAME", "", "push"),
    ("GITHUB_REF", "", "refs/pull/$CI_MERGE_REQUEST_IID/merge"),
    ("GITHUB_REF", "", "refs/tags/$CI_COMMIT_TAG"),
    ("GITHUB_REF", "", "refs/heads/$CI_COMMIT_BRANCH"),
    ("GITHUB_SHA", "", "$CI_COMMIT_SHA"),
    ("GITHUB_BASE_REF", "", "$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"),
    ("GITHUB_HEAD_REF", "", "$CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"),
    ("GITHUB_ACTOR", "", "$GITLAB_USER_LOGIN"),
    ("GITHUB_SERVER_URL", "", "$CI_SERVER_URL"),
    ("GITHUB_API_URL", "", ""),
    ("GITHUB_REPOSITORY", "", ""),
    ("GITHUB_TOKEN", "", "$GITLAB_TOKEN"),
    ("GITHUB_TOKEN", "", ""),
    ("GITHUB_RUN_NUMBER", "", "$CI_PIPELINE_IID"),
    ("SLIPWAY_RUN_URL", "", "$CI_PIPELINE_URL"),
    ("/repository/name", "", "$CI_PROJECT_NAME"),
    ("/repository/html_url", "", "$CI_PROJECT_URL"),
    ("/repository/description", "", "$CI_PROJECT_DESCRIPTION"),
    ("/repository/default_branch", "", "$CI_DEFAULT_BRANCH"),
    ("/pull_request/number", "", "$CI_MERGE_REQUEST_IID"),
    ("/pull_request/title", "", "$CI_MERGE_REQUEST_TITLE"),
    ("/pull_request/body", "", "$CI_MERGE_REQUEST_DESCRIPTION"),
    // Only a pipeline for merged results names the commit of the source branch; in the others it is the commit of the run.
    ("/pull_request/head/sha", "", "$CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"),
    ("/pull_request/head/sha", "CI_MERGE_REQUEST_IID", "$CI_COMMIT_SHA"),
    ("/pull_request/head/ref", "", "$CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"),
    ("/pull_request/base/ref", "", "$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"),
    ("/pull_request/auto_merge/merge_method", "CI_MERGE_REQUEST_SQUASH_ON_MERGE=true", "squash"),
];

/// Environment variables of Pipelines, of the git plugin and of multibranch projects.
const JENKINS: &[Fact] = &[
    ("GITHUB_TRIGGERING_ACTOR", "", ""),
    ("GITHUB_EVENT_NAME", "CHANGE_ID", "pull_request"),
    ("GITHUB_EVENT_NAME", "", "push"),
    ("GITHUB_REF", "", "refs/pull/$CHANGE_ID/merge"),
    ("GITHUB_REF", "", "refs/tags/$TAG_NAME"),
    ("GITHUB_REF", "", "refs/heads/$BRANCH_NAME"),
    ("GITHUB_REF", "", "refs/heads/$GIT_LOCAL_BRANCH"),
    ("GITHUB_REF", "", "refs/heads/${GIT_BRANCH#origin/}"),
    ("GITHUB_SHA", "", "$GIT_COMMIT"),
    ("GITHUB_BASE_REF", "", "$CHANGE_TARGET"),
    ("GITHUB_HEAD_REF", "", "$CHANGE_BRANCH"),
    ("GITHUB_ACTOR", "", "$BUILD_USER_ID"),
    ("GITHUB_ACTOR", "", "$CHANGE_AUTHOR"),
    ("GITHUB_REPOSITORY", "", "${GIT_URL#https://github.com/}"),
    ("GITHUB_REPOSITORY", "", "${GIT_URL#git@github.com:}"),
    ("GITHUB_RUN_NUMBER", "", "$BUILD_NUMBER"),
    ("SLIPWAY_RUN_URL", "", "$BUILD_URL"),
    ("/repository/default_branch", "BRANCH_IS_PRIMARY=true", "$BRANCH_NAME"),
    ("/pull_request/number", "", "$CHANGE_ID"),
    ("/pull_request/title", "", "$CHANGE_TITLE"),
    ("/pull_request/head/sha", "CHANGE_ID", "$GIT_COMMIT"),
    ("/pull_request/head/ref", "", "$CHANGE_BRANCH"),
    ("/pull_request/base/ref", "", "$CHANGE_TARGET"),
];

/// <https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html>.
const CODEBUILD: &[Fact] = &[
    ("GITHUB_TRIGGERING_ACTOR", "", ""),
    ("GITHUB_EVENT_NAME", "CODEBUILD_WEBHOOK_TRIGGER=pr/*", "pull_request"),
    ("GITHUB_EVENT_NAME", "CODEBUILD_WEBHOOK_TRIGGER", "push"),
    ("GITHUB_EVENT_NAME", "", "workflow_dispatch"),
    ("GITHUB_REF", "", "refs/pull/${CODEBUILD_WEBHOOK_TRIGGER#pr/}/merge"),
    ("GITHUB_REF", "", "refs/tags/${CODEBUILD_WEBHOOK_TRIGGER#tag/}"),
    ("GITHUB_REF", "", "refs/heads/${CODEBUILD_WEBHOOK_TRIGGER#branch/}"),
    ("GITHUB_REF", "", "refs/heads/${CODEBUILD_SOURCE_VERSION#refs/heads/}"),
    ("GITHUB_REF", "", "refs/tags/${CODEBUILD_SOURCE_VERSION#refs/tags/}"),
    ("GITHUB_SHA", "", "$CODEBUILD_RESOLVED_SOURCE_VERSION"),
    ("GITHUB_BASE_REF", "", "${CODEBUILD_WEBHOOK_BASE_REF#refs/heads/}"),
    ("GITHUB_HEAD_REF", "", "${CODEBUILD_WEBHOOK_HEAD_REF#refs/heads/}"),
    ("GITHUB_ACTOR", "", "$CODEBUILD_INITIATOR"),
    ("GITHUB_REPOSITORY", "", "${CODEBUILD_SOURCE_REPO_URL#https://github.com/}"),
    ("GITHUB_RUN_NUMBER", "", "$CODEBUILD_BUILD_NUMBER"),
    ("SLIPWAY_RUN_URL", "", "$CODEBUILD_BUILD_URL"),
    ("/pull_request/number", "", "${CODEBUILD_WEBHOOK_TRIGGER#pr/}"),
    ("/pull_request/head/sha", "CODEBUILD_WEBHOOK_TRIGGER=pr/*", "$CODEBUILD_RESOLVED_SOURCE_VERSION"),
    ("/pull_request/head/ref", "", "${CODEBUILD_WEBHOOK_HEAD_REF#refs/heads/}"),
    ("/pull_request/base/ref", "", "${CODEBUILD_WEBHOOK_BASE_REF#refs/heads/}"),
];

/// What the CI system of these variables tells, by the names of GitHub's runner; nothing on GitHub, and where no system is known.
pub(crate) fn told(variable: &dyn Fn(&str) -> Option<String>) -> BTreeMap<String, String> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let mut told = BTreeMap::new();
    if set("GITHUB_ACTIONS").is_some() {
        return told;
    }
    let here = |system: &&System| system.marks.iter().any(|mark| set(mark).is_some());
    let Some(system) = SYSTEMS.iter().find(here) else { return told };
    let mut event = Value::Object(Map::new());
    let mut known: Vec<&str> = Vec::new();
    for (name, when, template) in system.facts {
        if known.contains(name) || !holds(when, &set) {
            continue;
        }
        let Some(value) = filled(template, &set) else { continue };
        known.push(name);
        match name.strip_prefix('/') {
            Some(path) => insert(&mut event, path, value),
            None => drop(told.insert((*name).to_owned(), value)),
        }
    }
    if let Some(repository) = told.get_mut("GITHUB_REPOSITORY")
        && let Some(name) = repository.strip_suffix(".git")
    {
        *repository = name.to_owned();
    }
    told.insert(EVENT.to_owned(), event.to_string());
    told
}

/// Whether a fact holds.
fn holds(when: &str, set: &dyn Fn(&str) -> Option<String>) -> bool {
    let Some((name, value)) = when.split_once('=') else { return when.is_empty() || set(when).is_some() };
    set(name).is_some_and(|found| match value.strip_suffix('*') {
        Some(beginning) => found.starts_with(beginning),
        None => found == value,
    })
}

/// A template with its variables filled in; nothing if one is not set, or does not begin as it says.
fn filled(template: &str, set: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let mut pieces = template.split('$');
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (value, rest) = match piece.strip_prefix('{').and_then(|piece| piece.split_once('}')) {
            Some((inner, rest)) => {
                let (name, prefix) = inner.split_once('#').unwrap_or((inner, ""));
                (set(name)?.strip_prefix(prefix)?.to_owned(), rest)
            }
            None => {
                let end = piece.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(piece.len());
                (set(&piece[..end])?, &piece[end..])
            }
        };
        filled += &value;
        filled += rest;
    }
    Some(filled)
}

/// Puts a value at a path of keys; what is called a number is one.
fn insert(event: &mut Value, path: &str, value: String) {
    let is_number = path.ends_with("number");
    let value = value.parse::<u64>().ok().filter(|_| is_number).map_or(Value::String(value), Value::from);
    let mut place = event;
    for key in path.split('/') {
        if place.is_null() {
            *place = Value::Object(Map::new());
        }
        place = &mut place[key];
    }
    *place = value;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told of these variables, the event apart, as `NAME=value`.
    fn of(variables: &[(&str, &str)]) -> (Vec<String>, Value) {
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let mut told = told(&variable);
        let event = told.remove(EVENT).map_or(Value::Null, |event| serde_json::from_str(&event).unwrap());
        (told.iter().map(|(name, value)| format!("{name}={value}")).collect(), event)
    }

    #[track_caller]
    fn tells(variables: &[(&str, &str)], expected: &[&str]) {
        let (told, _) = of(variables);
        for fact in expected {
            assert!(told.iter().any(|told| told == fact), "{fact} is not in {told:?}");
        }
    }

    #[test]
    fn gitlab_tells_of_branches_tags_schedules_and_people() {
        let branch = [
            ("GITLAB_CI", "true"),
            ("CI_PIPELINE_SOURCE", "push"),
            ("CI_COMMIT_BRANCH", "main"),
            ("CI_COMMIT_SHA", "0f1e2d3c"),
            ("CI_DEFAULT_BRANCH", "main"),
            ("CI_SERVER_URL", "https://gitlab.example"),
            ("CI_PROJECT_PATH", "acme/shop"),
            ("CI_PROJECT_NAME", "shop"),
            ("CI_PROJECT_URL", "https://gitlab.example/acme/shop"),
            ("CI_PIPELINE_IID", "7"),
            ("CI_PIPELINE_URL", "https://gitlab.example/acme/shop/-/pipelines/4711"),
            ("GITLAB_USER_LOGIN", "ada"),
        ];
        let (told, event) = of(&branch);
        assert_eq!(
            told,
            [
                "GITHUB_ACTOR=ada",
                "GITHUB_API_URL=",
                "GITHUB_EVENT_NAME=push",
                "GITHUB_REF=refs/heads/main",
                "GITHUB_REPOSITORY=",
                "GITHUB_RUN_NUMBER=7",
                "GITHUB_SERVER_URL=https://gitlab.example",
                "GITHUB_SHA=0f1e2d3c",
                "GITHUB_TOKEN=",
                "GITHUB_TRIGGERING_ACTOR=",
                "SLIPWAY_RUN_URL=https://gitlab.example/acme/shop/-/pipelines/4711",
            ]
        );
        assert_eq!(
            event,
            serde_json::json!({ "repository": {
                "name": "shop", "html_url": "https://gitlab.example/acme/shop", "default_branch": "main"
            } })
        );
        for (more, expected) in [
            (("CI_PIPELINE_SOURCE", "schedule"), "GITHUB_EVENT_NAME=schedule"),
            (("CI_PIPELINE_SOURCE", "web"), "GITHUB_EVENT_NAME=workflow_dispatch"),
            (("CI_PIPELINE_SOURCE", "api"), "GITHUB_EVENT_NAME=workflow_dispatch"),
            (("CI_PIPELINE_SOURCE", "parent_pipeline"), "GITHUB_EVENT_NAME=push"),
            (("CI_COMMIT_TAG", "v1.5.0"), "GITHUB_REF=refs/tags/v1.5.0"),
            (("CI_COMMIT_BRANCH", "feature/x"), "GITHUB_REF=refs/heads/feature/x"),
            (("GITLAB_TOKEN", "glpat-1"), "GITHUB_TOKEN=glpat-1"),
        ] {
            tells(&[("GITLAB_CI", "true"), more], &[expected]);
        }
    }

    #[test]
    fn a_token_for_github_goes_to_no_gitlab() {
        let variables = [("GITLAB_CI", "true"), ("GITHUB_TOKEN", "ghp_1"), ("GITHUB_REPOSITORY", "acme/mirror")];
        tells(&variables, &["GITHUB_TOKEN=", "GITHUB_REPOSITORY="]);
    }

    #[test]
    fn nobody_says_by_a_variable_who_started_a_run_again() {
        for mark in ["GITLAB_CI", "JENKINS_URL", "CODEBUILD_BUILD_ARN"] {
            tells(&[(mark, "x"), ("GITHUB_TRIGGERING_ACTOR", "eve")], &["GITHUB_TRIGGERING_ACTOR="]);
        }
    }

    #[test]
    fn gitlab_tells_of_merge_requests() {
        let variables = [
            ("GITLAB_CI", "true"),
            ("CI_PIPELINE_SOURCE", "merge_request_event"),
            ("CI_COMMIT_SHA", "aaaa"),
            ("CI_MERGE_REQUEST_IID", "12"),
            ("CI_MERGE_REQUEST_TITLE", "feat: sell cake"),
            ("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "cake"),
            ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
            ("CI_MERGE_REQUEST_SQUASH_ON_MERGE", "true"),
        ];
        let (told, event) = of(&variables);
        for fact in [
            "GITHUB_EVENT_NAME=pull_request",
            "GITHUB_REF=refs/pull/12/merge",
            "GITHUB_BASE_REF=main",
            "GITHUB_HEAD_REF=cake",
        ] {
            assert!(told.iter().any(|told| told == fact), "{fact} is not in {told:?}");
        }
        let request = serde_json::json!({
            "number": 12, "title": "feat: sell cake",
            "head": { "sha": "aaaa", "ref": "cake" },
            "base": { "ref": "main" },
            "auto_merge": { "merge_method": "squash" },
        });
        assert_eq!(event["pull_request"], request);

        let merged = [&variables[..], &[("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "bbbb")]].concat();
        assert_eq!(of(&merged).1["pull_request"]["head"]["sha"], "bbbb");
    }

    #[test]
    fn jenkins_tells_of_branches_tags_and_changes() {
        for (more, expected) in [
            (&[("BRANCH_NAME", "main")][..], "GITHUB_REF=refs/heads/main"),
            (&[("BRANCH_NAME", "v1.5.0"), ("TAG_NAME", "v1.5.0")], "GITHUB_REF=refs/tags/v1.5.0"),
            (&[("BRANCH_NAME", "PR-12"), ("CHANGE_ID", "12")], "GITHUB_REF=refs/pull/12/merge"),
            (&[("CHANGE_ID", "12")], "GITHUB_EVENT_NAME=pull_request"),
            (&[("CHANGE_TARGET", "main")], "GITHUB_BASE_REF=main"),
            (&[("CHANGE_BRANCH", "cake")], "GITHUB_HEAD_REF=cake"),
            (&[("GIT_BRANCH", "origin/main")], "GITHUB_REF=refs/heads/main"),
            (&[("GIT_LOCAL_BRANCH", "next"), ("GIT_BRANCH", "origin/main")], "GITHUB_REF=refs/heads/next"),
            (&[("GIT_COMMIT", "0f1e2d3c")], "GITHUB_SHA=0f1e2d3c"),
            (&[("GIT_URL", "https://github.com/acme/shop.git")], "GITHUB_REPOSITORY=acme/shop"),
            (&[("GIT_URL", "git@github.com:acme/shop.git")], "GITHUB_REPOSITORY=acme/shop"),
            (&[("BUILD_URL", "https://ci.example/job/shop/7/")], "SLIPWAY_RUN_URL=https://ci.example/job/shop/7/"),
            (&[("BUILD_NUMBER", "7")], "GITHUB_RUN_NUMBER=7"),
            (&[("BUILD_USER_ID", "ada"), ("CHANGE_AUTHOR", "bob")], "GITHUB_ACTOR=ada"),
        ] {
            tells(&[&[("JENKINS_URL", "https://ci.example/")], more].concat(), &[expected]);
        }
        let detached = of(&[("JENKINS_HOME", "/var/jenkins"), ("GIT_BRANCH", "detached")]);
        let expected = ["GITHUB_EVENT_NAME=push", "GITHUB_TRIGGERING_ACTOR="];
        assert_eq!(detached.0, expected, "what is not known is not told");
        let primary = [("JENKINS_HOME", "/"), ("BRANCH_NAME", "trunk"), ("BRANCH_IS_PRIMARY", "true")];
        assert_eq!(of(&primary).1["repository"]["default_branch"], "trunk");
    }

    #[test]
    fn codebuild_tells_of_branches_tags_and_pull_requests() {
        for (more, expected) in [
            (&[("CODEBUILD_WEBHOOK_TRIGGER", "branch/main")][..], "GITHUB_REF=refs/heads/main"),
            (&[("CODEBUILD_WEBHOOK_TRIGGER", "tag/v1.5.0")], "GITHUB_REF=refs/tags/v1.5.0"),
            (&[("CODEBUILD_WEBHOOK_TRIGGER", "pr/12")], "GITHUB_REF=refs/pull/12/merge"),
            (&[("CODEBUILD_WEBHOOK_TRIGGER", "pr/12")], "GITHUB_EVENT_NAME=pull_request"),
            (&[("CODEBUILD_WEBHOOK_TRIGGER", "branch/main")], "GITHUB_EVENT_NAME=push"),
            (&[("CODEBUILD_WEBHOOK_BASE_REF", "refs/heads/main")], "GITHUB_BASE_REF=main"),
            (&[("CODEBUILD_SOURCE_VERSION", "refs/heads/main")], "GITHUB_REF=refs/heads/main"),
            (&[("CODEBUILD_INITIATOR", "ada")], "GITHUB_ACTOR=ada"),
            (&[("CODEBUILD_RESOLVED_SOURCE_VERSION", "0f1e2d3c")], "GITHUB_SHA=0f1e2d3c"),
            (&[("CODEBUILD_SOURCE_REPO_URL", "https://github.com/acme/shop.git")], "GITHUB_REPOSITORY=acme/shop"),
            (&[("CODEBUILD_BUILD_NUMBER", "7")], "GITHUB_RUN_NUMBER=7"),
            (&[("CODEBUILD_BUILD_URL", "https://aws.example/7")], "SLIPWAY_RUN_URL=https://aws.example/7"),
        ] {
            tells(&[&[("CODEBUILD_BUILD_ARN", "arn:aws:codebuild:x")], more].concat(), &[expected]);
        }
        let event = of(&[("CODEBUILD_BUILD_ARN", "arn"), ("CODEBUILD_WEBHOOK_TRIGGER", "pr/12")]).1;
        assert_eq!(event["pull_request"]["number"], 12);
    }

    #[test]
    fn github_tells_for_itself() {
        assert_eq!(of(&[("GITHUB_ACTIONS", "true"), ("GITLAB_CI", "true"), ("CI_COMMIT_SHA", "a")]).0.len(), 0);
        assert_eq!(of(&[("CI_COMMIT_SHA", "a"), ("GITLAB_CI", "")]).0.len(), 0);
    }
}
