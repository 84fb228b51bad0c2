//! Parts of a repository that are released on their own: only what touches them counts.

use testbed::{GitServer, Repository};

use crate::support::{TOKEN, error_kind, run, run_at, told};

/// The inputs of the component `api` in `services/api`.
const API: &[(&str, &str)] = &[("component", "api"), ("paths", "services/api")];

/// Two components; `api` was released as 1.4.2, and `web` long after it.
fn two_components() -> Repository {
    let repository = Repository::new();
    repository.commit_files("chore: init", &[("services/api/main.rs", "1"), ("services/web/main.ts", "1")]);
    repository.tag("api/v1.4.2");
    repository.commit_files("feat(web): page", &[("services/web/page.ts", "1")]);
    repository.tag("web/v9.0.0");
    repository
}

fn subjects(run: &testbed::ActionRun) -> Vec<String> {
    let json: serde_json::Value = serde_json::from_str(run.output("json")).expect("JSON");
    let commits = json["plan"]["commits"].as_array().expect("a list");
    commits.iter().map(|commit| commit["subject"].as_str().expect("a subject").to_owned()).collect()
}

/// The answer, the tag, and the commits that count.
fn counted(repository: &Repository, inputs: &[(&str, &str)]) -> (String, String, Vec<String>) {
    let run = run(repository, inputs);
    (told(&run), run.output("tag").to_owned(), subjects(&run))
}

#[test]
fn paths_that_nothing_has_are_told() {
    let repository = Repository::new();
    repository.commit_files("feat: a", &[("api/a.rs", "1"), ("web/größe.js", "1"), ("libs/x/a", "1")]);
    for (paths, missing) in [
        ("api, web", Some("api, web")),
        ("api\nwbe", Some("wbe")),
        ("api\nlib/*", Some("lib/*")),
        ("api/b.rs\n!api/c.rs", Some("api/b.rs")),
        ("api\nweb\nlibs/*\n**/*.rs", None),
        ("web/größe.js\n.", None),
        ("!docs", None),
    ] {
        let run = run(&repository, &[("paths", paths)]);
        let told = missing.map(|path| format!("::warning::`paths`: nothing that is checked out is `{path}`"));
        assert_eq!(run.code, 0, "{paths:?}: {}", run.stdout);
        assert_eq!(run.stdout.matches("::warning::`paths`").count(), usize::from(told.is_some()), "{}", run.stdout);
        assert!(told.is_none_or(|told| run.stdout.contains(&told)), "{paths:?}: {}", run.stdout);
    }
}

#[test]
fn a_component_has_its_own_tags_and_history() {
    let repository = two_components();
    repository.commit_files("fix(api): dates", &[("services/api/main.rs", "2")]);
    repository.commit_files("feat(web)!: layout", &[("services/web/main.ts", "2")]);
    repository.commit("feat: of nothing");
    let run = run(&repository, API);
    assert_eq!(told(&run), "1.4.3 patch false");
    assert_eq!(
        (run.output("tag"), run.output("previous-version"), run.output("commit-count")),
        ("api/v1.4.3", "1.4.2", "1")
    );
    assert!(!run.output("notes").contains("layout"), "{}", run.output("notes"));
    let json: serde_json::Value = serde_json::from_str(run.output("json")).expect("JSON");
    assert_eq!(json["plan"]["commits"][0]["paths"], serde_json::json!(["services/api"]));
    let web = counted(&repository, &[("component", "web"), ("paths", "services/web"), ("allow-major", "true")]);
    assert_eq!(web, ("10.0.0 major false".into(), "web/v10.0.0".into(), vec!["feat(web)!: layout".into()]));
    let docs = counted(&repository, &[("component", "docs"), ("paths", "docs")]);
    assert_eq!(docs, (" none false".into(), String::new(), vec![]), "a component without commits has no release");
}

#[test]
fn tags_of_other_components_never_count() {
    let repository = two_components();
    repository.tag("apis/v7.0.0");
    repository.tag("v8.0.0");
    repository.tag("web/api/v6.0.0");
    repository.commit_files("fix: a", &[("services/api/main.rs", "2")]);
    assert_eq!(counted(&repository, API).1, "api/v1.4.3");
    // A prefix of the user's own, as release-please writes it.
    repository.git(&["tag", "api-v2.0.0", "api/v1.4.2"]);
    let inputs = [API, &[("tag-prefix", "{{component}}-v")]].concat();
    assert_eq!(counted(&repository, &inputs).1, "api-v2.0.1");
    let wrong = run(&repository, &[("tag-prefix", "{{component}}-v")]);
    assert_eq!((wrong.code, error_kind(&wrong).as_str()), (2, "invalid-input"));
}

