//! Watching a release for some time: looks and measurements side by side, until a rollback is certain or the time is over.

use std::time::Duration;

use futures_util::future::{Either, select};
use slipway_core::{Context, Error, ErrorKind, Host, Result};
use slipway_gitops::Deployment;

use crate::analysis::{self, Analysis, Metric, Phase, Run};
use crate::canary::Ledger;
use crate::check::{Observation, Standing};
use crate::engine::{Decision, Engine, Look, Terms};
use crate::inputs::Inputs;
use crate::look::{Looker, Subject};
use crate::provider::Surroundings;
use crate::shown;
use crate::traffic::Found;

/// Node's timers overflow after 24 days, and then end at once.
pub(crate) const LONGEST_SLEEP: Duration = Duration::from_secs(60 * 60);

/// What is watched, and what a verdict on it takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watched<'a> {
    pub(crate) subject: Subject<'a>,
    pub(crate) metrics: &'a [Metric],
    pub(crate) terms: Terms,
    /// The deployment under judgement, if that is known.
    pub(crate) deployment: Option<&'a Deployment>,
}

/// An analysis that goes on while one time of watching follows the other.
#[derive(Debug)]
pub(crate) struct Background<'a> {
    run: Run<'a>,
    started: Duration,
    duration: Duration,
}

impl<'a> Background<'a> {
    /// Begins now, for a duration.
    pub(crate) fn new<H: Host>(context: &Context<H>, metrics: &'a [Metric], duration: Duration) -> Self {
        Self { run: Run::new(metrics), started: context.host.monotonic(), duration }
    }

    /// Measures until all is known, or nobody waits for it any more; tells whether a rollback is certain.
    async fn measure<H: Host>(&mut self, context: &Context<H>) -> Result<bool> {
        analysis::watch(context, &mut self.run, self.started, self.duration).await?;
        Ok(self.run.phase() == Phase::Failed)
    }

    /// The decision for a rollback, if it failed.
    pub(crate) fn failed(&self) -> Option<Decision> {
        (self.run.phase() == Phase::Failed).then(|| decide_in_background(&self.run.clone().finish(Duration::ZERO)))
    }

    /// Ends it, as an analysis is ended when its rollout is done.
    pub(crate) fn finish<H: Host>(mut self, context: &Context<H>) -> (Analysis, Decision) {
        self.run.settle(true);
        let analysis = self.run.finish(context.host.monotonic().saturating_sub(self.started));
        let decision = decide_in_background(&analysis);
        (analysis, decision)
    }
}

fn decide_in_background(analysis: &Analysis) -> Decision {
    let Decision { verdict, reason } = analysis.decide();
    Decision { verdict, reason: format!("in the background, {reason}") }
}

/// What was seen.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) looks: Vec<Look>,
    pub(crate) found: Found,
    /// Where a fault shows most.
    pub(crate) moved: Option<String>,
    /// How the analysis of the templates went; none without templates.
    pub(crate) analysis: Option<Analysis>,
    /// What was learned of the canary, before and now.
    pub(crate) ledger: Option<Ledger>,
}

impl Watched<'_> {
    fn has_looks(&self) -> bool {
        !self.subject.checks.is_empty() || self.subject.canary.is_some()
    }
}

/// Takes looks and measures at the same time, until one of the two is certain of a rollback or both are done.
///
/// # Errors
/// What a person has to change; a service that does not answer is no error.
pub(crate) async fn watch<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    surroundings: &Surroundings,
    watched: Watched<'_>,
    background: Option<&mut Background<'_>>,
    ledger: Ledger,
) -> Result<Seen> {
    let mut looker = Looker::new(context, inputs, watched.subject, surroundings, watched.deployment, ledger);
    let mut run = Run::new(watched.metrics);
    let started = context.host.monotonic();
    let mut looks = Vec::new();
    let watching = async {
        let looking = std::pin::pin!(look_again(context, inputs.interval, watched, &mut looker, &mut looks));
        let measuring = std::pin::pin!(async {
            let duration = watched.terms.duration;
            analysis::watch(context, &mut run, started, duration).await?;
            Ok(run.phase() == Phase::Failed)
        });
        first_certain(looking, measuring).await
    };
    match background {
        None => watching.await?,
        Some(background) => {
            let (watching, measuring) = (std::pin::pin!(watching), std::pin::pin!(background.measure(context)));
            // What is measured in the background is not waited for.
            match select(watching, measuring).await {
                Either::Left((is_certain, _)) => is_certain?,
                Either::Right((is_certain, watching)) => is_certain? || watching.await?,
            }
        }
    };
    Ok(seen(looker, looks, run, context.host.monotonic().saturating_sub(started)))
}

