//! H01–H18, H68, H70–H74: names of refs, versions and images.

use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use slipway_core::git::{BranchName, Git, RefName, TagName};
use slipway_core::host::native::NativeHost;
use testbed::{ActionRun, Repository, Runner, run_action};

use crate::git::context;
use crate::messages::assert_harmless;

/// image-tag on an event, the same both ways.
#[track_caller]
pub(crate) fn on(git_ref: &str, inputs: &[(&str, &str)], payload: &str) -> ActionRun {
    let event = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(event.path(), payload).unwrap();
    let variables = [
        ("SLIPWAY_NOW", "2026-03-04T05:06:07.089Z"),
        ("GITHUB_EVENT_NAME", "push"),
        ("GITHUB_SHA", "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567"),
        ("GITHUB_EVENT_PATH", event.path().to_str().unwrap()),
        ("GITHUB_REF", git_ref),
    ];
    let [native, node] = [Runner::Native, Runner::Node].map(|runner| {
        let run = run_action(runner, "image-tag", inputs, &variables, Path::new("/"));
        assert_harmless(&run);
        run
    });
    assert_eq!((native.code, &native.outputs), (node.code, &node.outputs), "{git_ref} {inputs:?}");
    native
}

/// image-tag in a checkout, outside GitHub, the same both ways.
#[track_caller]
fn in_checkout(repository: &Repository, inputs: &[(&str, &str)]) -> ActionRun {
    let now = [("SLIPWAY_NOW", "2026-03-04T05:06:07.089Z")];
    let [native, node] = [Runner::Native, Runner::Node].map(|runner| {
        let run = run_action(runner, "image-tag", inputs, &now, repository.path());
        assert_harmless(&run);
        run
    });
    assert_eq!((native.code, &native.outputs), (node.code, &node.outputs), "{inputs:?}");
    native
}

/// Makes a ref whose name git's own commands would take for an option.
fn make_ref(repository: &Repository, name: &str, object: &str) {
    repository.git(&["update-ref", name, object]);
}

