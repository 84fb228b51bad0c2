//! What is handed on to config-updater.

use testbed::{Registry, Repository, Runner, run_action};

use crate::{SHA, run};

#[test]
fn config_updater_takes_references_as_they_are() {
    let registry = Registry::start();
    let digest = registry.push("acme/shop", "edge", "payload", SHA);
    let images = format!("{0}/acme/shop\n{0}/acme/worker", registry.host());
    let from = format!("{}/acme/shop:edge", registry.host());
    let promoted = run(&registry, "promote", &[("images", &images), ("from", &from)]);
    let resolved = run(&registry, "resolve", &[("images", &images)]);
    assert_eq!((promoted.code, resolved.code), (0, 0), "{}{}", promoted.stdout, resolved.stdout);
    assert_eq!(promoted.output("references"), resolved.output("references"));

    let repository = Repository::new();
    let file = |images: [String; 2]| images.map(|image| format!("image: {image}\n---\n")).concat();
    let names = ["shop", "worker"].map(|name| format!("{}/acme/{name}", registry.host()));
    repository
        .commit_files("chore: begin", &[("deploy.yaml", &file(names.clone().map(|name| format!("{name}:1.4.0"))))]);
    let inputs = [
        ("mode", "write"),
        ("images", resolved.output("references")),
        ("version", resolved.output("version")),
        ("files", "deploy.yaml"),
    ];
    let written = run_action(Runner::Native, "config-updater", &inputs, &[], repository.path());
    assert_eq!((written.code, written.output("changed")), (0, "true"), "{}", written.stdout);
    let expected = file(names.map(|name| format!("{name}:1.5.0@{digest}")));
    assert_eq!(std::fs::read_to_string(repository.path().join("deploy.yaml")).unwrap(), expected);
}
