//! `slipway`: what is done once, by a person, to adopt Slipway.

fn main() -> std::process::ExitCode {
    slipway_init::main()
}
