//! Signatures: made by git, which starts `ssh-keygen` or `gpg` by these names, never a program that a repository names.

use super::ssh::key_file;
use super::{Argv, CommitId, Git, TagName};
use crate::context::Context;
use crate::host::Host;
use crate::secret::Secret;
use crate::{Error, ErrorKind, Result};

/// What commits and tags are signed with.
#[derive(Clone, Debug)]
pub struct SigningKey {
    format: &'static str,
    /// The id of a GPG key or the path of an SSH key; nothing lets gpg choose by the identity.
    key: Option<String>,
    /// Where a key that was given to us lies until [`SigningKey::remove`].
    directory: Option<String>,
}

impl SigningKey {
    /// Puts a private SSH key where only this user's programs can read it. The caller removes it with [`SigningKey::remove`].
    ///
    /// # Errors
    /// `Io` if it cannot be written.
    pub async fn from_ssh<H: Host>(context: &Context<H>, key: &Secret<String>) -> Result<Self> {
        let directory = context.host.temporary_directory().await?;
        let path = format!("{directory}/key");
        if let Err(error) = context.host.write_private(&path, key_file(key).as_bytes()).await {
            context.discard(&directory).await;
            return Err(error);
        }
        Ok(Self { format: "ssh", key: Some(path), directory: Some(directory) })
    }

    /// Removes a key that was given to us.
    ///
    /// # Errors
    /// `Io` if the operating system refuses.
    pub async fn remove<H: Host>(self, context: &Context<H>) -> Result<()> {
        match self.directory {
            Some(directory) => context.host.remove(&directory).await,
            None => Ok(()),
        }
    }

    pub(super) fn settings(&self) -> Vec<(String, String)> {
        let set = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let key = self.key.as_deref().map(|key| set("user.signingKey", key));
        std::iter::once(set("gpg.format", self.format)).chain(key).collect()
    }
}

impl<H: Host> Git<'_, H> {
    /// The same repository, signing commits and tags.
    #[must_use]
    pub fn signing_with(self, key: SigningKey) -> Self {
        Self { signing_key: Some(key), ..self }
    }

    /// The key that the user's configuration has for tags (`tag.gpgSign`) or for commits (`commit.gpgSign`), if those are to be signed.
    ///
    /// # Errors
    /// `InvalidInput` if the configuration asks for signatures, but not in a way that can be done; `Git`.
    pub async fn configured_key(&self, switch: &'static str) -> Result<Option<SigningKey>> {
        let argv = Argv::new("config").flag("--list").flag("--show-scope").flag("-z");
        let listed = self.bytes(argv).await?;
        let fields: Vec<String> =
            listed.split(|byte| *byte == 0).map(|field| String::from_utf8_lossy(field).into_owned()).collect();
        // Settings of scope `command` are our own.
        let value = |name: &str| {
            fields.chunks_exact(2).rev().filter(|pair| pair[0] != "command").find_map(|pair| {
                let (key, value) = pair[1].split_once('\n').unwrap_or((&pair[1], "true"));
                key.eq_ignore_ascii_case(name).then(|| value.to_owned())
            })
        };
        if !value(switch)
            .is_some_and(|value| matches!(value.to_ascii_lowercase().as_str(), "true" | "yes" | "on" | "1"))
        {
            return Ok(None);
        }
        let refuse = |why: &str| {
            Err(Error::new(ErrorKind::InvalidInput, format!("git is configured to sign (`{switch}`), but {why}"))
                .hint("complete git's configuration, or set `signing-key`"))
        };
        let key = value("user.signingKey");
        let format = match value("gpg.format").as_deref() {
            None | Some("openpgp") => "openpgp",
            Some("x509") => "x509",
            Some("ssh") if key.is_none() => return refuse("`user.signingKey` names no SSH key"),
            Some("ssh") => "ssh",
            Some(_) => return refuse("`gpg.format` is none of `openpgp`, `x509` and `ssh`"),
        };
        Ok(Some(SigningKey { format, key, directory: None }))
    }

    /// Makes a signed tag in a repository of its own, so that no ref of the user's comes to be, and stores its object here.
    pub(super) async fn signed_tag(&self, name: &TagName, commit: &CommitId, message: String) -> Result<CommitId> {
        let content = self.bytes(Argv::new("cat-file").flag("commit").commit(commit)).await?;
        let scratch = Git::scratch(self.context).await?;
        let git = Self { directory: scratch.directory.clone(), ..self.clone() };
        let made = async {
            git.feed(Argv::new("hash-object").flag("-t").flag("commit").flag("-w").flag("--stdin"), content).await?;
            let tag = Argv::new("tag").flag("--sign").flag("--cleanup=verbatim").flag("-F").flag("-");
            let tag = tag.end_of_options().revision(name.as_str()).commit(commit);
            git.feed(tag, message.into_bytes()).await.map_err(|error| self.unsigned(error))?;
            git.bytes(Argv::new("cat-file").flag("tag").end_of_options().reference(&name.qualified())).await
        };
        let made = made.await;
        self.context.discard(&scratch.directory).await;
        let store = Argv::new("hash-object").flag("-t").flag("tag").flag("-w").flag("--stdin");
        String::from_utf8_lossy(&self.feed(store, made?).await?).trim().parse()
    }

    /// What it means that a command which signs failed.
    pub(super) fn unsigned(&self, error: Error) -> Error {
        let Some(key) = &self.signing_key else { return error };
        let (what, hint) = match key.directory {
            Some(_) => ("`signing-key` does not sign", "pass a whole private SSH key that has no passphrase"),
            None => {
                ("the key of git's configuration does not sign", "check `user.signingKey`, and that the key is there")
            }
        };
        let why = match &key.directory {
            // The file is gone when this is read.
            Some(directory) => error.message().replace(directory, "…"),
            None => error.message().into(),
        };
        Error::new(ErrorKind::InvalidInput, format!("{what}: {why}")).hint(hint)
    }
}
