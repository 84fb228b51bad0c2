//! What refers to a manifest: signatures, attestations, bills of materials.

use http::{HeaderValue, Method, Response, header};
use serde_json::Value;
use slipway_core::image::{Digest, ImageTag};
use slipway_core::{ErrorKind, Host, Result};

use crate::auth::Right;
use crate::client::Repository;
use crate::manifest::{LIMIT, Manifest, OCI_INDEX};

/// How many pages of referrers are read.
const PAGES: usize = 20;
/// How often the list behind a tag is written again after somebody else did.
const ROUNDS: usize = 5;

/// What cosign appends to the tag of a digest.
const COSIGN: [&str; 3] = [".sig", ".att", ".sbom"];

impl<H: Host> Repository<'_, H> {
    /// The digests of the manifests that refer to this one: by the referrers API, and by the tag that stands for it where the registry
    /// has none.
    pub(crate) async fn referrers(&self, subject: &Digest) -> Result<Vec<Digest>> {
        let mut found = Vec::new();
        let mut url = self.place.url(&format!("referrers/{subject}"))?;
        for _ in 0..PAGES {
            let mut call = self.call(Method::GET, url.clone(), Right::Pull);
            call.headers.insert(header::ACCEPT, HeaderValue::from_static(OCI_INDEX));
            call.body_limit = LIMIT;
            let answer = self.send(call).await?;
            match answer.status().as_u16() {
                // Of a path that they do not know, some show a page.
                200 if found.is_empty() && !is_index(&answer) => return self.listed_by_tag(subject).await,
                200 => {}
                // The API came with version 1.1 of the specification, which says that an unknown subject is no error.
                400 | 404 | 405 | 406 | 501 => return self.listed_by_tag(subject).await,
                _ => return Err(self.refusal(subject.as_str(), &answer)),
            }
            let content: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
            let Some(listed) = content["manifests"].as_array() else {
                return Err(self.unusable("its list of referrers is none"));
            };
            for descriptor in listed {
                let digest = descriptor["digest"].as_str().unwrap_or_default().parse::<Digest>();
                found.push(digest.map_err(|_| self.unusable("its list of referrers names no digest"))?);
            }
            match self.next_page(&url, &answer)? {
                Some(next) => url = next,
                None => return Ok(found),
            }
        }
        Err(self.unusable(&format!("`{subject}` has more than {PAGES} pages of referrers")))
    }

    async fn listed_by_tag(&self, subject: &Digest) -> Result<Vec<Digest>> {
        let Some(tag) = digest_tag(subject, "") else { return Ok(Vec::new()) };
        let list = self.manifest(&tag).await?;
        Ok(list.iter().flat_map(Manifest::children).map(|child| child.digest.clone()).collect())
    }

    /// The tags that cosign hangs on a digest, with what they point to.
    pub(crate) async fn cosign_tags(&self, subject: &Digest) -> Result<Vec<(ImageTag, Digest)>> {
        let mut found = Vec::new();
        for tag in COSIGN.iter().filter_map(|suffix| digest_tag(subject, suffix)) {
            if let Some(digest) = self.digest(&tag).await? {
                found.push((tag, digest));
            }
        }
        Ok(found)
    }

    /// Adds a manifest to the list behind the tag of its subject, where the registry keeps no list itself. Gives the tag if it was
    /// written.
    pub(crate) async fn list_by_tag(&self, subject: &Digest, referrer: &Manifest) -> Result<Option<ImageTag>> {
        let Some(tag) = digest_tag(subject, "") else { return Ok(None) };
        for round in 0..ROUNDS {
            let list = self.manifest(&tag).await?;
            let mut entries = list.as_ref().map(Manifest::listed).unwrap_or_default().to_vec();
            if entries.iter().any(|entry| entry["digest"] == referrer.digest().as_str()) {
                return Ok((round > 0).then_some(tag));
            }
            entries.push(referrer.descriptor());
            // Two writers at once lose an entry: the next round finds out.
            self.put(&tag, &Manifest::index(&entries)?).await?;
        }
        let message = format!("`{}:{tag}` is written by others all the time", self.name);
        Err(slipway_core::Error::new(ErrorKind::TagMoved, message).hint("run it again"))
    }
}

fn is_index(answer: &Response<Vec<u8>>) -> bool {
    let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.split(';').next().is_some_and(|kind| kind.trim() == OCI_INDEX))
}

/// The tag that stands for a digest: `sha256-` and its digits.
fn digest_tag(digest: &Digest, suffix: &str) -> Option<ImageTag> {
    // The specification cuts the digits of longer digests so that they make a tag.
    let tag: String = digest.as_str().replacen(':', "-", 1).chars().take(128 - suffix.len()).collect();
    format!("{tag}{suffix}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_digests_are_valid() {
        let digest = format!("sha256:{}", "0f".repeat(32)).parse().unwrap();
        assert_eq!(digest_tag(&digest, ".sig").unwrap().as_str(), format!("sha256-{}.sig", "0f".repeat(32)));
        let digest = format!("sha512:{}", "0f".repeat(64)).parse().unwrap();
        assert_eq!(digest_tag(&digest, "").unwrap().as_str().len(), 128);
    }
}
