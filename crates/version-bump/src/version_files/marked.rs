//! Any text in which comments mark the version.

use slipway_core::{Result, WorkspacePath};
use slipway_edit::Format;

use super::document::{Document, path as key};
use super::files::Files;
use super::kind::{Kind, alone, nothing};
use super::place::Place;
use super::spelling::Spelling;

/// Lines with `slipway:version` or one of its numbers, and blocks of them. Only listed files are read: such comments can be anywhere.
pub(super) const KIND: Kind =
    Kind { files: &[], companions: &[], is_looked_for: false, needs: nothing, places, follow: alone };

/// The names of the markers.
const MARKERS: [(&str, Spelling); 4] = [
    ("version", Spelling::SemVer),
    ("major", Spelling::Number(|version| version.major)),
    ("minor", Spelling::Number(|version| version.minor)),
    ("patch", Spelling::Number(|version| version.patch)),
];

fn places(files: &Files, path: &WorkspacePath) -> Result<Vec<Place>> {
    let text = Document::of(path, files.text(path)?, Format::MARKED)?;
    let mut places = Vec::new();
    for (name, spelling) in MARKERS {
        if let Some(first) = text.values(&[name]).into_iter().next() {
            places.push(Place { spelling, ..Place::new(path, Format::MARKED, key(&[name])?, first) });
        }
    }
    Ok(places)
}
