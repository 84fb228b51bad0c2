//! `config-updater` as a native program.

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    slipway_core::cli::main::<config_updater::ConfigUpdaterAction>()
}

#[cfg(target_arch = "wasm32")]
fn main() {}
