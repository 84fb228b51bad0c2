//! The address of the config repository: the only place where one becomes something that git is given.

use std::fmt;
use std::str::FromStr;

use slipway_core::git::Git;
use slipway_core::github::RepositoryName;
use slipway_core::http::address;
use slipway_core::text::without_credentials;
use slipway_core::{Context, Error, ErrorKind, Host, Result};
use url::Url;

/// An address that git may be given: `https`, `http`, SSH, or a directory of this machine. It is shown without user name and password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote(String);

impl Remote {
    /// The address with everything in it, for git alone.
    pub(crate) fn address(&self) -> &str {
        &self.0
    }

    /// Whether it is a directory of this machine.
    pub(crate) fn is_local(&self) -> bool {
        self.0.starts_with('/') || self.0.starts_with("file:")
    }

    /// Whether it is reached by SSH, as `ssh://user@host/path` or `user@host:path`.
    pub(crate) fn is_ssh(&self) -> bool {
        self.0.starts_with("ssh://") || !self.0.contains("://") && !self.is_local()
    }

    /// The same repository by SSH, if it is one of a web server.
    #[must_use]
    pub(crate) fn over_ssh(self) -> Self {
        let found = Url::parse(&self.0).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        match found.as_ref().and_then(|url| Some((url.host_str()?, url.path()))) {
            Some((host, path)) => Self(format!("ssh://git@{host}{path}")),
            None => self,
        }
    }

    /// The same repository, where this user logs in with this token.
    #[must_use]
    pub(crate) fn with_login(self, user: &str, token: &str) -> Self {
        match Url::parse(&self.0) {
            Ok(mut url) if matches!(url.scheme(), "http" | "https") => {
                // What has a host can have both.
                let _ = (url.set_username(user), url.set_password(Some(token)));
                Self(url.into())
            }
            _ => self,
        }
    }

    /// A repository on the server that the runner belongs to.
    ///
    /// # Errors
    /// `InvalidInput` if the address of the server is unusable.
    pub fn on_server<H: Host>(context: &Context<H>, repository: &RepositoryName) -> Result<Self> {
        format!("{}/{repository}.git", context.environment.server_url).parse()
    }

    /// Whether both are on one web server.
    pub(crate) fn is_beside(&self, other: &Self) -> bool {
        let origin = |remote: &Self| Some(Url::parse(&remote.0).ok()?.origin()).filter(url::Origin::is_tuple);
        origin(self).is_some_and(|this| origin(other) == Some(this))
    }

    /// The repository's name on a server, if it is there.
    pub(crate) fn name_on(&self, server: &str) -> Option<RepositoryName> {
        let plain = |text: &str| {
            let mut url = Url::parse(text).ok()?;
            let _ = (url.set_username(""), url.set_password(None));
            Some(String::from(url))
        };
        let server = plain(server)?;
        let below = plain(&self.0)?;
        let path = below.strip_prefix(server.trim_end_matches('/'))?.strip_prefix('/')?.trim_end_matches('/');
        path.strip_suffix(".git").unwrap_or(path).parse().ok()
    }

    /// The `origin` of the repository that is checked out; without a checkout, the workflow's repository. By SSH only on request: else
    /// it is the address on the runner's server that takes the token.
    ///
    /// # Errors
    /// `NotARepository` if there is neither; `InvalidInput` if `origin` has an address that is not supported.
    pub async fn own<H: Host>(context: &Context<H>, by_ssh: bool) -> Result<Self> {
        let origin = match Git::open(context).await {
            Ok(git) if by_ssh => git.origin().await,
            Ok(git) => git.remote_url().await,
            Err(error) => Err(error),
        };
        match (origin, &context.environment.repository) {
            (Ok(origin), _) => origin.parse().map_err(|e: Error| e.context("the remote `origin`")),
            (Err(_), Some(repository)) => Self::on_server(context, repository),
            (Err(error), None) => Err(Error::new(error.kind(), error.message().to_owned())
                .hint("set `config-repository` to the address of the config repository")),
        }
    }
}

impl FromStr for Remote {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refuse = |why: &str| {
            Err(Error::new(
                ErrorKind::InvalidInput,
                format!("`{}` cannot be a remote: it {why}", without_credentials(text)),
            )
            .hint("write `owner/name`, an https or ssh address, or the absolute path of a repository"))
        };
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return refuse("holds white space or a control character");
        }
        if text.starts_with('/') {
            return Ok(Self(text.into()));
        }
        // git takes `name::address` for a call of the program `git-remote-name`.
        if text.starts_with('-') || text.split('/').next().is_some_and(|start| start.contains("::")) {
            return refuse("would make git run a program");
        }
        if let Some(why) = unusable_ssh(text) {
            return refuse(why);
        }
        if is_scp_like(text) {
            return Ok(Self(text.into()));
        }
        let Ok(url) = Url::parse(text) else { return refuse("is neither a URL nor an absolute path") };
        if let Some(why) = address::forbidden_host(&url) {
            return refuse(&why);
        }
        match url.scheme() {
            "http" | "https" if url.host_str().is_some_and(|host| !host.is_empty() && !host.starts_with('-')) => {}
            "file" if text.starts_with("file:///") => {}
            "ssh" => {}
            _ => return refuse("is not an http, https, ssh or file URL"),
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&without_credentials(&self.0))
    }
}

