//! H75–H77, H82: what may be asked, what is followed and repeated, and what an answer means.

use std::net::IpAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use slipway_core::host::native::NativeHost;
use slipway_core::host::scripted::{Scripted, ScriptedHost};
use slipway_core::http::{Fetch, parse_url, send};
use slipway_core::{ErrorKind, Result};
use testbed::{ActionRun, Answer, GitHub, Runner, run_action};

use crate::server::Server;

type Response = http::Response<Vec<u8>>;

fn ask(url: &str, change: impl FnOnce(&mut Fetch)) -> Result<Response> {
    let mut fetch = Fetch { attempts: 1, ..Fetch::get(parse_url(url)?) };
    change(&mut fetch);
    NativeHost::block_on(send(&NativeHost::new(), fetch)).unwrap()
}

fn redirect(status: u16, location: &str) -> String {
    format!("HTTP/1.1 {status} Elsewhere\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n")
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

#[test]
fn h76_redirects_end() {
    let server = Server::answering(redirect(302, "/again"));
    let error = ask(&server.url("/"), |_| {}).unwrap_err();
    assert_eq!((error.kind(), server.heads().len()), (ErrorKind::Network, 6), "{error}");
}

#[test]
fn h76_redirects_lead_to_web_addresses_only() {
    for location in [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "ftp://127.0.0.1/",
        "http://ada:word@127.0.0.1/",
        "http://127.0.0.1:0/",
        "http://169.254.169.254/latest/meta-data",
        "http://[fe80::1]/",
        "http://0/",
        "http://metadata.google.internal/",
        "//[",
    ] {
        let server = Server::answering(redirect(302, location));
        let error = ask(&server.url("/"), |_| {}).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Network | ErrorKind::ForbiddenAddress), "{location}: {error}");
        assert!(!error.to_string().contains("ada:"), "{error}");
        assert_eq!(server.heads().len(), 1, "{location}");
    }
}

#[test]
fn h76_another_origin_gets_neither_credentials_nor_bodies() {
    let other = Server::answering(OK);
    for status in [301, 302, 303, 307, 308] {
        for method in ["GET", "POST", "PUT", "HEAD"] {
            let before = other.heads().len();
            let server = Server::answering(redirect(status, &other.url("/there")));
            let answer = ask(&server.url("/"), |fetch| {
                fetch.method = method.parse().unwrap();
                fetch.body = if matches!(method, "GET" | "HEAD") { Vec::new() } else { b"secret body".to_vec() };
                fetch.headers.insert("authorization", "Bearer secret".parse().unwrap());
                fetch.headers.insert("x-api-key", "secret".parse().unwrap());
                fetch.headers.insert("cookie", "secret".parse().unwrap());
                fetch.headers.insert("accept", "application/json".parse().unwrap());
            });
            let heads = other.heads().split_off(before);
            let becomes_get = status == 303 || (method == "POST" && status < 303);
            let carries_body = matches!(method, "POST" | "PUT") && !becomes_get;
            assert_eq!(answer.is_err(), carries_body, "{status} {method}: {answer:?}");
            assert_eq!(heads.len(), usize::from(!carries_body), "{status} {method}: {heads:?}");
            for head in heads {
                let method = if becomes_get && method != "HEAD" { "GET" } else { method };
                assert!(head.starts_with(&format!("{method} /there HTTP/1.1")), "{head}");
                assert!(head.contains("application/json") && !head.contains("secret"), "{head}");
            }
        }
    }
}

#[test]
fn redirects_within_an_origin_keep_everything() {
    let server = Server::start(|head, mut connection| {
        connection.say(if head.contains(" /first ") { redirect(307, "second?x") } else { OK.into() });
    });
    let answer = ask(&server.url("/first"), |fetch| {
        fetch.method = "POST".parse().unwrap();
        fetch.body = b"body".to_vec();
        fetch.headers.insert("authorization", "Bearer kept".parse().unwrap());
    });
    assert_eq!(answer.unwrap().body(), b"ok");
    let second = server.heads().pop().unwrap();
    assert!(second.starts_with("POST /second?x HTTP") && second.contains("Bearer kept"), "{second}");
    assert!(second.contains("content-length: 4"), "{second}");
}

