//! `type=semver`: the parts of a semantic version, by SemVer 2.0.

use semver::{BuildMetadata, Version};

use super::Type;
use super::scheme::{self, Scheme};
use crate::forward::Release;
use crate::template::{Value, Vocabulary};

/// node-semver, which the syntax comes from, holds numbers in doubles.
const LARGEST: u64 = (1 << 53) - 1;
/// The longest version that node-semver reads, in bytes.
const LONGEST: usize = 256;

pub(super) const TYPE: Type = Type {
    name: "semver",
    priority: 900.0,
    attributes: &["pattern", "value", "match", "forward"],
    parse: |attributes| scheme::parse::<Version>(attributes, "type=semver,pattern={{version}}"),
};

impl Scheme for Version {
    const NAME: &'static str = "a semantic version";
    const FIELDS: Vocabulary =
        Vocabulary { names: &["raw", "version", "major", "minor", "patch", "build", "prerelease"], dates: false };

    /// With or without `v` before it.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let version = Self::parse(text.strip_prefix('v').unwrap_or(text)).ok()?;
        let is_small = [version.major, version.minor, version.patch].iter().all(|part| *part <= LARGEST);
        (is_small && text.len() <= LONGEST).then_some(version)
    }

    fn is_final(&self) -> bool {
        self.pre.is_empty()
    }

    /// Without what says which build it is.
    fn plain(&self) -> String {
        Self { build: BuildMetadata::EMPTY, ..self.clone() }.to_string()
    }

    fn part(&self, name: &str) -> Option<Value> {
        // In JavaScript these are lists, which are written with commas.
        let list = |identifiers: &str| Value::Text(identifiers.replace('.', ","));
        Some(match name {
            "major" => Value::Number(self.major),
            "minor" => Value::Number(self.minor),
            "patch" => Value::Number(self.patch),
            "build" => list(&self.build),
            "prerelease" => list(&self.pre),
            _ => return None,
        })
    }

    fn release(&self) -> Release {
        Release::new(0, [self.major, self.minor, self.patch])
    }
}

#[cfg(test)]
mod tests {
    use super::scheme::{Written, is_version};
    use super::*;
    use crate::template::Template;

    #[test]
    fn versions_are_strict() {
        for text in ["1.2.3", "v1.2.3", "v1.2.3-rc.1+5", " v1.2.3 "] {
            assert!(is_version::<Version>(text), "{text}");
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
            &format!("1.2.3-{}", "x".repeat(256)),
        ] {
            assert!(!is_version::<Version>(text), "{text}");
        }
    }

    #[test]
    fn every_part_can_be_written() {
        let raw = "v1.0.3+build.5";
        let written = Written { raw: raw.into(), version: <Version as Scheme>::parse(raw).unwrap() };
        let pattern = Template::parse(
            "{{raw}} {{version}} {{major}} {{minor}} {{patch}} {{build}} {{#if minor}}x{{/if}}",
            &Version::FIELDS,
        );
        assert_eq!(pattern.unwrap().render(&written), "v1.0.3+build.5 1.0.3 1 0 3 build,5 ");
    }
}
