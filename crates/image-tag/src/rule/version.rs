//! Where the rules on versions take their text from: `value`, the input `version`, or the tag; and what `match` takes of it.

use slipway_core::{Error, ErrorKind, Result};

use super::attributes::Attributes;
use super::scheme::{self, is_version};
use super::{Answer, pep440};
use crate::forward::Release;
use crate::run::{GLOBALS, Judged, Run};
use crate::template::Template;
use slipway_core::pattern::Pattern;

/// What stands between a component's name and its version in a tag.
const SEPARATORS: [char; 4] = ['/', '@', '-', '_'];

/// Where the text of a version comes from.
pub(super) struct Source {
    value: Option<Template>,
    part: Option<Part>,
}

/// The attribute `match`, of which the first group counts.
struct Part {
    text: String,
    pattern: Pattern,
}

impl Source {
    /// Reads the attributes `value` and `match`.
    pub(super) fn parse(attributes: &Attributes) -> Result<Self> {
        let part = match attributes.get("match").filter(|text| !text.is_empty()) {
            None => None,
            Some(text) => {
                let pattern = Pattern::plain(text).map_err(|error| error.context("attribute `match`"))?;
                if pattern.group_count() == 0 {
                    return Err(Error::new(
                        ErrorKind::InvalidInput,
                        format!("attribute `match`: `{text}` has no group, and the first group is the version"),
                    )
                    .hint("put the version into parentheses, such as `match=api/v(.*)`"));
                }
                Some(Part { text: text.into(), pattern })
            }
        };
        Ok(Self { part, ..Self::parse_value(attributes)? })
    }

    /// Reads the attribute `value` alone.
    pub(super) fn parse_value(attributes: &Attributes) -> Result<Self> {
        let value = attributes.template("value", &GLOBALS)?.filter(|value| !value.is_empty());
        Ok(Self { value, part: None })
    }

    /// The template in it.
    pub(super) fn templates(&self) -> Vec<&Template> {
        self.value.iter().collect()
    }

    /// The text, or why the rule makes no tag.
    pub(super) fn text(&self, run: &Run) -> std::result::Result<String, Answer> {
        let (value, version, tag) = match run.judged() {
            Some(Judged::Version(version)) => return Ok(version.into()),
            Some(Judged::Tag(tag)) => (None, None, Some(tag)),
            None => (self.value.as_ref(), run.version, run.facts.tag()),
        };
        let text = match (value, version, tag) {
            (Some(value), ..) => value.render(run),
            (None, Some(version), _) => version.into(),
            (None, None, Some(tag)) => match run.component {
                None => tag.into(),
                Some(component) => of_component(tag, component)
                    .ok_or_else(|| Answer::Rests(format!("the tag `{tag}` is not of the component `{component}`")))?
                    .into(),
            },
            (None, None, None) => {
                let why = "the run is not on a tag, and there is neither `value=…` nor the input `version`";
                return Err(Answer::Rests(why.into()));
            }
        };
        let Some(Part { text: shown, pattern }) = &self.part else { return Ok(text) };
        let group = pattern.captures(&text).and_then(|groups| groups.into_iter().nth(1).flatten());
        group.ok_or_else(|| Answer::Fails(format!("`match={shown}` does not match `{text}`")))
    }
}

/// The release that a text names, by SemVer or else by PEP 440; nothing for what is no version, or not final.
pub(super) fn release(text: &str) -> Option<Release> {
    scheme::release::<semver::Version>(text).or_else(|| scheme::release::<pep440::Version>(text))
}

/// The release that a tag is of, by the version at its end, if the run's own tag has the same text before it: what stands there is
/// the name of a component, perhaps. Nothing for a version that is not final.
pub(super) fn release_of_tag(tag: &str, own: &str) -> Option<Release> {
    let (before, version) = version_at_end(tag)?;
    let (own_before, _) = version_at_end(own)?;
    if before == own_before { release(version) } else { None }
}

/// What stands before the version at the end of a text, and the version, final or not.
pub(super) fn version_at_end(text: &str) -> Option<(&str, &str)> {
    let after_separators = text.match_indices(SEPARATORS).map(|(at, separator)| at + separator.len());
    let splits = [0].into_iter().chain(after_separators).map(|at| text.split_at(at));
    splits
        .into_iter()
        .find(|(_, version)| is_version::<semver::Version>(version) || is_version::<pep440::Version>(version))
}

/// The version in a component's tag: `api/v1.2.3`, `api@1.2.3`, `api-v1.2.3`.
fn of_component<'a>(tag: &'a str, component: &str) -> Option<&'a str> {
    let version = tag.strip_prefix(component)?.strip_prefix(SEPARATORS)?;
    let number = version.strip_prefix(['v', 'V']).unwrap_or(version);
    number.starts_with(|c: char| c.is_ascii_digit()).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_at_the_end_of_a_tag_names_its_release() {
        for (text, expected) in [
            ("v1.2.3", Some(("", "v1.2.3"))),
            ("1.2", Some(("", "1.2"))),
            ("app-v1.2.3", Some(("app-", "v1.2.3"))),
            ("a/b@1.2.3-rc.1", Some(("a/b@", "1.2.3-rc.1"))),
            ("release_2026.3", Some(("release_", "2026.3"))),
            ("build-20260304-rc7", Some(("build-", "20260304-rc7"))),
            ("nightly", None),
            ("a-b", None),
            ("", None),
        ] {
            assert_eq!(version_at_end(text), expected, "{text}");
        }
        assert!(release_of_tag("app-v1.3.0", "app-v1.2.0") > release_of_tag("app-v1.2.0", "app-v1.2.0"));
        for tag in ["web-v9.0.0", "v9.0.0", "app-v9.0.0-rc.1", "app"] {
            assert_eq!(release_of_tag(tag, "app-v1.2.0"), None, "{tag}");
        }
    }

    #[test]
    fn a_component_has_tags_of_its_own() {
        for (tag, expected) in [
            ("api/v1.2.3", Some("v1.2.3")),
            ("api@1.2.3", Some("1.2.3")),
            ("api-v1.2.3", Some("v1.2.3")),
            ("api_2026.3", Some("2026.3")),
            ("api/1!2.0", Some("1!2.0")),
            ("v1.2.3", None),
            ("api-gateway/v1.2.3", None),
            ("api/vnext", None),
            ("apiv1.2.3", None),
            ("web/api/v1.2.3", None),
            ("api", None),
            ("api/", None),
        ] {
            assert_eq!(of_component(tag, "api"), expected, "{tag}");
        }
    }
}
