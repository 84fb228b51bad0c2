//! `Cargo.lock` and `uv.lock`: lists of packages that a program wrote, a key a line.

use std::collections::BTreeSet;
use std::ops::Range;

use super::draft::Drafts;
use crate::file_change::ValueChange;
use slipway_core::order;
use slipway_core::{Result, WorkspacePath};

/// A package of a lock file.
#[derive(Debug, Default)]
pub(super) struct Locked<'a> {
    pub name: &'a str,
    pub version: &'a str,
    /// Where it comes from, as it is written; nothing for what Cargo finds in the workspace.
    pub source: Option<&'a str>,
    /// Where the version stands, without its quotes.
    span: Range<usize>,
}

/// The packages of a lock file, in linear time.
fn packages(text: &str) -> Vec<Locked<'_>> {
    let mut packages: Vec<Locked<'_>> = Vec::new();
    let (mut at, mut is_inside) = (0, false);
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let line = line.trim_end();
        if line.starts_with('[') {
            is_inside = line == "[[package]]";
            if is_inside {
                packages.push(Locked::default());
            }
        } else if let (true, Some(package), Some((key, value))) =
            (is_inside, packages.last_mut(), line.split_once(" = "))
        {
            let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
            match (key, quoted) {
                ("name", Some(name)) => package.name = name,
                ("version", Some(version)) => {
                    let from = start + key.len() + " = \"".len();
                    (package.version, package.span) = (version, from..from + version.len());
                }
                ("source", _) => package.source = Some(value),
                _ => {}
            }
        }
    }
    packages
}

/// The lines ` "name version",` in the dependencies of packages, with the places of the versions.
fn mentions(text: &str) -> impl Iterator<Item = ((&str, &str), Range<usize>)> {
    let mut at = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let start = at;
        at += line.len();
        let quoted = line.trim_end().strip_prefix(" \"")?.trim_end_matches(',').strip_suffix('"')?;
        let (name, version) = quoted.split_once(' ')?;
        let from = start + 2 + name.len() + 1;
        Some(((name, version), from..from + version.len()))
    })
}

/// Sets the version of the packages that are meant, and the mentions of them that have the version too.
pub(super) fn set(
    drafts: &mut Drafts<'_>,
    path: &WorkspacePath,
    is_meant: impl Fn(&Locked<'_>) -> bool,
    new: &str,
) -> Result<()> {
    let text = drafts.text(path)?;
    let mut values = Vec::new();
    let mut edits: Vec<Range<usize>> = Vec::new();
    let mut moved: BTreeSet<(&str, &str)> = BTreeSet::new();
    for package in packages(text).iter().filter(|package| !package.span.is_empty() && is_meant(package)) {
        if package.version == new {
            continue;
        }
        edits.push(package.span.clone());
        moved.insert((package.name, package.version));
        values.push(ValueChange {
            at: format!("package[name={}].version", package.name),
            old: package.version.into(),
            new: new.into(),
        });
    }
    // Where there are two packages of a name, others name the version with it.
    edits.extend(mentions(text).filter(|(mention, _)| moved.contains(mention)).map(|(_, span)| span));
    order::sort_by_key(&mut edits, |edit| edit.start);
    let mut written = String::with_capacity(text.len() + edits.len() * 4);
    let mut done = 0;
    for edit in edits {
        written += &text[done..edit.start];
        written += new;
        done = edit.end;
    }
    written += &text[done..];
    drafts.put(path, written, values)
}
