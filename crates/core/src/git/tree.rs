//! Reading the files of a commit: what git stores, whatever the working tree looks like.

use std::ops::ControlFlow;

use super::{Argv, CommitId, Git};
use crate::host::Host;
use crate::path::WorkspacePath;
use crate::{Error, ErrorKind, Result};

/// The largest file that is read, in bytes.
pub const FILE_SIZE_LIMIT: usize = 8 * 1024 * 1024;
/// The most that is kept of many files together, in bytes.
pub const TOTAL_SIZE_LIMIT: usize = 128 * 1024 * 1024;

/// How many paths git is asked for at once: a command line has a limit.
const PATHS_AT_ONCE: usize = 100;

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

    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        self.mode == "040000"
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
    /// What stands at these paths, directories too.
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
        // Compiled once for all who call it.
        self.list(commit, extent, &mut on_entry).await
    }

    async fn list(
        &self,
        commit: &CommitId,
        extent: Extent<'_>,
        on_entry: &mut dyn FnMut(WorkspacePath, TreeEntry) -> ControlFlow<()>,
    ) -> Result<()> {
        let argv = Argv::new("ls-tree").flag("-z");
        let listings = match extent {
            Extent::Directory => vec![argv.flag("--full-name").end_of_options().commit(commit)],
            Extent::Below => vec![argv.flag("-r").flag("--full-name").end_of_options().commit(commit)],
            Extent::Whole => vec![argv.flag("-r").flag("--full-tree").end_of_options().commit(commit)],
            Extent::Paths(paths) => {
                let argv = argv.flag("--full-tree").end_of_options().commit(commit);
                let some = |paths: &[WorkspacePath]| argv.clone().paths(paths.iter().map(WorkspacePath::as_str));
                paths.chunks(PATHS_AT_ONCE).map(some).collect()
            }
        };
        let mut flow = ControlFlow::Continue(());
        for argv in listings {
            let mut records = Records::default();
            let mut on_output = |chunk: &[u8]| {
                flow = records.split(chunk, |record| match read_entry(record) {
                    Some((path, entry)) => on_entry(path, entry),
                    None => ControlFlow::Continue(()),
                });
                flow
            };
            self.stream(argv, &mut on_output).await?;
            if flow.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The contents of files by the ids of their objects, in their order; an error for one that is no file, too large, or not here.
    ///
    /// # Errors
    /// `UnreadableFile` if they are too large together, `Git` if git fails.
    pub async fn contents(&self, objects: &[&str]) -> Result<Vec<Result<Vec<u8>>>> {
        let (mut contents, mut total) = (Vec::with_capacity(objects.len()), 0);
        let mut keep = |content: Result<Vec<u8>>| {
            total += content.as_ref().map_or(0, Vec::len);
            contents.push(content);
            if total > TOTAL_SIZE_LIMIT { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        self.each_content(objects, &mut keep).await?;
        if total > TOTAL_SIZE_LIMIT { Err(too_large_together()) } else { Ok(contents) }
    }

    /// Hands on what [`Git::contents`] gives one by one, so that no more than one has to be kept.
    ///
    /// # Errors
    /// `Git` if git fails.
    pub async fn each_content(
        &self,
        objects: &[&str],
        on_content: &mut dyn FnMut(Result<Vec<u8>>) -> ControlFlow<()>,
    ) -> Result<()> {
        if objects.is_empty() {
            return Ok(());
        }
        let names: String = objects.iter().map(|object| format!("{object}\n")).collect();
        let (mut answers, mut count, mut ended) = (Answers::default(), 0, false);
        let mut on_output = |chunk: &[u8]| {
            answers.split(chunk, &mut |content| {
                count += 1;
                let flow = on_content(content);
                ended |= flow.is_break();
                flow
            })
        };
        let argv = Argv::new("cat-file").flag("--batch").flag("--buffer");
        self.stream_fed(argv, names.into_bytes(), &mut on_output).await?;
        if ended || count == objects.len() { Ok(()) } else { Err(unexpected_answer()) }
    }
}

/// What files that are too large together are refused with.
pub fn too_large_together() -> Error {
    let large = format!("the files have more than {TOTAL_SIZE_LIMIT} bytes together");
    Error::new(ErrorKind::UnreadableFile, large).hint("name fewer files")
}

/// `mode type id<tab>path`
fn read_entry(record: &[u8]) -> Option<(WorkspacePath, TreeEntry)> {
    let (head, path) = std::str::from_utf8(record).ok()?.split_once('\t')?;
    let mut fields = head.split(' ');
    let (mode, _, id) = (fields.next()?, fields.next()?, fields.next()?);
    let parsed: WorkspacePath = path.parse().ok()?;
    (parsed.as_str() == path).then(|| (parsed, TreeEntry { mode: mode.into(), id: id.into() }))
}

/// Splits the answers of `cat-file --batch`: a line for each object, then, if it is here, its content and a line break.
#[derive(Default)]
struct Answers {
    begun: Vec<u8>,
    /// Of the content that is being read: the bytes to come, its line break among them, and why it is not kept.
    content: Option<(usize, Option<Error>)>,
}

impl Answers {
    fn split(
        &mut self,
        mut chunk: &[u8],
        on_content: &mut dyn FnMut(Result<Vec<u8>>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        while !chunk.is_empty() {
            let Some((left, refused)) = &mut self.content else {
                let end = chunk.iter().position(|byte| *byte == b'\n');
                self.begun.extend_from_slice(&chunk[..end.unwrap_or(chunk.len())]);
                chunk = &chunk[end.map_or(chunk.len(), |end| end + 1)..];
                if end.is_some() {
                    let line = String::from_utf8_lossy(&std::mem::take(&mut self.begun)).into_owned();
                    match read_header(&line) {
                        Ok((size, refused)) => self.content = Some((size.saturating_add(1), refused)),
                        Err(missing) => on_content(Err(missing))?,
                    }
                }
                continue;
            };
            let (taken, rest) = chunk.split_at(chunk.len().min(*left));
            *left -= taken.len();
            if refused.is_none() {
                self.begun.extend_from_slice(taken);
            }
            chunk = rest;
            if *left == 0 {
                let refused = refused.take();
                self.content = None;
                let mut content = std::mem::take(&mut self.begun);
                content.pop();
                on_content(refused.map_or(Ok(content), Err))?;
            }
        }
        ControlFlow::Continue(())
    }
}

/// Reads `id type size`, after which so many bytes follow, and why they are not kept, if they are not. After `name missing`, which is an
/// error, nothing does.
fn read_header(line: &str) -> Result<(usize, Option<Error>)> {
    let mut fields = line.rsplit(' ');
    let (size, kind) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
    let no_file = || Error::new(ErrorKind::NotFound, format!("git has no file there: {line}"));
    let size = size.parse::<usize>().map_err(|_| no_file())?;
    let refused = match kind {
        "blob" if size <= FILE_SIZE_LIMIT => None,
        "blob" => {
            let large = format!("the file is larger than {FILE_SIZE_LIMIT} bytes");
            Some(Error::new(ErrorKind::UnreadableFile, large))
        }
        _ => Some(no_file()),
    };
    Ok((size, refused))
}

fn unexpected_answer() -> Error {
    Error::new(ErrorKind::Git, "git cat-file did not answer for every object")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_apart_wherever_the_stream_is_cut() {
        let large = FILE_SIZE_LIMIT + 1;
        let mut stream = b"a blob 3\nx\ny\nb:c missing\nd tree 4\n\n\0\n\n\ne blob 0\n\n".to_vec();
        stream.extend(format!("f blob {large}\n{}\n", " ".repeat(large)).into_bytes());
        stream.extend_from_slice(b"g blob 1\nz\n");
        for size in [2, 3, 7, 1000, stream.len()] {
            let (mut answers, mut found) = (Answers::default(), Vec::new());
            for chunk in stream.chunks(size) {
                let flow = answers.split(chunk, &mut |content| {
                    found.push(content.map_err(|error| error.kind()));
                    ControlFlow::Continue(())
                });
                assert!(flow.is_continue());
            }
            let [missing, unreadable] = [ErrorKind::NotFound, ErrorKind::UnreadableFile].map(Err);
            let expected =
                [Ok(b"x\ny".to_vec()), missing.clone(), missing, Ok(Vec::new()), unreadable, Ok(b"z".to_vec())];
            assert_eq!(found, expected, "{size}");
        }
    }
}
