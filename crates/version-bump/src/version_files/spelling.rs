//! How versions are written in files.

use semver::{Prerelease, Version};
use slipway_core::{Error, ErrorKind, Result};

/// How the readers of a file want a version written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Spelling {
    /// As [SemVer](https://semver.org) has it.
    SemVer,
    /// As Python has it: [PEP 440](https://packaging.python.org/en/latest/specifications/version-specifiers/).
    Python,
    /// As one of its numbers.
    Number(fn(&Version) -> u64),
}

/// The kinds of pre-release that Python knows: what it writes, and what people write.
const PYTHON: [(&str, &[&str]); 4] =
    [("a", &["alpha", "a"]), ("b", &["beta", "b"]), ("rc", &["rc", "c", "pre", "preview"]), (".dev", &["dev"])];

impl Spelling {
    /// The version that a text means; nothing if it is none, or cannot be compared with others.
    pub(super) fn read(self, text: &str) -> Option<Version> {
        let text = text.trim();
        let number = text.strip_prefix(['v', 'V']).unwrap_or(text);
        match self {
            Self::SemVer => Version::parse(number).ok(),
            Self::Number(_) => None,
            Self::Python => Version::parse(number)
                .ok()
                .filter(|version| Self::of_python(version).is_ok())
                .or_else(|| read_python(number)),
        }
    }

    /// Whether two versions are one for the readers of the file.
    pub(super) fn same(self, left: &Version, right: &Version) -> bool {
        match self {
            Self::SemVer | Self::Number(_) => left == right,
            Self::Python => {
                left == right
                    || Self::of_python(left).ok().is_some_and(|left| Some(left) == Self::of_python(right).ok())
            }
        }
    }

    /// The text of a version in the place of another, whose `v` stays.
    ///
    /// # Errors
    /// `InvalidInput` if it cannot be written so.
    pub(super) fn write(self, version: &Version, old: &str) -> Result<String> {
        let has_prefix = |prefix: &&str| old.strip_prefix(*prefix).is_some_and(|rest| self.read(rest).is_some());
        let prefix = ["v", "V"].into_iter().find(has_prefix).unwrap_or_default();
        match self {
            Self::Number(pick) => Ok(pick(version).to_string()),
            Self::SemVer => Ok(format!("{prefix}{version}")),
            Self::Python => Ok(format!("{prefix}{}", Self::of_python(version)?)),
        }
    }

    /// `1.3.0-rc.1` as `1.3.0rc1`.
    fn of_python(version: &Version) -> Result<String> {
        let impossible = || {
            Error::new(ErrorKind::InvalidInput, format!("`{version}` cannot be the version of a Python package"))
                .hint("name the channel `alpha`, `beta`, `rc` or `dev`, or leave the file out of `version-files`")
        };
        let mut text = format!("{}.{}.{}", version.major, version.minor, version.patch);
        if !version.pre.is_empty() {
            let pre = version.pre.as_str().to_ascii_lowercase();
            let letters = pre.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(pre.len());
            let (word, number) = pre.split_at(letters);
            let number = number.strip_prefix('.').unwrap_or(number);
            let number = if number.is_empty() { "0" } else { number };
            let (mark, _) = PYTHON.iter().find(|(_, words)| words.contains(&word)).ok_or_else(impossible)?;
            let number: u64 = number.parse().map_err(|_| impossible())?;
            text += &format!("{mark}{number}");
        }
        if !version.build.is_empty() {
            text += &format!("+{}", version.build.as_str().to_ascii_lowercase().replace('-', "."));
        }
        Ok(text)
    }
}

/// Reads `1.3`, `1.3.0rc1`, `1.3.0.dev2` and what else PEP 440 allows that has a counterpart in SemVer.
fn read_python(text: &str) -> Option<Version> {
    let text = text.to_ascii_lowercase();
    let (text, build) = text.split_once('+').map_or((text.as_str(), ""), |(text, build)| (text, build));
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (numbers, rest) = text.split_at(end);
    let mut parts = numbers.trim_end_matches('.').split('.').map(|part| part.parse::<u64>().ok());
    let (major, minor, patch) = (parts.next()??, parts.next().unwrap_or(Some(0))?, parts.next().unwrap_or(Some(0))?);
    if parts.next().is_some() {
        return None;
    }
    let rest = rest.trim_start_matches(['.', '-', '_']);
    let pre = if rest.is_empty() {
        Prerelease::EMPTY
    } else {
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let (word, number) = rest.split_at(letters);
        let number = number.trim_start_matches(['.', '-', '_']);
        let number: u64 = if number.is_empty() { 0 } else { number.parse().ok()? };
        let (_, words) = PYTHON.iter().find(|(_, words)| words.contains(&word))?;
        Prerelease::new(&format!("{}.{number}", words.first()?)).ok()?
    };
    let build = semver::BuildMetadata::new(build).ok()?;
    Some(Version { major, minor, patch, pre, build })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_writes_pre_releases_in_its_own_way() {
        for (version, written) in [
            ("1.3.0", Some("1.3.0")),
            ("1.3.0-rc.1", Some("1.3.0rc1")),
            ("1.3.0-rc1", Some("1.3.0rc1")),
            ("1.3.0-alpha.12", Some("1.3.0a12")),
            ("1.3.0-beta", Some("1.3.0b0")),
            ("1.3.0-dev.4", Some("1.3.0.dev4")),
            ("1.3.0+build.7", Some("1.3.0+build.7")),
            ("1.3.0-next.1", None),
            ("1.3.0-rc.1.2", None),
            ("1.3.0-1", None),
        ] {
            let version: Version = version.parse().unwrap();
            let result = Spelling::Python.write(&version, "1.2.0");
            assert_eq!(result.as_deref().ok(), written, "{version}");
            if let Some(written) = written {
                let read = Spelling::Python.read(written).unwrap();
                assert!(Spelling::Python.same(&read, &version), "{written} is read as {read}");
            }
        }
    }

    #[test]
    fn versions_are_read_as_their_readers_do() {
        for (text, version) in [
            ("1.4", Some("1.4.0")),
            ("1.4.2rc1", Some("1.4.2-rc.1")),
            ("1.4.2-rc.1", Some("1.4.2-rc.1")),
            ("1.4.2.dev0", Some("1.4.2-dev.0")),
            ("1.4.2c3", Some("1.4.2-rc.3")),
            ("1.4.2.post1", None),
            ("1!1.4.2", None),
            ("1.2.3.4", None),
            ("", None),
            ("dev", None),
        ] {
            assert_eq!(Spelling::Python.read(text).map(|version| version.to_string()).as_deref(), version, "{text}");
        }
        assert_eq!(Spelling::SemVer.read(" v1.4.2\n"), Some(Version::new(1, 4, 2)));
        assert_eq!(Spelling::SemVer.read("1.4"), None);
        assert_eq!(Spelling::SemVer.write(&Version::new(1, 5, 0), "v1.4.2").unwrap(), "v1.5.0");
        assert_eq!(Spelling::SemVer.write(&Version::new(1, 5, 0), "vision").unwrap(), "1.5.0");
    }
}
