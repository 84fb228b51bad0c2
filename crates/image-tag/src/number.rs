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
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1.0, digits),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits == "Infinity" { Some(sign * f64::INFINITY) } else { decimal(digits).map(|number| sign * number) }
}

/// Digits, a fraction, and an exponent of ten. What has more digits than a double is off by its last ones.
fn decimal(text: &str) -> Option<f64> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut number = 0.0;
    for byte in whole.bytes().chain(fraction.bytes()) {
        number = number * 10.0 + f64::from(byte.is_ascii_digit().then(|| byte - b'0')?);
    }
    let exponent = exponent.saturating_sub(i32::try_from(fraction.len()).ok()?);
    // A division is exact where a product with a tenth is not.
    let scale = 10_f64.powi(exponent.saturating_abs());
    Some(if exponent < 0 { number / scale } else { number * scale })
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
