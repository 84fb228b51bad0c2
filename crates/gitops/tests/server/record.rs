//! The record of verdicts against a real git server.

use crate::world::{World, release, target};
use serde_json::json;
use slipway_core::ErrorKind;
use slipway_gitops::{Verdict, VerdictRecord};

fn record(world: &World, verdict: Verdict, version: &str) -> VerdictRecord {
    let config_commit = world.bare.refs()["refs/heads/main"].parse().unwrap();
    let detail = json!({ "checks": [{ "name": "error-rate", "value": 0.01 }], "note": "é\n" });
    VerdictRecord { verdict, release: release(version), config_commit, decided_by: "rollback-gate".into(), detail }
}

#[test]
fn verdicts_are_recorded_and_read_back() {
    let world = World::new();
    let verdicts = [(Verdict::Promote, "1.4.0"), (Verdict::Hold, "1.5.0"), (Verdict::Rollback, "1.5.0")]
        .map(|(verdict, version)| record(&world, verdict, version));
    for verdict in &verdicts {
        world
            .visit(async |repository| {
                let log = repository.verdicts(&target()).await?;
                repository.record(&log, verdict).await
            })
            .unwrap();
    }
    let log = world.visit(async |repository| repository.verdicts(&target()).await).unwrap();
    let read: Vec<&VerdictRecord> = log.entries.iter().rev().map(|entry| &entry.record).collect();
    assert_eq!(read, verdicts.iter().collect::<Vec<_>>());
    assert_eq!(log.verified_release().unwrap().release.version.as_str(), "1.4.0");
    assert!(log.was_rolled_back(&release("1.5.0")).is_some());
    assert!(log.was_rolled_back(&release("1.4.0")).is_none());

    let name = "refs/slipway/production/shop";
    assert_eq!(world.bare.refs()[name], log.tip.unwrap().as_str());
    let newest = &world.bare.log(name)[0];
    assert_eq!(newest.subject, "Roll back shop 1.5.0 in production");
    assert_eq!(newest.trailer("Verdict"), Some("rollback"));
    assert_eq!(newest.parents.len(), 1);
    assert_eq!(world.bare.git(&["ls-tree", "--name-only", name]), "verdict.json");
    assert_eq!(world.bare.log("main").len(), 1, "a verdict is no deployment");
}

#[test]
fn two_verdicts_at_once_make_one_lose() {
    let world = World::new();
    for first in [true, false] {
        let verdict = record(&world, Verdict::Promote, if first { "1.4.0" } else { "1.5.0" });
        let rival = record(&world, Verdict::Rollback, if first { "1.4.1" } else { "1.5.1" });
        let lost = world.visit(async |repository| {
            let log = repository.verdicts(&target()).await?;
            repository.record(&log, &rival).await?;
            repository.record(&log, &verdict).await
        });
        assert_eq!(lost.unwrap_err().kind(), ErrorKind::LostRace, "first: {first}");
    }
    let log = world.visit(async |repository| repository.verdicts(&target()).await).unwrap();
    assert_eq!(log.entries.len(), 2);
    assert!(log.verified_release().is_none());
}

#[test]
fn what_is_no_verdict_is_passed_over() {
    let world = World::new();
    let name = "refs/slipway/production/shop";
    let tree = world.bare.git(&["rev-parse", "main^{tree}"]);
    let garbage =
        world.bare.git(&["-c", "user.name=x", "-c", "user.email=x@y", "commit-tree", "-m", "Verdict: promote", &tree]);
    world.bare.git(&["update-ref", name, &garbage]);
    let verdict = record(&world, Verdict::Promote, "1.4.0");
    world
        .visit(async |repository| {
            let log = repository.verdicts(&target()).await?;
            assert!(log.entries.is_empty());
            repository.record(&log, &verdict).await
        })
        .unwrap();
    let log = world.visit(async |repository| repository.verdicts(&target()).await).unwrap();
    assert_eq!(log.entries.len(), 1);
    assert_eq!(log.entries[0].record, verdict);
    assert!(world.server.requests().iter().all(|request| !request.path.contains("s3cret")));
}
