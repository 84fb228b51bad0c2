//! Which revisions of the config repository hold the deployment under judgement: its own commit, and every commit that follows it.

use litemap::LiteMap;
use slipway_core::git::CommitId;
use slipway_core::{Context, Host, Result};
use slipway_gitops::ConfigRepository;

use crate::inputs::Config;

/// A revision of a repository, as somebody else names both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Revision {
    /// The address of the repository.
    pub(crate) repository: String,
    /// The commit, or what else a source is versioned by.
    pub(crate) revision: String,
}

/// What is known of revisions.
#[derive(Debug, Default)]
pub(crate) struct Lineage {
    /// The address of the config repository, once it was read.
    repository: Option<String>,
    known: LiteMap<String, std::result::Result<bool, String>>,
}

impl Lineage {
    /// Whether an address is that of the config repository.
    pub(crate) fn is_repository(&self, address: &str) -> bool {
        self.repository.as_ref().is_some_and(|known| place(known) == place(address))
    }

    /// Whether a revision holds the deployment.
    ///
    /// # Errors
    /// Why nobody knows.
    pub(crate) fn holds(&self, revision: &str) -> std::result::Result<bool, String> {
        self.known.get(revision).cloned().unwrap_or_else(|| Err(format!("`{revision}` is no commit")))
    }

    /// Asks the config repository about revisions that are not known yet. It is fetched anew, for they may be younger than what was
    /// fetched before. That it cannot be reached is known of them, too, until it is asked again.
    pub(crate) async fn learn<H: Host>(
        &mut self,
        context: &Context<H>,
        config: &Config,
        deployed: &CommitId,
        revisions: &[Revision],
    ) {
        if revisions.is_empty() {
            return;
        }
        self.known.insert(deployed.to_string(), Ok(true));
        let of_several = revisions.windows(2).any(|pair| pair[0].repository != pair[1].repository);
        let commits = revisions.iter().filter_map(|revision| revision.revision.parse::<CommitId>().ok());
        let unknown: Vec<CommitId> =
            commits.filter(|commit| !matches!(self.known.get(commit.as_str()), Some(Ok(_)))).collect();
        if unknown.is_empty() && (!of_several || self.repository.is_some()) {
            return;
        }
        let ask = async |repository: &ConfigRepository<'_, H>| -> Result<(String, Vec<Result<bool>>)> {
            let mut holds = Vec::new();
            for commit in &unknown {
                holds.push(repository.is_ancestor(deployed, commit).await);
            }
            Ok((repository.remote().to_string(), holds))
        };
        let target = &config.target.environment;
        match ConfigRepository::visit_environment(context, &config.location, target, ask).await {
            Ok((repository, holds)) => {
                self.repository = Some(repository);
                for (commit, holds) in unknown.iter().zip(holds) {
                    self.known.insert(commit.to_string(), holds.map_err(|error| error.message().to_owned()));
                }
            }
            Err(error) => {
                self.known.extend(unknown.iter().map(|commit| (commit.to_string(), Err(error.message().to_owned()))));
            }
        }
    }

    /// What is known, for tests.
    #[cfg(test)]
    pub(crate) fn of(repository: &str, known: &[(&str, bool)]) -> Self {
        let known = known.iter().map(|(revision, holds)| ((*revision).to_owned(), Ok(*holds))).collect();
        Self { repository: Some(repository.into()), known }
    }
}

/// Host and path of a repository's address, however it is reached.
fn place(address: &str) -> String {
    let (is_url, rest) = address.split_once("://").map_or((false, address), |(_, rest)| (true, rest));
    let host = rest.find('/').unwrap_or(rest.len());
    let rest = rest[..host].rfind('@').map_or(rest, |at| &rest[at + 1..]);
    let rest = if is_url { rest.to_owned() } else { rest.replacen(':', "/", 1) };
    let rest = rest.trim_end_matches('/');
    rest.strip_suffix(".git").unwrap_or(rest).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_one_however_it_is_reached() {
        let lineage = Lineage::of("https://github.com/acme/config.git", &[]);
        for (address, is_it) in [
            ("https://github.com/acme/config", true),
            ("https://github.com/Acme/Config.git/", true),
            ("https://user@github.com/acme/config", true),
            ("git@github.com:acme/config.git", true),
            ("ssh://git@github.com/acme/config.git", true),
            ("https://github.com/acme/config-2", false),
            ("https://github.com.evil/acme/config", false),
            ("https://evil/github.com/acme/config", false),
            ("https://evil/@github.com/acme/config", false),
            ("", false),
        ] {
            assert_eq!(lineage.is_repository(address), is_it, "{address}");
        }
        assert!(!Lineage::default().is_repository(""));
    }
}
