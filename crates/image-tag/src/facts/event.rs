//! What the payload of the event says about the run.

use serde_json::Value;
use slipway_core::github::Environment;

use super::Facts;

/// A run for a pull request can be about the pull request where the runner names the branch below it.
pub(super) fn follow_pull_request(environment: &Environment, wants_head: bool, facts: &mut Facts) {
    let event = &environment.event;
    if environment.event_name.contains("pull_request_target")
        && let Some(number) = event["number"].as_u64()
    {
        facts.git_ref = format!("refs/pull/{number}/merge");
    }
    if wants_head
        && environment.event_name.contains("pull_request")
        && let Some(head) = environment.event_text(&["pull_request", "head", "sha"])
    {
        facts.sha = head.into();
    }
}

/// What is read from the payload once the ref is known.
pub(super) fn describe(environment: &Environment, facts: &mut Facts) {
    let event = &environment.event;
    let text = |path: &[&str]| environment.event_text(path).unwrap_or_default().to_owned();
    facts.event_default_branch = environment.event_text(&["repository", "default_branch"]).map(Into::into);
    if facts.git_ref.starts_with("refs/tags/") {
        facts.base_ref = branch(text(&["base_ref"]));
    } else if facts.git_ref.starts_with("refs/pull/") {
        facts.base_ref = text(&["pull_request", "base", "ref"]);
    }
    facts.head_ref = text(&["pull_request", "head", "ref"]);
    let queued = || queued(event["merge_group"]["head_ref"].as_str()?);
    facts.pull_request_number = environment.pull_request().or_else(queued);
}

fn branch(name: String) -> String {
    name.strip_prefix("refs/heads/").map(Into::into).unwrap_or(name)
}

/// The pull request in the name of an entry of a merge queue: `gh-readonly-queue/main/pr-7-0f1e2d3c…`.
fn queued(name: &str) -> Option<u64> {
    let (number, sha) = name.rsplit_once("/pr-")?.1.split_once('-')?;
    let is_sha = sha.len() >= 40 && sha.bytes().all(|b| b.is_ascii_hexdigit());
    number.parse().ok().filter(|_| is_sha && name.contains("gh-readonly-queue/"))
}

/// When the commit was made, if the payload carries the commit. The inner value is nothing if it is not a time.
pub(super) fn commit_time<'a>(event: &'a Value, sha: &str) -> Option<&'a str> {
    let listed = event["commits"].as_array().into_iter().flatten().find(|commit| commit["id"] == sha);
    let listed = listed.and_then(|commit| commit["timestamp"].as_str()).filter(|time| !time.is_empty());
    let head = &event["head_commit"];
    listed.or_else(|| head["timestamp"].as_str().filter(|_| head["id"] == sha))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn entries_of_a_merge_queue_name_their_pull_request() {
        let sha = "aa11bb22cc33dd44ee55ff6600778899aabbccdd";
        for (name, expected) in [
            (format!("refs/heads/gh-readonly-queue/main/pr-7-{sha}"), Some(7)),
            (format!("refs/heads/gh-readonly-queue/release/2.x/pr-12-{sha}"), Some(12)),
            (format!("refs/heads/gh-readonly-queue/a/pr-1-{sha}/pr-12-{sha}"), Some(12)),
            (format!("refs/heads/topic/pr-7-{sha}"), None),
            ("refs/heads/gh-readonly-queue/main/pr-7-short".into(), None),
            (format!("refs/heads/gh-readonly-queue/main/pr-x-{sha}"), None),
            (String::new(), None),
        ] {
            assert_eq!(queued(&name), expected, "{name}");
        }
    }

    #[test]
    fn the_commit_is_looked_for_where_events_carry_it() {
        let event = json!({
            "commits": [{"id": "a", "timestamp": "1"}, {"id": "b", "timestamp": "2"}, 3],
            "head_commit": {"id": "c", "timestamp": "3"},
        });
        let found = |sha: &str| commit_time(&event, sha);
        assert_eq!((found("b"), found("c"), found("d")), (Some("2"), Some("3"), None));
        assert_eq!(commit_time(&Value::Null, "a"), None);
    }
}
