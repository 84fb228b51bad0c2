//! Container registries, by the [OCI distribution specification] 1.1: manifests, tags, blobs, referrers, and the logins of the
//! registries there are.
//!
//! A [`Client`] holds the credentials; a [`Repository`] of it is what an image's name leads to. Bytes are taken only if they
//! have the digest that names them.
//!
//! [OCI distribution specification]: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md

mod auth;
mod blobs;
mod client;
mod copy;
mod credentials;
mod digest;
mod manifest;
mod manifests;
mod place;
mod referrers;
mod refusal;
mod revision;
mod tags;

pub use client::{Client, Repository};
pub use copy::{Copied, Copy};
pub use credentials::{Credentials, Login};
pub use manifest::{Descriptor, Manifest};
pub use manifests::Reference;
