//! Bringing a release to its users step by step, in the terms of Argo Rollouts: the weight is moved, the release is watched, and the
//! first rollback moves the weight back.

mod inputs;
mod owner;
mod progress;
mod step;
mod walk;
mod weight;

pub(crate) use inputs::{PREVIEW_CHECKS, RETIRE_COMMAND, Rollout, STEPS, WEIGHT, WEIGHT_COMMAND};
pub(crate) use owner::{Foreseen, Ownership};
pub(crate) use progress::Progress;
pub(crate) use step::Step;
pub(crate) use walk::walk;
pub(crate) use weight::{Mover, set_weight};
