//! Limits of resources as inputs write them.

use slipway_core::{Error, ErrorKind, Result};

/// Units of memory and their bytes.
const UNITS: [(&str, f64); 6] =
    [("KiB", 1024.0), ("MiB", 1_048_576.0), ("GiB", 1_073_741_824.0), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9)];

/// A number of processors: `2`, `0.5`.
///
/// # Errors
/// `InvalidInput` if it is none.
pub(crate) fn processors(text: &str) -> Result<f64> {
    positive(text).ok_or_else(|| {
        Error::new(ErrorKind::InvalidInput, format!("`{text}` is not a number of processors"))
            .hint("write one such as `2` or `0.5`")
    })
}

/// A size of memory: `512MiB`, `1.5GB`.
///
/// # Errors
/// `InvalidInput` if it is none.
pub(crate) fn bytes(text: &str) -> Result<f64> {
    let sized = UNITS.iter().find_map(|(unit, bytes)| Some(positive(text.strip_suffix(unit)?)? * bytes));
    sized.ok_or_else(|| {
        Error::new(ErrorKind::InvalidInput, format!("`{text}` is not a size"))
            .hint("write one such as `512MiB` or `2GB`")
    })
}

fn positive(text: &str) -> Option<f64> {
    let is_plain =
        text.bytes().all(|b| b.is_ascii_digit() || b == b'.') && text.starts_with(|c: char| c.is_ascii_digit());
    let number: f64 = text.parse().ok().filter(|_| is_plain && text.len() < 12)?;
    (number > 0.0).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_have_units() {
        for (text, expected) in [("512MiB", 536_870_912.0), ("1.5GB", 1.5e9), ("64kB", 64_000.0), ("1KiB", 1024.0)] {
            assert_eq!(bytes(text).unwrap(), expected, "{text}");
        }
        for text in ["", "512", "512 MiB", "-1MiB", "0GB", "1e3MB", "MiB", "512mib", "NaNMB", "infGB", ".5GB"] {
            assert!(bytes(text).is_err(), "{text}");
        }
        assert_eq!((processors("2").unwrap(), processors("0.5").unwrap()), (2.0, 0.5));
        for text in ["", "0", "-1", "500m", "1e9", "NaN", "inf"] {
            assert!(processors(text).is_err(), "{text}");
        }
    }
}
