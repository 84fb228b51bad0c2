//! Hostile input, entry by entry: every `Hnn` is one line of the corpus, and the tests say what must become of it.
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "tests make their own hostile world")]

mod echo;
mod endings;
mod exchanges;
mod files;
mod git;
mod hosts;
mod network;
mod outputs;
mod processes;
mod server;
mod tls;