/// Waits for both, unless the first one to end is certain.
async fn first_certain(
    one: impl Future<Output = Result<bool>> + Unpin,
    other: impl Future<Output = Result<bool>> + Unpin,
) -> Result<bool> {
    match select(one, other).await {
        Either::Left((is_certain, other)) => Ok(is_certain? || other.await?),
        Either::Right((is_certain, one)) => Ok(is_certain? || one.await?),
    }
}

/// Looks once and measures once; looks twice if a canary is compared, for only what grows between two looks tells how much traffic there
/// is.
///
/// # Errors
/// As [`watch`].
pub(crate) async fn foresee<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    surroundings: &Surroundings,
    watched: Watched<'_>,
    ledger: Ledger,
) -> Result<Seen> {
    let mut looker = Looker::new(context, inputs, watched.subject, surroundings, watched.deployment, ledger);
    let mut looks = Vec::new();
    if watched.has_looks() {
        looks.push(looker.look().await?);
    }
    if watched.subject.canary.is_some() {
        context.host.sleep(inputs.interval.min(LONGEST_SLEEP)).await;
        looks.push(looker.look().await?);
    }
    let mut run = Run::new(watched.metrics);
    let started = context.host.monotonic();
    analysis::measure_once(context, &mut run).await?;
    Ok(seen(looker, looks, run, context.host.monotonic().saturating_sub(started)))
}

/// Looks until every check is good at once. The last look alone is given: those before it were at another release.
///
/// # Errors
/// `VerdictNegative` if the time of the terms is over, or a check says that no other look is needed; as [`watch`].
pub(crate) async fn arrive<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    surroundings: &Surroundings,
    watched: Watched<'_>,
) -> Result<Seen> {
    let mut looker = Looker::new(context, inputs, watched.subject, surroundings, watched.deployment, Ledger::default());
    loop {
        let look = looker.look().await?;
        context.log(&progress(watched, &look));
        let mut waited = watched.subject.checks.iter().zip(&look.observations);
        let Some((check, seen)) = waited.find(|(_, seen)| seen.standing != Standing::Good) else {
            return Ok(Seen { looks: vec![look], found: looker.found(), ..Seen::default() });
        };
        let left = watched.terms.duration.saturating_sub(looker.elapsed());
        if seen.is_final || left.is_zero() {
            let why = if seen.value.is_empty() { &seen.why } else { &seen.value };
            let message = format!("the release did not come into service: `{}`: {why}", check.text);
            return Err(Error::new(ErrorKind::VerdictNegative, message)
                .hint("nothing was recorded; look at what deploys it, or give it a longer `duration`"));
        }
        context.host.sleep(inputs.interval.min(left).min(LONGEST_SLEEP)).await;
    }
}

fn seen<H: Host>(looker: Looker<'_, H>, looks: Vec<Look>, run: Run<'_>, took: Duration) -> Seen {
    let analysis = (!run.metrics().is_empty()).then(|| run.finish(took));
    Seen { looks, found: looker.found(), moved: looker.moved(), analysis, ledger: looker.into_ledger() }
}

/// Looks until the verdict is certain or the time is over; tells whether it is certain.
async fn look_again<H: Host>(
    context: &Context<H>,
    interval: Duration,
    watched: Watched<'_>,
    looker: &mut Looker<'_, H>,
    looks: &mut Vec<Look>,
) -> Result<bool> {
    if !watched.has_looks() {
        return Ok(false);
    }
    let duration = watched.terms.duration;
    let mut engine = Engine::new(watched.subject.checks, watched.terms);
    let mut due = Duration::ZERO;
    loop {
        let look = looker.look().await?;
        let is_certain = engine.look(&look).is_some();
        context.log(&progress(watched, &look));
        looks.push(look);
        if is_certain || due >= duration {
            return Ok(is_certain);
        }
        // A look that took longer than the interval delays the next one; the last one is at the very end.
        due = (due + interval).max(looker.elapsed()).min(duration);
        while looker.elapsed() < due {
            context.host.sleep(due.saturating_sub(looker.elapsed()).min(LONGEST_SLEEP)).await;
        }
    }
}

fn progress(watched: Watched<'_>, look: &Look) -> String {
    let at = Duration::from_millis(look.at);
    let left = watched.terms.duration.saturating_sub(at);
    let seen = watched.subject.checks.iter().zip(&look.observations).map(|(check, seen)| {
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
