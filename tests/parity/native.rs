//! What only the native programs have: other CI systems, files for them, and secrets in variables.

use std::process::{Command, Output};

use testbed::{BareRepository, Repository, binary};

/// Runs version-bump in a checkout as a job of GitLab that has tokens, on no branch.
fn version_bump(checkout: &Repository, arguments: &[&str]) -> Output {
    let mut program = Command::new(binary("version-bump"));
    program.args(arguments).current_dir(checkout.path()).env_clear();
    program.env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", checkout.path());
    program.envs([
        ("GITLAB_CI", "true"),
        ("CI_COMMIT_BRANCH", "main"),
        ("CI_COMMIT_SHA", checkout.head().as_str()),
        ("CI_SERVER_URL", "https://gitlab.example"),
        ("CI_PIPELINE_URL", "https://gitlab.example/acme/shop/-/pipelines/7"),
        ("GITLAB_USER_LOGIN", "ada"),
        ("GITLAB_TOKEN", "glpat-secret"),
        ("SLIPWAY_GITHUB_TOKEN", "key-secret"),
    ]);
    program.output().unwrap()
}

/// A repository with a feature since its release, whose HEAD is on no branch and whose remote takes tags.
fn repository() -> (Repository, BareRepository) {
    let repository = Repository::new();
    repository.commit("feat: sell tea");
    repository.annotated_tag("v1.4.0", "Release 1.4.0");
    repository.commit("feat: sell cake");
    let remote = repository.bare_clone();
    repository.git(&["remote", "add", "origin", remote.path().to_str().unwrap()]);
    repository.git(&["checkout", "--quiet", "--detach"]);
    (repository, remote)
}

#[test]
fn children_find_their_own_variables_and_no_secrets() {
    let (repository, _remote) = repository();
    let command = "env > seen; echo none";
    let run = version_bump(&repository, &["--minimum-bump-command", command, "--channels", "main"]);
    let errors = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{errors}");
    let seen = std::fs::read_to_string(repository.path().join("seen")).unwrap();
    assert!(seen.contains("CI_COMMIT_BRANCH=main\n"), "{seen}");
    for hidden in ["glpat-secret", "key-secret", "GITHUB_", "SLIPWAY_EVENT", "SLIPWAY_GITHUB_TOKEN"] {
        assert!(!seen.contains(hidden), "{hidden} in {seen}");
    }
}

#[test]
fn a_branch_that_only_the_system_tells_is_known_and_outputs_go_to_files() {
    let (repository, _remote) = repository();
    let files = ["--dotenv", "out.env", "--summary", "out.md"];
    let run = version_bump(&repository, &[&["--channels", "main"][..], &files].concat());
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let outputs = std::fs::read_to_string(repository.path().join("out.env")).unwrap();
    for line in ["VERSION_BUMP_VERSION=1.5.0", "VERSION_BUMP_BUMP=minor", "VERSION_BUMP_RELEASED=false"] {
        assert!(outputs.lines().any(|found| found == line), "{line} is not in {outputs}");
    }
    let summary = std::fs::read_to_string(repository.path().join("out.md")).unwrap();
    assert!(summary.starts_with("### `1.4.0` → `1.5.0` (minor)"), "{summary}");

    let elsewhere = version_bump(&repository, &["--channels", "next=rc"]);
    assert!(String::from_utf8_lossy(&elsewhere.stdout).contains("main"), "the channel of another branch");
}

#[test]
fn a_file_that_cannot_be_written_stops_the_run_before_anything_is_done() {
    let (repository, remote) = repository();
    let run = version_bump(&repository, &["--mode", "tag", "--dotenv", "no/such/folder/out.env"]);
    assert_eq!(run.status.code(), Some(2), "{}", String::from_utf8_lossy(&run.stderr));
    assert!(!remote.refs().contains_key("refs/tags/v1.5.0"), "nothing is pushed whose outputs nobody can read");
}
