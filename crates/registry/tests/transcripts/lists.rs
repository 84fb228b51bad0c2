//! Lists that come in pages, and addresses of every kind.

use slipway_core::host::scripted::{Scripted, ScriptedHost};
use slipway_core::image::{Digest, ImageTag};
use slipway_core::{ErrorKind, Result};
use slipway_registry::{Client, Copied, Copy, Credentials};

use crate::{DIGEST, answered, ask, host, name, tag, told};

fn tags(transcript: Vec<Scripted>) -> Result<Vec<ImageTag>> {
    let host = host(transcript);
    let tags = ScriptedHost::block_on(async {
        Client::new(host.clone(), Credentials::default(), Vec::new()).repository(&name("r.example/shop"))?.tags().await
    });
    assert_eq!(host.unanswered(), 0);
    tags.unwrap()
}

#[test]
fn tags_come_in_pages_and_from_the_registry_alone() {
    let first = "GET https://r.example/v2/shop/tags/list?n=1000";
    let second = "GET https://r.example/v2/shop/tags/list?n=1000&last=b";
    for link in [
        "</v2/shop/tags/list?n=1000&last=b>; rel=\"next\"",
        "<list?n=1000&last=b>;rel=next",
        "</x>; rel=\"prev\", <https://r.example/v2/shop/tags/list?n=1000&last=b>; title=x; rel=\"next\"",
        // A registry behind a proxy that does not know its own name gets no other one's login.
        "<http://internal:5000/v2/shop/tags/list?n=1000&last=b>; rel=\"next\"",
    ] {
        let found = tags(vec![
            told(first, &[], 200, &[("link", link)], r#"{"name": "shop", "tags": ["a", "b", "no tag", 5]}"#),
            told(second, &[], 200, &[], r#"{"tags": ["c"]}"#),
        ]);
        assert_eq!(found.unwrap(), [tag("a"), tag("b"), tag("c")], "{link}");
    }
    assert_eq!(tags(vec![told(first, &[], 200, &[], r#"{"tags": null}"#)]).unwrap(), []);
    assert_eq!(tags(vec![answered(first, &[], 404, &[])]).unwrap(), []);
    for body in ["", "[]", "{}", "<html>"] {
        assert_eq!(tags(vec![told(first, &[], 200, &[], body)]).unwrap_err().kind(), ErrorKind::Network, "{body}");
    }
}

#[test]
fn pages_without_end_have_one() {
    let page = || {
        let link = [("link", "</v2/shop/tags/list?n=1000>; rel=\"next\"")];
        told("GET https://r.example/v2/shop/tags/list?n=1000", &[], 200, &link, r#"{"tags": ["a"]}"#)
    };
    let error = tags((0..200).map(|_| page()).collect()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network);
    assert!(error.message().contains("200 pages"), "{error}");
}

#[test]
fn addresses_of_version_6_are_registries() {
    let found = [("docker-content-digest", DIGEST)];
    for (image, request) in [
        ("[::1]:5000/acme/shop", "HEAD http://[::1]:5000/v2/acme/shop/manifests/1.5.0"),
        ("[2001:db8::1]/acme/shop", "HEAD https://[2001:db8::1]/v2/acme/shop/manifests/1.5.0"),
    ] {
        let host = host(vec![answered(request, &[], 200, &found)]);
        assert_eq!(ask(&host, Credentials::default(), image, 1).unwrap().unwrap().as_str(), DIGEST, "{image}");
    }
    let forbidden = ask(&host(Vec::new()), Credentials::default(), "[fe80::1]:5000/acme/shop", 1).unwrap_err();
    assert_eq!(forbidden.kind(), ErrorKind::ForbiddenAddress);
}

#[test]
fn referrers_are_asked_for_by_tag_where_there_is_no_api() {
    let blob = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    let content = format!(r#"{{"config":{{"digest":"{blob}","size":2}},"layers":[]}}"#);
    let kind = [("content-type", "application/vnd.oci.image.manifest.v1+json")];
    let index = [("content-type", "application/vnd.oci.image.index.v1+json")];
    let image = "sha256:fa63dd892b4644048f332d2b489750699c3dc77556ffe62841eefda7923f8761";
    let list = format!("GET https://r.example/v2/a/manifests/{}", image.replace(':', "-"));
    for (status, headers, body, by_tag, is_well) in [
        (404, &[][..], "", true, true),
        (405, &[], "", true, true),
        (200, &[("content-type", "text/html")], "<html>", true, true),
        (200, &index, r#"{"manifests": []}"#, false, true),
        (200, &index, "<html>", false, false),
        (500, &[], "", false, false),
        (403, &[], "", false, false),
    ] {
        let mut transcript = vec![
            told(&format!("GET https://r.example/v2/a/manifests/{image}"), &[], 200, &kind, &content),
            answered(
                &format!("HEAD https://r.example/v2/b/manifests/{image}"),
                &[],
                200,
                &[("docker-content-digest", image)],
            ),
        ];
        let asked = format!("GET https://r.example/v2/a/referrers/{image}");
        let attempts = if status == 500 { 4 } else { 1 };
        transcript.extend((0..attempts).map(|_| told(&asked, &[], status, headers, body)));
        transcript.extend(by_tag.then(|| answered(&list, &[], 404, &[])));
        let cosign = [".sig", ".att", ".sbom"].map(|suffix| {
            answered(
                &format!("HEAD https://r.example/v2/a/manifests/{}{suffix}", image.replace(':', "-")),
                &[],
                404,
                &[],
            )
        });
        transcript.extend(cosign.into_iter().filter(|_| is_well));
        let host = host(transcript);
        let result = ScriptedHost::block_on(async {
            let client = Client::new(host.clone(), Credentials::default(), Vec::new());
            let (from, to) = (client.repository(&name("r.example/a"))?, client.repository(&name("r.example/b"))?);
            let digest: Digest = image.parse()?;
            Copy { from: &from, to: &to, referrers: true }.run(&digest, &mut Copied::default()).await
        });
        assert_eq!(result.unwrap().is_ok(), is_well, "{status} {body}");
        assert_eq!(host.unanswered(), 0, "{status} {body}");
    }
}

#[test]
fn uploads_go_to_the_registry_alone() {
    let blob = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    let content = format!(r#"{{"config":{{"digest":"{blob}","size":2}},"layers":[]}}"#);
    let kind = [("content-type", "application/vnd.oci.image.manifest.v1+json")];
    for location in ["https://evil.example/upload", "http://r.example/upload", "//evil.example/upload", "file:///x"] {
        let host = host(vec![told("GET https://r.example/v2/a/manifests/1.5.0", &[], 200, &kind, &content)]);
        let error = ScriptedHost::block_on(async {
            let client = Client::new(host.clone(), Credentials::default(), Vec::new());
            let from = client.repository(&name("r.example/a"))?;
            let to = client.repository(&name("r.example/b"))?;
            let digest: Digest = from.manifest(&tag("1.5.0")).await?.unwrap().digest().clone();
            let mount = format!("POST https://r.example/v2/b/blobs/uploads/?mount={blob}&from=a");
            let host = host
                .clone()
                .then(told(&format!("GET https://r.example/v2/a/manifests/{digest}"), &[], 200, &kind, &content))
                .then(answered(&format!("HEAD https://r.example/v2/b/manifests/{digest}"), &[], 404, &[]))
                .then(answered(&mount, &[], 202, &[("location", location)]));
            let result = Copy { from: &from, to: &to, referrers: false }.run(&digest, &mut Copied::default()).await;
            assert_eq!(host.unanswered(), 0, "nothing else was asked");
            result
        });
        let error = error.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Network, "{location}");
        assert!(error.message().contains("another server"), "{error}");
    }
}
