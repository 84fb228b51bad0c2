//! Reading commits: one git process, its output taken apart as it comes, bytes that need not be UTF-8.

use std::ops::ControlFlow;

use serde::Serialize;
use slipway_core::git::{Argv, CommitId, Git};
use slipway_core::text::shorten;
use slipway_core::{Error, ErrorKind, Host, Result};

use crate::conventional::{self, Classification, Reverted};

/// How much of a message is read; the rest of a longer one is not looked at.
const MESSAGE_LIMIT: usize = 64 * 1024 * 1024;
/// How much of a subject is kept, in characters.
const SUBJECT_LIMIT: usize = 200;

/// A commit, as far as it matters for a version.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Commit {
    /// Its id.
    pub id: CommitId,
    /// The first line of the message.
    pub subject: String,
    /// What the message says.
    #[serde(flatten)]
    pub said: Classification,
    /// The messages in the message: commits that were squashed into it, or the title of the pull request that it merges.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Classification>,
    /// What it takes back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reverts: Vec<Reverted>,
    /// The pull request that it brought in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<u64>,
    /// The branch that it merged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The commits that it follows; where the history is cut off, those that are known.
    #[serde(skip)]
    pub parents: Vec<CommitId>,
}

impl Commit {
    /// Reads a message.
    pub(crate) fn read(id: CommitId, parents: Vec<CommitId>, message: &[u8]) -> Self {
        let message = String::from_utf8_lossy(message);
        let read = conventional::read(&message);
        let subject = message.trim_start().lines().next().unwrap_or_default().trim_end();
        Self {
            id,
            subject: shorten(subject, SUBJECT_LIMIT),
            said: read.said,
            parts: read.parts,
            reverts: read.reverts,
            pull_request: read.pull_request,
            branch: read.branch,
            parents,
        }
    }

    /// A commit without parents.
    #[cfg(test)]
    pub(crate) fn alone(id: CommitId, message: &[u8]) -> Self {
        Self::read(id, Vec::new(), message)
    }
}

/// Which commits to read.
pub(crate) enum Range<'a> {
    /// Those of the second that the first does not have.
    Since(&'a CommitId, &'a CommitId),
    /// All that these lead to.
    From(&'a [CommitId]),
}

/// Reads commits, children before their parents.
///
/// # Errors
/// `Git` if git fails.
pub(crate) async fn read<H: Host>(git: &Git<'_, H>, range: Range<'_>) -> Result<Vec<Commit>> {
    let log = Argv::new("log").flag("-z").flag("--topo-order").flag("--format=tformat:%H %P%x00%B").end_of_options();
    let log = match range {
        Range::Since(from, to) => log.range(from, to),
        Range::From(tips) => tips.iter().fold(log, Argv::commit),
    };
    let mut reader = Fields::default();
    let (mut commits, mut id, mut unreadable) = (Vec::new(), None, None);
    let mut on_field = |field: &[u8]| match id.take() {
        None => match lineage(field) {
            Ok(read) => id = Some(read),
            Err(error) => unreadable = Some(error),
        },
        Some((id, parents)) => commits.push(Commit::read(id, parents, field)),
    };
    let mut on_output = |chunk: &[u8]| {
        reader.take(chunk, &mut on_field);
        ControlFlow::Continue(())
    };
    git.stream(log, &mut on_output).await?;
    match unreadable {
        Some(error) => Err(Error::new(ErrorKind::Git, format!("git listed a commit in no known form: {error}"))),
        None => Ok(commits),
    }
}

/// A commit and its parents, in `%H %P`.
fn lineage(field: &[u8]) -> Result<(CommitId, Vec<CommitId>)> {
    let text = String::from_utf8_lossy(field);
    let (id, parents) = text.split_once(' ').unwrap_or((&text, ""));
    let parents = parents.split(' ').filter(|id| !id.is_empty()).map(str::parse).collect::<Result<_>>()?;
    Ok((id.parse()?, parents))
}

/// Puts fields that end with NUL together from pieces of any length.
#[derive(Default)]
pub(crate) struct Fields {
    open: Vec<u8>,
}

impl Fields {
    /// Takes a piece, and hands on every field that ends in it.
    pub(crate) fn take(&mut self, chunk: &[u8], on_field: &mut impl FnMut(&[u8])) {
        let mut pieces = chunk.split(|byte| *byte == 0);
        // `split` gives at least one piece; every piece after it means that a field ended before it.
        let mut piece = pieces.next().unwrap_or_default();
        for next in pieces {
            self.extend(piece);
            on_field(&self.open);
            self.open.clear();
            piece = next;
        }
        self.extend(piece);
    }

    fn extend(&mut self, piece: &[u8]) {
        let room = MESSAGE_LIMIT.saturating_sub(self.open.len());
        self.open.extend_from_slice(&piece[..piece.len().min(room)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_put_together_from_any_pieces() {
        let output = b"one\0\0three\0fo\xffur\0";
        for length in 1..=output.len() {
            let (mut reader, mut fields) = (Fields::default(), Vec::new());
            for chunk in output.chunks(length) {
                reader.take(chunk, &mut |field| fields.push(field.to_vec()));
            }
            assert_eq!(fields, [b"one".to_vec(), vec![], b"three".to_vec(), b"fo\xffur".to_vec()], "{length}");
        }
    }

    #[test]
    fn messages_that_are_not_text_are_read_as_far_as_they_are() {
        let id: CommitId = "a".repeat(40).parse().unwrap();
        let commit = Commit::alone(id.clone(), b"feat: gr\xf6\xdfe\n\nBREAKING CHANGE: \xff");
        assert_eq!(commit.subject, "feat: gr\u{fffd}\u{fffd}e");
        assert!(commit.said.breaking.is_some());
        assert_eq!(Commit::alone(id, b"f\0e\0a\0t\0").said.kind, None);
    }
}
