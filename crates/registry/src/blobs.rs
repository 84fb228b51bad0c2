//! Blobs: read, mounted from another repository, or carried over piece by piece.

use http::{HeaderValue, Method, Response, header};
use slipway_core::http::parse_url;
use slipway_core::{Error, ErrorKind, Host, Result};
use url::Url;

use crate::auth::{Right, Scope};
use crate::client::{BLOB_TIME, Call, Repository};
use crate::digest::{self, Hasher};
use crate::manifest::Descriptor;

/// How much of a blob is held in memory: registries on object stores want pieces of at least 5 MiB.
const PIECE: u64 = 16 * 1024 * 1024;

/// How a blob came into a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// The registry took it from the other repository.
    Mounted,
    /// It was there.
    Present,
    /// Its bytes went through here.
    Carried,
}

impl<H: Host> Repository<'_, H> {
    /// A small blob, checked.
    ///
    /// # Errors
    /// `NotFound` if it is not here, `Network` if it is larger than the limit.
    pub(crate) async fn blob(&self, descriptor: &Descriptor, limit: usize) -> Result<Vec<u8>> {
        let mut call = self.call(Method::GET, self.blob_url(descriptor)?, Right::Pull);
        call.body_limit = limit;
        let answer = self.send(call).await?;
        if !answer.status().is_success() {
            return Err(self.refusal(descriptor.digest.as_str(), &answer));
        }
        let found = digest::like(&descriptor.digest, answer.body())?;
        if found != descriptor.digest {
            return Err(digest::mismatch(&format!("`{}`", self.name), &descriptor.digest, &found));
        }
        Ok(answer.into_body())
    }

    /// Brings a blob of another repository here: mounted where the registry does that, else carried over.
    pub(crate) async fn bring(&self, source: &Repository<'_, H>, descriptor: &Descriptor) -> Result<Arrival> {
        let digest = &descriptor.digest;
        let mut upload = None;
        if self.shares_registry(source) {
            let from = &source.place.repository;
            let url = self.place.url(&format!("blobs/uploads/?mount={digest}&from={from}"))?;
            let mut call = self.call(Method::POST, url, Right::Push);
            call.scopes.push(Scope::new(from, Right::Pull));
            let answer = self.send(call).await?;
            match answer.status().as_u16() {
                201 => return Ok(Arrival::Mounted),
                202 => upload = Some(self.upload_location(&answer)?),
                // A token server may refuse the right to two repositories at once.
                400..=499 => {}
                _ => return Err(self.refusal(digest.as_str(), &answer)),
            }
        }
        let head = self.send(self.call(Method::HEAD, self.blob_url(descriptor)?, Right::Pull)).await?;
        if head.status().is_success() {
            return Ok(Arrival::Present);
        }
        let upload = match upload {
            Some(upload) => upload,
            None => {
                let answer = self.send(self.call(Method::POST, self.place.url("blobs/uploads/")?, Right::Push)).await?;
                if answer.status().as_u16() != 202 {
                    return Err(self.refusal(digest.as_str(), &answer));
                }
                self.upload_location(&answer)?
            }
        };
        self.carry(source, descriptor, upload).await?;
        Ok(Arrival::Carried)
    }

    async fn carry(&self, source: &Repository<'_, H>, descriptor: &Descriptor, mut upload: Url) -> Result<()> {
        let digest = &descriptor.digest;
        let mut hasher = Hasher::like(digest);
        let mut last = Vec::new();
        let mut offset = 0;
        while offset < descriptor.size {
            let end = descriptor.size.min(offset + PIECE);
            let piece = source.piece(descriptor, offset, end).await?;
            hasher.update(&piece);
            if descriptor.size <= PIECE {
                last = piece;
            } else {
                let mut call = self.upload_call(Method::PATCH, upload, piece);
                let range = HeaderValue::try_from(format!("{offset}-{}", end - 1));
                call.headers.extend(range.ok().map(|range| (header::CONTENT_RANGE, range)));
                let answer = self.send(call).await?;
                if answer.status().as_u16() != 202 {
                    return Err(self.refusal(digest.as_str(), &answer));
                }
                upload = self.upload_location(&answer)?;
            }
            offset = end;
        }
        let found = hasher.finish()?;
        if found != *digest {
            return Err(digest::mismatch(&format!("`{}`", source.name), digest, &found));
        }
        upload.query_pairs_mut().append_pair("digest", digest.as_str());
        let answer = self.send(self.upload_call(Method::PUT, upload, last)).await?;
        if answer.status().as_u16() == 201 { Ok(()) } else { Err(self.refusal(digest.as_str(), &answer)) }
    }

    /// The bytes from `start` up to `end`.
    async fn piece(&self, descriptor: &Descriptor, start: u64, end: u64) -> Result<Vec<u8>> {
        let mut call = self.call(Method::GET, self.blob_url(descriptor)?, Right::Pull);
        call.body_limit = usize::try_from(end - start).unwrap_or(usize::MAX);
        call.time_limit = BLOB_TIME;
        let is_whole = start == 0 && end == descriptor.size;
        if !is_whole {
            let range = HeaderValue::try_from(format!("bytes={start}-{}", end - 1));
            call.headers.extend(range.ok().map(|range| (header::RANGE, range)));
        }
        let answer = self.send(call).await?;
        if answer.status().as_u16() != if is_whole { 200 } else { 206 } {
            return Err(self.refusal(descriptor.digest.as_str(), &answer));
        }
        if answer.body().len() as u64 != end - start {
            let message = format!("`{}@{}`: the registry sent another number of bytes", self.name, descriptor.digest);
            return Err(Error::new(ErrorKind::Network, message));
        }
        Ok(answer.into_body())
    }

    fn blob_url(&self, descriptor: &Descriptor) -> Result<Url> {
        self.place.url(&format!("blobs/{}", descriptor.digest))
    }

    /// A step of an upload, which must not be repeated: the registry may have taken it.
    fn upload_call(&self, method: Method, upload: Url, body: Vec<u8>) -> Call {
        let mut call = self.call(method, upload, Right::Push);
        call.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        (call.body, call.time_limit, call.attempts) = (body, BLOB_TIME, 1);
        call
    }

    /// Where the next step of an upload goes: always to the registry itself, which alone gets the login and the bytes.
    fn upload_location(&self, answer: &Response<Vec<u8>>) -> Result<Url> {
        let location = answer.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
        let location = location.ok_or_else(|| self.unusable("an upload has no location"))?;
        let url = self.place.base.join(location).ok().and_then(|url| parse_url(url.as_str()).ok());
        url.filter(|url| url.origin() == self.place.base.origin())
            .ok_or_else(|| self.unusable("it sends an upload to another server"))
    }
}
