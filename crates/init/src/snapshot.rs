//! The files of the working tree that something can be learned from.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use serde_json::Value;
use slipway_core::git::{Argv, Git};
use slipway_core::host::EntryKind;
use slipway_core::{Context, Host, Result, WorkspacePath};
use slipway_edit::Format;

/// So many names of files are looked at.
const NAMES: usize = 50_000;
/// So many files are read.
const FILES: usize = 2_000;
/// The largest file that is read, in bytes.
const LARGEST: u64 = 512 * 1024;

/// The files of a working tree, those that git ignores and links left out.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    /// Every path, sorted.
    pub paths: Vec<String>,
    /// What stands in those that were wanted.
    contents: BTreeMap<String, String>,
    /// What could not be looked at, and why.
    pub passed_over: Vec<String>,
}

impl Snapshot {
    /// Takes files from whoever has them.
    #[cfg(test)]
    pub(crate) fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let contents: BTreeMap<String, String> =
            files.into_iter().map(|(path, content)| (path.to_owned(), content.to_owned())).collect();
        Self { paths: contents.keys().cloned().collect(), contents, passed_over: Vec::new() }
    }

    /// Reads the working tree at `top`. Git names the files, so that what it ignores is left out.
    ///
    /// # Errors
    /// `Git` if git fails, `Io` if the operating system does.
    pub(crate) async fn read<H: Host>(
        context: &Context<H>,
        git: &Git<'_, H>,
        top: &str,
        wants: impl Fn(&str) -> bool,
    ) -> Result<Self> {
        let mut snapshot = Self::default();
        for name in names(git, &mut snapshot.passed_over).await? {
            match name.parse::<WorkspacePath>() {
                Ok(path) => snapshot.paths.push(path.to_string()),
                Err(error) => snapshot.passed_over.push(error.message().to_owned()),
            }
        }
        snapshot.paths.sort_unstable();
        snapshot.paths.dedup();
        let wanted: Vec<String> = snapshot.paths.iter().filter(|path| wants(path)).cloned().collect();
        if wanted.len() > FILES {
            snapshot.passed_over.push(format!("only {FILES} of {} files were read", wanted.len()));
        }
        for path in wanted.into_iter().take(FILES) {
            if !is_reached(context, top, &path).await? {
                continue;
            }
            match context.host.read(&format!("{top}/{path}"), LARGEST).await {
                Ok(content) => {
                    snapshot.contents.insert(path, String::from_utf8_lossy(&content).into_owned());
                }
                Err(_) => snapshot.passed_over.push(format!("`{path}` cannot be read, or is too large")),
            }
        }
        Ok(snapshot)
    }

    /// The content of a file that was wanted.
    pub(crate) fn content(&self, path: &str) -> Option<&str> {
        self.contents.get(path).map(String::as_str)
    }

    /// The files with one of these names, wherever they are.
    pub(crate) fn named<'a>(&'a self, names: &'a [&str]) -> impl Iterator<Item = &'a str> {
        self.paths.iter().map(String::as_str).filter(|path| names.contains(&file_name(path)))
    }

    /// Whether there is a file of this path.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.paths.binary_search_by(|known| known.as_str().cmp(path)).is_ok()
    }

    /// The documents of the files that were wanted and hold YAML or JSON; what cannot be read holds none.
    pub(crate) fn documents(&self) -> impl Iterator<Item = (&str, Value)> {
        let files = self.contents.iter().filter_map(|(path, content)| Some((path, content, document_format(path)?)));
        files.flat_map(|(path, content, format)| {
            let documents = format.read(content).map(|content| content.documents()).unwrap_or_default();
            documents.into_iter().map(move |document| (path.as_str(), document))
        })
    }
}

/// The format of a file that can hold manifests or task definitions.
fn document_format(path: &str) -> Option<Format> {
    match file_name(path).rsplit_once('.')?.1 {
        "yaml" | "yml" => Some(Format::YAML),
        "json" => Some(Format::JSON),
        _ => None,
    }
}

/// The last part of a path.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The directory of a path; empty at the top.
pub(crate) fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

async fn names<H: Host>(git: &Git<'_, H>, passed_over: &mut Vec<String>) -> Result<Vec<String>> {
    let argv = Argv::new("ls-files").flag("-z").flag("--cached").flag("--others").flag("--exclude-standard");
    let (mut names, mut rest) = (Vec::new(), Vec::new());
    git.stream(argv, &mut |chunk| {
        rest.extend_from_slice(chunk);
        while let Some(end) = rest.iter().position(|byte| *byte == 0) {
            names.push(String::from_utf8_lossy(&rest[..end]).into_owned());
            rest.drain(..=end);
        }
        if names.len() < NAMES { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })
    .await?;
    if names.len() >= NAMES {
        passed_over.push(format!("only the first {NAMES} files were looked at"));
    }
    Ok(names)
}

/// Whether a path leads to a regular file, and through no link.
pub(crate) async fn is_reached<H: Host>(context: &Context<H>, top: &str, path: &str) -> Result<bool> {
    let (directories, is_file) = (path.match_indices('/').map(|(end, _)| &path[..end]), path);
    for directory in directories {
        if context.host.entry_kind(&format!("{top}/{directory}")).await? != Some(EntryKind::Directory) {
            return Ok(false);
        }
    }
    Ok(context.host.entry_kind(&format!("{top}/{is_file}")).await? == Some(EntryKind::File))
}
