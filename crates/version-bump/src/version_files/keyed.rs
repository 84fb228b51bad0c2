//! Any file, by the key that somebody listed.

use slipway_core::{Error, ErrorKind, Result, WorkspacePath};
use slipway_edit::{Format, KeyPath, Options};

use super::files::Files;
use super::place::Place;
use super::spelling::Spelling;

/// The place of a key.
///
/// # Errors
/// `InvalidInput` for a file of no known format, `PathNotFound` if nothing stands there, and what the format's reader says.
pub(super) fn place(files: &Files, path: &WorkspacePath, key: &KeyPath) -> Result<Place> {
    let format = Format::of_file(path.file_name(), Format::VERSION_FILES)?;
    let text = format.value(files.text(path)?, key, &Options::default());
    let text = text.map_err(|error| error.context(format!("`{path}`")))?.ok_or_else(|| {
        Error::new(ErrorKind::PathNotFound, format!("nothing stands at `{key}` in `{path}`"))
            .hint("check the spelling of the key in `version-files`")
    })?;
    let is_python = path.file_name() == "pyproject.toml" || path.file_name().ends_with(".py");
    let spelling = if is_python { Spelling::Python } else { Spelling::SemVer };
    Ok(Place { spelling, ..Place::new(path, format, key.clone(), text) })
}
