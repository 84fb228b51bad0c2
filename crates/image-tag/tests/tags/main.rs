//! image-tag on events, from inputs to outputs.
#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests fail loudly too")]

mod bad_input;
mod checkout;
mod events;
mod facts;
mod files;
mod forward;
mod shared;
mod versions;
mod world;
