//! What a component depends on within the repository, and what changes of that ask for.

use testbed::{ActionRun, GitServer, Repository};

use crate::support::{TOKEN, error_kind, run, run_at, told};

const API: (&str, &str) = ("component", "api");

/// A Cargo workspace: `api` → `model` → `text`, and for its tests `testing`.
fn cargo() -> Repository {
    let repository = Repository::new();
    let package = |name: &str, rest: &str| format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\n{rest}");
    let api = "[dependencies]\nmodel.workspace = true\n[dev-dependencies]\ntesting = { path = \"../testing\" }\n";
    repository.commit_files(
        "chore: init",
        &[
            ("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n[workspace.dependencies]\nmodel = { path = \"crates/model\" }\n"),
            ("crates/api/Cargo.toml", &package("api", api)),
            ("crates/model/Cargo.toml", &package("model", "[dependencies]\ntext = { path = \"../text\" }\n")),
            ("crates/text/Cargo.toml", &package("text", "[build-dependencies]\napi = { path = \"../api\" }\n")),
            ("crates/testing/Cargo.toml", &package("testing", "")),
            ("crates/web/Cargo.toml", &package("web", "")),
        ],
    );
    repository.tag("api/v1.4.2");
    repository
}

fn answer(repository: &Repository, inputs: &[(&str, &str)]) -> (String, Vec<String>) {
    let inputs = [&[API, ("paths", "crates/api")], inputs].concat();
    let run = run(repository, &inputs);
    (told(&run), reasons(&run))
}

/// Each commit that counts, with its bump and its reason.
fn reasons(run: &ActionRun) -> Vec<String> {
    let json: serde_json::Value = serde_json::from_str(run.output("json")).expect("JSON");
    let commits = json["plan"]["commits"].as_array().expect("a list");
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    commits.iter().map(|commit| format!("{}: {}", text(&commit["bump"]), text(&commit["reason"]))).collect()
}

#[test]
fn a_release_of_a_dependency_makes_a_patch_of_what_depends_on_it() {
    let repository = cargo();
    repository.commit_files("feat: far away", &[("crates/text/lib.rs", "1")]);
    assert_eq!(answer(&repository, &[]), ("1.4.3 patch false".into(), vec!["patch: through text: a feature".into()]));
    repository.commit_files("feat!: near", &[("crates/model/lib.rs", "1")]);
    repository.commit_files("docs: near", &[("crates/model/README.md", "1")]);
    repository.commit_files("feat!: of tests only", &[("crates/testing/lib.rs", "1")]);
    repository.commit_files("feat!: of nobody", &[("crates/web/lib.rs", "1"), ("Cargo.toml", "[workspace]")]);
    repository.git(&["checkout", "--quiet", "HEAD~1", "--", "Cargo.toml"]);
    repository.commit("chore: restore");
    let (told, reasons) = answer(&repository, &[]);
    assert_eq!(told, "1.4.3 patch false", "a breaking change of a dependency needs no approval");
    assert_eq!(
        reasons,
        [
            "none: through model: a type that releases nothing",
            "patch: through model: breaking: ! before the colon",
            "patch: through text: a feature",
        ]
    );
    repository.commit_files("feat: own", &[("crates/api/main.rs", "1"), ("crates/model/lib.rs", "2")]);
    assert_eq!(answer(&repository, &[]).0, "1.5.0 minor false", "what changes the component itself counts as its own");
}

#[test]
fn the_reason_says_whose_commits_decided() {
    let repository = cargo();
    let reason = |inputs: &[(&str, &str)]| {
        let run = run(&repository, &[&[API, ("paths", "crates/api")], inputs].concat());
        let json: serde_json::Value = serde_json::from_str(run.output("json")).expect("JSON");
        json["plan"]["reason"].as_str().expect("a text").to_owned()
    };
    let feature = repository.commit_files("feat: far away", &[("crates/text/lib.rs", "1")]);
    assert_eq!(reason(&[]), format!("1 commit of a dependency (text): {}", &feature[..7]));
    assert_eq!(reason(&[("dependencies", "same")]), format!("1 feature of a dependency (text): {}", &feature[..7]));
    let fix = repository.commit_files("fix: near", &[("crates/model/lib.rs", "1")]);
    assert_eq!(reason(&[]), format!("2 commits of dependencies (model, text): {}, {}", &fix[..7], &feature[..7]));
    let own = repository.commit_files("fix: own", &[("crates/api/main.rs", "1"), ("crates/model/lib.rs", "2")]);
    assert_eq!(reason(&[]), format!("3 commits: {}, {}, {}", &own[..7], &fix[..7], &feature[..7]));
}

#[test]
fn how_dependencies_count_can_be_said() {
    let repository = cargo();
    repository.commit_files("feat: near", &[("crates/model/lib.rs", "1")]);
    assert_eq!(answer(&repository, &[("dependencies", "same")]).0, "1.5.0 minor false");
    assert_eq!(answer(&repository, &[("dependencies", "none")]), ("1.4.2 none false".into(), vec![]));
    repository.commit_files("feat!: near", &[("crates/model/lib.rs", "2")]);
    let held = run(&repository, &[API, ("paths", "crates/api"), ("dependencies", "same")]);
    assert_eq!((held.output("bump"), held.output("approval-required")), ("major", "true"));
}

