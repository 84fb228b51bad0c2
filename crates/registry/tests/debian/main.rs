//! The client against Debian's docker-registry: every way to log in, and what a registry without referrers API can do.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use slipway_core::host::native::NativeHost;
use slipway_core::image::{Digest, ImageName, ImageTag};
use slipway_core::{ErrorKind, Result, Secret};
use slipway_registry::{Client, Copied, Copy, Credentials, Login};
use testbed::{DockerRegistry, Registry, RegistryAuth, RegistryTools};

const LOGIN: [&str; 2] = ["--creds", "ada:pass:word"];

fn credentials(registry: &DockerRegistry) -> Credentials {
    let login = Login::Password { user: "ada".into(), password: Secret::new("pass:word".into()) };
    Credentials::default().with(&registry.host(), login)
}

fn client(credentials: Credentials) -> Client<NativeHost> {
    Client::new(NativeHost::new(), credentials, Vec::new())
}

fn name(registry: &str, repository: &str) -> ImageName {
    format!("{registry}/{repository}").parse().unwrap()
}

fn tag(text: &str) -> ImageTag {
    text.parse().unwrap()
}

/// Has skopeo copy an index of two images from the test bed's registry, and gives its digest.
fn push(tools: &RegistryTools, to: &DockerRegistry, repository: &str, login: &[&str]) -> Digest {
    let source = Registry::start();
    let digest = source.push_index("shop", "rc", "payload", "abc", &["amd64", "arm64"]);
    let from = format!("docker://{}/shop:rc", source.host());
    let to = format!("docker://{}/{repository}:rc", to.host());
    let mut arguments =
        vec!["copy", "--all", "--preserve-digests", "--src-tls-verify=false", "--dest-tls-verify=false"];
    let login: Vec<String> = login.iter().map(|word| word.replace("--creds", "--dest-creds")).collect();
    arguments.extend(login.iter().map(String::as_str));
    tools.skopeo(&[&arguments[..], &[&from, &to]].concat());
    digest.parse().unwrap()
}

fn visit<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    NativeHost::block_on(future).unwrap()
}

#[test]
fn anyone_reads_and_writes_an_open_registry() {
    let Some(tools) = RegistryTools::find("the client at docker-registry") else { return };
    let registry = DockerRegistry::start(&tools, RegistryAuth::Anyone);
    let digest = push(&tools, &registry, "acme/shop", &[]);
    visit(async {
        let client = client(Credentials::default());
        let repository = client.repository(&name(&registry.host(), "acme/shop"))?;
        assert_eq!(repository.digest(&tag("rc")).await?.as_ref(), Some(&digest));
        assert_eq!(repository.digest(&tag("none")).await?, None);
        let manifest = repository.manifest(&digest).await?.unwrap();
        assert_eq!((manifest.children().len(), manifest.digest()), (2, &digest));
        assert_eq!(repository.revision(&manifest).await?.as_deref(), Some("abc"));
        repository.put(&tag("1.5.0"), &manifest).await?;
        let mut tags = repository.tags().await?;
        tags.sort_unstable();
        assert_eq!(tags, [tag("1.5.0"), tag("rc")]);
        let absent = client.repository(&name(&registry.host(), "acme/none"))?;
        assert_eq!((absent.tags().await?, absent.digest(&tag("rc")).await?), (Vec::new(), None));
        Ok(())
    })
    .unwrap();
    assert_eq!(tools.digest(&format!("{}/acme/shop:1.5.0", registry.host()), &[]), digest.as_str());
}

#[test]
fn a_password_opens_a_registry_with_basic_login() {
    let Some(tools) = RegistryTools::find("passwords at docker-registry") else { return };
    let registry = DockerRegistry::start(&tools, RegistryAuth::Password);
    let digest = push(&tools, &registry, "acme/shop", &LOGIN);
    let shop = name(&registry.host(), "acme/shop");
    let wrong = Login::Password { user: "ada".into(), password: Secret::new("wrong".into()) };
    for refused in [Credentials::default(), Credentials::default().with(&registry.host(), wrong)] {
        let error = visit(async { client(refused).repository(&shop)?.digest(&tag("rc")).await }).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Permission, "{error}");
    }
    let found = visit(async { client(credentials(&registry)).repository(&shop)?.digest(&tag("rc")).await }).unwrap();
    assert_eq!(found, Some(digest));
}

