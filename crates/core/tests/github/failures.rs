//! What goes wrong between GitHub and us.

use slipway_core::ErrorKind;
use slipway_core::github::NewRelease;
use testbed::{Answer, GitHub};

use crate::world::{World, refused, tag};

fn world() -> World {
    World::new(|work| drop(work.commit("feat: one")))
}

fn read(world: &World) -> slipway_core::Result<usize> {
    world.ask(async |client, shop| client.releases(&shop).await).map(|releases| releases.len())
}

fn write(world: &World) -> slipway_core::Result<u64> {
    let tag = tag("v1.0.0");
    let release = NewRelease { tag_name: &tag, target_commitish: None, name: "", body: "", prerelease: false };
    world.ask(async |client, shop| client.create_draft(&shop, &release).await).map(|release| release.id)
}

fn message(status: u16, text: &str) -> Answer {
    Answer::status(status).body(format!(r#"{{"message":"{text}","documentation_url":"https://docs.github.com/rest"}}"#))
}

#[test]
fn each_refusal_says_what_to_do() {
    let limited =
        |answer: Answer| answer.header("x-ratelimit-remaining", "0").header("x-ratelimit-reset", "4102444800");
    for (answer, kind, told) in [
        (message(401, "Bad credentials"), ErrorKind::Permission, "the token is wrong or has expired: check `github-token`"),
        (
            message(403, "Resource not accessible by integration"),
            ErrorKind::Permission,
            "add `contents: write` under `permissions:` of the job",
        ),
        (
            message(403, "x").header("x-accepted-github-permissions", "contents=write,pull_requests=write; issues=write"),
            ErrorKind::Permission,
            "add `contents: write` and `pull-requests: write` under `permissions:`",
        ),
        (
            message(403, "x").header("x-accepted-github-permissions", "::error::`x`=<b>"),
            ErrorKind::Permission,
            "add `contents: write` under `permissions:`",
        ),
        (
            message(403, "GitHub Actions is not permitted to create or approve pull requests."),
            ErrorKind::Permission,
            "Settings → Actions → General → Workflow permissions",
        ),
        (
            limited(message(403, "API rate limit exceeded for installation ID 7.")),
            ErrorKind::RateLimited,
            "try again after 2100-01-01T00:00:00.000Z",
        ),
        (
            message(403, "You have exceeded a secondary rate limit").header("retry-after", "3600"),
            ErrorKind::RateLimited,
            "try again in 3600 s",
        ),
        (message(429, "Too many requests").header("retry-after", "3600"), ErrorKind::RateLimited, "the rate limit is used up"),
        (message(404, "Not Found"), ErrorKind::NotFound, "that takes `contents: write`"),
        (message(410, "Gone"), ErrorKind::NotFound, "answered 410: Gone"),
        (message(409, "Reference is being updated"), ErrorKind::LostRace, "answered 409"),
        (message(413, "Too large"), ErrorKind::Unprocessable, "answered 413"),
        (message(500, "Oh"), ErrorKind::Network, "it may have been carried out all the same: run again, which looks first"),
        (Answer::status(503), ErrorKind::Network, "answered 503: Service Unavailable"),
        (
            Answer::status(422).body(
                r#"{"message":"Validation Failed","errors":[{"resource":"Release","code":"missing_field","field":"tag_name"},
                    {"code":"custom","message":"body is too long"},"in words",{"code":"missing","resource":"Repository"},7,8]}"#,
            ),
            ErrorKind::Unprocessable,
            "Validation Failed: `tag_name` is missing; body is too long; in words; `Repository` names something that does not \
             exist; `the request` is invalid; and 1 more",
        ),
    ] {
        let world = world();
        world.github.answer_instead("POST", "/releases", answer.clone());
        let text = refused(kind, write(&world));
        assert!(text.contains(told) && text.starts_with("POST /repos/acme/shop/releases answered"), "{text}\n{answer:?}");
        // Nothing was repeated, and nothing was done.
        assert_eq!((world.requests().len(), read(&world).unwrap()), (1, 0));
    }
}

#[test]
fn reading_is_repeated_and_writing_only_if_nothing_was_done() {
    let world = world();
    world.github.answer_instead("GET", "/releases", Answer::status(502));
    assert_eq!(read(&world).unwrap(), 0);
    let wait = |answer: Answer| answer.header("retry-after", "0");
    world.github.answer_instead("POST", "/releases", wait(message(403, "You have exceeded a secondary rate limit")));
    world.github.answer_instead("POST", "/releases", wait(message(429, "Slow down")));
    write(&world).unwrap();
    assert_eq!(read(&world).unwrap(), 1);
    let posts = world.requests().iter().filter(|request| request.starts_with("POST")).count();
    assert_eq!(posts, 3);
}

#[test]
fn hostile_answers_are_errors_and_nothing_worse() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let release = |field: &str, value: &str| {
        let mut release = serde_json::json!([{
            "id": 1, "tag_name": "v1", "target_commitish": "main", "draft": false, "prerelease": false, "html_url": "",
            "upload_url": "",
        }]);
        release[0][field] = "VALUE".into();
        release.to_string().replace("\"VALUE\"", value)
    };
    for body in [
        String::new(),
        "null".into(),
        "{}".into(),
        "[null]".into(),
        "<html>Log in</html>".into(),
        "\u{feff}[]".into(),
        deep,
        release("id", "-1"),
        release("id", "1e400"),
        release("tag_name", "7"),
        release("draft", "\"yes\""),
        release("assets", "{}"),
        release("author", "[[]]"),
    ] {
        let world = world();
        world.github.answer_instead("GET", "/releases", Answer::status(200).body(body.clone()));
        let told = refused(ErrorKind::Network, read(&world));
        assert!(told.contains("was not answered as GitHub does") && told.len() < 1000, "{body:.80}: {told}");
    }
}

#[test]
fn a_body_that_breaks_off_is_an_error() {
    let world = world();
    for _ in 0..4 {
        world.github.answer_instead("GET", "/releases", Answer::status(200).body("[").cut_short(1000));
    }
    refused(ErrorKind::Network, read(&world));
    assert_eq!(world.requests().len(), 4);
}

#[test]
fn pages_lead_nowhere_else_and_come_to_an_end() {
    let stranger = GitHub::start();
    let world = world();
    let page = |next: &str| Answer::status(200).body("[]").header("link", &format!("<{next}>; rel=\"next\""));
    for next in [format!("{}/repos/acme/shop/releases?page=2", stranger.api_url()), "/relative".into(), "::".into()] {
        world.github.answer_instead("GET", "/releases", page(&next));
        let told = refused(ErrorKind::Network, read(&world));
        assert!(told.contains("the next page is on another server"), "{told}");
    }
    assert!(stranger.requests().is_empty());
    let own = format!("{}/repos/acme/shop/releases?page=2", world.github.api_url());
    world.github.answer_next(300, page(&own));
    let told = refused(ErrorKind::Unprocessable, read(&world));
    assert!(told.contains("more than 200 pages"), "{told}");
}

#[test]
fn an_enterprise_server_and_github_com_are_asked_alike() {
    let world = world();
    for base in [world.github.api_url(), format!("{}/", world.github.api_url()), world.github.server_url()] {
        let facts = world.ask_at(&base, async |client, shop| client.repository(&shop).await).unwrap();
        assert_eq!(facts.name, "shop");
    }
    let headers = world.github.requests().remove(0);
    assert_eq!(headers.header("x-github-api-version"), Some("2022-11-28"));
    assert_eq!(headers.header("accept"), Some("application/vnd.github+json"));
}