#[test]
fn components_are_declared_in_the_settings_file() {
    let repository = cargo();
    let settings = "[components.api]\npaths = [\"crates/api\", \"!crates/api/docs\"]\ndepends-on = [\"site\"]\n\
                    [components.model]\npaths = [\"crates/model\", \"schema\"]\n\
                    [components.site]\npaths = [\"site/*.html\"]\ndepends-on = [\"api\"]\n";
    repository.commit_files("chore: settings", &[("slipway.toml", settings)]);
    repository.commit_files("feat: docs", &[("crates/api/docs/x", "1")]);
    repository.commit_files("fix: of the schema", &[("schema/x", "1")]);
    repository.commit_files("fix: of the site", &[("site/index.html", "1"), ("site/x.css", "1")]);
    repository.commit_files("fix: of styles", &[("site/x.css", "2")]);
    let run = run(&repository, &[API]);
    assert_eq!(told(&run), "1.4.3 patch false");
    assert_eq!(reasons(&run), ["patch: through site: a fix", "patch: through model: a fix"]);
    let json: serde_json::Value = serde_json::from_str(run.output("json")).expect("JSON");
    assert_eq!(json["plan"]["commits"][0]["dependencies"], serde_json::json!(["site"]));
    assert!(run.output("notes").contains("**site:** of the site"), "{}", run.output("notes"));
    let unknown = self::run(&repository, &[("component", "shop")]);
    assert_eq!((unknown.code, error_kind(&unknown).as_str()), (2, "invalid-input"));
    assert!(unknown.stdout.contains("[components.shop]"), "{}", unknown.stdout);
    for (settings, kind) in
        [("[components", "invalid-file"), ("[components.api]\npaths = [\"../x\"]\n", "forbidden-path")]
    {
        repository.write("slipway.toml", settings);
        let wrong = self::run(&repository, &[API]);
        assert_eq!((wrong.code, error_kind(&wrong).as_str()), (2, kind), "{settings}: {}", wrong.stdout);
    }
}

#[test]
fn packages_of_npm_pnpm_and_yarn_depend_on_each_other() {
    for (file, content) in [
        ("package.json", r#"{"private": true, "workspaces": ["packages/*"]}"#),
        ("package.json", r#"{"private": true, "workspaces": {"packages": ["packages/*"]}}"#),
        ("pnpm-workspace.yaml", "packages:\n  - packages/*\n"),
    ] {
        let repository = Repository::new();
        let api =
            r#"{"name": "@acme/api", "dependencies": {"@acme/ui": "workspace:^"}, "devDependencies": {"tools": "*"}}"#;
        repository.commit_files(
            "chore: init",
            &[
                (file, content),
                ("packages/api/package.json", api),
                ("packages/ui/package.json", r#"{"name": "@acme/ui", "peerDependencies": {"icons": "1"}}"#),
                ("packages/icons/package.json", r#"{"name": "icons"}"#),
                ("packages/tools/package.json", r#"{"name": "tools"}"#),
            ],
        );
        repository.tag("api/v1.0.0");
        repository.commit_files("feat: of tools", &[("packages/tools/x", "1")]);
        repository.commit_files("feat: an icon", &[("packages/icons/x", "1")]);
        let run = run(&repository, &[API, ("paths", "packages/api")]);
        assert_eq!(
            (told(&run).as_str(), reasons(&run)),
            ("1.0.1 patch false", vec!["patch: through icons: a feature".into()]),
            "{content}"
        );
    }
}

#[test]
fn files_that_are_links_or_broken_do_no_harm() {
    let repository = cargo();
    repository
        .commit_files("chore: a fixture", &[("tests/bad/Cargo.toml", "[package"), ("tests/bad/package.json", "{")]);
    #[cfg(unix)]
    {
        let outside = tempfile::tempdir().expect("a directory");
        std::fs::write(outside.path().join("Cargo.toml"), "[package").expect("a file");
        std::os::unix::fs::symlink(outside.path(), repository.path().join("crates/linked")).expect("a link");
        repository.git(&["add", "crates/linked"]);
        repository.commit("chore: a link");
    }
    repository.commit_files("fix: near", &[("crates/model/lib.rs", "1")]);
    assert_eq!(answer(&repository, &[]).0, "1.4.3 patch false");
    // What the component needs must be known.
    repository.write("crates/model/Cargo.toml", "[package");
    let wrong = run(&repository, &[API, ("paths", "crates/api")]);
    assert_eq!((wrong.code, error_kind(&wrong).as_str()), (2, "invalid-file"));
    assert!(wrong.stdout.contains("crates/model/Cargo.toml"), "{}", wrong.stdout);
    assert_eq!(answer(&repository, &[("dependencies", "none")]).0, "1.4.2 none false");
}

#[test]
fn a_shallow_clone_knows_the_dependencies_too() {
    let origin = cargo();
    origin.commit_files("feat: far away", &[("crates/text/lib.rs", "1")]);
    origin.commit_files("fix: elsewhere", &[("crates/web/lib.rs", "1")]);
    origin.commit_files("docs: more", &[("README.md", "1")]);
    let server = GitServer::start(TOKEN);
    let clone = Repository::clone_from(&server.add("acme/shop", &origin.bare_clone()), Some(1));
    let run = run_at(&server.url(), &clone, &[API, ("paths", "crates/api")]);
    assert_eq!(
        (told(&run).as_str(), reasons(&run)),
        ("1.4.3 patch false", vec!["patch: through text: a feature".into()])
    );
}
