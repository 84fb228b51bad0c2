//! An image from one repository to another: everything that it consists of, and what refers to it.

use serde::Serialize;
use slipway_core::image::{Digest, ImageName, ImageTag};
use slipway_core::{Error, ErrorKind, Host, Result};

use crate::blobs::Arrival;
use crate::client::Repository;
use crate::manifest::Manifest;

/// How many manifests one image may lead to, referrers included.
const MANIFESTS: usize = 1000;

/// A copy from one repository to another.
pub struct Copy<'a, H> {
    /// Where the image is.
    pub from: &'a Repository<'a, H>,
    /// Where it is to be.
    pub to: &'a Repository<'a, H>,
    /// Whether signatures, attestations and the like go along.
    pub referrers: bool,
}

/// What a copy has written so far.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Copied {
    /// Where it was read.
    pub from: Option<ImageName>,
    /// Where it was written.
    pub to: Option<ImageName>,
    /// How many blobs the registry took from the other repository.
    pub mounted: usize,
    /// How many blobs were carried over.
    pub carried: usize,
    /// How many bytes these have.
    pub carried_bytes: u64,
    /// The manifests that were written, in their order.
    pub manifests: Vec<Digest>,
    /// Those among them that refer to another.
    pub referrers: Vec<Digest>,
    /// The tags of digests that were written: cosign's signatures have them, and lists of referrers where there is no API.
    pub digest_tags: Vec<ImageTag>,
    /// Such tags that point to something else there, and were left alone: signatures of somebody else's would be lost.
    pub kept_tags: Vec<ImageTag>,
}

impl Copied {
    /// Whether anything was written.
    pub fn has_written(&self) -> bool {
        self.mounted + self.carried > 0 || !self.manifests.is_empty() || !self.digest_tags.is_empty()
    }
}

impl<H: Host> Copy<'_, H> {
    /// Copies the image, without giving it a tag. What was written is noted in `done` even if the copy fails.
    ///
    /// # Errors
    /// `NotFound` if the source lacks a part of the image.
    pub async fn run(&self, root: &Digest, done: &mut Copied) -> Result<()> {
        (done.from, done.to) = (Some(self.from.name().clone()), Some(self.to.name().clone()));
        let mut seen = Vec::new();
        let mut waiting = vec![root.clone()];
        while let Some(next) = waiting.pop() {
            for manifest in self.parts(&next, &mut seen).await? {
                self.write(&manifest, done).await?;
                if !self.referrers {
                    continue;
                }
                let digest = manifest.digest();
                waiting.extend(self.from.referrers(digest).await?);
                for (tag, target) in self.from.cosign_tags(digest).await? {
                    for part in self.parts(&target, &mut seen).await? {
                        self.write(&part, done).await?;
                    }
                    self.tag(&tag, &target, done).await?;
                }
            }
        }
        Ok(())
    }

    /// A manifest and those that it is an index of, every one after what it needs; without those seen before.
    async fn parts(&self, root: &Digest, seen: &mut Vec<Digest>) -> Result<Vec<Manifest>> {
        let mut ready = Vec::new();
        let mut open: Vec<(Manifest, usize)> = Vec::new();
        let mut next = Some(root.clone());
        loop {
            if let Some(digest) = next.take().filter(|digest| !seen.contains(digest)) {
                if seen.len() >= MANIFESTS {
                    let message = format!("`{}` leads to more than {MANIFESTS} manifests", self.from.name());
                    return Err(Error::new(ErrorKind::Unprocessable, message));
                }
                seen.push(digest.clone());
                open.push((self.read(&digest).await?, 0));
            }
            let Some((manifest, place)) = open.last_mut() else { return Ok(ready) };
            match manifest.children().get(*place) {
                Some(child) => {
                    *place += 1;
                    next = Some(child.digest.clone());
                }
                None => ready.extend(open.pop().map(|(manifest, _)| manifest)),
            }
        }
    }

    async fn read(&self, digest: &Digest) -> Result<Manifest> {
        self.from.manifest(digest).await?.ok_or_else(|| {
            let message = format!("`{}@{digest}` is not in the registry", self.from.name());
            Error::new(ErrorKind::NotFound, message).hint("the image there is not whole; push it again")
        })
    }

    async fn write(&self, manifest: &Manifest, done: &mut Copied) -> Result<()> {
        let digest = manifest.digest();
        let is_there = self.to.digest(digest).await?.is_some();
        if !is_there {
            let mut brought: Vec<&Digest> = Vec::new();
            for blob in manifest.blobs().iter().filter(|blob| !blob.is_elsewhere()) {
                if brought.contains(&&blob.digest) {
                    continue;
                }
                brought.push(&blob.digest);
                match self.to.bring(self.from, blob).await? {
                    Arrival::Mounted => done.mounted += 1,
                    Arrival::Present => {}
                    Arrival::Carried => {
                        done.carried += 1;
                        done.carried_bytes += blob.size;
                    }
                }
            }
        }
        let mut is_listed = false;
        if !is_there {
            is_listed = self.to.put(digest, manifest).await?;
            done.manifests.push(digest.clone());
            done.referrers.extend(manifest.subject().map(|_| digest.clone()));
        }
        if let Some(subject) = manifest.subject()
            && !is_listed
            && !self.to.referrers(subject).await?.contains(digest)
        {
            done.digest_tags.extend(self.to.list_by_tag(subject, manifest).await?);
        }
        Ok(())
    }

    async fn tag(&self, tag: &ImageTag, target: &Digest, done: &mut Copied) -> Result<()> {
        match self.to.digest(tag).await? {
            Some(there) if there == *target => {}
            Some(_) => done.kept_tags.push(tag.clone()),
            None => {
                let manifest = self.read(target).await?;
                self.to.put(tag, &manifest).await?;
                done.digest_tags.push(tag.clone());
            }
        }
        Ok(())
    }
}
