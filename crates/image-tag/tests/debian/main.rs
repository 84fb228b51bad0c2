//! Promotions at Debian's docker-registry, of images that skopeo and a real Docker daemon pushed; skopeo confirms what was done.
#![expect(clippy::disallowed_methods, reason = "tests write the files of others")]

use std::path::Path;

use serde_json::Value;
use testbed::{ActionRun, DockerDaemon, DockerRegistry, Registry, RegistryAuth, RegistryTools, Runner, run_action};

const SHA: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567";
const LOGIN: [&str; 2] = ["--creds", "ada:pass:word"];

fn run(mode: &str, inputs: &[(&str, &str)], variables: &[(&str, &str)]) -> ActionRun {
    let fixed = [
        ("mode", mode),
        ("version", "1.5.0"),
        ("tags", "type=semver,pattern={{version}}"),
        ("flavor", "latest=false"),
        ("github-token", ""),
    ];
    let own = [("GITHUB_SHA", SHA), ("GITHUB_EVENT_NAME", "push"), ("GITHUB_REF", "refs/heads/main")];
    run_action(
        Runner::Native,
        "image-tag",
        &[&fixed[..], inputs].concat(),
        &[&own[..], variables].concat(),
        Path::new("/"),
    )
}

#[test]
fn what_skopeo_pushed_is_promoted_with_a_login_of_docker() {
    let Some(tools) = RegistryTools::find("promotions of what skopeo pushed") else { return };
    let registry = DockerRegistry::start(&tools, RegistryAuth::Token);
    let host = registry.host();
    let source = Registry::start();
    let index = source.push_index("shop", "rc", "payload", SHA, &["amd64", "arm64"]);
    let old = source.push("shop", "old", "old", "another");
    for (from, to) in [("rc", "staging:rc"), ("old", "shop:latest")] {
        let (from, to) = (format!("docker://{}/shop:{from}", source.host()), format!("docker://{host}/acme/{to}"));
        tools.skopeo(&[
            "copy",
            "--all",
            "--preserve-digests",
            "--src-tls-verify=false",
            "--dest-tls-verify=false",
            "--dest-creds",
            LOGIN[1],
            &from,
            &to,
        ]);
    }
    // What `docker login` leaves.
    let docker = tempfile::tempdir().unwrap();
    let login = format!(r#"{{"auths": {{"{host}": {{"auth": "YWRhOnBhc3M6d29yZA=="}}}}}}"#);
    std::fs::write(docker.path().join("config.json"), login).unwrap();
    let directory = docker.path().display().to_string();
    let variables = [("DOCKER_CONFIG", directory.as_str())];
    let (images, from) = (format!("{host}/acme/shop"), format!("{host}/acme/staging:rc"));
    let tags = ("tags", "type=semver,pattern={{version}}\ntype=raw,value=latest");
    let inputs = [("images", images.as_str()), ("from", from.as_str()), tags];

    let plan = run("plan", &inputs, &variables);
    assert_eq!((plan.code, plan.output("digest")), (0, index.as_str()), "{}", plan.stdout);
    assert!(plan.summary.contains(&old[..19]) && plan.summary.contains(&index[..19]), "{}", plan.summary);
    assert_eq!(tools.digest(&format!("{images}:latest"), &LOGIN), old, "a plan writes nothing");
    let done = run("promote", &inputs, &variables);
    assert_eq!((done.code, done.output("changed")), (0, "true"), "{}", done.stdout);
    for tag in ["1.5.0", "latest"] {
        assert_eq!(tools.digest(&format!("{images}:{tag}"), &LOGIN), index, "{tag}");
    }
    let resolved = run("resolve", &[inputs[0], tags], &variables);
    assert_eq!((resolved.code, resolved.output("digest")), (0, index.as_str()), "{}", resolved.stdout);
    let checked = run("check", &[inputs[0]], &variables);
    assert_eq!((checked.code, checked.output("exists")), (0, "true"), "{}", checked.stdout);
    let undone = run("promote", &[("undo", done.output("json"))], &variables);
    assert_eq!((undone.code, tools.digest(&format!("{images}:latest"), &LOGIN)), (0, old), "{}", undone.stdout);
    let nobody = run("promote", &inputs, &[]);
    assert_eq!(nobody.code, 3, "{}", nobody.stdout);
}

#[test]
fn what_a_docker_daemon_pushed_is_checked_resolved_and_promoted() {
    const TEST: &str = "promotions of what a Docker daemon pushed";
    let Some(tools) = RegistryTools::find(TEST) else { return };
    let Some(daemon) = DockerDaemon::start(&tools, TEST) else { return };
    let registry = DockerRegistry::start(&tools, RegistryAuth::Anyone);
    let images = format!("{}/acme/shop", registry.host());
    daemon.build_and_push(&format!("{images}:1.5.0"), "sell cake", SHA);
    let digest = tools.digest(&format!("{images}:1.5.0"), &[]);

    let checked = run("check", &[("images", &images)], &[]);
    assert_eq!((checked.code, checked.output("exists")), (0, "true"), "the label is in the image: {}", checked.stdout);
    let resolved = run("resolve", &[("images", &images)], &[]);
    assert_eq!((resolved.code, resolved.output("digest")), (0, digest.as_str()), "{}", resolved.stdout);

    let production = format!("{}/acme/production", registry.host());
    let done = run("promote", &[("images", &production), ("from", resolved.output("references"))], &[]);
    assert_eq!((done.code, done.output("digest")), (0, digest.as_str()), "{}", done.stdout);
    assert_eq!(tools.digest(&format!("{production}:1.5.0"), &[]), digest);
    let pulled = daemon.pull(done.output("references"));
    assert!(pulled.contains(&digest), "{pulled}");
    let label = "{{index .Config.Labels \"org.opencontainers.image.revision\"}}";
    assert_eq!(daemon.docker(&["inspect", "--format", label, done.output("references")]), SHA);

    daemon.build_and_push(&format!("{images}:1.5.0"), "sell tea", "1111111111111111111111111111111111111111");
    let taken = run("check", &[("images", &images)], &[]);
    assert_eq!(taken.code, 1, "{}", taken.stdout);
    let plan: Value = serde_json::from_str(taken.output("json")).expect("JSON");
    assert_eq!(plan["plan"]["registry"]["check"]["tags"][0]["standing"], "taken");
}
