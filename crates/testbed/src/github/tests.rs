use super::*;
use serde_json::json;

use crate::client::{get, request};
use crate::{BareRepository, Repository};

fn github() -> (GitHub, BareRepository, Repository) {
    let work = Repository::new();
    work.commit("feat: one");
    work.commit("feat: two\n\nThe body.");
    let bare = work.bare_clone();
    let github = GitHub::start();
    github.add(HostedRepository {
        description: Some("A shop".to_owned()),
        license: Some("MIT".to_owned()),
        ..HostedRepository::new("acme/shop").git(&bare)
    });
    (github, bare, work)
}

#[test]
fn a_repository_is_described_under_both_prefixes() {
    let (github, ..) = github();
    for base in [github.api_url(), github.server_url()] {
        let response = get(&format!("{base}/repos/Acme/shop")).expect("an answer");
        let body = response.json();
        assert_eq!(response.status, 200, "{base}");
        for (pointer, expected) in [
            ("/name", "shop"),
            ("/full_name", "acme/shop"),
            ("/owner/login", "acme"),
            ("/description", "A shop"),
            ("/license/spdx_id", "MIT"),
            ("/default_branch", "main"),
            ("/html_url", &format!("{}/acme/shop", github.server_url())),
        ] {
            assert_eq!(body.pointer(pointer).and_then(Value::as_str), Some(expected), "{pointer}");
        }
    }
    let missing = get(&format!("{}/repos/acme/other", github.api_url())).expect("an answer");
    assert_eq!((missing.status, missing.json()["message"].clone()), (404, json!("Not Found")));
}

#[test]
fn a_commit_is_read_from_git() {
    let (github, _, work) = github();
    for reference in [work.head(), "main".to_owned(), work.head()[..8].to_owned(), "heads%2Fmain".to_owned()] {
        let url = format!("{}/repos/acme/shop/commits/{reference}", github.api_url());
        let commit = get(&url).expect("an answer").json();
        assert_eq!(commit["sha"], *work.head(), "{reference}");
        assert_eq!(commit["commit"]["message"], "feat: two\n\nThe body.");
        assert_eq!(commit["commit"]["committer"]["date"], "2026-01-01T00:02:00Z");
        assert_eq!(commit["commit"]["tree"]["sha"], *work.git(&["rev-parse", "HEAD^{tree}"]));
        assert_eq!(commit["parents"][0]["sha"], *work.git(&["rev-parse", "HEAD^"]));
    }
    let unknown = get(&format!("{}/repos/acme/shop/commits/none", github.api_url())).expect("an answer");
    assert_eq!((unknown.status, unknown.json()["message"].clone()), (422, json!("No commit found for SHA: none")));
}

#[test]
fn what_is_served_is_what_the_description_has() {
    let served: BTreeSet<_> =
        ROUTES.iter().copied().flatten().map(|(m, p, _)| (m.to_string(), p.to_string())).collect();
    let described = description().operations().map(|operation| (operation.method.clone(), operation.path.clone()));
    assert_eq!(served, described.collect());
}

#[test]
fn what_github_does_not_describe_fails_the_test() {
    let (github, ..) = github();
    let api = format!("{}/repos/acme/shop", github.api_url());
    let json = [("content-type", "application/json")];
    for (method, path, body, told) in [
        ("GET", "/branches", "", "no such operation"),
        ("GET", "/releases?perpage=1", "", "the query has no parameter `perpage`"),
        ("GET", "/releases?per_page=x", "", "`per_page` in the query"),
        ("GET", "/releases/x", "", "`release_id` in the path"),
        ("GET", "/pulls?state=merged", "", "`state` in the query"),
        ("POST", "/releases", "", "the body is missing"),
        ("POST", "/releases", "[", "the body is not JSON"),
        ("POST", "/releases", "{}", "\"tag_name\" is a required property"),
        ("POST", "/releases", r#"{"tag_name":"v1","make_latest":true}"#, "/make_latest"),
        ("POST", "/releases", r#"{"tag_name":"v1","tagName":"v1"}"#, "the body has no field `tagName`"),
        ("GET", "/releases", "{}", "there must be no body"),
    ] {
        let answer = request(method, &format!("{api}{path}"), &json, body).expect("an answer");
        let message = answer.json()["message"].to_string();
        assert!(answer.status == 501 && message.replace('\\', "").contains(told), "{method} {path} {body}: {message}");
    }
    let reason =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(github))).expect_err("it tells at its end");
    assert!(reason.downcast_ref::<String>().is_some_and(|reason| reason.contains("tagName")));
}

