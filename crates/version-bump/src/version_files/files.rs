//! Reading the files of the released commit.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use serde::Serialize;
use slipway_core::git::{CommitId, Extent, Git, TreeEntry};
use slipway_core::{Error, ErrorKind, Host, Result, WorkspacePath};

use super::document::directory;
use super::kind::{KINDS, Kind, Need};
use super::wanted::VersionFiles;
use crate::changelog::Changelog;
use crate::component::Paths;

/// The most files that are read.
const FILE_LIMIT: usize = 5000;
/// How often files lead to more files.
const ROUNDS: usize = 5;

/// Files of the released commit.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Files {
    /// The working directory from the top of the repository, with its slash; empty for the top itself.
    prefix: String,
    /// The directories in which files are looked for, likewise.
    directories: Vec<String>,
    found: BTreeMap<WorkspacePath, Entry>,
}

/// A file as git has it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    /// git's mode, such as `100644`.
    pub mode: String,
    /// The id of the blob.
    pub id: String,
    #[serde(skip)]
    text: Option<Result<String>>,
}

impl Files {
    /// The path from the top of the repository of one from the working directory.
    pub(crate) fn below(&self, path: &WorkspacePath) -> Result<WorkspacePath> {
        format!("{}{path}", self.prefix).parse()
    }

    /// The first directory in which files are looked for, from the top of the repository, with its slash.
    pub(crate) fn directory(&self) -> &str {
        self.directories.first().unwrap_or(&self.prefix)
    }

    /// What git has at a path.
    pub(crate) fn entry(&self, path: &WorkspacePath) -> Option<&Entry> {
        self.found.get(path)
    }

    /// The files of a name below a directory that has its slash.
    pub(super) fn named<'a>(&'a self, directory: &'a str, name: &'a str) -> impl Iterator<Item = &'a WorkspacePath> {
        self.found.keys().filter(move |path| path.as_str().starts_with(directory) && path.file_name() == name)
    }

    /// The text of a file.
    ///
    /// # Errors
    /// `NotFound` if it is not there, `ForbiddenPath` if it is a link or a submodule, `UnreadableFile` if it is too large or not UTF-8.
    pub(crate) fn text(&self, path: &WorkspacePath) -> Result<&str> {
        match self.found.get(path).and_then(|entry| entry.text.as_ref()) {
            Some(Ok(text)) => Ok(text),
            Some(Err(error)) => Err(error.clone()),
            None => Err(Error::new(ErrorKind::NotFound, format!("the commit has no file `{path}`"))),
        }
    }

    /// The files that are looked for and that are there, with their kinds.
    pub(super) fn candidates(&self) -> Vec<(&'static Kind, WorkspacePath)> {
        let kinds = || KINDS.iter().copied().filter(|kind| kind.is_looked_for);
        let mut found = Vec::new();
        for directory in &self.directories {
            for (kind, name) in kinds().flat_map(|kind| kind.files.iter().map(move |name| (kind, name))) {
                let path = format!("{directory}{name}").parse::<WorkspacePath>().ok();
                found.extend(path.filter(|path| self.found.contains_key(path)).map(|path| (kind, path)));
            }
        }
        found
    }

    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let entry = |text: &str| Entry { mode: "100644".into(), id: "0".repeat(40), text: Some(Ok(text.into())) };
        let found = files.iter().map(|(path, text)| (path.parse().unwrap(), entry(text))).collect();
        Self { directories: vec![String::new()], found, ..Self::default() }
    }
}

/// Reads what is needed to set the version, and the changelog. Files are looked for in the working directory, or in the directories
/// of a component.
///
/// # Errors
/// `Git` if git fails, `UnreadableFile` if there is too much to read.
pub(crate) async fn gather<H: Host>(
    git: &Git<'_, H>,
    head: &CommitId,
    wanted: &VersionFiles,
    changelog: &Changelog,
    component: Option<&Paths>,
) -> Result<Files> {
    if wanted.is_none() && *changelog == Changelog::None {
        return Ok(Files::default());
    }
    let mut here: BTreeMap<WorkspacePath, TreeEntry> = BTreeMap::new();
    let mut prefix = None;
    let take = |path: WorkspacePath, entry: TreeEntry| {
        prefix.get_or_insert_with(|| directory(&path).to_owned());
        here.insert(path, entry);
        ControlFlow::Continue(())
    };
    git.tree(head, Extent::Directory, take).await?;
    let prefix = prefix.unwrap_or_default();
    let directories = component.map_or_else(|| vec![prefix.clone()], |paths| paths.directories());
    let files = Files { prefix, directories, ..Files::default() };
    let mut paths = Vec::new();
    for listed in &wanted.listed {
        paths.push(files.below(&listed.path)?);
    }
    paths.extend(changelog.path(&files)?);
    let kinds = KINDS.iter().filter(|kind| wanted.auto && kind.is_looked_for);
    let names: Vec<&str> = kinds.flat_map(|kind| kind.files.iter().chain(kind.companions).copied()).collect();
    for directory in &files.directories {
        paths.extend(names.iter().filter_map(|name| format!("{directory}{name}").parse().ok()));
    }
    let mut reader = Reader { git, head, files, asked: BTreeSet::new() };
    let is_here = |path: &WorkspacePath| directory(path) == reader.files.prefix;
    let (near, far): (BTreeSet<WorkspacePath>, BTreeSet<WorkspacePath>) = paths.into_iter().partition(is_here);
    here.retain(|path, _| near.contains(path));
    reader.read(here).await?;
    reader.read_paths(far.into_iter().collect()).await?;
    reader.read_needs().await?;
    Ok(reader.files)
}

