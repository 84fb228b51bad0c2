//! `cargo dist`: builds what the runner executes, or proves that what is committed is what the sources give.

mod check;
mod debian;
pub(crate) mod manifest;
mod optimize;
mod pack;
pub(crate) mod toolchain;

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, ensure};
use clap::{Arg, ArgAction, ArgMatches, Command};

use manifest::{BUILD, Build, SUMS};
use optimize::{BINARYEN, Optimizer};
use toolchain::{Route, Toolchain};

pub(crate) use check::{Checked, check, check_record};
pub(crate) use pack::Files;

use crate::workspace;

/// Every action: the name of its crate, of its folder in `actions/` and of its folder in `dist/`.
pub(crate) const ACTIONS: [&str; 4] = ["config-updater", "image-tag", "rollback-gate", "version-bump"];

/// The options of `cargo dist`.
pub(crate) fn command() -> Command {
    let only = Arg::new("only").long("only").value_name("NAME").value_parser(ACTIONS);
    let check = Arg::new("check").long("check").action(ArgAction::SetTrue);
    let elsewhere = Arg::new("elsewhere").long("elsewhere").action(ArgAction::SetTrue).requires("check");
    Command::new("dist")
        .about("Builds every action to WASM and writes dist/")
        .arg(only.help("Only this action"))
        .arg(check.help("Write nothing; fail unless dist/ is what the sources give"))
        .arg(elsewhere.help("Build for the check in a copy of the tree, in a folder of another depth"))
}

/// Runs `cargo dist`.
pub(crate) fn run(arguments: &ArgMatches) -> Result<ExitCode> {
    let root = workspace::root()?;
    let only = arguments.get_one::<String>("only").map(String::as_str);
    if arguments.get_flag("check") {
        check(&root, only, arguments.get_flag("elsewhere"))?;
    } else {
        write(&root, only)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The actions to build.
pub(crate) fn chosen(only: Option<&str>) -> Vec<&'static str> {
    ACTIONS.into_iter().filter(|name| only.is_none_or(|only| only == *name)).collect()
}

/// Builds the actions and writes `dist/`.
fn write(root: &Path, only: Option<&str>) -> Result<()> {
    let names = chosen(only);
    let toolchain = Toolchain::select(root)?;
    let dist = root.join("dist");
    let mut build = Build {
        compiler: toolchain.compiler.clone(),
        wasm_bindgen: pack::wasm_bindgen_version(root)?,
        binaryen: BINARYEN.to_owned(),
        sources: Default::default(),
    };
    if only.is_some() && dist.join(BUILD).exists() {
        let before = Build::read(&dist)?;
        ensure!(
            (&before.compiler, &before.wasm_bindgen, &before.binaryen)
                == (&build.compiler, &build.wasm_bindgen, &build.binaryen),
            "the rest of `dist/` was built by {} with wasm-bindgen {} and Binaryen {}: build all of it",
            before.compiler,
            before.wasm_bindgen,
            before.binaryen
        );
        build.sources = before.sources;
    } else {
        workspace::remove_folder(&dist)?;
    }
    for name in &names {
        build.sources.insert((*name).to_owned(), manifest::sources_hash(root, name)?);
    }
    for (path, data) in build_all(root, root, &toolchain, &names)? {
        workspace::write(&dist.join(path), &data)?;
    }
    workspace::write(&dist.join(BUILD), &build.to_bytes()?)?;
    workspace::write(&dist.join(SUMS), manifest::sums(&manifest::read_all(&dist)?).as_bytes())?;
    println!("dist/ was built by {}", build.compiler);
    Ok(())
}

/// All files of `dist/`.
pub(crate) fn read(root: &Path) -> Result<Files> {
    manifest::read_all(&root.join("dist"))
}

/// Builds the actions into the folder `to`, which holds nothing else afterwards.
pub(crate) fn write_build(root: &Path, to: &Path) -> Result<()> {
    let toolchain = Toolchain::select(root)?;
    workspace::remove_folder(to)?;
    for (path, data) in build_all(root, root, &toolchain, &chosen(None))? {
        workspace::write(&to.join(path), &data)?;
    }
    Ok(())
}

/// Compiles and packs the actions of the workspace in `tree`, with the tools of the one in `root`.
fn build_all(root: &Path, tree: &Path, toolchain: &Toolchain, names: &[&str]) -> Result<Files> {
    let optimizer = Optimizer::install(root)?;
    let target_folder = target_folder(tree, toolchain);
    let mut files = Files::new();
    for name in names {
        let started = Instant::now();
        let package = pack::pack(tree, &target_folder, toolchain, &optimizer, name)?;
        let size: usize = package.values().map(Vec::len).sum();
        println!("{name}: {} kB in {:.0} s", size.div_ceil(1000), started.elapsed().as_secs_f64());
        files.extend(package);
    }
    Ok(files)
}

/// The folder for what the compiler leaves behind: one per route, apart from the native builds.
fn target_folder(tree: &Path, toolchain: &Toolchain) -> std::path::PathBuf {
    tree.join("target").join(match toolchain.compiler.route {
        Route::Rustup => "wasm-rustup",
        Route::Debian => "wasm-debian",
    })
}
