//! The inputs of analyses.

use slipway_core::input::{InputKind, InputSpec, Reader};
use slipway_core::{Context, Error, ErrorKind, Host, Result, WorkspacePath};

use super::arguments::Argument;
use super::metric::{Compatibility, Metric};
use super::sources::{Selection, Sources, metrics};
use crate::endpoint::Endpoint;
use crate::headers::Headers;
use crate::provider::Surroundings;

pub(crate) const TEMPLATE: InputSpec = InputSpec::new(
    "analysis-template",
    InputKind::List,
    "Files of Argo Rollouts' AnalysisTemplates or ClusterAnalysisTemplates, one a line. Their metrics are measured as they say, \
     and count like checks.",
);
pub(crate) const ARGUMENTS: InputSpec = InputSpec::new(
    "args",
    InputKind::List,
    "Arguments of the templates, `name=value` a line; they win over the templates' own values.",
);
pub(crate) const COMPATIBILITY: InputSpec = InputSpec::new(
    "compatibility",
    InputKind::Choice(&["strict", "argo-rollouts"]),
    "`strict` checks conditions before the first query, and takes missing data for neither good nor bad; `argo-rollouts` gives the \
     phases of Argo Rollouts, case for case.",
)
.default("strict");
pub(crate) const REPLAY_FILE: InputSpec =
    InputSpec::new("replay-file", InputKind::Text, "Recorded answers for `mode: replay`, as JSON.");
pub(crate) const PROMETHEUS_URL: InputSpec =
    InputSpec::new("prometheus-url", InputKind::Text, "Prometheus server of the metrics whose template names none.");
pub(crate) const PROMETHEUS_HEADERS: InputSpec = InputSpec::new(
    "prometheus-headers",
    InputKind::Secret,
    "Headers for that server, `Name: value` a line, such as `Authorization: Bearer …`. No other server gets them.",
);
pub(crate) const CERTIFICATE_AUTHORITY: InputSpec = InputSpec::new(
    "certificate-authority",
    InputKind::Text,
    "PEM file with certificate authorities that are trusted as well, whatever address is asked.",
);

/// The largest file that is read.
const FILE_LIMIT: u64 = 4 * 1024 * 1024;
/// The largest recorded case.
const CASE_LIMIT: u64 = 64 * 1024 * 1024;

/// The inputs of analyses after parsing.
#[derive(Debug)]
pub(crate) struct AnalysisInputs {
    templates: Vec<WorkspacePath>,
    replay: Option<WorkspacePath>,
    certificate_authority: Option<WorkspacePath>,
    sources: Sources,
}

/// The files that inputs name.
#[derive(Debug)]
pub(crate) struct AnalysisFiles {
    /// Their names and contents.
    pub(crate) templates: Vec<(String, String)>,
    /// The recorded case, in `mode: replay`.
    pub(crate) case: String,
    pub(crate) sources: Sources,
}

impl AnalysisFiles {
    /// The metrics of the templates that are meant; none without templates.
    ///
    /// # Errors
    /// What cannot be right in them.
    pub(crate) fn metrics(&self, selection: Selection<'_>) -> Result<Vec<Metric>> {
        match (self.templates.is_empty(), selection) {
            (true, Selection::Without(None)) => Ok(Vec::new()),
            _ => metrics(&self.templates, &self.sources, selection),
        }
    }
}

impl AnalysisInputs {
    /// Reads all of them; errors are noted in the reader.
    pub(crate) fn read(reader: &mut Reader, is_replay: bool) -> Option<Self> {
        let templates = reader.parsed_list(TEMPLATE.name);
        let arguments: Vec<Argument> = reader.parsed_list(ARGUMENTS.name);
        let compatibility = reader.choice(
            COMPATIBILITY.name,
            &[("strict", Compatibility::Strict), ("argo-rollouts", Compatibility::ArgoRollouts)],
        );
        let replay = reader.parsed(REPLAY_FILE.name);
        let prometheus: Option<Endpoint> = reader.parsed(PROMETHEUS_URL.name);
        let certificate_authority = reader.parsed(CERTIFICATE_AUTHORITY.name);
        let headers = prometheus.as_ref().map(|server| Headers::read_for(reader, PROMETHEUS_HEADERS.name, server));
        let invalid = |message: &str| Error::new(ErrorKind::InvalidInput, message);
        if is_replay != reader.is_given(REPLAY_FILE.name) {
            let error = match is_replay {
                true => invalid("it is missing").hint("name the file of recorded answers"),
                false => invalid("only `mode: replay` reads it").hint("remove it, or write `mode: replay`"),
            };
            reader.refuse(REPLAY_FILE.name, error);
        }
        if headers.is_none() && reader.is_given(PROMETHEUS_HEADERS.name) {
            let error = invalid("nobody knows whom they are for").hint("add `prometheus-url`");
            reader.refuse(PROMETHEUS_HEADERS.name, error);
        }
        if !arguments.is_empty() && templates.is_empty() {
            let error = invalid("there is no template that takes them").hint("add `analysis-template`");
            reader.refuse(ARGUMENTS.name, error);
        }
        let surroundings = Surroundings { prometheus, headers: headers.unwrap_or_default(), authorities: None };
        let sources = Sources { arguments, surroundings, compatibility: compatibility? };
        Some(Self { templates, replay, certificate_authority, sources })
    }

    /// Whether there is something to measure, or recorded answers in place of it.
    pub(crate) fn has_something(&self) -> bool {
        !self.templates.is_empty() || self.replay.is_some()
    }

    /// Reads the files that they name.
    ///
    /// # Errors
    /// If one is not there, or is not text.
    pub(crate) async fn files<H: Host>(&self, context: &Context<H>) -> Result<AnalysisFiles> {
        let mut templates = Vec::new();
        for path in &self.templates {
            templates.push((path.to_string(), read_text(context, path, FILE_LIMIT).await?));
        }
        let case = match &self.replay {
            Some(path) => read_text(context, path, CASE_LIMIT).await?,
            None => String::new(),
        };
        let sources = Sources { surroundings: self.surroundings(context).await?, ..self.sources.clone() };
        Ok(AnalysisFiles { templates, case, sources })
    }

    /// What whoever is asked gets and shows.
    ///
    /// # Errors
    /// If the file of certificate authorities is not there, or is not text.
    pub(crate) async fn surroundings<H: Host>(&self, context: &Context<H>) -> Result<Surroundings> {
        let mut surroundings = self.sources.surroundings.clone();
        if let Some(path) = &self.certificate_authority {
            surroundings.authorities = Some(read_text(context, path, FILE_LIMIT).await?);
        }
        Ok(surroundings)
    }
}

async fn read_text<H: Host>(context: &Context<H>, path: &WorkspacePath, limit: u64) -> Result<String> {
    let content = context.host.read(&context.path(path), limit).await?;
    String::from_utf8(content).map_err(|_| Error::new(ErrorKind::InvalidFile, format!("`{path}` is not UTF-8 text")))
}
