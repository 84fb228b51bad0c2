//! Merging a pull request, as people do it with a button: with a merge commit, squashed, or rebased.

use serde_json::json;
use tempfile::TempDir;

use super::asked::{Answered, Asked, Refusal, Reply, Route};
use super::forge::Merged;
use super::pulls::{commits, ends, find, is_mergeable};
use super::refs;
use crate::git;

pub(super) const ROUTES: &[Route] = &[("PUT", "/repos/{owner}/{repo}/pulls/{pull_number}/merge", merge)];

fn merge(asked: &mut Asked<'_>) -> Answered {
    let index = find(asked)?;
    let pull = &asked.forge.pulls[index];
    if !pull.open || !is_mergeable(asked, pull) {
        return Err(Refusal::new(405, "Pull Request is not mergeable"));
    }
    let (head, base) = ends(asked, pull);
    if asked.text("sha").is_some_and(|expected| expected != head) {
        return Err(Refusal::new(409, "Head branch was modified. Review and try the merge again."));
    }
    let mut brought = commits(asked, &pull.base, &pull.head);
    let title = asked.text("commit_title").map(str::to_owned);
    let method = asked.text("merge_method").unwrap_or("merge");
    let (first, second) = match method {
        "squash" => (format!("{} (#{})", pull.title, pull.number), squashed(asked, &brought)),
        _ => (format!("Merge pull request #{} from {}/{}", pull.number, asked.owner(), pull.head), pull.title.clone()),
    };
    let text = asked.text("commit_message").map_or(second, str::to_owned);
    let message = format!("{}\n\n{text}", title.unwrap_or(first));
    let commit = carry_out(asked, method, &base, &head, message.trim_end())
        .map_err(|_| Refusal::new(405, "This branch can't be rebased"))?;
    refs::put(asked, &format!("refs/heads/{}", pull.base), &commit)?;
    let made = asked.git()?.git(&["rev-list", &format!("{base}..{commit}")]);
    brought.extend(made.lines().map(str::to_owned));
    let merged = Merged { commit: commit.clone(), at: asked.forge.now(), commits: brought };
    let pull = &mut asked.forge.pulls[index];
    (pull.open, pull.ends, pull.merged) = (false, Some((head, base)), Some(merged));
    Ok(Reply::ok(json!({ "sha": commit, "merged": true, "message": "Pull Request successfully merged" })))
}

/// GitHub's text of a squashed commit: the messages of several commits as a list, or what follows the first line of a single one.
fn squashed(asked: &Asked<'_>, commits: &[String]) -> String {
    let messages =
        commits.iter().rev().filter_map(|commit| Some(asked.git().ok()?.log(commit).into_iter().next()?.message));
    let messages: Vec<String> = messages.collect();
    match &messages[..] {
        [only] => only.split_once("\n\n").map_or_else(String::new, |(_, text)| text.to_owned()),
        several => several.iter().map(|message| format!("* {message}")).collect::<Vec<_>>().join("\n\n"),
    }
}

/// Does it in a clone, and gives the commit that the base is at then; the base itself is not moved.
fn carry_out(asked: &Asked<'_>, method: &str, base: &str, head: &str, message: &str) -> Result<String, String> {
    let Ok(bare) = asked.git() else { return Err("no repository".into()) };
    let directory = TempDir::with_prefix("merge-").expect("a temporary directory");
    // One minute after the newer of the two, so that dates tell the order.
    let date = |commit: &str| bare.git(&["log", "-1", "--format=%ct", commit]).parse::<u64>().unwrap_or_default();
    let date = format!("@{} +0000", date(base).max(date(head)) + 60);
    let run = |arguments: &[&str]| {
        let mut command = git::command(directory.path());
        command.env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date);
        git::run(command, arguments)
    };
    let source = bare.path().to_str().expect("a UTF-8 path");
    run(&["clone", "--quiet", "--no-checkout", source, "."])?;
    match method {
        "rebase" => {
            run(&["checkout", "--quiet", "--detach", head])?;
            run(&["rebase", "--quiet", "--force-rebase", base])?;
        }
        "squash" => {
            run(&["checkout", "--quiet", "--detach", base])?;
            run(&["merge", "--quiet", "--squash", head])?;
            run(&["commit", "--quiet", "--allow-empty", "--message", message])?;
        }
        _ => {
            run(&["checkout", "--quiet", "--detach", base])?;
            run(&["merge", "--quiet", "--no-ff", "--message", message, head])?;
        }
    }
    run(&["push", "--quiet", "origin", "HEAD:refs/testbed/merged"])?;
    bare.git(&["update-ref", "-d", "refs/testbed/merged"]);
    run(&["rev-parse", "HEAD"])
}
