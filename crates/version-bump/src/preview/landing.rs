//! The commits that merging a pull request makes, with the messages that GitHub writes.

use std::fmt::Write;

use slipway_core::git::CommitId;

use super::Change;
use super::event::{Body, Method, PullRequest};
use crate::facts::Facts;
use crate::history::Commit;

impl Change {
    /// The facts as they would be after merging.
    pub(super) fn landed(&self, facts: &Facts, request: &PullRequest, method: Method) -> Facts {
        let mut landed = facts.clone();
        let newer = landed.newer.as_mut().map(|newer| &mut newer.commits);
        let channels = landed.own.as_mut().map(|own| &mut own.commits);
        for commits in [Some(&mut landed.commits), newer, channels].into_iter().flatten() {
            *commits = self.land(request, method, std::mem::take(commits));
        }
        landed
    }

    /// The commits since a release as they would be after merging. The id of one that GitHub makes is not known yet: a squash has that
    /// of the pull request's head, a merge that of the merge which GitHub tries out.
    fn land(&self, request: &PullRequest, method: Method, commits: Vec<Commit>) -> Vec<Commit> {
        let is_trial = |commit: &Commit| self.subject.trial.as_ref() == Some(&commit.id);
        let trial = commits.iter().find(|commit| is_trial(commit)).cloned();
        let (own, waiting): (Vec<Commit>, Vec<Commit>) =
            commits.into_iter().filter(|commit| !is_trial(commit)).partition(|commit| self.own.contains(&commit.id));
        let made = |id: &CommitId, parents: Vec<CommitId>, message: String| {
            let touched = trial.as_ref().map(|trial| trial.touched.clone()).unwrap_or_default();
            Commit { touched, ..Commit::read(id.clone(), parents, message.as_bytes()) }
        };
        let parents = trial.as_ref().map(|trial| trial.parents.clone()).unwrap_or_default();
        let mut landed = match method {
            // What changes nothing that counts leaves no commit that does.
            _ if own.is_empty() => own,
            Method::Rebase => own,
            Method::Squash => {
                let base = parents.into_iter().take(1).collect();
                vec![made(&request.head, base, squash_message(request, &self.messages))]
            }
            Method::Merge => {
                let merge = self.subject.trial.as_ref().map(|id| made(id, parents, merge_message(request)));
                merge.into_iter().chain(own).collect()
            }
        };
        landed.extend(waiting);
        landed
    }
}

fn merge_message(request: &PullRequest) -> String {
    let number = request.number;
    let title = if request.messages.merge_title_is_own {
        format!("{} (#{number})", request.title)
    } else {
        format!("Merge pull request #{number} from {}", request.from)
    };
    match request.messages.merge_body {
        Body::Default => format!("{title}\n\n{}", request.title),
        Body::Text => format!("{title}\n\n{}", request.body),
        Body::Blank => title,
    }
}

/// The message of a squash of commits with these messages, oldest first.
fn squash_message(request: &PullRequest, messages: &[String]) -> String {
    let title = match messages {
        [only] if !request.messages.squash_title_is_own => only.lines().next().unwrap_or_default(),
        _ => request.title.as_str(),
    };
    let title = format!("{title} (#{})", request.number);
    match (request.messages.squash_body, messages) {
        (Body::Blank, _) => title,
        (Body::Text, _) => format!("{title}\n\n{}", request.body),
        (Body::Default, [only]) => format!("{title}\n{}", only.split_once('\n').map_or("", |(_, body)| body)),
        (Body::Default, many) => many.iter().fold(title, |mut message, commit| {
            // Writing to a String cannot fail.
            let _ = write!(message, "\n\n* {}", commit.trim());
            message
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(settings: &str) -> PullRequest {
        let event = format!(
            r#"{{"pull_request":{{"number":12,"title":"feat: zip","body":"The text.",
            "head":{{"sha":"{}","ref":"x/zip","user":{{"login":"eve"}}}},"base":{{"ref":"main","repo":{{{settings}}}}}}}}}"#,
            "a".repeat(40)
        );
        PullRequest::read(&serde_json::from_str(&event).unwrap()).unwrap()
    }

    #[test]
    fn messages_are_those_that_github_writes() {
        let pair = ["fix: a\n\nBREAKING CHANGE: b\n".to_owned(), "wip\n".to_owned()];
        for (settings, own, expected) in [
            ("", &pair[..], "feat: zip (#12)\n\n* fix: a\n\nBREAKING CHANGE: b\n\n* wip"),
            ("", &pair[..1], "fix: a (#12)\n\nBREAKING CHANGE: b\n"),
            (r#""squash_merge_commit_title":"PR_TITLE""#, &pair[..1], "feat: zip (#12)\n\nBREAKING CHANGE: b\n"),
            (r#""squash_merge_commit_message":"BLANK""#, &pair, "feat: zip (#12)"),
            (r#""squash_merge_commit_message":"PR_BODY""#, &pair, "feat: zip (#12)\n\nThe text."),
            ("", &[], "feat: zip (#12)"),
        ] {
            assert_eq!(squash_message(&request(settings), own), expected, "{settings}");
        }
        for (settings, expected) in [
            ("", "Merge pull request #12 from eve/x/zip\n\nfeat: zip"),
            (r#""merge_commit_title":"PR_TITLE","merge_commit_message":"BLANK""#, "feat: zip (#12)"),
            (r#""merge_commit_message":"PR_BODY""#, "Merge pull request #12 from eve/x/zip\n\nThe text."),
        ] {
            assert_eq!(merge_message(&request(settings)), expected, "{settings}");
        }
    }
}
