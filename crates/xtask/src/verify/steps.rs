//! The steps, in the order in which they run.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::run::{Remark, Step, When};
use super::{Session, linters, pipeline_tools, scanners, tools, workflow_parser};
use crate::dist::toolchain::{self, WASM};
use crate::dist::{self, ACTIONS, Checked};
use crate::{bench, process};

const WINDOWS: &str = "x86_64-pc-windows-gnu";

/// The libraries below the actions.
const SHARED: &[&str] = &["slipway-core", "slipway-edit", "slipway-gitops", "slipway-registry"];

/// Every step.
pub(super) const ALL: &[Step] = &[
    Step { name: "node", needs: &[], when: When::Always, run: node },
    Step { name: "python-tools", needs: &[], when: When::Always, run: python_tools },
    Step { name: "workflow-parser", needs: &["node"], when: When::Always, run: install_workflow_parser },
    Step { name: "registry-tools", needs: &[], when: When::Always, run: registry_tools },
    Step { name: "scanners", needs: &[], when: When::Always, run: install_scanners },
    Step { name: "format", needs: &[], when: When::Always, run: format },
    Step { name: "actionlint", needs: &["python-tools"], when: When::Always, run: linters::actionlint },
    Step { name: "jactionlint", needs: &["python-tools"], when: When::Always, run: linters::jactionlint },
    Step { name: "zizmor", needs: &["python-tools"], when: When::Always, run: linters::zizmor },
    Step { name: "clippy", needs: &[], when: When::Always, run: clippy },
    Step { name: "build", needs: &[], when: When::Always, run: build },
    Step { name: "dist", needs: &[], when: When::Always, run: check_dist },
    Step { name: "size", needs: &[], when: When::Always, run: size },
    Step { name: "test", needs: TESTS_NEED, when: When::Always, run: test },
    Step { name: "clippy-wasm", needs: &[], when: When::Thorough, run: clippy_wasm },
    Step { name: "windows", needs: &[], when: When::Thorough, run: windows },
    Step { name: "pipeline-tools", needs: &["node"], when: When::Named, run: install_pipeline_tools },
    Step { name: "pipelines", needs: PIPELINES_NEED, when: When::Named, run: pipelines },
];

const TESTS_NEED: &[&str] = &["node", "python-tools", "workflow-parser", "registry-tools", "scanners", "build"];
const PIPELINES_NEED: &[&str] = &["node", "python-tools", "registry-tools", "scanners", "build", "pipeline-tools"];

fn node(session: &mut Session) -> Result<Remark> {
    tools::install_node(&session.root).map(Some)
}

fn python_tools(session: &mut Session) -> Result<Remark> {
    tools::install_python_tools(&session.root)?;
    Ok(None)
}

/// Where workflows are tested.
fn install_workflow_parser(session: &mut Session) -> Result<Remark> {
    if cfg!(windows) {
        return Ok(Some("by doing nothing: no workflow is run on Windows".to_owned()));
    }
    workflow_parser::install(&session.root)?;
    Ok(None)
}

/// Only Debian and what descends from it have them; elsewhere the tests say loudly that they were not run.
fn registry_tools(session: &mut Session) -> Result<Remark> {
    if !cfg!(target_os = "linux") {
        return Ok(Some("BUT THERE ARE NONE HERE: registries are tested against our own only".to_owned()));
    }
    tools::install_registry_tools(&session.root, session.install)?;
    Ok(None)
}

/// The package has a binary for Linux only, and so are the tests with it for Linux only.
fn install_scanners(session: &mut Session) -> Result<Remark> {
    if !cfg!(target_os = "linux") {
        return Ok(Some("BUT THERE ARE NONE HERE: the pipeline `security` is not tested".to_owned()));
    }
    scanners::install_trivy(&session.root)?;
    Ok(None)
}

fn format(session: &mut Session) -> Result<Remark> {
    process::run(cargo(session, "fmt").args(["--all", "--check"])).context("run `cargo fmt`")?;
    Ok(None)
}

fn clippy(session: &mut Session) -> Result<Remark> {
    let mut cargo = cargo(session, "clippy");
    cargo.args(["--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"]);
    process::run(&mut cargo)?;
    Ok(None)
}

fn clippy_wasm(session: &mut Session) -> Result<Remark> {
    toolchain::add_ambient_target(WASM)?;
    let mut cargo = cargo(session, "clippy");
    cargo.args(["--lib", "--locked", "--target", WASM]);
    packages(&mut cargo, SHARED.iter().copied().chain(ACTIONS));
    process::run(cargo.args(["--", "--deny", "warnings"]))?;
    Ok(None)
}

