//! Reading files of a commit.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use slipway_core::git::{Argv, CommitId, Extent, TOTAL_SIZE_LIMIT, TreeEntry, too_large_together};
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

/// Files that somebody looks for.
#[derive(Clone, Copy)]
pub struct WantedFiles<'w> {
    /// Which paths they have. Each pattern must cover something.
    pub patterns: &'w [PathPattern],
    /// Which of those that the patterns cover are kept.
    pub is_wanted: &'w dyn Fn(&ConfigFile) -> bool,
}

impl<H: Host> ConfigRepository<'_, H> {
    /// The files of a commit that the patterns cover, sorted by path. Globs pass over links, submodules and workflows.
    ///
    /// # Errors
    /// `NotFound` if a pattern covers nothing, `ForbiddenPath` if it names a link or a workflow, `UnreadableFile` if a file is
    /// larger than 8 MiB, `InvalidInput` if the patterns cover more than [`FILE_LIMIT`] files.
    pub async fn files(&self, commit: &CommitId, patterns: &[PathPattern]) -> Result<Vec<ConfigFile>> {
        self.files_where(commit, WantedFiles { patterns, is_wanted: &|_| true }).await
    }

    /// Those of [`ConfigRepository::files`] that are wanted. The others are forgotten at once, so that a large repository takes no memory.
    ///
    /// # Errors
    /// As [`ConfigRepository::files`].
    pub async fn files_where(&self, commit: &CommitId, wanted: WantedFiles<'_>) -> Result<Vec<ConfigFile>> {
        let mut each = self.files_of_each(commit, &[wanted]).await?;
        each.pop().unwrap_or_else(|| Ok(Vec::new()))
    }

    /// The same for several, and the commit's tree is gone through once.
    ///
    /// # Errors
    /// `Git` if git fails; as [`ConfigRepository::files`] for each.
    pub async fn files_of_each(
        &self,
        commit: &CommitId,
        wanted: &[WantedFiles<'_>],
    ) -> Result<Vec<Result<Vec<ConfigFile>>>> {
        let mut covers: Vec<Cover<'_>> = wanted.iter().map(|wanted| Cover::new(wanted.patterns)).collect();
        let on_entry = |path: WorkspacePath, entry: TreeEntry| {
            covers.iter_mut().for_each(|cover| cover.meet(&path, &entry));
            let is_over = covers.iter().all(|cover| cover.refused.is_some());
            if is_over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        self.git.tree(commit, Extent::Whole, on_entry).await?;
        let mut each = Vec::with_capacity(wanted.len());
        for (cover, wanted) in covers.into_iter().zip(wanted) {
            each.push(match cover.finish() {
                Ok(found) => self.read(&found, *wanted).await,
                Err(error) => Err(error),
            });
        }
        Ok(each)
    }

    async fn read(
        &self,
        found: &BTreeMap<WorkspacePath, String>,
        WantedFiles { patterns, is_wanted }: WantedFiles<'_>,
    ) -> Result<Vec<ConfigFile>> {
        let ids: Vec<&str> = found.values().map(String::as_str).collect();
        let (mut paths, mut files, mut total, mut refused) = (found.keys(), Vec::new(), 0, None);
        let mut take = |content: Result<Vec<u8>>| {
            let Some(path) = paths.next() else { return ControlFlow::Break(()) };
            match content.map_err(|error| error.context(format!("`{path}`"))) {
                // A glob passes over what no edit could be made in.
                Ok(content) if content.starts_with(LARGE_FILE) => {
                    let is_named = |pattern: &PathPattern| pattern.is_literal() && pattern.matches(path.as_str());
                    refused = patterns.iter().any(is_named).then(|| large_file(path));
                }
                Ok(content) => {
                    let file = ConfigFile { path: path.clone(), content };
                    if is_wanted(&file) {
                        total += file.content.len();
                        files.push(file);
                    }
                    refused = (total > TOTAL_SIZE_LIMIT).then(too_large_together);
                }
                Err(error) => refused = Some(error),
            }
            if refused.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        self.prefetch(&ids).await;
        self.git.each_content(&ids, &mut take).await?;
        refused.map_or(Ok(files), Err)
    }

    /// One file of a commit; nothing if there is none of that path.
    ///
    /// # Errors
    /// `ForbiddenPath` if it is a link or a workflow, `UnreadableFile` if it is larger than 8 MiB.
    pub async fn file(&self, commit: &CommitId, path: &WorkspacePath) -> Result<Option<Vec<u8>>> {
        let Some(entry) = self.entries_of(commit, std::slice::from_ref(path)).await?.remove(path) else {
            return Ok(None);
        };
        check(path, &entry)?;
        self.contents(&[&entry.id]).await?.pop().transpose()
    }

    /// The entries of some paths, links and submodules too.
    pub(crate) async fn entries_of(
        &self,
        commit: &CommitId,
        paths: &[WorkspacePath],
    ) -> Result<BTreeMap<WorkspacePath, TreeEntry>> {
        let mut found = BTreeMap::new();
        let keep = |path: WorkspacePath, entry: TreeEntry| {
            if !entry.is_directory() {
                found.insert(path, entry);
            }
            ControlFlow::Continue(())
        };
        self.git.tree(commit, Extent::Paths(paths), keep).await?;
        Ok(found)
    }

    /// The contents of objects, in their order; an error for one that is no file or too large.
    pub(crate) async fn contents(&self, objects: &[&str]) -> Result<Vec<Result<Vec<u8>>>> {
        self.prefetch(objects).await;
        self.git.contents(objects).await
    }

    /// Fetches many objects in one go; git would fetch them one by one as they are read. A failure shows when they are read.
    async fn prefetch(&self, objects: &[&str]) {
        if objects.len() < 2 || self.remote.is_local() {
            return;
        }
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

/// What some patterns cover, as the entries of a tree come by.
struct Cover<'p> {
    patterns: &'p [PathPattern],
    /// Which of them cover something.
    matched: Vec<bool>,
    /// The paths, with the ids of their objects.
    found: BTreeMap<WorkspacePath, String>,
    /// Paths that may have been meant.
    others: Vec<String>,
    refused: Option<Error>,
}

impl<'p> Cover<'p> {
    fn new(patterns: &'p [PathPattern]) -> Self {
        let matched = vec![false; patterns.len()];
        Self { patterns, matched, found: BTreeMap::new(), others: Vec::new(), refused: None }
    }

    fn meet(&mut self, path: &WorkspacePath, entry: &TreeEntry) {
        let mut covered = false;
        for (pattern, matched) in self.patterns.iter().zip(&mut self.matched) {
            if !pattern.matches(path.as_str()) {
                continue;
            }
            match check(path, entry) {
                Ok(()) => (covered, *matched) = (true, true),
                Err(error) if pattern.is_literal() => self.refused = Some(error),
                Err(_) => {}
            }
        }
        if covered {
            self.found.insert(path.clone(), entry.id.clone());
        } else if self.others.len() < FILE_LIMIT {
            self.others.push(path.as_str().into());
        }
        if self.found.len() > FILE_LIMIT {
            let many = format!("the patterns of `files` cover more than {FILE_LIMIT} files");
            self.refused = Some(Error::new(ErrorKind::InvalidInput, many).hint("narrow the patterns"));
        }
    }

    fn finish(self) -> Result<BTreeMap<WorkspacePath, String>> {
        if let Some(error) = self.refused {
            return Err(error);
        }
        let missing = self.patterns.iter().zip(self.matched).find(|(_, matched)| !matched);
        let Some((pattern, _)) = missing else { return Ok(self.found) };
        let error = Error::new(ErrorKind::NotFound, format!("no file of the config repository matches `{pattern}`"));
        Err(match nearest(pattern.as_str(), self.others.iter().map(String::as_str)) {
            Some(like) => error.hint(format!("did you mean `{like}`?")),
            None => error.hint("write paths relative to the root of the config repository"),
        })
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