#[test]
fn h77_the_time_limit_of_an_attempt_is_for_its_redirects_too() {
    let server = Server::start(|_, mut connection| {
        connection.wait(Duration::from_millis(300));
        connection.say(redirect(302, "/again"));
    });
    let start = Instant::now();
    let error = ask(&server.url("/"), |fetch| fetch.time_limit = Duration::from_millis(700)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut, "{error}");
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}

#[test]
fn h77_compressed_bodies_are_refused() {
    for encoding in ["gzip", "br", "deflate", "GZIP", "identity, gzip", "x"] {
        let server = Server::answering(format!(
            "HTTP/1.1 200 OK\r\ncontent-encoding: {encoding}\r\ncontent-length: 2\r\n\r\nok"
        ));
        assert_eq!(ask(&server.url("/"), |_| {}).unwrap_err().kind(), ErrorKind::Network, "{encoding}");
        assert!(server.heads()[0].to_lowercase().contains("accept-encoding: identity"));
    }
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-encoding: identity\r\ncontent-length: 2\r\n\r\nok");
    assert!(ask(&server.url("/"), |_| {}).is_ok());
}

#[test]
fn h75_h76_a_name_with_public_and_private_addresses_is_both() {
    let ips = |texts: &[&str]| -> Vec<IpAddr> { texts.iter().map(|text| text.parse().unwrap()).collect() };
    let ask = |first: &[&str], second: &[&str]| {
        let host = ScriptedHost::new(&[])
            .resolving("first.test", &ips(first))
            .resolving("second.test", &ips(second))
            .then(Scripted::Redirect("GET", "http://first.test/", 302, "http://second.test/"))
            .then(Scripted::Http("GET", "http://second.test/", 200, "ok"));
        let fetch = Fetch::get(parse_url("http://first.test/").unwrap());
        ScriptedHost::block_on(send(&host, fetch)).unwrap().map_err(|error| error.kind())
    };
    const PUBLIC: &str = "203.0.113.7";
    for (first, second, followed) in [
        (&[PUBLIC][..], &[PUBLIC][..], true),
        (&["10.0.0.1"], &["10.0.0.2"], true),
        (&["10.0.0.1"], &[PUBLIC], true),
        (&[PUBLIC], &["10.0.0.1"], false),
        (&[PUBLIC, "10.0.0.1"], &["127.0.0.1"], false),
        (&["10.0.0.1", PUBLIC], &["127.0.0.1"], false),
        (&[PUBLIC], &[PUBLIC, "127.0.0.1"], false),
        (&[PUBLIC], &["127.0.0.1", PUBLIC], false),
        (&[PUBLIC], &["::1"], false),
        (&[PUBLIC], &["::ffff:10.0.0.1"], false),
        (&[PUBLIC], &["2002:a00:1::"], false),
        (&[PUBLIC], &["::10.0.0.1"], false),
        (&["10.0.0.1"], &["169.254.169.254", PUBLIC], false),
        (&["10.0.0.1"], &["2002:a9fe:a9fe::"], false),
        (&["10.0.0.1"], &["::169.254.169.254"], false),
    ] {
        let answer = ask(first, second);
        assert_eq!(answer.is_ok(), followed, "{first:?} to {second:?}: {answer:?}");
    }
}

#[test]
fn h82_servers_cannot_make_us_wait_or_break_down() {
    for headers in [
        "retry-after: 999999",
        "retry-after: 99999999999999999999999",
        "x-ratelimit-remaining: 0\r\nx-ratelimit-reset: 9223372036854775807",
        "x-ratelimit-remaining: 0\r\nx-ratelimit-reset: 9223372036854775",
    ] {
        let server = Server::answering(format!("HTTP/1.1 429 Slow down\r\n{headers}\r\ncontent-length: 0\r\n\r\n"));
        let start = Instant::now();
        let answer = ask(&server.url("/"), |fetch| fetch.attempts = 4).unwrap();
        assert_eq!(answer.status(), 429, "{headers}");
        assert!(start.elapsed() < Duration::from_secs(10), "{headers}: {:?}", start.elapsed());
    }
    for headers in [
        "retry-after: -1",
        "retry-after: soon",
        "retry-after: \u{e9}",
        "x-ratelimit-reset: -9223372036854775",
        "x-ratelimit-reset: -9223372036854775808",
    ] {
        let server = Server::answering(format!("HTTP/1.1 503 Busy\r\n{headers}\r\ncontent-length: 0\r\n\r\n"));
        let answer = ask(&server.url("/"), |fetch| fetch.attempts = 2).unwrap();
        assert_eq!((answer.status().as_u16(), server.heads().len()), (503, 2), "{headers}");
    }
}

