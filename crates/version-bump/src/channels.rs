//! `channels`: which branches release, and what.

use semver::Prerelease;
use serde::Serialize;
use slipway_core::input::numbered_lines;
use slipway_core::{Error, ErrorKind, Result};

use crate::range::Range;
use crate::wildcard::Wildcard;

/// The list of branches that release. An empty one lets every branch release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Channels(Vec<Entry>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    branch: Wildcard,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Stable,
    PreRelease(String),
    /// The range, or nothing where the branch's name has it.
    Maintenance(Option<Range>),
}

/// What a branch releases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Channel {
    /// Every version.
    Stable,
    /// Pre-releases with this identifier, such as `rc`.
    PreRelease(String),
    /// Versions of a range.
    Maintenance(Range),
    /// Nothing: the list does not have it.
    Unlisted,
}

impl Channel {
    /// The identifier of its pre-releases, if it has them.
    pub(crate) fn identifier(&self) -> Option<&str> {
        if let Self::PreRelease(identifier) = self { Some(identifier) } else { None }
    }

    /// Whether a pre-release is one of this channel's.
    pub(crate) fn owns(&self, pre: &Prerelease) -> bool {
        self.identifier().is_some_and(|identifier| counter(pre.as_str(), identifier).is_some())
    }
}

/// What follows the identifier of a channel in a pre-release: how it is joined, and the number; nothing if the pre-release is one of
/// another channel.
pub(crate) fn counter<'a>(pre: &'a str, identifier: &str) -> Option<(&'static str, &'a str)> {
    let rest = pre.strip_prefix(identifier)?;
    let (joint, digits) = match rest.strip_prefix('.') {
        Some(rest) => (".", rest.split('.').next().filter(|digits| !digits.is_empty())?),
        None => ("", rest),
    };
    digits.bytes().all(|b| b.is_ascii_digit()).then_some((joint, digits))
}

impl Channels {
    /// Reads `branch`, `branch=identifier`, `branch=maintenance` and `branch=1.x`, one a line.
    ///
    /// # Errors
    /// `InvalidInput` that names the line.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let mut entries: Vec<Entry> = Vec::new();
        for (number, line) in numbered_lines(text) {
            let refuse = |why: String| {
                Error::new(ErrorKind::InvalidInput, format!("line {number}, `{line}`: {why}"))
                    .hint("write one branch a line: `main`, `next=rc` or `1.x=maintenance`")
            };
            let (branch, kind) = match line.rsplit_once('=') {
                None => (line, Kind::Stable),
                Some((branch, kind)) => (branch.trim(), kind_of(kind.trim()).map_err(refuse)?),
            };
            if branch.is_empty() || branch.contains(char::is_whitespace) {
                return Err(refuse(format!("`{branch}` is not the name of a branch")));
            }
            let branch = Wildcard::new(branch);
            if entries.iter().any(|entry| entry.branch == branch) {
                return Err(refuse("the branch is listed already".into()));
            }
            if kind == Kind::Maintenance(None) && branch.is_literal() && Range::of_branch(branch.as_str()).is_none() {
                return Err(refuse(format!("the name has no range; write it as in `{}=1.x`", branch.as_str())));
            }
            entries.push(Entry { branch, kind });
        }
        Ok(Self(entries))
    }

    /// Whether the branch matters at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a branch releases: what the first entry that fits says.
    ///
    /// # Errors
    /// `InvalidInput` for a maintenance branch whose name has no range.
    pub(crate) fn of(&self, branch: &str) -> Result<Channel> {
        if self.is_empty() {
            return Ok(Channel::Stable);
        }
        let Some(entry) = self.0.iter().find(|entry| entry.branch.matches(branch)) else {
            return Ok(Channel::Unlisted);
        };
        match &entry.kind {
            Kind::Stable => Ok(Channel::Stable),
            Kind::PreRelease(identifier) => Ok(Channel::PreRelease(identifier.clone())),
            Kind::Maintenance(range) => {
                range.or_else(|| Range::of_branch(branch)).map(Channel::Maintenance).ok_or_else(|| {
                    let pattern = entry.branch.as_str();
                    let message =
                        format!("the branch `{branch}`, which `{pattern}=maintenance` lists, has no range in its name");
                    Error::new(ErrorKind::InvalidInput, message)
                        .hint(format!("list it by name with its range, such as `{branch}=1.x`, above that line"))
                })
            }
        }
    }

    /// The maintenance branches that are listed by name, with their ranges.
    pub(crate) fn maintained(&self) -> impl Iterator<Item = (&str, Range)> {
        self.0.iter().filter_map(|entry| match entry.kind {
            Kind::Maintenance(range) if entry.branch.is_literal() => {
                Some((entry.branch.as_str(), range.or_else(|| Range::of_branch(entry.branch.as_str()))?))
            }
            _ => None,
        })
    }
}