struct Reader<'a, 'g, H> {
    git: &'a Git<'g, H>,
    head: &'a CommitId,
    files: Files,
    asked: BTreeSet<Need>,
}

impl<H: Host> Reader<'_, '_, H> {
    /// Reads what the files of known kinds need, and what those need in turn.
    async fn read_needs(&mut self) -> Result<()> {
        for _ in 0..ROUNDS {
            let mut needs = BTreeSet::new();
            for path in self.files.found.keys() {
                for kind in KINDS.iter().filter(|kind| kind.has(path.file_name())) {
                    needs.extend((kind.needs)(&self.files, path));
                }
            }
            needs.retain(|need| self.asked.insert(need.clone()));
            let (files, below): (Vec<Need>, Vec<Need>) =
                needs.into_iter().partition(|need| matches!(need, Need::File(_)));
            if files.is_empty() && below.is_empty() {
                return Ok(());
            }
            let paths = files.iter().filter_map(|need| match need {
                Need::File(path) => path.parse::<WorkspacePath>().ok(),
                Need::Below { .. } => None,
            });
            self.read_paths(paths.filter(|path| !self.files.found.contains_key(path)).collect()).await?;
            self.read_below(&below).await?;
        }
        Ok(())
    }

    async fn read_paths(&mut self, paths: Vec<WorkspacePath>) -> Result<()> {
        if paths.is_empty() {
            return Ok(());
        }
        let mut found = BTreeMap::new();
        let take = |path, entry| {
            found.insert(path, entry);
            ControlFlow::Continue(())
        };
        self.git.tree(self.head, Extent::Paths(&paths), take).await?;
        self.read(found).await
    }

    async fn read_below(&mut self, needs: &[Need]) -> Result<()> {
        if needs.is_empty() {
            return Ok(());
        }
        let is_needed = |path: &WorkspacePath| {
            needs.iter().any(|need| match need {
                Need::Below { directory, names, levels } => path
                    .as_str()
                    .strip_prefix(directory.as_str())
                    .is_some_and(|rest| names.contains(&path.file_name()) && rest.matches('/').count() < *levels),
                Need::File(_) => false,
            })
        };
        let mut found = BTreeMap::new();
        let take = |path: WorkspacePath, entry: TreeEntry| {
            if is_needed(&path) && entry.is_file() {
                found.insert(path, entry);
            }
            if found.len() > FILE_LIMIT { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        self.git.tree(self.head, Extent::Whole, take).await?;
        found.retain(|path, _| !self.files.found.contains_key(path));
        self.read(found).await
    }

    async fn read(&mut self, entries: BTreeMap<WorkspacePath, TreeEntry>) -> Result<()> {
        if self.files.found.len() + entries.len() > FILE_LIMIT {
            let many = format!("more than {FILE_LIMIT} files could hold the version");
            return Err(Error::new(ErrorKind::UnreadableFile, many).hint("list the files in `version-files`"));
        }
        let ids: Vec<&str> = entries.values().filter(|entry| entry.is_file()).map(|entry| entry.id.as_str()).collect();
        let mut contents = self.git.contents(&ids).await?.into_iter();
        for (path, entry) in entries {
            let text = if entry.is_file() {
                contents.next().map(|content| decoded(&path, content))
            } else {
                Some(Err(no_file(&path, &entry)))
            };
            self.files.found.insert(path, Entry { mode: entry.mode, id: entry.id, text });
        }
        Ok(())
    }
}

fn decoded(path: &WorkspacePath, content: Result<Vec<u8>>) -> Result<String> {
    let content = content.map_err(|error| error.context(format!("`{path}` cannot be read")))?;
    String::from_utf8(content).map_err(|_| {
        Error::new(ErrorKind::UnreadableFile, format!("`{path}` is not UTF-8")).hint("save the file as UTF-8")
    })
}

fn no_file(path: &WorkspacePath, entry: &TreeEntry) -> Error {
    let (what, hint) = match entry.mode.as_str() {
        "120000" => ("a symbolic link", "name the file that it leads to"),
        "160000" => ("a submodule", "release the submodule by itself"),
        _ => ("a directory", "name a file in it"),
    };
    Error::new(ErrorKind::ForbiddenPath, format!("`{path}` is {what}")).hint(hint)
}
