//! Where the files are not what the record says.

use serde::Serialize;
use slipway_core::{Host, Result};
use slipway_gitops::settings::{Placeholders, fill};
use slipway_gitops::{ConfigRepository, Ledger, PathPattern, Settings};

use crate::changes::RequestedChange;
use crate::edit::{self, Change};
use crate::inputs::Inputs;
use crate::values::ValueChange;

/// How files and record differ.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Drift {
    /// Whether the files were looked at: somebody must say which they are.
    pub(crate) is_checked: bool,
    /// What deploying the recorded release again would change.
    pub(crate) changes: Vec<Change>,
    /// Why the files cannot be compared.
    pub(crate) unknown: Option<String>,
}

/// Compares the files with the newest deployment: what does not stand in them as it was recorded has drifted.
pub(crate) async fn drift<H: Host>(
    repository: &ConfigRepository<'_, H>,
    inputs: &Inputs,
    settings: &Settings,
    ledger: &Ledger,
) -> Drift {
    match compare(repository, inputs, settings, ledger).await {
        Ok(Some(changes)) => Drift { is_checked: true, changes, unknown: None },
        Ok(None) => Drift::default(),
        Err(error) => Drift { is_checked: true, changes: Vec::new(), unknown: Some(error.message().into()) },
    }
}

async fn compare<H: Host>(
    repository: &ConfigRepository<'_, H>,
    inputs: &Inputs,
    settings: &Settings,
    ledger: &Ledger,
) -> Result<Option<Vec<Change>>> {
    let Some(deployed) = ledger.deployments.first() else { return Ok(None) };
    let component = settings.component(&ledger.target.component);
    let declared = settings.environments.get(&ledger.target.environment);
    let placeholders = Placeholders {
        target: &ledger.target,
        path: declared.and_then(|environment| environment.path.as_ref()).map(|path| path.as_str()),
        version: Some(&deployed.release.version),
    };
    // The input can only mean one environment's files.
    let given =
        if inputs.environment.is_some() && inputs.component.is_some() { inputs.files.clone() } else { Vec::new() };
    let declared = component.files.iter().map(|template| template.as_str().to_owned());
    let texts: Vec<String> = if given.is_empty() { declared.collect() } else { given };
    let mut files: Vec<PathPattern> = Vec::new();
    for text in texts {
        files.push(fill(&text, &placeholders)?.parse()?);
    }
    let mut requested: Vec<RequestedChange> = Vec::new();
    if !files.is_empty() {
        requested.extend(deployed.release.images.iter().map(|image| RequestedChange::of_image(image, &files)));
    }
    for template in &component.values {
        requested.push(fill(template.as_str(), &placeholders)?.parse::<ValueChange>()?.into());
    }
    if requested.is_empty() {
        return Ok(None);
    }
    let patterns: Vec<PathPattern> = requested.iter().flat_map(RequestedChange::files).cloned().collect();
    let files = repository.files(repository.head(), &patterns).await?;
    Ok(Some(edit::edit(&files, &requested)?.changes))
}
