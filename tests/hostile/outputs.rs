//! H58–H63 and the table of exit codes: what a run leaves behind, whatever it has to say and wherever it has to say it.

use std::collections::BTreeMap;
use std::path::Path;

use slipway_core::{ErrorKind, ExitCode};
use tempfile::TempDir;
use testbed::{ActionRun, Runner, run_action};

use crate::echo::{program, scripted};

const MEGABYTE: usize = 1 << 20;

fn outputs(host: &slipway_core::host::scripted::ScriptedHost) -> BTreeMap<String, String> {
    testbed::parse_outputs(&host.content("/output").unwrap_or_default()).unwrap()
}

fn errors(printed: &[String]) -> usize {
    printed.iter().filter(|line| line.starts_with("::error")).count()
}

#[test]
fn h58_h59_any_value_comes_through_as_it_is() {
    for value in [
        "EOF",
        "value<<EOF\nx\nEOF",
        "slipway_00000000000000000000000000000001",
        "ghadelimiter_0f",
        "a=b\njson=c\n",
        "\n",
        "\n\n\n",
        " a ",
        "tab\tand é 🚀 \u{202e}",
        "::set-output name=a::b",
    ] {
        let (code, host) = scripted(&[("output", value)]);
        assert_eq!((code, outputs(&host)["value"].as_str()), (ExitCode::Done, value), "{value:?}");
    }
    // Runners end a line at CR LF too, and join lines by LF.
    let (_, host) = scripted(&[("output", "a\r\nb\r\n")]);
    assert_eq!(outputs(&host)["value"], "a\nb\n");
}

