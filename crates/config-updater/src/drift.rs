//! Where the files are not what the record says.

use serde::Serialize;
use slipway_core::{Host, Result};
use slipway_gitops::settings::Placeholders;
use slipway_gitops::{ConfigFile, ConfigRepository, Ledger, Settings, WantedFiles};

use crate::edit::{self, Change};
use crate::inputs::Inputs;
use crate::request::Request;

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

impl Drift {
    fn of(compared: Result<Option<Vec<Change>>>) -> Self {
        match compared {
            Ok(Some(changes)) => Self { is_checked: true, changes, unknown: None },
            Ok(None) => Self::default(),
            Err(error) => Self { is_checked: true, changes: Vec::new(), unknown: Some(error.message().into()) },
        }
    }
}

/// Compares the files with the newest deployment of each ledger that is shown: what does not stand in them as it was recorded has
/// drifted.
///
/// # Errors
/// `Git` if git fails.
pub(crate) async fn drifts<H: Host>(
    repository: &ConfigRepository<'_, H>,
    inputs: &Inputs,
    settings: &Settings,
    ledgers: &[Ledger],
    is_shown: impl Fn(&Ledger) -> bool,
) -> Result<Vec<Drift>> {
    let mut drifts = Vec::with_capacity(ledgers.len());
    let mut compared = Vec::new();
    for (index, ledger) in ledgers.iter().enumerate() {
        let request = if is_shown(ledger) { again(inputs, settings, ledger) } else { Ok(None) };
        if let Ok(Some(request)) = &request {
            compared.push((index, request.patterns(), request.requested()));
        }
        drifts.push(Drift::of(request.map(|_| None)));
    }
    let concerns: Vec<_> =
        compared.iter().map(|(_, _, changes)| |file: &ConfigFile| edit::may_concern(changes, file)).collect();
    let wanted: Vec<WantedFiles<'_>> = compared
        .iter()
        .zip(&concerns)
        .map(|((_, patterns, _), is_wanted)| WantedFiles { patterns, is_wanted })
        .collect();
    if !wanted.is_empty() {
        let each = repository.files_of_each(repository.head(), &wanted).await?;
        for ((index, _, changes), files) in compared.iter().zip(each) {
            let edits = files.and_then(|files| edit::edit(&files, changes));
            drifts[*index] = Drift::of(edits.map(|edits| Some(edits.changes)));
        }
    }
    Ok(drifts)
}

/// The request that would deploy the newest release again; nothing where there is none, or nobody says which its files are.
fn again(inputs: &Inputs, settings: &Settings, ledger: &Ledger) -> Result<Option<Request>> {
    let Some(deployed) = ledger.deployments.first() else { return Ok(None) };
    let declared = settings.environments.get(&ledger.target.environment);
    let placeholders = Placeholders {
        target: &ledger.target,
        path: declared.and_then(|environment| environment.path.as_ref()).map(|path| path.as_str()),
        version: Some(&deployed.release.version),
    };
    // The input can only mean one environment's files.
    let files: &[String] = if inputs.environment.is_some() && inputs.component.is_some() { &inputs.files } else { &[] };
    let component = settings.component(&ledger.target.component);
    let request = Request::again(&deployed.release, files, &component, &placeholders)?;
    Ok(Some(request).filter(|request| !request.requested().is_empty()))
}
