//! Deploying through a real git server, with the program as a runner starts it.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(clippy::disallowed_methods, reason = "tests look at the files themselves")]

use std::collections::BTreeMap;

use testbed::{ActionRun, BareRepository, FaultPoint, GitServer, Repository, Runner, run_action};

const SHOP: &str = "ghcr.io/acme/shop";
const FILE: &str = "envs/production/shop.yaml";
const RUN: &str = "actions/runs/42";

fn digest(letter: char) -> String {
    format!("sha256:{}", letter.to_string().repeat(64))
}

/// Two components, odd line breaks, comments; nothing of it may change but the image.
fn manifest(shop: &str) -> String {
    format!(
        "# shop\r\nspec:\r\n  containers:\r\n    - name: shop\r\n      image: {shop} # set by slipway\r\n    - name: cart\r\n      \
         image: 'ghcr.io/acme/cart:2.0.0'\r\n      mode: 0755"
    )
}

struct World {
    bare: BareRepository,
    server: GitServer,
    work: Repository,
}

impl World {
    fn new() -> Self {
        let work = Repository::new();
        work.commit_files(
            "chore: begin",
            &[(FILE, &manifest("ghcr.io/acme/shop:1.4.0")), ("README.md", "ghcr.io/acme/shop:1.4.0\n")],
        );
        let bare = work.bare_clone();
        let server = GitServer::start("s3cret");
        server.add("acme/config", &bare);
        Self { bare, server, work }
    }

    fn run(&self, inputs: &[(&str, &str)]) -> ActionRun {
        let images = format!("{SHOP}@{}", digest('a'));
        let mut all = BTreeMap::from([
            ("mode", "push"),
            ("images", images.as_str()),
            ("version", "1.5.0"),
            ("files", "envs/**/*.yaml"),
            ("environment", "production"),
            ("component", "shop"),
            ("config-repository", "acme/config"),
            ("github-token", "s3cret"),
        ]);
        all.extend(inputs.iter().copied());
        let all: Vec<(&str, &str)> = all.into_iter().filter(|(_, value)| *value != "-").collect();
        let url = self.server.url();
        let variables = [
            ("GITHUB_SERVER_URL", url.as_str()),
            ("GITHUB_REPOSITORY", "acme/shop"),
            ("GITHUB_RUN_ID", "42"),
            ("GITHUB_SHA", "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567"),
        ];
        run_action(Runner::Native, "config-updater", &all, &variables, self.work.path())
    }

    fn head(&self) -> String {
        self.bare.refs()["refs/heads/main"].clone()
    }

    /// Records a verdict as rollback-gate does.
    fn verdict(&self, verdict: &str, version: &str, image: &str) {
        let name = "refs/slipway/production/shop";
        let tree = self.bare.git(&["rev-parse", "main^{tree}"]);
        let message = format!(
            "{verdict}\n\nVerdict: {verdict}\nRelease-Component: shop\nRelease-Version: {version}\nRelease-Image: {image}\n\
             Release-Environment: production\nConfig-Commit: {}\nDecided-By: rollback-gate\n",
            self.head()
        );
        let mut arguments = vec!["commit-tree", "-m", &message];
        let before = self.bare.refs().get(name).cloned();
        if let Some(before) = &before {
            arguments.extend(["-p", before]);
        }
        arguments.push(&tree);
        let commit = self.bare.git(&arguments);
        self.bare.git(&["update-ref", name, &commit]);
    }
}

