//! Images as the testbed makes and takes them: one configuration, and the payload as the only layer.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{INDEX, MANIFEST, digest};
use crate::client::{Response, request};

/// The media type of the configuration.
const CONFIGURATION: &str = "application/vnd.oci.image.config.v1+json";
/// The media type of the payload.
const PAYLOAD: &str = "application/vnd.testbed.payload.v1";

/// The three parts of an image.
pub(super) struct Image {
    pub(super) config: Vec<u8>,
    pub(super) layer: Vec<u8>,
    pub(super) manifest: Vec<u8>,
}

impl Image {
    /// An image of `payload`, labelled with the source revision as docker's builder does.
    pub(super) fn new(payload: Vec<u8>, revision: &str, architecture: &str) -> Self {
        let config = json!({
            "architecture": architecture,
            "os": "linux",
            "config": { "Labels": { "org.opencontainers.image.revision": revision } },
            "rootfs": { "type": "layers", "diff_ids": [digest(&payload)] },
        });
        let config = config.to_string().into_bytes();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": descriptor(CONFIGURATION, &config),
            "layers": [descriptor(PAYLOAD, &payload)],
        });
        Self { config, layer: payload, manifest: manifest.to_string().into_bytes() }
    }

    /// An artifact about the manifest `subject` (digest, size).
    pub(super) fn artifact(payload: Vec<u8>, artifact_type: &str, subject: (&str, usize)) -> Self {
        let config = b"{}".to_vec();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": artifact_type,
            "config": descriptor("application/vnd.oci.empty.v1+json", &config),
            "layers": [descriptor(PAYLOAD, &payload)],
            "subject": { "mediaType": MANIFEST, "digest": subject.0, "size": subject.1 },
        });
        Self { config, layer: payload, manifest: manifest.to_string().into_bytes() }
    }
}

/// The index of one manifest (architecture, digest, size) per architecture.
pub(super) fn index(manifests: &[(&str, String, usize)]) -> Vec<u8> {
    let manifests: Vec<Value> = manifests
        .iter()
        .map(|(architecture, digest, size)| {
            let platform = json!({ "architecture": architecture, "os": "linux" });
            json!({ "mediaType": MANIFEST, "digest": digest, "size": size, "platform": platform })
        })
        .collect();
    json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests }).to_string().into_bytes()
}

fn descriptor(media_type: &str, bytes: &[u8]) -> Value {
    json!({ "mediaType": media_type, "digest": digest(bytes), "size": bytes.len() })
}

/// Pushes an image of `payload` to the registry at `url` as a client would, and gives its digest.
///
/// # Errors
/// When the registry does not answer, or refuses a part of the image.
pub fn push_over_http(
    url: &str,
    repository: &str,
    tag: &str,
    payload: impl Into<Vec<u8>>,
    revision: &str,
) -> Result<String, String> {
    let image = Image::new(payload.into(), revision, "amd64");
    for blob in [&image.config, &image.layer] {
        let upload =
            expect(201, "POST", &format!("{url}/v2/{repository}/blobs/uploads/?digest={}", digest(blob)), blob);
        upload?;
    }
    let stored = expect(201, "PUT", &format!("{url}/v2/{repository}/manifests/{tag}"), &image.manifest)?;
    Ok(stored.header("docker-content-digest").unwrap_or_default().to_owned())
}

/// Pulls the payload of exactly the image `wanted` (of its first platform, when that is an index) from the registry
/// at `url`, and verifies every digest on the way.
///
/// # Errors
/// When the registry does not answer, has no such image, or gives other bytes than the digest names.
pub fn pull(url: &str, repository: &str, wanted: &str) -> Result<Vec<u8>, String> {
    let mut manifest = fetch(url, repository, "manifests", wanted)?;
    if let Some(first) = named(&manifest, "/manifests/0/digest") {
        manifest = fetch(url, repository, "manifests", &first)?;
    }
    let layer = named(&manifest, "/layers/0/digest").ok_or_else(|| format!("`{wanted}` has no layer"))?;
    Ok(fetch(url, repository, "blobs", &layer)?.to_vec())
}

fn named(manifest: &[u8], pointer: &str) -> Option<String> {
    let manifest: Value = serde_json::from_slice(manifest).ok()?;
    Some(manifest.pointer(pointer)?.as_str()?.to_owned())
}

fn fetch(url: &str, repository: &str, kind: &str, wanted: &str) -> Result<Bytes, String> {
    let body = expect(200, "GET", &format!("{url}/v2/{repository}/{kind}/{wanted}"), &[])?.body;
    let found = digest(&body);
    if found == wanted { Ok(body) } else { Err(format!("`{repository}@{wanted}`: the registry gave `{found}`")) }
}

fn expect(status: u16, method: &str, url: &str, body: &[u8]) -> Result<Response, String> {
    let headers = [("content-type", if method == "PUT" { MANIFEST } else { "application/octet-stream" })];
    let response = request(method, url, &headers, body.to_vec())?;
    if response.status == status {
        Ok(response)
    } else {
        Err(format!("{method} `{url}`: status {}: {}", response.status, response.text()))
    }
}
