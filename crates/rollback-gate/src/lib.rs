//! **rollback-gate** looks at a release and says promote, hold or rollback; it can carry the rollback out.

mod analysis;
mod apply;
mod ask;
mod bake;
pub mod canary;
mod chart;
mod check;
mod condition;
mod counters;
mod deployment_status;
mod endpoint;
mod engine;
mod errors;
mod evidence;
mod exposition;
mod facts;
mod gate;
mod gauges;
mod headers;
mod histogram;
mod inputs;
mod lineage;
mod look;
mod moved;
mod operator;
mod plan;
mod provider;
mod recovery;
mod report;
mod request;
mod resource;
mod rollout;
mod scrape;
mod selector;
mod shown;
mod size;
mod state;
mod tally;
mod telling;
mod traffic;
mod watch;
mod weigh;

use slipway_core::input::{InputSpec, Reader};
use slipway_core::report::OutputSpec;
use slipway_core::{Action, Context, Host, Report, Result};

pub use apply::Outcome;
pub use facts::Facts;
pub use inputs::Inputs;
pub use plan::Plan;

/// The action.
#[derive(Debug)]
pub struct RollbackGate;

slipway_core::wasm_main!(RollbackGate);

impl Action for RollbackGate {
    const NAME: &'static str = "rollback-gate";
    const ABOUT: &'static str = "Looks at a release and says promote, hold or rollback; can carry the rollback out.";
    const INPUTS: &'static [InputSpec] = inputs::INPUTS;
    const OUTPUTS: &'static [OutputSpec] = report::OUTPUTS;

    type Inputs = Inputs;
    type Facts = Facts;
    type Plan = Plan;
    type Outcome = Outcome;

    fn inputs(reader: &mut Reader) -> Option<Inputs> {
        Inputs::read(reader)
    }

    async fn gather<H: Host>(context: &Context<H>, inputs: &Inputs) -> Result<Facts> {
        facts::gather(context, inputs).await
    }

    fn plan(inputs: &Inputs, facts: &Facts) -> Result<Plan> {
        plan::plan(inputs, facts)
    }

    fn acts(inputs: &Inputs, _: &Plan) -> bool {
        inputs.mode.acts()
    }

    async fn apply<H: Host>(context: &Context<H>, inputs: &Inputs, plan: &Plan) -> Result<Outcome> {
        apply::apply(context, inputs, plan).await
    }

    fn report(inputs: &Inputs, _: &Facts, plan: &Plan, outcome: Option<&Outcome>) -> Report {
        let judged = outcome.and_then(|outcome| outcome.judged.as_deref());
        report::report(inputs, judged.unwrap_or(plan), outcome)
    }
}
