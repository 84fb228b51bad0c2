//! Which host is spoken to, and what it must have got.

use std::fs;
use std::process::Command;

use testbed::{Release, workspace};

use super::world::{World, executable};

#[test]
fn without_the_right_host_key_nothing_is_deployed() {
    let Some(world) = World::new("docker-host pins the host's key") else { return };
    for known_hosts in ["", "  \n \n"] {
        let done = world.connect(known_hosts, &[]);
        assert!(!done.succeeded && done.errors.contains("the host's key is not known"), "{done:?}");
        assert!(!world.connection().exists(), "no key is written");
    }
    let done = world.connect(&world.ssh.other_host(), &[]);
    assert!(!done.succeeded && done.errors.contains("Host key verification failed"), "{done:?}");
    let done = world.connect("# a comment", &[]);
    assert!(!done.succeeded && done.errors.contains("Host key verification failed"), "{done:?}");
    assert_eq!(fs::read_dir(world.connection()).unwrap().count(), 0, "no key stays behind");
    let world = world.connected();
    let done = world.run("close", &[], &[]);
    assert!(done.succeeded, "{done:?}");
    assert_eq!(fs::read_dir(world.connection()).unwrap().count(), 0, "the key is gone");
    let done = world.run("retire", &[], &[]);
    assert!(!done.succeeded && done.errors.contains("run `connect` first"), "{done:?}");
}

