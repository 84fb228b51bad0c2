//! `cargo xtask bench version-bump`: the time to the next version, beside git alone and other programs of its kind, and what a
//! shallow clone fetches for it.

mod history;
mod peers;
mod transfer;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::measure::{self, milliseconds};
use crate::process;
use history::History;
use peers::{PEERS, Peer};

/// How much longer than git alone we may take: this factor, and this much for the program itself.
const FACTOR: f64 = 1.3;
const ALLOWANCE: Duration = Duration::from_millis(10);
/// What may be fetched into a shallow clone, in bytes of packs.
const PACK_LIMIT: u64 = 50_000;
/// A program that has taken so long all in all does not run again.
const PATIENCE: Duration = Duration::from_secs(8);
/// A run that takes longer is ended.
const TOO_SLOW: Duration = Duration::from_secs(60);

const QUICK: &[History] =
    &[History { commits: 1_000, tags: 10, since: 50 }, History { commits: 10_000, tags: 1_000, since: 50 }];
const FULL: &[History] = &[
    History { commits: 1_000, tags: 10, since: 50 },
    History { commits: 10_000, tags: 1_000, since: 50 },
    History { commits: 100_000, tags: 100, since: 50 },
    History { commits: 100_000, tags: 5_000, since: 50 },
    History { commits: 100_000, tags: 100, since: 10_000 },
    History { commits: 1_000_000, tags: 10, since: 50 },
    History { commits: 1_000_000, tags: 5_000, since: 50 },
];

/// Prints a table for every history, and returns whether a limit is exceeded.
pub(super) fn run(root: &Path, is_quick: bool) -> Result<bool> {
    let folder = root.join("target/bench");
    let program = build(root)?;
    for peer in PEERS {
        (peer.install)(&folder)?;
    }
    let mut exceeded = false;
    for history in if is_quick { QUICK } else { FULL } {
        let repository = history.repository(&folder.join("histories"))?;
        let History { commits, tags, since } = history;
        println!("\n{commits} commits, {tags} tags, {since} commits since the last");
        println!("{:<52} {:>9} {:>9} {:>9}", "ms, the fastest of some runs", "fastest", "median", "of git's");
        exceeded |= time_side_by_side(&program, &repository, &folder, is_quick)?;
    }
    let history = if is_quick { QUICK[1] } else { FULL[2] };
    let fetched = transfer::of_shallow_clone(&program, &history.repository(&folder.join("histories"))?)?;
    let over = fetched.packs > PACK_LIMIT;
    let mark = if over { "  EXCEEDED" } else { "" };
    println!(
        "\nfetched into a clone of depth 1: {} commits, {} since the last of {} tags",
        history.commits, history.since, history.tags
    );
    println!("packs {} bytes, limit {PACK_LIMIT}{mark}; tags and the rest {} bytes", fetched.packs, fetched.rest);
    Ok(exceeded || over)
}

/// Prints how long git, ours and the others take, and returns whether ours takes too long. They take turns, so that the machine's
/// moods hit all of them.
fn time_side_by_side(program: &Path, repository: &Path, folder: &Path, is_quick: bool) -> Result<bool> {
    let (mut floor, mut own) = (Vec::new(), Vec::new());
    for _ in 0..if is_quick { 11 } else { 31 } {
        floor.push(peers::floor(repository)?.iter_mut().map(measure::time).sum::<Result<Duration>>()?);
        own.push(measure::time(&mut ours(program, repository))?);
    }
    let least = fastest(&floor);
    let limit = least.mul_f64(FACTOR) + ALLOWANCE;
    let exceeded = fastest(&own) > limit;
    row("git describe, git log", &floor, least, "");
    row("version-bump", &own, least, if exceeded { "EXCEEDED" } else { "" });
    for peer in PEERS {
        let name = format!("{} ({})", peer.name, peer.version);
        match time_peer(peer, folder, repository)? {
            Some(times) => row(&name, &times, least, ""),
            None => println!("{name:<52} ended after {} s", TOO_SLOW.as_secs()),
        }
    }
    println!("limit for version-bump: {:.1} ms", milliseconds(limit));
    Ok(exceeded)
}

fn time_peer(peer: &Peer, folder: &Path, repository: &Path) -> Result<Option<Vec<Duration>>> {
    let started = Instant::now();
    let mut times = Vec::new();
    while times.is_empty() || (started.elapsed() < PATIENCE && times.len() < 11) {
        match measure::time_within(&mut (peer.command)(folder, repository), TOO_SLOW)? {
            Some(time) => times.push(time),
            None => return Ok(None),
        }
    }
    Ok(Some(times))
}

fn row(name: &str, times: &[Duration], floor: Duration, remark: &str) {
    let (best, middle) = (fastest(times), measure::median(times.to_vec()));
    let ratio = best.as_secs_f64() / floor.as_secs_f64();
    println!("{name:<52} {:>9.1} {:>9.1} {ratio:>8.1}x {remark}", milliseconds(best), milliseconds(middle));
}

fn fastest(times: &[Duration]) -> Duration {
    times.iter().min().copied().unwrap_or_default()
}

/// Builds the native program as it is released.
fn build(root: &Path) -> Result<PathBuf> {
    process::run(Command::new("cargo").current_dir(root).args([
        "build",
        "--release",
        "--locked",
        "-p",
        "version-bump",
    ]))?;
    let program = root.join("target/release").join(format!("version-bump{}", std::env::consts::EXE_SUFFIX));
    ensure!(program.is_file(), "`{}` was not built", program.display());
    Ok(program)
}

/// Our program in a repository, outside any job.
fn ours(program: &Path, repository: &Path) -> Command {
    let mut command = Command::new(program);
    measure::outside_any_job(&mut command);
    command.current_dir(repository).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    command
}
