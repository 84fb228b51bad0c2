//! Which files get the version, on real repositories.

use serde_json::Value;
use testbed::{ActionRun, Repository};

use crate::support::{error_kind, run, run_on, told};

/// A repository with `v1.4.2` on these files, and a feature.
fn with(files: &[(&str, &str)]) -> Repository {
    let repository = Repository::new();
    repository.commit_files("chore: init", files);
    repository.tag("v1.4.2");
    repository.commit("feat: zip");
    repository
}

/// `path at: old -> new` of every value that a release commit changes.
fn values(run: &ActionRun) -> Vec<String> {
    assert_eq!(run.code, 0, "{}\n{}", run.stdout, run.stderr);
    let json: Value = serde_json::from_str(run.output("json")).expect("JSON");
    let changes = json["plan"]["changes"].as_array().expect("a list").clone();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let mut values = Vec::new();
    for change in &changes {
        let id = change["old"].as_str().unwrap_or("new");
        assert!(change["mode"].as_str().is_some_and(|mode| mode.starts_with("100")) && (id.len() == 40 || id == "new"));
        for value in change["values"].as_array().expect("a list") {
            let [at, old, new] = ["at", "old", "new"].map(|key| text(&value[key]));
            values.push(format!("{} {at}: {old} -> {new}", text(&change["path"])));
        }
    }
    values
}

#[test]
fn files_of_the_last_version_are_found() {
    let repository = with(&[
        ("package.json", "{\"version\": \"0.0.0\"}"),
        ("VERSION", "v1.4.2\n"),
        ("Chart.yaml", "version: 3.0.0\nappVersion: 1.4.2\n"),
        ("sub/VERSION", "1.4.2\n"),
    ]);
    let plan = run(&repository, &[]);
    assert_eq!(told(&plan), "1.5.0 minor false");
    assert_eq!(values(&plan), ["Chart.yaml appVersion: 1.4.2 -> 1.5.0", "VERSION version: v1.4.2 -> v1.5.0"]);
    for notice in [
        "::notice::`package.json#version` is left as it is: it has `0.0.0`, and the last release is `1.4.2`",
        "::notice::`Chart.yaml#version` is left as it is: it has `3.0.0`, and the last release is `1.4.2`",
    ] {
        assert!(plan.stdout.contains(notice), "{}", plan.stdout);
    }
    assert!(plan.summary.contains("| `VERSION` | `version` | `v1.4.2` | `v1.5.0` |"), "{}", plan.summary);
    assert_eq!(values(&run(&repository, &[("working-directory", "sub")])), ["sub/VERSION version: 1.4.2 -> 1.5.0"]);
    assert!(values(&run(&repository, &[("version-files", "none")])).is_empty());
    assert_eq!(values(&run_on(&repository, "pull_request", &[("mode", "tag")])).len(), 2, "a preview shows them");
}

#[test]
fn the_working_tree_does_not_matter() {
    let repository = with(&[("VERSION", "1.4.2\n")]);
    repository.write("VERSION", "9.9.9\n");
    repository.write("version.txt", "1.4.2\n");
    std::fs::remove_file(repository.write("package.json", "{\"version\": \"1.4.2\"}")).expect("removed");
    assert_eq!(values(&run(&repository, &[])), ["VERSION version: 1.4.2 -> 1.5.0"]);
}

#[test]
fn a_cargo_workspace_is_read_from_its_members_too() {
    let member = |name: &str| format!("[package]\nname = \"{name}\"\nversion.workspace = true\n");
    let repository = with(&[
        ("rust/Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n\n[workspace.package]\nversion = \"1.4.2\"\n"),
        (
            "rust/Cargo.lock",
            "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.4.2\"\n\n[[package]]\nname = \"b\"\nversion = \"1.4.2\"\n",
        ),
        ("rust/crates/a/Cargo.toml", &member("a")),
        ("rust/crates/b/Cargo.toml", &member("b")),
    ]);
    let all = [
        "rust/Cargo.lock package[name=a].version: 1.4.2 -> 1.5.0",
        "rust/Cargo.lock package[name=b].version: 1.4.2 -> 1.5.0",
        "rust/Cargo.toml workspace.package.version: 1.4.2 -> 1.5.0",
    ];
    assert_eq!(values(&run(&repository, &[("working-directory", "rust")])), all);
    assert_eq!(values(&run(&repository, &[("working-directory", "rust/crates/b")])), all);
    assert!(values(&run(&repository, &[])).is_empty());
}

