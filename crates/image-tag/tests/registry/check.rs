use testbed::Registry;

use crate::{OTHER, SHA, run, writes};

#[test]
fn what_is_absent_may_be_built() {
    let registry = Registry::start();
    let run = run(&registry, "check", &[]);
    assert_eq!((run.code, run.output("exists"), run.output("digest")), (0, "false", ""), "{}", run.stdout);
    assert!(run.summary.contains("absent: may be built"), "{}", run.summary);
    assert_eq!(run.output("tag-names"), "1.5.0\n1.5\nlatest", "the outputs of `tags` are there too");
}

#[test]
fn the_image_of_this_commit_need_not_be_built() {
    let registry = Registry::start();
    let digest = registry.push("acme/shop", "1.5.0", "payload", SHA);
    registry.push("acme/shop", "1.5", "newer", OTHER);
    registry.push("acme/shop", "latest", "newer", OTHER);
    let run = run(&registry, "check", &[]);
    assert!(!run.stdout.contains("::warning"), "a later release has the others: {}", run.stdout);
    assert_eq!((run.code, run.output("exists"), run.output("digest")), (0, "true", digest.as_str()), "{}", run.stdout);
    assert_eq!(run.output("references"), format!("{}/acme/shop@{digest}", registry.host()));
    assert_eq!(writes(&registry), [""; 0]);
}

#[test]
fn a_tag_that_was_never_given_is_told_of() {
    let registry = Registry::start();
    registry.push("acme/shop", "1.5.0", "payload", SHA);
    let run = run(&registry, "check", &[]);
    assert_eq!((run.code, run.output("exists")), (0, "true"), "{}", run.stdout);
    assert!(run.stdout.contains("::warning") && run.stdout.contains("mode: promote"), "{}", run.stdout);
}

#[test]
fn an_index_tells_its_commit_by_its_first_image() {
    let registry = Registry::start();
    let digest = registry.push_index("acme/shop", "1.5.0", "payload", SHA, &["amd64", "arm64"]);
    let run = run(&registry, "check", &[]);
    assert_eq!((run.code, run.output("exists"), run.output("digest")), (0, "true", digest.as_str()), "{}", run.stdout);
}

#[test]
fn another_image_under_a_version_stops_the_build() {
    let registry = Registry::start();
    let digest = registry.push("acme/shop", "1.5.0", "payload", OTHER);
    let refused = run(&registry, "check", &[]);
    assert_eq!((refused.code, refused.output("exists"), refused.output("digest")), (1, "false", ""));
    for shown in [digest.as_str(), OTHER, SHA] {
        assert!(refused.stdout.contains(shown), "{shown}: {}", refused.stdout);
    }
    let same = run(&registry, "check", &[("digest", &digest)]);
    assert_eq!((same.code, same.output("exists")), (0, "true"), "the same by its digest");
    let wanted = format!("sha256:{}", "ab".repeat(32));
    let other = run(&registry, "check", &[("digest", &wanted)]);
    assert_eq!(other.code, 1);
    assert!(other.stdout.contains(&digest) && other.stdout.contains(&wanted), "both digests: {}", other.stdout);
    let floating = run(&registry, "check", &[("immutable-tags", "none")]);
    assert_eq!((floating.code, floating.output("exists")), (0, "false"), "{}", floating.stdout);
    let all = run(&registry, "check", &[("immutable-tags", "versions\nlatest")]);
    assert_eq!(all.code, 1);
}

#[test]
fn an_image_of_no_commit_is_not_taken_for_ours() {
    let registry = Registry::start();
    registry.push("acme/shop", "1.5.0", "payload", "");
    let run = run(&registry, "check", &[]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("of an unknown commit") && run.stdout.contains("labels"), "{}", run.stdout);
}

#[test]
fn a_branch_is_built_again_unless_it_is_this_commit() {
    let registry = Registry::start();
    let digest = registry.push("acme/shop", "main", "payload", SHA);
    let branch = [("tags", "type=ref,event=branch"), ("version", "-")];
    let same = run(&registry, "check", &branch);
    assert_eq!((same.code, same.output("exists"), same.output("digest")), (0, "true", digest.as_str()));
    registry.push("acme/shop", "main", "other", OTHER);
    let other = run(&registry, "check", &branch);
    assert_eq!((other.code, other.output("exists")), (0, "false"), "{}", other.stdout);
}

#[test]
fn an_image_that_is_in_one_repository_alone_is_told_of() {
    let registry = Registry::start();
    registry.push("acme/shop", "1.5.0", "payload", SHA);
    let images = format!("{0}/acme/shop\n{0}/acme/copy", registry.host());
    let run = run(&registry, "check", &[("images", &images)]);
    assert_eq!((run.code, run.output("exists")), (0, "false"), "{}", run.stdout);
    assert!(run.stdout.contains("::warning") && run.stdout.contains("mode: promote"), "{}", run.stdout);
}