#[test]
fn what_arrives_is_what_was_sent_or_nothing() {
    let Some(world) = World::new("docker-host checks what arrives") else { return };
    let world = world.connected();
    let archive = world.archive(&Release::version("1.5.0"));
    let bytes = fs::read(&archive).unwrap();
    let transfer = |bytes: &[u8]| {
        let damaged = world.directory.path().join("damaged.tar");
        fs::write(&damaged, bytes).unwrap();
        let done = world.run("transfer", &[("--archive", damaged.to_str().unwrap())], &[]);
        let listed = world.host.docker(&["image", "ls", "--quiet", "shop"]);
        assert!(done.succeeded || listed.is_empty(), "{done:?}\n{listed}");
        done
    };

    // A byte of a layer.
    let place = position(&bytes, br#""version":"1.5.0""#).unwrap();
    let mut damaged = bytes.clone();
    damaged[place + 12] ^= 1;
    let done = transfer(&damaged);
    assert!(!done.succeeded && done.errors.contains("the host did not load the image"), "{done:?}");
    // A byte of the configuration.
    let mut damaged = bytes.clone();
    while let Some(place) = position(&damaged, b"Healthcheck") {
        damaged[place] ^= 1;
    }
    let done = transfer(&damaged);
    assert!(!done.succeeded && done.errors.contains("is damaged"), "{done:?}");
    // An end that is missing.
    let done = transfer(&bytes[..bytes.len() / 2]);
    assert!(!done.succeeded, "{done:?}");
    // No archive at all.
    let done = transfer(b"hello");
    assert!(!done.succeeded && done.errors.contains("is no archive of `docker save`"), "{done:?}");

    let done = transfer(&bytes);
    assert!(done.succeeded, "{done:?}");
    let configuration = world.builder.docker(&["image", "inspect", "--format", "{{.Id}}", "shop:1.5.0"]);
    assert_eq!(done.output, format!("shop@{configuration}"));
    let again = transfer(&bytes);
    assert_eq!(again.output, done.output);
    assert!(!again.errors.contains("Loaded image"), "it is not sent twice: {again:?}");
}

#[test]
fn another_image_on_the_way_is_refused() {
    let Some(world) = World::new("docker-host refuses another image") else { return };
    let world = world.connected();
    let archive = world.archive(&Release::version("1.5.0"));
    let sent = world.directory.path().join("sent.tar");
    fs::rename(archive, &sent).unwrap();
    let other = world.archive(&Release { error_share: 1.0, ..Release::version("1.5.0") });
    // What compresses the image on its way puts another in its place.
    let folder = world.directory.path().join("on-the-way");
    fs::create_dir(&folder).unwrap();
    executable(&folder.join("gzip"), &format!("PATH=/usr/bin:/bin exec gzip -1 < '{}'", other.display()));
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let done = world.run("transfer", &[("--archive", sent.to_str().unwrap())], &[("PATH", &path)]);
    assert!(!done.succeeded && done.errors.contains("what arrived is not the image that was sent"), "{done:?}");
    assert_eq!(done.output, "", "nothing is named that could be started");
}

#[test]
fn values_stay_values_on_their_way_to_the_host() {
    let Some(world) = World::new("docker-host takes no commands for values") else { return };
    let trap = world.directory.path().join("trap");
    let command = format!("touch {}", trap.display());
    for (option, value) in [
        ("--component", format!("shop;{command}")),
        ("--component", format!("shop\n{command}")),
        ("--component", "-shop".to_owned()),
        ("--host", format!("-oProxyCommand={command}")),
        ("--user", format!("root -oProxyCommand={command}")),
        ("--user", "-l".to_owned()),
        ("--port", format!("22 -o ProxyCommand={command}")),
        ("--ports", format!("18101 $({command})")),
        ("--ports", "18101".to_owned()),
        ("--container-port", format!("8080;{command}")),
        ("--health-path", format!("/health;{command}")),
        ("--health-seconds", format!("$({command})")),
        ("--proxy", "../../nginx".to_owned()),
        ("--proxy-file", format!("/tmp/$({command})")),
        ("--proxy-file", "/tmp/../etc/passwd".to_owned()),
        ("--run-options", "--publish=0.0.0.0:80:80".to_owned()),
        ("--run-options", "busybox".to_owned()),
        ("--keep-images", "0".to_owned()),
    ] {
        let done = world.connect(&world.ssh.known_hosts(), &[(option, &value)]);
        assert!(!done.succeeded && done.errors.contains("docker-host: `"), "{option} {value}: {done:?}");
    }
    let quoted = format!("--env=NAME=it's $({command}) `{command}` \"{command}\" ; {command}");
    let connected = world.connect(&world.ssh.known_hosts(), &[("--run-options", &quoted)]);
    assert!(connected.succeeded, "{connected:?}");
    for image in [
        format!("shop@sha256:{};{command}", "0".repeat(64)),
        format!("shop;{command}@sha256:{}", "0".repeat(64)),
        format!("-shop@sha256:{}", "0".repeat(64)),
        "shop:1.5.0".to_owned(),
        format!("shop@sha256:{0}\nshop@sha256:{0}", "0".repeat(64)),
    ] {
        let done = world.run("switch", &[("--image", &image)], &[]);
        assert!(!done.succeeded && done.errors.starts_with("docker-host: "), "{image}: {done:?}");
    }
    let image = world.bring(&Release::version("1.5.0"));
    for weight in ["50", "", "$(touch x)"] {
        let done = world.run("switch", &[("--image", &image)], &[("SLIPWAY_WEIGHT", weight)]);
        assert!(weight.is_empty() || !done.succeeded, "{weight}: {done:?}");
    }
    let environment =
        world.host.docker(&["inspect", "--format", "{{range .Config.Env}}{{println .}}{{end}}", &only(&world)]);
    assert!(environment.contains(&quoted["--env=".len()..]), "{environment}");
    assert!(!trap.exists(), "a value was run");
}

/// The one container that runs.
fn only(world: &World) -> String {
    world.host.docker(&["ps", "--format", "{{.Names}}"])
}

fn position(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

/// A store in which the digest of a configuration names no image, as containerd's.
const OTHER_IDS: &str = r#"case "$*" in "image inspect --format {{.Id}} sha256:"*) exit 1 ;; esac
exec "$DOCKER" "$@""#;

#[test]
fn an_image_is_found_by_its_configuration_in_a_store_with_other_ids_stand_in() {
    let Some(world) = World::with_docker("docker-host and a store with other ids", Some(OTHER_IDS)) else { return };
    let world = world.connected();
    world.deploy(&Release::version("1.4.0"));
    let image = world.deploy(&Release::version("1.5.0"));
    assert_eq!(world.version(), "1.5.0");
    world.must("prune", &[("--verified", &image)]);
    let elsewhere = format!("shop@sha256:{}", "0".repeat(64));
    let done = world.run("start", &[("--image", &elsewhere)], &[]);
    assert!(!done.succeeded && done.errors.contains("the host has no image"), "{done:?}");
}

#[test]
fn the_scripts_are_clean() {
    let shellcheck = workspace().join("target/tools/venv/bin/shellcheck");
    let folder = workspace().join("actions/docker-host");
    let mut files = vec![folder.join("docker-host.sh")];
    for folder in ["", "host", "host/proxies"].map(|name| folder.join(name)) {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files.extend(entries.filter(|file| file.extension().is_some_and(|extension| extension == "sh")));
    }
    assert!(files.len() > 8, "{files:?}");
    let output =
        Command::new(shellcheck).args(["--external-sources", "--shell=sh"]).args(&files).current_dir(&folder).output();
    let output = output.expect("shellcheck: run `cargo verify --only python-tools`");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