#[test]
fn a_component_has_the_files_of_its_paths() {
    let repository = Repository::new();
    let files = [("VERSION", "1.4.2\n"), ("api/package.json", "{\"version\": \"1.4.2\"}"), ("web/VERSION", "1.4.2\n")];
    repository.commit_files("chore: init", &files);
    repository.tag("api/v1.4.2");
    repository.commit_files("feat: zip", &[("api/main.js", "1")]);
    let plan = run(&repository, &[("component", "api"), ("paths", "api"), ("tag-prefix", "api/v")]);
    assert_eq!(values(&plan), ["api/package.json version: 1.4.2 -> 1.5.0"]);
}

#[test]
fn listed_files_are_taken_or_refused() {
    let repository = with(&[("deploy/values.yaml", "image:\n  tag: v1.0.0\n"), ("NEXT", "2.0.0 # slipway:version\n")]);
    let listed = |line: &str| run(&repository, &[("version-files", line)]);
    assert_eq!(values(&listed("deploy/values.yaml#image.tag")), ["deploy/values.yaml image.tag: v1.0.0 -> v1.5.0"]);
    let higher = listed("NEXT");
    assert_eq!(told(&higher), "1.5.0 minor false");
    assert!(
        higher.stdout.contains("::notice::`NEXT#version` has `2.0.0`, which is higher than the new version, `1.5.0`"),
        "{}",
        higher.stdout
    );
    let by_hand = run(&repository, &[("version-files", "NEXT"), ("version", "1.5.0")]);
    assert_eq!(values(&by_hand), ["NEXT version: 2.0.0 -> 1.5.0"]);
    for (line, kind) in [
        ("deploy/value.yaml#image.tag", "not-found"),
        ("deploy#image.tag", "forbidden-path"),
        ("../x", "forbidden-path"),
        (".github/workflows/ci.yml#env.X", "forbidden-path"),
        ("deploy/values.yaml#image.tags", "path-not-found"),
    ] {
        let run = listed(line);
        assert_eq!((run.code, error_kind(&run).as_str()), (2, kind), "{line}: {}", run.stdout);
    }
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let repository = with(&[("real.txt", "1.4.2\n")]);
    std::os::unix::fs::symlink("real.txt", repository.path().join("VERSION")).expect("a link");
    std::os::unix::fs::symlink("/etc", repository.path().join("etc")).expect("a link");
    repository.git(&["add", "."]);
    repository.commit("feat: links");
    assert!(values(&run(&repository, &[])).is_empty());
    for (line, kind) in [("VERSION", "forbidden-path"), ("etc/hostname#a", "not-found")] {
        let run = run(&repository, &[("version-files", line)]);
        assert_eq!((run.code, error_kind(&run).as_str()), (2, kind), "{line}: {}", run.stdout);
    }
}

#[test]
fn the_first_release_doubts_other_versions() {
    let repository = Repository::new();
    repository.commit_files("feat: init", &[("package.json", "{\"version\": \"1.0.0\"}"), ("VERSION", "0.1.0\n")]);
    let plan = run(&repository, &[]);
    assert_eq!(told(&plan), "0.1.0 minor false");
    assert!(values(&plan).is_empty());
    assert!(plan.stdout.contains("to begin there, set `initial-version: 1.0.0`"), "{}", plan.stdout);
}

#[test]
fn a_tag_alone_changes_no_file() {
    let repository = with(&[("VERSION", "x")]);
    repository.git(&["remote", "add", "origin", "/nowhere"]);
    let tag = run(&repository, &[("mode", "tag"), ("version-files", "missing.txt")]);
    assert!(!tag.stdout.contains("missing.txt"), "{}", tag.stdout);
}

