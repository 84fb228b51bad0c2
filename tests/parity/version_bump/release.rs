//! What `mode: tag` and `mode: release` write, and what they do where something fails.

use std::process::Command;

use testbed::{Answer, FaultPoint, Repository};

use super::world::{World, both, with_files};

const EVERYTHING: &[(&str, &str)] = &[
    ("mode", "release"),
    ("floating-tags", "major\nminor"),
    ("assets", "dist/*.tar.gz\nSHA256SUMS"),
    ("dispatch", "deploy.yml version={{version}} tag={{tag}}\nacme/shop released"),
];

fn with_assets(world: &World<'_>) {
    world.clone.write("dist/shop.tar.gz", [0x1f, 0x8b, 0xff, 0x00]);
    world.clone.write("SHA256SUMS", "sums\n");
}

#[test]
fn a_whole_release_and_its_repetition() {
    let runs = both("a release", &with_files(), |world| {
        with_assets(world);
        let runs = vec![world.run(&[]), world.run(EVERYTHING), world.run(EVERYTHING)];
        assert_eq!(world.github.asset("acme/shop", "v1.5.0", "shop.tar.gz").unwrap(), [0x1f, 0x8b, 0xff, 0x00]);
        assert_eq!(world.github.dispatches("acme/shop").len(), 2);
        assert!(world.remote.read("main", "CHANGELOG.md").unwrap().contains("## [1.5.0] - 2026-03-04"));
        runs
    });
    let told: Vec<_> = runs.iter().map(|run| (run.output("bump"), run.output("released"))).collect();
    assert_eq!(told, [("minor", "false"), ("minor", "true"), ("none", "true")]);
    assert!(runs[1].output("the refs of the remote").contains("refs/tags/v1.5 "), "{:?}", runs[1].outputs);
}

