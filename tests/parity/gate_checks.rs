//! Checks that ask others about the service: programs, and Argo CD beside a config repository.

use std::path::Path;

use testbed::{ActionRun, Answer, Repository, Server, run_action};

use crate::both;

/// A run with the verdict and its reason, the same by both runners.
#[track_caller]
fn judged(inputs: &[(&str, &str)], variables: &[(&str, &str)], directory: &Path) -> ActionRun {
    let usual = [("duration", "400ms"), ("interval", "200ms"), ("failure-limit", "1")];
    let inputs: Vec<(&str, &str)> = usual.into_iter().chain(inputs.iter().copied()).collect();
    both(&format!("{inputs:?} {variables:?}"), |runner| {
        let mut run = run_action(runner, "rollback-gate", &inputs, variables, directory);
        // Everything else tells of times.
        run.outputs.retain(|name, _| name == "verdict" || name == "reason");
        run.summary.clear();
        run
    })
}

#[cfg(unix)]
#[test]
fn programs_that_are_asked() {
    use std::os::unix::fs::PermissionsExt;

    let directory = tempfile::TempDir::with_prefix("programs-").unwrap();
    // Stand-ins that answer as the programs do.
    for (name, answer) in [
        ("docker", r#"[{"RestartCount":2,"State":{"Status":"running","Health":{"Status":"'$STATE'"}}}]"#),
        ("kubectl", r#"{"items":[{"status":{"conditions":[{"type":"Ready","status":"'$STATE'"}]}}]}"#),
        ("aws", r#"{"MetricDataResults":[{"Timestamps":["'$(date -u +%Y-%m-%dT%H:%M:%SZ)'"],"Values":['$STATE']}]}"#),
    ] {
        let path = directory.path().join(name);
        std::fs::write(&path, format!("#!/bin/sh\nprintf '%s' '{answer}'\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = format!("{}:{}", directory.path().display(), std::env::var("PATH").unwrap());
    for (check, state, verdict) in [
        ("container shop healthy", "healthy", "promote"),
        ("container shop healthy", "unhealthy", "rollback"),
        ("container shop healthy", "starting", "hold"),
        ("container shop restarts <= 2", "healthy", "promote"),
        ("pods app=shop ready", "True", "promote"),
        ("pods app=shop ready", "False", "hold"),
        ("cloudwatch Shop/Errors{Stage=live} Sum < 5", "4", "promote"),
        ("cloudwatch Shop/Errors{Stage=live} Sum < 5", "6", "rollback"),
        ("cloudwatch Shop/Errors{Stage=live} Sum < 5", "", "hold"),
    ] {
        let run = judged(&[("checks", check)], &[("PATH", &path), ("STATE", state)], directory.path());
        assert_eq!(run.output("verdict"), verdict, "{check} {state}: {}", run.output("reason"));
    }
}

#[test]
fn argo_cd_at_a_descendant_of_our_commit() {
    let work = Repository::new();
    let before = work.commit_files("chore: begin", &[("README.md", "# Config\n")]);
    let trailers = "Release-Component: shop\nRelease-Version: 1.5.0\nRelease-Environment: staging";
    work.commit_files(&format!("Deploy shop 1.5.0\n\n{trailers}"), &[("shop.yaml", "image: shop:1.5.0\n")]);
    let after = work.commit_files("chore: more", &[("more.md", "more\n")]);
    for (revision, health, verdict) in
        [(&after, "Healthy", "promote"), (&after, "Progressing", "hold"), (&before, "Healthy", "hold")]
    {
        let bare = work.bare_clone();
        let application = format!(
            r#"{{"spec":{{"source":{{"repoURL":"x"}}}},"status":{{"sync":{{"status":"Synced","revision":"{revision}"}},"health":{{"status":"{health}"}}}}}}"#
        );
        let argocd = Server::always("argocd", Answer::status(200).body(application));
        let check = format!("argocd {} shop", argocd.url());
        let inputs = [
            ("checks", check.as_str()),
            ("environment", "staging"),
            ("component", "shop"),
            ("config-repository", bare.path().to_str().unwrap()),
        ];
        let run = judged(&inputs, &[], work.path());
        assert_eq!(run.output("verdict"), verdict, "{revision} {health}: {}", run.output("reason"));
    }
}
