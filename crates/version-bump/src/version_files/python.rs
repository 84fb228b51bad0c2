//! Python projects.

use semver::Version;
use slipway_core::{Result, WorkspacePath};

use super::document::{Document, directory, path as key};
use super::draft::Drafts;
use super::files::Files;
use super::kind::{Kind, Need, alone, nothing};
use super::lock;
use super::place::Place;
use super::spelling::Spelling;

/// Files that hold `__version__`.
const SOURCES: &[&str] = &["__init__.py", "__about__.py", "_version.py", "version.py"];

/// `pyproject.toml`, or the source file that holds a `dynamic` version; with `uv.lock`.
pub(super) const PROJECT: Kind =
    Kind { files: &["pyproject.toml"], companions: &["uv.lock"], is_looked_for: true, needs, places, follow };

/// A Python file with `__version__ = "1.4.2"`.
pub(super) const SOURCE: Kind =
    Kind { files: SOURCES, companions: &[], is_looked_for: false, needs: nothing, places: in_source, follow: alone };

/// Where a project's version stands in its `pyproject.toml`; the first that is there.
const KEYS: [&[&str]; 2] = [&["project", "version"], &["tool", "poetry", "version"]];

fn needs(files: &Files, path: &WorkspacePath) -> Vec<Need> {
    let here = directory(path);
    let mut needs = vec![Need::File(format!("{here}uv.lock"))];
    let project = files.text(path).and_then(|text| Document::read(path, text));
    if let Ok(project) = project
        && KEYS.iter().all(|keys| project.value(keys).is_none())
    {
        needs.extend(
            project.value(&["tool", "hatch", "version", "path"]).map(|source| Need::File(format!("{here}{source}"))),
        );
        // Packages are directories here, or in `src`.
        needs.push(Need::Below { directory: here.into(), names: SOURCES, levels: 3 });
    }
    needs
}

fn places(files: &Files, path: &WorkspacePath) -> Result<Vec<Place>> {
    let project = Document::read(path, files.text(path)?)?;
    let packages: Vec<String> = [["project", "name"].as_slice(), &["tool", "poetry", "name"]]
        .iter()
        .find_map(|keys| project.value(keys))
        .into_iter()
        .collect();
    for keys in KEYS {
        if let Some(text) = project.value(keys) {
            let place = Place::new(path, project.format, key(keys)?, text);
            return Ok(vec![Place { spelling: Spelling::Python, packages, ..place }]);
        }
    }
    let here = directory(path);
    if let Some(source) = project.value(&["tool", "hatch", "version", "path"]) {
        return format!("{here}{source}").parse().and_then(|source| in_source(files, &source));
    }
    let mut places = Vec::new();
    for source in SOURCES.iter().flat_map(|name| files.named(here, name)) {
        let below = &source.as_str()[here.len()..];
        let is_of_package = match below.strip_prefix("src/") {
            Some(below) => below.matches('/').count() == 1,
            None => below.matches('/').count() == 1,
        };
        if is_of_package {
            places.extend(in_source(files, source)?);
        }
    }
    Ok(places)
}

fn in_source(files: &Files, path: &WorkspacePath) -> Result<Vec<Place>> {
    let text = files.text(path)?;
    if !text.contains("__version__") {
        return Ok(Vec::new());
    }
    let source = Document::read(path, text)?;
    let Some(text) = source.value(&["__version__"]) else { return Ok(Vec::new()) };
    let place = Place::new(path, source.format, key(&["__version__"])?, text);
    Ok(vec![Place { spelling: Spelling::Python, ..place }])
}

fn follow(set: &[Place], drafts: &mut Drafts<'_>, new: &Version) -> Result<Vec<String>> {
    for place in set.iter().filter(|place| place.path.file_name() == "pyproject.toml") {
        let path: WorkspacePath = format!("{}uv.lock", directory(&place.path)).parse()?;
        if drafts.files.entry(&path).is_none() {
            continue;
        }
        let names: Vec<String> = place.packages.iter().map(|name| normalized(name)).collect();
        let is_meant = |package: &lock::Locked<'_>| {
            let is_own =
                package.source.is_some_and(|source| source.contains("editable = ") || source.contains("virtual = "));
            is_own && names.contains(&normalized(package.name))
        };
        lock::set(drafts, &path, is_meant, &Spelling::Python.write(new, "")?)?;
    }
    Ok(Vec::new())
}

/// The name of a package as Python compares it.
fn normalized(name: &str) -> String {
    let parts: Vec<&str> = name.split(['-', '_', '.']).filter(|part| !part.is_empty()).collect();
    parts.join("-").to_ascii_lowercase()
}
