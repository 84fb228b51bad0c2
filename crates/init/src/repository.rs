//! What git tells of the repository: its address, its branches, its tags.

use serde::Serialize;
use slipway_core::git::{Argv, Git};
use slipway_core::text::is_hidden;
use slipway_core::{Host, Result};

/// So many names of branches are kept.
const LISTED: usize = 200;

/// A repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Repository {
    /// The server's address, such as `https://github.com`, if there is a remote.
    pub server: Option<String>,
    /// `owner/name`, if the remote's address says so.
    pub name: Option<String>,
    /// The branch that others start from.
    pub default_branch: String,
    /// What told the default branch.
    pub why_default: &'static str,
    /// Every branch, here and on the remote.
    pub branches: Vec<String>,
    /// What the tags of releases begin with, and how many there are.
    pub tags: Option<(String, usize)>,
}

impl Repository {
    /// Asks git; the remote is not asked.
    ///
    /// # Errors
    /// `Git` if git fails.
    pub(crate) async fn read<H: Host>(git: &Git<'_, H>) -> Result<Self> {
        let address = git.origin().await.ok();
        let (server, name) = address.as_deref().and_then(server_and_name).unzip();
        let argv =
            Argv::new("for-each-ref").flag("--format=%(refname)").flag("refs/heads/").flag("refs/remotes/origin/");
        let names = git.text(argv).await?;
        let mut branches: Vec<String> = names
            .lines()
            .filter_map(|name| name.strip_prefix("refs/heads/").or_else(|| name.strip_prefix("refs/remotes/origin/")))
            .filter(|name| *name != "HEAD" && !name.chars().any(is_hidden))
            .map(str::to_owned)
            .collect();
        branches.sort_unstable();
        branches.dedup();
        branches.truncate(LISTED);
        let head = Argv::new("symbolic-ref").flag("--quiet").flag("refs/remotes/origin/HEAD");
        let remote = git.text(head).await.ok();
        let remote = remote.as_deref().and_then(|name| name.strip_prefix("refs/remotes/origin/"));
        let usual =
            ["main", "master", "trunk", "develop"].into_iter().find(|name| branches.iter().any(|known| known == name));
        let checked_out = match git.checked_out().await.ok().flatten() {
            Some(name) => name.as_str().strip_prefix("refs/heads/").map(str::to_owned),
            None => None,
        };
        let (default_branch, why_default) = match (remote, usual, checked_out) {
            (Some(name), _, _) => (name.to_owned(), "it is the remote's"),
            (None, Some(name), _) => (name.to_owned(), "there is such a branch"),
            (None, None, Some(name)) => (name, "it is checked out"),
            (None, None, None) => ("main".into(), "nothing says otherwise"),
        };
        let tags: Vec<String> = git.local_tags().await?.into_iter().map(|tag| tag.name).collect();
        Ok(Self { server, name, default_branch, why_default, branches, tags: tag_prefix(&tags) })
    }

    /// Whether it lies on GitHub, or nothing says where it lies.
    pub(crate) fn is_on_github(&self) -> bool {
        self.server.as_deref().is_none_or(|server| !server.contains("gitlab") && !server.contains("bitbucket"))
    }

    /// The address of one of its pages.
    pub(crate) fn page(&self, below: &str) -> String {
        match (&self.server, &self.name) {
            (Some(server), Some(name)) => format!("{server}/{name}/{below}"),
            _ => format!("the repository's page, under `{below}`"),
        }
    }
}

/// The server and `owner/name` of a remote's address: by https, by ssh, or in scp's way.
fn server_and_name(address: &str) -> Option<(String, String)> {
    let rest = ["https://", "http://", "ssh://", "git://"].iter().find_map(|scheme| address.strip_prefix(scheme));
    let (host, path) = match rest {
        Some(rest) => rest.split_once('/')?,
        None => address.split_once(':').filter(|(host, _)| !host.contains('/'))?,
    };
    let host = host.rsplit('@').next()?.split(':').next()?;
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let is_name = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)) && part != ".."
    };
    let is_host = host.contains('.') && is_name(host);
    (is_host && path.contains('/') && path.split('/').all(is_name)).then(|| (format!("https://{host}"), path.into()))
}

/// What most tags with a version begin with.
fn tag_prefix(tags: &[String]) -> Option<(String, usize)> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for tag in tags.iter().filter(|tag| !tag.chars().any(is_hidden)) {
        let Some(at) = tag.char_indices().map(|(at, _)| at).find(|at| is_version(&tag[*at..])) else { continue };
        let prefix = &tag[..at];
        match counts.iter_mut().find(|(known, _)| *known == prefix) {
            Some((_, count)) => *count += 1,
            None => counts.push((prefix, 1)),
        }
    }
    let most = counts.into_iter().max_by_key(|(prefix, count)| (*count, std::cmp::Reverse(prefix.len())))?;
    Some((most.0.to_owned(), most.1))
}

/// Whether a text is three numbers, and perhaps a pre-release.
fn is_version(text: &str) -> bool {
    let core = text.split(['-', '+']).next().unwrap_or_default();
    core.split('.').count() == 3
        && core.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_remotes_are_read() {
        for (address, expected) in [
            ("https://github.com/acme/shop.git", Some(("https://github.com", "acme/shop"))),
            ("git@github.com:acme/shop.git", Some(("https://github.com", "acme/shop"))),
            ("ssh://git@git.acme.example:2222/acme/shop", Some(("https://git.acme.example", "acme/shop"))),
            ("https://user:secret@gitlab.com/group/sub/shop", Some(("https://gitlab.com", "group/sub/shop"))),
            ("/srv/git/shop.git", None),
            ("https://github.com/acme", None),
            ("https://github.com/acme/sh\u{202e}op", None),
            ("https://github.com/../etc", None),
        ] {
            let expected = expected.map(|(server, name)| (server.to_owned(), name.to_owned()));
            assert_eq!(server_and_name(address), expected, "{address}");
        }
    }

    #[test]
    fn tags_have_the_prefix_that_most_have() {
        let prefix = |tags: &[&str]| tag_prefix(&tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>());
        assert_eq!(prefix(&["v1.0.0", "v1.1.0-rc.1", "1.2.0", "nightly"]), Some(("v".into(), 2)));
        assert_eq!(prefix(&["api-v1.0.0"]), Some(("api-v".into(), 1)));
        assert_eq!(prefix(&["1.0.0"]), Some((String::new(), 1)));
        assert_eq!(prefix(&["v1", "latest"]), None);
    }
}
