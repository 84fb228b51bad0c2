use super::*;
use crate::client::{Response, get, request};

fn send(method: &str, url: String, headers: &[(&str, &str)], body: &str) -> Response {
    request(method, &url, headers, body.to_owned()).expect("an answer")
}

fn code(response: &Response) -> String {
    response.json()["errors"][0]["code"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn what_is_pushed_is_pulled() {
    let registry = Registry::start();
    let near = registry.push("acme/shop", "1.0.0", "payload", "abc");
    let far = push_over_http(&registry.url(), "acme/shop", "1.0.1", "payload", "abc").expect("a push");
    assert_eq!(near, far, "the same content has the same digest");
    assert_eq!(pull(&registry.url(), "acme/shop", &near).expect("a pull"), b"payload");
    assert_eq!(registry.tags("acme/shop"), ["1.0.0", "1.0.1"]);
    assert_eq!(registry.digest("acme/shop", "1.0.1"), Some(near));
    let unknown = pull(&registry.url(), "acme/shop", &digest(b"other")).expect_err("an unknown digest");
    assert!(unknown.contains("MANIFEST_UNKNOWN"), "{unknown}");
}

#[test]
fn an_index_is_pulled_through_to_its_first_platform() {
    let registry = Registry::start();
    let index = registry.push_index("acme/shop", "1.0.0", "payload", "abc", &["amd64", "arm64"]);
    assert_eq!(pull(&registry.url(), "acme/shop", &index).expect("a pull"), b"payload");
    let manifest = get(&format!("{}/v2/acme/shop/manifests/1.0.0", registry.url())).expect("an answer");
    assert_eq!(manifest.header("content-type"), Some(INDEX));
    assert_eq!(manifest.json()["manifests"].as_array().map(Vec::len), Some(2));
}

#[test]
fn blobs_arrive_in_chunks_and_are_verified() {
    let registry = Registry::start();
    let url = registry.url();
    let begun = send("POST", format!("{url}/v2/acme/shop/blobs/uploads/"), &[], "");
    let upload = format!("{url}{}", begun.header("location").expect("a location"));
    let first = send("PATCH", upload.clone(), &[("content-range", "0-4")], "hello");
    assert_eq!((first.status, first.header("range")), (202, Some("0-4")));
    let gap = send("PATCH", upload.clone(), &[("content-range", "9-9")], "x");
    assert_eq!((gap.status, code(&gap).as_str()), (416, "BLOB_UPLOAD_INVALID"));
    let done = send("PUT", format!("{upload}?digest={}", digest(b"hello you")), &[("content-range", "5-8")], " you");
    assert_eq!(done.status, 201);
    let blob = format!("{url}/v2/acme/shop/blobs/{}", digest(b"hello you"));
    let head = send("HEAD", blob.clone(), &[], "");
    assert_eq!((head.status, head.header("content-length"), head.text().as_str()), (200, Some("9"), ""));
    assert_eq!(get(&blob).expect("an answer").text(), "hello you");

    let wrong = send("POST", format!("{url}/v2/acme/shop/blobs/uploads/?digest={}", digest(b"a")), &[], "b");
    assert_eq!((wrong.status, code(&wrong).as_str()), (400, "DIGEST_INVALID"));
}

#[test]
fn a_blob_of_another_repository_is_mounted() {
    let registry = Registry::start();
    let url = registry.url();
    registry.push("acme/shop", "1.0.0", "payload", "abc");
    let mount = |wanted: &str| {
        send("POST", format!("{url}/v2/acme/copy/blobs/uploads/?mount={wanted}&from=acme/shop"), &[], "").status
    };
    assert_eq!(mount(&digest(b"payload")), 201);
    assert_eq!(mount(&digest(b"unknown")), 202, "an ordinary upload begins");
    assert_eq!(get(&format!("{url}/v2/acme/copy/blobs/{}", digest(b"payload"))).expect("an answer").status, 200);
}

#[test]
fn a_manifest_needs_its_blobs_and_its_own_digest() {
    let registry = Registry::start();
    let url = registry.url();
    let manifest = image::Image::new(b"payload".to_vec(), "abc", "amd64").manifest;
    let manifest = String::from_utf8(manifest).expect("JSON");
    let put = |name: &str, reference: &str, kind: &str, body: &str| {
        let response = send("PUT", format!("{url}/v2/{name}/manifests/{reference}"), &[("content-type", kind)], body);
        (response.status, code(&response))
    };
    let refused = |code: &str| (400, code.to_owned());
    assert_eq!(put("acme/shop", "1.0.0", MANIFEST, &manifest), refused("MANIFEST_BLOB_UNKNOWN"));
    registry.push("acme/shop", "1.0.0", "payload", "abc");
    assert_eq!(put("acme/shop", &digest(b"other"), MANIFEST, &manifest), refused("DIGEST_INVALID"));
    assert_eq!(put("acme/shop", "1.0.0", INDEX, &manifest), refused("MANIFEST_INVALID"));
    assert_eq!(put("acme/shop", ".tag", MANIFEST, &manifest), refused("MANIFEST_INVALID"));
    assert_eq!(put("Acme/shop", "1.0.0", MANIFEST, &manifest), refused("NAME_INVALID"));
    assert_eq!(put("acme/shop", "latest", MANIFEST, &manifest).0, 201);
}

#[test]
fn deleting_a_digest_takes_its_tags_along() {
    let registry = Registry::start();
    let one = registry.push("acme/shop", "1.0.0", "one", "abc");
    registry.push("acme/shop", "latest", "one", "abc");
    registry.push("acme/shop", "next", "two", "abc");
    let delete =
        |reference: &str| send("DELETE", format!("{}/v2/acme/shop/manifests/{reference}", registry.url()), &[], "");
    assert_eq!(delete("latest").status, 202);
    assert_eq!(registry.tags("acme/shop"), ["1.0.0", "next"]);
    assert_eq!(delete(&one).status, 202);
    assert_eq!(registry.tags("acme/shop"), ["next"]);
    assert_eq!(delete(&one).status, 404);
}

#[test]
fn tags_are_listed_in_pages() {
    let registry = Registry::start();
    for tag in ["c", "a", "b"] {
        registry.push("acme/shop", tag, "payload", "abc");
    }
    let first = get(&format!("{}/v2/acme/shop/tags/list?n=2", registry.url())).expect("an answer");
    assert_eq!(first.json()["tags"], serde_json::json!(["a", "b"]));
    let link = first.header("link").expect("a next page");
    let next = link.trim_start_matches('<').split('>').next().unwrap_or_default();
    let second = get(&format!("{}{next}", registry.url())).expect("an answer");
    assert_eq!((second.json()["tags"].clone(), second.header("link")), (serde_json::json!(["c"]), None));
    assert_eq!(get(&format!("{}/v2/acme/none/tags/list", registry.url())).expect("an answer").status, 404);
}

#[test]
fn referrers_are_found_and_filtered() {
    let registry = Registry::start();
    let subject = registry.push("acme/shop", "1.0.0", "payload", "abc");
    let sbom = registry.attach("acme/shop", &subject, "application/spdx+json", "sbom");
    registry.attach("acme/shop", &subject, "application/vnd.signature", "signature");
    let url = format!("{}/v2/acme/shop/referrers/{subject}", registry.url());
    assert_eq!(get(&url).expect("an answer").json()["manifests"].as_array().map(Vec::len), Some(2));
    let filtered = get(&format!("{url}?artifactType=application/spdx%2Bjson")).expect("an answer");
    assert_eq!(filtered.header("oci-filters-applied"), Some("artifactType"));
    assert_eq!(filtered.json()["manifests"][0]["digest"], *sbom);
    assert_eq!(filtered.json()["manifests"].as_array().map(Vec::len), Some(1));
    let none = get(&format!("{}/v2/acme/shop/referrers/{sbom}", registry.url())).expect("an answer");
    assert_eq!((none.status, none.json()["manifests"].clone()), (200, serde_json::json!([])));
}

#[test]
fn immutable_tags_stay() {
    let registry = Registry::start();
    registry.make_tags_immutable();
    let url = registry.url();
    let one = push_over_http(&url, "acme/shop", "1.0.0", "one", "abc").expect("a push");
    push_over_http(&url, "acme/shop", "1.0.0", "one", "abc").expect("the same again is no change");
    let refused = push_over_http(&url, "acme/shop", "1.0.0", "two", "abc").expect_err("another digest");
    assert!(refused.contains("TAG_INVALID"), "{refused}");
    assert_eq!(registry.digest("acme/shop", "1.0.0"), Some(one));
}

#[test]
fn a_login_is_exchanged_for_a_token() {
    let registry = Registry::start();
    registry.require_login("ada", "pass:word");
    let url = registry.url();
    let challenged = get(&format!("{url}/v2/acme/shop/tags/list")).expect("an answer");
    let challenge = challenged.header("www-authenticate").unwrap_or_default().to_owned();
    let expected = format!("Bearer realm=\"{url}/token\",service=\"testbed\",scope=\"repository:acme/shop:pull,push\"");
    assert_eq!((challenged.status, challenge), (401, expected));
    assert_eq!(send("GET", format!("{url}/token"), &[("authorization", "Basic eDp5")], "").status, 401);
    let login = send("GET", format!("{url}/token"), &[("authorization", "Basic YWRhOnBhc3M6d29yZA==")], "");
    let bearer = format!("Bearer {}", login.json()["token"].as_str().unwrap_or_default());
    assert_eq!(send("GET", format!("{url}/v2/"), &[("authorization", &bearer)], "").status, 200);
}

#[test]
fn answers_can_be_scripted_and_requests_are_logged() {
    let registry = Registry::start();
    registry.answer_next(2, Answer::status(429).header("retry-after", "7"));
    let url = format!("{}/v2/", registry.url());
    let statuses: Vec<u16> = (0..3).map(|_| get(&url).expect("an answer").status).collect();
    assert_eq!(statuses, [429, 429, 200]);
    assert_eq!(registry.requests().len(), 3);
    assert_eq!((registry.requests()[0].method.as_str(), registry.requests()[0].path.as_str()), ("GET", "/v2/"));
}

#[test]
fn incidents_happen_once_and_when_they_should() {
    let registry = Registry::start();
    registry.push("acme/shop", "latest", "one", "abc");
    let two = registry.push("acme/shop", "two", "two", "abc");
    let tag = Effect::Tag { repository: "acme/shop".into(), tag: "latest".into(), digest: two.clone() };
    registry.when("HEAD", "/manifests/latest", 1, tag);
    registry.when("GET", "/manifests/two", 0, Effect::Answer(Answer::status(503)));
    let head = || {
        let head = send("HEAD", format!("{}/v2/acme/shop/manifests/latest", registry.url()), &[], "");
        head.header("docker-content-digest").map(str::to_owned)
    };
    assert_ne!(head().as_ref(), Some(&two));
    assert_eq!(head(), Some(two));
    let statuses =
        [0, 1].map(|_| get(&format!("{}/v2/acme/shop/manifests/two", registry.url())).expect("an answer").status);
    assert_eq!(statuses, [503, 200]);
}

#[test]
fn a_registry_can_be_an_older_one() {
    let registry = Registry::start();
    let subject = registry.push("acme/shop", "1.0.0", "payload", "abc");
    registry.forget_referrers();
    registry.refuse_mounts();
    let url = registry.url();
    assert_eq!(get(&format!("{url}/v2/acme/shop/referrers/{subject}")).expect("an answer").status, 404);
    let layer = digest(b"payload");
    let mount = format!("{url}/v2/acme/copy/blobs/uploads/?mount={layer}&from=acme/shop");
    assert_eq!(send("POST", mount, &[], "").status, 202);
    let piece = send("GET", format!("{url}/v2/acme/shop/blobs/{layer}"), &[("range", "bytes=1-2")], "");
    assert_eq!((piece.status, piece.text().as_str()), (206, "ay"));
}
