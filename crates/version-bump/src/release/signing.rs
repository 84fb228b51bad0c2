//! What a release is signed with: a key that is given, or that of the user's own git configuration.

use slipway_core::git::{Git, SigningKey};
use slipway_core::{Context, Error, ErrorKind, Host, Result, Secret};

/// The keys of a release.
#[derive(Debug)]
pub(crate) struct Keys {
    /// For the release commit.
    pub commit: Option<SigningKey>,
    /// For the tag.
    pub tag: Option<SigningKey>,
}

/// Refuses what cannot be a private key.
///
/// # Errors
/// `InvalidInput`, without a word of it.
pub(crate) fn check(key: &Secret<String>) -> Result<()> {
    let key = key.expose();
    if key.starts_with("-----BEGIN ") && key.contains("PRIVATE KEY-----") {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidInput, "this is no private SSH key")
        .hint("pass the whole file that `ssh-keygen -t ed25519` writes, from its first line to its last"))
}

impl Keys {
    /// Finds the keys, if anything is to be signed. A given key lies in a file until [`Keys::remove`].
    ///
    /// # Errors
    /// `InvalidInput` if git's configuration asks for signatures in a way that cannot be done, `Io` or `Git`.
    pub(crate) async fn find<H: Host>(
        context: &Context<H>,
        git: &Git<'_, H>,
        given: Option<&Secret<String>>,
    ) -> Result<Self> {
        if let Some(given) = given {
            let key = SigningKey::from_ssh(context, given).await?;
            return Ok(Self { commit: Some(key.clone()), tag: Some(key) });
        }
        Ok(Self { commit: git.configured_key("commit.gpgSign").await?, tag: git.configured_key("tag.gpgSign").await? })
    }

    /// Removes what was put into a file.
    ///
    /// # Errors
    /// `Io` if the operating system refuses.
    pub(crate) async fn remove<H: Host>(self, context: &Context<H>) -> Result<()> {
        for key in [self.commit, self.tag].into_iter().flatten() {
            key.remove(context).await?;
        }
        Ok(())
    }
}

/// The repository, signing if there is a key.
pub(crate) fn signing<'a, H: Host>(git: &Git<'a, H>, key: Option<&SigningKey>) -> Git<'a, H> {
    match key {
        Some(key) => git.clone().signing_with(key.clone()),
        None => git.clone(),
    }
}
