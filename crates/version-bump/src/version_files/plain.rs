//! A file that holds the version and nothing else.

use slipway_core::{Result, WorkspacePath};
use slipway_edit::Format;

use super::document::path as key;
use super::files::Files;
use super::kind::{Kind, alone, nothing};
use super::place::Place;

/// `version.txt` and `VERSION`: a version, with or without `v`, and white space.
pub(super) const KIND: Kind = Kind {
    files: &["version.txt", "VERSION", "VERSION.txt", ".version"],
    companions: &[],
    is_looked_for: true,
    needs: nothing,
    places,
    follow: alone,
};

fn places(files: &Files, path: &WorkspacePath) -> Result<Vec<Place>> {
    let text = files.text(path)?.trim_start_matches('\u{feff}').trim();
    let place = Place::new(path, Format::WHOLE, key(&["version"])?, text.into());
    // Something else by that name is none of ours.
    Ok(place.version().map(|_| place).into_iter().collect())
}
