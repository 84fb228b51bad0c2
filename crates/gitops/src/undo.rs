//! Taking one change of a file back where later changes left it alone.

use std::ops::Range;

use gix_imara_diff::{Algorithm, Diff, InternedInput};
use slipway_core::text::{one_line, shorten};

/// From how many lines on a file is only compared as a whole: every change is looked for among all others.
const LINE_LIMIT: usize = 10_000;
/// How much of a change is shown, in characters.
const SHOWN: usize = 160;

/// Somebody else changed what is to be taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Conflict {
    /// The lines that the change wrote; empty if it took some away, or the file is only compared as a whole.
    pub(crate) written: String,
    /// The lines that stand there now; empty if there are none.
    pub(crate) found: String,
}

/// The current content without the change that led from `before` to `after`.
///
/// Every line that the change wrote must still be there as it was written, or be as it was before already; whatever else changed
/// since stays.
pub(crate) fn undo(before: &[u8], after: &[u8], current: &[u8]) -> Result<Vec<u8>, Conflict> {
    if current == after {
        return Ok(before.into());
    }
    let (before, after, current) = (lines(before), lines(after), lines(current));
    if [&before, &after, &current].iter().any(|lines| lines.len() > LINE_LIMIT) {
        return Err(Conflict::default());
    }
    let since = changes(&after, &current);
    let mut restored = Vec::new();
    let mut copied = 0;
    for Change { old: written, new: replaced } in changes(&after, &before) {
        if let Some(place) = find(&since, &written) {
            restored.extend_from_slice(&current[copied..place.start]);
            restored.extend_from_slice(&before[replaced]);
            copied = place.end;
        } else if !is_undone(&since, &written, &current, &before[replaced]) {
            return Err(conflict(&since, &written, &after, &current));
        }
    }
    restored.extend_from_slice(&current[copied..]);
    Ok(restored.concat())
}

fn lines(content: &[u8]) -> Vec<&[u8]> {
    content.split_inclusive(|byte| *byte == b'\n').collect()
}

/// Lines that stand in the place of others.
struct Change {
    old: Range<usize>,
    new: Range<usize>,
}

/// How two contents differ. Between the changes both are the same.
fn changes(old: &[&[u8]], new: &[&[u8]]) -> Vec<Change> {
    let mut lines = InternedInput::default();
    lines.update_before(old.iter().copied());
    lines.update_after(new.iter().copied());
    let mut difference = Diff::compute(Algorithm::Myers, &lines);
    difference.postprocess_no_heuristic(&lines);
    let range = |lines: Range<u32>| lines.start as usize..lines.end as usize;
    difference.hunks().map(|hunk| Change { old: range(hunk.before), new: range(hunk.after) }).collect()
}

/// Where lines that nobody touched since are now. Lines that were taken away have a place if both their neighbours are untouched.
fn find(since: &[Change], written: &Range<usize>) -> Option<Range<usize>> {
    let is_touched = since.iter().any(|Change { old, .. }| {
        if written.is_empty() {
            old.start <= written.start && written.start <= old.end
        } else {
            old.start < written.end && written.start < old.end
        }
    });
    let moved = |change: &Change| change.new.end + written.start - change.old.end;
    let start = since.iter().rfind(|change| change.old.end <= written.start).map_or(written.start, moved);
    (!is_touched).then(|| start..start + written.len())
}

/// Whether somebody took exactly this change back already.
fn is_undone(since: &[Change], written: &Range<usize>, current: &[&[u8]], before: &[&[u8]]) -> bool {
    since.iter().any(|Change { old, new }| old == written && current[new.clone()] == *before)
}

fn conflict(since: &[Change], written: &Range<usize>, after: &[&[u8]], current: &[&[u8]]) -> Conflict {
    let touching = since.iter().filter(|change| change.old.start <= written.end && written.start <= change.old.end);
    let found: Vec<&[u8]> = touching.flat_map(|change| &current[change.new.clone()]).copied().collect();
    Conflict { written: shown(&after[written.clone()]), found: shown(&found) }
}

