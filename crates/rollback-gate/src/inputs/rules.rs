//! Rules that several inputs share.

use std::collections::BTreeSet;

use slipway_core::input::Reader;

use crate::endpoint::{Endpoint, without_secrets};
use crate::errors::invalid;

/// Refuses an entry that is listed twice.
pub(super) fn refuse_repeated<'a>(
    reader: &mut Reader,
    name: &str,
    mut entries: impl Iterator<Item = &'a str>,
    message: impl Fn(&str) -> String,
) {
    let mut seen = BTreeSet::new();
    if let Some(repeated) = entries.find(|entry| !seen.insert(*entry)) {
        reader.refuse(name, invalid(message(repeated)).hint("remove one of the two lines"));
    }
}

/// Refuses a process that is listed twice.
pub(crate) fn refuse_repeated_targets(reader: &mut Reader, name: &str, targets: &[Endpoint]) {
    refuse_repeated(reader, name, targets.iter().map(|target| target.url().as_str()), |repeated| {
        format!("`{}` is listed twice, so its requests would count twice", without_secrets(repeated))
    });
}

/// Reads a number that must not be 0.
pub(super) fn read_positive(reader: &mut Reader, name: &str) -> Option<u64> {
    let number = reader.number(name)?;
    if number == 0 {
        reader.refuse(name, invalid("it is 0").hint("write 1 or more"));
    }
    Some(number)
}
