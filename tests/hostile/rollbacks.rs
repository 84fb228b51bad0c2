//! H81 and H85: patterns that explode, and rollbacks to what cannot be.

use std::time::{Duration, Instant};

use serde_json::json;
use testbed::{Repository, Runner, run_action};

/// A deployment's message.
fn deployed(version: &str) -> String {
    format!(
        "Deploy shop {version}\n\nRelease-Component: shop\nRelease-Version: {version}\nRelease-Image: \
         ghcr.io/acme/shop:{version}\nRelease-Environment: production\n"
    )
}

#[test]
fn h85_a_rollback_to_what_is_missing_current_or_lost_is_refused() {
    let work = Repository::new();
    let deploy = |version: &str| {
        work.commit_files(&deployed(version), &[("shop.yaml", &format!("image: ghcr.io/acme/shop:{version}\n"))])
    };
    deploy("1.0.0");
    let verified = deploy("1.1.0");
    deploy("1.2.0");
    let bare = work.bare_clone();
    let promote = |version: &str, commit: &str| {
        let message = deployed(version).replace("Release-Component", "Verdict: promote\nRelease-Component");
        let message = format!("{message}Config-Commit: {commit}\nDecided-By: rollback-gate\n");
        let identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
        let tree = bare.git(&["rev-parse", "main^{tree}"]);
        let verdict = bare.git(&[&identity[..], &["commit-tree", "-m", &message, &tree]].concat());
        bare.git(&["update-ref", "refs/slipway/production/shop", &verdict]);
    };
    let ask = |to: &str| {
        let inputs = [
            ("mode", "rollback"),
            ("environment", "production"),
            ("component", "shop"),
            ("config-repository", bare.path().to_str().unwrap()),
            ("to", to),
        ];
        let run = run_action(Runner::Native, "rollback-gate", &inputs, &[("GITHUB_ACTOR", "ada")], work.path());
        let json: serde_json::Value = serde_json::from_str(run.output("json")).unwrap();
        (run.code, json["error"]["kind"].as_str().unwrap_or_default().to_owned(), run.stdout)
    };
    let head = bare.git(&["rev-parse", "main"]);
    for (what, version, commit, to, code, kind) in [
        ("missing", "1.1.0", &verified, "0.9.0", 1, "nothing-verified"),
        ("never verified", "1.1.0", &verified, "1.0.0", 1, "nothing-verified"),
        ("current", "1.1.0", &verified, "1.2.0", 2, "invalid-input"),
        (
            "no ancestor",
            "1.1.0",
            &"0f1e2d3c4b5a69788796a5b4c3d2e1f001234567".to_owned(),
            "1.1.0",
            1,
            "nothing-verified",
        ),
    ] {
        promote(version, commit);
        let (found, error, log) = ask(to);
        assert_eq!((found, error.as_str()), (code, kind), "{what}: {log}");
        assert_eq!(bare.git(&["rev-parse", "main"]), head, "{what}");
    }
    promote("1.1.0", &verified);
    let (code, _, log) = ask("1.1.0");
    assert_eq!(
        (code, bare.read("main", "shop.yaml").as_deref()),
        (0, Some("image: ghcr.io/acme/shop:1.1.0\n")),
        "{log}"
    );
}

#[test]
fn h81_a_pattern_that_explodes_costs_linear_time() {
    let directory = tempfile::tempdir().unwrap();
    let text = "a".repeat(1_000_000) + "!";
    let case = json!({
        "id": "pattern",
        "metrics": [{
            "name": "web",
            "successCondition": "result.text matches '(a+)+$'",
            "provider": { "web": { "url": "http://127.0.0.1/" } }
        }],
        "responses": { "web": [{ "status": 200, "body": json!({ "text": text }).to_string() }] }
    });
    std::fs::write(directory.path().join("case.json"), case.to_string()).unwrap();
    let inputs = [("mode", "replay"), ("replay-file", "case.json"), ("compatibility", "argo-rollouts")];
    let start = Instant::now();
    let run = run_action(Runner::Native, "rollback-gate", &inputs, &[], directory.path());
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    let json: serde_json::Value = serde_json::from_str(run.output("json")).unwrap();
    assert_eq!((run.code, &json["run_phase"]), (0, &"Failed".into()), "{}", run.stdout);
}
