//! Somebody at a terminal, by `script` of util-linux.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::shape::{Sandbox, Shape};

#[test]
fn somebody_at_a_terminal_is_asked_for_each_file() {
    let sandbox = Sandbox::new(Shape::named("kustomize"));
    let line = format!("'{}' init --starters release", env!("CARGO_BIN_EXE_slipway"));
    let child = Command::new("script")
        .args(["--quiet", "--return", "--command", &line, "/dev/null"])
        .current_dir(sandbox.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        println!("NOT RUN: there is no `script`, which makes a terminal");
        return;
    };
    child.stdin.take().unwrap().write_all(b"n\ny\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("Write `.github/workflows/release.yml`? [y/N]"), "{said}");
    assert!(said.contains("Write `slipway.toml`? [y/N]"), "{said}");
    assert_eq!(sandbox.written(), ["slipway.toml"], "{said}");
    assert!(said.find("+name: ").unwrap() < said.find("Write `").unwrap(), "the diff comes first: {said}");
}
