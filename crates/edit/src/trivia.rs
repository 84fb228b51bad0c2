//! Blanks and comments: what stands between values, and what of it belongs to one.

use std::ops::Range;

use crate::tree::{NodeId, Tree};

/// How the comments of a format begin: those that end with their line, and those that `*/` ends.
#[derive(Clone, Copy)]
pub(crate) struct Comments {
    pub(crate) line: &'static [&'static str],
    pub(crate) is_block_known: bool,
}

pub(crate) const HASH: Comments = Comments { line: &["#"], is_block_known: false };
pub(crate) const SLASHES: Comments = Comments { line: &["//"], is_block_known: true };
pub(crate) const HASH_AND_SLASHES: Comments = Comments { line: &["#", "//"], is_block_known: true };

impl Comments {
    /// The first byte from `at` on that is neither blank nor part of a comment.
    pub(crate) fn skip(self, source: &str, mut at: usize) -> usize {
        loop {
            let rest = source[at..].trim_start_matches([' ', '\t', '\r', '\n', '\u{feff}']);
            at = source.len() - rest.len();
            let end = if self.starts_line(rest) {
                rest.find('\n').unwrap_or(rest.len())
            } else if self.is_block_known && rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |end| end + 2)
            } else {
                return at;
            };
            at += end;
        }
    }

    /// Whether a comment that goes on to the end of its line begins here.
    pub(crate) fn starts_line(self, rest: &str) -> bool {
        self.line.iter().any(|mark| rest.starts_with(mark))
    }

    /// Whether the rest of the line that `at` is in holds nothing but a comment.
    pub(crate) fn ends_line(self, source: &str, at: usize) -> bool {
        let line = source[at..].split('\n').next().unwrap_or_default().trim();
        let is_block = || self.is_block_known && line.starts_with("/*") && line.find("*/") == Some(line.len() - 2);
        line.is_empty() || self.starts_line(line) || is_block()
    }
}

/// The lines that a value has for itself, with the comments that belong to it: those directly above it, as far in as it
/// is, unless they open the file; the one behind it; and those below it that are further in.
pub(crate) fn own_lines(tree: &Tree<'_>, range: Range<usize>, comments: Comments) -> Option<Range<usize>> {
    let source = tree.source;
    let mut start = tree.line_start(range.start);
    start += source[start..].len() - source[start..].trim_start_matches('\u{feff}').len();
    let indent = &source[start..range.start];
    if !indent.bytes().all(is_blank) || !comments.ends_line(source, range.end) {
        return None;
    }
    let is_comment_at = |line: &str| {
        let text = line.trim_start_matches([' ', '\t']);
        comments.starts_line(text).then(|| line.len() - text.len())
    };
    let mut first_comment = tree.line_start(range.start);
    while first_comment > 0 {
        let above = tree.line_start(first_comment - 1);
        if is_comment_at(&source[above..first_comment]) != Some(indent.len()) {
            start = first_comment;
            break;
        }
        first_comment = above;
    }
    let mut end = next_line(source, range.end);
    let mut looked_at = end;
    while looked_at < source.len() {
        let below = next_line(source, looked_at);
        let line = &source[looked_at..below];
        match is_comment_at(line) {
            Some(depth) if depth > indent.len() => end = below,
            None if line.trim().is_empty() => {}
            _ => break,
        }
        looked_at = below;
    }
    Some(without_gap(tree, start..end))
}

/// The lines, with one of the blank lines around them where two would come together, and the line break in front of
/// them where the file would otherwise get one at its end.
fn without_gap(tree: &Tree<'_>, lines: Range<usize>) -> Range<usize> {
    let (source, Range { mut start, mut end }) = (tree.source, lines);
    let above = |at: usize| &source[tree.line_start(at.saturating_sub(1))..at];
    let is_first = source[..start].trim_start_matches('\u{feff}').is_empty();
    if is_first || above(start).trim().is_empty() {
        while end < source.len() && source[end..next_line(source, end)].trim().is_empty() {
            end = next_line(source, end);
        }
    }
    if end == source.len() {
        while start > 0 && !is_first && above(start).trim().is_empty() && !is_in_block_scalar(tree, start) {
            start = tree.line_start(start - 1);
        }
        if !source.ends_with('\n') && start > 0 && source[..start].ends_with('\n') {
            start -= if source[..start].ends_with("\r\n") { 2 } else { 1 };
        }
    }
    start..end
}

/// Whether blank lines in front of this place may belong to a block scalar, whose header then counts them.
fn is_in_block_scalar(tree: &Tree<'_>, at: usize) -> bool {
    use crate::tree::{Kind, Style};
    let last = tree.nodes.iter().rposition(|node| node.span.start < at);
    last.is_some_and(|last: NodeId| {
        matches!(tree.nodes[last].kind, Kind::Scalar { style: Style::Literal | Style::Folded, .. })
    })
}

/// The start of the line behind the one that `at` is in.
pub(crate) fn next_line(source: &str, at: usize) -> usize {
    source[at..].find('\n').map_or(source.len(), |end| at + end + 1)
}

pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_of_each_kind_are_skipped() {
        assert_eq!(HASH.skip("a  # b\n\n  # c\n d", 1), 15);
        assert_eq!(SLASHES.skip("a /* b\n */ // c\n,", 1), 16);
        assert_eq!(SLASHES.skip("a # b", 1), 2);
        assert_eq!(HASH_AND_SLASHES.skip("# a\n// b", 0), 8);
        assert!(SLASHES.ends_line("a // b\n", 1) && SLASHES.ends_line("a /* b */ \n", 1));
        assert!(!SLASHES.ends_line("a /* b */ c\n", 1) && !HASH.ends_line("a ,\n", 1));
    }
}
