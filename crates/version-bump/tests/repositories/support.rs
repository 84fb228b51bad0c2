//! What the tests here share: running the action on a repository, and making commits byte by byte.

use testbed::{ActionRun, Repository, Runner, run_action};

/// The token that the git server takes.
pub(crate) const TOKEN: &str = "token-of-the-job";

/// Runs the action on a push.
pub(crate) fn run(repository: &Repository, inputs: &[(&str, &str)]) -> ActionRun {
    run_on(repository, "push", inputs)
}

/// Runs the action on an event.
pub(crate) fn run_on(repository: &Repository, event: &str, inputs: &[(&str, &str)]) -> ActionRun {
    let variables = [("GITHUB_EVENT_NAME", event), ("GITHUB_ACTOR", "ada"), ("SOURCE_DATE_EPOCH", "1767225600")];
    run_action(Runner::Native, "version-bump", inputs, &variables, repository.path())
}

/// Runs the action with more of what a runner says.
pub(crate) fn run_with(repository: &Repository, variables: &[(&str, &str)], inputs: &[(&str, &str)]) -> ActionRun {
    let variables: Vec<(&str, &str)> = [("SOURCE_DATE_EPOCH", "1767225600")].iter().chain(variables).copied().collect();
    run_action(Runner::Native, "version-bump", inputs, &variables, repository.path())
}

/// Runs the action with a server's token, which goes to that server alone.
pub(crate) fn run_at(server: &str, repository: &Repository, inputs: &[(&str, &str)]) -> ActionRun {
    let variables = [("GITHUB_EVENT_NAME", "push"), ("GITHUB_ACTOR", "ada"), ("GITHUB_SERVER_URL", server)];
    let inputs: Vec<(&str, &str)> = inputs.iter().copied().chain([("github-token", TOKEN)]).collect();
    run_action(Runner::Native, "version-bump", &inputs, &variables, repository.path())
}

/// Runs the action on a push and gives `version bump released`; panics if it fails.
pub(crate) fn answer(repository: &Repository, inputs: &[(&str, &str)]) -> String {
    told(&run(repository, inputs))
}

/// `version bump released`; panics if the run failed.
pub(crate) fn told(run: &ActionRun) -> String {
    assert_eq!(run.code, 0, "{}\n{}", run.stdout, run.stderr);
    format!("{} {} {}", run.output("version"), run.output("bump"), run.output("released"))
}

/// The kind of error in the `json` output of a run that failed or was refused.
pub(crate) fn error_kind(run: &ActionRun) -> String {
    let json: serde_json::Value = serde_json::from_str(run.output("json")).expect("JSON");
    json["error"]["kind"].as_str().unwrap_or_default().to_owned()
}

/// Commits with each message in turn.
pub(crate) fn commits(repository: &Repository, messages: &[&str]) {
    messages.iter().for_each(|message| drop(repository.commit_exactly(message.as_bytes())));
}

/// A repository with `v1.4.2` on its first commit.
pub(crate) fn released() -> Repository {
    let repository = Repository::new();
    repository.commit("chore: init");
    repository.tag("v1.4.2");
    repository
}
