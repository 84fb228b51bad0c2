//! Helm charts.

use slipway_core::{Result, WorkspacePath};

use super::document::{Document, path as key};
use super::files::Files;
use super::kind::{Kind, alone, nothing};
use super::place::Place;

/// `Chart.yaml`: `version`, and `appVersion` if it is released together.
pub(super) const KIND: Kind =
    Kind { files: &["Chart.yaml"], companions: &[], is_looked_for: true, needs: nothing, places, follow: alone };

fn places(files: &Files, path: &WorkspacePath) -> Result<Vec<Place>> {
    let chart = Document::read(path, files.text(path)?)?;
    let mut places = Vec::new();
    for (name, is_secondary) in [("version", false), ("appVersion", true)] {
        if let Some(text) = chart.value(&[name]) {
            places.push(Place { is_secondary, ..Place::new(path, chart.format, key(&[name])?, text) });
        }
    }
    Ok(places)
}
