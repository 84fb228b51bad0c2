//! Checks that ask others about the service: programs, and Argo CD beside a config repository.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;

use testbed::{Repository, Runner, run_action};

/// The verdict and its reason, the same by both runners.
#[track_caller]
fn judged(inputs: &[(&str, &str)], variables: &[(&str, &str)], directory: &Path) -> (String, String) {
    let usual = [("duration", "400ms"), ("interval", "200ms"), ("failure-limit", "1")];
    let inputs: Vec<(&str, &str)> = usual.into_iter().chain(inputs.iter().copied()).collect();
    let [native, node] = [Runner::Native, Runner::Node].map(|runner| {
        let run = run_action(runner, "rollback-gate", &inputs, variables, directory);
        (run.output("verdict").to_owned(), run.output("reason").to_owned(), run.stdout)
    });
    assert_eq!((&native.0, &native.1), (&node.0, &node.1), "{}\n{}", native.2, node.2);
    (native.0, native.1)
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
        let told = judged(&[("checks", check)], &[("PATH", &path), ("STATE", state)], directory.path());
        assert_eq!(told.0, verdict, "{check} {state}: {}", told.1);
    }
}

/// A server that answers everybody the same.
fn answering(body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let _ = stream.read(&mut [0; 4096]);
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = stream.write_all((head + &body).as_bytes());
        }
    });
    address
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
        let argocd = answering(format!(
            r#"{{"spec":{{"source":{{"repoURL":"x"}}}},"status":{{"sync":{{"status":"Synced","revision":"{revision}"}},"health":{{"status":"{health}"}}}}}}"#
        ));
        let check = format!("argocd {argocd} shop");
        let inputs = [
            ("checks", check.as_str()),
            ("environment", "staging"),
            ("component", "shop"),
            ("config-repository", bare.path().to_str().unwrap()),
        ];
        let told = judged(&inputs, &[], work.path());
        assert_eq!(told.0, verdict, "{revision} {health}: {}", told.1);
    }
}
