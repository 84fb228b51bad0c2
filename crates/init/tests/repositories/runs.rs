//! What `slipway init` writes, run: a repository of JavaScript that was released by semantic-release.

use std::process::Command;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use testbed::{ActJob, GitHub, GitServer, HostedRepository, Repository};

const TOKEN: &str = "ghs_token_of_the_job";
const WORKFLOW: &str = ".github/workflows/release.yml";

#[test]
fn what_init_writes_for_a_repository_of_semantic_release_releases_it() {
    let git = GitServer::start(TOKEN);
    let developer = Repository::new();
    developer.commit_files(
        "feat: sell tea",
        &[
            ("package.json", r#"{"name": "shop", "version": "1.4.0", "scripts": {"test": "sh test.sh"}}"#),
            ("package-lock.json", r#"{"name": "shop", "version": "1.4.0", "lockfileVersion": 3, "packages": {"": {"name": "shop", "version": "1.4.0"}}}"#),
            ("test.sh", "mkdir reports && echo '<testsuite tests=\"1\"><testcase name=\"a\"/></testsuite>' > reports/junit.xml\n"),
            (".releaserc", "branches: [main]\ntagFormat: 'shop-v${version}'\n"),
        ],
    );
    developer.annotated_tag("shop-v1.4.0", "Release 1.4.0");

    let init = Command::new(env!("CARGO_BIN_EXE_slipway"))
        .args(["init", "--yes", "--starters", "release"])
        .current_dir(developer.path())
        .output()
        .unwrap();
    assert!(init.status.success(), "{}", String::from_utf8_lossy(&init.stderr));
    let workflow = std::fs::read_to_string(developer.path().join(WORKFLOW)).unwrap();
    developer.commit_files("feat: sell cake", &[(WORKFLOW, &workflow)]);

    let remote = developer.bare_clone();
    git.add("acme/shop", &remote);
    let github = GitHub::start();
    github.add(HostedRepository::new("acme/shop").git(&remote));
    let artifacts = TempDir::with_prefix("artifacts-").unwrap();
    let checkout = Repository::clone_from(&git.repository_url("acme/shop"), Some(1));
    let (server, api) = (git.url(), github.api_url());
    let event = json!({
        "ref": "refs/heads/main",
        "after": checkout.head(),
        "repository": {
            "name": "shop",
            "full_name": "acme/shop",
            "html_url": format!("{server}/acme/shop"),
            "default_branch": "main",
        },
    });
    let job = ActJob {
        secrets: &[("GITHUB_TOKEN", TOKEN)],
        environment: &[
            ("GITHUB_SERVER_URL", &server),
            ("GITHUB_API_URL", &api),
            ("GITHUB_REPOSITORY", "acme/shop"),
            ("GITHUB_RUN_ID", "7"),
            ("TESTBED_ARTIFACTS", artifacts.path().to_str().unwrap()),
        ],
        limit: Duration::from_secs(300),
        ..ActJob::new(WORKFLOW, "push", &event)
    };
    let run = job.run(checkout.path());
    assert!(run.succeeded, "{}", run.log);
    let tag = remote.git(&["rev-parse", "refs/tags/shop-v1.5.0^{commit}"]);
    assert_eq!(tag, remote.git(&["rev-parse", "refs/heads/main"]), "the release commit carries the tag");
}
