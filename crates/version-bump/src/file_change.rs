//! What a release commit changes.

use serde::Serialize;
use slipway_core::WorkspacePath;

/// A file that the release commit changes. The commit is made from what git has of the released commit, not from the working tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct FileChange {
    /// Where it is, from the top of the repository.
    pub path: WorkspacePath,
    /// git's mode of it, such as `100644`.
    pub mode: String,
    /// The id of the blob that it replaces; nothing if the file is new.
    pub old: Option<String>,
    /// All that it holds afterwards.
    #[serde(skip)]
    pub content: Vec<u8>,
    /// The values in it that change; none for a changelog.
    pub values: Vec<ValueChange>,
}

/// A value that changes in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct ValueChange {
    /// Where it stands in the file, such as `package.version`.
    pub at: String,
    /// What stood there.
    pub old: String,
    /// What stands there afterwards.
    pub new: String,
}
