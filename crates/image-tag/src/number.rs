//! Numbers as JavaScript's `Number()` reads them, which is how metadata-action reads its own.

/// The number that a text stands for: nothing is zero, `0x`, `0o` and `0b` are other bases; `None` where JavaScript says `NaN`.
pub(crate) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    if text.is_empty() {
        return Some(0.0);
    }
    for (prefix, base) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some((head, digits)) = text.split_at_checked(2)
            && head.eq_ignore_ascii_case(prefix)
        {
            let is_sign = digits.starts_with(['+', '-']);
            return u64::from_str_radix(digits, base).ok().filter(|_| !is_sign).map(|number| number as f64);
        }
    }
    match text.trim_start_matches(['+', '-']) {
        "Infinity" if text.len() <= "+Infinity".len() => text.replace("Infinity", "inf").parse().ok(),
        // Rust knows `inf` and `nan`, JavaScript does not.
        digits if digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_javascripts() {
        for (text, expected) in [
            ("", Some(0.0)),
            (" 9 ", Some(9.0)),
            ("7.9", Some(7.9)),
            ("-3", Some(-3.0)),
            ("+.5", Some(0.5)),
            ("5.", Some(5.0)),
            ("1e3", Some(1000.0)),
            ("0x1F", Some(31.0)),
            ("0b11", Some(3.0)),
            ("-Infinity", Some(f64::NEG_INFINITY)),
            ("abc", None),
            ("inf", None),
            ("nan", None),
            ("1_000", None),
            ("--1", None),
            ("0x", None),
            ("0x-1", None),
            ("12px", None),
            (".", None),
        ] {
            assert_eq!(number(text), expected, "{text:?}");
        }
    }
}
