//! A history that the clone cuts off: what is missing is fetched into a scratch repository.
//!
//! Servers can leave out what a tag leads to (`--shallow-exclude`), which costs kilobytes. They cut a merge off from both parents if
//! one of them is left out, so the other one is asked for again until every cut is explained. Where that does not work out, all of
//! the history is fetched, without trees and files.

use std::collections::HashMap;

use slipway_core::git::{Argv, CommitId, Git};
use slipway_core::order;
use slipway_core::{Context, Error, ErrorKind, Host, Result};

use super::commits::{self, Commit, Range};
use super::{History, Query, complete};
use crate::tags::ReleaseTag;

/// So many tags are tried as the last release before all of the history is fetched.
const TRIED: usize = 4;
/// So many parents of merges are asked for.
const REPAIRS: usize = 8;
/// The largest list of cuts that is read, in bytes.
const CUTS_LIMIT: u64 = 16 * 1024 * 1024;

/// Reads the history of a commit of a remote.
///
/// # Errors
/// What the remote, or git, answered to the last attempt.
pub(super) async fn read<H: Host>(context: &Context<H>, url: &str, query: Query<'_>) -> Result<History> {
    // Which paths a commit changed is in the trees; what is in the files does not matter to anybody.
    let filter = if query.scope.is_some() { "blob:none" } else { "tree:0" };
    for tag in query.tags.candidates().filter(|tag| tag.published).take(TRIED) {
        let since = async |git| Scratch { context, git, url, filter }.since(query, tag).await;
        match in_scratch(context, since).await {
            Ok(Some(commits)) => return Ok(History { last: Some(tag.clone()), commits }),
            Ok(None) => {}
            // The server does not know how, or everything is in the tag: over HTTP, git cannot tell which.
            Err(_) => break,
        }
    }
    let all = async |filter| {
        in_scratch(context, async |git| {
            fetch(&git, filter, None, url, std::slice::from_ref(query.head)).await?;
            if git.is_shallow().await? {
                return Err(Error::new(ErrorKind::ShallowHistory, "the remote's own history is cut off"));
            }
            complete::read(&git, query).await
        })
        .await
    };
    match all(Some(filter)).await {
        Ok(history) => Ok(history),
        Err(_) => all(None).await,
    }
}

/// Runs something in a scratch repository and removes it.
async fn in_scratch<'a, H: Host, T>(
    context: &'a Context<H>,
    work: impl AsyncFnOnce(Git<'a, H>) -> Result<T>,
) -> Result<T> {
    let git = Git::scratch(context).await?.without_lazy_fetch();
    let result = work(git.clone()).await;
    context.discard(git.directory()).await;
    result
}

/// How far back a fetch goes.
enum Depth<'a> {
    /// To what a tag leads to, which is left out.
    Since(&'a ReleaseTag),
    /// The commits alone, without their parents.
    One,
}

async fn fetch<H: Host>(
    git: &Git<'_, H>,
    filter: Option<&str>,
    depth: Option<Depth<'_>>,
    url: &str,
    commits: &[CommitId],
) -> Result<()> {
    let mut argv = Argv::new("fetch").flag("--quiet").flag("--no-tags");
    if let Some(filter) = filter {
        argv = argv.option("--filter", filter);
    }
    argv = match depth {
        Some(Depth::Since(tag)) => argv.option("--shallow-exclude", tag.name.qualified().as_str()),
        Some(Depth::One) => argv.flag("--depth=1"),
        None => argv,
    };
    // A ref tells the server at the next fetch what is here already.
    let kept = |argv: Argv, id: &CommitId| argv.revision(&format!("+{id}:refs/kept/{id}"));
    git.bytes(commits.iter().fold(argv.end_of_options().remote(url), kept)).await.map(|_| ())
}

/// A scratch repository, and what is fetched into it.
struct Scratch<'a, H> {
    context: &'a Context<H>,
    git: Git<'a, H>,
    url: &'a str,
    filter: &'a str,
}