#[test]
fn wherever_a_release_ends_the_next_run_completes_it() {
    type Fail = fn(&World<'_>);
    let cases: &[(&str, Fail, i32)] = &[
        ("the answer to the push is lost", |world| world.server.reject_next_pushes(1, FaultPoint::After), 0),
        ("the draft is not made", |world| world.github.answer_instead("POST", "/releases", down()), 3),
        ("the answer to a file is lost", |world| world.github.answer_after("POST", ASSETS, down()), 3),
        ("the workflow may not be started", |world| world.github.answer_instead("POST", WORKFLOW, denied()), 3),
        ("the release is locked", |world| world.github.make_releases_immutable("acme/shop"), 0),
    ];
    for (case, fail, code) in cases {
        let runs = both(case, &with_files(), |world| {
            with_assets(world);
            fail(world);
            vec![world.run(EVERYTHING), world.run(EVERYTHING)]
        });
        assert_eq!((runs[0].code, runs[1].code), (*code, 0), "{case}: {}", runs[0].stdout);
        assert_eq!(runs[1].output("released"), "true", "{case}");
    }
}

const ASSETS: &str = "/releases/{release_id}/assets";
const WORKFLOW: &str = "/actions/workflows/{workflow_id}/dispatches";

fn down() -> Answer {
    Answer::status(502).body("{}")
}

fn denied() -> Answer {
    Answer::status(403).header("content-type", "application/json").body(r#"{"message":"Resource not accessible"}"#)
}

#[test]
fn what_a_remote_refuses() {
    for (case, hook, code) in [
        ("a protected tag", "echo 'GH013: \u{1b}[31mtags are protected' >&2; exit 1", 3),
        ("a floating tag", "if [ \"$1\" = refs/tags/v1 ]; then echo 'v1 is protected' >&2; exit 1; fi", 3),
    ] {
        let runs = both(case, &with_files(), |world| {
            world.remote.install_hook("update", hook);
            let failed = world.run(&[("mode", "tag"), ("floating-tags", "major")]);
            world.remote.remove_hook("update");
            vec![failed, world.run(&[("mode", "tag"), ("floating-tags", "major")])]
        });
        assert_eq!((runs[0].code, runs[1].code), (code, 0), "{case}: {}", runs[0].stdout);
    }
}

#[test]
fn signatures() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("key");
    // Signatures of this kind of key are the same each time.
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", "ci", "-f"]).arg(&file).status();
    assert!(made.unwrap().success());
    let key = std::fs::read_to_string(&file).unwrap();
    let runs = both("a key", &with_files(), |world| {
        let broken = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----";
        let refused = world.run(&[("mode", "release"), ("signing-key", broken)]);
        let signed = world.run(&[("mode", "release"), ("signing-key", &key)]);
        let tag = world.remote.git(&["cat-file", "tag", "v1.5.0"]);
        let commit = world.remote.git(&["cat-file", "commit", "v1.5.0^{commit}"]);
        assert!(tag.contains("-----BEGIN SSH SIGNATURE-----") && commit.contains("gpgsig "), "{tag}\n{commit}");
        vec![refused, signed]
    });
    assert_eq!((runs[0].code, runs[1].code), (2, 0), "{}{}", runs[0].stdout, runs[1].stdout);
    assert!(runs.iter().all(|run| !run.stdout.contains("PRIVATE KEY")));
}

#[test]
fn a_command_that_compares_apis() {
    let origin = with_files();
    for (command, code, version) in [
        ("test \"$SLIPWAY_PREVIOUS_TAG $SLIPWAY_BUMP\" = 'v1.4.2 minor' && echo major", 0, "2.0.0"),
        ("test -z \"$INPUT_MODE$GITHUB_TOKEN$GITHUB_OUTPUT\" && echo; echo none", 0, "1.5.0"),
        ("echo looks fine; echo ::error::not ours >&2; exit 4", 3, ""),
        ("kill -9 $$", 3, ""),
    ] {
        let runs = both(command, &origin, |world| vec![world.run(&[("minimum-bump-command", command)])]);
        assert_eq!(runs[0].code, code, "{command}: {}", runs[0].stdout);
        assert_eq!(runs[0].outputs.get("version").map_or("", String::as_str), version, "{command}");
    }
}

#[test]
fn components_that_depend_on_each_other() {
    let origin = Repository::new();
    let package =
        |name: &str, rest: &str| format!("[package]\nname = \"{name}\"\nversion = \"1.4.2\"\n\n[dependencies]\n{rest}");
    origin.commit_files(
        "chore: init",
        &[
            (
                "slipway.toml",
                "[components.api]\npaths = [\"api\", \"!api/docs\"]\n[components.web]\npaths = [\"web\"]\n",
            ),
            ("Cargo.toml", "[workspace]\nmembers = [\"api\", \"model\"]\n"),
            ("api/Cargo.toml", &package("api", "model = { path = \"../model\", version = \"1\" }\n")),
            ("model/Cargo.toml", &package("model", "")),
            ("web/package.json", "{ \"name\": \"web\", \"version\": \"1.4.2\" }\n"),
        ],
    );
    origin.tag("api/v1.4.2");
    origin.tag("web/v1.4.2");
    origin.commit_files("feat: of the model", &[("model/lib.rs", "1")]);
    origin.commit_files("fix: of web", &[("web/a.js", "1")]);
    let runs = both("components", &origin, |world| {
        let job =
            |component: &str| world.job(&[("mode", "release"), ("component", component), ("dependencies", "same")]);
        vec![job("api"), job("web"), job("api"), job("shop"), world.job(&[("component", "*")])]
    });
    let told: Vec<_> = runs[..3].iter().map(|run| (run.output("tag"), run.output("bump"))).collect();
    assert_eq!(told, [("api/v1.5.0", "minor"), ("web/v1.4.3", "patch"), ("api/v1.5.0", "none")]);
    assert_eq!(runs[3].code, 2, "{}", runs[3].stdout);
    assert!(
        runs[4].output("releases").starts_with(r#"[{"component":"web","version":"1.4.3""#),
        "{}",
        runs[4].output("json")
    );
}
