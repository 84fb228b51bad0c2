//! What a release commit changes.

use serde::Serialize;
use slipway_core::WorkspacePath;
use slipway_core::git;
use slipway_core::text::counted;
use slipway_core::text::markdown::{code, table};

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

impl FileChange {
    /// The same for git: the path and what it holds afterwards.
    pub(crate) fn for_git(&self) -> git::FileChange {
        git::FileChange { path: self.path.clone(), content: self.content.clone() }
    }
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

/// The files that a release commit changes, with the values in them.
pub(crate) fn summary(changes: &[FileChange], limit: usize) -> String {
    let rows = changes.iter().flat_map(|change| {
        let path = code(change.path.as_str());
        let whole = if change.old.is_some() { "new section" } else { "new file" };
        let whole = change.values.is_empty().then(|| [path.clone(), String::new(), String::new(), whole.into()]);
        let value = move |value: &ValueChange| [path.clone(), code(&value.at), code(&value.old), code(&value.new)];
        whole.into_iter().chain(change.values.iter().map(value))
    });
    let mut rows: Vec<[String; 4]> = rows.take(limit + 1).collect();
    let is_cut = rows.len() > limit;
    rows.truncate(limit);
    match rows.len() {
        0 => String::new(),
        _ => {
            let more = if is_cut { "\nand more\n" } else { "" };
            format!(
                "\nA release commit changes {}:\n\n{}{more}",
                counted(changes.len(), "file"),
                table(["File", "Where", "Old", "New"], rows)
            )
        }
    }
}
