//! Repetitions of what can be empty, where JavaScript goes another way than the engine.
//!
//! JavaScript takes back a round that matched nothing and looks for another way through it. The engine keeps it; that comes to the
//! same as long as nothing is what is tried last.

use crate::Result;

use super::invalid;
use super::syntax::Node;

/// When a part of an expression matches nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Empty {
    Never,
    Always,
    /// Only when all else has failed.
    Last,
    /// Before something else is tried.
    Early,
}

/// Refuses the repetitions that the engine would understand in another way.
pub(super) fn check(node: &Node) -> Result<()> {
    match node {
        Node::Set(_) | Node::Assertion(_) => Ok(()),
        Node::Capture(inner) => check(inner),
        Node::Sequence(nodes) | Node::Choice(nodes) => nodes.iter().try_for_each(check),
        Node::Repeat { node, least, most, .. } => {
            let counts_rounds = most.is_some_and(|most| most > 1) && node.has_capture();
            let is_other = match empty(node) {
                Empty::Never => false,
                Empty::Early => true,
                Empty::Last | Empty::Always => counts_rounds,
            };
            if is_other && *most != Some(*least) {
                return Err(invalid("it repeats what can be empty, which is not supported")
                    .hint("write the repetition so that each round has a character, such as `(a+)*` for `(a*?)*`"));
            }
            check(node)
        }
    }
}

fn empty(node: &Node) -> Empty {
    match node {
        Node::Set(_) => Empty::Never,
        Node::Assertion(_) => Empty::Always,
        Node::Capture(inner) => empty(inner),
        Node::Sequence(nodes) => nodes.iter().map(empty).fold(Empty::Always, |before, next| match (before, next) {
            (Empty::Never, _) | (_, Empty::Never) => Empty::Never,
            (Empty::Early, _) | (_, Empty::Early) => Empty::Early,
            (Empty::Always, other) | (other, Empty::Always) => other,
            (Empty::Last, Empty::Last) => Empty::Last,
        }),
        Node::Choice(nodes) => {
            let mut all = nodes.iter().map(empty);
            let first = all.next().unwrap_or(Empty::Always);
            all.fold(first, |before, next| match (before, next) {
                (Empty::Never, Empty::Always) => Empty::Last,
                (Empty::Never, other) => other,
                (Empty::Last | Empty::Always, Empty::Always) => before,
                _ => Empty::Early,
            })
        }
        Node::Repeat { most: Some(0), .. } => Empty::Always,
        Node::Repeat { node, least, is_lazy, .. } => match (empty(node), least, is_lazy) {
            (Empty::Always, ..) => Empty::Always,
            (inner, 1.., _) => inner,
            (Empty::Early, ..) | (_, 0, true) => Empty::Early,
            (_, 0, false) => Empty::Last,
        },
    }
}
