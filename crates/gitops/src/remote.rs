//! The address of the config repository: the only place where one becomes something that git is given.

use std::fmt;
use std::str::FromStr;

use slipway_core::git::Git;
use slipway_core::github::RepositoryName;
use slipway_core::http::address;
use slipway_core::text::without_credentials;
use slipway_core::{Context, Error, ErrorKind, Host, Result};
use url::Url;

/// An address that git may be given: `https`, `http`, or a directory of this machine. It is shown without user name and password.
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

    /// A repository on the server that the runner belongs to.
    ///
    /// # Errors
    /// `InvalidInput` if the address of the server is unusable.
    pub fn on_server<H: Host>(context: &Context<H>, repository: &RepositoryName) -> Result<Self> {
        format!("{}/{repository}.git", context.environment.server_url).parse()
    }

    /// The `origin` of the repository that is checked out; without a checkout, the workflow's repository.
    ///
    /// # Errors
    /// `NotARepository` if there is neither; `InvalidInput` if `origin` has an address that is not supported.
    pub async fn own<H: Host>(context: &Context<H>) -> Result<Self> {
        let origin = match Git::open(context).await {
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
            .hint("write `owner/name`, an https address, or the absolute path of a repository"))
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
        let Ok(url) = Url::parse(text) else { return refuse("is neither a URL nor an absolute path") };
        if let Some(why) = address::forbidden_host(&url) {
            return refuse(&why);
        }
        match url.scheme() {
            "http" | "https" if url.host_str().is_some_and(|host| !host.is_empty() && !host.starts_with('-')) => {}
            "file" if text.starts_with("file:///") => {}
            "ssh" | "git+ssh" => return refuse("is an ssh address, which is not supported: use its https address"),
            _ => return refuse("is not an http, https or file URL"),
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&without_credentials(&self.0))
    }
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
    fn addresses_that_run_programs_are_refused() {
        for text in [
            "",
            "ext::sh -c id",
            "ext::sh",
            "ext::/x",
            "ssh://-oProxyCommand=id/x",
            "ssh://git@github.com/acme/deploy",
            "git@github.com:acme/deploy.git",
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
