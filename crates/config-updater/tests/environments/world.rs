//! A config repository with two environments behind a real git server.

use std::collections::BTreeMap;

use testbed::{ActionRun, BareRepository, GitServer, Repository, Runner, run_action};

pub(crate) const SETTINGS: &str = r#"
[environments.staging]
path = "envs/staging"

[environments.production]
path = "envs/production"
promote-from = "staging"
github-environment = "Production EU"

[components.shop]
images = ["ghcr.io/acme/shop"]
files = ["{path}/*.yaml"]
values = ["{path}/shop.yaml#version={version}"]
"#;

pub(crate) fn manifest(image: &str, version: &str) -> String {
    format!("# shop\nimage: {image} # set by slipway\nversion: {version}\n")
}

pub(crate) fn image(version: &str) -> String {
    let digit = version.bytes().find(|b| b.is_ascii_digit() && *b != b'0').unwrap() as char;
    let last = version.bytes().rfind(u8::is_ascii_digit).unwrap() as char;
    format!("ghcr.io/acme/shop:{version}@sha256:{}{}", digit, last.to_string().repeat(63))
}

pub(crate) struct World {
    pub(crate) bare: BareRepository,
    pub(crate) server: GitServer,
    pub(crate) work: Repository,
}

impl World {
    pub(crate) fn new(settings: &str) -> Self {
        let work = Repository::new();
        let old = manifest("ghcr.io/acme/shop:1.0.0", "1.0.0");
        work.commit_files(
            "chore: begin",
            &[("slipway.toml", settings), ("envs/staging/shop.yaml", &old), ("envs/production/shop.yaml", &old)],
        );
        let bare = work.bare_clone();
        let server = GitServer::start("s3cret");
        server.add("acme/config", &bare);
        Self { bare, server, work }
    }

    pub(crate) fn run(&self, environment: &str, inputs: &[(&str, &str)], variables: &[(&str, &str)]) -> ActionRun {
        let mut all = BTreeMap::from([
            ("mode", "push"),
            ("environment", environment),
            ("component", "shop"),
            ("config-repository", "acme/config"),
            ("github-token", "s3cret"),
        ]);
        all.extend(inputs.iter().copied());
        let all: Vec<(&str, &str)> = all.into_iter().collect();
        let url = self.server.url();
        let mut environment = vec![
            ("GITHUB_SERVER_URL", url.as_str()),
            ("GITHUB_REPOSITORY", "acme/shop"),
            ("GITHUB_RUN_ID", "42"),
            ("GITHUB_SHA", "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567"),
        ];
        environment.extend(variables);
        run_action(Runner::Native, "config-updater", &all, &environment, self.work.path())
    }

    /// Deploys a version to staging.
    pub(crate) fn stage(&self, version: &str) {
        let run = self.run("staging", &[("images", &image(version))], &[]);
        assert_eq!(run.code, 0, "{}", run.stdout);
    }

    /// Records a verdict as rollback-gate does.
    pub(crate) fn judge(&self, verdict: &str, environment: &str, version: &str) {
        judge_on(&self.bare, &format!("refs/slipway/{environment}/shop"), verdict, environment, version);
    }
}

pub(crate) fn judge_on(bare: &BareRepository, name: &str, verdict: &str, environment: &str, version: &str) {
    let tree = bare.git(&["rev-parse", "main^{tree}"]);
    let head = bare.refs()["refs/heads/main"].clone();
    let message = format!(
        "{verdict}\n\nVerdict: {verdict}\nRelease-Component: shop\nRelease-Version: {version}\nRelease-Image: {}\n\
         Release-Environment: {environment}\nSource-Commit: {}\nConfig-Commit: {head}\nDecided-By: rollback-gate\n",
        image(version),
        "a".repeat(40)
    );
    let mut arguments = vec!["commit-tree", "-m", &message];
    let before = bare.refs().get(name).cloned();
    if let Some(before) = &before {
        arguments.extend(["-p", before]);
    }
    arguments.push(&tree);
    let commit = bare.git(&arguments);
    bare.git(&["update-ref", name, &commit]);
}

pub(crate) fn error(run: &ActionRun) -> (i32, String) {
    let json = run.output("json");
    let start = json.find(r#""error":{"kind":""#).map_or(json.len(), |start| start + 17);
    (run.code, json[start..].split('"').next().unwrap().to_owned())
}

pub(crate) fn refused(kind: &str) -> (i32, String) {
    (1, kind.to_owned())
}
