//! The files that go with a release on GitHub.

use std::collections::BTreeMap;

use serde::Serialize;
use slipway_core::host::EntryKind;
use slipway_core::{Context, Error, ErrorKind, Host, PathPattern, Result, WorkspacePath, matching_files};

use super::page::asset_name;

/// What there is of the files that the user lists.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Assets {
    /// Those that are there, from the working directory.
    pub found: Vec<WorkspacePath>,
    /// Why they cannot all be uploaded.
    #[serde(skip)]
    pub fault: Option<Error>,
}

/// Looks for the files. What is missing matters only once there is something to publish.
///
/// # Errors
/// `InvalidInput` if a pattern makes too much to be looked at, `Io` if the operating system refuses.
pub(crate) async fn find<H: Host>(context: &Context<H>, patterns: &[PathPattern]) -> Result<Assets> {
    let mut assets = Assets::default();
    for pattern in patterns {
        let (found, why) = match pattern.as_str().parse::<WorkspacePath>() {
            Ok(path) if pattern.is_literal() => match context.host.entry_kind(&context.path(&path)).await? {
                Some(EntryKind::File) => (vec![path], ""),
                Some(_) => (Vec::new(), "is not a regular file"),
                None => (Vec::new(), "does not exist"),
            },
            _ => (matching_files(context, pattern).await?, "matches no file"),
        };
        if found.is_empty() {
            let error = Error::new(ErrorKind::NotFound, format!("the asset `{pattern}` {why}"))
                .hint("check `assets`, and that the step that builds it comes before this one");
            assets.fault.get_or_insert(error);
        }
        for path in found {
            if !assets.found.contains(&path) {
                assets.found.push(path);
            }
        }
    }
    let mut names = BTreeMap::new();
    for path in &assets.found {
        let name = asset_name(path.file_name());
        if let Some(other) = names.insert(name.clone(), path) {
            let message = format!("the assets `{other}` and `{path}` would both be `{name}` in the release");
            assets
                .fault
                .get_or_insert(Error::new(ErrorKind::InvalidInput, message).hint("give one of them another name"));
        }
    }
    Ok(assets)
}
