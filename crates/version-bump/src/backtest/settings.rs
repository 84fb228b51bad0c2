//! The settings of other release tools, read to propose ours.
//!
//! They are read from HEAD, so that neither links nor what lies in the working tree matter. Settings that are programs are not run.

mod cocogitto;
mod draft;
mod git_cliff;
mod gitversion;
mod python_semantic_release;
mod release_please;
mod semantic_release;
mod standard_version;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use slipway_core::git::{Argv, Git};
use slipway_core::{Host, Result, order};
use slipway_edit::Format;

use draft::Draft;

pub use draft::{Component, Proposal};

/// The largest file that is read, in bytes.
const LARGEST: usize = 1024 * 1024;

/// A release tool.
pub(super) struct Tool {
    /// Its name.
    name: &'static str,
    /// Where its settings can be; the first one there counts.
    sources: &'static [Source],
    /// Files that are its settings, but programs.
    programs: &'static [&'static str],
    /// Reads them.
    read: fn(&Value, &mut Draft),
}

/// A file with settings.
pub(super) struct Source {
    file: &'static str,
    format: Format,
    /// The keys that lead to them.
    below: &'static [&'static str],
}

impl Source {
    const fn new(file: &'static str, format: Format) -> Self {
        Self { file, format, below: &[] }
    }

    const fn below(self, below: &'static [&'static str]) -> Self {
        Self { below, ..self }
    }
}

/// Every tool.
const TOOLS: [Tool; 7] = [
    semantic_release::TOOL,
    release_please::TOOL,
    cocogitto::TOOL,
    git_cliff::TOOL,
    gitversion::TOOL,
    standard_version::TOOL,
    python_semantic_release::TOOL,
];

/// The files at the top of a repository that can hold settings, by name.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Files(BTreeMap<&'static str, String>);

impl Files {
    /// Takes files from whoever has read them.
    pub fn new(files: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        Self(order::map(files))
    }
}

/// The names of the files that can hold settings.
pub fn file_names() -> Vec<&'static str> {
    let mut names: Vec<&'static str> = Vec::new();
    for tool in &TOOLS {
        names.extend(tool.sources.iter().map(|source| source.file).chain(tool.programs.iter().copied()));
    }
    names.sort_unstable();
    names.dedup();
    names
}

/// Reads the files at the top of HEAD, in two git processes.
///
/// # Errors
/// `Git` if git fails.
pub(super) async fn read<H: Host>(git: &Git<'_, H>) -> Result<Files> {
    let names = file_names();
    let asked: String = names.iter().map(|name| format!("HEAD:{name}\n")).collect();
    let check = Argv::new("cat-file").flag("--batch-check=%(objecttype) %(objectsize) %(objectname)");
    let found = git.feed(check, asked.into_bytes()).await?;
    let mut wanted: Vec<(&'static str, usize, String)> = Vec::new();
    for (name, line) in names.into_iter().zip(String::from_utf8_lossy(&found).lines()) {
        if let ["blob", size, id] = line.split(' ').collect::<Vec<_>>()[..]
            && let Ok(size) = size.parse()
            && size <= LARGEST
        {
            wanted.push((name, size, id.into()));
        }
    }
    let ids: String = wanted.iter().map(|(_, _, id)| format!("{id}\n")).collect();
    let contents = git.feed(Argv::new("cat-file").flag("--batch=%(objecttype)"), ids.into_bytes()).await?;
    let (mut files, mut rest) = (BTreeMap::new(), contents.as_slice());
    for (name, size, _) in wanted {
        // Each stands between its type, on a line of its own, and a line break.
        let Some(content) = rest.strip_prefix(b"blob\n").filter(|rest| rest.len() > size) else { break };
        files.insert(name, String::from_utf8_lossy(&content[..size]).into_owned());
        rest = &content[size + 1..];
    }
    Ok(Files(files))
}

/// Proposes inputs for every tool that has settings.
pub fn proposals(files: &Files) -> Vec<Proposal> {
    TOOLS.iter().filter_map(|tool| proposal(tool, files)).collect()
}

fn proposal(tool: &Tool, files: &Files) -> Option<Proposal> {
    for source in tool.sources {
        let Some(text) = files.0.get(source.file) else { continue };
        let mut draft = Draft::new(tool.name, source.file);
        match source.format.read(text) {
            Ok(content) => {
                let all = content.to_json();
                let settings = source.below.iter().fold(&all, |value, key| &value[*key]);
                if settings.is_null() && !source.below.is_empty() {
                    continue;
                }
                (tool.read)(settings, &mut draft);
            }
            // A package.json or pyproject.toml that cannot be read belongs to others.
            Err(_) if !source.below.is_empty() => continue,
            Err(error) => draft.note(format!("it cannot be read: {}", error.message())),
        }
        return Some(draft.finish());
    }
    let program = tool.programs.iter().find(|name| files.0.contains_key(*name))?;
    let mut draft = Draft::new(tool.name, program);
    draft.note("it is a program, and is not run".into());
    Some(draft.finish())
}

/// Whether a branch is named like a range: `1.x`, `1.2.x`.
fn is_range(branch: &str) -> bool {
    let numbers = branch.strip_suffix(".x").unwrap_or_default();
    !numbers.is_empty()
        && numbers.split('.').count() <= 2
        && numbers.split('.').all(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests;
