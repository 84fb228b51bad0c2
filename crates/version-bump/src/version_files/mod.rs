//! Files that hold the version: which there are, what stands in them, and what a release makes of it.
//!
//! All of it works on what git has of the released commit, so that what lies about in the working tree does not matter.

mod cargo;
mod document;
mod draft;
mod files;
mod gradle;
mod helm;
mod keyed;
mod kind;
mod lock;
mod marked;
mod maven;
mod npm;
mod place;
mod plain;
mod python;
mod spelling;
mod verdict;
mod wanted;

use std::collections::BTreeSet;

use semver::Version;
use slipway_core::{Error, ErrorKind, Result, WorkspacePath};

use crate::file_change::FileChange;
use draft::Drafts;
use kind::{KINDS, Kind};
use place::Place;
use verdict::Verdict;

pub(crate) use files::{Files, gather};
pub(crate) use wanted::{Listed, VersionFiles};

/// What a release does to the version.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step<'a> {
    /// The version of the release before; nothing before the first.
    pub last: Option<&'a Version>,
    /// The version of the release.
    pub new: &'a Version,
    /// Whether a person said so, who may go backwards.
    pub is_by_hand: bool,
}

/// What a release makes of the version files.
#[derive(Debug, Default)]
pub(crate) struct Planned {
    /// The files that change.
    pub changes: Vec<FileChange>,
    /// What is left as it is, and why.
    pub notices: Vec<String>,
    /// What the user should look at.
    pub warnings: Vec<String>,
    /// Why the release is refused.
    pub refusal: Option<Error>,
}

/// Decides what becomes of every version.
///
/// # Errors
/// `NotFound` for a listed file that is not there, `ForbiddenPath` for one that is a link or a workflow, `PathNotFound` if no version
/// stands where one should, `InvalidFile` and `InvalidYaml` if a listed file does not parse, `InvalidInput` if the version cannot be
/// written as the file's readers want it.
pub(crate) fn plan(wanted: &VersionFiles, files: &Files, step: Step<'_>) -> Result<Planned> {
    let mut planned = Planned::default();
    let mut drafts = Drafts::new(files);
    let mut done = BTreeSet::new();
    for listed in &wanted.listed {
        let (kind, places) = listed_places(listed, files)?;
        let mut set = Vec::new();
        for place in places {
            match place.verdict_if_listed(step) {
                Verdict::Set => set.push(place),
                Verdict::Refuse(error) => planned.refusal = planned.refusal.or(Some(error)),
                _ => {
                    done.insert(place.id());
                }
            }
        }
        apply(kind, set, &mut drafts, &mut done, step, &mut planned)?;
    }
    if wanted.auto {
        for (kind, path) in files.candidates() {
            if let Err(error) = found(kind, &path, files, &mut drafts, &mut done, step, &mut planned) {
                planned.warnings.push(format!("`{path}` is left as it is: {error}"));
            }
        }
    }
    planned.changes = drafts.finish();
    Ok(planned)
}

/// What becomes of a file that nobody listed.
fn found(
    kind: &'static Kind,
    path: &WorkspacePath,
    files: &Files,
    drafts: &mut Drafts<'_>,
    done: &mut BTreeSet<String>,
    step: Step<'_>,
    planned: &mut Planned,
) -> Result<()> {
    let mut set = Vec::new();
    for place in (kind.places)(files, path)? {
        if done.contains(&place.id()) {
            continue;
        }
        match place.verdict(step) {
            Verdict::Set => set.push(place),
            Verdict::Leave(why) => planned.notices.push(why),
            Verdict::Doubt(why) => planned.warnings.push(why),
            Verdict::Keep | Verdict::Refuse(_) => {}
        }
    }
    apply(Some(kind), set, drafts, done, step, planned)
}

/// Makes the edits of some places of one file, and those of the files that go with it.
fn apply(
    kind: Option<&'static Kind>,
    places: Vec<Place>,
    drafts: &mut Drafts<'_>,
    done: &mut BTreeSet<String>,
    step: Step<'_>,
    planned: &mut Planned,
) -> Result<()> {
    let mut set = Vec::new();
    for place in places {
        if done.insert(place.id()) {
            place.set(drafts, step.new)?;
            set.push(place);
        }
    }
    if let (Some(kind), false) = (kind, set.is_empty()) {
        planned.warnings.extend((kind.follow)(&set, drafts, step.new)?);
    }
    Ok(())
}

/// The places that a line of the input means.
fn listed_places(listed: &Listed, files: &Files) -> Result<(Option<&'static Kind>, Vec<Place>)> {
    let path = files.below(&listed.path)?;
    if files.entry(&path).is_none() {
        let message = format!("`version-files` lists `{path}`, which the commit does not have");
        let hint = "commit the file, and write its path relative to `working-directory`";
        return Err(Error::new(ErrorKind::NotFound, message).hint(hint));
    }
    let text = files.text(&path)?;
    if let Some(key) = &listed.key {
        return Ok((None, vec![keyed::place(files, &path, key)?]));
    }
    let kind = match KINDS.iter().copied().find(|kind| kind.has(path.file_name())) {
        Some(kind) => kind,
        None if text.contains("slipway:") => &marked::KIND,
        None => {
            let message = format!("`version-files` lists `{path}`, and where its version stands is not known");
            let hint =
                format!("name the key, as in `{}#version`, or mark the line with `slipway:version`", listed.path);
            return Err(Error::new(ErrorKind::InvalidInput, message).hint(hint));
        }
    };
    let places = (kind.places)(files, &path)?;
    if places.is_empty() {
        let message = format!("`version-files` lists `{path}`, which holds no version");
        let hint = format!("name the key, as in `{}#key.path`, or leave the file out", listed.path);
        return Err(Error::new(ErrorKind::PathNotFound, message).hint(hint));
    }
    Ok((Some(kind), places))
}

#[cfg(test)]
mod tests;
