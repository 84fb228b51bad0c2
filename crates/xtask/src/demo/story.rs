//! What happens in the demo, and what must be true of it.

use std::time::Duration;

use anyhow::{Result, anyhow, ensure};
use testbed::{Change, Load, LoadReport, Release, Runner};

use super::timeline::Timeline;
use super::world::{Artifact, COMPONENT, World, succeeded};

/// Users' requests per second.
const RATE: f64 = 80.0;
/// When users go home, whatever happens.
const LIMIT: Duration = Duration::from_secs(180);

/// Staging has no users, so only what the service says of itself can be checked there.
const STAGING: [&str; 2] = ["health URL/health", "version URL/version == release"];
const PRODUCTION: [&str; 4] = ["health URL/health", "version URL/version == release", "error-rate < 5%", "p95 < 250ms"];

pub(super) fn tell(runner: Runner) -> Result<()> {
    let timeline = Timeline::start();
    let time = &timeline;
    println!(
        "A release, end to end, on this machine only. Real: git, an OCI registry, a config repository, services under load, and a\n\
         reconciler that runs what the config repository says and undoes everything else."
    );

    time.chapter("The world");
    let world = World::make(runner)?;
    let users = Load::start(&world.reconciler.url("production"), RATE, LIMIT).map_err(|reason| anyhow!(reason))?;
    time.tell("reconciler", "shop 1.4.0 runs in staging and production, started from the digests in git");
    time.tell("users", &format!("{RATE} requests a second to production from now on"));

    time.chapter("A good release");
    let good = ship(time, &world, "feat: sell cake", Release::version("1.5.0"))?;
    let gate = time.wait(
        "watching production",
        || told(&users.snapshot()),
        || world.gate("production", &PRODUCTION, &[("duration", "6s"), ("interval", "500ms")]),
    );
    let gate = succeeded("rollback-gate", gate)?;
    ensure!(gate.output("verdict") == "promote", "the good release was not promoted: {}", gate.stdout);
    time.tell("rollback-gate", "promote: 1.5.0 is the verified release of production");
    let before = users.snapshot();
    time.tell("users", &told(&before));
    ensure!(before.server_errors() == 0 && before.transport_errors == 0, "users saw failures of a good release");

    time.chapter("A bad release: healthy by its own word, but a third of the requests fail and the rest are slow");
    let broken = Release { error_share: 0.3, latency_ms: 400, ..Release::version("1.6.0") };
    let bad = ship(time, &world, "feat: pay later", broken)?;
    let felt_from = time.seconds();
    let gate = time.wait(
        "watching production",
        || told(&users.snapshot()),
        || {
            let rollback =
                [("on-failure", "rollback"), ("duration", "30s"), ("interval", "500ms"), ("restore-time", "20s")];
            world.gate("production", &PRODUCTION, &rollback)
        },
    );
    ensure!(gate.code == 1, "the gate exited with {}:\n{}\n{}", gate.code, gate.stdout, gate.stderr);
    ensure!(gate.output("verdict") == "rollback", "the bad release got the verdict {}", gate.output("verdict"));
    ensure!(gate.output("rolled-back") == "true", "nothing was rolled back: {}", gate.stdout);
    time.tell("rollback-gate", &format!("rollback: {}", gate.output("reason")));
    time.tell("rollback-gate", "put 1.5.0 back into the config repository and watched it come back");
    let restored_at = time.seconds();

    time.chapter("What is true now");
    let running = world.reconciler.running("production").ok_or_else(|| anyhow!("nothing runs in production"))?;
    ensure!(running.digest == good.digest, "production runs {}", running.digest);
    let commit = running.config_commit.unwrap_or_default();
    time.tell(
        "reconciler",
        &format!(
            "runs shop {} {} because of config commit {}",
            running.version,
            short(&running.digest),
            start(&commit)
        ),
    );
    let after_rollback = users.snapshot();
    time.wait("users go on for two seconds", || told(&users.snapshot()), || std::thread::sleep(Duration::from_secs(2)));
    let later = users.snapshot();
    let failed = later.server_errors() - after_rollback.server_errors();
    let asked = later.requests() - after_rollback.requests();
    time.tell("users", &format!("{failed} of {asked} requests failed since the rollback"));
    ensure!(failed == 0 && asked > 0, "users still see failures after the rollback");
    let hurt = later.server_errors() - before.server_errors();
    time.tell(
        "users",
        &format!("{hurt} requests failed in all, within {:.1} s of the bad release", restored_at - felt_from),
    );
    ensure!(hurt > 0, "nobody felt the bad release, so nothing was proved");
    ensure!(later.transport_errors == 0, "{} connections were cut off", later.transport_errors);

    world.reconciler.tamper("production", &bad.digest).map_err(|reason| anyhow!(reason))?;
    let healed = |change: &Change| matches!(change, Change::Healed { running } if running.digest == good.digest);
    world
        .reconciler
        .wait_for_event(Duration::from_secs(10), |event| healed(&event.change))
        .map_err(|reason| anyhow!(reason))?;
    time.tell("somebody", "started 1.6.0 by hand; the reconciler put 1.5.0 back, because git says so");

    let again = world.deploy(&bad, "production");
    ensure!(again.code == 1, "1.6.0 was deployed again (exit {}): {}{}", again.code, again.stdout, again.stderr);
    time.tell("config-updater", "refuses to deploy 1.6.0 again: it was rolled back");

    time.chapter("The record, in git");
    print_record(&world);
    let report = users.stop();
    println!(
        "\nDone in {:.0} s. {} requests, {} failed, {} cut off.",
        time.seconds(),
        report.requests(),
        report.server_errors(),
        report.transport_errors
    );
    Ok(())
}

