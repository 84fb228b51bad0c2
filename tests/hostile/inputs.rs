//! H64–H67: inputs and events as nobody should write them.

use std::path::Path;

use slipway_core::ExitCode;
use tempfile::TempDir;
use testbed::{Runner, run_action};

use crate::echo::scripted;
use crate::refs::on;

#[test]
fn h64_white_space_around_inputs_does_not_count() {
    for digest in [" sha256:", "\u{a0}sha256:", "\t\r\nsha256:"] {
        let digest = format!("{digest}{}\u{a0}\n", "a".repeat(64));
        let run = on("refs/heads/main", &[("images", "a"), ("digest", &digest)], "{}");
        assert_eq!((run.code, run.output("digest").len()), (0, 71), "{digest:?}");
    }
    for blank in [" ", "\u{a0}", "\n\n"] {
        let run = on("refs/heads/main", &[("digest", blank), ("mode", blank), ("images", blank)], "{}");
        assert_eq!((run.code, run.output("digest")), (0, ""), "{blank:?}: {}", run.stdout);
    }
    // The longest that Linux hands over in one variable.
    let long = "#".repeat(131_071 - "INPUT_TAGS=".len());
    assert_eq!(on("refs/heads/main", &[("tags", &long)], "{}").code, 0);
}

#[test]
fn h65_booleans_are_those_of_yaml() {
    for (text, code) in [
        ("true", ExitCode::Refused),
        ("True", ExitCode::Refused),
        ("TRUE ", ExitCode::Refused),
        ("false", ExitCode::Done),
        ("", ExitCode::Done),
        ("yes", ExitCode::Invalid),
        ("1", ExitCode::Invalid),
        ("on", ExitCode::Invalid),
        ("tRUE", ExitCode::Invalid),
        ("${{ true }}", ExitCode::Invalid),
        ("true\ntrue", ExitCode::Invalid),
    ] {
        let (told, host) = scripted(&[("refuses", text), ("mode", "act")]);
        assert_eq!(told, code, "{text:?}: {:?}", host.printed());
        let allowed = host.printed().iter().any(|line| line.contains("write `true` or `false`"));
        assert_eq!(allowed, code == ExitCode::Invalid, "{text:?}");
    }
}

#[test]
fn h65_numbers_are_whole_and_fit() {
    for text in ["-1", "1.5", "1e3", "0x10", "18446744073709551616", "\u{661}", "NaN", "1_000"] {
        assert_eq!(scripted(&[("warnings", text)]).0, ExitCode::Invalid, "{text}");
    }
}

#[test]
fn h66_misspelled_inputs_are_told_with_what_is_meant() {
    let run = on("refs/heads/main", &[("image", "a"), ("git-hub-token", "x"), ("__proto__", "x")], "{}");
    assert_eq!(run.code, 0);
    for expected in [
        "::warning::`image` is not an input of this action; did you mean `images`?",
        "::warning::`git-hub-token` is not an input of this action; did you mean `github-token`?",
        "::warning::`__proto__` is not an input of this action",
    ] {
        assert!(run.stdout.lines().any(|line| line == expected), "{}", run.stdout);
    }
}

#[test]
fn h54_h67_events_can_be_anything() {
    let large = format!(r#"{{"x":"{}"}}"#, "y".repeat(25_000_000));
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    for (payload, code) in [
        ("null", 0),
        ("{}", 0),
        (r#"{"repository":null}"#, 0),
        (r#"{"repository":[1,{"name":2}],"ref":{},"number":"7","pull_request":true,"base_ref":[]}"#, 0),
        (r#"{"repository":{"name":7,"html_url":[],"description":{},"license":3,"default_branch":null}}"#, 0),
        (r#"{"__proto__":{"name":"x"},"repository":{"name":"a","name":"b"}}"#, 0),
        (&large, 0),
        ("", 2),
        ("[]", 2),
        ("7", 2),
        ("\"x\"", 2),
        ("{", 2),
        ("{} {}", 2),
        ("{\"a\":1,}", 2),
        ("// x\n{}", 2),
        ("{\"a\":1e999}", 2),
        ("{\"a\":\"\\ud800\"}", 2),
        ("\u{feff}{}", 2),
        (&deep, 2),
    ] {
        let run = on("refs/heads/main", &[], payload);
        let shown = &payload[..payload.len().min(80)];
        assert_eq!(run.code, code, "{shown}: {}", run.stdout);
        if code == 2 {
            assert!(run.output("json").contains(r#""kind":"invalid-event""#), "{shown}: {}", run.output("json"));
        }
    }
}

#[test]
fn h40_events_are_regular_files_of_a_sane_size() {
    let directory = TempDir::new().unwrap();
    let at = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    assert!(std::process::Command::new("mkfifo").arg(at("fifo")).status().unwrap().success());
    std::fs::File::create(at("sparse")).unwrap().set_len(4 << 30).unwrap();
    std::fs::write(at("binary"), b"{\"a\":\"\xff\xfe\"}").unwrap();
    for path in [
        at("fifo"),
        at("sparse"),
        at("binary"),
        at("missing"),
        at("binary/x"),
        at(""),
        "/dev/zero".into(),
        "/dev/full".into(),
    ] {
        for runner in [Runner::Native, Runner::Node] {
            let run = run_action(runner, "image-tag", &[], &[("GITHUB_EVENT_PATH", &path)], Path::new("/"));
            assert_eq!(run.code, 2, "{path} {runner:?}: {}{}", run.stdout, run.stderr);
            assert!(run.output("json").contains(r#""kind":"invalid-event""#), "{path}: {}", run.output("json"));
        }
    }
}

#[test]
fn h33_h34_h36_working_directories_stay_in_the_workspace() {
    let workspace = TempDir::new().unwrap();
    let at = |name: &str| workspace.path().join(name);
    std::fs::create_dir_all(at("deploy/inner")).unwrap();
    std::fs::create_dir_all(at(".git/hooks")).unwrap();
    std::fs::write(at("file"), "").unwrap();
    std::os::unix::fs::symlink("/etc", at("link")).unwrap();
    std::os::unix::fs::symlink("deploy", at("inside")).unwrap();
    std::os::unix::fs::symlink("loop", at("loop")).unwrap();
    for (directory, code) in [
        (".", 0),
        ("deploy", 0),
        ("./deploy//inner/", 0),
        ("..", 2),
        ("../..", 2),
        ("deploy/../..", 2),
        ("/etc", 2),
        ("C:\\x", 2),
        ("\\\\srv\\x", 2),
        (".git", 2),
        (".GIT/hooks", 2),
        (".git ", 2),
        ("git~1", 2),
        ("file", 2),
        ("missing", 2),
        ("link", 2),
        ("link/ssl", 2),
        ("inside/inner", 2),
        ("loop", 2),
        (&"x/".repeat(3000), 2),
        (&"x".repeat(300), 2),
    ] {
        for runner in [Runner::Native, Runner::Node] {
            let variables = [("GITHUB_EVENT_NAME", "push"), ("GITHUB_REF", "refs/heads/main")];
            let run =
                run_action(runner, "image-tag", &[("working-directory", directory)], &variables, workspace.path());
            assert_eq!(run.code, code, "{directory} {runner:?}: {}{}", run.stdout, run.stderr);
            assert_eq!(run.stdout.matches("::error").count(), usize::from(code != 0), "{directory}: {}", run.stdout);
        }
    }
}
