//! Watching a release after it was promoted, beside the days before.

use std::time::Duration;

use slipway_core::input::{InputKind, InputSpec, Reader};
use slipway_core::{Context, Host, Result};
use slipway_gitops::Verdict;

use crate::canary::{CanaryInputs, Rule};
use crate::check::Check;
use crate::engine::{Decision, Engine};
use crate::errors::invalid;
use crate::gate::{self, Watched};
use crate::inputs::Inputs;
use crate::look::Subject;
use crate::plan::Plan;
use crate::shown;

pub(crate) const BAKE: InputSpec = InputSpec::new(
    "bake",
    InputKind::Duration,
    "How long to go on watching after the promotion, by `checks` and `bake-query`: a fault is rolled back as `on-failure` says.",
)
.default("0s");
pub(crate) const BAKE_QUERY: InputSpec = InputSpec::new(
    "bake-query",
    InputKind::Text,
    "Selector of the service's raw counters on the server `prometheus-url`, such as `http_requests_total{app=\"shop\"}`: during `bake` \
     they are compared with the same hour of the day and the week before. Half of `false-rollback-budget` is kept for that.",
);

/// What the inputs say of the time after the promotion.
#[derive(Debug)]
pub(crate) struct Bake {
    duration: Duration,
    /// The service beside itself on other days.
    days: Option<CanaryInputs>,
}

impl Bake {
    /// Reads it; none if nothing is watched after the promotion.
    pub(crate) fn read(reader: &mut Reader, checks: &[Check], terms: (Option<f64>, Option<Rule>)) -> Option<Self> {
        let duration = reader.duration(BAKE.name)?;
        if duration.is_zero() {
            if reader.is_given(BAKE_QUERY.name) && !reader.has_errors() {
                reader.refuse(BAKE_QUERY.name, invalid("only `bake` uses it").hint("add such as `bake: 30m`"));
            }
            return None;
        }
        let mut days = CanaryInputs::beside_other_days(reader, BAKE_QUERY.name, terms);
        days.iter_mut().for_each(|days| days.share_budget(checks));
        Some(Self { duration, days })
    }

    /// How long it takes.
    pub(crate) fn duration(&self) -> Duration {
        self.duration
    }
}

/// Watches a release that was promoted. Gives the plan for a rollback if that is what it comes to.
///
/// # Errors
/// What a person has to change.
pub(crate) async fn bake<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    bake: &Bake,
    plan: &Plan,
) -> Result<(Option<Plan>, Option<String>)> {
    context.log(&format!("promoted; watching for {} more", shown::duration(bake.duration)));
    let surroundings = inputs.analysis.surroundings(context).await?;
    let subject = Subject { canary: bake.days.as_ref(), ..Subject::of(inputs) };
    let terms = inputs.terms_for(&subject, bake.duration);
    let deployment = plan.state.as_ref().map(|state| &state.judged);
    let watched = Watched { subject, metrics: &[], terms, deployment };
    let seen = gate::watch(context, inputs, &surroundings, watched, None, Default::default()).await?;
    let judged = Engine::judge(subject.checks, terms, &seen.looks);
    let Decision { verdict, reason } = judged.decision();
    let took = Duration::from_millis(seen.looks.last().map_or(0, |look| look.at));
    match verdict {
        Verdict::Promote => Ok((None, None)),
        // What was promoted stays so until there is evidence against it.
        Verdict::Hold => Ok((None, Some(format!("after the promotion, {reason}")))),
        Verdict::Rollback => {
            let reason = format!("{} after the promotion, {reason}", shown::duration(took));
            let decision = Some(Decision { verdict: Verdict::Rollback, reason });
            Ok((
                Some(Plan { decision, checks: judged.tallies, looks: seen.looks, analysis: None, ..plan.clone() }),
                None,
            ))
        }
    }
}