impl<H: Host> Scratch<'_, H> {
    /// The commits since a release, or nothing if the commit does not descend from it.
    async fn since(&self, query: Query<'_>, tag: &ReleaseTag) -> Result<Option<Vec<Commit>>> {
        let mut tips = vec![query.head.clone()];
        self.fetch(Depth::Since(tag), &tips).await?;
        let cuts = loop {
            let cuts = self.cuts().await?;
            let Some(missing) = unexplained(&cuts, &tag.commit) else { break cuts };
            if tips.len() > REPAIRS {
                return Err(Error::new(ErrorKind::Git, "too many merges cross the last release"));
            }
            tips.push(missing.clone());
            self.fetch(Depth::Since(tag), &tips[tips.len() - 1..]).await?;
        };
        let absent = order::set(
            cuts.iter().flat_map(|cut| &cut.parents).filter(|parent| !parent.is_here).map(|parent| &parent.id),
        );
        if !absent.contains(&tag.commit) {
            return Ok(None);
        }
        let mut without = Vec::new();
        if query.scope.is_some() {
            without = absent.into_iter().cloned().collect();
            self.join(&without).await?;
        }
        let mut commits = commits::read(&self.git, Range { tips: &tips, without: &without }, query.scope).await?;
        // git takes a commit that was cut off for one without parents; what a merge brought in shows in those it really has.
        let cuts: HashMap<&CommitId, &Cut> = cuts.iter().map(|cut| (&cut.id, cut)).collect();
        for commit in &mut commits {
            if let Some(cut) = cuts.get(&commit.id) {
                commit.parents = cut.parents.iter().map(|parent| parent.id.clone()).collect();
            }
        }
        Ok(Some(commits))
    }

    /// Joins the commits that were cut off to their parents: what a commit changed shows in comparison with them.
    async fn join(&self, parents: &[CommitId]) -> Result<()> {
        self.fetch(Depth::One, parents).await?;
        let list: String = parents.iter().map(|id| format!("{id}\n")).collect();
        self.context.host.write(&self.list_of_cuts(), list.as_bytes()).await
    }

    async fn fetch(&self, depth: Depth<'_>, commits: &[CommitId]) -> Result<()> {
        fetch(&self.git, Some(self.filter), Some(depth), self.url, commits).await
    }

    fn list_of_cuts(&self) -> String {
        format!("{}/shallow", self.git.directory())
    }

    /// Reads the cuts that the repository knows and whose commits are here, with the parents that they really have.
    async fn cuts(&self) -> Result<Vec<Cut>> {
        let list = match self.context.host.read(&self.list_of_cuts(), CUTS_LIMIT).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            list => list?,
        };
        let objects = self.git.feed(Argv::new("cat-file").flag("--batch"), list).await?;
        let parents = parents(&objects);
        let asked: String = parents.iter().flat_map(|(_, ids)| ids).map(|id| format!("{id}\n")).collect();
        let found = self.git.feed(Argv::new("cat-file").flag("--batch-check"), asked.into_bytes()).await?;
        let lines = found.split(|byte| *byte == b'\n').filter(|line| !line.ends_with(b" missing"));
        let here = order::set(lines.filter_map(|line| line.split(|byte| *byte == b' ').next()));
        let parent = |id: CommitId| Parent { is_here: here.contains(id.as_str().as_bytes()), id };
        let cut = |(id, ids): (CommitId, Vec<CommitId>)| Cut { id, parents: ids.into_iter().map(parent).collect() };
        Ok(parents.into_iter().map(cut).collect())
    }
}

/// A commit that the server cut off from its parents, because the tag has at least one of them.
struct Cut {
    id: CommitId,
    parents: Vec<Parent>,
}

struct Parent {
    id: CommitId,
    is_here: bool,
}

/// A parent of which it is not known whether the tag has it. Of a cut's parents that are not here, one is in the tag for sure: if
/// there is only one, or if it is the tagged commit itself, the others are to be asked for.
fn unexplained<'a>(cuts: &'a [Cut], tagged: &CommitId) -> Option<&'a CommitId> {
    cuts.iter().find_map(|cut| {
        let absent: Vec<&CommitId> =
            cut.parents.iter().filter(|parent| !parent.is_here).map(|parent| &parent.id).collect();
        if absent.len() < 2 { None } else { absent.into_iter().find(|id| *id != tagged) }
    })
}

/// Each commit with its parents in the output of `git cat-file --batch`: `<id> commit <size>`, the object, a line break. An object
/// that is not there is `<id> missing`.
fn parents(mut objects: &[u8]) -> Vec<(CommitId, Vec<CommitId>)> {
    let mut all = Vec::new();
    while let Some(end) = objects.iter().position(|byte| *byte == b'\n') {
        let head = String::from_utf8_lossy(&objects[..end]);
        objects = &objects[end + 1..];
        let size = head.rsplit_once(" commit ").map_or(head.as_ref(), |(_, size)| size).parse::<usize>();
        let Ok(size) = size else { continue };
        let content = &objects[..size.min(objects.len())];
        let header = content.split(|byte| *byte == b'\n').take_while(|line| !line.is_empty());
        let ids = header.filter_map(|line| String::from_utf8_lossy(line.strip_prefix(b"parent ")?).parse().ok());
        let id = head.split(' ').next().and_then(|id| id.parse().ok());
        all.extend(id.map(|id| (id, ids.collect())));
        objects = objects.get(size + 1..).unwrap_or_default();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: &str) -> CommitId {
        digit.repeat(40).parse().unwrap()
    }

    #[test]
    fn parents_are_read_from_whole_objects() {
        let commit = format!(
            "tree {t}\nparent {a}\nparent {b}\nauthor x\n\nparent {t}\n",
            t = id("0"),
            a = id("a"),
            b = id("b")
        );
        let output = format!(
            "{m} missing\n{c} commit {}\n{commit}\n{r} commit 5\ntree \n",
            commit.len(),
            m = id("1"),
            c = id("2"),
            r = id("3")
        );
        assert_eq!(parents(output.as_bytes()), [(id("2"), vec![id("a"), id("b")]), (id("3"), vec![])]);
        assert_eq!(parents(format!("{} commit 99999999999999999999\n", id("2")).as_bytes()), []);
        assert_eq!(parents(format!("{} commit 9\nparent", id("2")).as_bytes()), [(id("2"), vec![])]);
    }

    #[test]
    fn what_is_missing_behind_a_merge_is_asked_for() {
        let cut = |parents: &[(&str, bool)]| Cut {
            id: id("1"),
            parents: parents.iter().map(|(digit, is_here)| Parent { id: id(digit), is_here: *is_here }).collect(),
        };
        let tagged = id("f");
        for (parents, expected) in [
            (&[("a", false)][..], None),
            (&[("f", false)], None),
            (&[("f", false), ("a", false)], Some("a")),
            (&[("a", false), ("f", false)], Some("a")),
            (&[("a", false), ("b", false)], Some("a")),
            (&[("a", true), ("b", false)], None),
            (&[("f", false), ("a", true), ("b", false)], Some("b")),
        ] {
            assert_eq!(unexplained(&[cut(parents)], &tagged), expected.map(id).as_ref(), "{parents:?}");
        }
    }
}
