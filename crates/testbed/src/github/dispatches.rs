//! Starting workflows: what was asked for is kept, nothing runs.

use super::asked::{Answered, Asked, Refusal, Reply, Route};
use super::forge::Dispatch;

pub(super) const ROUTES: &[Route] = &[
    ("POST", "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches", workflow),
    ("POST", "/repos/{owner}/{repo}/dispatches", repository),
];

fn workflow(asked: &mut Asked<'_>) -> Answered {
    let (file, name) = (asked.parameter("workflow_id").to_owned(), asked.text("ref").unwrap_or_default().to_owned());
    let no_ref = || Refusal::new(422, format!("No ref found for: {name}"));
    // A branch or a tag, never a commit.
    let refs = asked.git()?.refs();
    let known = ["", "refs/heads/", "refs/tags/"].iter().map(|start| format!("{start}{name}"));
    let git_ref = known.into_iter().find(|name| refs.contains_key(name)).ok_or_else(no_ref)?;
    let default = asked.repository.default_branch.clone();
    let path = format!(".github/workflows/{file}");
    if asked.git()?.read(&default, &path).is_none() {
        return Err(Refusal::not_found());
    }
    let content = asked.git()?.read(&git_ref, &path).unwrap_or_default();
    if !content.contains("workflow_dispatch") {
        return Err(Refusal::new(422, "Workflow does not have 'workflow_dispatch' trigger"));
    }
    let payload = asked.body["inputs"].clone();
    asked.forge.dispatches.push(Dispatch { name: file, git_ref: Some(git_ref), payload });
    Ok(Reply::no_content())
}

fn repository(asked: &mut Asked<'_>) -> Answered {
    let name = asked.text("event_type").unwrap_or_default().to_owned();
    let payload = asked.body["client_payload"].clone();
    asked.forge.dispatches.push(Dispatch { name, git_ref: None, payload });
    Ok(Reply::no_content())
}