#[test]
fn a_token_is_asked_for_what_is_to_be_done_and_no_more() {
    let Some(tools) = RegistryTools::find("tokens at docker-registry") else { return };
    let registry = DockerRegistry::start(&tools, RegistryAuth::Token);
    let digest = push(&tools, &registry, "public/shop", &LOGIN);
    let asked_before = registry.scopes().len();
    let shop = name(&registry.host(), "public/shop");
    visit(async {
        let client = client(Credentials::default());
        let repository = client.repository(&shop)?;
        let manifest = repository.manifest(&digest).await?.unwrap();
        // Everybody may pull here; to push, the token would have to say more.
        let error = repository.put(&tag("1.5.0"), &manifest).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Permission, "{error}");
        Ok(())
    })
    .unwrap();
    visit(async {
        let client = client(credentials(&registry));
        let from = client.repository(&shop)?;
        let to = client.repository(&name(&registry.host(), "acme/shop"))?;
        let mut copied = Copied::default();
        Copy { from: &from, to: &to, referrers: true }.run(&digest, &mut copied).await?;
        // The two images share their only layer, but each is asked for where it is.
        assert_eq!((copied.mounted, copied.carried, copied.manifests.len()), (4, 0, 3));
        to.put(&tag("1.5.0"), &to.manifest(&digest).await?.unwrap()).await.map(drop)
    })
    .unwrap();
    let asked: Vec<(String, String)> = registry.scopes().split_off(asked_before);
    assert_eq!(tools.digest(&format!("{}/acme/shop:1.5.0", registry.host()), &LOGIN), digest.as_str());
    let asked: Vec<(&str, &str)> = asked.iter().map(|(user, scope)| (user.as_str(), scope.as_str())).collect();
    assert_eq!(
        asked,
        [
            ("", "repository:public/shop:pull"),
            ("", "repository:public/shop:pull,push"),
            ("ada", "repository:public/shop:pull"),
            ("ada", "repository:acme/shop:pull"),
            ("ada", "repository:acme/shop:pull,push"),
            ("ada", "repository:public/shop:pull"),
            ("ada", "repository:acme/shop:pull,push"),
        ],
        "a token for each right, kept; a mount asks for two repositories at once"
    );
}

#[test]
fn referrers_are_listed_under_a_tag_where_there_is_no_api() {
    let Some(tools) = RegistryTools::find("referrers at docker-registry") else { return };
    let registry = DockerRegistry::start(&tools, RegistryAuth::Anyone);
    let source = Registry::start();
    let image: Digest = source.push("shop", "rc", "payload", "abc").parse().unwrap();
    let signature: Digest = source.attach("shop", image.as_str(), "application/vnd.x", "signature").parse().unwrap();
    visit(async {
        let client = client(Credentials::default());
        let from = client.repository(&name(&source.host(), "shop"))?;
        let first = client.repository(&name(&registry.host(), "acme/first"))?;
        let second = client.repository(&name(&registry.host(), "acme/second"))?;
        let list = tag(&image.as_str().replace(':', "-"));
        for (from, to) in [(&from, &first), (&first, &second)] {
            let mut copied = Copied::default();
            Copy { from, to, referrers: true }.run(&image, &mut copied).await?;
            assert_eq!(copied.referrers, std::slice::from_ref(&signature));
            assert_eq!(to.manifest(&list).await?.unwrap().children()[0].digest, signature);
        }
        let mut again = Copied::default();
        Copy { from: &first, to: &second, referrers: true }.run(&image, &mut again).await?;
        assert!(!again.has_written(), "{again:?}");
        Ok(())
    })
    .unwrap();
    let signed = format!("{}/acme/second@{signature}", registry.host());
    assert_eq!(tools.digest(&signed, &[]), signature.as_str());
}
