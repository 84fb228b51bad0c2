//! Answers of GitHub that are none, at every question that a release asks: it is told what was done, and the next run does the rest.

use serde_json::{Value, json};
use testbed::{ActionRun, Answer};

use crate::support::error_kind;
use crate::world::{World, with_version_file};

const RELEASE: &[(&str, &str)] = &[
    ("mode", "release"),
    ("floating-tags", "major"),
    ("assets", "shop.tar.gz"),
    ("dispatch", "deploy.yml\nacme/shop released"),
];
const KEEP: &[(&str, &str)] = &[("mode", "pull-request")];
const API: &[(&str, &str)] = &[("history", "api")];

/// A question of a release to GitHub: the method, the path, and the inputs that make it ask.
type Question = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// What is asked, and the inputs that lead to it.
const QUESTIONS: &[Question] = &[
    ("GET", "/releases/tags/{tag}", RELEASE),
    ("GET", "/releases", RELEASE),
    ("POST", "/releases", RELEASE),
    ("POST", "/releases/{release_id}/assets", RELEASE),
    ("PATCH", "/releases/{release_id}", RELEASE),
    ("POST", "/actions/workflows/{workflow_id}/dispatches", RELEASE),
    ("POST", "/dispatches", RELEASE),
    ("GET", "/pulls", KEEP),
    ("GET", "/commits/{commit_sha}/pulls", KEEP),
    ("POST", "/pulls", KEEP),
    ("GET", "/git/matching-refs/{ref}", API),
    ("GET", "/compare/{basehead}", API),
];

fn answers() -> Vec<(&'static str, Answer)> {
    let answer = |status: u16, text: &str| {
        Answer::status(status).header("content-type", "application/json").body(json!({ "message": text }).to_string())
    };
    let limited = answer(403, "API rate limit exceeded").header("x-ratelimit-remaining", "0");
    vec![
        ("not found", answer(404, "Not Found")),
        ("conflict", answer(409, "Conflict")),
        ("not processable", answer(422, "Validation Failed")),
        ("rate limit", limited.header("retry-after", "999999")),
        ("a failure", answer(500, "Server Error")),
    ]
}

#[test]
fn whatever_github_answers_the_next_run_completes_the_release() {
    let cases: Vec<_> =
        QUESTIONS.iter().flat_map(|question| answers().into_iter().map(move |answer| (question, answer))).collect();
    std::thread::scope(|scope| {
        for share in cases.chunks(cases.len().div_ceil(4)) {
            scope.spawn(move || share.iter().for_each(|(question, answer)| survive(question, answer)));
        }
    });
}

fn survive((method, path, inputs): &(&str, &str, &[(&str, &str)]), (name, answer): &(&str, Answer)) {
    let case = format!("{name} to {method} {path}");
    let world = World::new(&with_version_file());
    world.clone.write("shop.tar.gz", "the archive");
    world.github.answer_instead(method, path, answer.clone());
    let first = world.run(inputs);
    assert_told(&case, &first);
    let second = world.run(inputs);
    assert_eq!(second.code, 0, "{case}: {}", second.stdout);
    if *inputs == RELEASE {
        assert_eq!(second.output("released"), "true", "{case}");
        let releases = world.releases();
        assert_eq!((releases.len(), &releases[0]["draft"]), (1, &false.into()), "{case}: {releases:?}");
        assert_eq!(
            world.github.asset("acme/shop", "v1.5.0", "shop.tar.gz").as_deref(),
            Some(&b"the archive"[..]),
            "{case}"
        );
        assert_eq!((world.at("v1"), world.at("main")), (world.at("v1.5.0"), world.at("v1.5.0")), "{case}");
        assert!((2..=3).contains(&world.github.dispatches("acme/shop").len()), "{case}");
    }
}

/// A run that fails says so once, with what it had done; one that does not was not stopped by it.
fn assert_told(case: &str, run: &ActionRun) {
    let errors = run.stdout.lines().filter(|line| line.starts_with("::error::")).count();
    assert_eq!(errors, usize::from(run.code != 0), "{case}: {}", run.stdout);
    assert_ne!(error_kind(run), "internal", "{case}: {}", run.stdout);
    if run.code != 0 && run.stdout.contains("`v1.5.0` is released, but not everything") {
        let json: Value = serde_json::from_str(run.output("json")).expect("JSON");
        assert_eq!((run.code, &json["error"]["detail"]["outcome"]["created"]["name"]), (3, &"v1.5.0".into()), "{case}");
    }
}
