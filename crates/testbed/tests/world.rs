//! The whole little world: a release goes out, hurts users, is taken back by git, and nothing else changes what runs.
#![expect(clippy::expect_used, reason = "helpers of tests")]

use std::time::Duration;

use testbed::{
    BareRepository, Change, GitServer, Load, LoadReport, Reconciler, Registry, Release, Repository, Settings, get,
    push_over_http,
};

const MANIFEST: &str = "envs/staging/shop.yaml";
const LIMIT: Duration = Duration::from_secs(5);

/// Commits the image to the config repository, and pushes over HTTP.
fn deploy(config: &Repository, push_url: &str, version: &str, digest: &str) -> String {
    let image = format!("ghcr.io/acme/shop:{version}@{digest}");
    let manifest = format!("spec:\n  containers:\n    - name: shop\n      image: {image} # the deployed thing\n");
    let commit = config.commit_files(&format!("deploy: shop {version}"), &[(MANIFEST, &manifest)]);
    config.git(&["push", "--quiet", push_url, "main"]);
    commit
}

/// What users saw for a while.
fn watch(url: &str) -> LoadReport {
    Load::start(url, 200.0, Duration::from_millis(500)).expect("a loopback URL").finish()
}

#[test]
fn a_bad_release_is_taken_back_by_git_alone() {
    let git = GitServer::start("s3cret");
    let config = Repository::new();
    config.commit("chore: begin");
    let served: BareRepository = config.bare_clone();
    git.add("acme/config", &served);
    let push_url = git.authorized_url("acme/config");
    let registry = Registry::start();
    let publish = |release: &Release| {
        push_over_http(&registry.url(), "acme/shop", &release.version, release.to_bytes(), "0000").expect("a push")
    };
    let good = publish(&Release::version("1.0.0"));
    let bad = publish(&Release { error_share: 0.3, ..Release::version("2.0.0") });

    let first = deploy(&config, &push_url, "1.0.0", &good);
    let program = env!("CARGO_BIN_EXE_sample-service");
    let settings = Settings::new(git.repository_url("acme/config"), registry.url(), program);
    let reconciler = Reconciler::start(settings.environment("staging", MANIFEST));
    let url = reconciler.url("staging");
    let running = reconciler.wait_for("staging", &good, LIMIT).expect("version 1 runs");
    assert_eq!((running.version.as_str(), running.config_commit), ("1.0.0", Some(first)));
    let users = Load::start(&url, 100.0, Duration::from_secs(30)).expect("a loopback URL");
    assert_eq!(watch(&url).requests(), watch(&url).succeeded());

    deploy(&config, &push_url, "2.0.0", &bad);
    reconciler.wait_for("staging", &bad, LIMIT).expect("version 2 runs: it is healthy, and yet it fails");
    let seen = watch(&url);
    assert!((0.2..0.4).contains(&seen.error_share()), "{:?}", seen.by_status);
    let metrics = get(&format!("{url}/metrics")).expect("an answer").text();
    assert!(metrics.contains("build_info{version=\"2.0.0\"} 1"), "{metrics}");

    config.git(&["revert", "--no-edit", "HEAD"]);
    config.git(&["push", "--quiet", &push_url, "main"]);
    let restored = reconciler.wait_for("staging", &good, LIMIT).expect("version 1 is back");
    assert_eq!(restored.config_commit, Some(config.head()));
    assert_eq!(watch(&url).server_errors(), 0);

    reconciler.tamper("staging", &bad).expect("version 2 by hand");
    let healed = |change: &Change| matches!(change, Change::Healed { running } if running.digest == good);
    reconciler.wait_for_event(LIMIT, |event| healed(&event.change)).expect("git wins");
    let version = get(&format!("{url}/version")).expect("an answer").json();
    assert_eq!(version["version"], "1.0.0");

    let users = users.stop();
    assert_eq!(users.transport_errors, 0, "no switch cut anybody off");
    assert!(users.by_status.keys().all(|status| [200, 500].contains(status)), "{:?}", users.by_status);
    assert!(users.server_errors() > 0 && users.succeeded() > users.server_errors());
    let drained = |change: &Change| matches!(change, Change::Drained { code: 0, .. });
    let events = reconciler.events();
    assert!(events.iter().filter(|event| drained(&event.change)).count() >= 2, "{events:#?}");
}
