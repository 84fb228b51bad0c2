//! A deploy key over SSH, against a real sshd.

use testbed::SshServer;

use crate::world::{World, dense, error_kind};

/// The inputs of a job that writes through this server.
fn inputs<'a>(url: &'a str, key: &'a str, hosts: &'a str) -> [(&'static str, &'a str); 4] {
    [("config-repository", url), ("ssh-key", key), ("ssh-known-hosts", hosts), ("github-token", "")]
}

#[test]
fn a_deploy_key_reads_and_writes_and_only_the_pinned_host_is_spoken_to() {
    let Some(server) = SshServer::start("a deploy key") else { return };
    let world = World::new(2);
    let url = server.url(&world.bare);
    let (key, hosts) = (server.key(), server.known_hosts());
    let run = world.deploy("c1", "2.0.0", &inputs(&url, &key, &hosts));
    assert_eq!((run.code, run.output("changed")), (0, "true"), "{}", run.stdout);
    assert_eq!(world.content(), dense(2).replace("c1:1.0.0", "c1:2.0.0"));
    assert_eq!(run.output("commit"), world.head());
    assert_eq!(world.server.requests().len(), 0);
    let secret = key.lines().nth(1).unwrap();
    let shown = run.stdout.lines().filter(|line| !line.starts_with("::add-mask::"));
    assert!(shown.into_iter().all(|line| !line.contains(secret)), "{}", run.stdout);

    let before = world.bare.refs();
    let (other_hosts, other_key) = (server.other_host(), server.other_key());
    for (what, key, hosts, code, kind, told) in [
        (
            "another host key",
            key.as_str(),
            other_hosts.as_str(),
            3,
            "permission",
            "`ssh-known-hosts` has no key of this host",
        ),
        ("a key that nobody knows", &other_key, &hosts, 3, "permission", "`ssh-key` must be"),
        ("a key that is none", "-----BEGIN nothing", &hosts, 3, "permission", "`ssh-key` must be"),
        ("no known hosts", &key, "", 2, "invalid-input", "it is needed with `ssh-key`"),
        ("no key", "", &hosts, 2, "invalid-input", "takes `ssh-key` and `ssh-known-hosts`"),
    ] {
        let run = world.deploy("c0", "2.0.0", &inputs(&url, key, hosts));
        assert_eq!((run.code, error_kind(&run).as_str()), (code, kind), "{what}: {}", run.stdout);
        assert!(run.stdout.contains(told), "{what}: {}", run.stdout);
        assert_eq!(world.bare.refs(), before, "{what}");
    }
}

#[test]
fn nothing_of_the_users_or_the_repositorys_ssh_is_used() {
    let Some(server) = SshServer::start("SSH without settings of others") else { return };
    let world = World::new(2);
    let url = server.url(&world.bare);
    let trap = world.work.path().join("trap.sh");
    let sprung = world.work.path().join("sprung");
    std::fs::write(&trap, format!("#!/bin/sh\ntouch '{}'\nexit 1\n", sprung.display())).unwrap();
    std::fs::set_permissions(&trap, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let trap = trap.to_str().unwrap();
    world.work.git(&["config", "core.sshCommand", trap]);
    world.work.git(&["remote", "add", "origin", &url]);
    let traps =
        [("GIT_SSH_COMMAND", trap), ("GIT_SSH", trap), ("SSH_ASKPASS", trap), ("SSH_AUTH_SOCK", "/nonexistent")];
    let (key, hosts) = (server.key(), server.known_hosts());
    // The checkout's own remote is the config repository.
    let mut own = inputs("-", &key, &hosts).to_vec();
    own.push(("config-repository", "-"));
    let run = world.deploy_with("c1", "2.0.0", &own, &traps);
    assert_eq!((run.code, run.output("changed")), (0, "true"), "{}", run.stdout);
    assert!(!sprung.exists());
    let without = [("config-repository", "-"), ("github-token", "")];
    let run = world.deploy_with("c0", "2.0.0", &without, &traps);
    // Without a key, the repository is looked for where the token is taken.
    assert_eq!((run.code, error_kind(&run).as_str()), (2, "not-found"), "{}", run.stdout);
    assert!(!sprung.exists());
}
