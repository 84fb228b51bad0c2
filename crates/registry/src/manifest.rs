//! Manifests: images, indexes of images, and artifacts, by the OCI image specification and Docker's older forms of it.

use serde_json::Value;
use slipway_core::image::Digest;
use slipway_core::{Error, ErrorKind, Result};

use crate::digest;

pub(crate) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const OCI_IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
const DOCKER_IMAGE: &str = "application/vnd.docker.distribution.manifest.v2+json";

/// What we take. Without it registries answer that there is no such manifest, or convert it to an older form of another digest.
pub(crate) const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
                                 application/vnd.docker.distribution.manifest.list.v2+json, \
                                 application/vnd.docker.distribution.manifest.v2+json";

/// The largest manifest, as the distribution specification suggests.
pub(crate) const LIMIT: usize = 4 * 1024 * 1024;

/// A manifest with the bytes that its digest is of.
#[derive(Clone, Debug)]
pub struct Manifest {
    media_type: String,
    digest: Digest,
    bytes: Vec<u8>,
    content: Value,
    children: Vec<Descriptor>,
    blobs: Vec<Descriptor>,
    subject: Option<Digest>,
}

/// A manifest or a blob as another manifest names it.
#[derive(Clone, Debug)]
pub struct Descriptor {
    /// What it is.
    pub media_type: String,
    /// What it is known by.
    pub digest: Digest,
    /// How many bytes it has.
    pub size: u64,
    content: Value,
}

impl Descriptor {
    fn parse(content: &Value) -> std::result::Result<Self, String> {
        let digest = content["digest"].as_str().unwrap_or_default();
        Ok(Self {
            media_type: content["mediaType"].as_str().unwrap_or_default().into(),
            digest: digest
                .parse()
                .map_err(|error: Error| format!("names a part of it wrongly: {}", error.message()))?,
            size: content["size"]
                .as_u64()
                .ok_or_else(|| format!("names a part of it wrongly: `{digest}` has no size"))?,
            content: content.clone(),
        })
    }

    /// Whether it is an image that runs, and not a builder's statement about one.
    pub(crate) fn is_runnable(&self) -> bool {
        self.content["annotations"]["vnd.docker.reference.type"].is_null()
            && self.content["platform"]["os"] != "unknown"
    }

    /// Whether it is a layer that registries do not hold: it may not be distributed, and its address is in the manifest.
    pub(crate) fn is_elsewhere(&self) -> bool {
        self.content["urls"].as_array().is_some_and(|urls| !urls.is_empty())
            && (self.media_type.contains("foreign") || self.media_type.contains("nondistributable"))
    }
}

impl Manifest {
    /// Takes the bytes of a manifest that came as `media_type`.
    ///
    /// # Errors
    /// `Unprocessable`, as the end of a sentence, for what is no manifest, or could be read as two different ones.
    pub(crate) fn parse(media_type: &str, digest: Digest, bytes: Vec<u8>) -> Result<Self> {
        let unusable = |why: String| Error::new(ErrorKind::Unprocessable, format!("`{digest}` {why}"));
        let content: Value = serde_json::from_slice(&bytes).map_err(|error| {
            unusable(format!("is not JSON: {error}"))
                .hint("what answers is perhaps no registry, but a proxy or a page; check the image's name")
        })?;
        let sent = media_type.split(';').next().unwrap_or_default().trim();
        let own = content["mediaType"].as_str();
        let is_known = |kind: &str| [OCI_INDEX, OCI_IMAGE, DOCKER_LIST, DOCKER_IMAGE].contains(&kind);
        let media_type = match own {
            Some(own) if is_known(sent) && own != sent => {
                return Err(unusable(format!("was sent as `{sent}`, but calls itself `{own}`")));
            }
            Some(own) => own,
            None => sent,
        };
        if !is_known(media_type) {
            return Err(unusable(format!("is of the type `{media_type}`, which is no image or index"))
                .hint("push it again with a builder of this decade"));
        }
        let list = |key: &str| content[key].as_array().map(Vec::as_slice).unwrap_or_default();
        let is_index = [OCI_INDEX, DOCKER_LIST].contains(&media_type);
        let foreign: &[&str] = if is_index { &["config", "layers"] } else { &["manifests"] };
        if let Some(key) = foreign.iter().find(|key| !content[**key].is_null()) {
            return Err(unusable(format!("is of the type `{media_type}`, but has `{key}`")));
        }
        let descriptors =
            |key: &str| list(key).iter().map(Descriptor::parse).collect::<std::result::Result<Vec<_>, _>>();
        let mut blobs = descriptors("layers").map_err(unusable)?;
        if !is_index {
            blobs.insert(0, Descriptor::parse(&content["config"]).map_err(unusable)?);
        }
        let children = descriptors("manifests").map_err(unusable)?;
        let subject = match &content["subject"] {
            Value::Null => None,
            subject => Some(Descriptor::parse(subject).map_err(unusable)?.digest),
        };
        Ok(Self { media_type: media_type.into(), children, blobs, subject, content, digest, bytes })
    }

