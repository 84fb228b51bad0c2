//! H84: two runs that push at once.

use testbed::{ActionRun, BareRepository, GitHub, GitServer, HostedRepository, Repository, Runner, run_action};

use crate::messages::assert_harmless;

const TOKEN: &str = "s3cret-of-the-job";

/// A git server and a GitHub that have the same `acme/shop`.
struct World {
    server: GitServer,
    github: GitHub,
    remote: BareRepository,
}

impl World {
    fn new(origin: &Repository) -> Self {
        let (server, github) = (GitServer::start(TOKEN), GitHub::start());
        let remote = origin.bare_clone();
        server.add("acme/shop", &remote);
        github.add(HostedRepository::new("acme/shop").git(&remote));
        Self { server, github, remote }
    }

    /// Runs an action natively and under Node at once, each in a clone of its own.
    fn at_once(&self, action: &str, inputs: [&[(&str, &str)]; 2]) -> [ActionRun; 2] {
        let run = |runner: Runner, inputs: &[(&str, &str)]| {
            let clone = Repository::clone_from(&self.server.repository_url("acme/shop"), None);
            let inputs = [inputs, &[("github-token", TOKEN)]].concat();
            let (url, api) = (self.server.url(), self.github.api_url());
            let variables = [
                ("GITHUB_EVENT_NAME", "push"),
                ("GITHUB_REF", "refs/heads/main"),
                ("GITHUB_SERVER_URL", url.as_str()),
                ("GITHUB_API_URL", api.as_str()),
            ];
            run_action(runner, action, &inputs, &variables, clone.path())
        };
        let [first, second] = inputs;
        std::thread::scope(|scope| {
            let native = scope.spawn(move || run(Runner::Native, first));
            let node = scope.spawn(move || run(Runner::Node, second));
            [native.join().unwrap(), node.join().unwrap()]
        })
    }
}

#[test]
fn h84_of_two_releases_at_once_one_is_made_and_both_know_it() {
    let origin = Repository::new();
    origin.commit_files("chore: init", &[("version.txt", "1.4.2\n")]);
    origin.tag("v1.4.2");
    origin.commit("feat: zip");
    for mode in ["tag", "release"] {
        let inputs = [("mode", mode), ("floating-tags", "major")];
        let world = World::new(&origin);
        let runs = world.at_once("version-bump", [&inputs, &inputs]);
        for run in &runs {
            assert_harmless(run);
            let told = (run.code, run.output("version"), run.output("released"));
            assert_eq!(told, (0, "1.5.0", "true"), "{}", run.stdout);
        }
        let commit = |name: &str| world.remote.git(&["rev-parse", &format!("{name}^{{commit}}")]);
        assert_eq!(commit("v1"), commit("v1.5.0"));
        assert_eq!(world.remote.log("main").len(), if mode == "release" { 3 } else { 2 });
    }
}

#[test]
fn h84_of_two_deployments_at_once_none_is_lost() {
    let origin = Repository::new();
    let manifest = |name: &str| format!("image: ghcr.io/acme/{name}:1.4.0\n");
    origin.commit_files("chore: begin", &[("shop.yaml", &manifest("shop")), ("web.yaml", &manifest("web"))]);
    let world = World::new(&origin);
    let deploy = |image: &'static str, files: &'static str, component: &'static str| {
        [
            ("mode", "push"),
            ("images", image),
            ("files", files),
            ("environment", "production"),
            ("component", component),
            ("config-repository", "acme/shop"),
        ]
    };
    let shop = deploy("ghcr.io/acme/shop:1.5.0", "shop.yaml", "shop");
    let web = deploy("ghcr.io/acme/web:1.6.0", "web.yaml", "web");
    for run in world.at_once("config-updater", [&shop, &web]) {
        assert_harmless(&run);
        assert_eq!(run.code, 0, "{}", run.stdout);
    }
    assert_eq!(world.remote.read("main", "shop.yaml").unwrap(), "image: ghcr.io/acme/shop:1.5.0\n");
    assert_eq!(world.remote.read("main", "web.yaml").unwrap(), "image: ghcr.io/acme/web:1.6.0\n");
    assert_eq!(world.remote.log("main").len(), 3);
    // The same release twice is deployed once.
    let again = deploy("ghcr.io/acme/shop:1.6.0", "shop.yaml", "shop");
    for run in world.at_once("config-updater", [&again, &again]) {
        assert_eq!(run.code, 0, "{}", run.stdout);
    }
    assert_eq!(world.remote.log("main").len(), 4, "{:?}", world.remote.log("main"));
}
