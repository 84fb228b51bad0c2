//! What must hold of the old value before it is replaced.

use slipway_core::{Error, ErrorKind, Result};

use crate::key_path::KeyPath;
use crate::options::Options;

/// Checks the old value against the options.
///
/// # Errors
/// [`ErrorKind::UnexpectedCurrentValue`] if it is neither the expected nor already the new one,
/// [`ErrorKind::Downgrade`] if only upgrades are allowed and the new version is lower, and
/// [`ErrorKind::InvalidInput`] if one of them is no version.
pub(crate) fn check(options: &Options, path: &KeyPath, old: &str, new: &str) -> Result<()> {
    if old != new {
        check_expected(options, path, old)?;
    }
    if options.upgrades_only { check_upgrade(path, old, new) } else { Ok(()) }
}

/// # Errors
/// [`ErrorKind::UnexpectedCurrentValue`] if the old value is not the expected one.
pub(crate) fn check_expected(options: &Options, path: &KeyPath, old: &str) -> Result<()> {
    if let Some(expected) = &options.expect
        && old != expected
    {
        let message = format!("`{path}` is `{old}`, not `{expected}` as expected");
        return Err(Error::new(ErrorKind::UnexpectedCurrentValue, message)
            .hint("somebody changed it since; look at the new value and decide again"));
    }
    Ok(())
}

/// # Errors
/// As [`check`].
fn check_upgrade(path: &KeyPath, old: &str, new: &str) -> Result<()> {
    if old == new {
        return Ok(());
    }
    if version(path, new)?.cmp_precedence(&version(path, old)?).is_lt() {
        let message = format!("`{path}` would go from `{old}` down to `{new}`, and only upgrades are allowed");
        return Err(Error::new(ErrorKind::Downgrade, message).hint("roll back instead, or allow any version"));
    }
    Ok(())
}

fn version(path: &KeyPath, text: &str) -> Result<semver::Version> {
    semver::Version::parse(text.strip_prefix('v').unwrap_or(text)).map_err(|error| {
        let message =
            format!("`{path}`: `{text}` is no semantic version, so it cannot be told what is an upgrade: {error}");
        Error::new(ErrorKind::InvalidInput, message).hint("use versions such as `1.5.0`, or allow any value")
    })
}
