//! What the jobs of a run uploaded.

use serde::Deserialize;

use super::{Client, RepositoryName};
use crate::Result;

/// Files that a job of a run uploaded under a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Artifact {
    /// When it was uploaded, as RFC 3339.
    #[serde(default)]
    pub created_at: Option<String>,
    /// Whether its files are gone.
    #[serde(default)]
    pub expired: bool,
    /// The run.
    #[serde(default)]
    pub workflow_run: Option<ArtifactRun>,
}

/// The run that an artifact is of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct ArtifactRun {
    /// The commit that the run is for; on a pull request its head, not the merge of it.
    #[serde(default)]
    pub head_sha: Option<String>,
}

#[derive(Deserialize)]
struct Page {
    artifacts: Vec<Artifact>,
}

impl Client {
    /// The artifacts of a run that have a name; a run that was started again can have several.
    ///
    /// # Errors
    /// As every method of [`Client`].
    pub async fn artifacts(&self, repository: &RepositoryName, run: &str, name: &str) -> Result<Vec<Artifact>> {
        let mut url = self.url(repository, &["actions", "runs", run, "artifacts"]);
        url.query_pairs_mut().append_pair("name", name).append_pair("per_page", "100");
        Ok(self.get::<Page>(url, "actions: read").await?.artifacts)
    }
}
