//! Canary against stable: a sequential test whose rate of false rollbacks is a number that the user sets.
//!
//! What goes in are raw counts, differenced between looks: how many requests each of the two served and how many of them were bad.
//! Given how many were bad in all, the share that fell on the canary does not depend on how busy or how troubled the service is at
//! that moment, only on how much worse the canary is. An e-process bets on that share. It may be looked at as often as one likes: by
//! Ville's inequality it exceeds `1 / budget` with a probability of at most the budget, ever, if the canary is no worse than allowed.

mod arms;
mod bound;
mod calibrate;
mod comparison;
mod dispersion;
mod gamma;
mod history;
mod inputs;
mod ledger;
mod mixture;
mod outlook;
mod power;
mod process;
mod recorded;
#[cfg(test)]
mod reference;

pub(crate) use arms::{Arms, Sides};
pub use bound::Bound;
pub use calibrate::{Calibrated, Calibration};
pub use comparison::{Compared, Comparison};
pub(crate) use inputs::{
    BUDGET, CALIBRATE_FILE, CANARY, CANARY_QUERY, CalibrateInputs, CanaryInputs, Limits, REGRESSION, STABLE,
    STABLE_QUERY, read_terms,
};
pub use ledger::{Ledger, Metric, Part};
pub use outlook::{Outlook, Power};
pub use process::{Counts, Process, Rule};
