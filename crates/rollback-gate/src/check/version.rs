//! `version URL == 1.5.0` or `== release`: the address says which version is in service, as text, or in JSON at `.version` or at the path
//! that is given.

use std::fmt;

use serde_json::Value;
use slipway_core::Result;
use slipway_core::text::shorten;

use super::grammar::{self, invalid};
use super::path::Path;
use super::{Answer, Asked, Deployed, Kind, Observation, Probe, Test};
use crate::endpoint::Endpoint;

pub(super) const KIND: Kind = Kind { word: "version", form: "version https://shop.example/version == release", parse };

/// The longest text that is taken for a version.
const LONGEST: usize = 200;

#[derive(Debug)]
struct Version {
    endpoint: Endpoint,
    path: Option<Path>,
    expected: Expected,
}

#[derive(Debug)]
enum Expected {
    /// The newest deployment in the config repository.
    Release,
    Exactly(String),
}

fn parse(rest: &str) -> Result<Test> {
    let (endpoint, rest) = grammar::endpoint(rest)?;
    let (path, rest) = Path::take(rest)?;
    let expected = match rest.strip_prefix("==").map(str::trim) {
        Some("") => return Err(invalid("there is no version")),
        Some("release") => Expected::Release,
        Some(version) if version.contains(char::is_whitespace) => {
            return Err(invalid(format!("`{version}` is not a version")));
        }
        Some(version) => Expected::Exactly(version.into()),
        None if rest.is_empty() => return Err(invalid("there is no version")),
        None => return Err(invalid(format!("`{rest}` is not understood"))),
    };
    Ok(Test::Probe(Box::new(Version { endpoint, path, expected })))
}

impl Probe for Version {
    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn judge(&self, answer: &Asked, deployed: Deployed<'_>) -> Observation {
        let expected = match (&self.expected, deployed) {
            (_, Deployed::Restored(version)) | (Expected::Release, Deployed::Release(Some(version))) => version,
            (Expected::Exactly(version), Deployed::Release(_)) => version,
            (Expected::Release, Deployed::Release(None)) => return Observation::none("no release is known"),
        };
        match answer.as_ref().map_err(Clone::clone).and_then(|answer| read(answer, self.path.as_ref())) {
            Ok(found) => Observation::probed(plain(&found) == plain(expected), found),
            Err(why) => Observation::probed(false, why),
        }
    }

    fn rule(&self) -> String {
        let expected = match &self.expected {
            Expected::Release => "the deployed version",
            Expected::Exactly(version) => version,
        };
        match &self.path {
            Some(path) => format!("{} says {expected} at `{path}` of its JSON", self.endpoint),
            None => format!("{} says {expected}, as JSON with the key `version` or as text", self.endpoint),
        }
    }

    fn needs_release(&self) -> bool {
        matches!(self.expected, Expected::Release)
    }

    fn tells_arrival(&self) -> bool {
        true
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expected = match &self.expected {
            Expected::Release => "release",
            Expected::Exactly(version) => version,
        };
        write!(f, "version {}", self.endpoint)?;
        self.path.as_ref().map_or(Ok(()), |path| write!(f, " {path}"))?;
        write!(f, " == {expected}")
    }
}

/// The version that an answer names, or why it names none.
fn read(answer: &Answer, path: Option<&Path>) -> std::result::Result<String, String> {
    let text = String::from_utf8_lossy(answer.body_if_good()?);
    let text = text.trim();
    let version = match serde_json::from_str::<Value>(text) {
        Ok(document) if path.is_some() || document.is_object() => {
            let usual = Path::of("version");
            let path = path.unwrap_or(&usual);
            match path.find(&document) {
                Some(Value::String(version)) => version.trim().to_owned(),
                _ => return Err(format!("JSON without a text at `{path}`")),
            }
        }
        Ok(Value::String(version)) => version.trim().to_owned(),
        Err(_) if path.is_some() => return Err("no JSON".into()),
        // A number is a version such as `7` or `1.10`, and its text is what counts.
        _ => text.to_owned(),
    };
    if version.starts_with('<') {
        return Err("HTML instead of a version".into());
    }
    if version.is_empty() || version.contains(char::is_whitespace) || version.len() > LONGEST {
        return Err(format!("`{}`, which is no version", shorten(&version, 40)));
    }
    Ok(version)
}

