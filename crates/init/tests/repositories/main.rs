//! `slipway init` in repositories of many shapes: what it proposes, what it writes, and what it never does.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests start programs and make their own files"
)]

mod hostile;
mod install;
mod linters;
mod pages;
mod runs;
mod shape;
mod terminal;

use shape::{SHAPES, Sandbox, Shape};

#[test]
fn ten_shapes_get_what_fits_and_the_linters_accept_it() {
    let mut folders = Vec::new();
    for shape in SHAPES {
        let sandbox = Sandbox::new(shape);
        let shown = sandbox.init(&[]);
        assert_eq!(shown.code, 0, "{}: {}", shape.name, shown.text);
        assert!(sandbox.status().is_empty(), "{}: showing wrote {}", shape.name, sandbox.status());

        let run = sandbox.init(&["--yes"]);
        assert_eq!(run.code, 0, "{}: {}", shape.name, run.text);
        let mut written: Vec<&str> = shape.writes.iter().map(|(path, _)| *path).collect();
        written.sort_unstable();
        assert_eq!(sandbox.written(), written, "{}: {}", shape.name, run.text);
        for (path, needles) in shape.writes {
            let text = sandbox.read(path);
            for needle in *needles {
                assert!(text.contains(needle), "{}: `{path}` has no `{needle}`:\n{text}", shape.name);
            }
            assert!(!text.contains("$default-branch"), "{}: {path}", shape.name);
            for line in text.lines() {
                assert!(shown.text.contains(line.trim_end()), "{}: the diff did not show `{line}`", shape.name);
            }
        }
        for needle in shape.tells {
            assert!(run.text.contains(needle), "{}: it does not tell `{needle}`:\n{}", shape.name, run.text);
        }

        let again = sandbox.init(&["--yes"]);
        assert_eq!(again.code, 0, "{}: {}", shape.name, again.text);
        assert!(again.text.contains("Nothing is to be written."), "{}: {}", shape.name, again.text);
        folders.push(sandbox);
    }
    linters::accept(folders.iter().map(Sandbox::path));
}

#[test]
fn a_file_that_is_there_stays_and_the_proposal_goes_beside_it() {
    let sandbox = Sandbox::new(Shape::named("javascript-semantic-release"));
    sandbox.add(".github/workflows/release.yml", "name: ours\non: push\njobs: {}\n");
    sandbox.add("slipway.toml", "# ours\n");
    let run = sandbox.init(&["--yes"]);
    assert_eq!(run.code, 0, "{}", run.text);
    assert_eq!(sandbox.read(".github/workflows/release.yml"), "name: ours\non: push\njobs: {}\n");
    assert_eq!(sandbox.read("slipway.toml"), "# ours\n");
    assert!(sandbox.read(".github/workflows/slipway-release.yml").contains("workflows/release.yml@v0"));
}

#[test]
fn pipelines_can_be_named() {
    let sandbox = Sandbox::new(Shape::named("config-repository-of-argocd"));
    let run = sandbox.init(&["--yes", "--starters", "release"]);
    assert_eq!(run.code, 0, "{}", run.text);
    assert_eq!(sandbox.written(), [".github/workflows/release.yml", "slipway.toml"]);
    let unknown = sandbox.init(&["--starters", "relaese"]);
    assert_eq!(unknown.code, 2, "{}", unknown.text);
    assert!(unknown.text.contains("there is no pipeline `relaese`"), "{}", unknown.text);
}

#[test]
fn it_works_in_a_repository_without_commits_and_nowhere_else() {
    let sandbox = Sandbox::empty();
    let run = sandbox.init(&[]);
    assert_eq!(run.code, 0, "{}", run.text);
    let nowhere = tempfile::tempdir().unwrap();
    let run = shape::init_at(nowhere.path(), &[]);
    assert_eq!(run.code, 2, "{}", run.text);
    assert!(run.text.contains("is not in a git repository") && run.text.contains("git init"), "{}", run.text);
}
