//! Binaryen's optimizer, which takes a twentieth off a module that the compiler has made small already.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::verify::tools;
use crate::{process, workspace};

/// The release on npm. It is WebAssembly itself, so that every machine gets the same bytes from it.
pub(super) const BINARYEN: &str = "132.0.0";

/// What is done: everything for size, and since nothing lies in the first kilobyte of memory, where the stack ends, small offsets need no
/// addition of their own; then functions that are nearly the same become one, and those that are called most get the
/// shortest numbers.
const PASSES: &[&str] = &["-Oz", "--low-memory-unused", "--merge-similar-functions", "--reorder-functions"];
/// What the compiler may use, and all that the optimizer may: what Node 24 has and wasm-bindgen understands.
const FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// The optimizer, installed below `target/`.
#[derive(Debug)]
pub(super) struct Optimizer {
    node: PathBuf,
    program: PathBuf,
}

impl Optimizer {
    /// Makes sure that it is there. `root` is the workspace.
    pub(super) fn install(root: &Path) -> Result<Self> {
        tools::install_node(root)?;
        // A folder of its own: npm removes from a folder what it did not just install.
        let folder = root.join("target/tools/binaryen").join(BINARYEN);
        let program = folder.join("node_modules/binaryen/bin/wasm-opt");
        if !program.is_file() {
            process::run(&mut tools::npm_install(&folder, &format!("binaryen@{BINARYEN}")))
                .context("Binaryen, which makes the modules small, cannot be installed")?;
        }
        Ok(Self { node: tools::node(root)?, program })
    }

    /// Optimizes a module for size.
    pub(super) fn shrink(&self, module: &[u8]) -> Result<Vec<u8>> {
        let folder = tempfile::tempdir().context("no folder for the optimizer")?;
        let (from, to) = (folder.path().join("from.wasm"), folder.path().join("to.wasm"));
        workspace::write(&from, module)?;
        let mut node = Command::new(&self.node);
        process::run(node.arg(&self.program).args(PASSES).args(FEATURES).arg(&from).arg("-o").arg(&to))?;
        workspace::read(&to)
    }
}