/// The programs that the tests start. The whole workspace is chosen so that cargo unites the features of all packages as
/// it does for the tests, and nothing is compiled twice; then the programs by name, because this one is running.
fn build(session: &mut Session) -> Result<Remark> {
    let metadata =
        process::output(cargo(session, "metadata").args(["--no-deps", "--locked", "--format-version", "1"]))?;
    let programs = programs(&metadata)?;
    if programs.is_empty() {
        return Ok(Some("there are no programs".to_owned()));
    }
    let mut cargo = cargo(session, "build");
    cargo.args(["--workspace", "--locked"]);
    for name in &programs {
        cargo.args(["--bin", name]);
    }
    process::run(&mut cargo)?;
    Ok(None)
}

/// The names of the workspace's programs but this one, from what `cargo metadata` prints.
fn programs(metadata: &str) -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        targets: Vec<Target>,
    }
    #[derive(Deserialize)]
    struct Target {
        name: String,
        kind: Vec<String>,
    }
    let metadata: Metadata = serde_json::from_str(metadata).context("`cargo metadata`")?;
    let targets = metadata.packages.into_iter().flat_map(|package| package.targets);
    let programs = targets.filter(|target| target.kind.iter().any(|kind| kind == "bin"));
    Ok(programs.map(|program| program.name).filter(|name| name != env!("CARGO_BIN_NAME")).collect())
}

/// If another compiler made `dist/`, the tests run a build of this one.
fn check_dist(session: &mut Session) -> Result<Remark> {
    if session.quick {
        dist::check_record(&session.root, &dist::chosen(None))?;
        return Ok(Some("but not rebuilt".to_owned()));
    }
    // Without an earlier build there is nothing to gain from building in place.
    let elsewhere = env::var("CI").is_ok_and(|ci| ci == "true");
    match dist::check(&session.root, None, elsewhere)? {
        Checked::Identical => Ok(None),
        Checked::NotCompared => {
            let own = session.root.join("target/dist");
            dist::write_build(&session.root, &own)?;
            session.dist = own;
            Ok(Some("BUT THE BYTES WERE NOT COMPARED: another compiler made them".to_owned()))
        }
    }
}

fn size(session: &mut Session) -> Result<Remark> {
    ensure!(!bench::dist::print_sizes(&dist::read(&session.root)?)?, "`dist/` is too large");
    Ok(None)
}

fn test(session: &mut Session) -> Result<Remark> {
    // Most tests wait for a server or a clock, so twice the usual number of threads is half the time.
    run_tests(session, &["--workspace"], "4")
}

/// The pipelines with daemons, clouds and other CI systems in them.
fn pipelines(session: &mut Session) -> Result<Remark> {
    run_tests(session, &["--package", "slipway", "--test", "pipelines"], "2")
}

fn install_pipeline_tools(session: &mut Session) -> Result<Remark> {
    pipeline_tools::install(&session.root, session.install)?;
    Ok(None)
}

fn run_tests(session: &Session, chosen: &[&str], threads: &str) -> Result<Remark> {
    let node = tools::node(&session.root)?;
    let mut cargo = cargo(session, "test");
    cargo
        .args(chosen)
        .args(["--locked", "--no-fail-fast"])
        .env("RUST_TEST_THREADS", threads)
        .env("SLIPWAY_NODE", &node)
        .env("SLIPWAY_BIN_DIR", session.target_folder.join("debug"))
        .env("SLIPWAY_DIST_DIR", &session.dist)
        .envs(cfg!(target_os = "linux").then(|| ("SLIPWAY_REGISTRY_TOOLS", tools::registry_tools(&session.root))))
        .env("PATH", search_path(&session.root, node.parent())?);
    process::run(&mut cargo)?;
    Ok(None)
}

fn windows(session: &mut Session) -> Result<Remark> {
    if cfg!(windows) {
        return Ok(Some("by the steps before: this is Windows".to_owned()));
    }
    toolchain::add_ambient_target(WINDOWS)?;
    tools::install_windows_compiler(session.install)?;
    let mut cargo = cargo(session, "check");
    packages(&mut cargo, ACTIONS);
    process::run(cargo.args(["--locked", "--target", WINDOWS]))?;
    Ok(None)
}

/// `PATH` with our tools first.
pub(super) fn search_path(root: &Path, node: Option<&Path>) -> Result<OsString> {
    let ours = node.map(Path::to_path_buf).into_iter().chain([tools::python_programs(root)]);
    let path = env::var_os("PATH").unwrap_or_default();
    env::join_paths(ours.chain(env::split_paths(&path))).context("`PATH` cannot be extended")
}

/// The cargo that runs this program.
fn cargo(session: &Session, subcommand: &str) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(&session.root).env("CARGO_TARGET_DIR", &session.target_folder).arg(subcommand);
    command
}

fn packages<'a>(cargo: &mut Command, names: impl IntoIterator<Item = &'a str>) {
    for name in names {
        cargo.args(["--package", name]);
    }
}
