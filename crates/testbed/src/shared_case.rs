//! Conformance cases that lie beside the workspace.

use serde::de::DeserializeOwned;

use crate::real_registry::tools::not_run;
use crate::workspace;

/// What a file of shared cases holds, if it lies beside the workspace; that it does not is said where it is seen.
///
/// # Panics
/// When it holds something else.
pub fn shared_case<T: DeserializeOwned>(name: &str) -> Option<T> {
    let beside = workspace().ancestors().skip(1).map(|folder| folder.join("shared/cases").join(name));
    let Some(text) = beside.into_iter().find_map(|file| std::fs::read_to_string(file).ok()) else {
        not_run(name, "the shared conformance file is not beside the workspace");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("the shared cases `{name}`: {error}")))
}
