//! Gradle builds.

use slipway_core::{Result, WorkspacePath};

use super::document::{Document, path as key};
use super::files::Files;
use super::kind::{Kind, alone, nothing};
use super::place::Place;

/// `version` in `gradle.properties`.
pub(super) const KIND: Kind =
    Kind { files: &["gradle.properties"], companions: &[], is_looked_for: true, needs: nothing, places, follow: alone };

fn places(files: &Files, path: &WorkspacePath) -> Result<Vec<Place>> {
    let properties = Document::read(path, files.text(path)?)?;
    let text = properties.value(&["version"]);
    text.map(|text| Ok(Place::new(path, properties.format, key(&["version"])?, text))).into_iter().collect()
}
