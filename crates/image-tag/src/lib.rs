//! **image-tag** names the image of a release: tags, labels and digest references, by docker/metadata-action's rules.

mod apply;
mod bake;
mod facts;
mod fields;
mod flavor;
mod forward;
mod images;
mod inputs;
mod labels;
mod number;
mod outputs;
mod plan;
mod rare;
mod registry;
mod report;
mod rule;
mod run;
mod template;
mod time;
mod valid;

use slipway_core::input::InputSpec;
use slipway_core::report::OutputSpec;
use slipway_core::{Action, Context, Host, Report, Result};

use inputs::Mode;

pub use apply::Outcome;
pub use facts::Facts;
pub use inputs::Inputs;
pub use plan::Plan;

/// The action.
#[derive(Debug)]
pub struct ImageTagAction;

slipway_core::wasm_main!(ImageTagAction);

impl Action for ImageTagAction {
    const NAME: &'static str = "image-tag";
    const ABOUT: &'static str = "Names the image of a release: tags, labels and digest references; checks, resolves and promotes it in a registry.";
    const INPUTS: &'static [InputSpec] = inputs::INPUTS;
    const OUTPUTS: &'static [OutputSpec] = report::OUTPUTS;

    type Inputs = Inputs;
    type Facts = Facts;
    type Plan = Plan;
    type Outcome = Outcome;

    fn inputs(reader: &mut slipway_core::input::Reader) -> Option<Inputs> {
        inputs::read(reader)
    }

    async fn gather<H: Host>(context: &Context<H>, inputs: &Inputs) -> Result<Facts> {
        facts::gather(context, inputs).await
    }

    fn plan(inputs: &Inputs, facts: &Facts) -> Result<Plan> {
        plan::plan(inputs, facts)
    }

    fn acts(inputs: &Inputs, plan: &Plan) -> bool {
        match inputs.mode {
            // All that is written is for the steps that follow, on the same runner.
            Mode::Tags => plan.sets_environment || !plan.bake_files.is_empty(),
            Mode::Plan => false,
            Mode::Check | Mode::Resolve | Mode::Promote => true,
        }
    }

    async fn apply<H: Host>(context: &Context<H>, inputs: &Inputs, plan: &Plan) -> Result<Outcome> {
        apply::apply(context, inputs, plan).await
    }

    fn report(inputs: &Inputs, facts: &Facts, plan: &Plan, outcome: Option<&Outcome>) -> Report {
        report::report(inputs, facts, plan, outcome)
    }
}
