//! Cargo packages and workspaces.

mod requirement;
mod workspace;

use semver::Version;
use slipway_core::{Result, WorkspacePath};
use slipway_edit::Format;

use super::document::{Document, directory, path as key};
use super::draft::Drafts;
use super::files::Files;
use super::kind::{Kind, Need};
use super::lock;
use super::place::Place;
use workspace::{Own, Workspace};

/// `Cargo.toml`, whose version may be the workspace's or its members'; with `Cargo.lock`, and what members require of each other.
pub(super) const KIND: Kind =
    Kind { files: &["Cargo.toml"], companions: &["Cargo.lock"], is_looked_for: true, needs, places, follow };

fn needs(files: &Files, path: &WorkspacePath) -> Vec<Need> {
    let here = directory(path);
    let is_workspace = files
        .text(path)
        .and_then(|text| Document::read(path, text))
        .is_ok_and(|manifest| manifest.keys(&[]).iter().any(|key| key == "workspace"));
    if is_workspace {
        let members = Need::Below { directory: here.into(), names: KIND.files, levels: usize::MAX };
        return vec![Need::File(format!("{here}Cargo.lock")), members];
    }
    let above = here.match_indices('/').map(|(at, _)| &here[..=at]).filter(|above| *above != here);
    std::iter::once(here)
        .chain(std::iter::once(""))
        .chain(above)
        .flat_map(|directory| ["Cargo.toml", "Cargo.lock"].map(|name| Need::File(format!("{directory}{name}"))))
        .collect()
}

fn places(files: &Files, path: &WorkspacePath) -> Result<Vec<Place>> {
    let workspace = Workspace::around(files, path)?;
    let mut places = Vec::new();
    let is_root = workspace.root.path == *path;
    let own = workspace.members.iter().filter(|member| is_root || member.path == *path);
    let mut inherits = false;
    for member in own {
        match &member.own {
            Own::Version(text) => {
                let place = Place::new(&member.path, Format::TOML, key(&["package", "version"])?, text.clone());
                places.push(Place { packages: vec![member.name.clone()], ..place });
            }
            Own::Inherited => inherits = true,
            Own::Nothing => {}
        }
    }
    if let (true, Some(text)) = (inherits || is_root, &workspace.version) {
        let keys = key(&["workspace", "package", "version"])?;
        let place = Place::new(&workspace.root.path, Format::TOML, keys, text.clone());
        let heirs = workspace.members.iter().filter(|member| matches!(member.own, Own::Inherited));
        places.push(Place { packages: heirs.map(|member| member.name.clone()).collect(), ..place });
    }
    Ok(places)
}

fn follow(set: &[Place], drafts: &mut Drafts<'_>, new: &Version) -> Result<Vec<String>> {
    let Some(first) = set.first() else { return Ok(Vec::new()) };
    let files = drafts.files;
    let workspace = Workspace::around(files, &first.path)?;
    let names: Vec<&str> = set.iter().flat_map(|place| place.packages.iter().map(String::as_str)).collect();
    let path: WorkspacePath = format!("{}Cargo.lock", directory(&workspace.root.path)).parse()?;
    if files.entry(&path).is_some() {
        let is_meant = |package: &lock::Locked<'_>| package.source.is_none() && names.contains(&package.name);
        lock::set(drafts, &path, is_meant, &new.to_string())?;
    }
    let mut warnings = Vec::new();
    let others = workspace.members.iter().filter(|member| member.path != workspace.root.path);
    for manifest in std::iter::once(&workspace.root.path).chain(others.map(|member| &member.path)) {
        warnings.extend(requirement::raise(drafts, manifest, &names, new)?);
    }
    Ok(warnings)
}