    /// An index of these manifests.
    pub(crate) fn index(descriptors: &[Value]) -> Result<Self> {
        let content = serde_json::json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": descriptors });
        let bytes = content.to_string().into_bytes();
        Self::parse(OCI_INDEX, digest::sha256(&bytes)?, bytes)
    }

    /// What it is.
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// What it is known by.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Its digest by the algorithm of another.
    pub fn digest_like(&self, other: &Digest) -> Result<Digest> {
        digest::like(other, &self.bytes)
    }

    /// The bytes that the digest is of.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The manifests that it is an index of.
    pub fn children(&self) -> &[Descriptor] {
        &self.children
    }

    /// What it consists of: the configuration first, then the layers. None for an index.
    pub fn blobs(&self) -> &[Descriptor] {
        &self.blobs
    }

    /// The manifest that this one is about, as a signature is.
    pub fn subject(&self) -> Option<&Digest> {
        self.subject.as_ref()
    }

    /// An annotation of the manifest itself.
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.content["annotations"][name].as_str()
    }

    /// The descriptors of an index as they stand there.
    pub(crate) fn listed(&self) -> &[Value] {
        self.content["manifests"].as_array().map(Vec::as_slice).unwrap_or_default()
    }

    /// What a list of referrers says of this manifest.
    pub(crate) fn descriptor(&self) -> Value {
        let mut descriptor = serde_json::json!({
            "mediaType": self.media_type,
            "digest": self.digest,
            "size": self.bytes.len(),
        });
        let configuration = &self.content["config"]["mediaType"];
        let kind = Some(&self.content["artifactType"]).filter(|kind| kind.is_string()).unwrap_or(configuration);
        for (key, value) in [("artifactType", kind), ("annotations", &self.content["annotations"])] {
            if !value.is_null() {
                descriptor[key] = value.clone();
            }
        }
        descriptor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn parse(media_type: &str, content: &str) -> Result<Manifest> {
        let bytes = content.replace("HEX", HEX).into_bytes();
        Manifest::parse(media_type, digest::sha256(&bytes).unwrap(), bytes)
    }

    #[test]
    fn images_and_indexes_are_told_apart() {
        let image =
            r#"{"config": {"digest": "sha256:HEX", "size": 2}, "layers": [{"digest": "sha256:HEX", "size": 3}]}"#;
        for media_type in [OCI_IMAGE, DOCKER_IMAGE, "application/vnd.oci.image.manifest.v1+json; charset=utf-8"] {
            let manifest = parse(media_type, image).unwrap();
            assert_eq!((manifest.blobs().len(), manifest.children().len()), (2, 0));
        }
        let index = format!(r#"{{"mediaType": "{OCI_INDEX}", "manifests": [{{"digest": "sha256:HEX", "size": 3}}]}}"#);
        let manifest = parse("application/json", &index).unwrap();
        assert_eq!((manifest.media_type(), manifest.children().len()), (OCI_INDEX, 1));
    }

    #[test]
    fn what_could_be_read_as_two_things_is_refused() {
        for (media_type, content, message) in [
            (OCI_IMAGE, "nope", "is not JSON"),
            (OCI_IMAGE, "{}", "` names a part of it wrongly: `` is not a digest"),
            (OCI_IMAGE, r#"{"config": {"digest": "sha256:HEX"}}"#, "has no size"),
            (OCI_IMAGE, r#"{"config": {"digest": "sha256:HEX", "size": -1}}"#, "has no size"),
            (OCI_IMAGE, r#"{"config": {"digest": "sha256:HEX", "size": 1}, "manifests": []}"#, "but has `manifests`"),
            (OCI_INDEX, r#"{"manifests": [], "layers": []}"#, "but has `layers`"),
            (OCI_INDEX, r#"{"mediaType": "application/vnd.oci.image.manifest.v1+json"}"#, "but calls itself"),
            (OCI_INDEX, r#"{"manifests": [{"digest": "../../x", "size": 1}]}"#, "is not a digest"),
            ("application/vnd.docker.distribution.manifest.v1+prettyjws", "{}", "which is no image or index"),
            ("", "{}", "which is no image or index"),
        ] {
            let error = parse(media_type, content).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unprocessable);
            assert!(error.message().contains(message), "{content}: {error}");
        }
    }
}
