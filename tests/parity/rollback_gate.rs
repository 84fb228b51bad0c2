use std::time::Duration;

use serde_json::Value;
use testbed::{
    ActionRun, BareRepository, GateCase, GitServer, Load, Reconciler, Registry, Release, Repository, Runner, Settings,
    binary, run_action,
};

use crate::{NOW, both};

const MANIFEST: &str = "envs/production/shop.yaml";
const RECORD: &str = "refs/slipway/production/shop";
const LIMIT: Duration = Duration::from_secs(15);

/// A service that follows a config repository, and its users.
struct World {
    work: Repository,
    bare: BareRepository,
    server: GitServer,
    registry: Registry,
    reconciler: Reconciler,
    _users: Load,
}

impl World {
    /// A world in which 1.0.0 is deployed.
    fn new() -> Self {
        let work = Repository::new();
        work.commit_files("chore: begin", &[("README.md", "# Config\n")]);
        let bare = work.bare_clone();
        let server = GitServer::start("s3cret");
        server.add("acme/config", &bare);
        let registry = Registry::start();
        let mut settings = Settings::new(bare.path().to_str().unwrap(), registry.url(), binary("sample-service"));
        settings.interval = Duration::from_millis(50);
        let reconciler = Reconciler::start(settings.environment("production", MANIFEST));
        let users = Load::start(&reconciler.url("production"), 150.0, Duration::from_secs(60)).unwrap();
        let world = Self { work, bare, server, registry, reconciler, _users: users };
        world.deploy(&Release::version("1.0.0"));
        world
    }

    /// Deploys a release with the trailers of a deployment, and waits until it is in service.
    fn deploy(&self, release: &Release) {
        let digest = self.registry.push("acme/shop", &release.version, release.to_bytes(), "0000");
        let image = format!("ghcr.io/acme/shop:{}@{digest}", release.version);
        let message = format!(
            "Deploy shop {0}\n\nRelease-Component: shop\nRelease-Version: {0}\nRelease-Image: {image}\nRelease-Environment: production",
            release.version
        );
        self.work.commit_files(&message, &[(MANIFEST, &format!("replicas: 2\nimage: {image}\n"))]);
        self.work.git(&["push", "--quiet", self.bare.path().to_str().unwrap(), "HEAD:main"]);
        self.reconciler.wait_for("production", &digest, LIMIT).unwrap();
    }

    /// Runs the gate with quick looks.
    fn gate(&self, runner: Runner, inputs: &[(&str, &str)]) -> ActionRun {
        let url = self.reconciler.url("production");
        let checks = format!("health {url}/health\nversion {url}/version == release\nerror-rate < 5%");
        let metrics = format!("{url}/metrics");
        let usual = [
            ("environment", "production"),
            ("component", "shop"),
            ("checks", checks.as_str()),
            ("metrics-url", &metrics),
            ("duration", "1600ms"),
            ("interval", "400ms"),
            ("restore-time", "15s"),
            ("config-repository", "acme/config"),
            ("github-token", "s3cret"),
        ];
        let inputs: Vec<(&str, String)> = usual
            .into_iter()
            .filter(|(name, _)| inputs.iter().all(|(given, _)| given != name))
            .chain(inputs.iter().copied())
            .map(|(name, value)| (name, value.replace("SERVICE", &url)))
            .collect();
        let inputs: Vec<(&str, &str)> = inputs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let variables = [NOW, ("GITHUB_SERVER_URL", &self.server.url())];
        run_action(runner, "rollback-gate", &inputs, &variables, self.work.path())
    }

    /// What a run did, without what no two runs share.
    fn comparable(&self, mut run: ActionRun) -> ActionRun {
        for (name, value) in &mut run.outputs {
            *value = if name == "json" { self.same_json(value) } else { self.same(value) };
        }
        run.summary = without_counts(&self.same(&run.summary));
        let refs = self.bare.refs();
        for (name, branch) in [("log of main", "refs/heads/main"), ("log of the record", RECORD)] {
            let log = if refs.contains_key(branch) { self.bare.log(branch) } else { Vec::new() };
            let messages: String = log.into_iter().map(|commit| commit.message + "\n\n").collect();
            run.outputs.insert(name.into(), self.same(&messages));
        }
        if let Some(evidence) = self.bare.read(RECORD, "verdict.json") {
            run.outputs.insert("verdict.json".into(), self.same_json(&evidence));
        }
        run
    }