/// Asks the wrapper of git about a repository.
fn ask<T>(repository: &Repository, question: impl AsyncFnOnce(Git<'_, NativeHost>) -> T) -> T {
    NativeHost::block_on(async {
        let context = context(repository.path()).await;
        question(Git::open(&context).await.unwrap()).await
    })
    .unwrap()
}

#[test]
fn h01_a_tag_named_like_an_option_is_data() {
    let repository = Repository::new();
    let head = repository.commit("feat: one");
    for name in ["--output=pwned", "-x", "--upload-pack=touch", "$(touch pwned)", ";touch pwned", "`id`"] {
        make_ref(&repository, &format!("refs/tags/{}", name.replace(' ', "_")), &head);
    }
    repository.git(&["checkout", "--quiet", "--detach"]);
    let run = in_checkout(&repository, &[]);
    assert_eq!((run.code, run.output("version")), (0, "touch_pwned-"), "{}", run.stdout);
    assert!(!repository.path().join("pwned").exists());
    let found = ask(&repository, async |git| git.local_tags().await.unwrap());
    assert_eq!(found.len(), 6);
    assert!(found.iter().any(|tag| tag.name == "--output=pwned" && tag.target.as_str() == head));
}

#[test]
fn h02_h09_names_that_are_no_names_are_refused() {
    for name in [
        "--upload-pack=touch x",
        "-x",
        "v1..2",
        "v1.lock",
        "a/../b",
        "v1 x",
        "v1\nx",
        "v1^{}",
        "v1~1",
        "v1:path",
        "@{u}",
        "@",
        "",
        "/",
        "a//b",
        ".a",
        "a.",
        "a/.b",
        "v1\u{7f}",
        "v1?",
        "v1*",
        "v1[",
        "v1\\x",
        "a.lock/b",
    ] {
        assert!(name.parse::<TagName>().is_err() && name.parse::<BranchName>().is_err(), "{name:?}");
        assert!(format!("refs/tags/{name}").parse::<RefName>().is_err() || matches!(name, "-x" | "@"), "{name:?}");
    }
}

#[test]
fn h05_h10_h11_h70_h72_tags_that_are_no_versions_make_no_version() {
    let rules = [("tags", "type=semver,pattern={{version}}\ntype=ref,event=tag")];
    for (tag, expected) in [
        ("v1.0.0;id", "v1.0.0-id"),
        ("v1`id`", "v1-id-"),
        ("v1$(id)", "v1-id-"),
        ("v1|id", "v1-id"),
        ("v1\u{2024}2\u{2024}3", "v1-2-3"),
        ("v1.2.3\u{202e}", "v1.2.3-"),
        ("v1.2.3\u{200d}", "v1.2.3-"),
        ("v99999999999999999999.0.0", "v99999999999999999999.0.0"),
        ("v1.0.0-alpha..1", "v1.0.0-alpha..1"),
        ("v1.0.0-01", "v1.0.0-01"),
        ("v1.0.0-${{x}}", "v1.0.0--x-"),
        ("v1.0", "v1.0"),
        ("1.0.0\u{661}", "1.0.0-"),
    ] {
        let run = on(&format!("refs/tags/{tag}"), &rules, "{}");
        assert_eq!((run.code, run.output("version")), (0, expected), "{tag}: {}", run.stdout);
        let json: serde_json::Value = serde_json::from_str(run.output("json")).unwrap();
        assert_eq!(json["plan"]["rules"][0]["tag"], serde_json::Value::Null, "{tag}: {json}");
    }
    // What is SemVer stays: build metadata cannot stand in a tag and is left out, and a pre-release is not the latest.
    for (tag, expected) in [("v1.2.3+build.5", "1.2.3\nlatest"), ("v1.2.3-rc.1", "1.2.3-rc.1"), ("v1.2.3--", "1.2.3--")]
    {
        let run = on(&format!("refs/tags/{tag}"), &[("tags", "type=semver,pattern={{version}}")], "{}");
        assert_eq!(run.output("tags"), expected, "{tag}");
    }
}

#[test]
fn h06_a_branch_is_made_a_tag_that_every_registry_takes() {
    for branch in [
        "zzz\";echo${IFS}\"hello\";#",
        "feat/\u{202e}x",
        "a'b`c$(d)|e&f",
        "-rf",
        "--help",
        "..a",
        "\u{1f680}x",
        "a::error::b",
        "##[set-output name=tags;]evil",
        "x\u{e0041}y",
        "UPPER/Case_1.2-3",
    ] {
        let run = on(&format!("refs/heads/{branch}"), &[("images", "ghcr.io/acme/shop")], "{}");
        let tag =
            run.output("tags").strip_prefix("ghcr.io/acme/shop:").unwrap_or_else(|| panic!("{branch}: {}", run.stdout));
        assert!(tag.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)), "{branch}: {tag}");
        assert!(!tag.starts_with(['.', '-']), "{branch}: {tag}");
    }
    assert_eq!(on("refs/heads/\u{e9}", &[], "{}").output("tags"), "");
}

#[test]
fn h73_two_branches_that_become_the_same_tag_are_told() {
    let repository = Repository::new();
    repository.commit("feat: one");
    for (branch, other, expected) in
        [("feat/x", "feat-x", true), ("feat-y", "feat/y", true), ("fix/a", "fix/b", false), ("-dash", "dash", true)]
    {
        for name in [branch, other] {
            make_ref(&repository, &format!("refs/heads/{name}"), "HEAD");
        }
        repository.git(&["symbolic-ref", "HEAD", &format!("refs/heads/{branch}")]);
        let run = in_checkout(&repository, &[]);
        let told = run.stdout.contains(&format!("`{branch}` and `{other}` become the same tag"));
        assert_eq!(told, expected, "{branch}: {}", run.stdout);
    }
    let rules = "type=raw,value=a/b\ntype=raw,value=a-b\ntype=raw,value=a/b";
    let run = on("refs/heads/main", &[("tags", rules)], "{}");
    assert_eq!(run.stdout.matches("`a/b` and `a-b` become the same tag, `a-b`").count(), 1, "{}", run.stdout);
}

