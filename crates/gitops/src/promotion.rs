//! What one environment has to offer to the next: only what is verified there.

use serde::Serialize;
use slipway_core::{Error, ErrorKind, Host, Result};

use crate::{ConfigRepository, Deployment, Release, ReleaseVersion, Target, Verdict, VerdictEntry, VerdictLog};

/// The environment that is promoted from, as its record was when it was read.
#[derive(Clone, Debug, Serialize)]
pub struct PromotionSource {
    /// The newest deployment there.
    pub deployed: Option<Deployment>,
    /// The verdicts there.
    pub verdicts: VerdictLog,
}

impl PromotionSource {
    /// Reads what is deployed and verified.
    ///
    /// # Errors
    /// As [`ConfigRepository::deployments`] and [`ConfigRepository::verdicts`].
    pub async fn read<H: Host>(repository: &ConfigRepository<'_, H>, target: &Target) -> Result<Self> {
        let deployed = repository.deployments(target, None, 1).await?.pop();
        Ok(Self { deployed, verdicts: repository.verdicts(target).await? })
    }

    /// The component and the environment that is promoted from.
    pub fn target(&self) -> &Target {
        &self.verdicts.target
    }

    /// The verified release, or the newest verified one of a version.
    ///
    /// # Errors
    /// `NothingVerified` if there is none, with what is missing; or if an image of it has no digest, so that nobody can say that it
    /// still is what was verified.
    pub fn offered(&self, version: Option<&ReleaseVersion>) -> Result<&Release> {
        let is_wanted = |release: &&Release| version.is_none_or(|version| release.version == *version);
        let offered = self.verdicts.verified_releases().map(|record| &record.release).find(is_wanted);
        let offered = offered.ok_or_else(|| self.missing(version))?;
        match offered.images.iter().find(|image| image.digest.is_none()) {
            Some(image) => {
                let message =
                    format!("`{image}` of {} was verified for {} without a digest", offered.version, self.target());
                Err(Error::new(ErrorKind::NothingVerified, message)
                    .hint("deploy it there by digest, as image-tag's `references` name it, and let it be judged again"))
            }
            None => Ok(offered),
        }
    }

    /// Whether the same build of the same version is verified here.
    ///
    /// # Errors
    /// `NothingVerified` if it is not, with what is missing.
    pub fn check(&self, release: &Release) -> Result<()> {
        let mut verified = self.verdicts.verified_releases().map(|record| &record.release);
        if verified.clone().any(|verified| verified.is_same_build(release)) {
            return Ok(());
        }
        let Some(other) = verified.find(|verified| verified.version == release.version) else {
            return Err(self.missing(Some(&release.version)));
        };
        let images = |release: &Release| release.images.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let message = format!(
            "{} is verified for {} as {}, not as {}",
            release.version,
            self.target(),
            images(other),
            images(release)
        );
        Err(Error::new(ErrorKind::NothingVerified, message).hint("leave out `images` to deploy what is verified there"))
    }

