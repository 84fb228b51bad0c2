//! **rollback-gate** looks at a release and says promote, hold or rollback; it can carry the rollback out.

mod check;
mod counters;
mod endpoint;
mod engine;
mod exposition;
mod histogram;
mod inputs;
mod look;
mod shown;
mod traffic;
