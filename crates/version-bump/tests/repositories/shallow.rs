//! A clone that is cut off gives the answer of the whole one, or none.

use testbed::{GitServer, Repository};

use crate::support::{TOKEN, error_kind, released, run, run_at, told};

/// The answer in a clone of each depth, without tags as actions/checkout leaves it, over HTTP and from a path.
fn answers(origin: &Repository) -> Vec<String> {
    let server = GitServer::start(TOKEN);
    let bare = origin.bare_clone();
    let url = server.add("acme/shop", &bare);
    let path = origin.path().to_str().expect("a UTF-8 path").to_owned();
    let mut answers = Vec::new();
    for source in [url, path] {
        for depth in [1, 2, 3] {
            let clone = Repository::clone_from(&source, Some(depth));
            for tag in clone.git(&["tag"]).lines() {
                clone.git(&["tag", "--delete", tag]);
            }
            let before = state(&clone);
            let run = run_at(&server.url(), &clone, &[]);
            answers.push(format!("{} {}", told(&run), run.output("commit-count")));
            assert_eq!(state(&clone), before, "the clone is left as it was");
        }
    }
    answers.dedup();
    answers
}

fn state(clone: &Repository) -> [String; 3] {
    let shallow = std::fs::read_to_string(clone.path().join(".git/shallow")).unwrap_or_default();
    [shallow, clone.git(&["config", "--local", "--list"]), clone.git(&["count-objects", "-v"])]
}

#[test]
fn a_line_of_commits() {
    let origin = released();
    for place in 0..5 {
        origin.commit(&format!("fix: {place}"));
    }
    assert_eq!(answers(&origin), ["1.4.3 patch false 5"]);
    origin.commit("feat: zip");
    origin.annotated_tag("v1.5.0", "a release");
    assert_eq!(answers(&origin), ["1.5.0 none true 0"]);
}

#[test]
fn merges_that_cross_the_release_lose_nothing() {
    // The topics begin before the release and are merged after it; one of them has main merged into it.
    let origin = Repository::new();
    origin.commit("chore: one");
    origin.tag("v1.4.1");
    origin.commit("chore: two");
    origin.branch("feature");
    origin.branch("fixes");
    origin.checkout("main");
    origin.commit("chore: three");
    origin.branch("between");
    origin.checkout("main");
    origin.commit("chore: four");
    origin.tag("v1.4.2");
    origin.checkout("feature");
    origin.commit("feat: on a branch");
    origin.commit("docs: on a branch");
    origin.checkout("fixes");
    origin.commit("fix: on a branch");
    origin.git(&["merge", "--quiet", "--no-ff", "-m", "Merge branch 'between' into fixes", "between"]);
    origin.commit("fix: after the merge");
    origin.checkout("main");
    origin.git(&["merge", "--quiet", "--no-ff", "-m", "Merge branch 'feature'", "feature"]);
    origin.git(&["merge", "--quiet", "--no-ff", "-m", "Merge branch 'fixes'", "fixes"]);
    origin.commit("docs: last");
    let count = origin.git(&["rev-list", "--count", "v1.4.2..main"]);
    assert_eq!(answers(&origin), [format!("1.5.0 minor false {count}")]);
}

#[test]
fn a_merge_that_crosses_the_release_is_taken_back_with_what_it_brought() {
    let origin = Repository::new();
    origin.commit("chore: one");
    origin.branch("feature");
    origin.commit("feat!: on a branch");
    origin.commit("feat: more");
    origin.checkout("main");
    origin.commit("chore: two");
    origin.tag("v1.4.2");
    origin.git(&["merge", "--quiet", "--no-ff", "-m", "Merge branch 'feature'", "feature"]);
    let merge = origin.head();
    origin.commit("fix: after the merge");
    let body = format!("This reverts commit {merge}, reversing\nchanges made to {merge}.");
    origin.git(&["commit", "--quiet", "--allow-empty", "-m", "Revert \"Merge branch 'feature'\"", "-m", &body]);
    assert_eq!(answers(&origin), ["1.4.3 patch false 5"]);
}

#[test]
fn pre_releases_are_found_behind_the_cut() {
    let origin = released();
    origin.commit("feat: zip");
    origin.tag("v1.5.0-beta.2");
    origin.commit("fix: names");
    origin.annotated_tag("v1.5.0-rc.1", "a release");
    for place in 0..3 {
        origin.commit(&format!("fix: {place}"));
    }
    let path = origin.path().to_str().expect("a UTF-8 path").to_owned();
    for (branch, expected) in [("next=rc", "1.5.0-rc.2 patch false"), ("next=x", "1.5.0-x.1 patch false")] {
        let clone = Repository::clone_from(&path, Some(1));
        let run = run(&clone, &[("channels", branch), ("branch", "next")]);
        assert_eq!((told(&run).as_str(), run.output("commit-count")), (expected, "3"));
        assert_eq!(run.output("previous-version"), "1.5.0-rc.1");
    }
}

#[test]
fn a_merge_of_many_topics_loses_nothing() {
    let origin = released();
    for place in 0..20 {
        origin.checkout("main");
        origin.branch(&format!("topic-{place}"));
        origin.commit(&format!("fix: {place}"));
    }
    origin.checkout("main");
    let topics: Vec<String> = (0..20).map(|place| format!("topic-{place}")).collect();
    let mut merge = vec!["merge", "--quiet", "--no-ff", "-m", "Merge topics"];
    merge.extend(topics.iter().map(String::as_str));
    origin.git(&merge);
    let count = origin.git(&["rev-list", "--count", "v1.4.2..main"]);
    assert_eq!(answers(&origin), [format!("1.4.3 patch false {count}")]);
}

