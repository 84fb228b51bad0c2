//! Tags: which there are, here and on the remote, and how one is made without a ref of the user's being touched.

use super::{Argv, CommitId, Git, TagName};
use crate::host::Host;
use crate::{Error, ErrorKind, Result};

/// A tag as it is found: its name can be anything that git accepts, and it can lead to anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundTag {
    /// Without `refs/tags/`; bytes that are not UTF-8 are replaced.
    pub name: String,
    /// What the ref names: the tag object of an annotated tag, else the same as `target`.
    pub object: CommitId,
    /// What the tag leads to at last. It is a commit, unless somebody tagged a tree or a blob.
    pub target: CommitId,
}

impl<H: Host> Git<'_, H> {
    /// Every tag of this repository.
    ///
    /// # Errors
    /// `Git` if git fails.
    pub async fn local_tags(&self) -> Result<Vec<FoundTag>> {
        // Packed refs know what tags lead to, so that no object is opened; git exits with 1 if there is no tag.
        let argv = Argv::new("show-ref").flag("--tags").flag("--dereference");
        let done = self.complete(argv, Vec::new()).await?;
        match done.exit.code {
            Some(0 | 1) => parse(&done.output),
            _ => Err(super::failure("show-ref", &done.exit)),
        }
    }

    /// Every tag of a remote.
    ///
    /// # Errors
    /// `NotFound`, `Permission` or `Network` if the remote does not answer, else `Git`.
    pub async fn remote_tags(&self, url: &str) -> Result<Vec<FoundTag>> {
        parse(&self.bytes(Argv::new("ls-remote").flag("--tags").flag("--quiet").end_of_options().remote(url)).await?)
    }

    /// Writes the object of an annotated tag, and no ref, and gives the object's id for [`RefUpdate::object`]. It is signed if there
    /// is a key. Control characters of the message but line breaks are left out.
    ///
    /// [`RefUpdate::object`]: super::RefUpdate::object
    ///
    /// # Errors
    /// `Git` if git refuses the object, `InvalidInput` if the key does not sign, `Internal` if nobody was named by
    /// [`Git::writing_as`].
    pub async fn annotated_tag(&self, name: &TagName, commit: &CommitId, message: &str) -> Result<CommitId> {
        let Some((identity, time)) = &self.identity else {
            return Err(Error::new(ErrorKind::Internal, "a tag needs somebody who makes it"));
        };
        let message: String = message.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
        if self.signing_key.is_some() {
            return self.signed_tag(name, commit, message).await;
        }
        let tagger = identity.stamp(*time);
        let object = format!(
            "object {commit}\ntype commit\ntag {name}\ntagger {tagger}\n\n{}\n",
            message.trim_end_matches('\n')
        );
        let id = self.feed(Argv::new("mktag"), object.into_bytes()).await?;
        String::from_utf8_lossy(&id).trim().parse()
    }
}

/// Reads `<id> refs/tags/<name>`, with a tab or a space; a tag object has a second line, named `<name>^{}`, for what it leads to.
fn parse(output: &[u8]) -> Result<Vec<FoundTag>> {
    let mut tags: Vec<FoundTag> = Vec::new();
    for line in output.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let line = String::from_utf8_lossy(line);
        let unreadable = || Error::new(ErrorKind::Git, format!("git listed a tag as `{line}`"));
        let (id, name) = line.split_once(['\t', ' ']).ok_or_else(unreadable)?;
        let target: CommitId = id.parse().map_err(|_| unreadable())?;
        let name = name.strip_prefix("refs/tags/").ok_or_else(unreadable)?;
        match (name.strip_suffix("^{}"), tags.last_mut()) {
            (Some(peeled), Some(last)) if last.name == peeled => last.target = target,
            _ => tags.push(FoundTag { name: name.into(), object: target.clone(), target }),
        }
    }
    Ok(tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_with_what_they_lead_to() {
        let [a, b] = ["a", "b"].map(|digit| digit.repeat(40));
        let listed = format!("{a} refs/tags/light\n{a}\trefs/tags/v1.0.0\n{b}\trefs/tags/v1.0.0^{{}}\n");
        let found = |name: &str, object: &str, target: &str| FoundTag {
            name: name.into(),
            object: object.parse().unwrap(),
            target: target.parse().unwrap(),
        };
        assert_eq!(parse(listed.as_bytes()).unwrap(), [found("light", &a, &a), found("v1.0.0", &a, &b)]);
        assert_eq!(parse(b"").unwrap(), []);
        assert!(parse(b"error: no\n").is_err());
    }
}
