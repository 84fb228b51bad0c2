//! `type=semver`: the parts of a semantic version, by SemVer 2.0.

use semver::Version;
use slipway_core::{Error, ErrorKind};

use super::{Answer, Globals, Type};

/// node-semver, which the syntax comes from, holds numbers in doubles.
const LARGEST: u64 = (1 << 53) - 1;

pub(super) const TYPE: Type = Type {
    name: "semver",
    priority: 900.0,
    attributes: &["pattern", "value"],
    check: |attributes| {
        if attributes.get("match").is_some() {
            return Err(Error::new(ErrorKind::InvalidInput, "the attribute `match` is not supported")
                .hint("give the version by `value=…`, or strip the prefix of the tag in an earlier step"));
        }
        attributes.template("value")?;
        match attributes.template("pattern")? {
            Some(_) => Ok(()),
            None => Err(Error::new(ErrorKind::InvalidInput, "the attribute `pattern` is missing")
                .hint("write `type=semver,pattern={{version}}`")),
        }
    },
    prefix: |_| None,
    evaluate: |attributes, facts| {
        let value = attributes.template("value")?.filter(|value| !value.is_empty());
        let text = match (value, facts.tag()) {
            (Some(value), _) => Globals::new(facts).render(&value),
            (None, Some(tag)) => tag.into(),
            (None, None) => return Ok(Answer::Rests("the run is not on a tag, and the rule has no `value`".into())),
        };
        let Some(version) = parse(&text) else {
            return Ok(Answer::Fails(format!("`{text}` is not a semantic version")));
        };
        let pattern = attributes.template("pattern")?.unwrap_or_default();
        let plain = Version { build: semver::BuildMetadata::EMPTY, ..version.clone() }.to_string();
        let is_stable = version.pre.is_empty();
        let number = [version.major, version.minor, version.patch].map(|part| part.to_string());
        let value = if pattern.is_only("raw") {
            text
        } else if is_stable {
            pattern.render(|name| match name {
                "raw" => Some(text.as_str()),
                "version" => Some(plain.as_str()),
                "major" => Some(number[0].as_str()),
                "minor" => Some(number[1].as_str()),
                "patch" => Some(number[2].as_str()),
                "build" => Some(version.build.as_str()),
                _ => None,
            })
        } else {
            // A pre-release gets no tag such as `1.2`, which would move the stable line to it.
            plain
        };
        Ok(Answer::Fires { value, latest: is_stable })
    },
};

/// A version, with or without `v` before it.
fn parse(text: &str) -> Option<Version> {
    let text = text.trim();
    let version = Version::parse(text.strip_prefix('v').unwrap_or(text)).ok()?;
    [version.major, version.minor, version.patch].iter().all(|part| *part <= LARGEST).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_strict() {
        for text in ["1.2.3", "v1.2.3", "v1.2.3-rc.1+5", " v1.2.3 "] {
            assert!(parse(text).is_some(), "{text}");
        }
        for text in [
            "V1.2.3",
            "v1.2",
            "1.2.3.4",
            "2026.03.04",
            "v 1.2.3",
            "=v1.2.3",
            "v1.2.3-alpha_beta",
            "99999999999999999999.0.0",
            "9007199254740992.0.0",
        ] {
            assert!(parse(text).is_none(), "{text}");
        }
    }
}
