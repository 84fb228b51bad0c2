//! Whether `dist/` is what the sources give.

use std::path::Path;

use anyhow::{Context, Result, bail};

use super::manifest::{self, Build, SUMS};
use super::pack::Files;
use super::toolchain::{Route, Toolchain};
use super::{build_all, chosen};
use crate::workspace;

/// What a check without a complaint has proved.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Checked {
    /// The sources give these bytes.
    Identical,
    /// `dist/` fits its own record, but another compiler made it than the one here, so that the bytes say nothing.
    NotCompared,
}

/// Checks `dist/` against its record, then builds the actions and compares every byte; with `elsewhere` in a copy of
/// the tree in a folder of another name and depth. Fails with the list of differences.
pub(crate) fn check(root: &Path, only: Option<&str>, elsewhere: bool) -> Result<Checked> {
    let names = chosen(only);
    if names.is_empty() {
        println!("nothing to check");
        return Ok(Checked::Identical);
    }
    let build = check_record(root, &names)?;
    let toolchain = Toolchain::select(root)?;
    if toolchain.compiler != build.compiler {
        println!("WARNING: THE BYTES OF dist/ WERE NOT COMPARED");
        println!("  dist/ was made by {}", build.compiler);
        println!("  here is           {}", toolchain.compiler);
        let prefix = match build.compiler.route {
            Route::Rustup => format!("cargo +{}", build.compiler.release),
            Route::Debian => "WASM_TOOLCHAIN=debian cargo".to_owned(),
        };
        println!("  `{prefix} dist --check` compares them where that compiler is installed");
        return Ok(Checked::NotCompared);
    }
    let fresh = match elsewhere {
        true => build_elsewhere(root, &toolchain, &names)?,
        false => build_all(root, root, &toolchain, &names)?,
    };
    let mut committed = manifest::read_all(&root.join("dist"))?;
    committed.retain(|path, _| names.iter().any(|name| path.split('/').next() == Some(name)));
    report(differences(&fresh, &committed), "is not what the sources give")?;
    println!("dist/ is what the sources give, byte by byte, with {}", build.compiler);
    Ok(Checked::Identical)
}

/// Checks without building, in milliseconds: that the sources of the actions are those that `BUILD.json` names, and
/// that the files are those that `SHA256SUMS` names.
pub(crate) fn check_record(root: &Path, names: &[&str]) -> Result<Build> {
    let dist = root.join("dist");
    let build = Build::read(&dist).context("`dist/` was never built")?;
    let mut stale = Vec::new();
    for name in names {
        match build.sources.get(*name) {
            None => stale.push(format!("`{name}` was never built")),
            Some(recorded) if *recorded != manifest::sources_hash(root, name)? => {
                stale.push(format!("`{name}` is older than its sources"));
            }
            Some(_) => {}
        }
    }
    report(stale, "is stale")?;

    let files = manifest::read_all(&dist)?;
    let recorded = workspace::read_text(&dist.join(SUMS))?;
    report(broken_sums(&recorded, &files)?, "was changed by hand")?;
    Ok(build)
}

/// Builds in a copy of the tree, so that the path of the checkout cannot be the reason for equal bytes.
fn build_elsewhere(root: &Path, toolchain: &Toolchain, names: &[&str]) -> Result<Files> {
    let scratch = tempfile::tempdir().context("no folder for the copy of the tree")?;
    let tree = scratch.path().join("another/folder/of-another-depth");
    workspace::copy(root, &tree)?;
    build_all(root, &tree, toolchain, names)
}

/// What differs between `SHA256SUMS` and the files, by path.
fn broken_sums(recorded: &str, files: &Files) -> Result<Vec<String>> {
    let lines = |text: &str| -> Result<Files> {
        let pairs = text.lines().map(|line| {
            let (sum, path) = line.split_once("  ").with_context(|| format!("`dist/{SUMS}` has the line `{line}`"))?;
            Ok((path.to_owned(), sum.as_bytes().to_vec()))
        });
        pairs.collect()
    };
    Ok(differences(&lines(recorded)?, &lines(&manifest::sums(files))?))
}

/// What differs, by path.
fn differences(expected: &Files, found: &Files) -> Vec<String> {
    let mut differences = Vec::new();
    for (path, data) in expected {
        match found.get(path) {
            None => differences.push(format!("`dist/{path}` is missing")),
            Some(other) if other != data => differences.push(format!("`dist/{path}` differs")),
            Some(_) => {}
        }
    }
    let extra = found.keys().filter(|path| !expected.contains_key(*path));
    differences.extend(extra.map(|path| format!("`dist/{path}` does not belong there")));
    differences
}

fn report(differences: Vec<String>, what: &str) -> Result<()> {
    if differences.is_empty() {
        return Ok(());
    }
    bail!("`dist/` {what}; run `cargo dist` and commit it:\n  {}", differences.join("\n  "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(entries: &[(&str, &str)]) -> Files {
        entries.iter().map(|(path, data)| ((*path).to_owned(), data.as_bytes().to_vec())).collect()
    }

    #[test]
    fn every_difference_is_named() {
        let expected = files(&[("a/index.js", "1"), ("a/a.cjs", "2"), ("a/a_bg.wasm", "3")]);
        let found = files(&[("a/index.js", "1"), ("a/a.cjs", "other"), ("a/extra", "")]);
        assert_eq!(
            differences(&expected, &found),
            ["`dist/a/a.cjs` differs", "`dist/a/a_bg.wasm` is missing", "`dist/a/extra` does not belong there"]
        );
    }

    #[test]
    fn sums_that_fit_are_silent_and_a_changed_file_is_not() {
        let before = files(&[("a/index.js", "1"), ("BUILD.json", "{}")]);
        let sums = manifest::sums(&before);
        assert!(broken_sums(&sums, &before).unwrap().is_empty());
        let after = files(&[("a/index.js", "2"), ("BUILD.json", "{}")]);
        assert_eq!(broken_sums(&sums, &after).unwrap(), ["`dist/a/index.js` differs"]);
        assert!(broken_sums("no sum", &after).is_err());
    }
}
