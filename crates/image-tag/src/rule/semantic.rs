//! `type=semver`: the parts of a semantic version, by SemVer 2.0.

use semver::Version;

use super::version::Source;
use super::{Answer, Evaluate, Type};
use crate::forward::Release;
use crate::run::Run;
use crate::template::{Scope, Template, Value, Vocabulary};

/// node-semver, which the syntax comes from, holds numbers in doubles.
const LARGEST: u64 = (1 << 53) - 1;
/// The longest version that node-semver reads, in bytes.
const LONGEST: usize = 256;

pub(super) const TYPE: Type = Type {
    name: "semver",
    priority: 900.0,
    attributes: &["pattern", "value", "match", "forward"],
    parse: |attributes| {
        let pattern = attributes.required_template("pattern", &FIELDS, "type=semver,pattern={{version}}")?;
        Ok(Box::new(Semantic { pattern, source: Source::parse(attributes)? }))
    },
};

const FIELDS: Vocabulary =
    Vocabulary { names: &["raw", "version", "major", "minor", "patch", "build", "prerelease"], dates: false };

struct Semantic {
    pattern: Template,
    source: Source,
}

/// A version and how it was written.
struct Written {
    raw: String,
    version: Version,
}

impl Evaluate for Semantic {
    fn evaluate(&self, run: &Run) -> Answer {
        let raw = match self.source.text(run) {
            Ok(text) => text.replace('/', "-"),
            Err(answer) => return answer,
        };
        let Some(version) = parse(&raw) else {
            return Answer::Fails(format!("`{raw}` is not a semantic version"));
        };
        let is_stable = version.pre.is_empty();
        let written = Written { raw, version };
        let value = if is_stable || self.pattern.is_only("raw") {
            self.pattern.render(&written)
        } else {
            // A pre-release gets no tag such as `1.2`, which would move the stable line to it.
            written.plain()
        };
        Answer::Fires { value, latest: is_stable }
    }

    fn release(&self, run: &Run) -> Option<Release> {
        release(&self.source.text(run).ok()?)
    }

    fn templates(&self) -> Vec<&Template> {
        let mut templates = self.source.templates();
        templates.push(&self.pattern);
        templates
    }
}

impl Written {
    /// The version without what says which build it is.
    fn plain(&self) -> String {
        Version { build: semver::BuildMetadata::EMPTY, ..self.version.clone() }.to_string()
    }
}

impl Scope for Written {
    fn value(&self, name: &str) -> Option<Value> {
        let version = &self.version;
        // In JavaScript these are lists, which are written with commas.
        let list = |identifiers: &str| Value::Text(identifiers.replace('.', ","));
        Some(match name {
            "raw" => self.raw.as_str().into(),
            "version" => Value::Text(self.plain()),
            "major" => Value::Number(version.major),
            "minor" => Value::Number(version.minor),
            "patch" => Value::Number(version.patch),
            "build" => list(&version.build),
            "prerelease" => list(&version.pre),
            _ => return None,
        })
    }
}

/// Whether a text is a version.
pub(super) fn is_version(text: &str) -> bool {
    parse(text).is_some()
}

/// The release that a text names; nothing for what is no version, or not final.
pub(super) fn release(text: &str) -> Option<Release> {
    let version = parse(text).filter(|version| version.pre.is_empty())?;
    Some(Release::new(0, [version.major, version.minor, version.patch]))
}

/// A version, with or without `v` before it.
fn parse(text: &str) -> Option<Version> {
    let text = text.trim();
    let version = Version::parse(text.strip_prefix('v').unwrap_or(text)).ok()?;
    let is_small = [version.major, version.minor, version.patch].iter().all(|part| *part <= LARGEST);
    (is_small && text.len() <= LONGEST).then_some(version)
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
            &format!("1.2.3-{}", "x".repeat(256)),
        ] {
            assert!(parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn every_part_can_be_written() {
        let raw = "v1.0.3+build.5";
        let written = Written { raw: raw.into(), version: parse(raw).unwrap() };
        let pattern = Template::parse(
            "{{raw}} {{version}} {{major}} {{minor}} {{patch}} {{build}} {{#if minor}}x{{/if}}",
            &FIELDS,
        );
        assert_eq!(pattern.unwrap().render(&written), "v1.0.3+build.5 1.0.3 1 0 3 build,5 ");
    }
}
