//! By what means the config repository is reached, where the job's token does not do.

use slipway_core::git::{Git, SshAccess};
use slipway_core::input::{InputKind, InputSpec, Reader};
use slipway_core::report::mask;
use slipway_core::{Context, Error, ErrorKind, Host, Result, Secret};

use crate::{QueueKey, Remote};

/// The token for git on another server.
pub const CONFIG_TOKEN: InputSpec = InputSpec::new(
    "config-token",
    InputKind::Secret,
    "Token for git on the server of the config repository, where `github-token` is not for it: GitLab, Bitbucket, another GitHub.",
);
/// Whose token that is.
pub const CONFIG_USER: InputSpec = InputSpec::new(
    "config-user",
    InputKind::Text,
    "User that `config-token` belongs to: `oauth2` for GitLab's tokens, `gitlab-ci-token` for its job token, `x-access-token` on GitHub.",
)
.default("oauth2");
/// The key for SSH.
pub const SSH_KEY: InputSpec = InputSpec::new(
    "ssh-key",
    InputKind::Secret,
    "Private key, without a passphrase, by which the config repository is reached over SSH, such as a deploy key with write access.",
);
/// The hosts that may answer.
pub const SSH_KNOWN_HOSTS: InputSpec = InputSpec::new(
    "ssh-known-hosts",
    InputKind::Text,
    "Keys of the SSH server, as lines of `known_hosts`. Needed with `ssh-key`: no other host is spoken to.",
);
/// What jobs that publish for one another have in common.
pub const QUEUE_KEY: InputSpec = InputSpec::new(
    "queue-key",
    InputKind::Secret,
    "Secret of at least 20 characters that the jobs which write to this branch have in common, so that they can publish for one \
     another when they meet. Without it, their `ssh-key` or token is, unless each job has its own.",
);

/// By what means the config repository is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigAccess {
    ssh: Option<SshAccess>,
    login: Option<(String, Secret<String>)>,
    /// The one that was given for this.
    queue_key: Option<QueueKey>,
}

impl ConfigAccess {
    /// Reads [`CONFIG_TOKEN`], [`CONFIG_USER`], [`SSH_KEY`] and [`SSH_KNOWN_HOSTS`]. Errors are noted in the reader.
    pub fn read(reader: &mut Reader) -> Self {
        let (key, known_hosts) = (reader.secret(SSH_KEY.name), reader.optional(SSH_KNOWN_HOSTS.name));
        let (token, user) = (reader.secret(CONFIG_TOKEN.name), reader.text(CONFIG_USER.name));
        if key.is_some() && known_hosts.is_none() {
            let missing = Error::new(ErrorKind::InvalidInput, "it is needed with `ssh-key`");
            let hint =
                "give the lines that the server's owner publishes; for github.com they are in GitHub's documentation";
            reader.refuse(SSH_KNOWN_HOSTS.name, missing.hint(hint));
        }
        if key.is_some() && token.is_some() {
            let both = Error::new(ErrorKind::InvalidInput, "there is an `ssh-key` too");
            reader.refuse(CONFIG_TOKEN.name, both.hint("leave one of them out"));
        }
        let ssh = key.zip(known_hosts).map(|(key, known_hosts)| SshAccess { key, known_hosts });
        Self { ssh, login: token.map(|token| (user, token)), queue_key: None }
    }

    /// Reads [`QUEUE_KEY`] as well, for those who publish for one another. Errors are noted in the reader.
    #[must_use]
    pub fn with_queue(self, reader: &mut Reader) -> Self {
        let queue_key = reader.secret(QUEUE_KEY.name).map(QueueKey::given).transpose();
        let queue_key = queue_key.map_err(|error| reader.refuse(QUEUE_KEY.name, error)).ok().flatten();
        Self { queue_key, ..self }
    }

    /// Has the runner hide the secrets in its logs, before anything is done with them.
    pub fn mask<H: Host>(&self, host: &H) {
        let ssh = self.ssh.as_ref().map(|ssh| &ssh.key);
        let login = self.login.as_ref().map(|(_, token)| token);
        let queue = self.queue_key.as_ref().map(QueueKey::secret);
        for secret in [ssh, login, queue].into_iter().flatten() {
            mask(host, secret);
        }
    }

    /// The key of the queue, if the jobs have one in common.
    pub fn queue_key<H: Host>(&self, context: &Context<H>) -> Option<QueueKey> {
        let login = self.login.as_ref().map(|(_, token)| token).or(context.token.as_ref());
        let credential = self.ssh.as_ref().map(|ssh| &ssh.key).or(login);
        self.queue_key.clone().or_else(|| QueueKey::of_credential(credential?))
    }

    /// The same without the token, for a repository on a server that it is not for.
    pub(crate) fn without_login(&self) -> Self {
        Self { login: None, ..self.clone() }
    }

    /// The same repository, reached by SSH where there is a key.
    pub(crate) async fn connect<'a, H: Host>(&self, git: Git<'a, H>) -> Result<Git<'a, H>> {
        match &self.ssh {
            Some(ssh) => git.connecting_with(ssh).await,
            None => Ok(git),
        }
    }

    pub(crate) fn ssh(&self) -> Option<&SshAccess> {
        self.ssh.as_ref()
    }

    /// The address by which a repository is reached.
    pub(crate) fn apply(&self, remote: Remote) -> Result<Remote> {
        match (&self.ssh, &self.login) {
            (Some(_), _) => Ok(remote.over_ssh()),
            (None, Some((user, token))) => Ok(remote.with_login(user, token.expose())),
            (None, None) if remote.is_ssh() => {
                let message = format!("`{remote}` is reached by SSH, which takes `ssh-key` and `ssh-known-hosts`");
                Err(Error::new(ErrorKind::InvalidInput, message).hint("set both, or use its https address"))
            }
            (None, None) => Ok(remote),
        }
    }
}
