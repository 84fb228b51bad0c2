//! A release as the record names it.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use slipway_core::git::CommitId;
use slipway_core::image::{ImageReference, ImageTag};
use slipway_core::{Error, ErrorKind, Result};

use crate::{ComponentName, EnvironmentName, Target, Trailers};

/// The longest version; a tag cannot be longer.
const VERSION_LIMIT: usize = 128;

/// The version of a release: what an image's tag may hold, and `+`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ReleaseVersion(String);

impl ReleaseVersion {
    /// The version as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The tag that images of this version have: `+`, which tags cannot hold, becomes `-`.
    ///
    /// # Errors
    /// Never for a version that was validated; the type of a tag checks again.
    pub fn tag(&self) -> Result<ImageTag> {
        self.0.replace('+', "-").parse()
    }
}

impl fmt::Display for ReleaseVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ReleaseVersion {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refuse = |why: &str| {
            Err(Error::new(ErrorKind::InvalidInput, format!("`{text}` is not the version of a release: it {why}"))
                .hint("write a version such as `1.5.0`"))
        };
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !text.starts_with(is_word) {
            return refuse("does not start with a letter, a digit or `_`");
        }
        if let Some(bad) = text.chars().find(|c| !is_word(*c) && !matches!(c, '.' | '-' | '+')) {
            return refuse(&format!("holds {bad:?}"));
        }
        if text.len() > VERSION_LIMIT {
            return refuse("is longer than 128 characters");
        }
        Ok(Self(text.into()))
    }
}

/// What is deployed: a version of a component, as images, in an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Release {
    /// What is released.
    pub component: ComponentName,
    /// Its version.
    pub version: ReleaseVersion,
    /// Its images, by digest where that is known; none if it is made of other values only.
    pub images: Vec<ImageReference>,
    /// Where it runs.
    pub environment: EnvironmentName,
    /// The commit of the component's own repository that it was built from.
    pub source_commit: Option<CommitId>,
    /// Address of the page of the run that deployed it.
    pub workflow_run: Option<String>,
}

impl Release {
    /// The component and the environment.
    pub fn target(&self) -> Target {
        Target { environment: self.environment.clone(), component: self.component.clone() }
    }

    /// Whether both are the same release: the same version of the same component in the same environment, with the same images by
    /// digest, or by tag where no digest is known. Who built and deployed it does not matter.
    pub fn is_same(&self, other: &Self) -> bool {
        self.target() == other.target() && self.is_same_build(other)
    }

    /// Whether both are the same but for the environment: the same version of the same component with the same images.
    pub fn is_same_build(&self, other: &Self) -> bool {
        let holds =
            |images: &[ImageReference], image: &ImageReference| images.iter().any(|other| is_same_image(other, image));
        self.component == other.component
            && self.version == other.version
            && self.images.iter().all(|image| holds(&other.images, image))
            && other.images.iter().all(|image| holds(&self.images, image))
    }

    /// Whether both were built from the same commit as the same version, into whatever images: built again, an image has another
    /// digest, because it holds times.
    pub fn is_rebuild(&self, other: &Self) -> bool {
        self.target() == other.target()
            && self.version == other.version
            && self.source_commit.is_some()
            && self.source_commit == other.source_commit
    }

    /// Adds the release to trailers.
    #[must_use]
    pub fn write(&self, trailers: Trailers) -> Trailers {
        let trailers =
            trailers.with("Release-Component", self.component.as_str()).with("Release-Version", self.version.as_str());
        let trailers =
            self.images.iter().fold(trailers, |trailers, image| trailers.with("Release-Image", &image.to_string()));
        trailers
            .with("Release-Environment", self.environment.as_str())
            .with_some("Source-Commit", self.source_commit.as_ref().map(CommitId::as_str))
            .with_some("Workflow-Run", self.workflow_run.as_deref())
    }

    /// Reads the release that trailers name, if they name one completely.
    pub fn read(trailers: &Trailers) -> Option<Self> {
        let images: Result<Vec<ImageReference>> = trailers.all("Release-Image").map(str::parse).collect();
        Some(Self {
            component: trailers.one("Release-Component")?.parse().ok()?,
            version: trailers.one("Release-Version")?.parse().ok()?,
            images: images.ok()?,
            environment: trailers.one("Release-Environment")?.parse().ok()?,
            source_commit: trailers.one("Source-Commit").and_then(|id| id.parse().ok()),
            workflow_run: trailers.one("Workflow-Run").filter(|run| !run.is_empty()).map(Into::into),
        })
    }
}

