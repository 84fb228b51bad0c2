//! Replacing ranges of bytes, and nothing else.

use std::ops::Range;

use slipway_core::order;
use slipway_core::{Error, ErrorKind, Result};

/// New text for a range of bytes of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Splice {
    pub(crate) range: Range<usize>,
    pub(crate) text: String,
}

impl Splice {
    /// New text where nothing is taken away.
    pub(crate) fn insertion(place: usize, text: String) -> Self {
        Self { range: place..place, text }
    }

    /// A range that goes.
    pub(crate) fn removal(range: Range<usize>) -> Self {
        Self { range, text: String::new() }
    }
}

/// The source with every splice made. Afterwards the splices are in the order of their ranges.
///
/// # Errors
/// [`ErrorKind::Internal`] if two ranges overlap, or one does not lie on character boundaries of the source.
pub(crate) fn apply(source: &str, splices: &mut Vec<Splice>) -> Result<String> {
    order::sort_by_key(splices, |splice| (splice.range.start, splice.range.end));
    let mut result =
        String::with_capacity(source.len() + splices.iter().map(|splice| splice.text.len()).sum::<usize>());
    let mut copied = 0;
    for splice in splices.iter() {
        let kept = source.get(copied..splice.range.start).filter(|_| splice.range.start <= splice.range.end);
        result.push_str(kept.ok_or_else(|| defect("two edits overlap"))?);
        result.push_str(&splice.text);
        copied = splice.range.end;
    }
    result.push_str(source.get(copied..).ok_or_else(|| defect("an edit lies outside the file"))?);
    Ok(result)
}

/// Proves, without trusting [`apply`], that the bytes of `after` outside the splices are those of `before`.
///
/// # Errors
/// [`ErrorKind::Internal`] if they are not.
pub(crate) fn prove_rest_is_identical(before: &str, after: &str, splices: &[Splice]) -> Result<()> {
    let (mut before, mut after) = (before.as_bytes(), after.as_bytes());
    // From the end to the start, which `apply` does not do.
    for splice in splices.iter().rev() {
        let kept = before.get(splice.range.end..).ok_or_else(|| defect("an edit lies outside the file"))?;
        after = after
            .strip_suffix(kept)
            .and_then(|rest| rest.strip_suffix(splice.text.as_bytes()))
            .ok_or_else(|| defect("a byte outside the edited values changed"))?;
        before = &before[..splice.range.start];
    }
    if before == after { Ok(()) } else { Err(defect("a byte outside the edited values changed")) }
}

/// A failed proof.
pub(crate) fn defect(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Internal, message).hint("nothing was written; please report this file as a defect of Slipway")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn splice(range: Range<usize>, text: &str) -> Splice {
        Splice { range, text: text.into() }
    }

    #[test]
    fn splices_are_made_in_any_order() {
        let mut splices = vec![splice(6..7, "C"), splice(0..1, ""), splice(3..3, "++")];
        let after = apply("a b éc", &mut splices).expect("apart");
        assert_eq!(after, " b++ éC");
        prove_rest_is_identical("a b éc", "a b éC", &[splice(6..7, "C")]).expect("only the last letter");
    }

    #[test]
    fn overlaps_and_broken_characters_are_defects() {
        for mut splices in [vec![splice(0..3, "x"), splice(2..4, "y")], vec![splice(5..6, "x")], vec![splice(9..9, "")]]
        {
            assert_eq!(apply("a b éc", &mut splices).expect_err("defect").kind(), ErrorKind::Internal);
        }
    }

    #[test]
    fn a_changed_byte_elsewhere_is_found() {
        let edit = [splice(2..3, "X")];
        prove_rest_is_identical("a b c", "a X c", &edit).expect("identical");
        for after in ["a X d", "b X c", "a X c ", " a X c", "a Y c", ""] {
            assert!(prove_rest_is_identical("a b c", after, &edit).is_err(), "{after:?}");
        }
    }
}