#[test]
fn h61_what_is_too_large_is_cut_moved_or_refused() {
    let (code, host) = scripted(&[("shown", &"é".repeat(MEGABYTE))]);
    let summary = host.content("/summary").unwrap();
    assert_eq!(code, ExitCode::Done);
    assert!(summary.len() <= MEGABYTE && summary.contains("was cut off"), "{}", summary.len());

    let (code, host) = scripted(&[("plan", &"p".repeat(MEGABYTE))]);
    let written = outputs(&host);
    assert_eq!((code, written["json"].as_str()), (ExitCode::Done, r#"{"value":"","truncated":true}"#));
    assert_eq!(host.content(&written["json-file"]).unwrap().matches('p').count(), MEGABYTE + 1);

    // The output fits, the same text inside JSON does not.
    let (code, host) = scripted(&[("output", &"\u{1}".repeat(MEGABYTE / 2))]);
    let written = outputs(&host);
    assert_eq!((code, written["json"].as_str()), (ExitCode::Done, r#"{"truncated":true}"#));

    let (code, host) = scripted(&[("output", &"x".repeat(MEGABYTE + 1)), ("mode", "act")]);
    let json: serde_json::Value = serde_json::from_str(&outputs(&host)["json"]).unwrap();
    assert_eq!((code, errors(&host.printed())), (ExitCode::Failed, 1));
    assert!(json["error"]["message"].as_str().unwrap().contains("`value` has 1048577 bytes"), "{json}");
    assert_eq!(json["error"]["detail"]["outcome"], "the effect was made");

    let (code, host) = scripted(&[("mode", "act"), ("fails", "network"), ("message", &"m".repeat(3 * MEGABYTE))]);
    assert_eq!((code, errors(&host.printed())), (ExitCode::Failed, 1));
    assert!(outputs(&host)["json"].starts_with(r#"{"error":{"kind":"network","message":"mmm"#));
}

#[test]
fn h62_annotations_are_few() {
    let unknown: Vec<String> = (0..50).map(|i| format!("unknown{i}")).collect();
    let mut inputs = vec![("warnings", "500")];
    inputs.extend(unknown.iter().map(|name| (name.as_str(), "x")));
    let (_, host) = scripted(&inputs);
    let printed = host.printed();
    assert_eq!(printed.iter().filter(|line| line.starts_with("::warning")).count(), 20, "{printed:?}");
    assert_eq!(printed[9], "::warning::41 more like these are left out");
    assert_eq!(printed[19], "::warning::491 more like these are left out");
}

#[test]
fn h63_an_output_with_the_token_is_warned_of() {
    let token = ("github-token", "ghs_0123456789");
    let (_, host) = scripted(&[token, ("output", "https://x:ghs_0123456789@h/")]);
    let warning = "::warning::the output `value` holds the token, so runners will not hand it to other jobs";
    assert_eq!(host.printed(), [warning]);
    // A mask of one character occurs everywhere.
    let (_, host) = scripted(&[("github-token", "e"), ("output", "here")]);
    assert_eq!(host.printed(), [""; 0]);
}

#[test]
fn exit_codes_follow_the_kind_and_one_error_is_printed() {
    for kind in ErrorKind::ALL.iter().filter(|kind| **kind != ErrorKind::LostRace) {
        let (code, host) = scripted(&[("mode", "act"), ("fails", kind.name()), ("message", "50%\r::error::x")]);
        assert_eq!(code, kind.exit_code(), "{}", kind.name());
        assert_eq!(host.printed(), ["::error::50%25\\r::error::x. see the test"], "{}", kind.name());
        let json =
            format!(r#"{{"error":{{"kind":"{}","message":"50%\r::error::x","hint":"see the test"}}}}"#, kind.name());
        assert_eq!(outputs(&host), BTreeMap::from([("json".into(), json)]));
    }
    // A race that is lost for ever ends too.
    let (code, host) = scripted(&[("mode", "act"), ("fails", "lost-race")]);
    assert_eq!((code, errors(&host.printed())), (ExitCode::Failed, 1));
}

#[test]
fn a_refusal_is_an_error_only_for_who_acts() {
    let (code, host) = scripted(&[("mode", "act"), ("refuses", "true"), ("output", "v")]);
    assert_eq!((code, host.printed().pop().as_deref()), (ExitCode::Refused, Some("::error::as asked")));
    assert_eq!(outputs(&host)["value"], "v");
    let (code, host) = scripted(&[("refuses", "true"), ("output", "v")]);
    assert_eq!((code, host.printed().pop().as_deref()), (ExitCode::Done, Some("::notice::as asked")));
}

/// image-tag on a pushed branch, with these variables over the usual ones.
fn image_tag(runner: Runner, variables: &[(&str, &str)]) -> ActionRun {
    let mut all = vec![("GITHUB_EVENT_NAME", "push"), ("GITHUB_REF", "refs/heads/main"), ("GITHUB_SHA", "abc")];
    all.extend(variables);
    run_action(runner, "image-tag", &[], &all, Path::new("/"))
}

/// Places where outputs cannot go: a name and what `GITHUB_OUTPUT` is.
fn places(directory: &Path) -> Vec<(&'static str, String)> {
    let at = |name: &str| directory.join(name).to_str().unwrap().to_owned();
    std::fs::create_dir(at("directory")).unwrap();
    std::fs::write(at("target"), "").unwrap();
    std::os::unix::fs::symlink(at("target"), at("link")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(at("fifo")).status().unwrap().success());
    let mut places = vec![
        ("unset", String::new()),
        ("missing", at("missing")),
        ("below nothing", at("nothing/output")),
        ("a directory", at("directory")),
        ("a link", at("link")),
        ("a pipe", at("fifo")),
    ];
    if cfg!(target_os = "linux") {
        places.push(("a full device", "/dev/full".into()));
    }
    places
}

#[test]
fn h60_without_a_place_for_outputs_nothing_is_begun() {
    let directory = TempDir::new().unwrap();
    for (name, output) in places(directory.path()) {
        for runner in [Runner::Native, Runner::Node] {
            let run = image_tag(runner, &[("GITHUB_OUTPUT", &output)]);
            let log = format!("{name} {runner:?}: {}{}", run.stdout, run.stderr);
            assert_eq!(run.code, 3, "{log}");
            assert_eq!((run.stdout.matches("::error").count(), run.stdout.lines().count()), (1, 1), "{log}");
            assert!(run.stdout.contains("GITHUB_OUTPUT") || run.stdout.contains(&output), "{log}");
            assert_eq!((run.stderr.as_str(), run.summary.as_str()), ("", ""), "{log}");
        }
        let place = ("GITHUB_OUTPUT", output.as_str());
        let (code, stdout, _) = program(&[("mode", "act")], &[("GITHUB_ACTIONS", "true"), place], directory.path());
        assert_eq!(code, 3, "{name}: {stdout}");
        assert!(!directory.path().join("effect").exists(), "{name}");
    }
    assert_eq!(std::fs::read_to_string(directory.path().join("target")).unwrap(), "");
    assert!(!directory.path().join("missing").exists());
}

#[test]
fn h60_on_a_command_line_outputs_are_printed() {
    for runner in [Runner::Native, Runner::Node] {
        let run = image_tag(runner, &[("GITHUB_ACTIONS", ""), ("GITHUB_OUTPUT", ""), ("GITHUB_STEP_SUMMARY", "")]);
        assert_eq!(run.code, 0, "{runner:?}: {}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains("\ntags=main\n") && !run.stdout.contains("::"), "{}", run.stdout);
    }
}

#[test]
fn a_summary_that_cannot_be_written_is_a_warning() {
    let directory = TempDir::new().unwrap();
    for (name, place) in
        places(directory.path()).into_iter().filter(|(name, _)| !matches!(*name, "unset" | "missing" | "a link"))
    {
        for runner in [Runner::Native, Runner::Node] {
            let run = image_tag(runner, &[("GITHUB_STEP_SUMMARY", &place)]);
            assert_eq!((run.code, run.output("tags")), (0, "main"), "{name} {runner:?}: {}{}", run.stdout, run.stderr);
            assert!(run.stdout.contains("::warning::the summary could not be written: "), "{}", run.stdout);
        }
    }
}

#[test]
fn a_json_file_that_cannot_be_written_is_a_warning() {
    let directory = TempDir::new().unwrap();
    std::fs::write(directory.path().join("output"), "").unwrap();
    std::fs::write(directory.path().join("temporary"), "a file").unwrap();
    let at = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let [output, temporary] = ["output", "temporary"].map(at);
    let variables = [("GITHUB_ACTIONS", "true"), ("GITHUB_OUTPUT", &output), ("RUNNER_TEMP", &temporary)];
    // One variable cannot hold enough, but escapes double it.
    let quotes = "\"".repeat(120_000);
    let inputs = [("mode", "act"), ("plan", quotes.as_str()), ("output", &quotes)];
    let (code, stdout, stderr) = program(&inputs, &variables, directory.path());
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains("::warning::the whole `json` output could not be kept in a file: "), "{stdout}");
    let written = testbed::parse_outputs(&std::fs::read_to_string(output).unwrap()).unwrap();
    assert_eq!((written["json-file"].as_str(), written["value"].len()), ("", 120_000));
}