/// `user@host:path`
fn is_scp_like(text: &str) -> bool {
    !text.contains("://") && text.split('/').next().is_some_and(|start| start.contains('@') && start.contains(':'))
}

/// Why an address by SSH would not be one word for the program that git starts, if it is one by SSH.
fn unusable_ssh(text: &str) -> Option<&'static str> {
    let (place, path) = match text.strip_prefix("ssh://") {
        Some(rest) => rest.split_once('/').unwrap_or((rest, "")),
        None if is_scp_like(text) => text.split_once(':')?,
        None => return None,
    };
    let (user, host) = place.split_once('@').unwrap_or(("git", place));
    let host = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
        .map_or(host, |(host, _)| host);
    let plain = |word: &str, others: &[u8]| {
        !word.is_empty()
            && !word.starts_with('-')
            && word.bytes().all(|b| b.is_ascii_alphanumeric() || others.contains(&b))
    };
    if path.is_empty() || path.starts_with('-') {
        return Some("has no path");
    }
    if !plain(user, b"._-") || !plain(host, b"._-[]:") {
        return Some("has a user or a host that is no plain word");
    }
    // Only of the web are the hosts of URLs told apart into names and numbers.
    let address = Url::parse(&format!("http://{host}/")).ok()?;
    address::forbidden_host(&address).map(|_| "leads to an address that is never spoken to")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_shown_without_secrets() {
        for (text, shown) in [
            ("https://github.com/acme/deploy.git", "https://github.com/acme/deploy.git"),
            ("https://oauth2:s3cret@gitlab.com/acme/deploy", "https://***@gitlab.com/acme/deploy"),
            ("http://127.0.0.1:8080/acme/deploy", "http://127.0.0.1:8080/acme/deploy"),
            ("file:///srv/git/deploy.git", "file:///srv/git/deploy.git"),
            ("/srv/git/a@b.git", "/srv/git/a@b.git"),
        ] {
            assert_eq!(text.parse::<Remote>().unwrap().to_string(), shown);
        }
    }

    #[test]
    fn ssh_is_told_from_the_rest() {
        for (text, over_ssh) in [
            ("ssh://git@github.com/acme/deploy.git", None),
            ("ssh://deploy@git.example:2222/acme/deploy", None),
            ("git@github.com:acme/deploy.git", None),
            ("https://ghes.test:8443/acme/deploy.git", Some("ssh://git@ghes.test/acme/deploy.git")),
            ("/srv/a@b:c.git", Some("/srv/a@b:c.git")),
        ] {
            let remote: Remote = text.parse().unwrap();
            assert_eq!(remote.is_ssh(), over_ssh.is_none(), "{text}");
            assert_eq!(remote.over_ssh().address(), over_ssh.unwrap_or(text));
        }
        let remote: Remote = "https://gitlab.example/acme/deploy".parse().unwrap();
        let remote = remote.with_login("oauth2", "a/b@c");
        assert_eq!(remote.address(), "https://oauth2:a%2Fb%40c@gitlab.example/acme/deploy");
        assert_eq!(remote.to_string(), "https://***@gitlab.example/acme/deploy");
    }

    #[test]
    fn addresses_that_run_programs_are_refused() {
        for text in [
            "",
            "ext::sh -c id",
            "ext::sh",
            "ext::/x",
            "ssh://-oProxyCommand=id/x",
            "ssh://git@-x/acme/deploy",
            "ssh://-x@github.com/acme/deploy",
            "ssh://git@github.com",
            "ssh://git:s3cret@github.com/acme/deploy",
            "ssh://git@169.254.169.254/acme/deploy",
            "git@-oProxyCommand=id:acme/deploy",
            "git@169.254.169.254:acme/deploy",
            "git@github.com:",
            "git@github.com:-x",
            "git@a$(id):b",
            "--upload-pack=touch x",
            "-x",
            "file://host/share",
            "git://github.com/acme/deploy",
            "https://",
            "http://169.254.169.254/x",
            "http://[fd00:ec2::254]/x",
            "http://0xa9.0xfe.0xa9.0xfe/x",
            "https://-x/y",
            "https://x/\ny",
            "../deploy",
            "C:/deploy",
            "fd::17",
        ] {
            let error = text.parse::<Remote>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{text:?}");
        }
        for hostile in ["ftp://ada:s3cret@x/y", "ftp://ada:/s3cret@x/y", "https://ada:a/s3cret@x/y"] {
            let error = hostile.parse::<Remote>().unwrap_err();
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
    }
}
