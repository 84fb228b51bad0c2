//! Maven projects.

use semver::Version;
use slipway_core::{Result, WorkspacePath};
use slipway_edit::Format;

use super::document::{Document, directory, path as key};
use super::draft::Drafts;
use super::files::Files;
use super::kind::{Kind, Need};
use super::place::Place;

const NAMES: &[&str] = &["pom.xml"];

/// `pom.xml`: the project's version, or the property that it names, and the modules that name it as their parent. A version that
/// ends with `-SNAPSHOT` becomes the release; the next snapshot is the team's to begin.
pub(super) const KIND: Kind = Kind { files: NAMES, companions: &[], is_looked_for: true, needs, places, follow };

fn needs(files: &Files, path: &WorkspacePath) -> Vec<Need> {
    let project = files.text(path).and_then(|text| Document::read(path, text));
    let has_modules = project.is_ok_and(|project| project.keys(&["project"]).iter().any(|key| key == "modules"));
    let below = Need::Below { directory: directory(path).into(), names: NAMES, levels: usize::MAX };
    has_modules.then_some(below).into_iter().collect()
}

fn places(files: &Files, path: &WorkspacePath) -> Result<Vec<Place>> {
    let project = Document::read(path, files.text(path)?)?;
    let Some(text) = project.value(&["project", "version"]) else { return Ok(Vec::new()) };
    let property = text.strip_prefix("${").and_then(|text| text.strip_suffix('}'));
    let keys = property.map_or(vec!["project", "version"], |property| vec!["project", "properties", property]);
    let Some(text) = project.value(&keys) else { return Ok(Vec::new()) };
    let place = Place::new(path, Format::XML, key(&keys)?, text);
    Ok(vec![Place { packages: coordinates(&project).into_iter().collect(), ..place }])
}

/// Sets the version in the modules that have these projects as their parent, and their own if it is the same.
fn follow(set: &[Place], drafts: &mut Drafts<'_>, new: &Version) -> Result<Vec<String>> {
    let files = drafts.files;
    for place in set {
        let modules = files.named(directory(&place.path), "pom.xml").filter(|path| **path != place.path);
        for path in modules {
            let module = Document::read(path, files.text(path)?)?;
            let parent = ["groupId", "artifactId"].map(|name| module.value(&["project", "parent", name]));
            let [Some(group), Some(artifact)] = parent else { continue };
            if !place.packages.contains(&format!("{group}:{artifact}")) {
                continue;
            }
            for keys in [&["project", "parent", "version"][..], &["project", "version"]] {
                if module.value(keys).as_deref() == Some(&place.text) {
                    drafts.set(path, Format::XML, &key(keys)?, &new.to_string())?;
                }
            }
        }
    }
    Ok(Vec::new())
}

/// `group:artifact`; the group can be the parent's.
fn coordinates(project: &Document<'_>) -> Option<String> {
    let group = project.value(&["project", "groupId"]).or_else(|| project.value(&["project", "parent", "groupId"]))?;
    Some(format!("{group}:{}", project.value(&["project", "artifactId"])?))
}
