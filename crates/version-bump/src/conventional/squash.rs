//! The body of a squashed pull request: the messages of its commits as a list, as GitHub writes it.
//!
//! Every message begins with `* `; a line of hyphens ends the last one, and the co-authors follow.

use super::reverts::{Reverted, reapplied, taken_back, targets};
use super::{Classification, classify};

/// So many messages are read; GitHub itself lists at most 250 commits.
const LIMIT: usize = 1000;

/// What the body of a squashed pull request says.
#[derive(Debug, Default)]
pub(super) struct Squashed {
    /// The messages that are conventional commits and were not taken back.
    pub parts: Vec<Classification>,
    /// What they take back of other commits.
    pub reverts: Vec<Reverted>,
    /// What was not read.
    pub doubt: Option<&'static str>,
}

/// Reads the body below the title, if it begins with a list.
pub(super) fn read(body: &str) -> Squashed {
    let mut read = Squashed::default();
    if !body.trim_start().starts_with("* ") {
        return read;
    }
    let mut parts: Vec<Part<'_>> = Vec::new();
    let messages = messages(body);
    if messages.len() > LIMIT {
        read.doubt = Some("was squashed of more than 1000 commits, and only the first of them are read");
    }
    for message in messages.into_iter().take(LIMIT) {
        let header = message.lines().next().unwrap_or_default().trim_end();
        if let Some(again) = reapplied(header) {
            match parts.iter_mut().rev().find(|part| part.is_taken_back && part.header == again) {
                Some(part) => part.is_taken_back = false,
                None => parts.push(Part::new(again, again)),
            }
        } else if let Some(back) = taken_back(header) {
            match parts.iter_mut().rev().find(|part| !part.is_taken_back && part.header == back) {
                Some(part) => part.is_taken_back = true,
                None => read.reverts.extend(targets(message, None)),
            }
        } else {
            parts.push(Part::new(header, message));
        }
    }
    read.parts = parts.into_iter().filter(|part| !part.is_taken_back).filter_map(|part| part.said).collect();
    read
}

struct Part<'a> {
    header: &'a str,
    said: Option<Classification>,
    is_taken_back: bool,
}

impl<'a> Part<'a> {
    fn new(header: &'a str, message: &str) -> Self {
        Self { header, said: Some(classify(message)).filter(|said| said.kind.is_some()), is_taken_back: false }
    }
}

/// The messages of the list, without what marks them. One begins after a blank line, or right below the header of another: a list
/// in the middle of a paragraph is prose.
fn messages(body: &str) -> Vec<&str> {
    let (mut starts, mut end, mut at) = (Vec::new(), body.len(), 0);
    let mut may_begin = true;
    for line in body.split_inclusive('\n') {
        if line.len() >= 9 && !line.trim_end().is_empty() && line.trim_end().bytes().all(|b| b == b'-') {
            end = at;
            break;
        }
        let begins = may_begin && line.starts_with("* ");
        if begins {
            starts.push(at);
        }
        may_begin = begins || line.trim().is_empty();
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([end]);
    starts.iter().zip(ends).map(|(start, end)| body[start + 2..end].trim()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(body: &str) -> Vec<String> {
        let shown = |part: Classification| {
            format!("{}{}", part.kind.unwrap_or_default(), if part.breaking.is_some() { "!" } else { "" })
        };
        read(body).parts.into_iter().map(shown).collect()
    }

    #[test]
    fn every_message_counts_on_its_own() {
        for (body, expected) in [
            ("\n* feat: a\n\n* fix: b\n", &["feat", "fix"][..]),
            ("\n* fix: typo\n* chore: fmt\n", &["fix", "chore"]),
            ("\n* feat!: a\n\n* wip\n", &["feat!"]),
            ("\n* feat: a\n\nBREAKING CHANGE: b\n\n* fix: c\n", &["feat!", "fix"]),
            ("\n* feat: a\n\n---------\n\nCo-authored-by: A <a@b.c>\n\n* fix: b\n", &["feat"]),
            ("\n* docs: a\n\nThis does:\n* fix: b\n", &["docs"]),
            ("\nSome prose.\n\n* feat: a\n", &[]),
            ("\n- feat: a\n- fix: b\n", &[]),
            ("\nBumps lib.\n\n* feat: of the library\n", &[]),
            ("\n> * feat: quoted\n", &[]),
            ("\n* feat: a\n\n* Revert \"feat: a\"\n\nThis reverts commit 0123456.\n", &[]),
            ("\n* feat: a\n\n* Revert \"feat: a\"\n\n* Reapply \"feat: a\"\n", &["feat"]),
            ("\n* Reapply \"feat: a\"\n", &["feat"]),
            ("\n* Revert \"feat: a\"\n\n* feat: a\n", &["feat"]),
            ("", &[]),
        ] {
            assert_eq!(parts(body), expected, "{body:?}");
        }
    }

    #[test]
    fn what_is_not_read_is_told() {
        let body = format!("\n{}* feat!: last\n", "* fix: a\n".repeat(2000));
        let read = read(&body);
        assert_eq!(read.parts.len(), LIMIT);
        assert!(read.doubt.is_some());
    }
}
