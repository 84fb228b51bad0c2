//! **image-tag** names the image of a release: tags, labels and digest references, by docker/metadata-action's rules.

mod facts;
mod fields;
mod flavor;
mod inputs;
mod labels;
#[allow(dead_code, reason = "the rules that use it are on their way")]
mod pattern;
mod plan;
mod report;
mod rule;
mod template;
#[allow(dead_code, reason = "the templates that use it are on their way")]
mod time;
mod valid;

use slipway_core::input::InputSpec;
use slipway_core::report::OutputSpec;
use slipway_core::{Action, Context, Host, Report, Result};

pub use facts::Facts;
pub use inputs::Inputs;
pub use plan::Plan;

/// The action.
#[derive(Debug)]
pub struct ImageTagAction;

slipway_core::wasm_main!(ImageTagAction);

impl Action for ImageTagAction {
    const NAME: &'static str = "image-tag";
    const ABOUT: &'static str = "Names the image of a release: tags, labels and digest references.";
    const INPUTS: &'static [InputSpec] = inputs::INPUTS;
    const OUTPUTS: &'static [OutputSpec] = report::OUTPUTS;

    type Inputs = Inputs;
    type Facts = Facts;
    type Plan = Plan;
    type Outcome = ();

    fn inputs(reader: &mut slipway_core::input::Reader) -> Option<Inputs> {
        inputs::read(reader)
    }

    async fn gather<H: Host>(context: &Context<H>, inputs: &Inputs) -> Result<Facts> {
        facts::gather(context, inputs).await
    }

    fn plan(inputs: &Inputs, facts: &Facts) -> Result<Plan> {
        plan::plan(inputs, facts)
    }

    fn acts(_: &Inputs, _: &Plan) -> bool {
        // `mode: tags` only computes.
        false
    }

    async fn apply<H: Host>(_: &Context<H>, _: &Inputs, _: &Plan) -> Result<()> {
        Ok(())
    }

    fn report(inputs: &Inputs, facts: &Facts, plan: &Plan, _: Option<&()>) -> Report {
        report::report(inputs, facts, plan)
    }
}
