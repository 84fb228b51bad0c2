//! `cargo xtask bench workflows`: how long users are without a good release, and how much of a pipeline's time is ours. The workflows run
//! under act, as a consumer's, with `dist/`.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use testbed::{ActJob, ActRun, Load, Release, Repository, Site, workspace};

use super::measure::median;

/// From the deployment of the bad release to the verdict that the restored one is healthy.
const RESTORED_LIMIT: Duration = Duration::from_secs(80);
/// The steps of our actions in a green run, without the time that the gate watches.
const OWN_LIMIT: Duration = Duration::from_secs(5);
/// How often the reconciler looks at the config repository.
const POLL: Duration = Duration::from_secs(3);
/// Requests a second.
const RATE: f64 = 100.0;
/// Each run begins at another point of the reconciler's interval and of the pattern of errors.
const SEEDS: [u32; 5] = [0, 1, 2, 3, 4];
/// How far apart the seeds are.
const OFFSET: Duration = Duration::from_millis(700);
/// Where a consumer has its workflow.
const WORKFLOW: &str = ".github/workflows/bench.yml";

/// Prints the tables, and returns whether a limit is exceeded.
pub(super) fn run(_: &Path, is_quick: bool) -> Result<bool> {
    let seeds = if is_quick { &SEEDS[..1] } else { &SEEDS[..] };
    let poll = POLL.as_secs();
    println!(
        "bad release → restored and healthy: five times the errors, {RATE} requests/s, a reconciler that looks every {poll} s"
    );
    let mut times = Vec::new();
    for seed in seeds {
        let time = restored_in(*seed)?;
        println!("  run {seed}                {:>6.1} s", time.as_secs_f64());
        times.push(time);
    }
    let middle = median(times);
    println!("  median               {:>6.1} s (limit {} s)", middle.as_secs_f64(), RESTORED_LIMIT.as_secs());

    println!("the actions' own share of a green run from a commit to production");
    let mut own = Duration::ZERO;
    for (name, time) in own_share()? {
        println!("  {name:<20} {:>6.2} s", time.as_secs_f64());
        own += time;
    }
    println!("  in all               {:>6.2} s (limit {} s)", own.as_secs_f64(), OWN_LIMIT.as_secs());
    Ok(middle > RESTORED_LIMIT || own > OWN_LIMIT)
}

/// Runs the drill: of the requests to a canary five in a hundred fail, beside one in a hundred in stable.
fn restored_in(seed: u32) -> Result<Duration> {
    let site = Site::start(&["stable", "canary"], POLL);
    let steady = |version: &str, error_share| Release { error_share, ..Release::version(version) };
    for environment in ["stable", "canary"] {
        site.verify(environment, &steady("1.5.0", 0.01));
    }
    let [stable, canary] = ["stable", "canary"].map(|environment| site.reconciler.url(environment));
    let users = [&stable, &canary].map(|url| Load::start(url, RATE, Duration::from_secs(600)));
    ensure!(users.iter().all(Result::is_ok), "the users cannot reach the site");
    std::thread::sleep(OFFSET * seed);
    let bad = format!("ghcr.io/acme/shop@{}", site.push(&steady("0.0.0-bad", 0.05)));
    let workflow = format!(
        "name: drill\non: workflow_dispatch\n\
         jobs:\n  \
           drill:\n    \
             uses: {slipway}/.github/workflows/drill.yml@v0\n    \
             with:\n      \
               environment: canary\n      \
               component: shop\n      \
               bad-image: {bad}\n      \
               duration: 5m\n      \
               interval: 5s\n      \
               rto: 5m\n      \
               config-repository: acme/config\n      \
               canary: {canary}/metrics\n      \
               stable: {stable}/metrics\n      \
               checks: |\n        \
                 health {canary}/health\n        \
                 version {canary}/version == 0.0.0-bad\n    \
             secrets:\n      \
               CONFIG_TOKEN: ${{{{ secrets.CONFIG_TOKEN }}}}\n",
        slipway = testbed::SLIPWAY,
    );
    let consumer = Repository::new();
    consumer.commit_files("ci: drill", &[(WORKFLOW, &workflow)]);
    let run = act(&site, &consumer, "workflow_dispatch", &json!({}), &[]);
    ensure!(run.succeeded, "the drill failed:\n{}", run.log);
    let seconds = run.output("drill/drill", "restored-in").context("the drill measured nothing")?;
    Ok(Duration::from_secs(seconds.parse().context("`restored-in` is not a number of seconds")?))
}

