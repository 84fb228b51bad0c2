//! Several components in one plan.

use serde_json::{Value, json};
use testbed::{GitServer, Repository};

use crate::support::{TOKEN, answer, error_kind, run, run_at};
use crate::world::World;

/// `api`, which needs `lib`, and `web`, each with a release, and `docs` without one.
fn components() -> Repository {
    let repository = Repository::new();
    let settings = "[components.api]\npaths = [\"api\"]\ndepends-on = [\"lib\"]\n[components.lib]\npaths = [\"lib\"]\n\
                    [components.web]\npaths = [\"web\"]\n[components.docs]\npaths = [\"docs\"]\n\
                    [components.image]\nimages = [\"ghcr.io/acme/shop\"]\n";
    repository.commit_files("chore: init", &[("slipway.toml", settings)]);
    for tag in ["api/v1.4.2", "lib/v0.3.0", "web/v2.0.0"] {
        repository.tag(tag);
    }
    repository.commit_files("feat: zip", &[("lib/a", "1")]);
    repository
}

fn releases(run: &testbed::ActionRun) -> Vec<Value> {
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    serde_json::from_str(run.output("releases")).expect("a list")
}

/// `component version bump`, one a line.
fn told(run: &testbed::ActionRun) -> String {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let line = |one: &Value| ["component", "version", "bump"].map(|key| text(&one[key])).join(" ");
    releases(run).iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_component_that_would_release_is_listed() {
    let repository = components();
    let run = run(&repository, &[("component", "*")]);
    assert_eq!(told(&run), "api 1.4.3 patch\nlib 0.4.0 minor");
    let head = repository.head();
    assert_eq!(
        releases(&run)[0],
        json!({
            "component": "api", "version": "1.4.3", "tag": "api/v1.4.3", "bump": "patch", "previous-version": "1.4.2",
            "commit": head, "released": false, "approval-required": false,
        })
    );
    assert_eq!((run.output("bump"), run.output("version"), run.output("tag")), ("minor", "", ""));
    assert_eq!((run.output("commit"), run.output("released")), (head.as_str(), "false"));
    assert!(run.summary.starts_with("### 2 of 4 components to release\n\n| Component |"), "{}", run.summary);
    assert!(run.summary.contains("### `lib`: `0.3.0` → `0.4.0` (minor)"), "{}", run.summary);
    let json: Value = serde_json::from_str(run.output("json")).expect("JSON");
    assert_eq!(json["plan"]["components"]["web"]["bump"], "none");
    // Each is what a plan of its own says.
    for (component, expected) in
        [("api", "1.4.3 patch false"), ("lib", "0.4.0 minor false"), ("web", "2.0.0 none false")]
    {
        assert_eq!(answer(&repository, &[("component", component)]), expected);
    }
}

#[test]
fn components_can_be_listed() {
    let repository = components();
    repository.commit_files("feat!: new pages", &[("web/a", "1")]);
    let run = run(&repository, &[("component", "web\nlib\nweb"), ("tag-prefix", "{{component}}/v")]);
    assert_eq!(told(&run), "web 3.0.0 major\nlib 0.4.0 minor");
    assert_eq!(run.output("approval-required"), "true");
    let held: Vec<bool> = releases(&run).iter().map(|one| one["approval-required"] == true).collect();
    assert_eq!(held, [true, false]);
    assert!(
        run.stdout.contains("::notice::component `web`: `3.0.0` after `2.0.0` is a major release"),
        "{}",
        run.stdout
    );
    let none = crate::support::run(&components(), &[("component", "web\ndocs")]);
    assert_eq!((none.output("releases"), none.output("bump")), ("[]", "none"));
}

#[test]
fn a_list_of_one_comes_without_components_too() {
    let repository = crate::support::released();
    assert_eq!(told(&run(&repository, &[])), " 1.4.2 none", "this commit is released");
    repository.commit("feat: zip");
    assert_eq!(told(&run(&repository, &[])), " 1.5.0 minor");
    repository.tag("v1.5.0");
    repository.commit("docs: a");
    assert_eq!(run(&repository, &[]).output("releases"), "[]");
}

#[test]
fn a_matrix_releases_what_is_listed_and_a_second_run_finds_it() {
    let world = World::new(&components());
    let plan = world.run(&[("component", "*")]);
    for one in releases(&plan) {
        let component = one["component"].as_str().expect("a text");
        let run = world.run(&[("mode", "tag"), ("component", component)]);
        assert_eq!((run.output("released"), run.output("tag")), ("true", one["tag"].as_str().expect("a text")));
        assert_eq!(releases(&run)[0]["released"], true);
    }
    let again = world.run(&[("component", "*")]);
    let states: Vec<Value> = releases(&again).into_iter().map(|one| one["released"].clone()).collect();
    assert_eq!(states, [true, true], "what a matrix did not complete can be run again");
    assert!(again.summary.starts_with("### 0 of 4 components to release"), "{}", again.summary);
}

#[test]
fn the_tags_of_the_remote_are_read_once() {
    let origin = components();
    let server = GitServer::start(TOKEN);
    let clone = Repository::clone_from(&server.add("acme/shop", &origin.bare_clone()), None);
    let before = server.requests().len();
    let one = run_at(&server.url(), &clone, &[("component", "web")]);
    let once = server.requests().len() - before;
    let all = run_at(&server.url(), &clone, &[("component", "web\ndocs")]);
    assert_eq!((one.code, all.code), (0, 0), "{}", all.stdout);
    assert_eq!(server.requests().len() - before - once, once);
    let shallow = Repository::clone_from(&server.repository_url("acme/shop"), Some(1));
    assert_eq!(told(&run_at(&server.url(), &shallow, &[("component", "*")])), "api 1.4.3 patch\nlib 0.4.0 minor");
}

#[test]
fn what_only_one_component_can_have_is_refused() {
    let repository = components();
    for (inputs, words) in [
        (&[("mode", "tag")][..], "in a matrix"),
        (&[("mode", "backtest")], "can only be planned together"),
        (&[("paths", "api")], "`paths`: these are the paths of one component"),
        (&[("version", "3.0.0")], "`version`: this is the version of one component"),
        (&[("comment", "true")], "`comment`: each component has a comment of its own"),
        (&[("tag-prefix", "release-")], "write `{{component}}/v`"),
        (&[("history", "api")], "leave out `history`"),
    ] {
        let run = run(&repository, &[&[("component", "*")], inputs].concat());
        assert_eq!((run.code, error_kind(&run).as_str()), (2, "invalid-input"), "{words}: {}", run.stdout);
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
    for (component, kind, words) in [
        ("api\n*", "invalid-input", "`*` cannot be the name of a component"),
        ("api\nshop", "invalid-input", "component `shop`: the component `shop` has no paths"),
        ("api\nimage", "invalid-input", "the component `image` has no paths"),
    ] {
        let run = run(&repository, &[("component", component)]);
        assert_eq!((run.code, error_kind(&run).as_str()), (2, kind), "{component}: {}", run.stdout);
        assert!(run.stdout.contains(words), "{component}: {}", run.stdout);
    }
    let none = run(&crate::support::released(), &[("component", "*")]);
    assert!(none.code == 2 && none.stdout.contains("`slipway.toml` has no component with `paths`"), "{}", none.stdout);
}
