//! How each registry lets a request in.

use slipway_core::ErrorKind;
use slipway_core::Secret;
use slipway_core::host::scripted::{Scripted, ScriptedExchange, ScriptedHost};
use slipway_registry::{Client, Credentials, Login};

use crate::{DIGEST, answered, ask, host, name, password, tag, told};

const FOUND: [(&str, &str); 1] = [("docker-content-digest", DIGEST)];

#[test]
fn docker_hub_gives_anonymous_tokens() {
    // https://distribution.github.io/distribution/spec/auth/token/
    let manifest = "HEAD https://registry-1.docker.io/v2/library/nginx/manifests/1.5.0";
    let challenge = "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",\
                     scope=\"repository:library/nginx:pull\"";
    let token = "GET https://auth.docker.io/token?service=registry.docker.io&scope=repository%3Alibrary%2Fnginx%3Apull";
    let host = host(vec![
        answered(manifest, &[("authorization", "")], 401, &[("www-authenticate", challenge)]),
        told(token, &[("authorization", "")], 200, &[], r#"{"token": "t1", "access_token": "t2", "expires_in": 300}"#),
        answered(manifest, &[("authorization", "Bearer t1")], 200, &FOUND),
        // The token is kept.
        answered(manifest, &[("authorization", "Bearer t1")], 200, &FOUND),
    ]);
    assert_eq!(ask(&host, Credentials::default(), "nginx", 2).unwrap().unwrap().as_str(), DIGEST);
    assert_eq!(host.unanswered(), 0);
}

#[test]
fn github_takes_a_token_as_password() {
    // https://docs.github.com/packages/working-with-a-github-packages-registry/working-with-the-container-registry
    let manifest = "HEAD https://ghcr.io/v2/acme/shop/manifests/1.5.0";
    // Of a repository that it does not know, it names an example's scope.
    let challenge = "Bearer realm=\"https://ghcr.io/token\",service=\"ghcr.io\",scope=\"repository:user/image:pull\"";
    let token = "GET https://ghcr.io/token?service=ghcr.io&scope=repository%3Aacme%2Fshop%3Apull";
    let host = host(vec![
        answered(manifest, &[], 401, &[("www-authenticate", challenge)]),
        told(token, &[("authorization", "Basic YWRhOmdocF94")], 200, &[], r#"{"token": "djE6"}"#),
        answered(manifest, &[("authorization", "Bearer djE6")], 404, &[]),
    ]);
    let credentials = Credentials::default().with("ghcr.io", password("ada", "ghp_x"));
    assert_eq!(ask(&host, credentials, "ghcr.io/acme/shop", 1).unwrap(), None);
    assert_eq!(host.unanswered(), 0);
}

#[test]
fn amazon_ecr_takes_the_password_itself() {
    // https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html#registry-auth-http-api
    let registry = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
    let manifest = format!("HEAD https://{registry}/v2/acme/shop/manifests/1.5.0");
    let challenge = format!("Basic realm=\"https://{registry}/\",service=\"ecr.amazonaws.com\"");
    let host = host(vec![
        answered(&manifest, &[("authorization", "")], 401, &[("www-authenticate", &challenge)]),
        answered(&manifest, &[("authorization", "Basic QVdTOmV5Sng=")], 200, &FOUND),
        answered(&manifest, &[("authorization", "Basic QVdTOmV5Sng=")], 200, &FOUND),
    ]);
    let credentials = Credentials::default().with(registry, password("AWS", "eyJx"));
    assert!(ask(&host, credentials, &format!("{registry}/acme/shop"), 2).unwrap().is_some());
    assert_eq!(host.unanswered(), 0);
}

#[test]
fn amazon_ecr_public_has_a_scope_of_its_own() {
    // https://docs.aws.amazon.com/AmazonECR/latest/public/public-registry-auth.html
    let manifest = "HEAD https://public.ecr.aws/v2/acme/shop/manifests/1.5.0";
    let challenge = "Bearer realm=\"https://public.ecr.aws/token/\",service=\"public.ecr.aws\",scope=\"aws\"";
    let token =
        "GET https://public.ecr.aws/token/?service=public.ecr.aws&scope=repository%3Aacme%2Fshop%3Apull&scope=aws";
    let host = host(vec![
        answered(manifest, &[], 401, &[("www-authenticate", challenge)]),
        told(token, &[], 200, &[], r#"{"token": "t"}"#),
        answered(manifest, &[("authorization", "Bearer t")], 200, &FOUND),
    ]);
    assert!(ask(&host, Credentials::default(), "public.ecr.aws/acme/shop", 1).unwrap().is_some());
}

#[test]
fn azure_exchanges_an_identity_token() {
    // https://azure.github.io/acr/AAD-OAuth.html: `az acr login` leaves a refresh token as `identitytoken`.
    let manifest = "HEAD https://acme.azurecr.io/v2/shop/manifests/1.5.0";
    let challenge = "Bearer realm=\"https://acme.azurecr.io/oauth2/token\",service=\"acme.azurecr.io\",\
                     scope=\"repository:shop:pull\"";
    let exchange = ScriptedExchange {
        request: "POST https://acme.azurecr.io/oauth2/token".into(),
        request_headers: vec![
            ("authorization", String::new()),
            ("content-type", "application/x-www-form-urlencoded".into()),
        ],
        request_body:
            "grant_type=refresh_token&client_id=slipway&service=acme.azurecr.io&scope=repository%3Ashop%3Apull&\
                       refresh_token=refresh%2B1"
                .into(),
        status: 200,
        body: r#"{"access_token": "a1"}"#.into(),
        ..ScriptedExchange::default()
    };
    let host = host(vec![
        answered(manifest, &[], 401, &[("www-authenticate", challenge)]),
        Scripted::Exchange(exchange),
        answered(manifest, &[("authorization", "Bearer a1")], 200, &FOUND),
    ]);
    let credentials = Credentials::default().with("acme.azurecr.io", Login::Identity(Secret::new("refresh+1".into())));
    assert!(ask(&host, credentials, "acme.azurecr.io/shop", 1).unwrap().is_some());
    assert_eq!(host.unanswered(), 0);
}

#[test]
fn azure_takes_a_service_principal() {
    // https://azure.github.io/acr/Token-BasicAuth.html
    let manifest = "HEAD https://acme.azurecr.io/v2/shop/manifests/1.5.0";
    let challenge = "Bearer realm=\"https://acme.azurecr.io/oauth2/token\",service=\"acme.azurecr.io\",\
                     scope=\"repository:shop:pull\"";
    let token = "GET https://acme.azurecr.io/oauth2/token?service=acme.azurecr.io&scope=repository%3Ashop%3Apull";
    let host = host(vec![
        answered(manifest, &[], 401, &[("www-authenticate", challenge)]),
        told(token, &[("authorization", "Basic aWQ6c2VjcmV0")], 200, &[], r#"{"access_token": "a2"}"#),
        answered(manifest, &[("authorization", "Bearer a2")], 200, &FOUND),
    ]);
    let credentials = Credentials::default().with("acme.azurecr.io", password("id", "secret"));
    assert!(ask(&host, credentials, "acme.azurecr.io/shop", 1).unwrap().is_some());
}

#[test]
fn artifact_registry_takes_an_access_token_as_password() {
    // https://cloud.google.com/artifact-registry/docs/docker/authentication#token
    let manifest = "HEAD https://europe-docker.pkg.dev/v2/acme/images/shop/manifests/1.5.0";
    let challenge = "Bearer realm=\"https://europe-docker.pkg.dev/v2/token\",service=\"europe-docker.pkg.dev\",\
                     scope=\"repository:acme/images/shop:pull\"";
    let token = "GET https://europe-docker.pkg.dev/v2/token?service=europe-docker.pkg.dev&\
                 scope=repository%3Aacme%2Fimages%2Fshop%3Apull";
    let host = host(vec![
        answered(manifest, &[], 401, &[("www-authenticate", challenge)]),
        told(token, &[("authorization", "Basic b2F1dGgyYWNjZXNzdG9rZW46eWEyOQ==")], 200, &[], r#"{"token": "g"}"#),
        answered(manifest, &[("authorization", "Bearer g")], 200, &FOUND),
    ]);
    let credentials = Credentials::default().with("europe-docker.pkg.dev", password("oauth2accesstoken", "ya29"));
    assert!(ask(&host, credentials, "europe-docker.pkg.dev/acme/images/shop", 1).unwrap().is_some());
}

#[test]
fn gitlab_has_its_token_server_elsewhere() {
    // https://docs.gitlab.com/user/packages/container_registry/authenticate_with_container_registry/
    let manifest = "HEAD https://registry.gitlab.com/v2/acme/shop/manifests/1.5.0";
    let challenge = "Bearer realm=\"https://gitlab.com/jwt/auth\",service=\"container_registry\",\
                     scope=\"repository:acme/shop:pull\"";
    let token = "GET https://gitlab.com/jwt/auth?service=container_registry&scope=repository%3Aacme%2Fshop%3Apull";
    let host = host(vec![
        answered(manifest, &[], 401, &[("www-authenticate", challenge)]),
        told(token, &[("authorization", "Basic Z2l0bGFiLWNpLXRva2VuOmpvYg==")], 200, &[], r#"{"token": "j"}"#),
        answered(manifest, &[("authorization", "Bearer j")], 200, &FOUND),
        // It lasts five minutes: a refusal leads to another one.
        answered(manifest, &[("authorization", "Bearer j")], 401, &[("www-authenticate", challenge)]),
        told(token, &[], 200, &[], r#"{"token": "k"}"#),
        answered(manifest, &[("authorization", "Bearer k")], 200, &FOUND),
    ]);
    let credentials = Credentials::default().with("registry.gitlab.com", password("gitlab-ci-token", "job"));
    assert!(ask(&host, credentials, "registry.gitlab.com/acme/shop", 2).unwrap().is_some());
    assert_eq!(host.unanswered(), 0);
}

#[test]
fn a_token_of_the_file_is_shown_as_it_is() {
    let manifest = "HEAD https://r.example/v2/shop/manifests/1.5.0";
    let host = host(vec![
        answered(manifest, &[], 401, &[("www-authenticate", "Bearer realm=\"https://r.example/t\"")]),
        answered(manifest, &[("authorization", "Bearer own")], 200, &FOUND),
    ]);
    let credentials = Credentials::default().with("r.example", Login::Registry(Secret::new("own".into())));
    assert!(ask(&host, credentials, "r.example/shop", 1).unwrap().is_some());
}

#[test]
fn without_tls_a_login_goes_only_where_that_was_asked_for() {
    for (image, plain, realm, is_asked) in [
        ("127.0.0.1:5000/shop", &[][..], "http://127.0.0.1:5001/t", true),
        ("127.0.0.1:5000/shop", &[], "http://auth.lan/t", false),
        ("r.lan:5000/shop", &["r.lan:5000"], "http://r.lan:5001/t", false),
        ("r.lan:5000/shop", &["r.lan:5000", "R.lan:5001"], "http://r.lan:5001/t", true),
        ("r.lan:5000/shop", &["r.lan:5000", "auth.lan"], "http://auth.lan/t", true),
        ("r.lan:5000/shop", &["r.lan:5000"], "https://auth.lan/t", true),
        ("r.example/shop", &["auth.lan"], "http://auth.lan/t", false),
    ] {
        let scheme = if image.starts_with("r.example") { "https" } else { "http" };
        let manifest = format!("HEAD {scheme}://{}", image.replace('/', "/v2/") + "/manifests/1.5.0");
        let challenge = format!("Bearer realm=\"{realm}\",service=\"s\"");
        let token = format!("GET {realm}?service=s&scope=repository%3Ashop%3Apull");
        let mut transcript = vec![answered(&manifest, &[], 401, &[("www-authenticate", &challenge)])];
        if is_asked {
            transcript.push(told(&token, &[("authorization", "Basic YWRhOnA=")], 200, &[], r#"{"token": "t"}"#));
            transcript.push(answered(&manifest, &[("authorization", "Bearer t")], 200, &FOUND));
        }
        let host = host(transcript);
        let registry = image.split('/').next().unwrap();
        let found = ScriptedHost::block_on(async {
            let credentials = Credentials::default().with(registry, password("ada", "p"));
            let plain = plain.iter().map(|host| (*host).into()).collect();
            let client = Client::new(host.clone(), credentials, plain);
            client.repository(&name(image))?.digest(&tag("1.5.0")).await
        })
        .unwrap();
        match found {
            Ok(found) => assert!(is_asked && found.is_some(), "{image} {realm}"),
            Err(error) => assert!(!is_asked && error.message().contains("without TLS"), "{image} {realm}: {error}"),
        }
        assert_eq!(host.unanswered(), 0, "{image} {realm}");
    }
}

#[test]
fn refusals_say_what_to_do() {
    let manifest = "HEAD https://r.example/v2/shop/manifests/1.5.0";
    let basic = [("www-authenticate", "Basic realm=\"x\"")];
    let denied = r#"{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}"#;
    let bearer = [("www-authenticate", "Bearer realm=\"https://r.example/t\",service=\"s\"")];
    let token = "GET https://r.example/t?service=s&scope=repository%3Ashop%3Apull";
    for (transcript, login, kind, hint) in [
        (vec![answered(manifest, &[], 401, &basic)], false, ErrorKind::Permission, "docker/login-action"),
        (
            vec![answered(manifest, &[], 401, &basic), answered(manifest, &[], 401, &basic)],
            true,
            ErrorKind::Permission,
            "check `registry-username`",
        ),
        (vec![told(manifest, &[], 403, &[], denied)], true, ErrorKind::Permission, "check `registry-username`"),
        (
            vec![answered(manifest, &[], 401, &bearer), told(token, &[], 401, &[], denied)],
            true,
            ErrorKind::Permission,
            "check `registry-username`",
        ),
        (
            vec![answered(manifest, &[], 429, &[("retry-after", "999")])],
            true,
            ErrorKind::RateLimited,
            "try again later",
        ),
    ] {
        let host = host(transcript);
        let credentials = Credentials::default();
        let credentials = if login { credentials.with("r.example", password("ada", "hunter2")) } else { credentials };
        let error = ask(&host, credentials, "r.example/shop", 1).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.hint_text().unwrap_or_default().contains(hint), "{error}");
        assert!(!error.to_string().contains("hunter2"));
        assert_eq!(host.unanswered(), 0);
    }
}

#[test]
fn a_write_asks_for_more_and_a_mount_for_two_repositories() {
    let digest = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    let content = format!(r#"{{"config":{{"digest":"{digest}","size":2}},"layers":[]}}"#);
    let source = "GET https://r.example/v2/a/manifests/1.5.0";
    let kind = [("content-type", "application/vnd.oci.image.manifest.v1+json")];
    let challenge = [("www-authenticate", "Bearer realm=\"https://r.example/t\",service=\"s\"")];
    let push = "GET https://r.example/t?service=s&scope=repository%3Ab%3Apull%2Cpush";
    let put = "PUT https://r.example/v2/b/manifests/1.5.0";
    let upload = ScriptedExchange {
        request: put.into(),
        request_headers: vec![("authorization", String::new()), (kind[0].0, kind[0].1.into())],
        request_body: content.clone(),
        status: 401,
        headers: vec![(challenge[0].0, challenge[0].1.into())],
        ..ScriptedExchange::default()
    };
    let again = ScriptedExchange {
        request: put.into(),
        request_headers: vec![("authorization", "Bearer p".into())],
        request_body: content.clone(),
        status: 201,
        ..ScriptedExchange::default()
    };
    let host = host(vec![
        told(source, &[], 200, &kind, &content),
        Scripted::Exchange(upload),
        told(push, &[], 200, &[], r#"{"token": "p"}"#),
        Scripted::Exchange(again),
    ]);
    ScriptedHost::block_on(async {
        let client = Client::new(host.clone(), Credentials::default(), Vec::new());
        let (from, to) =
            (client.repository(&name("r.example/a")).unwrap(), client.repository(&name("r.example/b")).unwrap());
        let manifest = from.manifest(&tag("1.5.0")).await.unwrap().unwrap();
        to.put(&tag("1.5.0"), &manifest).await.unwrap();
    })
    .unwrap();
    assert_eq!(host.unanswered(), 0);
}