#[test]
fn higher_releases_elsewhere_do_not_count() {
    let origin = released();
    origin.branch("next");
    origin.commit("feat!: two");
    for minor in 0..10 {
        origin.tag(&format!("v2.{minor}.0"));
    }
    origin.checkout("main");
    origin.commit("fix: a");
    origin.commit("fix: b");
    assert_eq!(answers(&origin), ["1.4.3 patch false 2"]);
}

#[test]
fn a_commit_before_the_highest_release() {
    let origin = released();
    origin.commit("fix: a");
    origin.branch("old");
    origin.checkout("main");
    origin.commit("feat: b");
    origin.tag("v1.5.0");
    origin.checkout("old");
    assert_eq!(answers(&origin), ["1.4.3 patch false 1"]);
}

#[test]
fn no_release_yet() {
    let origin = Repository::new();
    origin.commit("chore: init");
    origin.commit("feat: a");
    origin.commit("docs: b");
    origin.commit("docs: c");
    assert_eq!(answers(&origin), ["0.1.0 minor false 4"]);
}

#[test]
fn a_tag_on_something_else_than_a_commit_does_not_count() {
    let origin = released();
    origin.git(&["tag", "v3.0.0", "HEAD^{tree}"]);
    origin.commit("fix: a");
    origin.commit("fix: b");
    assert_eq!(answers(&origin), ["1.4.3 patch false 2"]);
}

#[test]
fn the_release_is_pushed_from_a_shallow_clone() {
    let origin = released();
    origin.commit("feat: a");
    origin.commit("docs: b");
    let server = GitServer::start(TOKEN);
    let bare = origin.bare_clone();
    let url = server.add("acme/shop", &bare);
    let clone = Repository::clone_from(&url, Some(1));
    assert_eq!(told(&run_at(&server.url(), &clone, &[("mode", "tag")])), "1.5.0 minor true");
    assert_eq!(bare.git(&["rev-parse", "v1.5.0^{commit}"]), clone.head());
}

#[test]
fn where_the_rest_cannot_be_had_nothing_is_guessed() {
    let origin = released();
    origin.commit("feat: a");
    origin.commit("fix: b");
    let path = origin.path().to_str().expect("a UTF-8 path");
    let clone = Repository::clone_from(path, Some(1));
    clone.git(&["remote", "remove", "origin"]);
    let alone = run(&clone, &[("mode", "tag")]);
    assert_eq!((alone.code, error_kind(&alone).as_str()), (2, "shallow-history"), "{}", alone.stdout);
    assert!(alone.stdout.contains("add `fetch-depth: 0` to the actions/checkout step"), "{}", alone.stdout);
    clone.git(&["remote", "add", "origin", "http://127.0.0.1:9/acme/shop.git"]);
    let cut_off = run(&clone, &[("mode", "tag")]);
    assert_eq!((cut_off.code, error_kind(&cut_off).as_str()), (3, "network"), "{}", cut_off.stdout);
}

#[test]
fn without_any_tag_and_without_the_remote_there_is_no_answer() {
    let origin = released();
    origin.commit("feat: a");
    let path = origin.path().to_str().expect("a UTF-8 path");
    let clone = Repository::clone_from(path, None);
    clone.git(&["remote", "set-url", "origin", "http://127.0.0.1:9/acme/shop.git"]);
    let plan = run(&clone, &[]);
    assert_eq!((plan.code, plan.output("version")), (0, "1.5.0"), "a plan may rest on the clone's own tags");
    let tag = run(&clone, &[("mode", "tag")]);
    assert_eq!((tag.code, error_kind(&tag).as_str()), (3, "network"), "{}", tag.stdout);
    clone.git(&["tag", "--delete", "v1.4.2"]);
    for mode in ["plan", "tag"] {
        let run = run(&clone, &[("mode", mode)]);
        assert_eq!((run.code, error_kind(&run).as_str()), (3, "network"), "{mode}: {}", run.stdout);
    }
}

#[test]
fn a_server_that_cannot_filter_gives_the_answer_too() {
    let origin = released();
    origin.commit("feat: a");
    origin.commit("fix: b");
    let server = GitServer::start(TOKEN);
    let bare = origin.bare_clone();
    let url = server.add("acme/shop", &bare);
    bare.git(&["config", "uploadpack.allowFilter", "false"]);
    let clone = Repository::clone_from(&url, Some(1));
    assert_eq!(told(&run_at(&server.url(), &clone, &[])), "1.5.0 minor false");
}

#[test]
fn only_what_came_after_the_release_is_fetched() {
    let origin = released();
    origin.branch("topic");
    origin.commit("feat: a");
    origin.checkout("main");
    origin.commit("docs: b");
    origin.tag("v1.4.3");
    origin.commit("fix: c");
    let requests = |expected: &str| {
        let server = GitServer::start(TOKEN);
        let url = server.add("acme/shop", &origin.bare_clone());
        let clone = Repository::clone_from(&url, Some(1));
        let posts = || server.requests().iter().filter(|request| request.method == "POST").count();
        let before = posts();
        assert_eq!(told(&run_at(&server.url(), &clone, &[])), expected);
        posts() - before
    };
    // One for the tags, one for the commits; fetching everything would take another.
    assert_eq!(requests("1.4.4 patch false"), 2);
    origin.git(&["reset", "--quiet", "--hard", "v1.4.3"]);
    origin.git(&["merge", "--quiet", "--no-ff", "-m", "Merge branch 'topic'", "topic"]);
    // One more for what is behind the merge.
    assert_eq!(requests("1.5.0 minor false"), 3);
}
