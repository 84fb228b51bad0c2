//! Whom a verdict is told.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

use crate::rollback::bad;
use crate::world::World;

/// A server that answers with these statuses, one request each, and hands on what it got.
fn channel_of(statuses: &'static [u16]) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/services/s3cret-path", listener.local_addr().unwrap());
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for status in statuses {
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
            let mut request = Vec::new();
            let mut part = [0; 4096];
            while !is_whole(&request) {
                match stream.read(&mut part) {
                    Ok(0) | Err(_) => break,
                    Ok(read) => request.extend_from_slice(&part[..read]),
                }
            }
            let _ = write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            let _ = sender.send(String::from_utf8(request).unwrap());
        }
    });
    (url, receiver)
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.to_ascii_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

#[test]
fn a_channel_gets_the_verdict_once() {
    let world = World::with_verified_release();
    world.deploy_and_wait(&bad());
    let _users = world.users();
    let (url, received) = channel_of(&[503, 200, 200]);
    let run = [("GITHUB_REPOSITORY", "acme/shop"), ("GITHUB_RUN_ID", "7")];
    let inputs = [
        ("on-failure", "rollback"),
        ("duration", "10s"),
        ("notify-webhook", url.as_str()),
        ("runbook-url", "https://wiki.example/shop?a=1&b=2"),
    ];
    let said = world.gate_with(&inputs, &run);
    assert_eq!((said.run.code, said.run.output("restored-version")), (1, "1.0.0"), "{}", said.run.stdout);
    let requests = [received.recv().unwrap(), received.recv().unwrap()];
    let body: Value = serde_json::from_str(requests[1].split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(body["text"], "❌ shop 1.1.0 in staging: rollback");
    let text = body["blocks"][0]["text"]["text"].as_str().unwrap();
    assert!(text.contains("`error-rate &lt; 5%` failed on 3 looks in a row"), "{text}");
    assert!(text.contains("look first at `{") && text.contains("requests failed, mostly with `500`"), "{text}");
    assert!(said.run.summary.contains("Look first at `{"), "{}", said.run.summary);
    assert!(text.contains("`1.0.0` is restored and healthy"), "{text}");
    let links = body["blocks"][1]["text"]["text"].as_str().unwrap();
    assert!(links.contains("/acme/shop/actions/runs/7|run>"), "{links}");
    assert!(links.ends_with("<https://wiki.example/shop?a=1&amp;b=2|runbook>"), "{links}");
    assert!(said.run.summary.contains("What to do: <https://wiki.example/shop"), "{}", said.run.summary);
    assert!(said.run.stdout.contains("see https://wiki.example/shop"), "{}", said.run.stdout);
    // Nothing new, nothing told.
    world.gate_with(&inputs, &run);
    assert!(received.try_recv().is_err());
}

#[test]
fn a_channel_that_is_down_is_a_warning_without_its_address() {
    let world = World::with_verified_release();
    world.deploy_and_wait(&testbed::Release::version("1.1.0"));
    let (url, _received) = channel_of(&[404]);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let closed = format!("http://{closed}/services/s3cret-path");
    for (url, why) in [(url.as_str(), "status 404"), (closed.as_str(), "no answer, 4 times")] {
        let checks = world.health();
        let said = world.gate(&[("checks", &checks), ("duration", "300ms"), ("notify-webhook", url)]);
        assert_eq!(said.run.code, 0, "{}", said.run.stdout);
        let warning = format!("::warning::`notify-webhook` did not take the message: {why}");
        assert!(said.run.stdout.contains(&warning), "{}", said.run.stdout);
        let everything = format!("{}{}{:?}{}", said.run.stdout, said.run.stderr, said.run.outputs, said.run.summary);
        assert!(!everything.contains("s3cret-path"), "{everything}");
        world.deploy_and_wait(&testbed::Release::version("1.2.0"));
    }
    let said = world.gate(&[("notify-webhook", "no address s3cret-path")]);
    assert_eq!(said.run.code, 2, "{}", said.run.stdout);
    assert!(!said.run.stdout.contains("s3cret-path"), "{}", said.run.stdout);
}

#[test]
fn a_channel_gets_the_verdicts_that_it_asked_for() {
    let world = World::with_verified_release();
    world.deploy_and_wait(&testbed::Release::version("1.1.0"));
    let (url, received) = channel_of(&[200, 200]);
    let (checks, none) = (world.health(), format!("{}\nerror-rate < 5%", world.health()));
    let told = |checks: &str, on: &str| {
        let said =
            world.gate(&[("checks", checks), ("duration", "300ms"), ("notify-webhook", &url), ("notify-on", on)]);
        let message = received.try_recv().ok().map(|request| request.contains("promote"));
        (said.run.output("verdict").to_owned(), message)
    };
    // Nobody uses the service, so its error rate is not known.
    assert_eq!(told(&none, "rollback\npromote"), ("hold".into(), None));
    assert_eq!(told(&checks, "promote"), ("promote".into(), Some(true)));
    world.deploy_and_wait(&testbed::Release::version("1.2.0"));
    assert_eq!(told(&none, "hold\nrollback"), ("hold".into(), Some(false)));
    for (inputs, message) in [
        (&[("notify-webhook", url.as_str()), ("notify-on", "promte")][..], "`promte` is not a verdict"),
        (&[("notify-webhook", url.as_str()), ("notify-on", "hold, rollback")], "`hold, rollback` is not a verdict"),
        (&[("notify-on", "hold")], "nobody is told"),
    ] {
        let said = world.gate(inputs);
        assert_eq!(said.run.code, 2, "{}", said.run.stdout);
        assert!(said.json["error"]["message"].as_str().unwrap().contains(message), "{}", said.json);
    }
}

#[test]
fn a_summary_shows_how_the_values_went() {
    let world = World::with_verified_release();
    world.deploy_and_wait(&bad());
    let _users = world.users();
    let said = world.gate(&[("duration", "10s")]);
    for told in ["```mermaid\nxychart-beta\n  title \"error-rate < 5%\"", "| Threshold | ", " | &lt; 5% | "] {
        assert!(said.run.summary.contains(told), "{told}\n{}", said.run.summary);
    }
    // What the release was built from is in the checkout of this world.
    assert!(said.run.summary.contains("What the release brought:\n\n- `"), "{}", said.run.summary);
    assert!(said.run.summary.contains("` Deploy shop 1.0.0\n"), "{}", said.run.summary);
    assert!(said.run.summary.contains('█'), "{}", said.run.summary);
}
