//! The files that tell what depends on what: those that git tracks, read from the working tree.

use std::collections::BTreeMap;

use slipway_core::git::{Argv, Git};
use slipway_core::host::EntryKind;
use slipway_core::{Context, Error, ErrorKind, Host, Result, WorkspacePath};

/// So many files are read.
const FILES: usize = 10_000;
/// The largest file that is read, in bytes.
const FILE_LIMIT: u64 = 1024 * 1024;
/// What is read of all of them, in bytes.
const LIMIT: usize = 128 * 1024 * 1024;

/// Files by their paths from the top of the repository.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources(BTreeMap<String, String>);

impl Sources {
    /// Reads every tracked file of these names, in whatever directory. One that is a link, or is not in the working tree, is left out.
    ///
    /// # Errors
    /// `UnreadableFile` if one cannot be read or there are too many.
    pub(crate) async fn read<H: Host>(
        context: &Context<H>,
        git: &Git<'_, H>,
        top: &str,
        names: impl IntoIterator<Item = &'static str>,
    ) -> Result<Self> {
        let patterns: Vec<_> = names.into_iter().map(|name| format!("**/{name}").parse()).collect::<Result<_>>()?;
        let listed = git.bytes(Argv::new("ls-files").flag("-z").patterns(&patterns, [])).await?;
        let paths: Vec<_> = listed.split(|byte| *byte == 0).filter(|path| !path.is_empty()).collect();
        let too_much = |what: String| {
            Error::new(ErrorKind::UnreadableFile, format!("there are more than {what} that say what depends on what"))
                .hint("set `dependencies: none`")
        };
        if paths.len() > FILES {
            return Err(too_much(format!("{FILES} files")));
        }
        let (mut sources, mut size) = (Self::default(), 0);
        for path in paths {
            // What is no path of ours can be no part of anything.
            let Some(path) = std::str::from_utf8(path).ok().and_then(|path| path.parse().ok()) else { continue };
            if let Some(content) = read(context, top, &path).await? {
                size += content.len();
                sources.0.insert(path.to_string(), content);
            }
            if size > LIMIT {
                return Err(too_much(format!("{} MiB of files", LIMIT >> 20)));
            }
        }
        Ok(sources)
    }

    /// The content of a file.
    pub(crate) fn get(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// The directories that have a file of this name, and its content there. The top is empty.
    pub(crate) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().filter_map(move |(path, content)| {
            let (directory, file) = path.rsplit_once('/').unwrap_or(("", path));
            (file == name).then_some((directory, content.as_str()))
        })
    }

    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(path, content)| ((*path).to_owned(), (*content).to_owned())).collect())
    }
}

/// Reads a file to which no link leads; nothing if it is not there.
///
/// # Errors
/// `UnreadableFile` if it is too large or cannot be read.
pub(crate) async fn read<H: Host>(context: &Context<H>, top: &str, path: &WorkspacePath) -> Result<Option<String>> {
    for part in path.ancestors() {
        match context.host.entry_kind(&format!("{top}/{part}")).await? {
            Some(EntryKind::File | EntryKind::Directory) => {}
            _ => return Ok(None),
        }
    }
    let content = context.host.read(&format!("{top}/{path}"), FILE_LIMIT).await?;
    Ok(Some(String::from_utf8_lossy(&content).into_owned()))
}

/// The path in the repository that a path in a file of a directory means; nothing if it leads out of the repository.
pub(crate) fn resolve(directory: &str, path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains('\\') {
        return None;
    }
    let mut parts: Vec<&str> = directory.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_resolved_inside_the_repository() {
        for (directory, path, resolved) in [
            ("crates/api", "../core", Some("crates/core")),
            ("crates/api", "./x/", Some("crates/api/x")),
            ("crates/api", "../..", Some("")),
            ("", "a", Some("a")),
            ("crates/api", "../../..", None),
            ("", "..", None),
            ("a", "/etc", None),
            ("a", "..\\b", None),
        ] {
            assert_eq!(resolve(directory, path).as_deref(), resolved, "{directory} {path}");
        }
    }
}