#[test]
fn answers_are_checked_too() {
    let commit = description().operation("GET", "/repos/{owner}/{repo}/commits/{ref}");
    let refused = description().answer(commit, 200, br#"{"sha":7}"#);
    assert!(refused.iter().any(|refused| refused.starts_with("/sha: 7 is not of type")), "{refused:?}");
    assert_eq!(description().answer(commit, 201, b"{}"), ["it never answers 201"]);
    assert_eq!(description().answer(commit, 404, br#"{"message":"Not Found"}"#), [""; 0]);
    let removed = description().operation("DELETE", "/repos/{owner}/{repo}/releases/{release_id}");
    assert_eq!(description().answer(removed, 204, b"{}"), ["an answer 204 has no body"]);
}

#[test]
fn pages_are_linked_as_github_links_them() {
    let (github, _, work) = github();
    for number in 0..5 {
        work.tag(&format!("v{number}"));
    }
    github.add(HostedRepository::new("acme/shop").git(&work.bare_clone()));
    let link = |url: &str| get(url).expect("an answer").header("link").map(str::to_owned);
    let base = format!("{}/repositories/{}/tags?per_page=2&page", github.api_url(), id("acme/shop"));
    let first = format!("{}/repos/acme/shop/tags?per_page=2", github.api_url());
    assert_eq!(link(&first), Some(format!("<{base}=2>; rel=\"next\", <{base}=3>; rel=\"last\"")));
    let third = format!("<{base}=2>; rel=\"prev\", <{base}=1>; rel=\"first\"");
    assert_eq!(link(&format!("{base}=3")), Some(third));
    assert_eq!(link(&first.replace("=2", "=9")), None);
    assert_eq!(get(&format!("{base}=3")).expect("an answer").json()[0]["name"], "v0");
}

#[test]
fn a_token_can_be_needed() {
    let (github, ..) = github();
    github.require_token("t0ken");
    let url = format!("{}/repos/acme/shop", github.api_url());
    let ask = |headers: &[(&str, &str)]| {
        let response = request("GET", &url, headers, "").expect("an answer");
        (response.status, response.json()["message"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(ask(&[]), (401, "Requires authentication".to_owned()));
    assert_eq!(ask(&[("authorization", "Bearer other")]), (401, "Bad credentials".to_owned()));
    assert_eq!(ask(&[("authorization", "Bearer t0ken")]).0, 200);
}

#[test]
fn answers_can_be_scripted_and_requests_are_logged_with_their_bodies() {
    let (github, ..) = github();
    github.answer_next(1, Answer::status(429).header("retry-after", "3").body("{}"));
    let url = format!("{}/repos/acme/shop", github.api_url());
    let limited = request("POST", &format!("{url}?x=1"), &[("accept", "application/vnd.github+json")], "sent")
        .expect("an answer");
    assert_eq!((limited.status, limited.header("retry-after")), (429, Some("3")));
    assert_eq!(get(&url).expect("an answer").status, 200);
    let requests = github.requests();
    assert_eq!(requests.len(), 2);
    let first = &requests[0];
    assert_eq!((first.method.as_str(), first.path.as_str()), ("POST", "/api/v3/repos/acme/shop?x=1"));
    assert_eq!((first.header("accept"), &first.body[..]), (Some("application/vnd.github+json"), &b"sent"[..]));
}