    /// A text without addresses, ids that hash times and counts, counts of requests, times, and the words in which Node and
    /// Rust say that a connection failed.
    fn same(&self, text: &str) -> String {
        let url = self.reconciler.url("production");
        let mut text = text.replace(&self.server.url(), "SERVER").replace(&url, "SERVICE");
        let refs = self.bare.refs();
        for (name, reference) in [("main", "refs/heads/main"), ("record", RECORD)] {
            if !refs.contains_key(reference) {
                continue;
            }
            for (age, commit) in self.bare.log(reference).into_iter().enumerate() {
                let name = format!("{name}~{age}");
                text = text.replace(&commit.id, &name).replace(&commit.id[..SHORT], &name);
            }
        }
        text = masked_numbers(&text, " requests");
        text = masked_numbers(&text, " s");
        let lines = text.split('\n').map(|line| line.find(FAILED).map_or(line, |at| &line[..at + FAILED.len()]));
        lines.collect::<Vec<_>>().join("\n")
    }

    fn same_json(&self, json: &str) -> String {
        fn walk(value: &mut Value, same: &impl Fn(&str) -> String) {
            match value {
                Value::String(text) => *text = same(text),
                Value::Array(items) => items.iter_mut().for_each(|item| walk(item, same)),
                Value::Object(fields) => {
                    for (name, field) in fields {
                        match field {
                            Value::Number(_) if ["at", "samples", "took"].contains(&name.as_str()) => *field = 0.into(),
                            Value::String(_) if ["watched", "moved"].contains(&name.as_str()) => *field = Value::Null,
                            _ => walk(field, same),
                        }
                    }
                }
                _ => {}
            }
        }
        let mut value: Value = serde_json::from_str(json).unwrap();
        walk(&mut value, &|text| self.same(text));
        serde_json::to_string_pretty(&value).unwrap()
    }
}

/// What stands before the words of Node or Rust.
const FAILED: &str = "` failed: ";
/// How many digits of a commit's id are shown.
const SHORT: usize = 7;

/// A summary without the cells that count requests or draw what was measured, without charts, and without what moved, which has to do
/// with how fast this machine was.
fn without_counts(summary: &str) -> String {
    let (mut table, mut is_chart) = (String::new(), false);
    for line in summary.split_inclusive('\n') {
        is_chart = line.starts_with("```mermaid") || is_chart && !line.starts_with("```");
        table += if is_chart || line.starts_with("Look first at ") { "" } else { line };
    }
    let is_trend = |cell: &str| cell.chars().all(|c| ('▁'..='█').contains(&c));
    let is_count = |cell: &str| !cell.is_empty() && (cell.bytes().all(|byte| byte.is_ascii_digit()) || is_trend(cell));
    let cells = table.split(" | ").map(|cell| if is_count(cell) { "N" } else { cell });
    cells.collect::<Vec<_>>().join(" | ")
}

/// The text with every number that stands before `unit` replaced by `N`.
fn masked_numbers(text: &str, unit: &str) -> String {
    let mut parts = text.split(unit).peekable();
    let mut masked = String::new();
    while let Some(part) = parts.next() {
        let number = |c: char| c.is_ascii_digit() || c == '.';
        let kept = part.trim_end_matches(number);
        let is_number = parts.peek().is_some() && part[kept.len()..].starts_with(|c: char| c.is_ascii_digit());
        masked += if is_number { kept } else { part };
        masked += if is_number { "N" } else { "" };
        masked += if parts.peek().is_some() { unit } else { "" };
    }
    masked
}

/// A release that fails every user and is healthy by its own word.
fn bad() -> Release {
    Release { error_share: 1.0, ..Release::version("1.1.0") }
}

#[test]
fn plans_and_errors_of_inputs() {
    let world = World::new();
    let all = "health SERVICE/health == 200\nversion SERVICE/version == v1.0.0\nerror-rate <= 0%\np99 < 2s\nthroughput > 0.5/s";
    let none = "http://127.0.0.1:1/health";
    for (case, inputs, code) in [
        ("a plan", vec![("mode", "plan"), ("on-failure", "rollback")], 0),
        ("a plan with every check", vec![("mode", "plan"), ("checks", all)], 0),
        (
            "a plan without a record",
            vec![("mode", "plan"), ("environment", ""), ("component", ""), ("checks", "p50 < 1s")],
            0,
        ),
        ("a plan of what nobody answers", vec![("mode", "plan"), ("checks", &format!("health {none}"))], 0),
        ("a plan at an IPv6 address", vec![("mode", "plan"), ("checks", "health http://[::1]:1/health")], 0),
        ("a wrong check", vec![("checks", "error-rate < 5\nhealthy SERVICE\np95 < 2s")], 2),
        ("an address that cannot be", vec![("checks", "health http://[::1/health"), ("metrics-url", "http://a b/")], 2),
        ("a forbidden address", vec![("checks", "health http://0xa9.0xfe.0xa9.0xfe/latest")], 2),
        ("a host outside ASCII", vec![("mode", "plan"), ("checks", "health http://größe.example/")], 2),
        ("a repository that is nowhere", vec![("config-repository", "acme/cnfig")], 2),
        ("a component that is nowhere", vec![("component", "shp")], 2),
        ("a token that is wrong", vec![("github-token", "guess"), ("duration", "400ms")], 3),
    ] {
        let run = both(case, |runner| world.comparable(world.gate(runner, &inputs)));
        assert_eq!(run.code, code, "{case}: {}{}", run.stdout, run.stderr);
    }
}

