//! Values that a comment behind them names: Flux's `{"$imagepolicy": "namespace:name:tag"}`, kpt's
//! `kpt-set: ${image}:${tag}`, and `slipway:name:tag`.

mod comment;
mod lines;
mod wanted;

use slipway_core::{Error, ErrorKind, Result};

pub use wanted::MarkedValue;

use crate::edited::{Draft, Edited};
use crate::format::Format;
use crate::guard;
use crate::locate::documents;
use crate::nearest;
use crate::options::Options;
use crate::positions::Positions;
use crate::size;
use crate::tree::{NodeId, Tree};
use crate::value::Value;
use comment::Comment;

/// Which comments are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// What begins them: `$imagepolicy`, `kpt-set`, `slipway`, or the key of another JSON object in a comment.
    pub kind: String,
    /// What they name. With `:tag`, `:name` or `:digest` behind it only these are meant.
    pub name: String,
}

/// A comment that is meant, and the value that it stands behind.
struct Found {
    value: NodeId,
    comment: Comment,
    line: usize,
}

impl Format {
    /// Sets the values that comments mark. A comment is looked for behind its value, in the same line; one that stands
    /// several times with the same part is ambiguous. In a YAML template that no reader takes, the lines with such a
    /// comment are edited each for itself, if nothing in them is templated.
    ///
    /// # Errors
    /// Those of [`Format::set`] with [`ErrorKind::PathNotFound`] if there is no such comment,
    /// [`ErrorKind::AmbiguousMatch`] if there are several, [`ErrorKind::StaleDigest`] if a digest would stay beside a
    /// new tag, and [`ErrorKind::InvalidInput`] if nothing is given for what they ask for.
    pub fn set_marked(&self, source: &str, marker: &Marker, value: &MarkedValue, options: &Options) -> Result<Edited> {
        size::check(source)?;
        if [Self::TEXT, Self::MARKED].contains(self) && marker.kind == "slipway" {
            let path = crate::KeyPath::new(vec![crate::Segment::Key(marker.name.clone())])?;
            let text = value.text()?;
            return Self::MARKED.set(source, &path, &Value::from(text.as_str()), options);
        }
        let tree = match self.syntax.parse(source) {
            Err(error) if *self == Self::YAML && error.kind() == ErrorKind::InvalidYaml && source.contains("{{") => {
                return lines::set(source, marker, value, options, error);
            }
            parsed => parsed?,
        };
        let found = find(&tree, &documents(&tree, options)?, marker)?;
        refuse_repetitions(marker, &found, options)?;
        let mut draft = Draft::new(*self, &tree);
        let mut is_anything_given = false;
        for Found { value: node, comment, .. } in &found {
            let path = tree.path_of(*node);
            let old = self.scalar(&tree, *node, &path)?;
            let place = format!("`{path}` at line {}", tree.nodes[*node].line);
            let Some(new) = value.for_comment(comment, marker, old, &place)? else { continue };
            is_anything_given = true;
            let (old_part, new_part) = comment.guarded(old, &new);
            guard::check(options, &path, old_part, new_part)?;
            draft.replace(*node, &Value::Text(new))?;
        }
        if is_anything_given { draft.finish() } else { Err(nothing_given(marker)) }
    }
}

fn nothing_given(marker: &Marker) -> Error {
    let message = format!("nothing is given for what the comments with `{}` ask for", marker.name);
    Error::new(ErrorKind::InvalidInput, message).hint("give `tag`, `digest`, `image` or `value`")
}

fn refuse_repetitions(marker: &Marker, found: &[Found], options: &Options) -> Result<()> {
    if options.every {
        return Ok(());
    }
    for (position, first) in found.iter().enumerate() {
        let same: Vec<String> = found[position..]
            .iter()
            .filter(|other| other.comment.part == first.comment.part)
            .map(|found| found.line.to_string())
            .collect();
        if same.len() > 1 {
            let message = format!("`{}` marks {} values, at lines {}", marker.name, same.len(), same.join(", "));
            return Err(Error::new(ErrorKind::AmbiguousMatch, message).hint("set `every` if all of them are meant"));
        }
    }
    Ok(())
}

/// The marked values, in the order of the file.
fn find(tree: &Tree<'_>, documents: &[NodeId], marker: &Marker) -> Result<Vec<Found>> {
    let (mut found, mut others) = (Vec::new(), Vec::new());
    let values = Positions::of(tree, documents);
    let mut at = 0;
    for line in tree.source.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let Some(word) = line.find(&marker.kind) else { continue };
        let is_in_line = |value: &NodeId| tree.nodes[*value].span.end > start;
        let Some(value) = values.in_front_of(start + word).filter(is_in_line) else { continue };
        // A folded or quoted value may hold the word itself.
        let comment_start = tree.nodes[value].span.end;
        let behind = tree.source.get(comment_start..at).unwrap_or_default();
        let Some(comment) = comment::text(behind) else { continue };
        for comment in comment::read(comment, &marker.kind) {
            if comment.names(&marker.name) {
                found.push(Found { value, comment, line: tree.nodes[value].line });
            } else {
                others.push(comment.name);
            }
        }
    }
    if !found.is_empty() {
        return Ok(found);
    }
    let message = format!("no value is marked with `{}` for `{}`", marker.kind, marker.name);
    let error = Error::new(ErrorKind::PathNotFound, message);
    Err(match nearest::list(&marker.name, others.iter().map(String::as_str)) {
        Some(known) => error.hint(format!("the comments of the file name {known}")),
        None => error.hint("write the comment behind the value, in the same line"),
    })
}
