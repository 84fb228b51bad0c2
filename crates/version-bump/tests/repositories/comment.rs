//! The comment that a preview keeps on its pull request.

use serde_json::{Value, json};
use testbed::Answer;

use crate::preview::World;
use crate::support::{TOKEN, told};

const COMMENT: [(&str, &str); 2] = [("comment", "true"), ("github-token", TOKEN)];

#[test]
fn one_comment_is_kept_up_to_date() {
    let mut world = World::new("feat: zip", &["feat: zip"], &["fix: tabs"]).on_github();
    assert_eq!(told(&world.preview(&COMMENT)), "1.5.0 minor false");
    let comments = world.comments();
    assert_eq!(comments.len(), 1);
    assert!(
        comments[0].1.starts_with("<!-- slipway:version-bump -->\n### `1.4.2` → `1.5.0` (minor)\n"),
        "{comments:?}"
    );
    assert!(comments[0].1.contains("<summary>Release notes</summary>"), "{comments:?}");
    let run = world.preview(&COMMENT);
    let json: Value = serde_json::from_str(run.output("json")).expect("JSON");
    assert_eq!((world.writes(), &json["outcome"]), (1, &Value::Null), "nothing new is told");
    world.event["pull_request"]["title"] = json!("feat!: zip");
    let run = world.preview(&COMMENT);
    assert_eq!(told(&run), "2.0.0 major false");
    assert_eq!(run.output("approval-required"), "true");
    let comments = world.comments();
    assert_eq!((world.writes(), comments.len()), (2, 1));
    assert!(comments[0].1.contains("→ `2.0.0` (major)") && comments[0].1.contains("**Held:**"), "{comments:?}");
    assert_eq!(world.remote.refs().len(), 5);
}

#[test]
fn each_component_has_a_comment_of_its_own() {
    let world = World::new("feat: zip", &["feat: zip"], &[]).on_github();
    let component = [&COMMENT[..], &[("component", "api"), ("paths", "!docs")]].concat();
    world.preview(&component);
    assert_eq!(world.comments().len(), 0, "commits without files do not count");
    world.preview(&COMMENT);
    let marked =
        world.github().comment_as("acme/shop", world.number(), "app[bot]", "<!-- slipway:version-bump:api -->\nold");
    world.preview(&component);
    assert!(marked > 0);
    let comments = world.comments();
    assert_eq!(comments.len(), 2, "{comments:?}");
    assert!(comments[1].1.starts_with("<!-- slipway:version-bump:api -->\n### No release yet"), "{comments:?}");
}

#[test]
fn where_nothing_is_released_no_comment_is_begun() {
    let mut world = World::new("docs: zip", &["docs: zip"], &[]).on_github();
    world.preview(&COMMENT);
    assert_eq!((world.comments().len(), world.writes()), (0, 0));
    world.event["pull_request"]["title"] = json!("feat: zip");
    world.preview(&COMMENT);
    assert_eq!(world.comments().len(), 1);
    world.event["pull_request"]["title"] = json!("docs: zip");
    world.preview(&COMMENT);
    let comments = world.comments();
    assert_eq!(comments.len(), 1);
    assert!(comments[0].1.contains("Merging #1 into `main` releases nothing"), "{comments:?}");
}

#[test]
fn comments_of_people_are_left_alone() {
    let world = World::new("feat: zip", &["feat: zip"], &[]).on_github();
    let quoted = "> <!-- slipway:version-bump -->\n> ### `1.4.2` → `1.5.0`\n\nReally?";
    let github = world.github();
    github.comment_as("acme/shop", world.number(), "ada", quoted);
    github.comment_as("acme/shop", world.number(), "helper[bot]", &format!("See below.\n{quoted}"));
    world.preview(&COMMENT);
    let comments = world.comments();
    assert_eq!(comments.len(), 3);
    assert_eq!(comments[0].1, quoted);
    assert!(comments[1].1.starts_with("See below."));
}

#[test]
fn a_person_s_token_finds_the_person_s_comment() {
    let copied = "<!-- slipway:version-bump -->\nold";
    for (login, count) in [("ada", 1), ("eve", 2)] {
        let world = World::new("feat: zip", &["feat: zip"], &[]).on_github();
        let github = world.github();
        let id = github.comment_as("acme/shop", world.number(), "ada", copied);
        let list = json!([{ "id": id, "body": copied, "user": { "login": "ada" }, "html_url": "x" }]).to_string();
        // The stand-in has no accounts: what it is asked is answered for both looks, before the plan and before the write.
        for _ in 0..2 {
            github.answer_next(1, Answer::status(200).body(list.clone()));
            github.answer_next(1, Answer::status(200).body(json!({ "login": login }).to_string()));
        }
        world.preview(&COMMENT);
        let comments = world.comments();
        assert_eq!(comments.len(), count, "{comments:?}");
        assert_eq!(comments[0].1 == copied, count == 2, "{comments:?}");
    }
}

#[test]
fn a_token_that_only_reads_leaves_the_summary() {
    for permission in ["pull_requests=write", "pull_requests=read"] {
        let world = World::new("feat: zip", &["feat: zip"], &[]).on_github();
        world.github().withhold(permission);
        let run = world.preview(&COMMENT);
        assert_eq!(told(&run), "1.5.0 minor false");
        assert!(run.stdout.contains("::warning::the comment is not written"), "{}", run.stdout);
        assert!(run.summary.contains("releases `v1.5.0`"), "{}", run.summary);
        assert_eq!(world.comments().len(), 0);
    }
}

#[test]
fn hostile_titles_do_not_get_out_of_the_comment() {
    let title = format!("fix: --> @acme/all ![x](y) <script>{}", "`|&<".repeat(5000));
    let squash = json!({ "squash_merge_commit_title": "PR_TITLE", "squash_merge_commit_message": "BLANK" });
    let own: Vec<String> = (0..100).map(|number| format!("feat: {number} @team <b>{}", "&".repeat(400))).collect();
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let world = World::new(&title, &own, &[]).with(squash).on_github();
    assert_eq!(told(&world.preview(&COMMENT)), "1.5.0 minor false");
    let comments = world.comments();
    assert_eq!(comments.len(), 1);
    let body = &comments[0].1;
    for raw in ["@acme", "@team", "![x]", "<script", "<b>"] {
        assert!(!body.contains(raw), "{raw} in {body}");
    }
    assert_eq!(body.matches("-->").count(), 1, "only the marker ends a comment");
    assert!(body.contains("and 81 more"), "{body}");
}
