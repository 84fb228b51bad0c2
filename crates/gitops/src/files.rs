//! Reading files of a commit.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use slipway_core::git::{Argv, CommitId, Extent, TreeEntry};
use slipway_core::text::nearest;
use slipway_core::{Error, ErrorKind, Host, Result, WorkspacePath};

use crate::configuration::REMOTE;
use crate::{ConfigRepository, PathPattern};

/// The most files that patterns may match.
pub const FILE_LIMIT: usize = 20_000;

/// How the pointers of Git LFS begin, which stand in the repository instead of the files.
const LARGE_FILE: &[u8] = b"version https://git-lfs.github.com/spec/";

/// A regular file of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFile {
    /// Where it is.
    pub path: WorkspacePath,
    /// What it holds.
    pub content: Vec<u8>,
}

impl<H: Host> ConfigRepository<'_, H> {
    /// The files of a commit that the patterns cover, sorted by path. Globs pass over links, submodules and workflows.
    ///
    /// # Errors
    /// `NotFound` if a pattern covers nothing, `ForbiddenPath` if it names a link or a workflow, `UnreadableFile` if a file is
    /// larger than 8 MiB, `InvalidInput` if the patterns cover more than [`FILE_LIMIT`] files.
    pub async fn files(&self, commit: &CommitId, patterns: &[PathPattern]) -> Result<Vec<ConfigFile>> {
        let mut found: BTreeMap<WorkspacePath, TreeEntry> = BTreeMap::new();
        let mut matched = vec![false; patterns.len()];
        let mut others: Vec<String> = Vec::new();
        let mut refused = None;
        self.entries(commit, |path, entry| {
            let mut covered = false;
            for (pattern, matched) in patterns.iter().zip(&mut matched) {
                if !pattern.matches(path.as_str()) {
                    continue;
                }
                match check(&path, &entry) {
                    Ok(()) => (covered, *matched) = (true, true),
                    Err(error) if pattern.is_literal() => refused = Some(error),
                    Err(_) => {}
                }
            }
            if covered {
                found.insert(path, entry);
            } else if others.len() < FILE_LIMIT {
                others.push(path.as_str().into());
            }
            if found.len() > FILE_LIMIT {
                let many = format!("the patterns of `files` cover more than {FILE_LIMIT} files");
                refused = Some(Error::new(ErrorKind::InvalidInput, many).hint("narrow the patterns"));
            }
            if refused.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .await?;
        if let Some(error) = refused {
            return Err(error);
        }
        if let Some((pattern, _)) = patterns.iter().zip(matched).find(|(_, matched)| !matched) {
            let error =
                Error::new(ErrorKind::NotFound, format!("no file of the config repository matches `{pattern}`"));
            return Err(match nearest(pattern.as_str(), others.iter().map(String::as_str)) {
                Some(like) => error.hint(format!("did you mean `{like}`?")),
                None => error.hint("write paths relative to the root of the config repository"),
            });
        }
        let ids: Vec<&str> = found.values().map(|entry| entry.id.as_str()).collect();
        let contents = self.contents(&ids).await?;
        let mut files = Vec::with_capacity(found.len());
        for (path, content) in found.into_keys().zip(contents) {
            let content = content.map_err(|error| error.context(format!("`{path}`")))?;
            if content.starts_with(LARGE_FILE) {
                // A glob passes over what no edit could be made in.
                if patterns.iter().any(|pattern| pattern.is_literal() && pattern.matches(path.as_str())) {
                    return Err(large_file(&path));
                }
                continue;
            }
            files.push(ConfigFile { path, content });
        }
        Ok(files)
    }

    /// One file of a commit; nothing if there is none of that path.
    ///
    /// # Errors
    /// `ForbiddenPath` if it is a link or a workflow, `UnreadableFile` if it is larger than 8 MiB.
    pub async fn file(&self, commit: &CommitId, path: &WorkspacePath) -> Result<Option<Vec<u8>>> {
        let entries = self.entries_of(commit, std::slice::from_ref(path)).await?;
        let Some(entry) = entries.get(path) else { return Ok(None) };
        check(path, entry)?;
        self.contents(&[&entry.id]).await?.pop().transpose()
    }

    /// The entries of some paths.
    pub(crate) async fn entries_of(
        &self,
        commit: &CommitId,
        paths: &[WorkspacePath],
    ) -> Result<BTreeMap<WorkspacePath, TreeEntry>> {
        let mut found = BTreeMap::new();
        self.entries(commit, |path, entry| {
            if paths.contains(&path) {
                found.insert(path, entry);
            }
            ControlFlow::Continue(())
        })
        .await?;
        Ok(found)
    }

    /// Hands on every file of a commit, links and submodules too.
    async fn entries(
        &self,
        commit: &CommitId,
        on_entry: impl FnMut(WorkspacePath, TreeEntry) -> ControlFlow<()>,
    ) -> Result<()> {
        self.git.tree(commit, Extent::Whole, on_entry).await
    }

    /// The contents of objects, in their order; an error for one that is no file or too large.
    pub(crate) async fn contents(&self, objects: &[&str]) -> Result<Vec<Result<Vec<u8>>>> {
        if objects.len() > 1 && !self.remote.is_local() {
            self.fetch_objects(objects).await;
        }
        self.git.contents(objects).await
    }

    /// Fetches many objects in one go; git would fetch them one by one as they are read. A failure shows when they are read.
    async fn fetch_objects(&self, objects: &[&str]) {
        let argv = Argv::new("fetch")
            // As git's own fetches of missing objects do: the server must not believe that we have what our commits lead to.
            .setting("fetch.negotiationAlgorithm=noop")
            .flag("--quiet")
            .flag("--no-tags")
            .flag("--filter=blob:none")
            .flag("--stdin")
            .end_of_options()
            .revision(REMOTE);
        let names: String = objects.iter().map(|object| format!("{object}\n")).collect();
        let _ = self.git.feed(argv, names.into_bytes()).await;
    }
}

fn large_file(path: &WorkspacePath) -> Error {
    Error::new(ErrorKind::UnreadableFile, format!("`{path}` is a pointer of Git LFS: its content is not in git"))
        .hint("take the file out of Git LFS (`git lfs untrack`, then commit the file itself)")
}

/// Whether an edit may read and write this entry.
fn check(path: &WorkspacePath, entry: &TreeEntry) -> Result<()> {
    if path.is_workflow() {
        return Err(Error::new(ErrorKind::ForbiddenPath, format!("`{path}` is a workflow, which is never edited")));
    }
    match entry.mode.as_str() {
        "120000" => Err(Error::new(ErrorKind::ForbiddenPath, format!("`{path}` is a symbolic link"))
            .hint("name the file that it leads to")),
        "160000" => Err(Error::new(ErrorKind::ForbiddenPath, format!("`{path}` is a submodule"))
            .hint("set `config-repository` to its repository")),
        _ => Ok(()),
    }
}