/// Lines as one that a sentence can hold.
fn shown(lines: &[&[u8]]) -> String {
    shorten(&one_line(&String::from_utf8_lossy(&lines.concat())), SHOWN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn undone(before: &str, after: &str, current: &str) -> Result<String, Conflict> {
        undo(before.as_bytes(), after.as_bytes(), current.as_bytes()).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn a_change_is_taken_back_where_it_still_stands() {
        for (what, before, after, current, expected) in [
            ("nothing else changed", "a\nb1\nc\n", "a\nb2\nc\n", "a\nb2\nc\n", "a\nb1\nc\n"),
            ("the next line changed", "a\nb1\nc\n", "a\nb2\nc\n", "a\nb2\nC\n", "a\nb1\nC\n"),
            ("lines came and went", "a\nb1\nc\nd\n", "a\nb2\nc\nd\n", "x\ny\na\nb2\nd\n", "x\ny\na\nb1\nd\n"),
            ("taken back by hand", "a\nb1\nc\nd1\n", "a\nb2\nc\nd2\n", "a\nb1\nc\nd2\n", "a\nb1\nc\nd1\n"),
            ("two places", "v1\na\nb\nv1\n", "v2\na\nb\nv2\n", "v2\na\nB\nv2\n", "v1\na\nB\nv1\n"),
            ("a line was added", "a\nb\n", "a\nx\nb\n", "A\nx\nb\n", "A\nb\n"),
            ("a line was taken away", "a\nx\nb\nc\n", "a\nb\nc\n", "a\nb\nC\n", "a\nx\nb\nC\n"),
            ("the last line was taken away", "a\nx\n", "a\n", "A\na\n", "A\na\nx\n"),
            ("no final line break", "a\r\nb1", "a\r\nb2", "A\r\nb2", "A\r\nb1"),
        ] {
            assert_eq!(undone(before, after, current).as_deref(), Ok(expected), "{what}");
        }
    }

    #[test]
    fn a_line_that_somebody_changed_is_a_conflict() {
        for (what, before, after, current) in [
            ("the line itself", "a\nb1\nc\n", "a\nb2\nc\n", "a\nb3\nc\n"),
            ("the line is gone", "a\nb1\nc\n", "a\nb2\nc\n", "a\nc\n"),
            ("one of two", "v1\na\nb\nw1\n", "v2\na\nb\nw2\n", "v2\na\nb\nw3\n"),
            ("half of it", "v1\nw1\n", "v2\nw2\n", "v2\nw3\n"),
            ("other line breaks", "a\nb1\n", "a\nb2\n", "a\r\nb2\r\n"),
            ("nothing is left", "a\nb1\n", "a\nb2\n", ""),
            ("the neighbour of a line that went", "a\nx\nb\n", "a\nb\n", "a\nB\n"),
            ("another line where one went", "a\nx\nb\n", "a\nb\n", "a\ny\nb\n"),
        ] {
            assert!(undone(before, after, current).is_err(), "{what}");
        }
    }

    #[test]
    fn a_conflict_shows_both() {
        for (before, after, current, written, found) in [
            ("a\nb1\nc\n", "a\nb2\nc\n", "a\nb3\nc\n", "b2", "b3"),
            ("a\nb1\nc\n", "a\nb2\nc\n", "a\nc\n", "b2", ""),
            ("a\nx\nc\n", "a\nc\n", "a\ny\nc\n", "", "y"),
        ] {
            let conflict = undone(before, after, current).unwrap_err();
            assert_eq!((conflict.written.as_str(), conflict.found.as_str()), (written, found), "{after:?} {current:?}");
        }
    }

    #[test]
    fn long_files_are_compared_as_a_whole() {
        let long = |first: &str| first.to_owned() + &"x\n".repeat(LINE_LIMIT);
        assert_eq!(undone(&long("1\n"), &long("2\n"), &long("2\n")), Ok(long("1\n")));
        assert!(undone(&long("1\n"), &long("2\n"), &(long("2\n") + "y")).is_err());
    }
}
