//! One action's package: its WASM module, the glue that loads it, and the file that the runner executes.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use wasm_bindgen_cli_support::Bindgen;

use super::manifest::unhashed_sources;
use super::optimize::Optimizer;
use super::toolchain::{Toolchain, WASM};
use crate::{process, workspace};

/// Files by their path below `dist/`, with `/` between the names.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// The template of `index.js`, in which [`ACTION`] stands for the action's name.
const SHIM: &str = "crates/core/src/host/shim.js";
const ACTION: &str = "__ACTION__";

/// Compiles the action `name` of the workspace in `tree` and packs it.
pub(super) fn pack(
    tree: &Path,
    target_folder: &Path,
    toolchain: &Toolchain,
    optimizer: &Optimizer,
    name: &str,
) -> Result<Files> {
    // A list of crate types in the manifest would make cargo drop LTO without a word; hence `cargo rustc`.
    let mut cargo = toolchain.cargo(tree, target_folder)?;
    cargo.args(["rustc", "--quiet", "--locked", "--lib", "--crate-type", "cdylib"]);
    cargo.args(["--package", name, "--profile", "action", "--target", WASM]);
    process::run(&mut cargo)?;
    let module = target_folder.join(WASM).join("action").join(name.replace('-', "_")).with_extension("wasm");
    let dep_info = workspace::read_text(&module.with_extension("d"))?;
    let unhashed = unhashed_sources(tree, name, &dep_info);
    ensure!(
        unhashed.is_empty(),
        "`{name}` is built from `{}`, which its sources' hash leaves out",
        unhashed.join("`, `")
    );

    let (glue, wasm) = bind(&module, name).map_err(|error| anyhow!("wasm-bindgen cannot pack `{name}`: {error:#}"))?;
    ensure!(glue.contains("exports.main = "), "`{name}` exports no function `main` for the shim to call");
    let shim = workspace::read_text(&tree.join(SHIM))?;
    ensure!(shim.contains(ACTION), "`{SHIM}` does not hold `{ACTION}`, which is replaced by the action's name");

    Ok(Files::from([
        (format!("{name}/index.js"), shim.replace(ACTION, name).into_bytes()),
        (format!("{name}/{name}.cjs"), glue.into_bytes()),
        (format!("{name}/{name}_bg.wasm"), optimizer.shrink(&wasm)?),
    ]))
}

fn bind(module: &Path, name: &str) -> Result<(String, Vec<u8>)> {
    let mut output = Bindgen::new()
        .input_path(module)
        .out_name(name)
        .nodejs(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()?;
    // Every crate has an entry; only one that holds something is a snippet.
    ensure!(
        output.snippets().values().all(Vec::is_empty) && output.local_modules().is_empty(),
        "it has JavaScript of its own (`inline_js` or a local `module`); only Node's modules can be imported"
    );
    ensure!(output.npm_dependencies().is_empty(), "it needs npm packages");
    Ok((output.js().to_owned(), output.wasm_mut().emit_wasm()))
}

/// The version of wasm-bindgen in the workspace's lock file, which made the glue.
pub(super) fn wasm_bindgen_version(tree: &Path) -> Result<String> {
    let lock = workspace::read_text(&tree.join("Cargo.lock"))?;
    let mut lines = lock.lines().skip_while(|line| *line != r#"name = "wasm-bindgen""#);
    let version = lines.nth(1).and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
    version.map(str::to_owned).context("`Cargo.lock` names no version of wasm-bindgen")
}
