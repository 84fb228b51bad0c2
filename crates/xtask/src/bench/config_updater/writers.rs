//! So many jobs at once on one branch, each with one change to the same dense file: what lands, and what it costs the server.

use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tempfile::TempDir;
use testbed::{BareRepository, Dropped, GitServer, Repository};

use crate::bench::measure;

/// Limits for a hundred jobs, of pushes to the branch and of writes of all kinds that the server takes.
const LIMITS: (usize, usize) = (30, 200);
/// So many pushes a minute GitHub recommends for a repository.
const PACE: usize = 6;
/// A storm that takes longer is ended: nobody waits so long for a deployment.
const TOO_LONG: Duration = Duration::from_secs(5 * 60);
const TOKEN: &str = "github_pat_of_the_deploy_user";
const FILE: &str = "envs/production/all.yaml";

/// What most pipelines do.
const PLAIN: &str = r#"
git clone --quiet --depth 20 "$URL" work && cd work || exit 1
sed -i "/^$NAME:/{n;s/1.0.0/2.0.0/}" envs/production/all.yaml
git commit --quiet -a -m "Deploy $NAME" || exit 1
for attempt in 1 2 3 4 5; do
  git push --quiet && exit 0
  git pull --quiet --rebase || exit 1
done
exit 1
"#;

/// One way to write.
struct Way {
    name: &'static str,
    /// One push in so many is dropped by the server.
    dropped: Option<usize>,
    is_ours: bool,
}

const WAYS: [Way; 3] = [
    Way { name: "git pull --rebase && git push, 5 tries", dropped: None, is_ours: false },
    Way { name: "config-updater", dropped: None, is_ours: true },
    Way { name: "config-updater, one push in five dropped", dropped: Some(5), is_ours: true },
];

/// What a storm came to.
struct Storm {
    succeeded: usize,
    landed: usize,
    twice: usize,
    tried: usize,
    dropped: Dropped,
    branch: usize,
    taken: usize,
    time: Duration,
    /// Writers that had to be ended.
    ended: usize,
}

impl Storm {
    /// What ours may not come to.
    fn is_over_limits(&self, way: &Way, writers: usize) -> bool {
        let all_landed = self.succeeded == writers && self.landed == writers && self.twice == 0;
        let was_dropped = self.dropped.before > 0 && self.dropped.after > 0;
        !all_landed || self.branch > LIMITS.0 || self.taken > LIMITS.1 || way.dropped.is_some() != was_dropped
    }
}

/// Prints the table, and returns whether a limit is exceeded.
pub(super) fn run(program: &Path, is_quick: bool) -> Result<bool> {
    let writers = if is_quick { 20 } else { 100 };
    println!("\n{writers} writers at once, one branch, one file");
    println!(
        "{:<42} {:>6} {:>6} {:>5} {:>6} {:>8} {:>7} {:>6} {:>7} {:>12}",
        "", "exit 0", "landed", "twice", "pushes", "dropped", "branch", "writes", "s", "min at 6/min"
    );
    let mut exceeded = false;
    for way in &WAYS {
        let storm = storm(way, writers, program)?;
        let is_over = way.is_ours && storm.is_over_limits(way, writers);
        exceeded |= is_over;
        println!(
            "{:<42} {:>6} {:>6} {:>5} {:>6} {:>8} {:>7} {:>6} {:>7.1} {:>5.1} ({:>4.1}){}{}",
            way.name,
            storm.succeeded,
            storm.landed,
            storm.twice,
            storm.tried,
            format!("{} + {}", storm.dropped.before, storm.dropped.after),
            storm.branch,
            storm.taken,
            storm.time.as_secs_f64(),
            minutes(storm.branch),
            minutes(storm.taken),
            if storm.ended > 0 {
                format!("  {} ended after {} s", storm.ended, TOO_LONG.as_secs())
            } else {
                String::new()
            },
            if is_over { "  EXCEEDED" } else { "" }
        );
    }
    println!(
        "pushes: requests to push that reached the server; dropped: those that it dropped, before and after git took them; branch: \
         pushes to the branch that it took; writes: pushes of all kinds that it took; min: for the pushes to the branch, in brackets \
         for all writes. Limits for config-updater: all land, none twice, branch {}, writes {}; where pushes are to be dropped, both \
         kinds must have been",
        LIMITS.0, LIMITS.1
    );
    Ok(exceeded)
}

