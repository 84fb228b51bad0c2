//! Reading the files of a commit: what git stores, whatever the working tree looks like.

use std::ops::ControlFlow;

use super::{Argv, CommitId, Git};
use crate::host::Host;
use crate::path::WorkspacePath;
use crate::{Error, ErrorKind, Result};

/// The largest file that is read, in bytes.
pub const FILE_SIZE_LIMIT: usize = 8 * 1024 * 1024;
/// The most that is read at once, in bytes.
const TOTAL_LIMIT: usize = 128 * 1024 * 1024;

/// An entry of a commit's tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeEntry {
    /// git's mode, such as `100644`.
    pub mode: String,
    /// The id of the object.
    pub id: String,
}

impl TreeEntry {
    /// Whether it is a file, and not a directory, a link or another repository.
    pub fn is_file(&self) -> bool {
        self.mode.starts_with("100")
    }
}

/// Which part of a commit's tree is listed.
#[derive(Clone, Copy, Debug)]
pub enum Extent<'a> {
    /// What stands in the directory that git works in, directories too.
    Directory,
    /// All files below the directory that git works in.
    Below,
    /// All files.
    Whole,
    /// What stands at these paths.
    Paths(&'a [WorkspacePath]),
}

impl<H: Host> Git<'_, H> {
    /// Hands on the entries of a commit with their paths from the top of the repository. Paths that nobody could name in an input
    /// are left out.
    ///
    /// # Errors
    /// `Git` if git fails.
    pub async fn tree(
        &self,
        commit: &CommitId,
        extent: Extent<'_>,
        mut on_entry: impl FnMut(WorkspacePath, TreeEntry) -> ControlFlow<()>,
    ) -> Result<()> {
        let argv = Argv::new("ls-tree").flag("-z");
        let argv = match extent {
            Extent::Directory => argv.flag("--full-name").end_of_options().commit(commit),
            Extent::Below => argv.flag("-r").flag("--full-name").end_of_options().commit(commit),
            Extent::Whole => argv.flag("-r").flag("--full-tree").end_of_options().commit(commit),
            Extent::Paths(paths) => {
                let argv = argv.flag("--full-tree").end_of_options().commit(commit);
                argv.paths(paths.iter().map(WorkspacePath::as_str))
            }
        };
        let mut records = Records::default();
        let mut on_output = |chunk: &[u8]| {
            records.split(chunk, |record| match read_entry(record) {
                Some((path, entry)) => on_entry(path, entry),
                None => ControlFlow::Continue(()),
            })
        };
        self.stream(argv, &mut on_output).await
    }

    /// The contents of files by the ids of their objects, in their order; an error for one that is no file, too large, or not here.
    ///
    /// # Errors
    /// `UnreadableFile` if they are too large together, `Git` if git fails.
    pub async fn contents(&self, objects: &[&str]) -> Result<Vec<Result<Vec<u8>>>> {
        if objects.is_empty() {
            return Ok(Vec::new());
        }
        let names: String = objects.iter().map(|object| format!("{object}\n")).collect();
        let checked = self.feed(Argv::new("cat-file").flag("--batch-check"), names.into_bytes()).await?;
        let sizes: Vec<Result<usize>> = String::from_utf8_lossy(&checked).lines().map(read_size).collect();
        if sizes.len() != objects.len() {
            return Err(unexpected_answer());
        }
        if sizes.iter().filter_map(|size| size.as_ref().ok()).sum::<usize>() > TOTAL_LIMIT {
            let large = format!("the files have more than {TOTAL_LIMIT} bytes together");
            return Err(Error::new(ErrorKind::UnreadableFile, large).hint("name fewer files"));
        }
        let wanted: String = objects
            .iter()
            .zip(&sizes)
            .filter(|(_, size)| size.is_ok())
            .map(|(object, _)| format!("{object}\n"))
            .collect();
        let output = self.feed(Argv::new("cat-file").flag("--batch"), wanted.into_bytes()).await?;
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
}

/// `mode type id<tab>path`
fn read_entry(record: &[u8]) -> Option<(WorkspacePath, TreeEntry)> {
    let (head, path) = std::str::from_utf8(record).ok()?.split_once('\t')?;
    let mut fields = head.split(' ');
    let (mode, _, id) = (fields.next()?, fields.next()?, fields.next()?);
    let parsed: WorkspacePath = path.parse().ok()?;
    (parsed.as_str() == path).then(|| (parsed, TreeEntry { mode: mode.into(), id: id.into() }))
}

/// `id type size`, or `name missing`.
fn read_size(line: &str) -> Result<usize> {
    let mut fields = line.rsplit(' ');
    let (size, kind) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
    match size.parse::<usize>() {
        Ok(size) if kind == "blob" && size <= FILE_SIZE_LIMIT => Ok(size),
        Ok(_) if kind == "blob" => {
            Err(Error::new(ErrorKind::UnreadableFile, format!("the file is larger than {FILE_SIZE_LIMIT} bytes")))
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
#[derive(Debug, Default)]
pub struct Records {
    begun: Vec<u8>,
}

impl Records {
    /// Takes a piece of the stream and hands on every record that is complete.
    pub fn split(&mut self, chunk: &[u8], mut on_record: impl FnMut(&[u8]) -> ControlFlow<()>) -> ControlFlow<()> {
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
    pub fn rest(self) -> Vec<u8> {
        self.begun
    }
}
