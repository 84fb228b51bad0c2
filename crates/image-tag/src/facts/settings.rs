//! The `DOCKER_METADATA_*` variables.

use slipway_core::{Error, ErrorKind, Result};

use crate::number::number;

/// How many digits of a commit are shown when nothing is said.
const SHORT: usize = 7;

/// How many digits of the commit are shown: a number, of which a fraction is cut off; nothing is left of one below zero.
pub(super) fn short_sha_length(text: &str) -> Result<usize> {
    if text.is_empty() {
        return Ok(SHORT);
    }
    match number(text) {
        // What is too large for the type becomes its largest, and what is below zero becomes zero.
        Some(length) => Ok(length as usize),
        None => Err(Error::new(
            ErrorKind::InvalidInput,
            format!("`DOCKER_METADATA_SHORT_SHA_LENGTH` is `{text}`, which is no number"),
        )
        .hint("set it to a number such as `7`, or remove it")),
    }
}

/// A comma-separated list, of which nothing is trimmed.
pub(super) fn annotation_levels(text: &str) -> Vec<String> {
    let text = if text.is_empty() { "manifest" } else { text };
    text.split(',').map(Into::into).collect()
}

/// A boolean as Go writes them; true if nothing is said.
pub(super) fn boolean(name: &str, text: &str) -> Result<bool> {
    match text {
        "" | "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(Error::new(ErrorKind::InvalidInput, format!("`{name}` is `{text}`, which is no boolean"))
            .hint("set it to `true` or `false`, or remove it")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_read_as_docker_reads_them() {
        for (text, length) in
            [("", 7), (" 9 ", 9), ("7.9", 7), ("0", 0), ("-3", 0), (" ", 0), ("1e400", usize::MAX), ("0x8", 8)]
        {
            assert_eq!(short_sha_length(text).unwrap(), length, "{text}");
        }
        assert_eq!(short_sha_length("abc").unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(annotation_levels(""), ["manifest"]);
        assert_eq!(annotation_levels("index, x"), ["index", " x"]);
        assert!(boolean("A", "").unwrap() && boolean("A", "T").unwrap() && !boolean("A", "False").unwrap());
        assert!(boolean("A", "yes").is_err());
    }
}
