//! Which tags are releases.

use semver::Version;
use serde::Serialize;
use slipway_core::git::{CommitId, FoundTag, TagName};
use slipway_core::order;
use slipway_core::{ComponentName, Error, ErrorKind, Result};

/// What stands for the component in a prefix.
const COMPONENT: &str = "{{component}}";
/// The prefix of tags of the whole repository.
const OF_ALL: &str = "v";

use crate::channels::Channel;

/// What stands before the version in the name of a release tag, taken literally.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TagPrefix(String);

impl TagPrefix {
    /// Takes a prefix that git accepts in a name.
    ///
    /// # Errors
    /// `InvalidInput` if no tag can begin like that.
    pub(crate) fn new(text: &str) -> Result<Self> {
        name(text, &Version::new(0, 0, 0))
            .map_err(|error| error.hint("use a plain prefix such as `v` or `api/v`"))
            .map(|_| Self(text.into()))
    }

    /// The prefix as it is.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a tag names a version with this prefix.
    pub(crate) fn covers(&self, tag: &str) -> bool {
        self.split(tag).is_some_and(|(_, version)| version.is_ok())
    }

    /// Takes the prefix of a component's tags. `{{component}}` in it stands for the component's name, and what is not the component's
    /// own, the default `v`, stands for `{{component}}/v`: tags of the whole repository are not of the component.
    ///
    /// # Errors
    /// `InvalidInput` if no tag can begin like that, there is no component to name, or it has names of another kind.
    pub(crate) fn of(component: Option<&ComponentName>, text: &str) -> Result<Self> {
        if let Some(other) = ["{{", "${"].into_iter().find(|other| text.replace(COMPONENT, "").contains(other)) {
            let message = format!("`{other}` stands for nothing in `{text}`");
            let hint = format!(
                "write what stands before the version, such as `v`, and nothing for the version; `{COMPONENT}` is known"
            );
            return Err(Error::new(ErrorKind::InvalidInput, message).hint(hint));
        }
        let Some(component) = component else {
            if text.contains(COMPONENT) {
                let message = format!("`{COMPONENT}` stands for a component, and none is set");
                return Err(Error::new(ErrorKind::InvalidInput, message).hint("set `component`"));
            }
            return Self::new(text);
        };
        let own = if text == OF_ALL { "{{component}}/v" } else { text };
        Self::new(&own.replace(COMPONENT, component.as_str()))
    }

    /// The version in the name of a tag, and what stands before it; nothing if the tag is no release tag of this prefix.
    fn split<'a>(&self, tag: &'a str) -> Option<(&'a str, std::result::Result<Version, NotAVersion>)> {
        let rest = tag.strip_prefix(&self.0)?;
        // `api/v1.0.0` is a release of `api/` as much as `api/1.0.0` is.
        let rest = if self.0.ends_with('/') { rest.strip_prefix('v').unwrap_or(rest) } else { rest };
        let version = Version::parse(rest).map_err(|_| NotAVersion { too_large: has_too_large_numbers(rest) });
        Some((&tag[..tag.len() - rest.len()], version))
    }
}

struct NotAVersion {
    too_large: bool,
}

/// Whether it is a version but for numbers that do not fit into 64 bits.
fn has_too_large_numbers(text: &str) -> bool {
    let core = text.split(['-', '+']).next().unwrap_or_default();
    let numbers: Vec<&str> = core.split('.').collect();
    numbers.len() == 3
        && numbers.iter().all(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
        && numbers.iter().any(|number| number.parse::<u64>().is_err())
}

/// Whether a prefix, as it is given, has the name of its component in it.
pub(crate) fn names_component(prefix: &str) -> bool {
    prefix == OF_ALL || prefix.contains(COMPONENT)
}

fn name(stem: &str, version: &Version) -> Result<TagName> {
    format!("{stem}{version}").parse()
}

/// A tag that names a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct ReleaseTag {
    /// The whole name.
    pub name: TagName,
    /// The version in it.
    pub version: Version,
    /// What stands before the version.
    #[serde(skip)]
    pub stem: String,
    /// What it leads to: a commit, unless somebody tagged something else.
    pub commit: CommitId,
    /// Whether the remote has it; true without a remote to ask.
    pub published: bool,
}

/// Which tags can be the last release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Counting {
    /// Those that are no pre-release.
    #[default]
    Stable,
    /// All of them.
    All,
    /// Those of a channel, and those that are no pre-release.
    Of(Channel),
}

