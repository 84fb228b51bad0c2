//! Signatures, checked by git itself.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::support::{TOKEN, error_kind, told};
use crate::world::{World, with_feature};

/// A new SSH key: the private file's text, and the line for git's list of allowed signers.
fn ssh_key(directory: &Path, passphrase: &str) -> (String, String) {
    let file = directory.join("key");
    let mut make = Command::new("ssh-keygen");
    make.args(["-q", "-t", "ed25519", "-N", passphrase, "-C", "ci", "-f"]).arg(&file);
    assert!(make.status().expect("ssh-keygen").success());
    let read = |name: &str| std::fs::read_to_string(directory.join(name)).expect("a key");
    (read("key"), format!("* {}", read("key.pub")))
}

/// What git says of the signature of a tag or a commit on the server.
fn verify(world: &World, what: &str, name: &str, signers: &Path) -> Result<String, String> {
    let signers = format!("gpg.ssh.allowedSignersFile={}", signers.display());
    world.remote.try_git(&["-c", "gpg.format=ssh", "-c", &signers, what, name])
}

#[test]
fn a_key_signs_the_tag_and_is_gone_afterwards() {
    let directory = TempDir::new().expect("a directory");
    let (key, signer) = ssh_key(directory.path(), "");
    let signers = directory.path().join("signers");
    std::fs::write(&signers, signer).expect("a file");
    let temporary = directory.path().join("temporary");
    let world = World::new(&with_feature());
    let variables = [("RUNNER_TEMP", temporary.to_str().expect("UTF-8"))];
    let inputs = [("mode", "tag"), ("signing-key", key.as_str())];
    let run = world.run_in(&world.clone, &inputs, &variables);
    assert_eq!(told(&run), "1.5.0 minor true");
    verify(&world, "verify-tag", "v1.5.0", &signers).expect("a good signature");
    let tag = world.remote.git(&["cat-file", "tag", "v1.5.0"]);
    assert!(tag.contains("\nRequested-By: ada") && tag.contains("-----BEGIN SSH SIGNATURE-----"), "{tag}");
    assert_eq!(world.clone.git(&["tag"]), "v1.4.2", "the user's refs are left alone");
    let left: Vec<_> = std::fs::read_dir(&temporary).expect("a directory").collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(!run.stdout.contains("PRIVATE KEY") && !run.output("json").contains("PRIVATE KEY"));

    let (_, stranger) = ssh_key(TempDir::new().expect("a directory").path(), "");
    std::fs::write(&signers, stranger).expect("a file");
    assert!(verify(&world, "verify-tag", "v1.5.0", &signers).is_err(), "the test can tell keys apart");
}

#[test]
fn a_key_that_does_not_sign_releases_nothing() {
    let directory = TempDir::new().expect("a directory");
    let (key, _) = ssh_key(directory.path(), "secret");
    let broken = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----";
    let temporary = directory.path().join("temporary");
    let world = World::new(&with_feature());
    let refs = world.remote.refs();
    for (key, words) in [
        (key.as_str(), "`signing-key` does not sign"),
        (broken, "`signing-key` does not sign"),
        ("ssh-ed25519 AAAA ci", "this is no private SSH key"),
    ] {
        let variables = [("RUNNER_TEMP", temporary.to_str().expect("UTF-8"))];
        let run = world.run_in(&world.clone, &[("mode", "tag"), ("signing-key", key)], &variables);
        assert_eq!((run.code, error_kind(&run).as_str()), (2, "invalid-input"), "{}", run.stdout);
        assert!(run.stdout.contains(words) && !run.stdout.contains("AAAA"), "{}", run.stdout);
        assert!(!run.stdout.contains(temporary.to_str().expect("UTF-8")), "a file that is gone: {}", run.stdout);
        let left = std::fs::read_dir(&temporary).map_or(0, Iterator::count);
        assert_eq!(left, 0, "{words}");
    }
    assert_eq!(world.remote.refs(), refs);
}

#[test]
fn the_configuration_of_git_signs_but_runs_no_program_of_its_own() {
    let directory = TempDir::new().expect("a directory");
    let (_, signer) = ssh_key(directory.path(), "");
    let signers = directory.path().join("signers");
    std::fs::write(&signers, signer).expect("a file");
    let world = World::new(&with_feature());
    let program = world.clone.write("sign.sh", "#!/bin/sh\ntouch \"$(dirname \"$0\")/ran\"\nexit 1\n");
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("permissions");
    let (key, program) = (directory.path().join("key"), program.display().to_string());
    for (name, value) in [
        ("gpg.format", "ssh"),
        ("user.signingKey", key.to_str().expect("UTF-8")),
        ("gpg.ssh.program", program.as_str()),
        ("gpg.program", program.as_str()),
        ("gpg.ssh.defaultKeyCommand", program.as_str()),
        ("tag.gpgSign", "true"),
    ] {
        world.clone.git(&["config", name, value]);
    }
    assert_eq!(told(&world.run(&[("mode", "tag")])), "1.5.0 minor true");
    verify(&world, "verify-tag", "v1.5.0", &signers).expect("a good signature");
    assert!(!world.clone.path().join("ran").exists());

    // What cannot be done as it was asked for is not done without.
    let world = World::new(&with_feature());
    for (name, value) in [("gpg.format", "ssh"), ("tag.gpgSign", "true"), ("gpg.ssh.defaultKeyCommand", &program)] {
        world.clone.git(&["config", name, value]);
    }
    let run = world.run(&[("mode", "tag")]);
    assert_eq!((run.code, error_kind(&run).as_str()), (2, "invalid-input"), "{}", run.stdout);
    assert!(!world.has("refs/tags/v1.5.0"));
}

#[test]
fn gpg_signs_too() {
    let home = TempDir::with_prefix("g").expect("a directory");
    std::fs::set_permissions(home.path(), std::os::unix::fs::PermissionsExt::from_mode(0o700)).expect("permissions");
    let gpg = |arguments: &[&str]| {
        let gpg =
            Command::new("gpg").env("GNUPGHOME", home.path()).args(["--batch", "--quiet"]).args(arguments).output();
        let gpg = gpg.expect("gpg");
        assert!(gpg.status.success(), "{}", String::from_utf8_lossy(&gpg.stderr));
    };
    gpg(&["--passphrase", "", "--quick-generate-key", "CI <ci@example.com>", "ed25519", "sign", "never"]);
    let world = World::new(&with_feature());
    for (name, value) in [("user.signingKey", "ci@example.com"), ("tag.gpgSign", "true")] {
        world.clone.git(&["config", name, value]);
    }
    let home_path = home.path().to_str().expect("UTF-8");
    let run = world.run_in(&world.clone, &[("mode", "tag")], &[("GNUPGHOME", home_path)]);
    assert_eq!(told(&run), "1.5.0 minor true");
    let verified = Command::new("git")
        .env("GNUPGHOME", home.path())
        .current_dir(world.remote.path())
        .args(["verify-tag", "v1.5.0"])
        .output()
        .expect("git");
    let said = String::from_utf8_lossy(&verified.stderr);
    assert!(verified.status.success() && said.contains("Good signature"), "{said}");
    let _ = Command::new("gpgconf").env("GNUPGHOME", home.path()).args(["--kill", "all"]).status();
    assert!(!run.stdout.contains(TOKEN));
}