#[test]
fn a_component_is_released_beside_others() {
    let origin = two_components();
    origin.commit_files("feat: both", &[("services/api/main.rs", "2"), ("services/web/main.ts", "2")]);
    let server = GitServer::start(TOKEN);
    let bare = origin.bare_clone();
    let clone = Repository::clone_from(&server.add("acme/shop", &bare), None);
    let api = [API, &[("mode", "tag")]].concat();
    let web = [("component", "web"), ("paths", "services/web"), ("mode", "tag")];
    assert_eq!(told(&run_at(&server.url(), &clone, &api)), "1.5.0 minor true");
    assert_eq!(
        told(&run_at(&server.url(), &clone, &web)),
        "9.1.0 minor true",
        "the other's tag on HEAD is not its own"
    );
    assert_eq!(told(&run_at(&server.url(), &clone, &api)), "1.5.0 none true");
    for tag in ["api/v1.5.0", "web/v9.1.0"] {
        assert_eq!(bare.git(&["rev-parse", &format!("{tag}^{{commit}}")]), clone.head());
    }
}

#[test]
fn globs_and_exclusions() {
    let repository = Repository::new();
    repository.commit_files("chore: init", &[("libs/a/x", "1"), ("libs/b/x", "1"), ("libs/a/docs/x.md", "1")]);
    repository.tag("v1.0.0");
    repository.commit_files("feat: docs only", &[("libs/a/docs/x.md", "2")]);
    repository.commit_files("fix: deep", &[("libs/b/deep/er/y", "1")]);
    repository.commit_files("feat: elsewhere", &[("other/x", "1"), ("libs.txt", "1")]);
    repository.commit_files("fix: both", &[("libs/a/docs/x.md", "3"), ("libs/a/x", "2")]);
    repository.commit_files("feat: brackets", &[("[libs]/x", "1")]);
    let of = |paths: &str| counted(&repository, &[("paths", paths)]).2;
    assert_eq!(of("libs/*\n!libs/*/docs"), ["fix: both", "fix: deep"]);
    assert_eq!(of("libs/**\n!**/*.md"), ["fix: both", "fix: deep"]);
    assert_eq!(of("libs/a\n"), ["fix: both", "feat: docs only"]);
    assert_eq!(of("[libs]/*"), ["feat: brackets"]);
    assert_eq!(of("!libs\n![libs]"), ["feat: elsewhere"]);
    assert_eq!(of("lib"), Vec::<String>::new());
    for hostile in ["../x", "/etc", ".git/config", "!../x"] {
        let wrong = run(&repository, &[("paths", hostile)]);
        assert_eq!((wrong.code, error_kind(&wrong).as_str()), (2, "forbidden-path"), "{hostile}");
    }
    for odd in [":(exclude)libs", "-x", "--all", ":/", "libs/a/x' ;"] {
        assert_eq!(of(odd), Vec::<String>::new(), "{odd}");
    }
}

#[test]
fn paths_are_those_of_the_repository_wherever_the_step_works() {
    let repository = two_components();
    repository.commit_files("fix: a", &[("services/api/main.rs", "2")]);
    let inputs = [API, &[("working-directory", "services/web")]].concat();
    assert_eq!(counted(&repository, &inputs).0, "1.4.3 patch false");
}

#[test]
fn moves_out_of_a_component_touch_it() {
    let repository = two_components();
    repository.git(&["mv", "services/api/main.rs", "services/web/main.rs"]);
    repository.commit("fix: move");
    repository.git(&["rm", "--quiet", "-r", "services/web"]);
    repository.commit("feat: remove");
    assert_eq!(counted(&repository, API).2, ["fix: move"]);
}

#[test]
fn settings_of_the_clone_do_not_change_what_counts() {
    let repository = Repository::new();
    repository.commit_files("feat: the first", &[("services/api/main.rs", "1")]);
    repository.commit_files("chore: move", &[("services/api/other.rs", "1")]);
    for setting in
        ["log.showRoot=false", "diff.relative=true", "log.follow=true", "diff.renames=copies", "core.quotePath=true"]
    {
        let (name, value) = setting.split_once('=').expect("a setting");
        repository.git(&["config", name, value]);
    }
    let inputs = [API, &[("working-directory", "services")]].concat();
    assert_eq!(counted(&repository, &inputs).2, ["chore: move", "feat: the first"]);
}

