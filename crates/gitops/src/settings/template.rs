//! Texts with placeholders for what is deployed where.

use std::str::FromStr;

use slipway_core::text::nearest;
use slipway_core::{Error, ErrorKind, Result};

use super::FILE;
use crate::{ReleaseVersion, Target};

/// What the placeholders stand for.
#[derive(Clone, Copy, Debug)]
pub struct Placeholders<'a> {
    /// `{environment}` and `{component}`.
    pub target: &'a Target,
    /// `{path}`: the directory of the environment.
    pub path: Option<&'a str>,
    /// `{version}`.
    pub version: Option<&'a ReleaseVersion>,
}

/// The placeholders there are.
const NAMES: [&str; 4] = ["path", "environment", "component", "version"];

/// A text of `slipway.toml` in which every word in braces is a placeholder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(String);

impl Template {
    /// The text with its placeholders.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Template {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        for (start, _) in text.match_indices('{') {
            let Some((word, _)) = text[start + 1..].split_once('}') else { continue };
            let is_word = !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b == b'_');
            if is_word && !NAMES.contains(&word) {
                let unknown = Error::new(ErrorKind::InvalidFile, format!("`{{{word}}}` in `{text}` is no placeholder"));
                return Err(match nearest(word, NAMES) {
                    Some(like) => unknown.hint(format!("did you mean `{{{like}}}`?")),
                    None => unknown.hint("write one of `{path}`, `{environment}`, `{component}`, `{version}`"),
                });
            }
        }
        Ok(Self(text.into()))
    }
}

/// The text with a `0` in the place of every placeholder, to be checked before it is known what they stand for.
pub fn sample(text: &str) -> String {
    NAMES.iter().fold(text.to_owned(), |text, name| text.replace(&format!("{{{name}}}"), "0"))
}

/// Replaces the placeholders of a text; braces around anything else stay.
///
/// # Errors
/// `InvalidInput` if it needs what is not known.
pub fn fill(text: &str, placeholders: &Placeholders<'_>) -> Result<String> {
    let Placeholders { target, path, version } = placeholders;
    let values = [
        *path,
        Some(target.environment.as_str()),
        Some(target.component.as_str()),
        version.map(ReleaseVersion::as_str),
    ];
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled += before;
        let found = NAMES
            .iter()
            .zip(values)
            .find_map(|(name, value)| Some((name, value, after.strip_prefix(name)?.strip_prefix('}')?)));
        match found {
            Some((_, Some(value), after)) => {
                filled += value;
                rest = after;
            }
            Some((name, None, _)) => {
                let hint = match *name {
                    "path" => format!("give `[environments.{}]` of `{FILE}` a `path`", target.environment),
                    _ => "set `version`".into(),
                };
                let message = format!("`{text}` needs the {name} of {target}, which is not known");
                return Err(Error::new(ErrorKind::InvalidInput, message).hint(hint));
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    Ok(filled + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_and_other_braces_stay() {
        let target = Target { environment: "production".parse().unwrap(), component: "shop".parse().unwrap() };
        let version = "1.5.0".parse().unwrap();
        let known = Placeholders { target: &target, path: Some("envs/p"), version: Some(&version) };
        for (text, filled) in [
            ("{path}/{component}/*.yaml", "envs/p/shop/*.yaml"),
            ("a.yaml#x={\"a\": {version}} {other} {", "a.yaml#x={\"a\": 1.5.0} {other} {"),
            ("{environment}{environment}", "productionproduction"),
            ("{{version}}", "{1.5.0}"),
        ] {
            assert_eq!(fill(text, &known).unwrap(), filled);
        }
        let unknown = Placeholders { path: None, version: None, ..known };
        for (text, message) in [("{path}/a", "the path of shop in production"), ("{version}", "needs the version of")] {
            let error = fill(text, &unknown).unwrap_err();
            assert!(error.message().contains(message), "{error}");
        }
    }

    #[test]
    fn a_sample_has_no_placeholders() {
        assert_eq!(sample("{path}/{component}.yaml#x={version} {other} {environment}"), "0/0.yaml#x=0 {other} 0");
    }

    #[test]
    fn a_misspelled_placeholder_is_refused() {
        let error = "{pth}/a.yaml".parse::<Template>().unwrap_err();
        assert_eq!(error.hint_text(), Some("did you mean `{path}`?"));
        assert!("a.yaml#x={} {1} {\"k\": 2}".parse::<Template>().is_ok());
    }
}
