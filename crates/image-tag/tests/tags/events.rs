//! What each event makes, and what it tells the expressions.

use serde_json::json;

use crate::world::{SHA, on, push};

#[test]
fn events_make_the_tags_that_people_expect() {
    for (git_ref, tags, expected) in [
        ("refs/heads/main", "", "main"),
        ("refs/heads/feature/x", "", "feature-x"),
        ("refs/tags/v1.2.3", "", "v1.2.3 latest"),
        ("refs/pull/7/merge", "", "pr-7"),
        (
            "refs/tags/v1.2.3",
            "type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}\ntype=sha",
            "1.2.3 1.2 sha-0f1e2d3 latest",
        ),
        (
            "refs/tags/v1.2.3-rc.1",
            "type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}",
            "1.2.3-rc.1",
        ),
        ("refs/heads/main", "type=edge\ntype=edge,branch=dev", "edge"),
        ("refs/heads/dev", "type=edge\ntype=edge,branch=dev", "edge"),
        ("refs/heads/main", "type=raw,value=edge-{{branch}},enable={{is_default_branch}}", "edge-main"),
        ("refs/heads/dev", "type=raw,value=edge,enable={{is_default_branch}}", ""),
        ("refs/heads/dev", "x-{{#if is_default_branch}}main{{else}}other{{/if}}", "x-other"),
        ("refs/heads/r&d", "{{branch}}", "r-d"),
    ] {
        assert_eq!(push(git_ref).input("tags", tags).tags(), expected, "{git_ref} {tags}");
    }
}

#[test]
fn pull_requests_have_a_number_and_two_branches() {
    let tags = "{{pull_request_number}}_{{head_ref}}_{{base_ref}}\ntype=ref,event=pr\ntype=ref,event=merge_group";
    let pull = json!({"number": 7, "pull_request": {
        "number": 7, "head": {"ref": "topic/x", "sha": "aa11bb22cc33dd44ee55ff6600778899aabbccdd"}, "base": {"ref": "main"}
    }});
    let queue = "refs/heads/gh-readonly-queue/main/pr-7-aa11bb22cc33dd44ee55ff6600778899aabbccdd";
    let queued =
        json!({"action": "checks_requested", "merge_group": {"head_ref": queue, "base_ref": "refs/heads/main"}});
    let comment = json!({"issue": {"number": 7, "pull_request": {}}, "comment": {"body": "/build"}});
    for (event, git_ref, payload, expected) in [
        ("pull_request", "refs/pull/7/merge", &pull, "pr-7 7_topic-x_main"),
        ("pull_request_target", "refs/heads/main", &pull, "pr-7 7_topic-x_main"),
        ("pull_request_review", "refs/pull/7/merge", &pull, "pr-7 7_topic-x_main"),
        ("merge_group", queue, &queued, "pr-7 7__"),
        ("push", "refs/heads/main", &json!({}), "__"),
        ("issue_comment", "refs/heads/main", &comment, "7__"),
        // An issue has a number too, and it is not that of a pull request.
        ("issues", "refs/heads/main", &json!({"number": 3, "issue": {"number": 3}}), "__"),
    ] {
        assert_eq!(on(event, git_ref, payload.clone()).input("tags", tags).tags(), expected, "{event}");
    }
    let sha = |event: &str, value: &str| {
        let world = on(event, "refs/pull/7/merge", pull.clone()).variable("DOCKER_METADATA_PR_HEAD_SHA", value);
        world.input("tags", "type=sha,prefix=").run().label("revision")
    };
    assert_eq!(sha("pull_request", "True"), "aa11bb22cc33dd44ee55ff6600778899aabbccdd");
    assert_eq!(sha("pull_request", "0"), SHA);
    assert_eq!(sha("push", "true"), SHA);
}

#[test]
fn a_default_branch_is_a_branch() {
    for (event, git_ref, expected) in [
        ("push", "refs/heads/main", "true"),
        ("push", "refs/heads/dev", "false"),
        ("create", "refs/heads/hot", "true"),
        ("create", "refs/tags/main", "false"),
        ("schedule", "refs/heads/dev", "true"),
        ("deployment", "", "false"),
    ] {
        let tags = "x-{{is_default_branch}}";
        assert_eq!(
            on(event, git_ref, json!({})).input("tags", tags).tags(),
            format!("x-{expected}"),
            "{event} {git_ref}"
        );
    }
}

#[test]
fn dates_are_of_the_run_or_of_the_commit_and_in_a_zone() {
    let head = json!({"head_commit": {"id": SHA, "timestamp": "2026-01-31T23:30:00-05:00"}});
    let tags = "{{date 'YYYYMMDD-HHmm'}}\n{{commit_date 'YYYYMMDD-HHmm'}}\n{{commit_date 'x'}}\n{{run_number}}";
    let world = on("push", "refs/heads/main", head).input("tags", tags).variable("GITHUB_RUN_NUMBER", "42");
    assert_eq!(world.tags(), "20260304-0506 20260201-0430 1769920200000 42");
}

#[test]
fn latest_is_listed_once_and_has_the_flavor_it_is_given() {
    let tagged = |tags: &str, flavor: &str| push("refs/tags/v1.2.3").input("tags", tags).input("flavor", flavor).tags();
    assert_eq!(tagged("type=raw,value=latest\ntype=ref,event=tag", ""), "v1.2.3 latest");
    assert_eq!(tagged("latest", "latest=true"), "latest");
    assert_eq!(tagged("type=ref,event=tag", "prefix={{tag}}_,onlatest=true"), "v1.2.3_v1.2.3 v1.2.3_latest");
    assert_eq!(tagged("type=ref,event=tag", "suffix=-x\nlatest=false"), "v1.2.3-x");
}

#[test]
fn outputs_are_keyed_by_rule() {
    let tags = "type=sha\ntype=sha,format=long,id=commit\ntype=semver,pattern={{version}}\nx,enable=false,id=off";
    let ran = push("refs/heads/main").input("tags", tags).run();
    let rules: serde_json::Value = serde_json::from_str(ran.output("rules")).unwrap();
    assert_eq!(
        rules,
        json!({"semver": "", "off": "", "sha": "sha-0f1e2d3", "commit": format!("sha-{SHA}")}),
        "{}",
        ran.printed
    );
}