/// Runs the README's pipeline for a release, and gives the time of our steps in it, by job and action.
fn own_share() -> Result<Vec<(String, Duration)>> {
    const WATCH: &str = "duration: 5m\n";
    let site = Site::start(&["staging", "production"], Duration::from_millis(100));
    let readme = std::fs::read_to_string(workspace().join("README.md")).context("`README.md`")?;
    let shown = readme.split_once("```yaml\nname: Release\n").and_then(|(_, rest)| rest.split_once("```\n"));
    let (workflow, _) = shown.context("`README.md` shows no workflow `Release`")?;
    ensure!(workflow.contains(WATCH), "the README's gate no longer says `{WATCH}`");
    let workflow = format!("name: Release\n{}", workflow.replace(WATCH, "duration: 6s\n          interval: 1s\n"));
    let developer = Repository::new();
    developer.commit_files("feat: sell tea", &[("release.json", "{}\n"), (WORKFLOW, &workflow)]);
    developer.annotated_tag("v1.4.0", "Release 1.4.0");
    developer.commit_files("feat: sell cake", &[("cake.txt", "cake\n")]);
    site.git.add("acme/shop", &developer.bare_clone());
    let checkout = Repository::clone_from(&site.git.repository_url("acme/shop"), Some(1));
    let urls = ["staging", "production"].map(|environment| site.reconciler.url(environment));
    let users: Vec<_> = urls.iter().map(|url| Load::start(url, RATE, Duration::from_secs(300))).collect();
    ensure!(users.iter().all(Result::is_ok), "the users cannot reach the site");
    let event = json!({
        "ref": "refs/heads/main",
        "after": checkout.head(),
        "repository": {
            "name": "shop",
            "full_name": "acme/shop",
            "html_url": format!("{}/acme/shop", site.git.url()),
            "description": "Tea and cake",
            "license": null,
            "default_branch": "main",
        },
    });
    let run = act(&site, &checkout, "push", &event, &[("STAGING_URL", &urls[0]), ("PRODUCTION_URL", &urls[1])]);
    ensure!(run.succeeded, "the pipeline failed:\n{}", run.log);
    let ours = run.steps.iter().filter(|step| step.name.contains(testbed::SLIPWAY) && step.result == "success");
    ours.map(|step| {
        let action = step.name.split('@').next().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
        let watched = if action == "rollback-gate" { watched(&run, &step.job)? } else { Duration::ZERO };
        let took = Duration::from_nanos(step.nanoseconds).saturating_sub(watched);
        Ok((format!("{} {action}", step.job), took))
    })
    .collect()
}

/// How long the gate of a job watched: when its last look was.
fn watched(run: &ActRun, job: &str) -> Result<Duration> {
    let said: Value = serde_json::from_str(run.output(job, "json").context("the gate gave no `json`")?)?;
    let last = said["plan"]["looks"].as_array().and_then(|looks| looks.last()?["at"].as_u64());
    Ok(Duration::from_millis(last.context("the gate never looked")?))
}

fn act(site: &Site, consumer: &Repository, event_name: &str, event: &Value, variables: &[(&str, &str)]) -> ActRun {
    let (server, registry) = (site.git.url(), site.registry.url());
    let job = ActJob {
        secrets: &[("GITHUB_TOKEN", Site::TOKEN), ("CONFIG_TOKEN", Site::TOKEN)],
        variables,
        environment: &[
            ("GITHUB_SERVER_URL", &server),
            ("GITHUB_API_URL", "http://127.0.0.1:1"),
            ("GITHUB_REPOSITORY", "acme/shop"),
            ("TESTBED_REGISTRY", &registry),
        ],
        limit: Duration::from_secs(600),
        ..ActJob::new(WORKFLOW, event_name, event)
    };
    job.run(consumer.path())
}
