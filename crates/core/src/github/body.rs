//! Texts of comments and pull requests, as GitHub keeps them.

/// Whether two texts are the same but for what GitHub makes of line breaks and of the end.
pub(super) fn is_same(left: &str, right: &str) -> bool {
    left.replace("\r\n", "\n").trim_end() == right.replace("\r\n", "\n").trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_and_the_end_do_not_matter_on_either_side() {
        for (left, right) in [("a\r\nb\r\n", "a\nb"), ("a\nb", "a\r\nb \n"), ("", "\n")] {
            assert!(is_same(left, right) && is_same(right, left), "{left:?} {right:?}");
        }
        assert!(!is_same("a\n\nb", "a\nb") && !is_same(" a", "a"));
    }
}
