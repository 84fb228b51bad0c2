//! The README's lines that install the programs.

use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Where releases are.
const RELEASES: &str = "https://github.com/slipway-release/slipway/releases/download/";

/// A release on disk, with one archive that holds a program.
fn release() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new("uname").arg("-m").output().unwrap();
    let archive = format!("slipway-{}-unknown-linux-musl.tar.gz", String::from_utf8_lossy(&output.stdout).trim());
    let made = format!(
        "mkdir v0.1.0 && printf '#!/bin/sh\\necho ran' > slipway && chmod +x slipway && tar -czf v0.1.0/{archive} slipway && \
         cd v0.1.0 && sha256sum {archive} > SHA256SUMS && echo \"$(printf %064d 0)  slipway-other.tar.gz\" >> SHA256SUMS"
    );
    shell(&made, folder.path(), folder.path()).unwrap();
    (folder, archive)
}

/// Runs lines of shell; what they said if they fail.
fn shell(lines: &str, folder: &Path, home: &Path) -> Result<(), String> {
    let output = Command::new("sh")
        .arg("-c")
        .arg(lines)
        .current_dir(folder)
        .env("HOME", home)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    if output.status.success() { Ok(()) } else { Err(said) }
}

/// Installs from a release on disk into a home, as the README says.
fn install(release: &Path, home: &Path) -> Result<(), String> {
    let readme = std::fs::read_to_string(testbed::workspace().join("README.md")).unwrap();
    let (_, rest) = readme.split_once("```sh\n").expect("the README shows lines of shell");
    let (lines, _) = rest.split_once("```\n").unwrap();
    assert!(lines.contains(RELEASES) && lines.contains("'=https'"), "{lines}");
    let lines = lines.replace(RELEASES, &format!("file://{}/", release.display())).replace("'=https'", "'=file'");
    shell(&lines, home, home)
}

#[test]
#[cfg(target_os = "linux")]
fn what_has_the_right_sum_is_installed_and_nothing_else_is() {
    let (release, archive) = release();
    let folder = release.path().join("v0.1.0");
    let sums = std::fs::read_to_string(folder.join("SHA256SUMS")).unwrap();

    let home = tempfile::tempdir().unwrap();
    install(release.path(), home.path()).unwrap_or_else(|said| panic!("{said}"));
    assert!(home.path().join(".local/bin/slipway").is_file());

    for (what, sums) in [
        ("another sum", sums.replacen(|c: char| c.is_ascii_hexdigit(), "z", 1)),
        ("no sum", sums.lines().filter(|line| !line.contains(&archive)).map(|line| format!("{line}\n")).collect()),
    ] {
        std::fs::write(folder.join("SHA256SUMS"), sums).unwrap();
        let home = tempfile::tempdir().unwrap();
        assert!(install(release.path(), home.path()).is_err(), "{what}");
        assert!(!home.path().join(".local").exists(), "{what}: it was unpacked");
    }

    std::fs::write(folder.join("SHA256SUMS"), sums).unwrap();
    std::fs::write(folder.join(&archive), "something else").unwrap();
    let home = tempfile::tempdir().unwrap();
    assert!(install(release.path(), home.path()).is_err());
    assert!(!home.path().join(".local").exists());
}
