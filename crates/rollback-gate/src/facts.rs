//! Gathering: the config repository is read once, then the release is watched.

use std::time::Duration;

use futures_util::future::{Either, select};
use serde::Serialize;
use slipway_core::{Context, Host, Result};
use slipway_gitops::{ConfigRepository, Shipped};

use crate::analysis::{self, Analysis, Metric, Phase, Replay, Run};
use crate::canary::Ledger;
use crate::check::{Observation, Standing};
use crate::engine::{Engine, Look};
use crate::evidence::{self, Expected, Seen};
use crate::inputs::{Inputs, Mode};
use crate::look::Looker;
use crate::shown;
use crate::state::State;
use crate::traffic::Found;

/// Node's timers overflow after 24 days, and then end at once.
pub(crate) const LONGEST_SLEEP: Duration = Duration::from_secs(60 * 60);

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
    /// How the analysis of the templates went; none without templates.
    pub analysis: Option<Analysis>,
    /// What a replay gave.
    pub replay: Option<Replay>,
    /// What was learned of the canary, in this run and before.
    pub ledger: Option<Ledger>,
    /// What the reports of the pipeline say.
    pub(crate) evidence: Vec<Seen>,
    /// The recorded counters that `mode: calibrate` replays.
    #[serde(skip)]
    pub history: Option<Vec<u8>>,
}

pub(crate) async fn gather<H: Host>(context: &Context<H>, inputs: &Inputs) -> Result<Facts> {
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
    let files = inputs.analysis.files(context).await?;
    if inputs.mode == Mode::Replay {
        facts.replay = Some(analysis::replay(&files.case, &files.templates, &files.sources)?);
        return Ok(facts);
    }
    // What is wrong with a template is told before anything is asked.
    let metrics = match inputs.analysis.has_templates() {
        true => analysis::metrics(&files.templates, &files.sources)?,
        false => Vec::new(),
    };
    analysis::check_times(&metrics, inputs.terms.duration)?;
    if let Some(config) = &inputs.config {
        let read =
            async |repository: &ConfigRepository<'_, H>| State::read(repository, &config.target, inputs.wanted()).await;
        let environment = &config.target.environment;
        let state = ConfigRepository::visit_environment(context, &config.location, environment, read).await?;
        facts.shipped = shipped(context, &state).await;
        facts.state = Some(state);
    }
    if inputs.request.is_some() || facts.state.as_ref().is_some_and(State::is_decided) {
        return Ok(facts);
    }
    facts.evidence = read_evidence(context, inputs, facts.state.as_ref()).await?;
    let fails = facts.evidence.iter().any(|seen| seen.observation.standing == Standing::Bad);
    if (!inputs.has_looks() && metrics.is_empty()) || (fails && inputs.mode == Mode::Gate) {
        return Ok(facts);
    }
    let ledger = facts.state.as_ref().and_then(|state| state.ledger.clone()).unwrap_or_default();
    let mut looker =
        Looker::new(context, inputs, &files.sources.surroundings, facts.state.as_ref().map(State::version), ledger);
    let mut run = Run::new(&metrics);
    let started = context.host.monotonic();
    if inputs.mode == Mode::Plan {
        foresee(context, inputs, &mut looker, &mut facts.looks).await?;
        analysis::measure_once(context, &mut run, &metrics).await?;
    } else {
        watch(context, inputs, &mut looker, &mut facts.looks, &mut run, &metrics).await?;
    }
    facts.found = looker.found();
    facts.ledger = looker.into_ledger();
    let took = context.host.monotonic().saturating_sub(started);
    facts.analysis = (!metrics.is_empty()).then(|| run.finish(took));
    Ok(facts)
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

/// Looks once; twice if a canary is compared, for only what grows between two looks tells how much traffic there is.
async fn foresee<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    looker: &mut Looker<'_, H>,
    looks: &mut Vec<Look>,
) -> Result<()> {
    if inputs.has_looks() {
        looks.push(looker.look().await?);
    }
    if inputs.canary.is_some() {
        context.host.sleep(inputs.interval.min(LONGEST_SLEEP)).await;
        looks.push(looker.look().await?);
    }
    Ok(())
}

/// What a release brought that was not there when all was well.
async fn shipped<H: Host>(context: &Context<H>, state: &State) -> Option<Shipped> {
    let base = state.verified.as_ref()?.release.source_commit.as_ref()?;
    let head = state.judged.release.source_commit.as_ref()?;
    Some(Shipped::read(context, None, Some(base), Some(head)).await)
}

/// Takes looks and measures at the same time, until one of the two is certain of a rollback or both are done.
async fn watch<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    looker: &mut Looker<'_, H>,
    looks: &mut Vec<Look>,
    run: &mut Run<'_>,
    metrics: &[Metric],
) -> Result<()> {
    let looking = std::pin::pin!(look_again(context, inputs, looker, looks));
    let measuring = std::pin::pin!(async {
        analysis::watch(context, run, metrics, inputs.terms.duration).await.map(|()| run.phase() == Phase::Failed)
    });
    match select(looking, measuring).await {
        Either::Left((is_certain, measuring)) => {
            if !is_certain? {
                measuring.await?;
            }
        }
        Either::Right((is_certain, looking)) => {
            if !is_certain? {
                looking.await?;
            }
        }
    }
    Ok(())
}

/// Looks until the verdict is certain or the time is over; tells whether it is certain.
async fn look_again<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    looker: &mut Looker<'_, H>,
    looks: &mut Vec<Look>,
) -> Result<bool> {
    if !inputs.has_looks() {
        return Ok(false);
    }
    let duration = inputs.terms.duration;
    let mut engine = Engine::new(&inputs.checks, inputs.terms);
    let mut due = Duration::ZERO;
    loop {
        let look = looker.look().await?;
        let is_certain = engine.look(&look).is_some();
        context.log(&progress(inputs, &look));
        looks.push(look);
        if is_certain || due >= duration {
            return Ok(is_certain);
        }
        // A look that took longer than the interval delays the next one; the last one is at the very end.
        due = (due + inputs.interval).max(looker.elapsed()).min(duration);
        while looker.elapsed() < due {
            context.host.sleep(due.saturating_sub(looker.elapsed()).min(LONGEST_SLEEP)).await;
        }
    }
}

fn progress(inputs: &Inputs, look: &Look) -> String {
    let at = Duration::from_millis(look.at);
    let left = inputs.terms.duration.saturating_sub(at);
    let seen = inputs.checks.iter().zip(&look.observations).map(|(check, seen)| {
        let Observation { standing, value, why, .. } = seen;
        let detail = if value.is_empty() { why } else { value };
        format!("{}: {} ({detail})", check.word(), standing.name())
    });
    let canary = look.canary.as_ref().map(|compared| match compared.worst() {
        Some(worst) => format!("canary: {} (E = {})", worst.shown(), shown::figures(compared.against)),
        None => format!("canary: no evidence ({})", compared.why),
    });
    let seen = seen.chain(canary);
    format!("{} · {} left · {}", shown::clock(at), shown::clock(left), seen.collect::<Vec<_>>().join(" · "))
}
