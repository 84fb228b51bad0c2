use testbed::{ActionRun, BareRepository, EditCase, FaultPoint, GitServer, Repository, Runner, run_action};

use crate::{NOW, both};

const FILE: &str = "envs/production/shop.yaml";
const IMAGE: &str = "ghcr.io/acme/shop:1.5.0";

struct World {
    work: Repository,
    bare: BareRepository,
    server: GitServer,
}

impl World {
    fn new() -> Self {
        let work = Repository::new();
        work.commit_files("chore: begin", &[(FILE, "# é\r\nimage: 'ghcr.io/acme/shop:1.4.0' # x\r\nmode: 0755")]);
        let bare = work.bare_clone();
        let server = GitServer::start("s3cret");
        server.add("acme/config", &bare);
        Self { work, bare, server }
    }

    /// A run whose outputs do not depend on where the world is.
    fn run(&self, runner: Runner, inputs: &[(&str, &str)]) -> ActionRun {
        let url = self.server.url();
        let mut all = vec![
            ("images", IMAGE),
            ("files", FILE),
            ("environment", "production"),
            ("component", "shop"),
            ("config-repository", "acme/config"),
            ("github-token", "s3cret"),
        ];
        all.extend(inputs);
        let variables = [NOW, ("GITHUB_SERVER_URL", &url)];
        let mut run = run_action(runner, "config-updater", &all, &variables, self.work.path());
        for value in run.outputs.values_mut().chain([&mut run.summary, &mut run.stdout]) {
            *value = value.replace(&url, "SERVER");
        }
        run
    }
}

#[test]
fn deployments_plans_and_errors() {
    for (case, inputs, code) in [
        ("a plan", vec![], 0),
        ("a push", vec![("mode", "push"), ("message", "ship it\nVerdict: promote")], 0),
        ("a glob", vec![("mode", "push"), ("files", "**/*.yaml")], 0),
        ("an edit of the working tree", vec![("mode", "write")], 0),
        ("a value", vec![("mode", "push"), ("values", "envs/*/shop.yaml#mode=0644")], 0),
        (
            "values alone",
            vec![
                ("images", ""),
                ("files", ""),
                ("version", "1.5.0"),
                ("values", "envs/production/shop.yaml#mode=0644"),
            ],
            0,
        ),
        (
            "changes",
            vec![("mode", "push"), ("changes", "- {file: envs/*/shop.yaml, op: set, path: mode, value: '0644'}")],
            0,
        ),
        (
            "a freeze that ends at a time that clocks skip",
            vec![
                ("mode", "push"),
                ("freeze", "2026-01-01 .. 2026-03-01 Asia/Tokyo\n2026-01-01 .. 2026-03-29 02:30 Europe/Berlin"),
            ],
            1,
        ),
        ("a time zone that is nowhere", vec![("freeze", "Sat .. Sun Mars/Olympus")], 2),
        ("a lock", vec![("mode", "push"), ("locked", "incident 4711")], 1),
        ("nothing to promote", vec![("mode", "push"), ("images", ""), ("promote-from", "staging")], 1),
        ("what is rendered", vec![("render-command", "cat envs/production/shop.yaml")], 0),
        ("the status", vec![("mode", "status")], 0),
        ("the history", vec![("mode", "history"), ("days", "0")], 0),
        ("changes that are no list", vec![("changes", "file: a.yaml")], 2),
        ("a value that is nowhere", vec![("values", "envs/production/shop.yaml#mdoe=0644")], 2),
        ("a value without a key", vec![("values", "envs/production/shop.yaml")], 2),
        ("an image that is nowhere", vec![("images", "ghcr.io/acme/shp:1")], 2),
        ("a file that is nowhere", vec![("files", "envs/production/shp.yaml")], 2),
        ("a branch that is nowhere", vec![("config-branch", "production")], 2),
        ("a program as a remote", vec![("config-repository", "ext::sh -c id")], 2),
        ("a token that is wrong", vec![("mode", "push"), ("github-token", "guess")], 3),
    ] {
        let run = both(case, |runner| World::new().run(runner, &inputs));
        assert_eq!(run.code, code, "{case}: {}{}", run.stdout, run.stderr);
    }
}

#[test]
fn shared_cases() {
    let Some(cases) = EditCase::all() else { return };
    for case in cases {
        both(&case.id, |runner| {
            let (mut run, differences) = case.run(runner);
            run.outputs.insert("differences".into(), differences.len().to_string());
            run
        });
    }
}

#[test]
fn the_commit_is_the_same_to_the_byte() {
    let run = both("twice", |runner| {
        let world = World::new();
        world.server.reject_next_pushes(1, FaultPoint::After);
        let mut first = world.run(runner, &[("mode", "push")]);
        let second = world.run(runner, &[("mode", "push")]);
        assert_eq!((second.code, second.output("changed")), (0, "false"), "{}", second.stdout);
        assert_eq!(second.output("commit"), first.output("commit"));
        first.outputs.insert("file".into(), world.bare.read("main", FILE).unwrap());
        first
    });
    assert_eq!((run.code, run.output("changed")), (0, "true"), "{}", run.stdout);
    assert_eq!(run.output("file"), "# é\r\nimage: 'ghcr.io/acme/shop:1.5.0' # x\r\nmode: 0755");
}

#[test]
fn a_lost_race_is_planned_again() {
    let run = both("a race", |runner| {
        let world = World::new();
        let other = Repository::clone_from(world.bare.path().to_str().unwrap(), None);
        let theirs = other.commit_files("docs: other", &[("README.md", "x\n")]);
        other.git(&["push", "--quiet", "origin", "HEAD:refs/heads/other"]);
        let once = format!("if [ ! -e raced ]; then touch raced; git update-ref refs/heads/main {theirs}; fi");
        world.bare.install_hook("update", &once);
        let run = world.run(runner, &[("mode", "push")]);
        assert_eq!(world.bare.log("main").len(), 3, "{}", run.stdout);
        run
    });
    assert_eq!(run.code, 0, "{}", run.stdout);
}

/// Reading stops at the newest deployment, with much of the history still in the pipe from git.
#[test]
fn a_long_history_does_not_hold_anything_up() {
    let run = both("a long history", |runner| {
        let world = World::new();
        for version in 0..60 {
            let deployment = format!(
                "Deploy shop 1.4.{version}\n\n{}\nRelease-Component: shop\nRelease-Version: 1.4.{version}\n\
                 Release-Image: ghcr.io/acme/shop:1.4.{version}\nRelease-Environment: production",
                "Why this is deployed.\n".repeat(200)
            );
            world.work.commit(&deployment);
        }
        world.work.git(&["push", "--quiet", world.bare.path().to_str().unwrap(), "HEAD:main"]);
        world.run(runner, &[("mode", "push")])
    });
    assert_eq!((run.code, run.output("changed")), (0, "true"), "{}", run.stdout);
}
