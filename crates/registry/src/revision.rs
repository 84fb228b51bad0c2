//! Which commit an image was built from.

use serde_json::Value;
use slipway_core::{Host, Result};

use crate::client::Repository;
use crate::manifest::Manifest;

/// The label and annotation of the OCI image specification.
const REVISION: &str = "org.opencontainers.image.revision";
/// The largest configuration of an image that is read.
const LIMIT: usize = 4 * 1024 * 1024;

impl<H: Host> Repository<'_, H> {
    /// The commit that an image names as its source: by an annotation of the index or the manifest, else by a label. Of an index, the
    /// first image that runs speaks for all.
    pub async fn revision(&self, manifest: &Manifest) -> Result<Option<String>> {
        let of = |manifest: &Manifest| manifest.annotation(REVISION).map(str::to_owned).filter(|text| !text.is_empty());
        if let Some(revision) = of(manifest) {
            return Ok(Some(revision));
        }
        let image = match manifest.children().iter().find(|child| child.is_runnable()) {
            Some(child) => match self.manifest(&child.digest).await? {
                Some(image) => image,
                None => return Ok(None),
            },
            None => manifest.clone(),
        };
        if let Some(revision) = of(&image) {
            return Ok(Some(revision));
        }
        let Some(configuration) = image.blobs().first().filter(|blob| blob.size <= LIMIT as u64) else {
            return Ok(None);
        };
        let bytes = self.blob(configuration, LIMIT).await?;
        let content: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        Ok(content["config"]["Labels"][REVISION].as_str().map(Into::into).filter(|text: &String| !text.is_empty()))
    }
}