#[test]
fn writes_are_never_repeated() {
    let server = Server::answering("");
    for (method, times) in [("POST", 1), ("PATCH", 1), ("DELETE", 1), ("GET", 3)] {
        let before = server.heads().len();
        let error = ask(&server.url("/"), |fetch| {
            fetch.method = method.parse().unwrap();
            fetch.attempts = 3;
        });
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Network);
        assert_eq!(server.heads().len() - before, times, "{method}");
    }
}

/// image-tag, which asks the API about the repository and warns if it cannot.
fn image_tag(runner: Runner, api: &str, variables: &[(&str, &str)]) -> ActionRun {
    let mut all = vec![
        ("GITHUB_EVENT_NAME", "push"),
        ("GITHUB_REF", "refs/heads/main"),
        ("GITHUB_SHA", "abc"),
        ("GITHUB_REPOSITORY", "acme/shop"),
        ("GITHUB_API_URL", api),
    ];
    all.extend(variables);
    run_action(runner, "image-tag", &[("github-token", "ghs_secret")], &all, Path::new("/"))
}

/// The warning of both runners, which must be the same and must not tell the token.
#[track_caller]
fn warning(api: &str, variables: &[(&str, &str)]) -> String {
    testbed::binary("image-tag");
    let told = [Runner::Native, Runner::Node].map(|runner| {
        let start = Instant::now();
        let run = image_tag(runner, api, variables);
        assert!(start.elapsed() < Duration::from_secs(20), "{api} {runner:?}: {:?}", start.elapsed());
        let log = format!("{}{}", run.stdout, run.stderr);
        assert_eq!((run.code, log.contains("ghs_secret")), (0, false), "{api} {runner:?}: {log}");
        let found = log.lines().find(|line| line.contains("labels about the repository stay empty: "));
        let (_, why) = found.unwrap_or_else(|| panic!("{api}: no warning\n{log}")).split_once("empty: ").unwrap();
        why.to_owned()
    });
    let start = |text: &String| text.split(" failed: ").next().unwrap().split("`: ").next().unwrap().to_owned();
    // What the operating system or a library adds differs.
    assert_eq!(start(&told[0]), start(&told[1]), "{told:?}");
    told[0].clone()
}

#[test]
fn h75_metadata_services_are_not_asked_by_any_way() {
    let proxy = Server::answering(OK);
    for host in [
        "169.254.169.254",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "2852039166",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "[fd00:ec2::254]",
        "metadata.google.internal",
        "METADATA.google.internal.",
        "instance-data.ec2.internal",
        "168.63.129.16",
        "0",
    ] {
        for variables in [&[][..], &[("HTTP_PROXY", proxy.url("").as_str())]] {
            let told = warning(&format!("http://{host}/api"), variables);
            assert!(told.contains("metadata") || told.contains("no host's address"), "{host}: {told}");
        }
    }
    assert_eq!(proxy.heads(), [""; 0]);
}

#[test]
fn proxies_are_used_where_they_are_meant() {
    let proxy = Server::answering(OK);
    let there = proxy.url("");
    for (variable, no_proxy, is_asked) in [
        ("HTTP_PROXY", "", true),
        ("http_proxy", "", true),
        ("HTTPS_PROXY", "", false),
        ("http_proxy", "shop.invalid", false),
        ("http_proxy", "shop.invalid:81", true),
    ] {
        let before = proxy.heads().len();
        let told = warning("http://shop.invalid/api", &[(variable, &there), ("NO_PROXY", no_proxy)]);
        let asked = proxy.heads().split_off(before);
        assert_eq!(!asked.is_empty(), is_asked, "{variable} {no_proxy}: {told}");
        assert!(asked.iter().all(|head| head.starts_with("GET http://shop.invalid/api/repos/acme/shop ")), "{asked:?}");
    }
    for wrong in ["socks5://127.0.0.1:1", "ftp://127.0.0.1", "http://[", "file:///etc/passwd", "http://ada:hunter2@"] {
        let told = warning("http://shop.invalid/api", &[("http_proxy", wrong)]);
        assert!(told.contains("`HTTP_PROXY` is not an address of a proxy") && !told.contains("hunter2"), "{told}");
    }
}