#[test]
fn verdicts() {
    let run = both("a promotion and a rollback", |runner| {
        let world = World::new();
        let promoted = world.comparable(world.gate(runner, &[]));
        assert_eq!((promoted.code, promoted.output("verdict")), (0, "promote"), "{}", promoted.stdout);
        let progress = |line: &&str| line.contains(" left · health: ") && line.contains(" · error-rate: ");
        assert!(promoted.stdout.contains("0:00 · 0:01 left · health: good"), "{}", promoted.stdout);
        assert!(promoted.stdout.lines().filter(progress).count() >= 3, "{}", promoted.stdout);
        world.deploy(&bad());
        let mut run = world.gate(runner, &[("on-failure", "rollback"), ("reason", "größer | <b>")]);
        assert_eq!(world.reconciler.running("production").unwrap().version, "1.0.0", "{}", run.stdout);
        let again = world.gate(runner, &[("on-failure", "rollback")]);
        assert_eq!((again.code, again.output("record-commit")), (1, run.output("record-commit")), "{}", again.stdout);
        run = world.comparable(run);
        run.outputs
            .extend(promoted.outputs.into_iter().map(|(name, value)| (format!("{name} of the promotion"), value)));
        run.summary += &promoted.summary;
        run
    });
    assert_eq!((run.code, run.output("verdict")), (1, "rollback"), "{}", run.stdout);
    assert_eq!((run.output("rolled-back"), run.output("restored-version")), ("true", "1.0.0"));
}

#[test]
fn a_person_answers_a_hold() {
    let run = both("a hold and its answer", |runner| {
        let world = World::new();
        let held = world.gate(runner, &[("evidence", "junit missing.xml"), ("duration", "800ms")]);
        assert_eq!((held.code, held.output("verdict")), (1, "hold"), "{}", held.stdout);
        let answer =
            [("mode", "decide"), ("decision", "promote"), ("reason", "größer ist besser"), ("decided-by", "Ada")];
        world.comparable(world.gate(runner, &answer))
    });
    assert_eq!((run.code, run.output("verdict"), run.output("decided-by")), (0, "promote", "Ada"), "{}", run.stdout);
}

#[test]
fn a_rollback_to_nothing_is_refused() {
    let run = both("nothing verified", |runner| {
        let world = World::new();
        world.deploy(&bad());
        world.comparable(world.gate(runner, &[("on-failure", "rollback")]))
    });
    assert_eq!((run.code, run.output("rolled-back")), (1, "false"), "{}", run.stdout);
    assert!(run.output("json").contains("nothing-verified"), "{}", run.output("json"));
}

#[test]
fn a_service_that_nobody_runs_fails() {
    let run = both("nobody", |runner| {
        let world = World::new();
        let inputs = [("checks", "health http://127.0.0.1:1/health"), ("duration", "800ms")];
        world.comparable(world.gate(runner, &inputs))
    });
    assert_eq!((run.code, run.output("verdict")), (1, "rollback"), "{}", run.stdout);
}

#[test]
fn a_push_that_a_hook_refuses_is_told() {
    let run = both("a hook", |runner| {
        let world = World::new();
        world.bare.install_hook("pre-receive", "echo 'the record is frozen' >&2; exit 1");
        world.comparable(world.gate(runner, &[("duration", "800ms")]))
    });
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert!(run.output("json").contains("push-rejected"), "{}", run.output("json"));
}

#[test]
fn shared_cases() {
    let Some(cases) = GateCase::all() else { return };
    for case in cases {
        for compatibility in ["argo-rollouts", "strict"] {
            both(&format!("{} {compatibility}", case.id()), |runner| case.run(runner, compatibility).0);
        }
    }
}
