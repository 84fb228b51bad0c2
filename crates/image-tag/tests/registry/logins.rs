use testbed::Registry;

use crate::{SHA, error, run};

fn registry() -> (Registry, String) {
    let registry = Registry::start();
    let digest = registry.push("acme/shop", "rc", "payload", SHA);
    registry.require_login("ada", "pass:word");
    (registry, digest)
}

#[test]
fn a_login_of_the_inputs_is_used_and_never_shown() {
    let (registry, digest) = registry();
    let login = [("registry-username", "ada"), ("registry-password", "pass:word"), ("digest", digest.as_str())];
    let done = run(&registry, "promote", &login);
    assert_eq!((done.code, registry.digest("acme/shop", "1.5.0")), (0, Some(digest.clone())), "{}", done.stdout);
    assert!(!done.stdout.contains("pass:word") && !done.output("json").contains("pass:word"));
    let wrong = run(&registry, "promote", &[login[0], ("registry-password", "wrong"), login[2]]);
    assert_eq!((wrong.code, error(&wrong).0.as_str()), (3, "permission"), "{}", wrong.stdout);
    assert!(wrong.stdout.contains("check `registry-username`"), "{}", wrong.stdout);
    let nobody = run(&registry, "promote", &[login[2]]);
    assert!(nobody.code == 3 && nobody.stdout.contains("docker/login-action"), "{}", nobody.stdout);
}

#[test]
fn one_login_for_two_registries_is_refused() {
    let (registry, digest) = registry();
    let images = format!("{}/acme/shop\nghcr.io/acme/shop", registry.host());
    let login = [("registry-username", "ada"), ("registry-password", "pass:word"), ("digest", digest.as_str())];
    let refused = run(&registry, "promote", &[&login[..], &[("images", &images)]].concat());
    assert_eq!((refused.code, error(&refused).0.as_str()), (2, "invalid-input"), "{}", refused.stdout);
    assert_eq!(registry.requests().len(), 0);
}
