//! H77: single HTTP exchanges with servers and proxies that do not behave.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::hosts::{both, native};
use crate::server::Server;

/// A GET with a second to spare.
fn get(url: &str) -> Value {
    json!({
        "call": "exchange", "method": "GET", "url": url, "headers": [], "body": "", "addresses": ["127.0.0.1"],
        "proxy": null, "milliseconds": 1000, "bodyLimit": 1000, "authorities": null,
    })
}

fn error(kind: &str) -> Value {
    json!({ "error": kind })
}

fn answer(status: u16, body: usize) -> Value {
    json!({ "status": status, "body": body, "headers": {} })
}

#[test]
fn h77_answers_that_lie_or_never_end() {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    for (sent, expected) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok".into(), answer(200, 2)),
        ("HTTP/1.1 200 OK\r\n\r\nuntil the end".into(), answer(200, 13)),
        ("HTTP/1.1 204 No Content\r\n\r\n".into(), answer(204, 0)),
        ("HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n".into(), answer(500, 0)),
        (format!("{chunked}3\r\nabc\r\n0\r\n\r\n"), answer(200, 3)),
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nok".into(), error("network")),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nokk".into(), error("network")),
        ("HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n".into(), error("network")),
        ("HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\nx".into(), error("network")),
        (format!("HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n{}", "x".repeat(1001)), error("network")),
        (format!("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{}", "x".repeat(1000)), answer(200, 1000)),
        (format!("{chunked}zzz\r\n"), error("network")),
        (format!("{chunked}ffffffffffffffffff\r\n"), error("network")),
        (format!("{chunked}3\r\nabc\r\n"), error("network")),
        ("HTTP/1.1 200 OK\r\n".into(), error("network")),
        (format!("HTTP/1.1 200 OK\r\ny: {}\r\ncontent-length: 0\r\n\r\n", "y".repeat(100_000)), answer(200, 0)),
        (format!("HTTP/1.1 200 OK\r\ny: {}\r\n\r\n", "y".repeat(10_000_000)), error("network")),
        ("SSH-2.0-OpenSSH_9.2\r\n".into(), error("network")),
        (String::new(), error("network")),
    ] {
        let server = Server::answering(sent.clone());
        assert_eq!(both(|| get(&server.url("/"))), expected, "{}", &sent[..sent.len().min(100)]);
    }
}

