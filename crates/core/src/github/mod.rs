//! GitHub: what the runner tells, and the API.

mod client;
mod environment;

pub use client::{Client, RepositoryFacts};
pub use environment::{Environment, RepositoryName};
