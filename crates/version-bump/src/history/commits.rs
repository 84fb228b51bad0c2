//! Reading commits: one git process, its output taken apart as it comes, bytes that need not be UTF-8.

use std::collections::HashMap;
use std::ops::ControlFlow;

use serde::Serialize;
use slipway_core::git::{Argv, CommitId, Git};
use slipway_core::text::shorten;
use slipway_core::{Error, ErrorKind, Host, Result};

use crate::component::{Scope, Touched};
use crate::conventional::{self, Classification, Message, Reverted};
use crate::notes::{Person, authors};
use crate::release::above::{RELEASE_COMMIT, is_release_commit};

/// How much of a message is read; the rest of a longer one is not looked at.
const MESSAGE_LIMIT: usize = 64 * 1024 * 1024;
/// How much of all messages together is kept whole, in bytes.
const KEPT_LIMIT: usize = 8 * 1024 * 1024;
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
    /// Who made it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<Person>,
    /// The commits that it follows; where the history is cut off, those that are known.
    #[serde(skip)]
    pub parents: Vec<CommitId>,
    /// What it changes, if only some paths count.
    #[serde(flatten)]
    pub touched: Touched,
    /// The whole message, if it is needed once more.
    #[serde(skip)]
    pub message: Option<Box<str>>,
}

impl Commit {
    /// Reads a message.
    pub(crate) fn read(id: CommitId, parents: Vec<CommitId>, message: &[u8]) -> Self {
        let message = String::from_utf8_lossy(message);
        let mut read = conventional::read(&message);
        if is_release_commit(&message) {
            let said = Classification { reason: RELEASE_COMMIT.into(), ..Classification::default() };
            read = Message { said, ..Message::default() };
        }
        let subject = message.trim_start().lines().next().unwrap_or_default().trim_end();
        Self {
            id,
            subject: shorten(subject, SUBJECT_LIMIT),
            said: read.said,
            parts: read.parts,
            reverts: read.reverts,
            pull_request: read.pull_request,
            branch: read.branch,
            authors: Vec::new(),
            parents,
            touched: Touched::default(),
            message: None,
        }
    }

    /// The same commit with its message.
    pub(crate) fn keeping(self, message: &[u8]) -> Self {
        Self { message: Some(String::from_utf8_lossy(message).into()), ..self }
    }

    /// The whole message if it was kept, else its first line.
    pub(crate) fn message(&self) -> &str {
        self.message.as_deref().unwrap_or(&self.subject)
    }

    /// A commit without parents.
    #[cfg(test)]
    pub(crate) fn alone(id: CommitId, message: &[u8]) -> Self {
        Self::read(id, Vec::new(), message)
    }
}

/// All commits that lead to one of the tips, but for those that lead to one of the others too.
#[derive(Clone, Copy)]
pub(crate) struct Range<'a> {
    pub tips: &'a [CommitId],
    pub without: &'a [CommitId],
}

/// Reads commits, children before their parents; with a scope, those that changed something in it, by git's history simplification,
/// and the merges that brought such changes in.
///
/// # Errors
/// `Git` if git fails.
pub(crate) async fn read<H: Host>(git: &Git<'_, H>, range: Range<'_>, scope: Option<&Scope>) -> Result<Vec<Commit>> {
    // With what is left out of the list, the parents of a commit are those among the rest.
    let argv = if scope.is_some() { with_names(log()).flag("--show-pulls").flag("--parents") } else { log() };
    let argv = range.tips.iter().fold(argv.end_of_options(), Argv::commit);
    let argv = range.without.iter().fold(argv, Argv::without);
    let Some(scope) = scope else { return Ok(Records::read(git, argv, None).await?.commits) };
    let mut commits = Records::read(git, scope.restrict(argv), Some(scope)).await?.commits;
    name_merges(git, scope, &mut commits).await?;
    // Of several parts, one can leave out what another has: git was asked for both.
    commits.retain(|commit| !commit.touched.is_empty());
    Ok(commits)
}

/// Looks up what merges brought into the branch that they were made on, which a walk over the history does not tell.
async fn name_merges<H: Host>(git: &Git<'_, H>, scope: &Scope, commits: &mut [Commit]) -> Result<()> {
    let mut nameless: HashMap<CommitId, &mut Touched> = commits
        .iter_mut()
        .filter(|commit| commit.touched.is_empty())
        .map(|commit| (commit.id.clone(), &mut commit.touched))
        .collect();
    if nameless.is_empty() {
        return Ok(());
    }
    let ids: String = nameless.keys().map(|id| format!("{id}\n")).collect();
    let argv = with_names(log()).flag("--diff-merges=first-parent").flag("--no-walk=unsorted").flag("--stdin");
    let output = git.feed(scope.restrict(argv), ids.into_bytes()).await?;
    let mut records = Records::new(Some(scope));
    Fields::default().take(&output, &mut |field| records.take(field));
    for merge in records.commits {
        if let Some(touched) = nameless.remove(&merge.id) {
            *touched = merge.touched;
        }
    }
    Ok(())
}