#[test]
fn a_release_commits_the_bytes_that_were_planned() {
    let origin = Repository::new();
    let files = [
        ("package.json", "\u{feff}{\r\n\t\"version\" : \"1.4.2\" }"),
        (
            "package-lock.json",
            "{\"version\": \"1.4.2\", \"packages\": {\"\": {\"version\": \"1.4.2\"}, \"a\": {\"version\": \"1.4.2\"}}}\n",
        ),
        ("bin/VERSION", "v1.4.2"),
        (
            "CHANGELOG.md",
            "# Log\r\n\r\n## Unreleased\r\n\r\n### Added\r\n\r\n* By hand\r\n\r\n## 1.4.2 (2026-01-01)\r\n\r\n* old",
        ),
    ];
    origin.commit_files("chore: init", &files);
    origin.git(&["update-index", "--chmod=+x", "bin/VERSION"]);
    origin.commit("chore: mode");
    origin.tag("v1.4.2");
    let id = origin.commit("feat: zip");
    let remote = origin.bare_clone();
    let clone = Repository::clone_from(remote.path().to_str().expect("UTF-8"), None);
    clone.write("package.json", "{\"version\": \"dirty\"}");
    let inputs = [("mode", "release"), ("version-files", "auto\nbin/VERSION")];
    assert_eq!(told(&run(&clone, &inputs)), "1.5.0 minor true");
    let changelog = format!(
        "# Log\r\n\r\n## Unreleased\r\n\r\n## 1.5.0 (2026-01-01)\r\n\r\n### Added\r\n\r\n* By hand\r\n* zip ({})\r\n\r\n\
         **Contributors**: Ada Author\r\n\r\n## 1.4.2 (2026-01-01)\r\n\r\n* old",
        &id[..7]
    );
    for (path, expected) in [
        ("package.json", files[0].1.replace("1.4.2", "1.5.0")),
        ("package-lock.json", files[1].1.replacen("1.4.2", "1.5.0", 2)),
        ("bin/VERSION", "v1.5.0".into()),
        ("CHANGELOG.md", changelog),
    ] {
        let id = remote.git(&["rev-parse", &format!("v1.5.0:{path}")]);
        let file = clone.write("expected", &expected);
        let wanted = clone.git(&["hash-object", "--no-filters", file.to_str().expect("UTF-8")]);
        assert_eq!(id, wanted, "{path}: {:?}", remote.git(&["cat-file", "blob", &id]));
    }
    let changed = remote.git(&["diff", "--raw", "--no-renames", "v1.5.0~", "v1.5.0"]);
    assert_eq!(changed.lines().count(), 4, "{changed}");
    assert!(changed.contains(":100755 100755"), "{changed}");
    let again = run(&clone, &inputs);
    assert_eq!(told(&again), "1.5.0 none true");
}

#[test]
fn components_that_share_a_lock_file_do_not_undo_each_other() {
    let origin = Repository::new();
    let member = |name: &str| format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\n");
    let locked = |name: &str, version: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n");
    let lock = |a: &str, b: &str| format!("version = 4\n\n{}\n{}", locked("a", a), locked("b", b));
    origin.commit_files(
        "chore: init",
        &[
            ("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\n"),
            ("Cargo.lock", &lock("1.0.0", "1.0.0")),
            ("a/Cargo.toml", &member("a")),
            ("b/Cargo.toml", &member("b")),
        ],
    );
    origin.tag("a/v1.0.0");
    origin.tag("b/v1.0.0");
    origin.commit_files("feat: both", &[("a/x", "1"), ("b/x", "1")]);
    let remote = origin.bare_clone();
    let clone = Repository::clone_from(remote.path().to_str().expect("UTF-8"), None);
    for name in ["a", "b"] {
        let prefix = format!("{name}/v");
        let inputs = [("mode", "release"), ("component", name), ("paths", name), ("tag-prefix", prefix.as_str())];
        assert_eq!(told(&run(&clone, &inputs)), "1.1.0 minor true", "{name}");
    }
    assert_eq!(remote.git(&["cat-file", "blob", "main:Cargo.lock"]), lock("1.1.0", "1.1.0").trim_end());
    assert_eq!(
        remote.git(&["cat-file", "blob", "main:a/Cargo.toml"]),
        member("a").replace("1.0.0", "1.1.0").trim_end()
    );
}