#[test]
fn h07_h08_h17_names_that_mean_two_things_are_qualified() {
    let repository = Repository::new();
    let first = repository.commit("feat: one");
    let second = repository.commit("feat: two");
    let looks_like_a_commit = "deadbeef".repeat(5);
    for name in ["refs/heads/HEAD", "refs/tags/HEAD", "refs/tags/main", "refs/tags/@", "refs/heads/v1", "refs/main"] {
        make_ref(&repository, name, &first);
    }
    for name in ["refs/tags/v1".to_owned(), format!("refs/heads/{looks_like_a_commit}"), format!("refs/tags/{first}")] {
        make_ref(&repository, &name, &second);
    }
    let run = in_checkout(&repository, &[]);
    assert_eq!(run.output("tags"), "main", "{}", run.stdout);
    assert!(run.output("labels").contains(&format!("revision={second}\n")), "{}", run.output("labels"));
    let resolved = |name: &str| {
        let name: RefName = name.parse().unwrap();
        ask(&repository, async |git| git.resolve(&name).await.unwrap().map(|id| id.to_string()))
    };
    assert_eq!(resolved("refs/tags/v1"), Some(second.clone()));
    assert_eq!(resolved("refs/heads/v1"), Some(first.clone()));
    assert_eq!(resolved("refs/tags/HEAD"), Some(first.clone()));
    assert_eq!(resolved(&format!("refs/heads/{looks_like_a_commit}")), Some(second.clone()));
    assert_eq!(resolved(&format!("refs/tags/{first}")), Some(second.clone()));
    assert_eq!(resolved(&format!("refs/heads/{first}")), None);

    repository.git(&["symbolic-ref", "HEAD", &format!("refs/heads/{looks_like_a_commit}")]);
    assert_eq!(in_checkout(&repository, &[]).output("tags"), looks_like_a_commit);
}

