//! Quoted text whose lines go on no further in than the key in front of it. YAML forbids that, and most readers take it.

use std::borrow::Cow;

use granit_parser::{ErrorKind, Event, Parser, ScanError};

/// The most bytes that are read again and again, one line at a time.
const MOST: usize = 64 * 1024 * 1024;

/// The text with the line that an error names joined to the one above it, every byte in its place; none if the error is
/// another one.
pub(super) fn joined(text: &str, error: &ScanError, tries: usize) -> Option<String> {
    if *error.kind() != ErrorKind::InvalidQuotedScalarIndent || text.len().saturating_mul(tries) > MOST {
        return None;
    }
    let at = error.marker().byte_offset()?;
    let before = text.get(..at)?;
    let line = &before[..before.rfind('\n')?];
    let line = line.strip_suffix('\r').unwrap_or(line);
    Some(format!("{line}{}{}", " ".repeat(at - line.len()), &text[at..]))
}

/// What the quoted text means.
pub(super) fn value(raw: &str) -> Option<Cow<'static, str>> {
    let indented = raw.replace('\n', "\n ");
    let mut events = Parser::new_from_str(&indented).filter_map(Result::ok);
    events.find_map(|(event, _)| match event {
        Event::Scalar(value, ..) => Some(Cow::Owned(value.into_owned())),
        _ => None,
    })
}
