//! What every Slipway action shares: the host, the driver, inputs, git, GitHub, reports and errors.
//!
//! An action is an implementation of [`Action`]; [`driver::run`] takes it from inputs to report. Everything that touches the world
//! goes through [`Host`].

mod action;
mod backoff;
#[cfg(not(target_arch = "wasm32"))]
pub mod cli;
pub mod context;
mod documentation;
pub mod driver;
pub mod error;
pub mod git;
pub mod github;
mod glob;
mod hexadecimal;
pub mod host;
pub mod http;
pub mod image;
pub mod input;
mod name;
mod names;
pub mod order;
mod path;
mod path_pattern;
pub mod pattern;
pub mod report;
mod secret;
#[cfg(not(target_arch = "wasm32"))]
mod system;
pub mod text;
mod together;

pub use action::Action;
pub use backoff::Backoff;
pub use context::Context;
pub use documentation::documentation;
pub use error::{Error, ErrorKind, ExitCode, Result};
pub use glob::matching_files;
pub use hexadecimal::hexadecimal;
pub use host::Host;
pub use names::{ComponentName, EnvironmentName};
pub use path::WorkspacePath;
pub use path_pattern::PathPattern;
pub use report::Report;
pub use secret::Secret;
pub use together::together;

/// Exports an action's `main` to WebAssembly, where the shim calls it.
///
/// The crate needs `wasm-bindgen` and `wasm-bindgen-futures` as its own dependencies.
#[macro_export]
macro_rules! wasm_main {
    ($action:ty) => {
        /// Runs the action and gives its exit code.
        #[cfg(target_arch = "wasm32")]
        #[wasm_bindgen::prelude::wasm_bindgen]
        pub async fn main() -> i32 {
            $crate::host::node::NodeHost::report_panics();
            $crate::driver::run::<$action, _>($crate::host::node::NodeHost, Default::default()).await as i32
        }
    };
}
