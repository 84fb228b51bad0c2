//! Writes what other steps read: the bake files, and the variables.

use serde::Serialize;
use serde_json::Value;
use slipway_core::report::export;
use slipway_core::{Context, Host, Result};

use crate::inputs::Inputs;
use crate::outputs;
use crate::plan::Plan;
use crate::rare::rare;
use crate::registry::{self, RegistryOutcome};

/// What was written.
#[derive(Debug, Default, Serialize)]
pub struct Outcome {
    /// The output that names each file, and its path.
    pub(crate) files: Vec<(&'static str, String)>,
    /// What was done in the registry.
    pub(crate) registry: Option<RegistryOutcome>,
}

pub(crate) async fn apply<H: Host>(context: &Context<H>, inputs: &Inputs, plan: &Plan) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    if !plan.bake_files.is_empty() {
        let directory = context.host.temporary_directory().await?;
        for file in &plan.bake_files {
            let path = format!("{directory}/{}", file.name);
            // The directory is new, so no file needs to be replaced in one step, which would wait for the disk.
            context.host.append(&path, file.content.as_bytes()).await?;
            outcome.files.push((file.output, path));
        }
    }
    if plan.sets_environment {
        let json: Value = outputs::lists(plan).into_iter().map(|(name, list)| (name.to_owned(), list)).collect();
        let variables: Vec<(String, String)> = outputs::texts(inputs, plan)
            .into_iter()
            .chain([("json", json.to_string())])
            .chain(outcome.files.iter().cloned())
            .map(|(name, text)| (variable(name), text))
            .collect();
        export(&context.host, &variables).await?;
    }
    // Last, so that nothing after it can fail and leave it untold.
    if let Some(plan) = &plan.registry {
        outcome.registry = rare(registry::apply(context, inputs, plan)).await?;
    }
    Ok(outcome)
}

/// The variable that an output becomes.
fn variable(output: &str) -> String {
    format!("DOCKER_METADATA_OUTPUT_{}", output.replace('-', "_").to_ascii_uppercase())
}
