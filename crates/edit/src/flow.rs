//! Writing keys and list items that are not there yet between brackets, in the style of their neighbours.

use slipway_core::{Error, ErrorKind, Result};

use crate::key_path::Segment;
use crate::splice::Splice;
use crate::tree::{NodeId, Tree};
use crate::value::Value;

/// The edit that adds the rest of a path, down to the value, behind the last entry of a collection in brackets: on a
/// line of its own if the others are.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] where it cannot be told how the file wants it written.
pub(crate) fn insert(
    tree: &Tree<'_>,
    at: NodeId,
    rest: &[Segment],
    value: &Value,
    write: &dyn Fn(&Value) -> String,
) -> Result<Splice> {
    let span = tree.nodes[at].span.clone();
    // In YAML `[key: value]` is a mapping without brackets of its own.
    if !tree.source[span.start..].starts_with(['{', '[']) {
        return Err(unclear(tree, at));
    }
    let text = entry(rest, value, write);
    let Some(first) = tree.children(at).next() else {
        let place = span.start + 1;
        return Ok(Splice { range: place..place, text });
    };
    let place = tree.children(at).map(|child| tree.nodes[child].span.end).max().unwrap_or(span.start + 1);
    let line_start = tree.line_start(tree.nodes[first].span.start);
    let indent = &tree.source[line_start..tree.nodes[first].span.start];
    let separator = if line_start > span.start && indent.bytes().all(|byte| byte == b' ' || byte == b'\t') {
        format!("{}{indent}", tree.line_break(place))
    } else {
        " ".to_owned()
    };
    Ok(Splice { range: place..place, text: format!(",{separator}{text}") })
}

fn entry(rest: &[Segment], value: &Value, write: &dyn Fn(&Value) -> String) -> String {
    let text = |text: &String| write(&Value::Text(text.clone()));
    match rest.split_first() {
        Some((Segment::Key(key), rest)) => {
            let below = entry(rest, value, write);
            match rest.first() {
                None => format!("{}: {below}", text(key)),
                Some(Segment::Key(_)) => format!("{}: {{{below}}}", text(key)),
                Some(_) => format!("{}: [{below}]", text(key)),
            }
        }
        Some((Segment::Item { key, value: name }, rest)) => {
            format!("{{{}: {}, {}}}", text(key), text(name), entry(rest, value, write))
        }
        _ => write(value),
    }
}

/// It cannot be told how the file wants a key written there.
pub(crate) fn unclear(tree: &Tree<'_>, at: NodeId) -> Error {
    let message = format!("no key can be added to {} at line {}", tree.noun(at), tree.nodes[at].line);
    Error::new(ErrorKind::InvalidInput, message).hint("write the key and an empty value first")
}
