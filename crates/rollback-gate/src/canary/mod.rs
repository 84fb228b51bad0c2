//! Canary against stable: a sequential test whose rate of false rollbacks is a number that the user sets.
//!
//! What goes in are raw counts, differenced between looks: how many requests each of the two served and how many of them were bad.
//! Given how many were bad in all, the share that fell on the canary does not depend on how busy or how troubled the service is at
//! that moment, only on how much worse the canary is. An e-process bets on that share. It may be looked at as often as one likes: by
//! Ville's inequality it exceeds `1 / budget` with a probability of at most the budget, ever, if the canary is no worse than allowed.

mod dispersion;
mod gamma;
mod ledger;
mod mixture;
mod process;
#[cfg(test)]
mod reference;

pub use ledger::{Ledger, Metric, Part};
pub use process::{Counts, Process, Rule};
