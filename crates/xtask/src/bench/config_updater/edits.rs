//! What else changes in a file when one value is set: ours and other programs on generated files and on the shared cases.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use testbed::EditCase;

use super::generated::{Step, samples};
use super::peers::{PEERS, Peer};
use crate::bench::measure;
use crate::{process, workspace};

/// One value of one file.
struct Edit {
    /// Below the folder that a program works in.
    file: String,
    before: String,
    after: String,
    /// The edit for ours.
    change: Value,
    /// The edit for the others, if they can be told.
    job: Option<Value>,
}

/// Prints a table for each kind of files, and returns whether ours changed a byte too many.
pub(super) fn run(program: &Path, folder: &Path, is_quick: bool) -> Result<bool> {
    let generated = generated(if is_quick { 40 } else { 200 });
    let mut exceeded = compare("generated charts and manifests", &generated, program, folder)?;
    let shared = shared();
    if shared.is_empty() {
        println!("\nthe shared cases are not beside the workspace");
    } else {
        exceeded |= compare("shared cases", &shared, program, folder)?;
    }
    Ok(exceeded)
}

fn generated(count: usize) -> Vec<Edit> {
    let json = |step: &Step| match step {
        Step::Key(key) => json!(key),
        Step::Index(index) => json!(index),
    };
    let edit = |sample: super::generated::Sample| {
        let path: Vec<Value> = sample.path.iter().map(json).collect();
        Edit {
            change: json!({
                "file": sample.name, "op": "set", "doc": sample.document, "path": path, "value": sample.value,
            }),
            job: Some(json!({ "document": sample.document, "path": path, "value": sample.value })),
            file: sample.name,
            before: sample.before,
            after: sample.after,
        }
    };
    samples(count).into_iter().map(edit).collect()
}

/// The shared cases that are not refused. The other programs get those that set a value of YAML at a plain path.
fn shared() -> Vec<Edit> {
    let edit = |case: EditCase| {
        let (name, before, after) = case.edited_file()?;
        let mut change = case.change();
        let file = format!("{}/{name}", case.id);
        change["file"] = file.as_str().into();
        let path = change["path"].as_array().filter(|path| path.iter().all(|step| step.is_string() || step.is_u64()));
        let is_plain = change["op"] == "set" && name.ends_with(".yaml") && change.get("inner").is_none();
        let job = path.filter(|_| is_plain).map(
            |path| json!({ "document": change["doc"].as_u64().unwrap_or(0), "path": path, "value": change["value"] }),
        );
        Some(Edit { before: before.to_owned(), after: after.to_owned(), file, job, change })
    };
    EditCase::all().unwrap_or_default().into_iter().filter_map(edit).collect()
}

fn compare(title: &str, edits: &[Edit], program: &Path, folder: &Path) -> Result<bool> {
    println!("\n{title}, one value set in each");
    println!(
        "{:<28} {:>6} {:>11} {:>11} {:>10} {:>16}",
        "", "files", "byte-exact", "not edited", "otherwise", "unrelated bytes"
    );
    let work = tempfile::tempdir_in(folder).context("no folder for the edited files")?;
    let all: Vec<&Edit> = edits.iter().collect();
    write(work.path(), &all)?;
    ours(program, work.path(), &all)?;
    let own = Tally::of(work.path(), &all)?;
    own.row("config-updater");
    for Peer { name, version, edit, .. } in PEERS {
        let given: Vec<&Edit> = edits.iter().filter(|edit| edit.job.is_some()).collect();
        write(work.path(), &given)?;
        let jobs: Vec<Value> = given.iter().filter_map(|edit| job(work.path(), edit)).collect();
        let list = work.path().join("jobs.json");
        workspace::write(&list, Value::Array(jobs).to_string().as_bytes())?;
        process::output(&mut edit(folder, &list))?;
        Tally::of(work.path(), &given)?.row(&format!("{name} {version}"));
    }
    Ok(own.exact < all.len())
}

fn job(work: &Path, edit: &Edit) -> Option<Value> {
    let mut job = edit.job.clone()?;
    job["file"] = work.join(&edit.file).to_string_lossy().into();
    Some(job)
}

fn write(work: &Path, edits: &[&Edit]) -> Result<()> {
    edits.iter().try_for_each(|edit| workspace::write(&work.join(&edit.file), edit.before.as_bytes()))
}

/// All edits in one run: all are made, or none.
fn ours(program: &Path, work: &Path, edits: &[&Edit]) -> Result<()> {
    let changes: Vec<&Value> = edits.iter().map(|edit| &edit.change).collect();
    let mut command = Command::new(program);
    measure::outside_any_job(&mut command);
    command.current_dir(work).env("INPUT_MODE", "write").env("INPUT_CHANGES", json!(changes).to_string());
    process::output(&mut command).map(drop)
}

/// What became of the files.
#[derive(Default)]
struct Tally {
    files: usize,
    exact: usize,
    unedited: usize,
    unrelated_bytes: usize,
}

impl Tally {
    fn of(work: &Path, edits: &[&Edit]) -> Result<Self> {
        let mut tally = Self { files: edits.len(), ..Self::default() };
        for edit in edits {
            let file: PathBuf = work.join(&edit.file);
            let found = fs::read(&file).with_context(|| format!("`{}`", file.display()))?;
            if found == edit.after.as_bytes() {
                tally.exact += 1;
            } else if found == edit.before.as_bytes() {
                tally.unedited += 1;
            } else {
                tally.unrelated_bytes += bytes_of_other_lines(edit.after.as_bytes(), &found);
            }
        }
        Ok(tally)
    }

    fn row(&self, name: &str) {
        let Self { files, exact, unedited, unrelated_bytes } = self;
        let otherwise = files - exact - unedited;
        println!("{name:<28} {files:>6} {exact:>11} {unedited:>11} {otherwise:>10} {unrelated_bytes:>16}");
    }
}

/// The bytes of all lines that only one of two texts has.
fn bytes_of_other_lines(wanted: &[u8], found: &[u8]) -> usize {
    let mut lines: BTreeMap<&[u8], i64> = BTreeMap::new();
    wanted.split_inclusive(|&byte| byte == b'\n').for_each(|line| *lines.entry(line).or_default() += 1);
    found.split_inclusive(|&byte| byte == b'\n').for_each(|line| *lines.entry(line).or_default() -= 1);
    lines.iter().map(|(line, count)| line.len() * count.unsigned_abs() as usize).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_lines_are_counted_by_their_bytes() {
        assert_eq!(bytes_of_other_lines(b"a\nb\n", b"b\na\n"), 0);
        assert_eq!(bytes_of_other_lines(b"a\nbb\n", b"a\nb\n"), 5);
        assert_eq!(bytes_of_other_lines(b"a\r\n", b"a\n"), 5);
    }
}