#[test]
fn what_cannot_be_reached_is_told_alike() {
    let unused = Server::answering("").url("/api");
    assert!(warning(&unused, &[]).contains("the request to `127.0.0.1` failed: "), "{unused}");
}

#[test]
fn names_without_addresses_are_told_alike() {
    assert!(warning("http://nobody.invalid/api", &[]).contains("cannot resolve `nobody.invalid`"));
}

#[test]
fn unreachable_tls_is_told_alike() {
    assert!(warning("https://127.0.0.1:1/", &[]).contains("the request to `127.0.0.1` failed: "));
}

#[test]
fn h75_addresses_that_cannot_be_meant_are_wrong_inputs() {
    for (api, expected) in [
        ("http://ada:hunter2@127.0.0.1/", "`http://***@127.0.0.1` holds a user name or password"),
        ("ssh://127.0.0.1/", "`ssh://127.0.0.1` is not an http or https URL"),
        ("http://127.0.0.1:0", "`http://127.0.0.1:0` has port 0"),
        ("api", "`api` is not a URL"),
    ] {
        for runner in [Runner::Native, Runner::Node] {
            let run = image_tag(runner, api, &[]);
            assert_eq!(run.code, 2, "{api} {runner:?}: {}", run.stdout);
            assert!(run.stdout.contains(expected) && !run.output("json").contains("hunter2"), "{}", run.stdout);
        }
    }
}

#[test]
fn h82_answers_of_the_api_are_told_apart() {
    let html = Answer::status(200).header("content-type", "text/html").body("<html>Log in</html>");
    let limited = Answer::status(403).header("x-ratelimit-remaining", "0").header("retry-after", "999999");
    let message = |status: u16, text: &str| Answer::status(status).body(format!(r#"{{"message":"{text}"}}"#));
    let long = "m".repeat(3_000_000);
    for (answer, expected) in [
        (html, "was not answered as GitHub does"),
        (message(200, "no repository"), ""),
        (Answer::status(200).body("[]"), ""),
        (Answer::status(200).body("{\"name\":7}"), "was not answered as GitHub does"),
        (
            Answer::status(200).body(format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000))),
            "was not answered as GitHub does",
        ),
        (limited.body(r#"{"message":"API rate limit exceeded for x"}"#), "the rate limit is used up"),
        (message(403, "Resource not accessible by integration"), "the token lacks a right"),
        (message(401, "Bad credentials"), "the token is wrong or has expired"),
        (message(404, "Not Found"), "it does not exist, or the token cannot see it: that takes `metadata: read`"),
        (Answer::status(404).body("<html>nginx</html>"), "answered 404"),
        (Answer::status(429).header("retry-after", "999999").body("{}"), "answered 429"),
        (
            message(422, "::error::x\\r\\n::error::y ##[error]z"),
            "answered 422: ::error::x\\r\\n::error::y #\\#[error]z",
        ),
        (message(422, &long), "answered 422: mmm"),
        (Answer::status(302).header("location", "http://169.254.169.254/"), "metadata services"),
        (Answer::status(304), "304"),
        (Answer::status(204), ""),
    ] {
        let told = [Runner::Native, Runner::Node].map(|runner| {
            let github = GitHub::start();
            github.answer_next(5, answer.clone());
            let run = image_tag(runner, &github.api_url(), &[]);
            let log = format!("{}{}", run.stdout, run.stderr);
            assert_eq!(run.code, 0, "{expected}: {}", &log[..log.len().min(5000)]);
            assert!(run.output("json").len() < 100_000, "{expected}: {}", run.output("json").len());
            let lines: Vec<&str> = log.lines().filter(|line| line.contains("stay empty: ")).collect();
            assert!(
                log.contains(expected) && lines.iter().all(|line| line.starts_with("::warning::")),
                "{expected}: {log}"
            );
            lines.join("\n").replace(&github.server_url(), "SERVER")
        });
        assert_eq!(told[0], told[1]);
    }
}
