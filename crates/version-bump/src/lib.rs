//! **version-bump** decides the next version from the commits since the last release, by Conventional Commits 1.0 and SemVer 2.0,
//! and can tag it.

mod apply;
mod backtest;
mod branch;
mod changelog;
mod channels;
mod choice;
mod component;
mod conventional;
mod decision;
mod facts;
mod file_change;
mod history;
mod inputs;
mod minimum;
mod notes;
mod plan;
mod prerelease;
mod preview;
mod pull_request;
mod range;
mod refusal;
mod release;
mod report;
mod repository;
mod revert;
mod rules;
mod several;
mod spelling;
mod survey;
mod tag_message;
mod tags;
mod version;
mod version_files;
mod wildcard;

use slipway_core::input::{InputSpec, Reader};
use slipway_core::report::OutputSpec;
use slipway_core::{Action, Context, Host, Report, Result};

pub use apply::Outcome;
pub use facts::Facts;
pub use inputs::Inputs;
pub use plan::Plan;
pub use several::Each;

/// The settings of other release tools, and the inputs that do what they do.
pub mod settings {
    pub use crate::backtest::settings::{Component, Files, Proposal, file_names, proposals};
}

/// The action.
#[derive(Debug)]
pub struct VersionBumpAction;

slipway_core::wasm_main!(VersionBumpAction);

impl Action for VersionBumpAction {
    const NAME: &'static str = "version-bump";
    const ABOUT: &'static str = "Decides the next version from the commits since the last release, and tags it.";
    const INPUTS: &'static [InputSpec] = inputs::INPUTS;
    const OUTPUTS: &'static [OutputSpec] = report::OUTPUTS;

    type Inputs = Inputs;
    type Facts = Each<Facts>;
    type Plan = Each<Plan>;
    type Outcome = Outcome;

    fn inputs(reader: &mut Reader) -> Option<Inputs> {
        inputs::read(reader)
    }

    async fn gather<H: Host>(context: &Context<H>, inputs: &Inputs) -> Result<Each<Facts>> {
        several::gather(context, inputs).await
    }

    fn plan(inputs: &Inputs, facts: &Each<Facts>) -> Result<Each<Plan>> {
        several::plan(inputs, facts)
    }

    fn acts(_: &Inputs, plan: &Each<Plan>) -> bool {
        matches!(plan, Each::One(plan) if plan.acts)
    }

    async fn apply<H: Host>(context: &Context<H>, inputs: &Inputs, plan: &Each<Plan>) -> Result<Outcome> {
        match plan {
            Each::One(plan) => apply::apply(context, inputs, plan).await,
            Each::Several(_) => Ok(Outcome::default()),
        }
    }

    fn report(inputs: &Inputs, _: &Each<Facts>, plan: &Each<Plan>, outcome: Option<&Outcome>) -> Report {
        match plan {
            Each::One(plan) => report::report(inputs.component(), plan, outcome),
            Each::Several(plans) => several::report(plans),
        }
    }
}
