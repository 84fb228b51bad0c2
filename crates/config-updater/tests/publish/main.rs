//! Every way to publish, against real git servers and the stand-in of GitHub, with the program as a runner starts it.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "tests look at the world themselves")]

mod api_commit;
mod elsewhere;
mod fetched;
mod killed;
mod pull_request;
mod queue;
mod refused;
mod ssh;
mod world;
