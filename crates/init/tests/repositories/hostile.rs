//! Repositories that mean harm.

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use crate::shape::Sandbox;

#[test]
fn links_are_neither_read_nor_written_through() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("package.json"), "{}").unwrap();
    std::fs::write(outside.path().join("releaserc"), "tagFormat: 'stolen-${version}'\n").unwrap();
    let sandbox = Sandbox::empty();
    sandbox.add("package.json", "{}\n");
    symlink(outside.path().join("releaserc"), sandbox.path().join(".releaserc")).unwrap();
    std::fs::create_dir(sandbox.path().join(".github")).unwrap();
    symlink(outside.path(), sandbox.path().join(".github/workflows")).unwrap();
    let run = sandbox.init(&["--yes"]);
    assert_eq!(run.code, 0, "{}", run.text);
    assert!(!run.text.contains("stolen"), "{}", run.text);
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 2, "{}", run.text);
    assert!(run.text.contains("another file is there, and stays"), "{}", run.text);
}

#[test]
fn broken_and_huge_files_are_passed_over() {
    let sandbox = Sandbox::empty();
    sandbox.add("package.json", "{}\n");
    sandbox.add("k8s/broken.yaml", "a: [\n\t- &x *y\n");
    sandbox.add("k8s/huge.yaml", &"a: b\n".repeat(200_000));
    sandbox.add("k8s/deep.yaml", &"[".repeat(100_000));
    sandbox.add("k8s/laughs.yaml", "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n");
    sandbox.add(".releaserc", "branches: [\n");
    sandbox.add(".github/workflows/x.yml", "jobs: {a: [\n      - uses: docker/metadata-action@v5\n");
    let run = sandbox.init(&["--yes"]);
    assert_eq!(run.code, 0, "{}", run.text);
    assert!(run.text.contains("k8s/huge.yaml"), "{}", run.text);
    assert!(run.text.contains("cannot be read"), "{}", run.text);
}

#[test]
fn names_and_values_do_not_reach_the_log_or_the_files_as_commands() {
    let sandbox = Sandbox::empty();
    sandbox.add("package.json", "{}\n");
    sandbox.add("::error::name\n::add-mask::x/Dockerfile", "FROM scratch\n");
    sandbox.add("staging/\u{202e}txt.yaml", "image: \"ghcr.io/acme/shop\\n::error::x\"\n");
    sandbox.add("${{ github.token }}/Dockerfile", "FROM scratch\n");
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.yaml");
    std::fs::write(sandbox.path().join(name), "image: a\n").unwrap();
    let tag = "x'\"$(id)${{github.token}}-v";
    sandbox.add(
        ".releaserc.json",
        &serde_json::json!({ "tagFormat": format!("{tag}${{version}}"), "branches": "a\nb: c" }).to_string(),
    );
    sandbox.git(&["add", "--all"]);
    sandbox.git(&["commit", "--quiet", "--message", "feat: begin"]);
    let run = sandbox.init(&["--yes"]);
    assert_eq!(run.code, 0, "{}", run.text);
    for line in run.text.lines() {
        assert!(!line.trim_start().starts_with("::"), "{line}");
        assert!(!line.contains('\u{202e}') && !line.contains('\r'), "{line:?}");
    }
    for path in sandbox.written() {
        let text = sandbox.read(&path);
        assert!(!text.contains("github.token"), "{path}:\n{text}");
    }
}
