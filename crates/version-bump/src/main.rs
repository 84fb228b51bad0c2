//! `version-bump` as a native program.

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    slipway_core::cli::main::<version_bump::VersionBumpAction>()
}

#[cfg(target_arch = "wasm32")]
fn main() {}
