//! Gathering: the config repository is read once, then the release is watched.

use serde::Serialize;
use slipway_core::{Context, Error, ErrorKind, Host, Result};
use slipway_gitops::{ConfigRepository, Shipped};

use crate::analysis::{self, Analysis, Replay, Selection};
use crate::canary::Ledger;
use crate::check::Standing;
use crate::engine::Look;
use crate::evidence::{self, Expected, Seen};
use crate::gate::{self, Watched};
use crate::inputs::{Inputs, Mode};
use crate::look::Subject;
use crate::rollout::Ownership;
use crate::state::State;
use crate::traffic::Found;

/// How the gate signs its verdicts.
pub(crate) const GATE: &str = "rollback-gate";
/// The largest file of recorded counters.
const HISTORY_LIMIT: u64 = 256 * 1024 * 1024;

/// What was read and seen.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Facts {
    /// What the config repository says; nothing if the inputs name no component.
    pub state: Option<State>,
    /// The commits that the release has and the verified one has not; none if the record does not say what both were built from.
    pub shipped: Option<Shipped>,
    /// Who decides: the gate, or the person who asks.
    pub decided_by: String,
    /// The looks; none if the release was rolled back already.
    pub looks: Vec<Look>,
    /// What was found in the metrics.
    pub found: Found,
    /// The labels whose share of bad requests moved most, in words.
    pub moved: Option<String>,
    /// How the analysis of the templates went; none without templates.
    pub analysis: Option<Analysis>,
    /// What a replay gave.
    pub replay: Option<Replay>,
    /// What was learned of the canary, in this run and before.
    pub ledger: Option<Ledger>,
    /// Who moves the weight of a rollout.
    pub(crate) ownership: Option<Ownership>,
    /// What the reports of the pipeline say.
    pub(crate) evidence: Vec<Seen>,
    /// The recorded counters that `mode: calibrate` replays.
    #[serde(skip)]
    pub history: Option<Vec<u8>>,
}

pub(crate) async fn gather<H: Host>(context: &Context<H>, inputs: &Inputs) -> Result<Facts> {
    if let Some(config) = &inputs.config {
        config.location.access().mask(&context.host);
    }
    let decided_by = match &inputs.request {
        Some(request) => request.person(context)?,
        None => GATE.into(),
    };
    let mut facts = Facts { decided_by, ..Facts::default() };
    if let Some(calibrate) = &inputs.calibrate {
        let path = context.path(&calibrate.file);
        facts.history = Some(context.host.read(&path, HISTORY_LIMIT).await?);
        return Ok(facts);
    }
    // A person who asks is not kept waiting by a template that nobody is going to measure.
    if inputs.request.is_some() {
        read_state(context, inputs, &mut facts).await?;
        return Ok(facts);
    }
    let files = inputs.analysis.files(context).await?;
    if inputs.mode == Mode::Replay {
        facts.replay = Some(analysis::replay(&files.case, &files.templates, &files.sources)?);
        return Ok(facts);
    }
    // What is wrong with a template is told before anything is asked.
    let metrics = files.metrics(Selection::Without(None))?;
    analysis::check_times(&metrics, inputs.terms.duration)?;
    if let Some(rollout) = &inputs.rollout {
        rollout.check_templates(&files, inputs.terms.duration)?;
    }
    read_state(context, inputs, &mut facts).await?;
    if let Some(state) = facts.state.as_ref().filter(|state| state.is_decided()) {
        return match inputs.mode {
            Mode::Await => Err(Error::new(
                ErrorKind::VerdictNegative,
                format!("`{}` was found bad already: {}", state.version(), state.rollback_reason()),
            )),
            _ => Ok(facts),
        };
    }
    facts.evidence = read_evidence(context, inputs, facts.state.as_ref()).await?;
    let fails = facts.evidence.iter().any(|seen| seen.observation.standing == Standing::Bad);
    let is_later = inputs.mode == Mode::Gate && (fails || inputs.rollout.is_some());
    if (!inputs.has_looks() && metrics.is_empty()) || is_later {
        return Ok(facts);
    }
    let ledger = facts.state.as_ref().and_then(|state| state.ledger.clone()).unwrap_or_default();
    let watched = Watched {
        subject: Subject::of(inputs),
        metrics: &metrics,
        terms: inputs.terms,
        deployment: facts.state.as_ref().map(|state| &state.judged),
    };
    let surroundings = &files.sources.surroundings;
    let seen = match inputs.mode {
        Mode::Plan => gate::foresee(context, inputs, surroundings, watched, ledger).await?,
        Mode::Await => gate::arrive(context, inputs, surroundings, watched).await?,
        _ => gate::watch(context, inputs, surroundings, watched, None, ledger).await?,
    };
    (facts.looks, facts.found, facts.moved) = (seen.looks, seen.found, seen.moved);
    (facts.analysis, facts.ledger) = (seen.analysis, seen.ledger);
    Ok(facts)
}

/// Reads what git says of the component, if the inputs name one.
async fn read_state<H: Host>(context: &Context<H>, inputs: &Inputs, facts: &mut Facts) -> Result<()> {
    let Some(config) = &inputs.config else { return Ok(()) };
    let read = async |repository: &ConfigRepository<'_, H>| {
        let state = State::read(repository, &config.target, inputs.wanted()).await?;
        let ownership = match &inputs.rollout {
            Some(rollout) => Some(Ownership::read(rollout, repository).await?),
            None => None,
        };
        Ok((state, ownership))
    };
    let environment = &config.target.environment;
    let (state, ownership) = ConfigRepository::visit_environment(context, &config.location, environment, read).await?;
    facts.ownership = ownership;
    facts.shipped = shipped(context, &state).await;
    facts.state = Some(state);
    Ok(())
}

/// Reads the reports of the pipeline: of the commit that was deployed, as far as that is known, else of the one that the job runs for.
async fn read_evidence<H: Host>(context: &Context<H>, inputs: &Inputs, state: Option<&State>) -> Result<Vec<Seen>> {
    let deployed = state.and_then(|state| state.judged.release.source_commit.as_ref());
    let job = Some(context.environment.sha.clone()).filter(|sha| !sha.is_empty());
    let expected = Expected {
        commit: deployed.map(|commit| commit.as_str().to_owned()).or(job),
        stated: inputs.evidence_commit.clone(),
        age: inputs.evidence_age,
        now: context.now(),
    };
    evidence::gather(context, &inputs.evidence, &expected).await
}

/// What a release brought that was not there when all was well.
async fn shipped<H: Host>(context: &Context<H>, state: &State) -> Option<Shipped> {
    let base = state.verified.as_ref()?.release.source_commit.as_ref()?;
    let head = state.judged.release.source_commit.as_ref()?;
    Some(Shipped::read(context, None, Some(base), Some(head)).await)
}
