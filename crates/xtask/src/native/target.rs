//! What the native programs are built for, and with what.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::Program;
use crate::dist::toolchain::{Toolchain, cargo_home};
use crate::verify::tools;

/// The profile that they are built with, in the workspace's `Cargo.toml`.
const PROFILE: &str = "native";

/// The targets that are linked statically, by Zig's linker and C compiler: they run on every Linux.
pub(super) const STATIC: [&str; 2] = ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"];

/// The targets to build for when none is named: both static ones on Linux, elsewhere this machine's own.
pub(super) fn usual() -> Result<Vec<String>> {
    if cfg!(target_os = "linux") {
        return Ok(STATIC.map(str::to_owned).to_vec());
    }
    Ok(vec![Toolchain::host()?])
}

/// The name of a program's file.
pub(super) fn file_name(target: &str, program: &str) -> String {
    if target.contains("windows") { format!("{program}.exe") } else { program.to_owned() }
}

/// Where a program is after the build.
pub(super) fn built(target_folder: &Path, target: &str, program: &str) -> PathBuf {
    target_folder.join(target).join(PROFILE).join(file_name(target, program))
}

/// The build of the programs from the workspace in `tree`, with the tools of the one in `root`.
pub(super) fn build(
    root: &Path,
    tree: &Path,
    target_folder: &Path,
    toolchain: &Toolchain,
    target: &str,
    programs: &[Program],
) -> Result<Command> {
    let mut command = if STATIC.contains(&target) {
        by_zig(root, tree, target_folder, toolchain, target)?
    } else {
        let mut cargo = toolchain.cargo(tree, target_folder)?;
        cargo.arg("build");
        cargo
    };
    command.args(["--locked", "--profile", PROFILE, "--target", target]);
    for Program { name, package } in programs {
        command.args(["--package", package, "--bin", name]);
    }
    Ok(command)
}

fn by_zig(root: &Path, tree: &Path, target_folder: &Path, toolchain: &Toolchain, target: &str) -> Result<Command> {
    let programs = tools::zig_programs(root);
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([programs.clone()].into_iter().chain(env::split_paths(&path)))
        .context("`PATH` cannot be extended")?;
    let mut command = toolchain.command(&programs.join("cargo-zigbuild"), tree, target_folder)?;
    command.arg("zigbuild").env("CARGO", &toolchain.cargo).env("PATH", path);
    // What is written in C names its files too.
    let mut flags = OsString::new();
    for (from, to) in [(cargo_home()?.as_path(), "/cargo"), (target_folder, "/target"), (tree, "/src")] {
        flags.push("-ffile-prefix-map=");
        flags.push(from);
        flags.push(format!("={to} "));
    }
    command.env(format!("CFLAGS_{}", target.replace('-', "_")), flags);
    Ok(command)
}