fn kind_of(word: &str) -> std::result::Result<Kind, String> {
    match word {
        "maintenance" => return Ok(Kind::Maintenance(None)),
        "stable" => return Err("a branch that releases every version is written without `=`".into()),
        "" => return Err("nothing follows the `=`".into()),
        _ => {}
    }
    if let Some(range) = Range::parse(word) {
        return Ok(Kind::Maintenance(Some(range)));
    }
    Prerelease::new(word)
        .map_err(|_| format!("`{word}` cannot stand in a pre-release: letters, digits, hyphens and dots can"))?;
    if !word.contains(|c: char| c.is_ascii_alphabetic()) {
        return Err(format!("`{word}` holds no letter"));
    }
    let last = word.rsplit('.').next().unwrap_or_default();
    if last.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("`{word}` ends with a number, as if it were the counter; that is added"));
    }
    Ok(Kind::PreRelease(word.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_entry_that_fits_counts() {
        let list = "main\nnext=rc\nbeta/*=beta.x\n1.2.x=maintenance\nlegacy=1.x\nrelease/*=maintenance\na=b=alpha\n";
        let channels = Channels::parse(list).unwrap();
        let pre = |identifier: &str| Channel::PreRelease(identifier.into());
        let range = |text: &str| Channel::Maintenance(Range::parse(text).unwrap());
        for (branch, expected) in [
            ("main", Channel::Stable),
            ("next", pre("rc")),
            ("beta/a/b", pre("beta.x")),
            ("1.2.x", range("1.2.x")),
            ("legacy", range("1.x")),
            ("release/2.0", range("2.0.x")),
            ("a=b", pre("alpha")),
            ("topic", Channel::Unlisted),
            ("mainly", Channel::Unlisted),
        ] {
            assert_eq!(channels.of(branch).unwrap(), expected, "{branch}");
        }
        assert_eq!(channels.of("release/old").unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(Channels::default().of("topic").unwrap(), Channel::Stable);
        let maintained: Vec<_> = channels.maintained().map(|(name, range)| format!("{name} {range}")).collect();
        assert_eq!(maintained, ["1.2.x 1.2.x", "legacy 1.x"]);
    }

    #[test]
    fn errors_name_the_line() {
        for (list, words) in [
            ("main\nnext=r c", "line 2, `next=r c`: `r c` cannot stand in a pre-release"),
            ("next=rc..1", "cannot stand"),
            ("next=rc.1", "ends with a number"),
            ("next=01", "cannot stand"),
            ("next=7", "holds no letter"),
            ("next=-", "holds no letter"),
            ("next=", "nothing follows"),
            ("main=stable", "without `=`"),
            ("=rc", "is not the name of a branch"),
            ("main\nmain=rc", "is listed already"),
            ("legacy=maintenance", "write it as in `legacy=1.x`"),
            ("next=${{ x }}", "cannot stand"),
        ] {
            let error = Channels::parse(list).unwrap_err().to_string();
            assert!(error.contains(words), "{list}: {error}");
        }
    }

    #[test]
    fn counters_follow_the_identifier() {
        for (pre, identifier, expected) in [
            ("rc.9", "rc", Some((".", "9"))),
            ("rc1", "rc", Some(("", "1"))),
            ("rc", "rc", Some(("", ""))),
            ("rc.2.hotfix", "rc", Some((".", "2"))),
            ("feature.login.3", "feature.login", Some((".", "3"))),
            ("beta2.1", "beta2", Some((".", "1"))),
            ("beta2.1", "beta", None),
            ("rc.x", "rc", None),
            ("rc.", "rc", None),
            ("rcx", "rc", None),
            ("beta.1", "rc", None),
            ("feature.login.3", "feature", None),
        ] {
            assert_eq!(counter(pre, identifier), expected, "{pre} {identifier}");
        }
    }
}
