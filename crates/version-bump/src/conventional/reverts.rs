//! What a message takes back, and what it brings back.

use std::fmt;

use serde::{Serialize, Serializer};

use super::merge::request_at_end;

/// So many things one message can take back.
const LIMIT: usize = 1000;
/// From this length on the beginning of a commit's id is taken for it, if only one commit begins like that.
const SHORTEST_ID: usize = 7;

/// What a message says it takes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reverted {
    /// A commit, by its id or the beginning of it.
    Commit(String),
    /// Everything that a pull request brought.
    PullRequest(u64),
}

impl fmt::Display for Reverted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Commit(id) => f.write_str(id),
            Self::PullRequest(number) => write!(f, "#{number}"),
        }
    }
}

impl Serialize for Reverted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a message takes back, if its header, or its type, is that of a revert.
pub(super) fn targets(message: &str, kind: Option<&str>) -> Vec<Reverted> {
    let by_type = kind == Some("revert");
    if !by_type && !is_revert(message) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut start = 0;
    for line in message.split_inclusive('\n') {
        let rest = &message[start..];
        start += line.len();
        if found.len() >= LIMIT {
            break;
        }
        if let Some(list) = strip_any(rest, &["This reverts commit ", "This reverts commits "]) {
            found.extend(ids(list).map(|id| Reverted::Commit(id.into())));
        } else if let Some(list) = strip_any(line, &["Refs: ", "refs: ", "REFS: "]).filter(|_| by_type) {
            found.extend(ids(list).map(|id| Reverted::Commit(id.into())));
        } else if let Some(what) = strip_any(line, &["Reverts ", "This reverts merge request "]) {
            let what = what.trim_end().trim_end_matches('.');
            let number = what.rsplit_once(['#', '!']).filter(|(repository, _)| !repository.contains(' '));
            found.extend(number.and_then(|(_, number)| number.parse().ok()).map(Reverted::PullRequest));
        }
    }
    if found.is_empty() {
        // Where the body is left out, the title still ends with the number of what it takes back.
        let header = message.lines().next().unwrap_or_default();
        found.extend(taken_back(header).and_then(request_at_end).map(Reverted::PullRequest));
    }
    found.truncate(LIMIT);
    found
}

/// The header that comes back: of `Reapply "…"`, or of a revert of a revert.
pub(crate) fn reapplied(subject: &str) -> Option<&str> {
    quoted(subject, "Reapply ").or_else(|| quoted(quoted(subject, "Revert ")?, "Revert "))
}

/// The header that is taken back: of `Revert "…"`.
pub(super) fn taken_back(subject: &str) -> Option<&str> {
    quoted(subject, "Revert ")
}

fn quoted<'a>(subject: &'a str, verb: &str) -> Option<&'a str> {
    let quoted = subject.strip_prefix(verb)?.strip_prefix('"')?;
    // The number of the pull request that took it back may follow.
    quoted.rfind('"').filter(|end| !quoted[end + 1..].contains(|c: char| c.is_alphabetic())).map(|end| &quoted[..end])
}

pub(super) fn is_revert(header: &str) -> bool {
    header.starts_with("Revert \"") || header.starts_with("Reapply \"")
}

fn strip_any<'a>(text: &'a str, prefixes: &[&str]) -> Option<&'a str> {
    prefixes.iter().find_map(|prefix| text.strip_prefix(prefix))
}

/// The ids at the beginning of a text, separated by commas, white space or `and`.
fn ids(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty() && *word != "and");
    let is_id = |word: &&str| {
        (SHORTEST_ID..=64).contains(&word.len()) && word.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    words.map(|word| word.trim_end_matches(['.', ';'])).take_while(is_id).take(LIMIT)
}
