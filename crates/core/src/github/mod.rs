//! GitHub: what the runner tells, and the API.

mod client;
mod environment;

pub use client::{Client, License, RepositoryFacts};
pub use environment::{Environment, RepositoryName};
