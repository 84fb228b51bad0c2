//! What stops a write half way: the files stay as they were, all of them.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A small file and one of 64 KiB; both name the image.
fn files() -> (TempDir, [(&'static str, String); 2]) {
    let directory = tempfile::tempdir().unwrap();
    let image = "image: acme/shop:1.0.0\r\n";
    let files = [("a.yaml", image.to_owned()), ("b.yaml", format!("{image}# {}", "x".repeat(64 * 1024)))];
    for (name, content) in &files {
        std::fs::write(directory.path().join(name), content).unwrap();
    }
    (directory, files)
}

/// Sets the image in both. The shell makes the machine what it is to be first.
fn run(directory: &TempDir, machine: &str) -> Output {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{machine} exec \"$0\" \"$@\""), testbed::binary("config-updater").to_str().unwrap()]);
    command.args(["--mode", "write", "--images", "acme/shop:2.0.0", "--files", "*.yaml"]);
    command.current_dir(directory.path()).env_remove("GITHUB_WORKSPACE").env_remove("GITHUB_OUTPUT").output().unwrap()
}

#[test]
fn h42_a_full_disk_and_a_read_only_file_leave_all_files_as_they_were() {
    // A limit on the size of files stops a write as a full disk does.
    let full = "ulimit -f 32; trap '' XFSZ;";
    for (what, machine, mode) in [("full", full, 0o644), ("read-only", "", 0o444)] {
        let (directory, files) = files();
        std::fs::set_permissions(directory.path().join("b.yaml"), Permissions::from_mode(mode)).unwrap();
        let done = run(&directory, machine);
        let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        assert_eq!(done.status.code(), Some(3), "{what}: {said}");
        assert_eq!(said.matches("cannot write").count(), 1, "{what}: {said}");
        assert!(said.contains("b.yaml") && said.contains("no file was changed"), "{what}: {said}");
        for (name, content) in &files {
            assert_eq!(std::fs::read_to_string(directory.path().join(name)).unwrap(), *content, "{what}: {name}");
        }
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 2, "{what}: {said}");
    }
    let (directory, files) = files();
    assert_eq!(run(&directory, "").status.code(), Some(0));
    for (name, content) in &files {
        let written = std::fs::read_to_string(directory.path().join(name)).unwrap();
        assert_eq!(written, content.replace("1.0.0", "2.0.0"), "{name}");
    }
}
