//! What a repository is described by.

use serde::{Deserialize, Serialize};

use super::{Client, RepositoryName};
use crate::Result;

/// What a repository is described by, as labels of an image need it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryFacts {
    /// Name without the owner.
    #[serde(default)]
    pub name: String,
    /// One line about it.
    #[serde(default)]
    pub description: Option<String>,
    /// Its page.
    #[serde(default)]
    pub html_url: String,
    /// Its licence, if GitHub recognised one.
    #[serde(default)]
    pub license: Option<License>,
    /// The branch that is shown first.
    #[serde(default)]
    pub default_branch: Option<String>,
}

/// A licence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct License {
    /// Its SPDX identifier.
    #[serde(default)]
    pub spdx_id: Option<String>,
}

impl Client {
    /// `GET /repos/{owner}/{repo}`.
    ///
    /// # Errors
    /// As every method of [`Client`].
    pub async fn repository(&self, repository: &RepositoryName) -> Result<RepositoryFacts> {
        self.get(self.url(repository, &[]), "metadata: read").await
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::host::scripted::{Scripted, ScriptedHost};
    use crate::input::{GITHUB_TOKEN, InputSpec, Reader, WORKING_DIRECTORY};
    use crate::{Context, ErrorKind};

    const INPUTS: &[InputSpec] = &[WORKING_DIRECTORY, GITHUB_TOKEN];
    const URL: &str = "https://api.github.com/repos/acme/shop";

    fn repository(status: u16, body: &'static str) -> Result<RepositoryFacts> {
        let host = ScriptedHost::new(&[]).then(Scripted::Http("GET", URL, status, body));
        ScriptedHost::block_on(async {
            let mut reader = Reader::new(INPUTS, &host, &BTreeMap::new());
            let context = Context::read(host.clone(), &mut reader).await?;
            Client::new(&context)?.repository(&"acme/shop".parse()?).await
        })
        .unwrap()
    }

    #[test]
    fn facts_come_through_octocrab() {
        let facts =
            repository(200, r#"{"name":"shop","license":{"spdx_id":"MIT"},"default_branch":"trunk","id":1}"#).unwrap();
        assert_eq!(facts.default_branch.as_deref(), Some("trunk"));
        assert_eq!(facts.license.unwrap().spdx_id.as_deref(), Some("MIT"));
    }

    #[test]
    fn refusals_say_what_to_do() {
        let error = repository(404, r#"{"message":"Not Found"}"#).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(
            error.to_string(),
            "GET /repos/acme/shop answered 404: Not Found. it does not exist, or the token cannot see it: that takes \
             `metadata: read` under `permissions:` of the job"
        );
        assert_eq!(
            repository(403, r#"{"message":"Resource not accessible"}"#).unwrap_err().kind(),
            ErrorKind::Permission
        );
    }
}