#[test]
fn merges_count_as_in_git_and_as_pull_requests() {
    let repository = two_components();
    // A pull request whose commits say nothing: its title is in the merge.
    repository.branch("zip");
    repository.commit_files("wip", &[("services/api/zip.rs", "1")]);
    repository.checkout("main");
    repository.commit_files("chore: go on", &[("services/web/x", "1")]);
    repository.git(&["merge", "--quiet", "--no-ff", "-m", "feat: zip (#1)", "zip"]);
    assert_eq!(counted(&repository, API).2, ["feat: zip (#1)", "wip"]);

    // A pull request that does not touch the component.
    repository.branch("page");
    repository.commit_files("feat: page", &[("services/web/page.ts", "2")]);
    repository.checkout("main");
    repository.commit_files("fix: meanwhile", &[("services/api/main.rs", "3")]);
    repository.git(&["merge", "--quiet", "--no-ff", "-m", "feat: page (#2)", "page"]);
    assert_eq!(counted(&repository, API).2, ["fix: meanwhile", "feat: zip (#1)", "wip"]);

    // A branch whose changes are thrown away by the merge.
    repository.branch("lost");
    repository.commit_files("feat!: lost", &[("services/api/lost.rs", "1")]);
    repository.checkout("main");
    repository.commit_files("docs: more", &[("services/web/x", "2")]);
    repository.git(&["merge", "--quiet", "--no-ff", "-s", "ours", "-m", "Merge branch 'lost'", "lost"]);
    assert_eq!(counted(&repository, API).2, ["fix: meanwhile", "feat: zip (#1)", "wip"]);

    // A merge that changes the component itself.
    repository.branch("other");
    repository.commit_files("feat: other", &[("services/web/other", "1")]);
    repository.checkout("main");
    repository.git(&["merge", "--quiet", "--no-ff", "--no-commit", "other"]);
    repository.commit_files("fix: in the merge", &[("services/api/main.rs", "4")]);
    assert_eq!(counted(&repository, API).2, ["fix: in the merge", "fix: meanwhile", "feat: zip (#1)", "wip"]);
}

#[test]
fn a_shallow_clone_gives_the_answer_of_the_whole_one() {
    let origin = two_components();
    origin.branch("early");
    origin.commit_files("fix: early", &[("services/api/early.rs", "1")]);
    origin.commit_files("feat: early web", &[("services/web/early.ts", "1")]);
    origin.checkout("main");
    origin.commit_files("docs: two", &[("services/api/README", "1")]);
    origin.tag("api/v1.5.0");
    origin.commit_files("chore: nothing", &[("x", "1")]);
    origin.git(&["merge", "--quiet", "--no-ff", "-m", "Merge branch 'early'", "early"]);
    origin.commit_files("chore: web", &[("services/web/main.ts", "3")]);
    origin.commit_files("fix: last", &[("services/api/main.rs", "3")]);
    let server = GitServer::start(TOKEN);
    let url = server.add("acme/shop", &origin.bare_clone());
    let expected = run_at(&server.url(), &Repository::clone_from(&url, None), API);
    assert_eq!(subjects(&expected), ["fix: last", "Merge branch 'early'", "fix: early"]);
    for depth in [1, 2, 3] {
        let clone = Repository::clone_from(&url, Some(depth));
        let run = run_at(&server.url(), &clone, API);
        assert_eq!(told(&run), told(&expected), "{depth}");
        assert_eq!(subjects(&run), subjects(&expected), "{depth}");
        assert_eq!(run.output("notes"), expected.output("notes"));
    }
}

#[test]
fn a_component_without_paths_is_refused() {
    let repository = two_components();
    let run = run(&repository, &[("component", "api")]);
    assert_eq!((run.code, error_kind(&run).as_str()), (2, "invalid-input"));
    assert!(run.stdout.contains("the component `api` has no paths"), "{}", run.stdout);
    for name in ["../x", "A", "a b", "-x"] {
        let run = self::run(&repository, &[("component", name), ("paths", "a")]);
        assert_eq!((run.code, error_kind(&run).as_str()), (2, "invalid-input"), "{name}");
    }
}

#[test]
fn a_reverted_merge_takes_back_what_it_brought_into_the_component() {
    let repository = two_components();
    repository.branch("zip");
    repository.commit_files("feat(web): zip", &[("services/web/zip.ts", "1")]);
    repository.commit_files("feat(api): zip", &[("services/api/zip.rs", "1")]);
    repository.commit_files("chore: in between", &[("services/web/zip.ts", "2")]);
    repository.checkout("main");
    repository.commit_files("fix: stays", &[("services/api/main.rs", "2")]);
    repository.git(&["merge", "--quiet", "--no-ff", "-m", "Merge branch 'zip'", "zip"]);
    assert_eq!(counted(&repository, API).0, "1.5.0 minor false");
    repository.git(&["revert", "--no-edit", "--mainline", "1", "HEAD"]);
    assert_eq!(counted(&repository, API).0, "1.4.3 patch false");
}
