//! **config-updater** deploys a release: it sets the release's images and values in a config repository, by one commit that is also the
//! deployment's record.

mod apply;
mod changes;
mod comment;
mod covered;
mod diff;
mod drift;
mod edit;
mod facts;
mod figures;
mod history;
mod images;
mod inputs;
mod open_files;
mod overview;
mod plan;
mod refusals;
mod render;
mod report;
mod request;
mod search;
mod shown;
mod status;
mod values;
mod workspace;

use slipway_core::input::{InputSpec, Reader};
use slipway_core::report::OutputSpec;
use slipway_core::{Action, Context, Host, Report, Result};

pub use apply::Outcome;
pub use facts::Facts;
pub use inputs::Inputs;
pub use plan::Plan;

/// The action.
#[derive(Debug)]
pub struct ConfigUpdaterAction;

slipway_core::wasm_main!(ConfigUpdaterAction);

impl Action for ConfigUpdaterAction {
    const NAME: &'static str = "config-updater";
    const ABOUT: &'static str = "Deploys a release by setting its images and values in a config repository.";
    const INPUTS: &'static [InputSpec] = inputs::INPUTS;
    const OUTPUTS: &'static [OutputSpec] = report::OUTPUTS;

    type Inputs = Inputs;
    type Facts = Facts;
    type Plan = Plan;
    type Outcome = Outcome;

    fn inputs(reader: &mut Reader) -> Option<Inputs> {
        inputs::read(reader)
    }

    async fn gather<H: Host>(context: &Context<H>, inputs: &Inputs) -> Result<Facts> {
        facts::gather(context, inputs).await
    }

    fn plan(inputs: &Inputs, facts: &Facts) -> Result<Plan> {
        plan::plan(inputs, facts)
    }

    fn acts(inputs: &Inputs, plan: &Plan) -> bool {
        inputs.mode.acts() || plan.comment.is_some()
    }

    async fn apply<H: Host>(context: &Context<H>, inputs: &Inputs, plan: &Plan) -> Result<Outcome> {
        apply::apply(context, inputs, plan).await
    }

    fn report(inputs: &Inputs, facts: &Facts, plan: &Plan, outcome: Option<&Outcome>) -> Report {
        report::report(inputs, facts, plan, outcome)
    }
}
