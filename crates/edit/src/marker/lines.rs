//! Marked values in a template that no YAML reader takes: each line is a document of its own.

use slipway_core::{Error, ErrorKind, Result};

use super::comment;
use super::{MarkedValue, Marker, nothing_given};
use crate::edited::Edited;
use crate::format::Format;
use crate::options::Options;
use crate::splice::{self, Splice};

/// Edits the lines of a template that carry the marker.
///
/// # Errors
/// Those of [`Format::set_marked`], and `otherwise` if a line is templated itself, or no line has the marker.
pub(super) fn set(
    source: &str,
    marker: &Marker,
    value: &MarkedValue,
    options: &Options,
    otherwise: Error,
) -> Result<Edited> {
    let mut edited = Edited::unchanged(source);
    let mut splices = Vec::new();
    let (mut at, mut parts) = (source.len() - source.trim_start_matches('\u{feff}').len(), Vec::new());
    let mut is_marked = false;
    for (number, line) in source[at..].split_inclusive('\n').enumerate() {
        let start = at;
        at += line.len();
        let text = line.trim_end_matches(['\r', '\n']);
        let comments = text.find(" #").map(|place| comment::read(text[place + 2..].trim(), &marker.kind));
        let Some(comment) = comments.into_iter().flatten().find(|comment| comment.names(&marker.name)) else {
            continue;
        };
        if text.contains("{{") {
            let message = format!("line {} is marked and templated itself", number + 1);
            return Err(Error::new(ErrorKind::InvalidYaml, message)
                .hint("edit the values file that the template is rendered from"));
        }
        if parts.contains(&comment.part) && !options.every {
            let message = format!("`{}` marks several lines, the second at line {}", marker.name, number + 1);
            return Err(Error::new(ErrorKind::AmbiguousMatch, message).hint("set `every` if all of them are meant"));
        }
        parts.push(comment.part);
        is_marked = true;
        let indent = text.len() - text.trim_start_matches(' ').len();
        let done = match Format::YAML.set_marked(&text[indent..], marker, value, &options.inside()) {
            // Another line may take what is given.
            Err(error) if error == nothing_given(marker) => continue,
            done => done.map_err(|error| error.context(format!("line {} of the template", number + 1)))?,
        };
        for mut change in done.changes {
            change.line = number + 1;
            edited.changes.push(change);
        }
        edited.unchanged.extend(done.unchanged.into_iter().map(|change| crate::Change { line: number + 1, ..change }));
        splices.push(Splice { range: start + indent..start + text.len(), text: done.text });
    }
    if !is_marked {
        return Err(otherwise);
    }
    if edited.changes.is_empty() && edited.unchanged.is_empty() {
        return Err(nothing_given(marker));
    }
    edited.text = splice::apply(source, &mut splices)?;
    splice::prove_rest_is_identical(source, &edited.text, &splices)?;
    Ok(edited)
}