    /// What stands between a release and its promotion.
    fn missing(&self, version: Option<&ReleaseVersion>) -> Error {
        let target = self.target();
        let is_about = |entry: &&VerdictEntry| version.is_none_or(|version| entry.record.release.version == *version);
        let last = self.verdicts.entries.iter().find(is_about);
        let deployed = self.deployed.as_ref().map(|deployment| &deployment.release.version);
        let (why, hint) = match (last, deployed) {
            (Some(entry), _) if entry.record.verdict == Verdict::Rollback => {
                let why =
                    format!("{} was rolled back, decided by {}", entry.record.release.version, entry.record.decided_by);
                (why, "promote another version")
            }
            (Some(entry), _) => {
                let why = format!("the newest verdict about {} is hold", entry.record.release.version);
                (why, "wait for its promote, or decide with rollback-gate")
            }
            (None, Some(deployed)) if version.is_none_or(|version| version == deployed) => (
                format!("{deployed} is deployed there, and nobody has judged it yet"),
                "let rollback-gate judge it first",
            ),
            (None, Some(deployed)) => {
                (format!("{deployed} is deployed there"), "deploy it there first, and let rollback-gate judge it")
            }
            (None, None) => {
                ("nothing was ever deployed there".into(), "deploy there first, and let rollback-gate judge it")
            }
        };
        let message = match version {
            Some(version) => format!("{version} is not verified for {target}: {why}"),
            None => format!("nothing is verified for {target}: {why}"),
        };
        Error::new(ErrorKind::NothingVerified, message).hint(hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tests::log;
    use crate::release::tests::release;

    fn source(verdicts: &[&str], deployed: Option<&str>) -> PromotionSource {
        let deployed = deployed.map(|version| Deployment {
            commit: "d".repeat(40).parse().unwrap(),
            time: 0,
            release: release(version, &[]),
            rollback: None,
        });
        PromotionSource { deployed, verdicts: log(verdicts) }
    }

    #[test]
    fn only_what_is_verified_is_offered() {
        let both = &["promote 1.4.0 a", "promote 1.5.0 b"][..];
        for (verdicts, version, offered) in [
            (both, None, "1.5.0"),
            (both, Some("1.4.0"), "1.4.0"),
            (&["promote 1.4.0 a", "hold 1.5.0 b"], None, "1.4.0"),
            (&["promote 1.4.0 a", "promote 1.5.0 b", "rollback 1.5.0 b"], None, "1.4.0"),
        ] {
            let version = version.map(|text| text.parse().unwrap());
            let source = source(verdicts, Some("1.5.0"));
            assert_eq!(source.offered(version.as_ref()).unwrap().version.as_str(), offered, "{verdicts:?}");
        }
    }

    #[test]
    fn what_is_missing_is_told() {
        for (verdicts, deployed, version, told) in [
            (&[][..], None, None, "nothing is verified for shop in production: nothing was ever deployed there"),
            (&[], Some("1.5.0"), None, "1.5.0 is deployed there, and nobody has judged it yet"),
            (&["hold 1.5.0 b"], Some("1.5.0"), None, "the newest verdict about 1.5.0 is hold"),
            (&["rollback 1.5.0 b"], Some("1.4.0"), None, "1.5.0 was rolled back, decided by rollback-gate"),
            (
                &["promote 1.4.0 a"],
                Some("1.5.0"),
                Some("1.5.0"),
                "1.5.0 is not verified for shop in production: 1.5.0 is",
            ),
            (
                &["promote 1.4.0 a"],
                Some("1.4.0"),
                Some("1.6.0"),
                "1.6.0 is not verified for shop in production: 1.4.0 is deployed",
            ),
            (
                &["promote 1.4.0 a", "rollback 1.4.0 a"],
                Some("1.4.0"),
                Some("1.4.0"),
                "1.4.0 is not verified for shop in production: 1.4.0 was rolled back",
            ),
        ] {
            let version = version.map(|text| text.parse().unwrap());
            let error = source(verdicts, deployed).offered(version.as_ref()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NothingVerified);
            assert!(error.message().contains(told), "{verdicts:?}: {error}");
        }
    }

    #[test]
    fn a_release_must_be_the_build_that_is_verified() {
        let image = |digit: &str| format!("shop:1.4.0@sha256:{}", digit.repeat(64));
        let mut source = source(&["promote 1.4.0 a"], Some("1.4.0"));
        source.verdicts.entries[0].record.release.images = vec![image("a").parse().unwrap()];
        assert!(source.check(&release("1.4.0", &[&image("a")])).is_ok());
        let error = source.check(&release("1.4.0", &[&image("b")])).unwrap_err();
        assert!(error.message().contains(&format!("as {}, not as {}", image("a"), image("b"))), "{error}");
        assert!(source.check(&release("1.5.0", &[&image("a")])).is_err());
        source.verdicts.entries[0].record.release.images = vec!["shop:1.4.0".parse().unwrap()];
        let error = source.offered(None).unwrap_err();
        assert!(
            error.message().contains("`shop:1.4.0` of 1.4.0 was verified for shop in production without a digest"),
            "{error}"
        );
    }
}
