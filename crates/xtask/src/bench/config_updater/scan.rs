//! An image set in a hundred files of ten thousand: processor time and memory, natively and under Node.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::peers::PEERS;
use crate::bench::measure::{self, Usage};
use crate::verify::tools;
use crate::workspace;

/// Limits of processor time, natively and under Node.
const LIMITS: [Duration; 2] = [Duration::from_millis(500), Duration::from_millis(1500)];
/// What memory may be taken beside four times the largest file and the edited bytes.
const MEMORY: u64 = 16 << 20;
/// How many files the other programs are given; their time for all is reckoned from that.
const SAMPLE: usize = 300;
/// One file of so many names the image.
const ONE_OF: usize = 100;

/// Prints a table, and returns whether a limit is exceeded.
pub(super) fn run(root: &Path, program: &Path, folder: &Path, is_quick: bool) -> Result<bool> {
    let count = if is_quick { 1_000 } else { 10_000 };
    let work = tempfile::tempdir_in(folder).context("no folder for the manifests")?;
    let mut largest = 0;
    for number in 0..count {
        largest = largest.max(write(work.path(), number)?);
    }
    let edited = (largest * count.div_ceil(ONE_OF)) as u64;
    let allowed = MEMORY + 4 * (largest as u64 + edited);
    println!("\n{count} manifests, {} of them name the image", count / ONE_OF);
    println!("{:<28} {:>9} {:>9} {:>12} {:>12}", "", "CPU ms", "limit", "MB over idle", "limit");
    let mut exceeded = false;
    let entry = testbed::dist().join("config-updater/index.js");
    let node = tools::node(root)?;
    let ways: [(&str, Vec<&Path>); 2] =
        [("config-updater", vec![program]), ("config-updater, dist", vec![node.as_path(), entry.as_path()])];
    for ((name, arguments), limit) in ways.iter().zip(LIMITS) {
        let idle = tempfile::tempdir_in(folder)?;
        write(idle.path(), 0)?;
        let at_rest = least(3, || run_on(arguments, idle.path()))?;
        let used = least(5, || run_on(arguments, work.path()))?;
        let memory = used.peak_memory.saturating_sub(at_rest.peak_memory);
        let is_over = used.processor_time > limit || memory > allowed;
        exceeded |= is_over;
        println!(
            "{name:<28} {:>9.0} {:>9.0} {:>12.1} {:>12.1} {}",
            measure::milliseconds(used.processor_time),
            measure::milliseconds(limit),
            memory as f64 / 1e6,
            allowed as f64 / 1e6,
            if is_over { "EXCEEDED" } else { "" }
        );
    }
    for peer in PEERS.iter().filter(|peer| peer.is_library) {
        let path = json!(["spec", "template", "spec", "containers", 0, "image"]);
        let job = |number| -> Value {
            let file = work.path().join(file_name(number)).to_string_lossy().into_owned();
            json!({ "file": file, "document": 0, "path": path, "value": "ghcr.io/acme/shop:2.0.0" })
        };
        let jobs: Vec<Value> = (0..SAMPLE.min(count)).map(job).collect();
        let list = work.path().join("jobs.json");
        workspace::write(&list, Value::Array(jobs).to_string().as_bytes())?;
        let used = measure::usage(&mut (peer.edit)(folder, &list))?;
        let all = used.processor_time.mul_f64(count as f64 / SAMPLE.min(count) as f64);
        let name = format!("{} {}", peer.name, peer.version);
        println!(
            "{name:<28} {:>9.0}   reckoned from {} files, every one of them parsed",
            measure::milliseconds(all),
            SAMPLE.min(count)
        );
    }
    Ok(exceeded)
}

/// The run that needed least of several; each sets what the one before it did not.
fn least(runs: usize, run: impl Fn() -> Result<Usage>) -> Result<Usage> {
    let mut least: Option<Usage> = None;
    for _ in 0..runs {
        let used = run()?;
        least = Some(least.map_or(used, |least| Usage {
            processor_time: least.processor_time.min(used.processor_time),
            // Memory is what a run may take at worst.
            peak_memory: least.peak_memory.max(used.peak_memory),
        }));
    }
    least.context("no run")
}

fn file_name(number: usize) -> String {
    format!("team{}/app{number}.yaml", number / 100)
}

/// Writes a manifest as they are on average, and gives its length.
fn write(folder: &Path, number: usize) -> Result<usize> {
    let image = if number.is_multiple_of(ONE_OF) { "ghcr.io/acme/shop:1.0.0" } else { "ghcr.io/acme/other:1.0.0" };
    let mut text = format!(
        "# app {number}\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app{number}\n  labels: {{app: app{number}}}\nspec:\n  \
         template:\n    spec:\n      containers:\n        - name: app\n          image: {image} # deployed\n          env:\n"
    );
    for variable in 0..20 {
        text += &format!("            - name: SETTING_{variable}\n              value: \"{}\"\n", number * variable);
    }
    workspace::write(&folder.join(file_name(number)), text.as_bytes())?;
    Ok(text.len())
}

/// Gives the image the version that it does not have.
fn run_on(arguments: &[&Path], folder: &Path) -> Result<Usage> {
    let is_old = workspace::read_text(&folder.join(file_name(0)))?.contains("shop:1.0.0");
    let mut command = Command::new(arguments[0]);
    command.args(&arguments[1..]).current_dir(folder);
    measure::outside_any_job(&mut command);
    command.env("INPUT_MODE", "write").env("INPUT_FILES", "**/*.yaml");
    command.env("INPUT_IMAGES", if is_old { "ghcr.io/acme/shop:2.0.0" } else { "ghcr.io/acme/shop:1.0.0" });
    let used = measure::usage(&mut command)?;
    let is_still_old = workspace::read_text(&folder.join(file_name(0)))?.contains("shop:1.0.0");
    ensure!(is_old != is_still_old, "the image was not set");
    Ok(used)
}