#[test]
fn h77_the_time_limit_is_for_the_whole_exchange() {
    type Part = (&'static str, &'static str, &'static str);
    let drip: [Part; 5] = [
        ("nothing at all", "", ""),
        ("slow headers", "HTTP/1.1 200 OK\r\nx-y: ", "z"),
        ("a slow body", "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n", "z"),
        ("slow chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "1\r\nz\r\n"),
        ("many informational answers", "", "HTTP/1.1 102 Processing\r\n\r\n"),
    ];
    for (name, first, again) in drip {
        let server = Server::start(move |_, mut connection| {
            connection.say(first);
            while connection.wait(Duration::from_millis(100)) && connection.say(again) {}
        });
        let start = Instant::now();
        assert_eq!(both(|| get(&server.url("/"))), error("timed-out"), "{name}");
        assert!(start.elapsed() < Duration::from_secs(15), "{name}: {:?}", start.elapsed());
    }
}

#[test]
fn h77_endless_bodies_are_cut() {
    let server = Server::start(|_, mut connection| {
        connection.say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
        while connection.say("ff\r\n") && connection.say([b'z'; 255]) && connection.say("\r\n") {}
    });
    let start = Instant::now();
    assert_eq!(both(|| get(&server.url("/"))), error("network"));
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
}

#[test]
fn head_answers_have_no_body_whatever_they_say() {
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 10000000\r\nx-a: b\r\n\r\n");
    let mut call = get(&server.url("/"));
    call["method"] = "HEAD".into();
    assert_eq!(both(|| call.clone()), json!({ "status": 200, "body": 0, "headers": { "x-a": "62" } }));
}

#[test]
fn header_values_are_bytes_in_both_directions() {
    let server = Server::answering(b"HTTP/1.1 200 OK\r\nx-a: caf\xe9 \xc3\xa9\r\ncontent-length: 0\r\n\r\n");
    let mut call = get(&server.url("/"));
    assert_eq!(both(|| call.clone())["headers"]["x-a"], "636166e920c3a9");
    call["headers"] = json!(["x-b", "caf\u{e9} \u{20ac}"]);
    both(|| call.clone());
    call["headers"] = json!(["x-b", "1", "x-b", "2"]);
    both(|| call.clone());
    let heads: Vec<String> = server.heads().iter().map(|head| head.to_lowercase()).collect();
    assert!(heads[2..4].iter().all(|head| head.contains("x-b: caf\u{e9} \u{20ac}\r\n")), "{heads:?}");
    assert!(heads[4..6].iter().all(|head| head.contains("x-b: 1\r\nx-b: 2\r\n")), "{heads:?}");
}

#[test]
fn nobody_there_is_a_network_error() {
    let unused = Server::answering("").address();
    let started = Instant::now();
    assert_eq!(both(|| get(&format!("http://{unused}/"))), error("network"));
    let mut call = get("http://shop.test:1/");
    call["addresses"] = json!(["127.0.0.1", "::1"]);
    assert_eq!(both(|| call.clone()), error("network"));
    assert!(started.elapsed() < Duration::from_secs(15));
}

#[test]
fn the_checked_addresses_are_connected_to_whatever_the_name_is() {
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    let port = server.address().split(':').next_back().unwrap().to_owned();
    // One that nobody answers at comes first.
    for addresses in [json!(["127.0.0.1"]), json!(["127.0.0.2", "127.0.0.1"]), json!(["::1", "127.0.0.1"])] {
        let mut call = get(&format!("http://shop.test:{port}/x?y=z"));
        call["addresses"] = addresses;
        assert_eq!(both(|| call.clone()), answer(200, 2), "{call}");
    }
    let head = server.heads().pop().unwrap().to_ascii_lowercase();
    assert!(
        head.starts_with("get /x?y=z http/1.1\r\n") && head.contains(&format!("host: shop.test:{port}\r\n")),
        "{head}"
    );

    if let Some(server) = on_ipv6("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok") {
        let mut call = get(&server.url("/"));
        call["addresses"] = json!(["::1"]);
        assert_eq!(both(|| call.clone()), answer(200, 2));
    }
}

/// A machine without IPv6 cannot tell.
fn on_ipv6(answer: &'static str) -> Option<Server> {
    std::net::TcpListener::bind("[::1]:0").ok()?;
    Some(Server::listen("[::1]:0", move |_, mut connection| {
        connection.say(answer);
    }))
}

#[test]
fn plain_requests_go_through_a_proxy_in_absolute_form() {
    let proxy = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    let mut call = get("http://shop.test/x");
    call["proxy"] = format!("http://ada:pass%20word@{}", proxy.address()).into();
    call["addresses"] = json!([]);
    assert_eq!(both(|| call.clone()), answer(200, 2));
    for head in proxy.heads() {
        let head = head.to_ascii_lowercase();
        assert!(head.starts_with("get http://shop.test/x http/1.1\r\n"), "{head}");
        assert!(head.contains("host: shop.test\r\n"), "{head}");
        // `ada:pass word`
        assert!(head.contains("proxy-authorization: basic ywrhonbhc3mgd29yza==\r\n"), "{head}");
    }
}

#[test]
fn a_proxy_that_opens_no_tunnel_is_an_error() {
    for (says, kind) in [
        ("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n", "network"),
        ("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", "network"),
        ("HTTP/1.1 302 Found\r\nlocation: http://evil.test/\r\ncontent-length: 0\r\n\r\n", "network"),
        ("nonsense", "network"),
        ("", "network"),
    ] {
        let proxy = Server::answering(says);
        let mut call = get("https://shop.test/x");
        call["proxy"] = format!("http://{}", proxy.address()).into();
        call["addresses"] = json!([]);
        call["headers"] = json!(["authorization", "Bearer secret"]);
        assert_eq!(both(|| call.clone()), error(kind), "{says}");
        for head in proxy.heads() {
            assert!(head.starts_with("CONNECT shop.test:443 HTTP/1.1\r\n") && !head.contains("secret"), "{head}");
        }
        assert!(proxy.heads().len() >= 2, "{says}");
    }
    let silent = Server::start(|_, connection| {
        connection.wait(Duration::from_secs(20));
    });
    let mut call = get("https://shop.test/x");
    call["proxy"] = format!("http://{}", silent.address()).into();
    let start = Instant::now();
    assert_eq!(both(|| call.clone()), error("timed-out"));
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
}

#[test]
fn a_wrong_authority_is_an_error_of_ours() {
    let mut call = get("https://shop.test:1/");
    call["authorities"] = "no PEM".into();
    assert_eq!(native(&call)["error"], both(|| call.clone())["error"]);
}
