//! **slipway init** looks at a repository, proposes the pipelines of Slipway that fit it, and writes them when asked.
//!
//! It never overwrites a file, runs nothing that the repository names, and talks to nobody.

mod apply;
mod ask;
mod by_hand;
mod choice;
mod detect;
mod diff;
mod facts;
mod fill;
mod findings;
mod gitops;
mod inputs;
mod migration;
mod plan;
mod report;
mod repository;
mod settings_file;
mod snapshot;
mod starters;

use std::ffi::OsString;

use slipway_core::input::{InputSpec, Reader};
use slipway_core::report::OutputSpec;
use slipway_core::{Action, Context, ExitCode, Host, Report, Result, cli};

pub use apply::Outcome;
pub use facts::Facts;
pub use inputs::Inputs;
pub use plan::Plan;

/// What the program does, as an action of its own.
#[derive(Debug)]
pub struct Init;

impl Action for Init {
    const NAME: &'static str = "slipway init";
    const ABOUT: &'static str =
        "Looks at a repository, proposes the pipelines of Slipway that fit it, and writes them when asked.";
    const INPUTS: &'static [InputSpec] = inputs::INPUTS;
    const OUTPUTS: &'static [OutputSpec] = report::OUTPUTS;

    type Inputs = Inputs;
    type Facts = Facts;
    type Plan = Plan;
    type Outcome = Outcome;

    fn inputs(reader: &mut Reader) -> Option<Inputs> {
        inputs::read(reader)
    }

    async fn gather<H: Host>(context: &Context<H>, _: &Inputs) -> Result<Facts> {
        facts::gather(context).await
    }

    fn plan(inputs: &Inputs, facts: &Facts) -> Result<Plan> {
        plan::plan(inputs, facts)
    }

    fn acts(inputs: &Inputs, plan: &Plan) -> bool {
        (inputs.yes || plan.asks) && plan.writes().next().is_some()
    }

    async fn apply<H: Host>(context: &Context<H>, inputs: &Inputs, plan: &Plan) -> Result<Outcome> {
        apply::apply(context, inputs, plan).await
    }

    fn report(inputs: &Inputs, _: &Facts, plan: &Plan, outcome: Option<&Outcome>) -> Report {
        report::report(inputs, plan, outcome)
    }
}

/// Runs the program with the arguments of its process.
pub fn main() -> std::process::ExitCode {
    std::process::ExitCode::from(run(std::env::args_os().collect()) as u8)
}

/// `init` is the one thing that it does; the word leaves room for others.
fn run(arguments: Vec<OsString>) -> ExitCode {
    match arguments.get(1).and_then(|word| word.to_str()) {
        Some("init") => cli::run::<Init>(arguments.into_iter().skip(1)),
        Some("--version" | "-V" | "--help" | "-h") => cli::run::<Init>(arguments),
        _ => cli::run::<Init>(["slipway init".into(), "--help".into()]),
    }
}
