//! Gathering: the config repository is read once, then the release is watched.

use std::time::Duration;

use serde::Serialize;
use slipway_core::{Context, Host, Result};
use slipway_gitops::ConfigRepository;

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

/// The largest file of recorded counters.
const HISTORY_LIMIT: u64 = 256 * 1024 * 1024;

/// What was read and seen.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Facts {
    /// What the config repository says; nothing if the inputs name no component.
    pub state: Option<State>,
    /// The looks; none if the release was rolled back already.
    pub looks: Vec<Look>,
    /// What was found in the metrics.
    pub found: Found,
    /// What was learned of the canary, in this run and before.
    pub ledger: Option<Ledger>,
    /// What the reports of the pipeline say.
    pub(crate) evidence: Vec<Seen>,
    /// The recorded counters that `mode: calibrate` replays.
    #[serde(skip)]
    pub history: Option<Vec<u8>>,
}

pub(crate) async fn gather<H: Host>(context: &Context<H>, inputs: &Inputs) -> Result<Facts> {
    if let Some(calibrate) = &inputs.calibrate {
        let path = format!("{}/{}", context.directory, calibrate.file);
        let history = Some(context.host.read(&path, HISTORY_LIMIT).await?);
        return Ok(Facts { history, ..Facts::default() });
    }
    let state = match &inputs.config {
        Some(config) => Some(
            ConfigRepository::visit(context, &config.location, async |repository| {
                State::read(repository, &config.target).await
            })
            .await?,
        ),
        None => None,
    };
    if state.as_ref().is_some_and(|state| state.restored.is_some()) {
        return Ok(Facts { state, ..Facts::default() });
    }
    let evidence = read_evidence(context, inputs, state.as_ref()).await?;
    let fails = evidence.iter().any(|seen| seen.observation.standing == Standing::Bad);
    if !inputs.watches() || (fails && inputs.mode == Mode::Gate) {
        return Ok(Facts { state, evidence, ..Facts::default() });
    }
    let ledger = state.as_ref().and_then(|state| state.ledger.clone()).unwrap_or_default();
    let mut looker = Looker::new(context, inputs, state.as_ref().map(State::version), ledger);
    let looks = match inputs.mode {
        Mode::Plan => foresee(context, inputs, &mut looker).await?,
        Mode::Gate | Mode::Calibrate => watch(context, inputs, &mut looker).await?,
    };
    let found = looker.found();
    let ledger = looker.into_ledger();
    Ok(Facts { state, looks, found, ledger, evidence, history: None })
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
async fn foresee<H: Host>(context: &Context<H>, inputs: &Inputs, looker: &mut Looker<'_, H>) -> Result<Vec<Look>> {
    let mut looks = vec![looker.look().await?];
    if inputs.canary.is_some() {
        context.host.sleep(inputs.interval.min(LONGEST_SLEEP)).await;
        looks.push(looker.look().await?);
    }
    Ok(looks)
}

/// Looks until the verdict is certain or the time is over.
async fn watch<H: Host>(context: &Context<H>, inputs: &Inputs, looker: &mut Looker<'_, H>) -> Result<Vec<Look>> {
    let duration = inputs.terms.duration;
    let mut engine = Engine::new(&inputs.checks, inputs.terms);
    let mut looks = Vec::new();
    let mut due = Duration::ZERO;
    loop {
        let look = looker.look().await?;
        let decided = engine.look(&look).is_some();
        context.log(&progress(inputs, &look));
        looks.push(look);
        if decided || due >= duration {
            return Ok(looks);
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
