//! The workspace's own programs, for tests that run them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;

static BUILT: OnceLock<Result<BTreeMap<String, PathBuf>, String>> = OnceLock::new();

/// The program `name` of the workspace: from the directory `SLIPWAY_BIN_DIR` where that is set, else built once per
/// process, with all others, into the target directory and with the profile of the running program. Panics with the
/// compiler's messages when it does not build.
pub fn binary(name: &str) -> PathBuf {
    if let Some(directory) = std::env::var_os("SLIPWAY_BIN_DIR") {
        return Path::new(&directory).join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    }
    let built = BUILT.get_or_init(build).as_ref().unwrap_or_else(|reason| panic!("{reason}"));
    built.get(name).unwrap_or_else(|| panic!("the workspace has no program `{name}`")).clone()
}

/// The workspace's directory.
pub fn workspace() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).expect("the package is two levels below the workspace")
}

/// The `dist/` that runs under Node: the directory `SLIPWAY_DIST_DIR` where that is set, else the workspace's own.
pub fn dist() -> PathBuf {
    std::env::var_os("SLIPWAY_DIST_DIR").map_or_else(|| workspace().join("dist"), PathBuf::from)
}

/// Builds every program but `xtask`, which may be the one that runs. All at once: one alone would be built with other
/// features of its dependencies, and these a second time.
fn build() -> Result<BTreeMap<String, PathBuf>, String> {
    let running = std::env::current_exe().map_err(|error| format!("the running program: {error}"))?;
    let (target, profile) =
        placed(&running).ok_or_else(|| format!("`{}` is in no target directory", running.display()))?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(workspace()).args(["build", "--quiet", "--message-format=json-render-diagnostics"]);
    command
        .args(["--workspace", "--exclude", "xtask", "--bins", "--profile", &profile])
        .arg("--target-dir")
        .arg(target);
    let Output { status, stdout, stderr } =
        command.output().map_err(|error| format!("cargo did not start: {error}"))?;
    if !status.success() {
        return Err(format!("the workspace does not build:\n{}", String::from_utf8_lossy(&stderr)));
    }
    let messages = String::from_utf8_lossy(&stdout);
    let built = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).filter_map(|message| {
        let path = message["executable"].as_str()?.into();
        Some((message["target"]["name"].as_str()?.to_owned(), path))
    });
    Ok(built.collect())
}

/// The target directory and the profile of a program that cargo built.
fn placed(program: &Path) -> Option<(PathBuf, String)> {
    let mut directory = program.parent()?;
    if directory.file_name()? == "deps" {
        directory = directory.parent()?;
    }
    let profile = match directory.file_name()?.to_str()? {
        "debug" => "dev",
        other => other,
    };
    Some((directory.parent()?.to_owned(), profile.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_directory_is_where_the_program_lies() {
        for (program, target, profile) in [
            ("/w/target/debug/deps/contract-0f", "/w/target", "dev"),
            ("/w/target/debug/xtask", "/w/target", "dev"),
            ("/t/release/deps/x", "/t", "release"),
        ] {
            assert_eq!(placed(Path::new(program)), Some((target.into(), profile.to_owned())));
        }
    }

    #[test]
    fn a_program_of_the_workspace_is_built_and_found() {
        let program = binary("sample-service");
        assert!(program.is_file(), "{}", program.display());
        assert_eq!(program, binary("sample-service"));
    }
}