/// The release tags of a repository.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Tags {
    #[serde(skip)]
    prefix: TagPrefix,
    #[serde(skip)]
    counting: Counting,
    /// By precedence, highest first; builds of one version by name.
    pub releases: Vec<ReleaseTag>,
    /// Tags with the prefix that name no version.
    pub ignored: Vec<String>,
    /// Those among them whose numbers are too large.
    pub too_large: Vec<String>,
}

impl Tags {
    /// Sorts out the tags of the repository and of its remote, if that answered. Where both have a tag, the remote's counts.
    pub(crate) fn sort_out(prefix: &TagPrefix, local: Vec<FoundTag>, remote: Option<Vec<FoundTag>>) -> Self {
        let mut tags = Self {
            prefix: prefix.clone(),
            counting: Counting::Stable,
            releases: Vec::new(),
            ignored: Vec::new(),
            too_large: Vec::new(),
        };
        let asked = remote.is_some();
        let mut found: Vec<(FoundTag, bool)> = remote.unwrap_or_default().into_iter().map(|tag| (tag, true)).collect();
        found.extend(local.into_iter().map(|tag| (tag, !asked)));
        // Of two tags of one name, the remote's comes first and stays.
        order::sort_by(&mut found, |(left, _), (right, _)| left.name.cmp(&right.name));
        found.dedup_by(|(later, _), (first, _)| later.name == first.name);
        for (tag, published) in found {
            let Some((stem, version)) = prefix.split(&tag.name) else { continue };
            match (version, tag.name.parse()) {
                (Ok(version), Ok(name)) => {
                    let stem = stem.to_owned();
                    tags.releases.push(ReleaseTag { name, version, stem, commit: tag.target, published });
                }
                (Err(NotAVersion { too_large: true }), _) => tags.too_large.push(tag.name),
                _ => tags.ignored.push(tag.name),
            }
        }
        order::sort_by(&mut tags.releases, |left, right| {
            right.version.cmp_precedence(&left.version).then_with(|| right.name.as_str().cmp(left.name.as_str()))
        });
        tags
    }

    /// The same tags, of which others can be the last release.
    pub(crate) fn counting(&self, counting: Counting) -> Self {
        Self { counting, ..self.clone() }
    }

    /// The same tags without one.
    pub(crate) fn without(&self, tag: &ReleaseTag) -> Self {
        let mut tags = self.clone();
        tags.releases.retain(|other| other.name != tag.name);
        tags
    }

    /// The tags that can be the last release, highest first. Without more being said, a pre-release is none: that takes a channel.
    pub(crate) fn candidates(&self) -> impl Iterator<Item = &ReleaseTag> {
        self.releases.iter().filter(|tag| match &self.counting {
            Counting::All => true,
            Counting::Stable => tag.version.pre.is_empty(),
            Counting::Of(channel) => tag.version.pre.is_empty() || channel.owns(&tag.version.pre),
        })
    }

    /// The release that a commit carries: of this version, or else the highest that can be the last release.
    pub(crate) fn at(&self, commit: &CommitId, wanted: Option<&Version>) -> Option<&ReleaseTag> {
        let asked_for = self.releases.iter().find(|tag| tag.commit == *commit && Some(&tag.version) == wanted);
        asked_for.or_else(|| self.candidates().find(|tag| tag.commit == *commit))
    }

    /// The tag of a version, wherever it is. Builds of one version are the same version.
    pub(crate) fn of(&self, version: &Version) -> Option<&ReleaseTag> {
        self.releases.iter().find(|tag| tag.version.cmp_precedence(version).is_eq())
    }

