//! `rollback-gate` as a native program.

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    slipway_core::cli::main::<rollback_gate::RollbackGate>()
}

#[cfg(target_arch = "wasm32")]
fn main() {}
