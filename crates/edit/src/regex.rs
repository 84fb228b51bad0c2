//! Values that a regular expression finds, in files of any kind.

use std::ops::Range;
use std::str::FromStr;

use slipway_core::pattern::Pattern;
use slipway_core::{Error, ErrorKind, Result};

use crate::edited::{Change, Edited};
use crate::format::Format;
use crate::guard;
use crate::key_path::{KeyPath, Segment};
use crate::line_starts::LineStarts;
use crate::options::Options;
use crate::positions::Positions;
use crate::size;
use crate::splice::{self, Splice};
use crate::tree::{Kind, Tree};

/// The most matches that are replaced.
const MOST: usize = 10_000;

/// A regular expression that finds values: JavaScript's syntax, and flags in front as in `(?m)`. It has at most one group.
#[derive(Clone, Debug)]
pub struct Expression {
    text: String,
    pattern: Pattern,
}

impl FromStr for Expression {
    type Err = Error;

    /// # Errors
    /// [`ErrorKind::InvalidInput`] if it is wrong, has several groups, or takes more than linear time.
    fn from_str(text: &str) -> Result<Self> {
        let flags = text.strip_prefix("(?").and_then(|rest| rest.split_once(')'));
        let flags = flags.filter(|(flags, _)| !flags.is_empty() && flags.chars().all(|c| matches!(c, 'i' | 'm' | 's')));
        let pattern = match flags {
            Some((flags, rest)) => Pattern::parse(&format!("/{rest}/{flags}"))?,
            None => Pattern::parse(text)?,
        };
        match pattern.group_count() {
            0 | 1 | usize::MAX => Ok(Self { text: text.to_owned(), pattern }),
            groups => Err(Error::new(
                ErrorKind::InvalidInput,
                format!("the regular expression `{text}` has {groups} groups, and the value is to be in one"),
            )
            .hint("write the others as `(?:…)`")),
        }
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Expression {}

impl Format {
    /// Replaces what the group of a regular expression matches, or the whole match if it has none.
    ///
    /// # Errors
    /// [`ErrorKind::PathNotFound`] and [`ErrorKind::AmbiguousMatch`] if it does not match exactly once,
    /// [`ErrorKind::InvalidInput`] if the file would hold something else than another value.
    pub fn replace(&self, source: &str, expression: &Expression, value: &str, options: &Options) -> Result<Edited> {
        size::check(source)?;
        let Expression { text: expression, pattern } = expression;
        let mut places = Vec::new();
        for groups in pattern.places(source, MOST + 1) {
            let place = groups.last().cloned().flatten().ok_or_else(|| {
                Error::new(ErrorKind::InvalidInput, format!("the group of `{expression}` took no part in the match"))
                    .hint("write a group that every match has")
            })?;
            places.push(place);
        }
        let lines = LineStarts::of(source);
        match places.len() {
            0 => {
                let message = format!("the regular expression `{expression}` matches nothing");
                return Err(Error::new(ErrorKind::PathNotFound, message)
                    .hint("`^` and `$` mean the ends of the file; write `(?m)` in front for those of lines"));
            }
            1 => {}
            count if count > MOST => {
                let message = format!("the regular expression `{expression}` matches more than {MOST} times");
                return Err(Error::new(ErrorKind::InvalidInput, message).hint("write a narrower one"));
            }
            count if !options.every => {
                let found: Vec<String> =
                    places.iter().take(10).map(|place| lines.line(place.start).to_string()).collect();
                let message = format!(
                    "the regular expression `{expression}` matches {count} times, at lines {}",
                    found.join(", ")
                );
                return Err(Error::new(ErrorKind::AmbiguousMatch, message).hint("write a narrower one, or set `every`"));
            }
            _ => {}
        }
        let before = self.syntax.parse(source).ok();
        let values = before.as_ref().map(|tree| (tree, Positions::of(tree, &tree.documents)));
        let mut edited = Edited::unchanged(source);
        let mut splices = Vec::new();
        for place in places {
            let old = &source[place.clone()];
            let value_there = values.as_ref().and_then(|(tree, values)| Some((tree, values.holding(&place)?)));
            let (document, path) = value_there.map_or_else(
                || (0, KeyPath::from_document(vec![Segment::Key(expression.clone())])),
                |(tree, node)| (tree.document_index(node), tree.path_of(node)),
            );
            guard::check(options, &path, old, value)?;
            let change = Change {
                document,
                path,
                inner: None,
                line: lines.line(place.start),
                old: Some(old.to_owned()),
                new: value.to_owned(),
                is_removed: false,
                shared_with: Vec::new(),
            };
            if old == value {
                edited.unchanged.push(change);
            } else {
                edited.changes.push(change);
                splices.push(Splice { range: place, text: value.to_owned() });
            }
        }
        edited.text = splice::apply(source, &mut splices)?;
        splice::prove_rest_is_identical(source, &edited.text, &splices)?;
        if let Some(before) = &before {
            self.prove_values(before, &edited.text, &splices)?;
        }
        Ok(edited)
    }

    /// Checks that a file that parsed still does, and that only values differ in it, of the same type.
    fn prove_values(&self, before: &Tree<'_>, text: &str, splices: &[Splice]) -> Result<()> {
        let refused = |reason: &str| {
            let message = format!("the {} file would not be the same but for a value: {reason}", self.name);
            Error::new(ErrorKind::InvalidInput, message).hint("set the value by its key path")
        };
        let after = self.syntax.parse(text).map_err(|error| refused(error.message()))?;
        if before.nodes.len() != after.nodes.len() {
            return Err(refused("values would come or go"));
        }
        let touched = |span: &Range<usize>| {
            let next = splices.partition_point(|splice| splice.range.end < span.start);
            splices.get(next).is_some_and(|splice| splice.range.start <= span.end)
        };
        for (id, (old, new)) in before.nodes.iter().zip(&after.nodes).enumerate() {
            let both_scalars = matches!((&old.kind, &new.kind), (Kind::Scalar { .. }, Kind::Scalar { .. }));
            let is_same = old.depth == new.depth && (old.kind == new.kind || both_scalars);
            let is_changed = old.kind != new.kind || old.tag != new.tag || old.anchor != new.anchor;
            let line = new.line;
            if !is_same || is_changed && (before.is_key(id) || !touched(&old.span)) {
                return Err(refused(&format!("something else would change at line {line}")));
            }
            if is_changed && self.syntax.is_text(before, id) != self.syntax.is_text(&after, id) {
                return Err(refused(&format!("the type of the value at line {line} would change")));
            }
        }
        Ok(())
    }
}