/// Tags often have a `v` that versions have not.
fn plain(version: &str) -> &str {
    match version.strip_prefix(['v', 'V']) {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => rest,
        _ => version,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Check, Standing};

    fn judge(line: &str, status: u16, body: &str, deployed: Deployed<'_>) -> (Standing, String) {
        let Test::Probe(probe) = line.parse::<Check>().unwrap().test else { panic!("{line}") };
        let seen = probe.judge(&Ok(Answer { status, body: body.into() }), deployed);
        (seen.standing, seen.value)
    }

    #[test]
    fn a_version_is_json_or_text() {
        let long = "x".repeat(300);
        for (body, standing, value) in [
            (r#"{"version":"1.5.0","uptime_s":3}"#, Standing::Good, "1.5.0"),
            ("\"v1.5.0\"", Standing::Good, "v1.5.0"),
            ("1.5.0\n", Standing::Good, "1.5.0"),
            ("v1.5.0", Standing::Good, "v1.5.0"),
            ("1.5", Standing::Bad, "1.5"),
            ("1.5.00", Standing::Bad, "1.5.00"),
            (r#"{"version":"1.4.9"}"#, Standing::Bad, "1.4.9"),
            (r#"{"version":null}"#, Standing::Bad, "JSON without a text at `.version`"),
            (r#"{"Version":"1.5.0"}"#, Standing::Bad, "JSON without a text at `.version`"),
            ("<html>1.5.0</html>", Standing::Bad, "HTML instead of a version"),
            ("", Standing::Bad, "``, which is no version"),
            ("1.5.0 built today", Standing::Bad, "`1.5.0 built today`, which is no version"),
            (&long, Standing::Bad, &format!("`{}…`, which is no version", &long[..40])),
        ] {
            let seen = judge("version https://x/ == 1.5.0", 200, body, Deployed::Release(None));
            assert_eq!(seen, (standing, value.into()), "{body}");
        }
        for (body, standing, value) in [
            (r#"{"build":{"version":"1.5.0"},"version":"2"}"#, Standing::Good, "1.5.0"),
            (r#"{"version":"1.5.0"}"#, Standing::Bad, "JSON without a text at `.build.version`"),
            ("1.5.0", Standing::Bad, "no JSON"),
            ("\"1.5.0\"", Standing::Bad, "JSON without a text at `.build.version`"),
        ] {
            let seen = judge("version https://x/ .build.version == 1.5.0", 200, body, Deployed::Release(None));
            assert_eq!(seen, (standing, value.into()), "{body}");
        }
        let failed = judge("version https://x/ == 1.5.0", 500, "1.5.0", Deployed::Release(None));
        assert_eq!(failed, (Standing::Bad, "status 500".into()));
    }

    #[test]
    fn the_expected_version_is_the_deployed_or_the_restored_one() {
        let release = "version https://x/ == release";
        for (line, deployed, standing) in [
            (release, Deployed::Release(Some("1.5.0")), Standing::Good),
            (release, Deployed::Release(Some("v1.5.0")), Standing::Good),
            (release, Deployed::Release(Some("1.4.0")), Standing::Bad),
            (release, Deployed::Release(None), Standing::None),
            (release, Deployed::Restored("1.5.0"), Standing::Good),
            ("version https://x/ == 1.6.0", Deployed::Restored("1.5.0"), Standing::Good),
            ("version https://x/ == 1.5.0", Deployed::Release(Some("1.4.0")), Standing::Good),
        ] {
            assert_eq!(judge(line, 200, "1.5.0", deployed).0, standing, "{line} {deployed:?}");
        }
    }
}
