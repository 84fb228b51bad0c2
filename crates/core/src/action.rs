//! What an action is.

use serde::Serialize;

use crate::Result;
use crate::context::Context;
use crate::host::Host;
use crate::input::{InputSpec, Reader};
use crate::report::{OutputSpec, Report};

/// An action: inputs → facts → plan → outcome → report. The driver runs it, natively and in WebAssembly.
///
/// `inputs`, `plan` and `report` are pure; `gather` only reads; `apply` alone writes.
#[expect(async_fn_in_trait, reason = "one thread: the futures need not be Send")]
pub trait Action {
    /// The name of the program and of its folder in `actions/`.
    const NAME: &'static str;
    /// One sentence for action.yml and `--help`.
    const ABOUT: &'static str;
    /// Every input.
    const INPUTS: &'static [InputSpec];
    /// Every output but the common ones.
    const OUTPUTS: &'static [OutputSpec];

    /// The inputs after parsing.
    type Inputs;
    /// What was read from the world.
    type Facts: Serialize;
    /// What is to be done, and why.
    type Plan: Serialize;
    /// What was done.
    type Outcome: Serialize;

    /// Parses the inputs. Errors are noted in the reader; `None` only after one.
    fn inputs(reader: &mut Reader) -> Option<Self::Inputs>;

    /// Reads from the world what the plan needs.
    async fn gather<H: Host>(context: &Context<H>, inputs: &Self::Inputs) -> Result<Self::Facts>;

    /// Decides what is to be done.
    fn plan(inputs: &Self::Inputs, facts: &Self::Facts) -> Result<Self::Plan>;

    /// Whether the plan is to be carried out, or only told.
    fn acts(inputs: &Self::Inputs, plan: &Self::Plan) -> bool;

    /// Carries the plan out. An error of kind `LostRace` makes the driver gather and plan again.
    async fn apply<H: Host>(context: &Context<H>, inputs: &Self::Inputs, plan: &Self::Plan) -> Result<Self::Outcome>;

    /// Tells what was planned and done; there is no outcome if the plan was only told.
    fn report(inputs: &Self::Inputs, facts: &Self::Facts, plan: &Self::Plan, outcome: Option<&Self::Outcome>)
    -> Report;
}