#[test]
fn h14_many_tags_take_little_time() {
    let repository = Repository::new();
    let head = repository.commit("feat: one");
    let mut packed = "# pack-refs with: peeled fully-peeled sorted \n".to_owned();
    for number in 100_000..300_000 {
        writeln!(packed, "{head} refs/tags/t{number}").unwrap();
    }
    repository.write(".git/packed-refs", packed);
    repository.git(&["checkout", "--quiet", "--detach"]);
    let start = Instant::now();
    let run = run_action(Runner::Node, "image-tag", &[], &[], repository.path());
    assert_eq!(run.output("version"), "t100000", "{}", run.stdout);
    assert_eq!(ask(&repository, async |git| git.local_tags().await.unwrap().len()), 200_000);
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[test]
fn h15_tags_of_anything_are_peeled_or_passed_over() {
    let repository = Repository::new();
    let head = repository.commit_files("feat: one", &[("a.txt", "a")]);
    repository.git(&["tag", "of-a-tree", "HEAD^{tree}"]);
    repository.git(&["tag", "of-a-blob", "HEAD:a.txt"]);
    repository.annotated_tag("nested-0", "zero");
    for depth in 1..50 {
        repository.git(&[
            "tag",
            "--no-sign",
            "-a",
            "-m",
            "deeper",
            &format!("nested-{depth}"),
            &format!("nested-{}", depth - 1),
        ]);
    }
    let resolved = |name: &str| {
        let name = name.parse::<TagName>().unwrap().qualified();
        ask(&repository, async |git| git.resolve(&name).await.unwrap().map(|id| id.to_string()))
    };
    assert_eq!(resolved("nested-49"), Some(head));
    assert_eq!((resolved("of-a-tree"), resolved("of-a-blob"), resolved("nothing")), (None, None, None));
}

#[test]
fn h18_history_is_what_it_is() {
    let origin = Repository::new();
    let first = origin.commit("feat: one");
    let second = origin.commit("feat: two");
    let shallow = Repository::clone_from(origin.path().to_str().unwrap(), Some(1));
    assert!(ask(&shallow, async |git| git.is_shallow().await.unwrap()));
    assert!(!ask(&origin, async |git| git.is_shallow().await.unwrap()));

    let log = |repository: &Repository| {
        let argv = slipway_core::git::Argv::new("log").flag("--format=%H %s").end_of_options().revision("HEAD");
        ask(repository, async |git| git.text(argv).await.unwrap())
    };
    let whole = format!("{second} feat: two\n{first} feat: one");
    let other = origin.git(&["commit-tree", "-m", "feat!: evil", "HEAD^{tree}"]);
    origin.git(&["replace", &first, &other]);
    assert!(origin.git(&["log", "--format=%s"]).contains("evil"));
    assert_eq!(log(&origin), whole);
    origin.git(&["replace", "--delete", &first]);
    origin.write(".git/info/grafts", format!("{second}\n"));
    assert_eq!(origin.git(&["rev-list", "--count", "HEAD"]), "1");
    assert_eq!(log(&origin), whole);
}

#[test]
fn h68_the_runner_is_believed_and_not_the_event() {
    let payload =
        r#"{"ref":"refs/heads/evil","repository":{"default_branch":"evil"},"head_commit":{"id":"0"},"base_ref":7}"#;
    let run = on("refs/heads/main", &[("tags", "type=ref,event=branch\n{{sha}}")], payload);
    assert_eq!(run.output("tags"), "main\n0f1e2d3", "{}", run.stdout);
}

#[test]
fn h71_h74_images_and_digests_follow_the_oci_grammar() {
    let digest = |algorithm: &str, digits: usize| format!("{algorithm}:{}", "a".repeat(digits));
    for (name, expected) in [
        ("LIBRARY/App", Some("library/app:main")),
        ("host:5000/x", Some("host:5000/x:main")),
        ("localhost/x", Some("localhost/x:main")),
        (":@", None),
        ("a:tag", None),
        ("a@sha256:short", None),
        ("name:tag@sha256:short", None),
        ("-a", None),
        ("a/-b", None),
        ("a//b", None),
        ("a/../b", None),
        ("a b", None),
        ("https://ghcr.io/a", None),
        ("a/b/", None),
        ("a\u{202e}b", None),
        (&"a".repeat(300), None),
    ] {
        let run = on("refs/heads/main", &[("images", name)], "{}");
        assert_eq!(run.outputs.get("tags").map(String::as_str), expected, "{name}: {}", run.stdout);
        assert_eq!(run.code, if expected.is_some() { 0 } else { 2 }, "{name}: {}", run.stdout);
    }
    for (digest, accepted) in [
        (digest("sha256", 64), true),
        (digest("sha512", 128), true),
        (digest("sha256", 63), false),
        (digest("sha512", 64), false),
        (digest("md5", 32), false),
        (digest("sha256", 64).to_uppercase(), false),
        (format!("sha256:{}", "A".repeat(64)), false),
        (format!("sha256:{}\n", "a".repeat(64)), true),
        ("sha256:".into(), false),
        ("a".repeat(64), false),
    ] {
        let run = on("refs/heads/main", &[("images", "a"), ("digest", &digest)], "{}");
        assert_eq!(run.code, if accepted { 0 } else { 2 }, "{digest}: {}", run.stdout);
    }
    let long = on(&format!("refs/heads/{}", "x".repeat(200)), &[], "{}");
    assert_eq!(long.output("tags").len(), 128);
}
