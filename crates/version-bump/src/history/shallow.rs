//! A history that the clone cuts off: what is missing is fetched into a scratch repository.
//!
//! Servers can leave out what a tag leads to (`--shallow-exclude`), which costs kilobytes. They cut a merge off from both parents if
//! one of them is left out, so the other one is asked for again until every cut is explained. Where that does not work out, all of
//! the history is fetched, without trees and files.

use std::collections::BTreeSet;

use slipway_core::git::{Argv, CommitId, Git};
use slipway_core::{Context, Error, ErrorKind, Host, Result};

use super::commits::{self, Range};
use super::{History, complete};
use crate::tags::{ReleaseTag, Tags};

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
pub(super) async fn read<H: Host>(context: &Context<H>, url: &str, head: &CommitId, tags: &Tags) -> Result<History> {
    for tag in tags.candidates().filter(|tag| tag.published).take(TRIED) {
        match in_scratch(context, async |git| since(context, &git, url, head, tag).await).await {
            Ok(Some(commits)) => return Ok(History { last: Some(tag.clone()), commits }),
            Ok(None) => {}
            // The server does not know how, or everything is in the tag: over HTTP, git cannot tell which.
            Err(_) => break,
        }
    }
    let all = async |filter| {
        in_scratch(context, async |git| {
            fetch(&git, url, head, filter, None).await?;
            if git.is_shallow().await? {
                return Err(Error::new(ErrorKind::ShallowHistory, "the remote's own history is cut off"));
            }
            complete::read(&git, head, tags).await
        })
        .await
    };
    match all(Some("tree:0")).await {
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
    git.remove().await?;
    result
}

async fn fetch<H: Host>(
    git: &Git<'_, H>,
    url: &str,
    commit: &CommitId,
    filter: Option<&str>,
    without: Option<&ReleaseTag>,
) -> Result<()> {
    let mut argv = Argv::new("fetch").flag("--quiet").flag("--no-tags");
    if let Some(filter) = filter {
        argv = argv.option("--filter", filter);
    }
    if let Some(tag) = without {
        argv = argv.option("--shallow-exclude", tag.name.qualified().as_str());
    }
    git.bytes(argv.end_of_options().remote(url).commit(commit)).await.map(|_| ())
}

/// The commits since a release, or nothing if the commit does not descend from it.
async fn since<H: Host>(
    context: &Context<H>,
    git: &Git<'_, H>,
    url: &str,
    head: &CommitId,
    tag: &ReleaseTag,
) -> Result<Option<Vec<commits::Commit>>> {
    let mut tips = vec![head.clone()];
    fetch(git, url, head, Some("tree:0"), Some(tag)).await?;
    loop {
        let cuts = cuts(context, git).await?;
        let Some(missing) = unexplained(&cuts, &tag.commit) else {
            let descends = cuts.iter().any(|cut| cut.parents.iter().any(|parent| parent.id == tag.commit));
            return if descends { commits::read(git, Range::From(&tips)).await.map(Some) } else { Ok(None) };
        };
        if tips.len() > REPAIRS {
            return Err(Error::new(ErrorKind::Git, "too many merges cross the last release"));
        }
        fetch(git, url, missing, Some("tree:0"), Some(tag)).await?;
        tips.push(missing.clone());
    }
}

/// A commit that the server cut off from its parents, because the tag has at least one of them.
struct Cut {
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

/// Reads the cuts that the repository knows and whose commits are here, with the parents that they really have.
async fn cuts<H: Host>(context: &Context<H>, git: &Git<'_, H>) -> Result<Vec<Cut>> {
    let path = format!("{}/shallow", git.directory());
    let list = match context.host.read(&path, CUTS_LIMIT).await {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        list => list?,
    };
    let objects = git.feed(Argv::new("cat-file").flag("--batch"), list).await?;
    let parents = parents(&objects);
    let asked: String = parents.iter().flatten().map(|id| format!("{id}\n")).collect();
    let found = git.feed(Argv::new("cat-file").flag("--batch-check"), asked.into_bytes()).await?;
    let here: BTreeSet<&[u8]> = found
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.ends_with(b" missing"))
        .filter_map(|line| line.split(|byte| *byte == b' ').next())
        .collect();
    let parent = |id: CommitId| Parent { is_here: here.contains(id.as_str().as_bytes()), id };
    Ok(parents.into_iter().map(|ids| Cut { parents: ids.into_iter().map(parent).collect() }).collect())
}

/// The parents of each commit in the output of `git cat-file --batch`: `<id> commit <size>`, the object, a line break. An object
/// that is not there is `<id> missing`.
fn parents(mut objects: &[u8]) -> Vec<Vec<CommitId>> {
    let mut all = Vec::new();
    while let Some(end) = objects.iter().position(|byte| *byte == b'\n') {
        let head = String::from_utf8_lossy(&objects[..end]);
        objects = &objects[end + 1..];
        let size = head.rsplit_once(" commit ").map_or(head.as_ref(), |(_, size)| size).parse::<usize>();
        let Ok(size) = size else { continue };
        let content = &objects[..size.min(objects.len())];
        let header = content.split(|byte| *byte == b'\n').take_while(|line| !line.is_empty());
        let ids = header.filter_map(|line| String::from_utf8_lossy(line.strip_prefix(b"parent ")?).parse().ok());
        all.push(ids.collect());
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
        assert_eq!(parents(output.as_bytes()), [vec![id("a"), id("b")], vec![]]);
        assert_eq!(parents(b"x commit 99999999999999999999\n"), Vec::<Vec<CommitId>>::new());
        assert_eq!(parents(b"x commit 9\nparent"), [vec![]]);
    }

    #[test]
    fn what_is_missing_behind_a_merge_is_asked_for() {
        let cut = |parents: &[(&str, bool)]| Cut {
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
