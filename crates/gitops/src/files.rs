//! Reading files of a commit.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use slipway_core::git::{Argv, CommitId};
use slipway_core::text::nearest;
use slipway_core::{Error, ErrorKind, Host, Result, WorkspacePath};

use crate::configuration::REMOTE;
use crate::{ConfigRepository, PathPattern};

/// The most files that patterns may match.
const FILE_LIMIT: usize = 10_000;
/// The largest file that is read.
const SIZE_LIMIT: usize = 8 * 1024 * 1024;
/// The most that is read at once.
const TOTAL_LIMIT: usize = 128 * 1024 * 1024;

/// A regular file of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFile {
    /// Where it is.
    pub path: WorkspacePath,
    /// What it holds.
    pub content: Vec<u8>,
}

/// An entry of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// git's mode, such as `100644`.
    pub(crate) mode: String,
    /// The object.
    pub(crate) id: String,
}

impl<H: Host> ConfigRepository<'_, H> {
    /// The files of a commit that the patterns cover, sorted by path. Globs pass over links, submodules and workflows.
    ///
    /// # Errors
    /// `NotFound` if a pattern covers nothing, `ForbiddenPath` if it names a link or a workflow, `UnreadableFile` if a file is
    /// larger than 8 MiB, `InvalidInput` if globs cover more than 10 000 files.
    pub async fn files(&self, commit: &CommitId, patterns: &[PathPattern]) -> Result<Vec<ConfigFile>> {
        let mut found: BTreeMap<WorkspacePath, Entry> = BTreeMap::new();
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
    ) -> Result<BTreeMap<WorkspacePath, Entry>> {
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

    /// Hands on every entry of a commit but directories. Paths that nobody could name in an input are left out.
    async fn entries(
        &self,
        commit: &CommitId,
        mut on_entry: impl FnMut(WorkspacePath, Entry) -> ControlFlow<()>,
    ) -> Result<()> {
        let argv = Argv::new("ls-tree").flag("-r").flag("-z").flag("--full-tree").end_of_options().commit(commit);
        let mut records = Records::default();
        self.git
            .stream(argv, &mut |chunk| {
                records.split(chunk, |record| match read_entry(record) {
                    Some((path, entry)) => on_entry(path, entry),
                    None => ControlFlow::Continue(()),
                })
            })
            .await
    }

    /// The contents of objects, in their order; an error for one that is no file or too large.
    pub(crate) async fn contents(&self, objects: &[&str]) -> Result<Vec<Result<Vec<u8>>>> {
        if objects.is_empty() {
            return Ok(Vec::new());
        }
        if objects.len() > 1 && !self.remote.is_local() {
            self.fetch_objects(objects).await;
        }
        let names: String = objects.iter().map(|object| format!("{object}\n")).collect();
        let checked = self.git.feed(Argv::new("cat-file").flag("--batch-check"), names.into_bytes()).await?;
        let sizes: Vec<Result<usize>> = String::from_utf8_lossy(&checked).lines().map(read_size).collect();
        if sizes.len() != objects.len() {
            return Err(unexpected_answer());
        }
        if sizes.iter().filter_map(|size| size.as_ref().ok()).sum::<usize>() > TOTAL_LIMIT {
            let large = format!("the files have more than {TOTAL_LIMIT} bytes together");
            return Err(Error::new(ErrorKind::UnreadableFile, large).hint("narrow the patterns of `files`"));
        }
        let wanted: String = objects
            .iter()
            .zip(&sizes)
            .filter(|(_, size)| size.is_ok())
            .map(|(object, _)| format!("{object}\n"))
            .collect();
        let output = self.git.feed(Argv::new("cat-file").flag("--batch"), wanted.into_bytes()).await?;
        let mut rest = output.as_slice();
        let mut contents = Vec::with_capacity(objects.len());
        for size in sizes {
            contents.push(match size {
                Ok(size) => Ok(take_content(&mut rest, size)?),
                Err(error) => Err(error),
            });
        }
        Ok(contents)
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

/// Whether an edit may read and write this entry.
fn check(path: &WorkspacePath, entry: &Entry) -> Result<()> {
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

/// `mode type id<tab>path`
fn read_entry(record: &[u8]) -> Option<(WorkspacePath, Entry)> {
    let (head, path) = std::str::from_utf8(record).ok()?.split_once('\t')?;
    let mut fields = head.split(' ');
    let (mode, _, id) = (fields.next()?, fields.next()?, fields.next()?);
    let parsed: WorkspacePath = path.parse().ok()?;
    (parsed.as_str() == path).then(|| (parsed, Entry { mode: mode.into(), id: id.into() }))
}

/// `id type size`, or `name missing`.
fn read_size(line: &str) -> Result<usize> {
    let mut fields = line.rsplit(' ');
    let (size, kind) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
    match size.parse::<usize>() {
        Ok(size) if kind == "blob" && size <= SIZE_LIMIT => Ok(size),
        Ok(_) if kind == "blob" => {
            Err(Error::new(ErrorKind::UnreadableFile, format!("the file is larger than {SIZE_LIMIT} bytes")))
        }
        _ => Err(Error::new(ErrorKind::NotFound, format!("git has no file there: {line}"))),
    }
}

/// Takes one answer of `cat-file --batch`: a line, the content, a line break.
fn take_content(rest: &mut &[u8], size: usize) -> Result<Vec<u8>> {
    let start = rest.iter().position(|b| *b == b'\n').ok_or_else(unexpected_answer)? + 1;
    let content = rest.get(start..start + size).ok_or_else(unexpected_answer)?.to_vec();
    *rest = rest.get(start + size + 1..).ok_or_else(unexpected_answer)?;
    Ok(content)
}

fn unexpected_answer() -> Error {
    Error::new(ErrorKind::Git, "git cat-file gave an answer of another length than it said")
}

/// Splits a stream of records that end with NUL.
#[derive(Default)]
pub(crate) struct Records {
    begun: Vec<u8>,
}

impl Records {
    /// Takes a piece of the stream and hands on every record that is complete.
    pub(crate) fn split(
        &mut self,
        chunk: &[u8],
        mut on_record: impl FnMut(&[u8]) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let mut pieces = chunk.split(|b| *b == 0).peekable();
        while let Some(piece) = pieces.next() {
            self.begun.extend_from_slice(piece);
            if pieces.peek().is_some() {
                let record = std::mem::take(&mut self.begun);
                on_record(&record)?;
            }
        }
        ControlFlow::Continue(())
    }

    /// What stood after the last NUL.
    pub(crate) fn rest(self) -> Vec<u8> {
        self.begun
    }
}
