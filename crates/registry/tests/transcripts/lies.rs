//! Registries that say what is not so.

use slipway_core::ErrorKind;
use slipway_core::host::scripted::{Scripted, ScriptedHost};
use slipway_core::image::Digest;
use slipway_core::{Error, Result};
use slipway_registry::{Client, Credentials, Manifest, Reference};

use crate::{DIGEST, answered, ask, host, name, password, tag, told};

/// An index of nothing, and its digests.
const INDEX: &str = "{\"manifests\":[]}";
const SHA256: &str = "sha256:ff3ddd7fdb7de74f3d80c15d4b55b5f7cd5bd5a6c9d4b6c9b4a3e0ee8d7bf9b5";
const KIND: (&str, &str) = ("content-type", "application/vnd.oci.image.index.v1+json");

fn get(transcript: Vec<Scripted>, reference: Reference<'_>) -> Result<Option<Manifest>> {
    let host = host(transcript);
    ScriptedHost::block_on(async {
        let client = Client::new(host.clone(), Credentials::default(), Vec::new());
        client.repository(&name("r.example/shop"))?.manifest(reference).await
    })
    .unwrap()
}

fn refused(transcript: Vec<Scripted>, reference: Reference<'_>) -> Error {
    match get(transcript, reference) {
        Ok(found) => panic!("{found:?}"),
        Err(error) => error,
    }
}

#[test]
fn bytes_must_have_the_digest_that_was_asked_for() {
    let digest: Digest = DIGEST.parse().unwrap();
    let request = format!("GET https://r.example/v2/shop/manifests/{DIGEST}");
    let error = refused(vec![told(&request, &[], 200, &[KIND], INDEX)], (&digest).into());
    assert_eq!(error.kind(), ErrorKind::DigestMismatch);
    assert!(error.message().contains(DIGEST), "{error}");
}

#[test]
fn bytes_must_have_the_digest_that_is_told() {
    for told_digest in [DIGEST, "md5:0123", "sha256:short", SHA256] {
        let headers = [KIND, ("docker-content-digest", told_digest)];
        let request = "GET https://r.example/v2/shop/manifests/1.5.0";
        let error = refused(vec![told(request, &[], 200, &headers, INDEX)], (&tag("1.5.0")).into());
        assert_eq!(error.kind(), ErrorKind::DigestMismatch, "{told_digest}");
    }
}

#[test]
fn digests_of_sha_512_are_digests() {
    let body = "{\"manifests\": []}";
    let sha512: Digest = SHA512.parse().unwrap();
    let request = format!("GET https://r.example/v2/shop/manifests/{SHA512}");
    let headers = [KIND, ("docker-content-digest", SHA512)];
    let manifest = get(vec![told(&request, &[], 200, &headers, body)], (&sha512).into()).unwrap().unwrap();
    assert_eq!(manifest.digest(), &sha512);
    let by_tag = "GET https://r.example/v2/shop/manifests/1.5.0";
    let manifest = get(vec![told(by_tag, &[], 200, &headers, body)], (&tag("1.5.0")).into()).unwrap().unwrap();
    assert_eq!(manifest.digest(), &sha512, "the registry's own name for it");
    // Of a registry that knows it by SHA-256, the tag is still the same image.
    let host = host(vec![
        answered("HEAD https://r.example/v2/shop/manifests/1.5.0", &[], 200, &[("docker-content-digest", DIGEST)]),
        told(by_tag, &[], 200, &[KIND], body),
    ]);
    let found = ScriptedHost::block_on(async {
        let client = Client::new(host.clone(), Credentials::default(), Vec::new());
        client.repository(&name("r.example/shop")).unwrap().digest_like(&tag("1.5.0"), &sha512).await
    });
    assert_eq!(found.unwrap().unwrap(), Some(sha512));
}

/// Of the index with a space in it.
const SHA512: &str = "sha512:4c5ade1146079feb089a725511569f29dbdc102c26897b2f9874305f6cafc45572b0f3904e6bbda523c6e90a88cc839ef5de6b70b3f5c5f5679ebeef27820d36";

#[test]
fn a_head_without_digest_is_followed_by_a_look_at_the_bytes() {
    let host = host(vec![
        answered("HEAD https://r.example/v2/shop/manifests/1.5.0", &[], 200, &[]),
        told("GET https://r.example/v2/shop/manifests/1.5.0", &[], 200, &[KIND], INDEX),
    ]);
    let digest = ask(&host, Credentials::default(), "r.example/shop", 1).unwrap().unwrap();
    assert!(digest.as_str().starts_with("sha256:") && digest.as_str() != SHA256);
}

#[test]
fn a_login_is_never_sent_without_tls_or_to_a_forbidden_address() {
    for (realm, kind) in [
        ("http://r.example/t", ErrorKind::Network),
        ("https://169.254.169.254/latest", ErrorKind::ForbiddenAddress),
        ("https://ada:pw@r.example/t", ErrorKind::Network),
        ("/token", ErrorKind::Network),
        ("file:///etc/passwd", ErrorKind::Network),
    ] {
        let challenge = format!("Bearer realm=\"{realm}\"");
        let manifest = "HEAD https://r.example/v2/shop/manifests/1.5.0";
        let host = host(vec![answered(manifest, &[], 401, &[("www-authenticate", &challenge)])]);
        let credentials = Credentials::default().with("r.example", password("ada", "hunter2"));
        let error = ask(&host, credentials, "r.example/shop", 1).unwrap_err();
        assert_eq!(error.kind(), kind, "{realm}: {error}");
        assert_eq!(host.unanswered(), 0, "nothing else was asked");
    }
}

#[test]
fn tokens_that_are_none_are_refused() {
    for body in ["", "{}", r#"{"token": ""}"#, r#"{"token": 5}"#, "<html>", "{\"token\": \"a\\nb\"}"] {
        let manifest = "HEAD https://r.example/v2/shop/manifests/1.5.0";
        let host = host(vec![
            answered(manifest, &[], 401, &[("www-authenticate", "Bearer realm=\"https://r.example/t\"")]),
            told("GET https://r.example/t?scope=repository%3Ashop%3Apull", &[], 200, &[], body),
        ]);
        let error = ask(&host, Credentials::default(), "r.example/shop", 1).unwrap_err();
        assert!([ErrorKind::Network, ErrorKind::Permission].contains(&error.kind()), "{body}: {error}");
    }
}
