//! `image-tag` as a native program.

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    slipway_core::cli::main::<image_tag::ImageTagAction>()
}

#[cfg(target_arch = "wasm32")]
fn main() {}