fn is_same_image(left: &ImageReference, right: &ImageReference) -> bool {
    let same = match (&left.digest, &right.digest) {
        (None, None) => left.tag == right.tag,
        (left, right) => left == right,
    };
    same && left.name.is_same(&right.name)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn release(version: &str, images: &[&str]) -> Release {
        Release {
            component: "shop".parse().unwrap(),
            version: version.parse().unwrap(),
            images: images.iter().map(|image| image.parse().unwrap()).collect(),
            environment: "production".parse().unwrap(),
            source_commit: Some("0f1e2d3c4b5a69788796a5b4c3d2e1f001234567".parse().unwrap()),
            workflow_run: Some("https://github.com/acme/shop/actions/runs/1".into()),
        }
    }

    fn digest(letter: char) -> String {
        format!("sha256:{}", letter.to_string().repeat(64))
    }

    #[test]
    fn trailers_hold_a_release() {
        let release =
            release("1.5.0", &[&format!("ghcr.io/acme/shop:1.5.0@{}", digest('a')), "ghcr.io/acme/worker:1.5.0"]);
        let message = release.write(Trailers::default()).message("Deploy");
        insta::assert_snapshot!(message, @r"
        Deploy

        Release-Component: shop
        Release-Version: 1.5.0
        Release-Image: ghcr.io/acme/shop:1.5.0@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        Release-Image: ghcr.io/acme/worker:1.5.0
        Release-Environment: production
        Source-Commit: 0f1e2d3c4b5a69788796a5b4c3d2e1f001234567
        Workflow-Run: https://github.com/acme/shop/actions/runs/1
        ");
        assert_eq!(Release::read(&Trailers::parse(&message)), Some(release));
    }

    #[test]
    fn an_incomplete_release_is_none() {
        let complete = release("1.5.0", &["shop:1"]).write(Trailers::default()).message("x");
        for key in ["Release-Component", "Release-Version", "Release-Image", "Release-Environment"] {
            let without: String =
                complete.lines().filter(|line| !line.starts_with(key)).map(|line| format!("{line}\n")).collect();
            let read = Release::read(&Trailers::parse(&without));
            assert_eq!(read.is_some(), key == "Release-Image", "a release can do without images, not without {key}");
            let hostile = format!("{complete}{key}: ../../x\n");
            assert_eq!(Release::read(&Trailers::parse(&hostile)), None, "{key}");
        }
        let without = complete.replace("Source-Commit: 0f1e2d3c4b5a69788796a5b4c3d2e1f001234567\n", "");
        assert_eq!(Release::read(&Trailers::parse(&without)).unwrap().source_commit, None);
    }

    #[test]
    fn a_release_is_its_version_and_its_digests() {
        let (a, b) = (digest('a'), digest('b'));
        let base = release("1.5.0", &[&format!("shop:1.5.0@{a}")]);
        for (images, same) in [
            (vec![format!("docker.io/library/shop@{a}")], true),
            (vec![format!("shop:1.5.0@{b}")], false),
            (vec!["shop:1.5.0".to_owned()], false),
            (vec![format!("shop:1.5.0@{a}"), format!("worker@{b}")], false),
        ] {
            let images: Vec<&str> = images.iter().map(String::as_str).collect();
            let other = Release { source_commit: None, workflow_run: None, ..release("1.5.0", &images) };
            assert_eq!(base.is_same(&other), same, "{images:?}");
            assert_eq!(other.is_same(&base), same, "{images:?}");
        }
        assert!(!base.is_same(&Release { version: "1.5.1".parse().unwrap(), ..base.clone() }));
        assert!(!base.is_same(&Release { environment: "staging".parse().unwrap(), ..base.clone() }));
    }

    #[test]
    fn versions_fit_into_tags() {
        assert_eq!("1.5.0+build.7".parse::<ReleaseVersion>().unwrap().tag().unwrap().as_str(), "1.5.0-build.7");
        for text in ["", "-1", ".1", "1 0", "1\n", "+1", "1.5.0;id", "é", "1".repeat(129).as_str()] {
            assert!(text.parse::<ReleaseVersion>().is_err(), "{text:?}");
        }
    }
}
