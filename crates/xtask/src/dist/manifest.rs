//! What `dist/` says about itself: `BUILD.json` names the compiler and the sources, `SHA256SUMS` the files.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::ACTIONS;
use super::pack::Files;
use super::toolchain::Compiler;
use crate::workspace;

/// The file with the hashes, in the format of `sha256sum`.
pub(crate) const SUMS: &str = "SHA256SUMS";
/// The file that says what `dist/` was built by and from.
pub(super) const BUILD: &str = "BUILD.json";

/// The files outside `crates/` that can change the modules' bytes.
const ROOT_SOURCES: &[&str] = &["Cargo.toml", "Cargo.lock", ".cargo/config.toml"];

/// `BUILD.json`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Build {
    /// What compiled the modules.
    pub(super) compiler: Compiler,
    /// The version of wasm-bindgen that made the glue.
    pub(super) wasm_bindgen: String,
    /// The version of Binaryen that made the modules smaller.
    pub(super) binaryen: String,
    /// For each action the hash of its sources, see [`sources_hash`].
    pub(super) sources: BTreeMap<String, String>,
}

impl Build {
    /// Reads `BUILD.json`.
    pub(super) fn read(dist: &Path) -> Result<Self> {
        serde_json::from_slice(&workspace::read(&dist.join(BUILD))?).with_context(|| format!("`dist/{BUILD}`"))
    }

    /// The file's bytes.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut text = serde_json::to_string_pretty(self).with_context(|| format!("`dist/{BUILD}`"))?;
        text.push('\n');
        Ok(text.into_bytes())
    }
}

/// The SHA-256 over the paths and contents of the files from which the action `name` is built. It changes whenever
/// the module's bytes could; comparing it takes milliseconds where building takes minutes.
pub(super) fn sources_hash(root: &Path, name: &str) -> Result<String> {
    let mut all = Sha256::new();
    let paths: Vec<&str> = ROOT_SOURCES.iter().copied().chain(["crates"]).collect();
    for file in workspace::files(root, &paths)?.iter().filter(|file| is_source(file, name)) {
        all.update(file.as_bytes());
        all.update(b"\0");
        all.update(Sha256::digest(workspace::read(&root.join(file))?));
    }
    Ok(hex(&all.finalize()))
}

/// The files of this package that decide what the compiler is told and what becomes of its output.
const PACKING: &[&str] = &["src/dist/debian.rs", "src/dist/optimize.rs", "src/dist/pack.rs", "src/dist/toolchain.rs"];

/// Whether the file can change the bytes of the action `name`: no crate imports another action's, and tests are no part
/// of an action.
fn is_source(file: &str, name: &str) -> bool {
    let Some(in_crates) = file.strip_prefix("crates/") else { return ROOT_SOURCES.contains(&file) };
    let Some((package, path)) = in_crates.split_once('/') else { return true };
    match package {
        // No action is built from the test bed, nor from the program that proposes workflows.
        "testbed" | "init" => false,
        "xtask" => PACKING.contains(&path),
        _ if path.starts_with("tests/") => false,
        _ => package == name || !ACTIONS.contains(&package),
    }
}

/// The files of the workspace in `tree` that the compiler read for the action `name`, by its own account (a dep-info
/// file: `output: input input`), though [`sources_hash`] leaves them out.
pub(super) fn unhashed_sources(tree: &Path, name: &str, dep_info: &str) -> Vec<String> {
    let inputs = dep_info.lines().next().and_then(|line| line.split_once(": ")).map_or("", |(_, inputs)| inputs);
    // A space in a name is escaped; NUL can stand for it, as no name has one.
    let inputs = inputs.replace("\\ ", "\0");
    let files = inputs.split(' ').map(|input| input.replace('\0', " "));
    let in_tree = files.filter_map(|file| Some(Path::new(&file).strip_prefix(tree).ok()?.to_str()?.replace('\\', "/")));
    in_tree.filter(|file| !is_source(file, name)).collect()
}

/// The lines of `SHA256SUMS` for these files.
pub(crate) fn sums(files: &Files) -> String {
    files.iter().fold(String::new(), |mut sums, (path, data)| {
        // Writing to a string cannot fail.
        let _ = writeln!(sums, "{}  {path}", hex(&Sha256::digest(data)));
        sums
    })
}

/// Reads all files below `dist`, but for `SHA256SUMS`. No folder is no files.
pub(super) fn read_all(dist: &Path) -> Result<Files> {
    let mut files = Files::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let path = dist.join(&folder);
        if folder.is_empty() && !path.exists() {
            break;
        }
        for entry in std::fs::read_dir(&path).with_context(|| format!("`{}` cannot be read", path.display()))? {
            let entry = entry.with_context(|| format!("`{}` cannot be read", path.display()))?;
            let Ok(name) = entry.file_name().into_string() else {
                bail!("`{}` is not UTF-8", entry.path().display());
            };
            let relative = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            if entry.path().is_dir() {
                folders.push(relative);
            } else if relative != SUMS {
                files.insert(relative, workspace::read(&entry.path())?);
            }
        }
    }
    Ok(files)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_built_from_its_own_crate_and_the_shared_ones() {
        let cases = [
            ("Cargo.lock", true),
            (".cargo/config.toml", true),
            ("crates/core/src/lib.rs", true),
            ("crates/edit/Cargo.toml", true),
            ("crates/image-tag/src/plan.rs", true),
            ("crates/image-tag/tests/plan.rs", false),
            ("crates/version-bump/src/plan.rs", false),
            ("crates/testbed/src/lib.rs", false),
            ("crates/init/src/lib.rs", false),
            ("crates/xtask/src/dist/pack.rs", true),
            ("crates/xtask/src/dist/check.rs", false),
            ("crates/xtask/src/bench.rs", false),
        ];
        for (file, expected) in cases {
            assert_eq!(is_source(file, "image-tag"), expected, "{file}");
        }
    }

    #[test]
    fn a_file_that_was_read_but_is_not_hashed_is_found() {
        let dep_info =
            "/w s/t/a.wasm: /w\\ s/crates/core/src/lib.rs /w\\ s/actions/image-tag/action.yml /else/x.rs\n\n";
        let tree = Path::new("/w s");
        assert_eq!(unhashed_sources(tree, "image-tag", dep_info), ["actions/image-tag/action.yml"]);
    }

    #[test]
    fn sums_have_the_format_of_sha256sum() {
        let files = Files::from([("b/x".into(), b"".to_vec()), ("a".into(), b"abc".to_vec())]);
        assert_eq!(
            sums(&files),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a\n\
             e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b/x\n"
        );
    }
}