fn error_kind(run: &ActionRun) -> String {
    let json = run.output("json");
    let start = json.find(r#""error":{"kind":""#).map_or(json.len(), |start| start + 17);
    json[start..].split('"').next().unwrap().to_owned()
}

#[test]
fn a_deployment_is_one_commit_and_the_second_run_changes_nothing() {
    let world = World::new();
    let first = world.run(&[]);
    assert_eq!(first.code, 0, "{}", first.stdout);
    let image = format!("{SHOP}:1.5.0@{}", digest('a'));
    assert_eq!(world.bare.read("main", FILE).unwrap(), manifest(&image));
    assert_eq!(first.output("changed"), "true");
    assert_eq!(first.output("commit"), world.head());
    assert_eq!(first.output("branch"), "main");
    assert_eq!(first.output("files"), FILE);
    assert_eq!(first.output("previous"), "ghcr.io/acme/shop:1.4.0");
    assert!(first.output("diff").contains(&format!("\n+      image: {image} # set by slipway")));

    let log = world.bare.log("main");
    assert_eq!(log.len(), 2);
    assert_eq!(log[0].subject, "Deploy shop 1.5.0 to production");
    let trailers: Vec<(&str, &str)> =
        log[0].trailers.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let run = format!("{}/acme/shop/{RUN}", world.server.url());
    assert_eq!(
        trailers,
        [
            ("Release-Component", "shop"),
            ("Release-Version", "1.5.0"),
            ("Release-Image", image.as_str()),
            ("Release-Environment", "production"),
            ("Source-Commit", "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567"),
            ("Workflow-Run", run.as_str()),
        ]
    );

    let second = world.run(&[]);
    assert_eq!((second.code, second.output("changed")), (0, "false"), "{}", second.stdout);
    assert_eq!(second.output("commit"), first.output("commit"));
    assert_eq!(second.output("diff"), "");
    assert_eq!(world.bare.log("main").len(), 2);
}

#[test]
fn a_plan_writes_nothing_and_shows_what_push_would_do() {
    let world = World::new();
    let before = world.bare.refs();
    let run = world.run(&[("mode", "plan")]);
    assert_eq!((run.code, run.output("changed"), run.output("commit")), (0, "true", ""), "{}", run.stdout);
    assert!(run.summary.contains("Would deploy: shop 1.5.0 in production"), "{}", run.summary);
    assert!(run.summary.contains("-      image: ghcr.io/acme/shop:1.4.0 # set by slipway"), "{}", run.summary);
    assert_eq!(world.bare.refs(), before);
    assert_eq!(world.server.pushes(), 0);
}

#[test]
fn a_lost_race_is_planned_again_on_the_new_head() {
    let world = World::new();
    // The first push meets a branch that moved while the server took it.
    let other = Repository::clone_from(world.bare.path().to_str().unwrap(), None);
    let theirs =
        other.commit_files("feat: cart", &[(FILE, &manifest("ghcr.io/acme/shop:1.4.0").replace("2.0.0", "2.1.0"))]);
    other.git(&["push", "--quiet", "origin", "HEAD:refs/heads/other"]);
    let once = format!("if [ ! -e raced ]; then touch raced; git update-ref refs/heads/main {theirs}; fi");
    world.bare.install_hook("update", &once);

    let run = world.run(&[]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(run.stdout.contains("planning again (round 2)"), "{}", run.stdout);
    let image = format!("{SHOP}:1.5.0@{}", digest('a'));
    assert_eq!(world.bare.read("main", FILE).unwrap(), manifest(&image).replace("2.0.0", "2.1.0"));
    let log = world.bare.log("main");
    assert_eq!((log.len(), &log[0].parents[..]), (3, &[theirs][..]));
}

#[test]
fn deployments_at_once_all_land() {
    let world = World::new();
    let components = ["a", "b", "c", "d", "e"];
    let lines: String = components.iter().map(|name| format!("{name}:\n  image: acme/{name}:1.0.0\n")).collect();
    let other = Repository::clone_from(world.bare.path().to_str().unwrap(), None);
    other.commit_files("chore: many", &[("envs/production/all.yaml", &lines)]);
    other.git(&["push", "--quiet", "origin", "HEAD"]);
    std::thread::scope(|scope| {
        let runs: Vec<_> = components
            .iter()
            .map(|name| {
                let world = &world;
                scope.spawn(move || {
                    world.run(&[("component", name), ("images", &format!("acme/{name}:2.0.0")), ("version", "-")])
                })
            })
            .collect();
        for run in runs {
            let run = run.join().unwrap();
            assert_eq!((run.code, run.output("changed")), (0, "true"), "{}", run.stdout);
        }
    });
    assert_eq!(world.bare.read("main", "envs/production/all.yaml").unwrap(), lines.replace("1.0.0", "2.0.0"));
    let log = world.bare.log("main");
    assert_eq!(log.len(), 2 + components.len());
    assert!(log.iter().all(|commit| commit.parents.len() <= 1));
}

#[test]
fn a_refusal_for_good_leaves_nothing_half_done() {
    let world = World::new();
    world.bare.install_hook("pre-receive", "echo 'GH006: Protected branch update failed' >&2; exit 1");
    let before = world.bare.refs();
    let run = world.run(&[]);
    assert_eq!((run.code, error_kind(&run).as_str()), (3, "push-rejected"), "{}", run.stdout);
    assert!(run.stdout.contains("GH006"), "{}", run.stdout);
    assert_eq!(world.bare.refs(), before);
    assert_eq!(world.server.pushes(), 1, "a refusal is not tried again");
}

#[test]
fn an_answer_that_is_lost_after_the_push_is_success() {
    let world = World::new();
    world.server.reject_next_pushes(1, FaultPoint::After);
    let run = world.run(&[]);
    assert_eq!((run.code, run.output("changed")), (0, "true"), "{}", run.stdout);
    assert_eq!(run.output("commit"), world.head());
    assert_eq!(world.bare.log("main").len(), 2);
}

#[test]
fn a_release_that_was_rolled_back_is_refused_until_force() {
    let world = World::new();
    let image = format!("{SHOP}:1.5.0@{}", digest('a'));
    world.verdict("promote", "1.4.0", "ghcr.io/acme/shop:1.4.0");
    world.verdict("rollback", "1.5.0", &image);
    let before = world.head();
    let refused = world.run(&[]);
    assert_eq!((refused.code, error_kind(&refused).as_str()), (1, "rolled-back"), "{}", refused.stdout);
    assert_eq!(refused.output("changed"), "false");
    assert_eq!(world.head(), before);
    let planned = world.run(&[("mode", "plan")]);
    assert_eq!(planned.code, 0, "{}", planned.stdout);
    assert!(planned.stdout.contains("was rolled back"), "{}", planned.stdout);

    let other_digest = format!("{SHOP}@{}", digest('b'));
    for inputs in [&[("force", "true")][..], &[("images", other_digest.as_str())]] {
        assert_eq!(world.run(inputs).code, 0, "{inputs:?}");
    }
    assert_eq!(world.bare.log("main").len(), 3);
}

#[test]
fn hostile_values_stay_values() {
    let world = World::new();
    let run = world.run(&[("message", "ci: x\n\nVerdict: promote\nRelease-Version: 9.9.9\n::error::x")]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    let newest = &world.bare.log("main")[0];
    assert_eq!(newest.subject, "ci: x Verdict: promote Release-Version: 9.9.9 ::error::x");
    assert_eq!(newest.trailer("Release-Version"), Some("1.5.0"));
    assert_eq!(newest.trailer("Verdict"), None);
    assert!(!run.stdout.lines().any(|line| line.starts_with("::error")), "{}", run.stdout);
    for (name, value, kind) in [
        ("environment", "production/../x", "invalid-input"),
        ("component", "--force", "invalid-input"),
        ("config-repository", "ext::sh -c 'touch pwned'", "invalid-input"),
        ("config-branch", "main:refs/heads/x", "invalid-input"),
        ("files", "envs/../../x", "forbidden-path"),
        ("files", ".github/workflows/ci.yml", "forbidden-path"),
        ("files", "envs/none.yaml", "not-found"),
        ("images", "ghcr.io/acme/shop:1.5.0@sha256:short", "invalid-input"),
    ] {
        let run = world.run(&[(name, value)]);
        assert_eq!((run.code, error_kind(&run).as_str()), (2, kind), "{name}={value}: {}", run.stdout);
    }
    assert!(!world.work.path().join("pwned").exists());
}

const VALUES: &str = "envs/production/values.yaml";
const CART: &str =
    "# cart\r\nimage:\r\n  tag: \"1.4.0\"   # tag\r\nargs:\r\n  - {name: level, value: info}\r\nreplicas: 2";

impl World {
    /// Also with a file of values.
    fn with_values() -> Self {
        let world = Self::new();
        let other = Repository::clone_from(world.bare.path().to_str().unwrap(), None);
        other.commit_files("chore: values", &[(VALUES, CART)]);
        other.git(&["push", "--quiet", "origin", "HEAD"]);
        world.work.git(&["pull", "--quiet", world.bare.path().to_str().unwrap(), "main"]);
        world
    }
}

#[test]
fn values_are_a_release_of_their_own() {
    let world = World::with_values();
    let values = format!("{VALUES}#image.tag=1.5.0\n# a comment\nenvs/*/values.yaml#args[name=level].value=debug");
    let inputs = [("images", "-"), ("files", "-"), ("values", values.as_str())];
    let expected = CART.replace("1.4.0", "1.5.0").replace("info", "debug");

    let before = world.bare.refs();
    let plan = world.run(&[&inputs[..], &[("mode", "plan")]].concat());
    assert_eq!((plan.code, plan.output("changed"), plan.output("files")), (0, "true", VALUES), "{}", plan.stdout);
    assert!(plan.output("diff").contains("\n+  tag: \"1.5.0\"   # tag"), "{}", plan.stdout);
    assert_eq!(world.bare.refs(), before);

    let first = world.run(&inputs);
    assert_eq!((first.code, first.output("changed"), first.output("previous")), (0, "true", ""), "{}", first.stdout);
    assert_eq!(world.bare.read("main", VALUES).unwrap(), expected);
    assert_eq!(world.bare.read("main", FILE).unwrap(), manifest("ghcr.io/acme/shop:1.4.0"));
    assert_eq!(first.output("diff"), plan.output("diff"));
    let newest = &world.bare.log("main")[0];
    assert_eq!(newest.subject, "Deploy shop 1.5.0 to production");
    assert_eq!((newest.trailer("Release-Version"), newest.trailer("Release-Image")), (Some("1.5.0"), None));

    let second = world.run(&inputs);
    assert_eq!((second.code, second.output("changed")), (0, "false"), "{}", second.stdout);
    assert_eq!(second.output("commit"), first.output("commit"));

    let commit =
        world.run(&[&inputs[..], &[("version", "1.5.1"), ("values", &format!("{VALUES}#image.tag=1.5.1"))]].concat());
    assert_eq!((commit.code, commit.output("changed")), (0, "true"), "{}", commit.stdout);
}

#[test]
fn images_and_values_land_in_one_commit() {
    let world = World::with_values();
    let values = format!("{VALUES}#replicas=3\n{VALUES}#image.tag=1.5.0\n{FILE}#spec.containers[name=cart].mode=0644");
    let run = world.run(&[("values", &values)]);
    assert_eq!((run.code, run.output("files")), (0, format!("{FILE}\n{VALUES}").as_str()), "{}", run.stdout);
    assert_eq!(world.bare.log("main").len(), 3);
    let image = format!("{SHOP}:1.5.0@{}", digest('a'));
    assert_eq!(world.bare.read("main", FILE).unwrap(), manifest(&image).replace("0755", "\"0644\""));
    assert_eq!(
        world.bare.read("main", VALUES).unwrap(),
        CART.replace("1.4.0", "1.5.0").replace("replicas: 2", "replicas: 3")
    );
}

#[test]
fn a_value_that_does_not_stand_exactly_once_stops_everything() {
    let world = World::with_values();
    let other = Repository::clone_from(world.bare.path().to_str().unwrap(), None);
    let ambiguous = "a: {x: 1}\n---\na: {x: 1}\n---\nd: 1\nd: 2\n---\nv: &v 1\nw: *v\n---\nl: [{n: 1}, {n: 1}]\n";
    other.commit_files("chore: ambiguous", &[("envs/production/ambiguous.yaml", ambiguous)]);
    other.git(&["push", "--quiet", "origin", "HEAD"]);
    world.work.git(&["pull", "--quiet", world.bare.path().to_str().unwrap(), "main"]);
    let before = world.bare.refs();
    for (value, kind, message) in [
        (
            "values.yaml#image.tga=1",
            "path-not-found",
            "values.yaml`: nothing stands at `image.tga`: `image` at line 3 has no key `tga`. its keys are `tag`",
        ),
        ("ambiguous.yaml#a.x=2", "ambiguous-document", "at lines 1, 3"),
        ("ambiguous.yaml#d=2", "duplicate-key", "at lines 5 and 6"),
        ("ambiguous.yaml#w=2", "shared-value", "at line 9 is an alias of the value at line 8"),
        ("ambiguous.yaml#l[n=1].n=2", "ambiguous-match", "two items"),
        ("*.yaml#image.tag=2", "path-not-found", "nothing stands at `image.tag`"),
        ("none.yaml#image.tag=2", "not-found", "none.yaml"),
        ("values.yaml#image.tag=", "invalid-input", "gives no value"),
        ("values.yaml#replicas=4", "invalid-input", "is set to `3` and to `4`"),
    ] {
        // The first value and the image alone would do.
        let values = format!("{VALUES}#replicas=3\nenvs/production/{value}");
        for more in [&[][..], &[("mode", "write"), ("environment", "-"), ("component", "-")]] {
            let run = world.run(&[&[("values", values.as_str()), ("files", FILE)], more].concat());
            assert_eq!((run.code, error_kind(&run).as_str()), (2, kind), "{value}: {}", run.stdout);
            assert!(run.stdout.contains(message), "{value}: {}", run.stdout);
        }
    }
    assert_eq!(world.bare.refs(), before);
    assert_eq!(world.server.pushes(), 0);
    assert_eq!(world.work.git(&["status", "--porcelain"]), "");
    for inputs in
        [[("images", ""), ("files", ""), ("values", "")], [("images", ""), ("files", FILE), ("values", "a.yaml#x=1")]]
    {
        let run = world.run(&inputs);
        assert_eq!((run.code, error_kind(&run).as_str()), (2, "invalid-input"), "{inputs:?}: {}", run.stdout);
    }
}

#[test]
fn an_image_that_no_file_names_is_an_error_with_the_nearest() {
    let world = World::new();
    let run = world.run(&[("images", "ghcr.io/acme/shp:1.5.0")]);
    assert_eq!((run.code, error_kind(&run).as_str()), (2, "image-not-found"), "{}", run.stdout);
    assert!(run.stdout.contains("did you mean `ghcr.io/acme/shop`?"), "{}", run.stdout);
}

#[test]
fn write_edits_the_working_tree_and_leaves_committing_to_the_caller() {
    let world = World::new();
    let inputs = [("mode", "write"), ("environment", "-"), ("component", "-"), ("config-repository", "-")];
    let file = world.work.path().join(FILE);
    let run = world.run(&inputs);
    assert_eq!((run.code, run.output("changed"), run.output("commit")), (0, "true", ""), "{}", run.stdout);
    let image = format!("{SHOP}:1.5.0@{}", digest('a'));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), manifest(&image));
    assert_eq!(world.work.git(&["status", "--porcelain"]), format!(" M {FILE}"));
    assert_eq!(world.server.requests().len(), 0);
    let again = world.run(&inputs);
    assert_eq!((again.code, again.output("changed")), (0, "false"), "{}", again.stdout);
    // Where the deployment can be named, the record is asked.
    world.verdict("rollback", "1.5.0", &image);
    let asked = world.run(&[("mode", "write")]);
    assert_eq!((asked.code, error_kind(&asked).as_str()), (1, "rolled-back"), "{}", asked.stdout);
}

#[cfg(unix)]
#[test]
fn write_never_goes_through_a_link() {
    use std::os::unix::fs::symlink;

    let world = World::new();
    let outside = Repository::new();
    let secret = outside.write("shop.yaml", "image: ghcr.io/acme/shop:1.4.0\n");
    symlink(&secret, world.work.path().join("link.yaml")).unwrap();
    symlink(outside.path(), world.work.path().join("linked")).unwrap();
    world.work.write(".github/workflows/deploy.yml", "image: ghcr.io/acme/shop:1.4.0\n");
    let with =
        |files: &str| world.run(&[("mode", "write"), ("files", files), ("environment", "-"), ("component", "-")]);
    for (files, kind) in [
        ("link.yaml", "forbidden-path"),
        ("linked/shop.yaml", "forbidden-path"),
        (".github/workflows/deploy.yml", "forbidden-path"),
        ("envs", "unreadable-file"),
        ("envs/production/shop.yaml/x", "unreadable-file"),
        ("Envs/production/shop.yaml", "not-found"),
        ("linked/*.yaml", "forbidden-path"),
    ] {
        let run = with(files);
        assert_eq!((run.code, error_kind(&run).as_str()), (2, kind), "{files}: {}", run.stdout);
    }
    let run = with("**");
    assert_eq!((run.code, run.output("files")), (0, FILE), "{}", run.stdout);
    assert_eq!(std::fs::read_to_string(&secret).unwrap(), "image: ghcr.io/acme/shop:1.4.0\n");
    assert!(
        !std::fs::read_to_string(world.work.path().join(".github/workflows/deploy.yml")).unwrap().contains("1.5.0")
    );
}
