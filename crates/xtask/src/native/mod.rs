//! `cargo xtask native`: the programs for machines without a runner, as archives with a bill of materials and sums.

mod archive;
mod bill;
mod target;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::dist::manifest::{SUMS, sums};
use crate::dist::toolchain::Toolchain;
use crate::dist::{ACTIONS, Files};
use crate::verify::tools;
use crate::{process, workspace};

/// The program that is no action, and its package.
const ADOPTION: Program = Program { name: "slipway", package: "slipway-init" };

/// Where the archives are written, below the workspace.
const FOLDER: &str = "target/native";

/// The options of `cargo xtask native`.
pub(crate) fn command() -> Command {
    let target = Arg::new("target").long("target").value_name("TRIPLE").action(ArgAction::Append);
    let check = Arg::new("check").long("check").action(ArgAction::SetTrue);
    Command::new("native")
        .about("Builds the native programs to target/native: an archive and a bill of materials per target, and SHA256SUMS")
        .arg(target.help(format!(
            "Build for this target; can be repeated. By default {} on Linux, elsewhere this machine",
            target::STATIC.join(" and ")
        )))
        .arg(check.help("Write nothing; fail unless a build in another folder gives the bytes that are there"))
}

/// Runs `cargo xtask native`.
pub(crate) fn run(arguments: &ArgMatches) -> Result<ExitCode> {
    let root = workspace::root()?;
    let named = arguments.get_many::<String>("target");
    let targets = named.map_or_else(target::usual, |named| Ok(named.cloned().collect()))?;
    if arguments.get_flag("check") {
        check(&root, &targets)?;
    } else {
        write(&root, &targets)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A program.
#[derive(Clone, Copy)]
struct Program {
    name: &'static str,
    /// The package that it belongs to.
    package: &'static str,
}

/// Every program; those of the actions belong to the packages of their names.
fn programs() -> Vec<Program> {
    ACTIONS.into_iter().map(|name| Program { name, package: name }).chain([ADOPTION]).collect()
}

/// Builds for the targets and writes what is published. Sums are of all that is in the folder, whenever it was built.
fn write(root: &Path, targets: &[String]) -> Result<()> {
    let folder = root.join(FOLDER);
    for target in targets {
        let built = build(root, root, target)?;
        for (name, program) in &built.programs {
            workspace::write(&folder.join(target).join(name), program)?;
            archive::make_executable(&folder.join(target).join(name))?;
        }
        for (name, data) in &built.published {
            workspace::write(&folder.join(name), data)?;
        }
    }
    workspace::write(&folder.join(SUMS), sums(&published(&folder)?).as_bytes())?;
    println!("{FOLDER}/{SUMS} is of all that is published");
    Ok(())
}

/// Builds for the targets in a copy of the tree and compares every byte that is published.
fn check(root: &Path, targets: &[String]) -> Result<()> {
    let scratch = tempfile::tempdir().context("no folder for the copy of the tree")?;
    let tree = scratch.path().join("another/folder/of-another-depth");
    workspace::copy(root, &tree)?;
    let there = published(&root.join(FOLDER))?;
    for target in targets {
        for (name, data) in &build(root, &tree, target)?.published {
            let first = there.get(name).with_context(|| format!("`{FOLDER}/{name}` is missing"))?;
            ensure!(first == data, "`{FOLDER}/{name}` is not what a build in another folder gives");
            println!("{name}: equal, {} bytes", data.len());
        }
    }
    Ok(())
}

/// What a build for one target gives.
struct Built {
    /// The programs, by the names of their files.
    programs: Files,
    /// The archive of them and its bill of materials.
    published: Files,
}

fn build(root: &Path, tree: &Path, target: &str) -> Result<Built> {
    let started = Instant::now();
    let toolchain = Toolchain::ambient(target)?;
    let mut made_with = vec![("rustc", toolchain.compiler.release.as_str())];
    if target::STATIC.contains(&target) {
        made_with.extend(tools::install_zig(root)?);
    }
    let target_folder = tree.join("target/native-build");
    let all = programs();
    process::run(&mut target::build(root, tree, &target_folder, &toolchain, target, &all)?)?;
    let mut programs = Files::new();
    for Program { name, .. } in &all {
        let program = workspace::read(&target::built(&target_folder, target, name))?;
        programs.insert(target::file_name(target, name), program);
    }
    let mut packed = programs.clone();
    packed.insert("LICENSE".to_owned(), workspace::read(&tree.join("LICENSE"))?);
    let archive = archive::pack(&packed)?;
    let packages: Vec<&str> = all.iter().map(|program| program.package).collect();
    let bill = bill::write(tree, &toolchain, target, &packages, &made_with)?;
    let published =
        BTreeMap::from([(format!("slipway-{target}.tar.gz"), archive), (format!("slipway-{target}.cdx.json"), bill)]);
    let size: usize = programs.values().map(Vec::len).sum();
    let packed = published.values().next_back().map_or(0, Vec::len);
    let seconds = started.elapsed().as_secs();
    println!("{target}: {} programs, {} kB, {} kB packed, in {seconds} s", all.len(), size / 1000, packed / 1000);
    Ok(Built { programs, published })
}

/// The files that are published, but for their sums.
fn published(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(files) };
    for entry in entries {
        let path: PathBuf = entry.with_context(|| format!("`{}` cannot be read", folder.display()))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_file() && name != SUMS {
            files.insert(name.to_owned(), workspace::read(&path)?);
        }
    }
    Ok(files)
}
