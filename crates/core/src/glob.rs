//! Which files of the working directory a pattern names.

use crate::context::Context;
use crate::host::{EntryKind, Host};
use crate::path::WorkspacePath;
use crate::path_pattern::PathPattern;
use crate::{Error, ErrorKind, Result, order};

/// The most entries of directories that are looked at.
const ENTRY_LIMIT: usize = 200_000;

/// The regular files below the working directory that a pattern matches, sorted. Links are passed over, and so is git's
/// own directory.
///
/// # Errors
/// `InvalidInput` if too much is to be looked at, `Io` if the operating system refuses.
pub async fn matching_files<H: Host>(context: &Context<H>, pattern: &PathPattern) -> Result<Vec<WorkspacePath>> {
    let absolute = |path: &str| context.path(&path);
    let depth = if pattern.as_str().contains("**") { usize::MAX } else { pattern.as_str().split('/').count() };
    let start = pattern.directory();
    for (end, _) in start.match_indices('/').chain((!start.is_empty()).then_some((start.len(), ""))) {
        if context.host.entry_kind(&absolute(&start[..end])).await? != Some(EntryKind::Directory) {
            return Ok(Vec::new());
        }
    }
    let mut open = vec![start.to_owned()];
    let (mut found, mut seen) = (Vec::new(), 0);
    while let Some(directory) = open.pop() {
        let entries = context.host.entries(&absolute(&directory)).await?;
        seen += entries.len();
        if seen > ENTRY_LIMIT {
            let many = format!("`{pattern}` makes more than {ENTRY_LIMIT} entries of directories to be looked at");
            return Err(Error::new(ErrorKind::InvalidInput, many).hint("start the pattern with a directory"));
        }
        for (name, kind) in entries {
            let path = if directory.is_empty() { name } else { format!("{directory}/{name}") };
            // A name that is no path for an input, such as `.git`, is passed over.
            let Ok(parsed) = path.parse::<WorkspacePath>() else { continue };
            match kind {
                EntryKind::File if pattern.matches(&path) => found.push(parsed),
                EntryKind::Directory if path.split('/').count() < depth => open.push(path),
                _ => {}
            }
        }
    }
    order::sort(&mut found);
    Ok(found)
}
