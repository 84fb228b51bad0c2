//! What the registry holds, and the rules for putting something in.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::digest;

/// Everything stored.
pub(super) struct Store {
    /// Whether there is a referrers API.
    pub(super) has_referrers: bool,
    /// Whether blobs are mounted from other repositories.
    pub(super) mounts: bool,
    /// A tag that exists cannot be given another digest.
    pub(super) immutable_tags: bool,
    repositories: BTreeMap<String, Contents>,
    uploads: BTreeMap<String, Vec<u8>>,
    uploads_begun: u64,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            has_referrers: true,
            mounts: true,
            immutable_tags: false,
            repositories: BTreeMap::new(),
            uploads: BTreeMap::new(),
            uploads_begun: 0,
        }
    }
}

#[derive(Default)]
struct Contents {
    blobs: BTreeMap<String, Bytes>,
    manifests: BTreeMap<String, Manifest>,
    tags: BTreeMap<String, String>,
}

/// A manifest or an index.
#[derive(Clone)]
pub(super) struct Manifest {
    pub(super) digest: String,
    pub(super) media_type: String,
    pub(super) bytes: Bytes,
    /// The digest of the manifest that this one is about.
    pub(super) subject: Option<String>,
}

/// A refusal: the status, and code and message of the specification's error body.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Failure {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    fn not_found(code: &'static str, what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, format!("`{what}` is unknown"))
    }

    fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }
}

impl Store {
    pub(super) fn blob(&self, name: &str, wanted: &str) -> Result<Bytes, Failure> {
        let found = self.repositories.get(name).and_then(|contents| contents.blobs.get(wanted));
        found.cloned().ok_or_else(|| Failure::not_found("BLOB_UNKNOWN", wanted))
    }

    pub(super) fn put_blob(&mut self, name: &str, expected: &str, bytes: Bytes) -> Result<(), Failure> {
        let found = digest(&bytes);
        if found != expected {
            return Err(Failure::invalid("DIGEST_INVALID", format!("the bytes have `{found}`, not `{expected}`")));
        }
        self.contents(name)?.blobs.insert(found, bytes);
        Ok(())
    }

    /// Makes a blob of another repository available here; false when that has no such blob.
    pub(super) fn mount(&mut self, name: &str, wanted: &str, from: &str) -> Result<bool, Failure> {
        let Some(bytes) = self.blob(from, wanted).ok().filter(|_| self.mounts) else { return Ok(false) };
        self.contents(name)?.blobs.insert(wanted.to_owned(), bytes);
        Ok(true)
    }

    pub(super) fn delete_blob(&mut self, name: &str, wanted: &str) -> Result<(), Failure> {
        let removed = self.contents(name)?.blobs.remove(wanted);
        removed.map(drop).ok_or_else(|| Failure::not_found("BLOB_UNKNOWN", wanted))
    }

    pub(super) fn begin_upload(&mut self, name: &str) -> Result<String, Failure> {
        self.contents(name)?;
        self.uploads_begun += 1;
        let upload = format!("upload-{}", self.uploads_begun);
        self.uploads.insert(upload.clone(), Vec::new());
        Ok(upload)
    }

    /// How many bytes have arrived.
    pub(super) fn uploaded(&self, upload: &str) -> Result<usize, Failure> {
        self.uploads.get(upload).map(Vec::len).ok_or_else(|| Failure::not_found("BLOB_UPLOAD_UNKNOWN", upload))
    }

    /// Appends a chunk that starts at byte `start` (the end when not given); gives how many bytes have arrived.
    pub(super) fn append(&mut self, upload: &str, start: Option<usize>, chunk: &[u8]) -> Result<usize, Failure> {
        let Some(bytes) = self.uploads.get_mut(upload) else {
            return Err(Failure::not_found("BLOB_UPLOAD_UNKNOWN", upload));
        };
        if start.is_some_and(|start| start != bytes.len()) {
            let message = format!("the next chunk starts at byte {}", bytes.len());
            return Err(Failure::new(StatusCode::RANGE_NOT_SATISFIABLE, "BLOB_UPLOAD_INVALID", message));
        }
        bytes.extend_from_slice(chunk);
        Ok(bytes.len())
    }

    pub(super) fn finish_upload(&mut self, name: &str, upload: &str, expected: &str) -> Result<(), Failure> {
        let bytes = self.uploads.remove(upload).ok_or_else(|| Failure::not_found("BLOB_UPLOAD_UNKNOWN", upload))?;
        self.put_blob(name, expected, bytes.into())
    }

    /// The manifest that a tag or a digest names.
    pub(super) fn manifest(&self, name: &str, reference: &str) -> Result<Manifest, Failure> {
        let contents = self.repositories.get(name).ok_or_else(|| Failure::not_found("NAME_UNKNOWN", name))?;
        let wanted = contents.tags.get(reference).map_or(reference, String::as_str);
        contents.manifests.get(wanted).cloned().ok_or_else(|| Failure::not_found("MANIFEST_UNKNOWN", reference))
    }