    /// The name of the tag of a new version, spelled like the last release's.
    pub(crate) fn name(&self, version: &Version, last: Option<&ReleaseTag>) -> Result<TagName> {
        name(last.map_or(&self.prefix.0, |tag| &tag.stem), version).map_err(|error| {
            Error::new(ErrorKind::InvalidInput, format!("the version `{version}` makes no tag: {}", error.message()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(names: &[&str]) -> Vec<FoundTag> {
        let id: CommitId = "a".repeat(40).parse().unwrap();
        names.iter().map(|name| FoundTag { name: (*name).into(), object: id.clone(), target: id.clone() }).collect()
    }

    fn candidates(prefix: &str, names: &[&str]) -> Vec<String> {
        let tags = Tags::sort_out(&TagPrefix::new(prefix).unwrap(), found(names), None);
        tags.candidates().map(|tag| tag.name.to_string()).collect()
    }

    #[test]
    fn the_highest_version_comes_first() {
        assert_eq!(
            candidates("v", &["v9.9.9", "v10.0.0", "v10.0.0-rc.1", "v1.2.0+b", "v1.2.0+a"]),
            ["v10.0.0", "v9.9.9", "v1.2.0+b", "v1.2.0+a"]
        );
    }

    #[test]
    fn prefixes_are_literal() {
        let names = ["api/v1.0.0", "apix/v9.0.0", "v9.0.0", "api/v1.0", "1.0.0", "vv3.0.0", "api]v4.0.0"];
        assert_eq!(candidates("api/", &names), ["api/v1.0.0"]);
        assert_eq!(candidates("api/v", &names), ["api/v1.0.0"]);
        assert_eq!(candidates("v", &names), ["v9.0.0"]);
        assert_eq!(candidates("", &names), ["1.0.0"]);
        assert_eq!(candidates("api]v", &names), ["api]v4.0.0"]);
        for wrong in ["api*", "v[", "-v", "a b", "v..", "a/.b", "v~", "@{", "a\n", "api/../v", "?"] {
            assert_eq!(TagPrefix::new(wrong).unwrap_err().kind(), ErrorKind::InvalidInput, "{wrong}");
        }
    }

    #[test]
    fn a_component_has_a_prefix_of_its_own() {
        let api: ComponentName = "api".parse().unwrap();
        for (text, prefix) in
            [("v", "api/v"), ("{{component}}-v", "api-v"), ("", ""), ("x-", "x-"), ("{{component}}@", "api@")]
        {
            assert_eq!(TagPrefix::of(Some(&api), text).unwrap().0, prefix);
        }
        assert_eq!(TagPrefix::of(None, "v").unwrap().0, "v");
        for (component, text) in [
            (None, "{{component}}/v"),
            (Some(&api), "{{component}}*"),
            (Some(&api), "-{{component}}"),
            (Some(&api), "{{component}}@{{version}}"),
            (None, "v${version}"),
            (None, "v{{version}}"),
        ] {
            assert_eq!(TagPrefix::of(component, text).unwrap_err().kind(), ErrorKind::InvalidInput, "{text}");
        }
    }

    #[test]
    fn hostile_names_are_no_releases() {
        let names = [
            "--output=pwned",
            "v1.0.0;id",
            "v1`id`",
            "v1$(id)",
            "v1|id",
            "v1․2․3",
            "v1.0.0\u{202e}",
            "v01.0.0",
            "v1",
            "v1.0",
            "v1.0.0-",
            "v1.0.0.0",
            "v99999999999999999999.0.0",
        ];
        let tags = Tags::sort_out(&TagPrefix::new("v").unwrap(), found(&names), None);
        assert!(tags.releases.is_empty(), "{:?}", tags.releases);
        assert_eq!(tags.too_large, ["v99999999999999999999.0.0"]);
        assert_eq!(tags.ignored.len(), names.len() - 2);
    }

    #[test]
    fn the_remote_has_the_last_word() {
        let mut remote = found(&["v1.0.0"]);
        remote[0].target = "b".repeat(40).parse().unwrap();
        let tags = Tags::sort_out(&TagPrefix::new("v").unwrap(), found(&["v1.0.0", "v1.1.0"]), Some(remote.clone()));
        let seen: Vec<_> = tags.releases.iter().map(|tag| (tag.name.as_str(), tag.published)).collect();
        assert_eq!(seen, [("v1.1.0", false), ("v1.0.0", true)]);
        assert_eq!(tags.releases[1].commit, remote[0].target);
    }

    #[test]
    fn new_tags_are_spelled_like_the_last() {
        let version = Version::new(1, 1, 0);
        for (prefix, existing, expected) in
            [("v", "", "v1.1.0"), ("api/", "api/v1.0.0", "api/v1.1.0"), ("api/", "", "api/1.1.0")]
        {
            let tags = Tags::sort_out(&TagPrefix::new(prefix).unwrap(), found(&[existing]), None);
            assert_eq!(tags.name(&version, tags.releases.first()).unwrap().as_str(), expected);
        }
    }
}
