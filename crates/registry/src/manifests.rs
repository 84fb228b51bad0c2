//! Reading and writing manifests.

use std::future::Future;

use http::{HeaderName, HeaderValue, Method, Response, header};
use slipway_core::image::{Digest, ImageTag};
use slipway_core::{Error, ErrorKind, Host, Result};

use crate::auth::Right;
use crate::client::Repository;
use crate::digest;
use crate::manifest::{ACCEPT, LIMIT, Manifest};

const DIGEST: &str = "docker-content-digest";
const SUBJECT: HeaderName = HeaderName::from_static("oci-subject");

/// What a manifest is asked for by.
#[derive(Clone, Copy, Debug)]
pub enum Reference<'a> {
    /// Whatever the tag points to.
    Tag(&'a ImageTag),
    /// Exactly these bytes.
    Digest(&'a Digest),
}

impl Reference<'_> {
    fn as_str(&self) -> &str {
        match self {
            Self::Tag(tag) => tag.as_str(),
            Self::Digest(digest) => digest.as_str(),
        }
    }
}

impl<'a> From<&'a ImageTag> for Reference<'a> {
    fn from(tag: &'a ImageTag) -> Self {
        Self::Tag(tag)
    }
}

impl<'a> From<&'a Digest> for Reference<'a> {
    fn from(digest: &'a Digest) -> Self {
        Self::Digest(digest)
    }
}

impl<H: Host> Repository<'_, H> {
    /// The digest that a tag points to, as the registry tells it; `None` if there is no such manifest.
    pub fn digest<'b>(&'b self, of: impl Into<Reference<'b>>) -> impl Future<Output = Result<Option<Digest>>> + 'b {
        self.digest_of(of.into())
    }

    /// A manifest, its bytes checked against the digest that was asked for and the one that the registry tells; `None` if there is no
    /// such manifest.
    pub fn manifest<'b>(&'b self, of: impl Into<Reference<'b>>) -> impl Future<Output = Result<Option<Manifest>>> + 'b {
        self.manifest_of(of.into())
    }

    /// Stores a manifest under a tag or its digest. Tells whether the registry lists it among the referrers of its subject.
    pub fn put<'b>(
        &'b self,
        under: impl Into<Reference<'b>>,
        manifest: &'b Manifest,
    ) -> impl Future<Output = Result<bool>> + 'b {
        self.put_under(under.into(), manifest)
    }

    /// The digest that a tag points to, by the algorithm of another: registries may know a manifest by one alone.
    pub async fn digest_like(&self, tag: &ImageTag, other: &Digest) -> Result<Option<Digest>> {
        match self.digest(tag).await? {
            // The length tells the two algorithms apart.
            Some(digest) if digest.as_str().len() == other.as_str().len() => Ok(Some(digest)),
            Some(_) => self.manifest(tag).await?.map(|manifest| manifest.digest_like(other)).transpose(),
            None => Ok(None),
        }
    }

    async fn digest_of(&self, reference: Reference<'_>) -> Result<Option<Digest>> {
        let answer = self.ask(Method::HEAD, reference).await?;
        let told = announced(&answer).and_then(|text| text.parse::<Digest>().ok());
        match answer.status().as_u16() {
            404 => Ok(None),
            200 => match (told, reference) {
                (Some(told), Reference::Digest(wanted)) if told != *wanted => {
                    Err(digest::mismatch(&format!("`{}`", self.name), wanted, &told))
                }
                (Some(told), _) => Ok(Some(told)),
                // The header is optional; the bytes are not.
                (None, _) => Ok(self.manifest_of(reference).await?.map(|manifest| manifest.digest().clone())),
            },
            405 => Ok(self.manifest_of(reference).await?.map(|manifest| manifest.digest().clone())),
            _ => Err(self.refusal(reference.as_str(), &answer)),
        }
    }

    async fn manifest_of(&self, reference: Reference<'_>) -> Result<Option<Manifest>> {
        let answer = self.ask(Method::GET, reference).await?;
        match answer.status().as_u16() {
            200 => self.check(reference, answer).map(Some),
            404 => Ok(None),
            _ => Err(self.refusal(reference.as_str(), &answer)),
        }
    }

    async fn put_under(&self, reference: Reference<'_>, manifest: &Manifest) -> Result<bool> {
        let url = self.place.url(&format!("manifests/{}", reference.as_str()))?;
        let mut call = self.call(Method::PUT, url, Right::Push);
        let media_type = HeaderValue::try_from(manifest.media_type())
            .map_err(|_| Error::new(ErrorKind::Internal, "a media type that no header can carry"))?;
        call.headers.insert(header::CONTENT_TYPE, media_type);
        call.body = manifest.bytes().to_vec();
        let answer = self.send(call).await?;
        if !answer.status().is_success() {
            return Err(self.refusal(reference.as_str(), &answer));
        }
        if let Some(told) = announced(&answer) {
            self.compare(told, manifest.bytes())?;
        }
        Ok(answer.headers().contains_key(SUBJECT))
    }

    async fn ask(&self, method: Method, reference: Reference<'_>) -> Result<Response<Vec<u8>>> {
        let url = self.place.url(&format!("manifests/{}", reference.as_str()))?;
        let mut call = self.call(method, url, Right::Pull);
        call.headers.insert(header::ACCEPT, HeaderValue::from_static(ACCEPT));
        call.body_limit = LIMIT;
        self.send(call).await
    }

    fn check(&self, reference: Reference<'_>, answer: Response<Vec<u8>>) -> Result<Manifest> {
        let told = announced(&answer).map(|text| self.compare(text, answer.body())).transpose()?;
        let digest = match reference {
            Reference::Digest(wanted) => {
                let found = digest::like(wanted, answer.body())?;
                if found != *wanted {
                    return Err(digest::mismatch(&format!("`{}`", self.name), wanted, &found));
                }
                found
            }
            Reference::Tag(_) => told.map_or_else(|| digest::sha256(answer.body()), Ok)?,
        };
        let media_type = answer.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media_type = media_type.unwrap_or_default().to_owned();
        Manifest::parse(&media_type, digest, answer.into_body())
            .map_err(|error| error.context(format!("`{}`", self.name)))
    }

    /// The digest that the registry tells, which the bytes must have.
    fn compare(&self, told: &str, bytes: &[u8]) -> Result<Digest> {
        let told: Digest = told.parse().map_err(|error: Error| {
            Error::new(ErrorKind::DigestMismatch, format!("`{}`: the registry tells no digest", self.name))
                .hint(error.message())
        })?;
        let found = digest::like(&told, bytes)?;
        if found == told { Ok(told) } else { Err(digest::mismatch(&format!("`{}`", self.name), &told, &found)) }
    }
}

fn announced(answer: &Response<Vec<u8>>) -> Option<&str> {
    answer.headers().get(DIGEST)?.to_str().ok()
}
