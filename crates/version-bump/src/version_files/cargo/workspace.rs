//! Which packages belong together, by [Cargo's rules](https://doc.rust-lang.org/cargo/reference/workspaces.html).

use std::collections::BTreeSet;

use slipway_core::order;
use slipway_core::{Result, WorkspacePath};

use super::super::document::{Document, directory};
use super::super::files::Files;
use super::requirement::TABLES;
use crate::wildcard::Wildcard;

/// A workspace, or a package that is alone.
pub(super) struct Workspace {
    /// Its own manifest.
    pub root: Manifest,
    /// The manifests of its packages, the root's too if that is one.
    pub members: Vec<Manifest>,
    /// The version that members can inherit.
    pub version: Option<String>,
}

/// The `Cargo.toml` of a package.
pub(super) struct Manifest {
    pub path: WorkspacePath,
    pub name: String,
    pub own: Own,
}

/// The version of a package.
#[derive(Debug)]
pub(super) enum Own {
    /// Its own.
    Version(String),
    /// The workspace's.
    Inherited,
    /// None, as for a workspace that is no package.
    Nothing,
}

impl Workspace {
    /// The workspace that a manifest belongs to.
    pub(super) fn around(files: &Files, path: &WorkspacePath) -> Result<Self> {
        let text = files.text(path)?;
        let document = Document::read(path, text)?;
        if is_root(&document) {
            return Ok(Self::read(files, path, &document));
        }
        let here = directory(path);
        for (at, _) in here.match_indices('/').rev().skip(1).chain([(usize::MAX, "")]) {
            let above = if at == usize::MAX { "" } else { &here[..=at] };
            let Ok(root) = format!("{above}Cargo.toml").parse::<WorkspacePath>() else { continue };
            let Some(text) = files.text(&root).ok().filter(|_| root != *path) else { continue };
            let Ok(document) = Document::read(&root, text) else { continue };
            if is_root(&document) {
                let workspace = Self::read(files, &root, &document);
                if workspace.members.iter().any(|member| member.path == *path) {
                    return Ok(workspace);
                }
            }
        }
        let root = Manifest::read(path, &document);
        let members = vec![Manifest::read(path, &document)];
        Ok(Self { root, members, version: None })
    }

    fn read(files: &Files, path: &WorkspacePath, root: &Document<'_>) -> Self {
        let here = directory(path);
        let excluded = root.values(&["workspace", "exclude"]);
        let patterns = root.values(&["workspace", "members"]);
        let is_member = |directory: &str| {
            let below = directory.strip_prefix(here).unwrap_or_default().trim_end_matches('/');
            let is_excluded = excluded.iter().any(|out| {
                below
                    .strip_prefix(out.trim_end_matches('/'))
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            });
            !is_excluded
                && patterns.iter().any(|pattern| covers(pattern.trim_start_matches("./").trim_end_matches('/'), below))
        };
        let mut members = vec![Manifest::read(path, root)];
        let mut known: BTreeSet<WorkspacePath> = BTreeSet::from([path.clone()]);
        let mut pending: Vec<WorkspacePath> = dependencies(path, root);
        pending.extend(files.named(here, "Cargo.toml").filter(|path| is_member(directory(path))).cloned());
        // What a member depends on by its path is a member too.
        while let Some(path) = pending.pop() {
            if !path.as_str().starts_with(here) || !known.insert(path.clone()) {
                continue;
            }
            let Some(document) = files.text(&path).ok().and_then(|text| Document::read(&path, text).ok()) else {
                continue;
            };
            if is_root(&document) {
                continue;
            }
            pending.extend(dependencies(&path, &document));
            members.push(Manifest::read(&path, &document));
        }
        order::sort_by(&mut members, |left, right| left.path.cmp(&right.path));
        Self { root: Manifest::read(path, root), members, version: root.value(&["workspace", "package", "version"]) }
    }
}

impl Manifest {
    fn read(path: &WorkspacePath, document: &Document<'_>) -> Self {
        let inherits = document.value(&["package", "version", "workspace"]).as_deref() == Some("true");
        let own = match document.value(&["package", "version"]) {
            Some(version) => Own::Version(version),
            None if inherits => Own::Inherited,
            None => Own::Nothing,
        };
        let name = document.value(&["package", "name"]).unwrap_or_default();
        Self { path: path.clone(), name, own }
    }
}

fn is_root(document: &Document<'_>) -> bool {
    document.keys(&[]).iter().any(|key| key == "workspace")
}

/// The manifests that a manifest depends on by their paths.
fn dependencies(path: &WorkspacePath, document: &Document<'_>) -> Vec<WorkspacePath> {
    let mut found = Vec::new();
    for table in TABLES {
        for name in document.keys(table) {
            let keys = [table, [name.as_str(), "path"].as_slice()].concat();
            let target = document.value(&keys).and_then(|target| joined(directory(path), &target));
            found.extend(target.and_then(|directory| format!("{directory}Cargo.toml").parse().ok()));
        }
    }
    found
}

/// A directory with its slash, from another one; nothing if it is not in the repository.
fn joined(from: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.iter().map(|part| format!("{part}/")).collect())
}

/// Whether a pattern of `members` covers a directory: a `*` stays within its part of the path.
fn covers(pattern: &str, directory: &str) -> bool {
    let (pattern, directory): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), directory.split('/').collect());
    if let Some(deep) = pattern.iter().position(|part| *part == "**") {
        return directory.len() > deep
            && pattern[..deep].iter().zip(&directory).all(|(part, name)| Wildcard::new(part).matches(name));
    }
    pattern.len() == directory.len()
        && pattern.iter().zip(&directory).all(|(part, name)| Wildcard::new(part).matches(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found() {
        let files = Files::of(&[
            (
                "Cargo.toml",
                "[workspace]\nmembers = [\"crates/*\", \"./tools\"]\nexclude = [\"crates/old\"]\n\n[workspace.dependencies]\nx = { path = \"hidden/x\" }\n",
            ),
            (
                "crates/a/Cargo.toml",
                "[package]\nname = \"a\"\nversion.workspace = true\n\n[dependencies]\nz = { path = \"../../z\" }\n",
            ),
            ("crates/b/deep/Cargo.toml", "[package]\nname = \"deep\"\n"),
            ("crates/old/Cargo.toml", "[package]\nname = \"old\"\n"),
            ("crates/own/Cargo.toml", "[workspace]\n[package]\nname = \"own\"\n"),
            ("tools/Cargo.toml", "[package]\nname = \"tools\"\nversion = \"1.0.0\"\n"),
            ("z/Cargo.toml", "[package]\nname = \"z\"\nversion = { workspace = true }\n"),
            ("vendor/v/Cargo.toml", "[package]\nname = \"v\"\nversion = \"1.0.0\"\n"),
            ("hidden/x/Cargo.toml", "[package]\nname = \"x\"\n"),
        ]);
        let names = |path: &str| {
            let workspace = Workspace::around(&files, &path.parse().unwrap()).unwrap();
            let mut names: Vec<String> =
                workspace.members.into_iter().map(|member| format!("{} {:?}", member.name, member.own)).collect();
            names.sort_unstable();
            names.join(", ")
        };
        assert_eq!(names("Cargo.toml"), " Nothing, a Inherited, tools Version(\"1.0.0\"), x Nothing, z Inherited");
        assert_eq!(names("z/Cargo.toml"), names("Cargo.toml"));
        assert_eq!(names("vendor/v/Cargo.toml"), "v Version(\"1.0.0\")");
    }
}