fn minutes(pushes: usize) -> f64 {
    pushes as f64 / PACE as f64
}

fn storm(way: &Way, writers: usize, program: &Path) -> Result<Storm> {
    let before: String = (0..writers).map(|number| format!("c{number}:\n  image: acme/c{number}:1.0.0\n")).collect();
    let work = Repository::new();
    work.commit_files("chore: begin", &[(FILE, &before)]);
    let bare = work.bare_clone();
    bare.note_pushes();
    let server = GitServer::start(TOKEN);
    server.add("acme/config", &bare);
    if let Some(every) = way.dropped {
        server.drop_one_push_in(every);
    }
    let folder = TempDir::with_prefix("writers-")?;
    let started = Instant::now();
    let mut jobs = Vec::new();
    for number in 0..writers {
        let name = format!("c{number}");
        let place = folder.path().join(&name);
        std::fs::create_dir(&place)?;
        let mut command = if way.is_ours { ours(program, &name) } else { plain(&server, &name) };
        measure::outside_any_job(&mut command);
        if way.is_ours {
            command.env("GITHUB_SERVER_URL", server.url());
        }
        command.current_dir(&place).env("HOME", &place).env("TMPDIR", &place);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        jobs.push(command.spawn().context("a writer does not start")?);
    }
    let (statuses, ended) = wait(jobs, started)?;
    let time = started.elapsed();
    let after = bare.read("main", FILE).unwrap_or_default();
    Ok(Storm {
        succeeded: statuses.iter().filter(|status| status.success()).count(),
        landed: after.matches(":2.0.0").count(),
        twice: deployed_twice(&bare, writers),
        tried: server.pushes(),
        dropped: server.dropped(),
        branch: bare.taken_pushes().iter().filter(|refs| refs.iter().any(|name| name == "refs/heads/main")).count(),
        taken: bare.taken_pushes().len(),
        time,
        ended,
    })
}

/// How many commits are of a component that has one already.
fn deployed_twice(bare: &BareRepository, writers: usize) -> usize {
    let log = bare.log("main");
    let named = |number: usize| {
        let (ours, plain) = (format!("Deploy c{number} 2.0.0 to production"), format!("Deploy c{number}"));
        log.iter().filter(|commit| commit.subject == ours || commit.subject == plain).count()
    };
    (0..writers).map(|number| named(number).saturating_sub(1)).sum()
}

fn plain(server: &GitServer, name: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", PLAIN]).env("URL", server.authorized_url("acme/config")).env("NAME", name);
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_TERMINAL_PROMPT", "0");
    for (key, value) in [("GIT_AUTHOR_NAME", name), ("GIT_AUTHOR_EMAIL", "a@example.com")] {
        command.env(key, value).env(key.replace("AUTHOR", "COMMITTER"), value);
    }
    command
}

fn ours(program: &Path, name: &str) -> Command {
    let mut command = Command::new(program);
    command.args(["--mode", "push", "--images", &format!("acme/{name}:2.0.0"), "--files", FILE]);
    command.args(["--environment", "production", "--component", name, "--config-repository", "acme/config"]);
    command.args(["--github-token", TOKEN]);
    command
}

/// Waits for every job; whoever still runs at the limit is ended. Gives how they ended, and how many were.
fn wait(mut jobs: Vec<Child>, started: Instant) -> Result<(Vec<ExitStatus>, usize)> {
    let (mut statuses, mut ended) = (Vec::new(), 0);
    while !jobs.is_empty() {
        let late = started.elapsed() > TOO_LONG;
        let mut running = Vec::new();
        for mut job in jobs {
            match job.try_wait()? {
                Some(status) => statuses.push(status),
                None if late => {
                    job.kill()?;
                    ended += 1;
                    statuses.push(job.wait()?);
                }
                None => running.push(job),
            }
        }
        jobs = running;
        thread::sleep(Duration::from_millis(20));
    }
    Ok((statuses, ended))
}
