//! Talking to a remote: what is asked again, and where its refs are.

use std::collections::BTreeMap;
use std::time::Duration;

use super::argv::credentials;
use super::{Argv, CommitId, Git, RefName};
use crate::host::Host;
use crate::{Error, ErrorKind, Result};

/// How often a remote is asked in all.
pub(super) const ATTEMPTS: u32 = 3;

/// Whether a command only reads from a remote, and failed in a way that can pass.
pub(super) fn may_pass(subcommand: &str, error: &Error) -> bool {
    matches!(subcommand, "ls-remote" | "fetch") && matches!(error.kind(), ErrorKind::Network | ErrorKind::RateLimited)
}

impl<H: Host> Git<'_, H> {
    /// Waits before the next attempt, each time longer, and never as long as another run.
    pub(super) async fn pause(&self, attempt: u32) {
        let chance = f64::from(self.context.host.random()[0]) / 256.0;
        self.context.host.sleep(Duration::from_millis(250 << attempt.min(8)).mul_f64(0.5 + chance / 2.0)).await;
    }

    /// Makes an address the `origin` of a scratch repository, which has none yet. A user name and a password in it are not written:
    /// [`Git::logging_in`] has them given to git.
    ///
    /// # Errors
    /// `Io` if the settings cannot be written.
    pub async fn set_origin(&self, address: &str) -> Result<()> {
        let credentials = credentials(address);
        let url = credentials.as_ref().map_or(address, |credentials| &credentials.url);
        let settings = format!("[remote \"origin\"]\n\turl = {}\n", quoted(url));
        self.context.host.append(&format!("{}/config", self.directory), settings.as_bytes()).await
    }

    /// The same repository, where the user name and the password of an address, if it has any, are those of `origin`. They stay out of
    /// every argument list and every file.
    #[must_use]
    pub fn logging_in(self, address: &str) -> Self {
        Self { login: credentials(address), ..self }
    }

    /// Fetches what a ref of a remote leads to, and moves no ref here: without a filter and a depth, nothing but objects is written.
    ///
    /// # Errors
    /// `NotFound`, `Permission` or `Network` if the remote does not answer, else `Git`.
    pub async fn fetch_objects(&self, url: &str, name: &RefName) -> Result<()> {
        let fetch = Argv::new("fetch").flag("--quiet").flag("--no-tags").flag("--no-write-fetch-head");
        self.bytes(fetch.end_of_options().remote(url).reference(name)).await.map(drop)
    }

    /// What some refs of a remote name: the tag object of an annotated tag. Those that do not exist are left out.
    ///
    /// # Errors
    /// `NotFound`, `Permission` or `Network` if the remote does not answer, else `Git`.
    pub async fn remote_refs(&self, url: &str, names: &[RefName]) -> Result<BTreeMap<RefName, CommitId>> {
        let argv = Argv::new("ls-remote").flag("--quiet").end_of_options().remote(url);
        let listed = self.text(names.iter().fold(argv, Argv::reference)).await?;
        let mut found = BTreeMap::new();
        for (id, name) in listed.lines().filter_map(|line| line.split_once('\t')) {
            // A pattern also matches refs that end like it.
            if let Some(name) = names.iter().find(|asked| asked.as_str() == name) {
                found.insert(name.clone(), id.parse()?);
            }
        }
        Ok(found)
    }
}

/// The address on a server of what `address` names by SSH: `git@host:path` or `ssh://git@host/path`; nothing if it is elsewhere.
pub(super) fn with_token(address: &str, server: &str) -> Option<String> {
    let host =
        |authority: &str| authority.rsplit('@').next().and_then(|host| host.split(':').next()).map(str::to_owned);
    let (authority, path) = match address.strip_prefix("ssh://") {
        Some(rest) => rest.split_once('/')?,
        None if address.contains("://") => return None,
        None => address.split_once(':').filter(|(authority, _)| !authority.contains('/'))?,
    };
    let (_, rest) = server.split_once("://")?;
    let same = host(authority)?.eq_ignore_ascii_case(&host(rest.split('/').next()?)?);
    same.then(|| format!("{server}/{}", path.trim_start_matches('/')))
}

/// A value as git's settings files take any text.
fn quoted(value: &str) -> String {
    let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_by_ssh_become_those_that_take_the_token() {
        for (address, server, expected) in [
            ("git@github.com:acme/shop.git", "https://github.com", Some("https://github.com/acme/shop.git")),
            ("ssh://git@GitHub.com:22/acme/shop", "https://github.com", Some("https://github.com/acme/shop")),
            ("git@ghes.test:/acme/shop.git", "https://ghes.test:8443", Some("https://ghes.test:8443/acme/shop.git")),
            ("git@gitlab.com:acme/shop.git", "https://github.com", None),
            ("git@github.com.evil.test:acme/shop.git", "https://github.com", None),
            ("https://github.com/acme/shop.git", "https://github.com", None),
            ("ext::sh -c id", "https://github.com", None),
            ("/srv/a:b/shop.git", "https://github.com", None),
            ("../github.com:x", "https://github.com", None),
        ] {
            assert_eq!(with_token(address, server).as_deref(), expected, "{address}");
        }
    }
}