    /// Stores a manifest under a tag or its digest, once everything that it refers to is here.
    pub(super) fn put_manifest(
        &mut self,
        name: &str,
        reference: &str,
        media_type: &str,
        bytes: Bytes,
    ) -> Result<Manifest, Failure> {
        let immutable_tags = self.immutable_tags;
        let contents = self.contents(name)?;
        let content: Value = serde_json::from_slice(&bytes)
            .map_err(|error| Failure::invalid("MANIFEST_INVALID", format!("the manifest is not JSON: {error}")))?;
        if content["mediaType"].as_str().is_some_and(|declared| declared != media_type) {
            return Err(Failure::invalid("MANIFEST_INVALID", "`mediaType` differs from the content type"));
        }
        let listed = |key: &str| content[key].as_array().into_iter().flatten().filter_map(|it| it["digest"].as_str());
        let blobs = content["config"]["digest"].as_str().into_iter().chain(listed("layers"));
        let missing = blobs.filter(|blob| !contents.blobs.contains_key(*blob));
        let missing = missing.chain(listed("manifests").filter(|one| !contents.manifests.contains_key(*one))).next();
        if let Some(missing) = missing {
            return Err(Failure::invalid("MANIFEST_BLOB_UNKNOWN", format!("`{missing}` is not in `{name}`")));
        }
        let stored = Manifest {
            digest: digest(&bytes),
            media_type: media_type.to_owned(),
            subject: content["subject"]["digest"].as_str().map(str::to_owned),
            bytes,
        };
        if reference.contains(':') {
            if reference != stored.digest {
                return Err(Failure::invalid("DIGEST_INVALID", format!("the manifest has `{}`", stored.digest)));
            }
        } else if !is_tag(reference) {
            return Err(Failure::invalid("MANIFEST_INVALID", format!("`{reference}` is not a tag")));
        } else if immutable_tags && contents.tags.get(reference).is_some_and(|existing| *existing != stored.digest) {
            let message = format!("the tag `{reference}` exists in `{name}` and cannot be overwritten");
            return Err(Failure::invalid("TAG_INVALID", message));
        } else {
            contents.tags.insert(reference.to_owned(), stored.digest.clone());
        }
        contents.manifests.insert(stored.digest.clone(), stored.clone());
        Ok(stored)
    }

    /// Gives a tag the digest of a manifest that is there.
    pub(super) fn move_tag(&mut self, name: &str, tag: &str, digest: &str) {
        let contents = self.repositories.entry(name.to_owned()).or_default();
        assert!(contents.manifests.contains_key(digest), "`{digest}` is not in `{name}`");
        contents.tags.insert(tag.to_owned(), digest.to_owned());
    }

    /// Deletes a tag, or a manifest with all its tags.
    pub(super) fn delete_manifest(&mut self, name: &str, reference: &str) -> Result<(), Failure> {
        let contents = self.contents(name)?;
        if contents.tags.remove(reference).is_some() {
            return Ok(());
        }
        contents.manifests.remove(reference).ok_or_else(|| Failure::not_found("MANIFEST_UNKNOWN", reference))?;
        contents.tags.retain(|_, digest| digest != reference);
        Ok(())
    }

    /// The tags in lexical order.
    pub(super) fn tags(&self, name: &str) -> Result<Vec<String>, Failure> {
        let contents = self.repositories.get(name).ok_or_else(|| Failure::not_found("NAME_UNKNOWN", name))?;
        Ok(contents.tags.keys().cloned().collect())
    }

    /// Descriptors of the manifests that are about `subject`.
    pub(super) fn referrers(&self, name: &str, subject: &str) -> Vec<Value> {
        let manifests = self.repositories.get(name).into_iter().flat_map(|contents| contents.manifests.values());
        let about = manifests.filter(|manifest| manifest.subject.as_deref() == Some(subject));
        about.map(descriptor).collect()
    }

    fn contents(&mut self, name: &str) -> Result<&mut Contents, Failure> {
        if !name.split('/').all(is_name_component) {
            return Err(Failure::invalid("NAME_INVALID", format!("`{name}` is not a repository name")));
        }
        Ok(self.repositories.entry(name.to_owned()).or_default())
    }
}

fn descriptor(manifest: &Manifest) -> Value {
    let content: Value = serde_json::from_slice(&manifest.bytes).unwrap_or_default();
    let artifact_type = if content["artifactType"].is_string() {
        content["artifactType"].clone()
    } else {
        content["config"]["mediaType"].clone()
    };
    let mut descriptor = json!({
        "mediaType": manifest.media_type,
        "digest": manifest.digest,
        "size": manifest.bytes.len(),
        "artifactType": artifact_type,
    });
    if content["annotations"].is_object() {
        descriptor["annotations"] = content["annotations"].clone();
    }
    descriptor
}

fn is_name_component(component: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
    let outer = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let bytes = component.as_bytes();
    outer(bytes.first()) && outer(bytes.last()) && bytes.iter().copied().all(inner)
}

fn is_tag(tag: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let bytes = tag.as_bytes();
    bytes.len() <= 128
        && bytes.first().copied().is_some_and(word)
        && bytes.iter().all(|byte| word(*byte) || b".-".contains(byte))
}