/// Takes a change from its commit to production.
fn ship(time: &Timeline, world: &World, message: &str, mut release: Release) -> Result<Artifact> {
    world.merge(message, "src/shop.txt", &format!("{message}\n"));
    time.tell("developer", &format!("merges \"{message}\""));
    let bump = world.release()?;
    ensure!(bump.output("released") == "true", "no release was made: {}", bump.stdout);
    ensure!(bump.output("version") == release.version, "the version is {}", bump.output("version"));
    release.version = bump.output("version").to_owned();
    time.tell(
        "version-bump",
        &format!(
            "{} → {} ({}), tagged {}",
            bump.output("previous-version"),
            release.version,
            bump.output("bump"),
            bump.output("tag")
        ),
    );
    let artifact = world.build(&release)?;
    time.tell("image-tag", &format!("{}:{} is {}", world.image(), artifact.version, short(&artifact.digest)));
    for environment in ["staging", "production"] {
        let written = succeeded("config-updater", world.deploy(&artifact, environment))?;
        time.tell(
            "config-updater",
            &format!("{environment}: one line changed in config commit {}", start(written.output("commit"))),
        );
        world.synced(&artifact, environment)?;
        time.tell("reconciler", &format!("{environment}: runs {}", short(&artifact.digest)));
        if environment == "staging" {
            let quick = [("duration", "2s"), ("interval", "500ms")];
            let gate = succeeded("rollback-gate", world.gate(environment, &STAGING, &quick))?;
            time.tell("rollback-gate", &format!("{environment}: {}", gate.output("verdict")));
        }
    }
    Ok(artifact)
}

fn print_record(world: &World) {
    let record = format!("refs/slipway/production/{COMPONENT}");
    println!("git log {record}");
    for verdict in world.config.log(&record) {
        println!("  {}  {}", start(&verdict.id), verdict.subject);
    }
    println!("git log main");
    for commit in world.config.log("main") {
        println!("  {}  {}", start(&commit.id), commit.subject);
    }
}

fn told(report: &LoadReport) -> String {
    let p95 = report.percentile(0.95).as_millis();
    format!("{} requests so far, {} failed, p95 {p95} ms", report.requests(), report.server_errors())
}

fn short(digest: &str) -> &str {
    digest.get(..19).unwrap_or(digest)
}

fn start(commit: &str) -> &str {
    commit.get(..8).unwrap_or(commit)
}