/// The names of what each commit changes, whatever the user's settings say of differences.
fn with_names(argv: Argv) -> Argv {
    let settings = ["log.showRoot=true", "log.follow=false", "diff.relative=false", "diff.ignoreSubmodules=none"];
    let argv = settings.into_iter().fold(argv, Argv::setting);
    argv.flag("--no-renames").flag("--name-only")
}

/// Reads the commits since one that has to be an ancestor; nothing if it is not.
///
/// # Errors
/// `Git` if git fails, as it does if one of them is no commit of this repository.
pub(crate) async fn since<H: Host>(
    git: &Git<'_, H>,
    ancestor: &CommitId,
    head: &CommitId,
) -> Result<Option<Vec<Commit>>> {
    // What the ancestor has and the head has not is listed too: there is nothing if it is one.
    let argv = log().flag("--left-right").end_of_options().difference(ancestor, head);
    let records = Records::read(git, argv, None).await?;
    Ok((!records.is_diverged).then_some(records.commits))
}

fn log() -> Argv {
    Argv::new("log").flag("-z").flag("--topo-order").flag("--format=tformat:%x00%m%H %P%x00%an%n%ae%n%B%x00")
}

/// Takes the output of `git log` apart: an empty field, side and id, message, an empty field, and the names of what is changed.
struct Records<'a> {
    scope: Option<&'a Scope>,
    expected: Field,
    lineage: Option<(CommitId, Vec<CommitId>)>,
    commits: Vec<Commit>,
    is_diverged: bool,
    unreadable: Option<Error>,
    kept: usize,
}

#[derive(Clone, Copy)]
enum Field {
    Start,
    Id,
    Message,
    End,
    FirstName,
    Name,
}

impl<'a> Records<'a> {
    fn new(scope: Option<&'a Scope>) -> Self {
        Self {
            scope,
            expected: Field::Start,
            lineage: None,
            commits: Vec::new(),
            is_diverged: false,
            unreadable: None,
            kept: 0,
        }
    }

    async fn read<H: Host>(git: &Git<'_, H>, argv: Argv, scope: Option<&'a Scope>) -> Result<Self> {
        let mut records = Self::new(scope);
        let mut fields = Fields::default();
        let mut on_output = |chunk: &[u8]| {
            fields.take(chunk, &mut |field| records.take(field));
            if records.is_diverged { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        git.stream(argv, &mut on_output).await?;
        match records.unreadable.take() {
            Some(error) => Err(Error::new(ErrorKind::Git, format!("git listed a commit in no known form: {error}"))),
            None => Ok(records),
        }
    }

    fn take(&mut self, field: &[u8]) {
        self.expected = match self.expected {
            Field::Start => Field::Id,
            Field::Id => {
                self.is_diverged |= field.starts_with(b"<");
                let lineage = lineage(field.get(1..).unwrap_or_default());
                self.lineage = lineage.map_err(|error| self.unreadable = Some(error)).ok();
                Field::Message
            }
            Field::Message => {
                let (authors, message) = signed(field);
                let commit = self.lineage.take().map(|(id, parents)| Commit::read(id, parents, message));
                let commit = commit.map(|commit| Commit { authors, ..commit });
                self.kept += message.len();
                let is_kept = self.kept <= KEPT_LIMIT;
                self.commits.extend(commit.map(|commit| if is_kept { commit.keeping(message) } else { commit }));
                Field::End
            }
            Field::End => Field::FirstName,
            // No name is empty: the next record starts.
            Field::FirstName | Field::Name if field.is_empty() => Field::Id,
            Field::FirstName => self.note(field.strip_prefix(b"\n").unwrap_or(field)),
            Field::Name => self.note(field),
        };
    }

    fn note(&mut self, name: &[u8]) -> Field {
        if let (Some(scope), Some(commit)) = (self.scope, self.commits.last_mut()) {
            scope.note(&String::from_utf8_lossy(name), &mut commit.touched);
        }
        Field::Name
    }
}

/// Who made a commit, and its message, in `%an%n%ae%n%B`.
fn signed(field: &[u8]) -> (Vec<Person>, &[u8]) {
    let mut parts = field.splitn(3, |byte| *byte == b'\n');
    let [name, address, message] = [parts.next(), parts.next(), parts.next()].map(Option::unwrap_or_default);
    let text = String::from_utf8_lossy;
    (authors(&text(name), &text(address), &text(message)), message)
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
