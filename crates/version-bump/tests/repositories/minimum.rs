//! `minimum-bump-command` on real shells.

use crate::support::{commits, error_kind, released, run, run_with, told};

#[test]
fn the_command_only_raises() {
    let repository = released();
    commits(&repository, &["fix: a"]);
    for (command, expected) in [
        ("echo minor", "1.5.0 minor false"),
        ("echo major", "2.0.0 major false"),
        ("echo none", "1.4.3 patch false"),
        ("echo patch", "1.4.3 patch false"),
        ("echo checking; echo; printf 'minor\\r\\n\\n'", "1.5.0 minor false"),
        (
            "test \"$SLIPWAY_PREVIOUS_TAG $SLIPWAY_PREVIOUS_VERSION $SLIPWAY_BUMP\" = 'v1.4.2 1.4.2 patch' && echo major",
            "2.0.0 major false",
        ),
        ("test -z \"$INPUT_MODE$GITHUB_TOKEN$GITHUB_OUTPUT\" && echo minor", "1.5.0 minor false"),
        ("yes line | head -n 100000; echo minor", "1.5.0 minor false"),
    ] {
        let run = run(&repository, &[("minimum-bump-command", command)]);
        assert_eq!(told(&run), expected, "{command}");
        if expected.starts_with('2') {
            assert_eq!(run.output("approval-required"), "true");
            assert!(run.stdout.contains("`minimum-bump-command` says major"), "{}", run.stdout);
        }
    }
}

#[test]
fn an_answer_that_is_none_is_an_error() {
    let repository = released();
    commits(&repository, &["docs: a"]);
    for (command, words) in [
        ("echo a; echo looks fine", "gave no answer; it said: a | looks fine"),
        ("true", "gave no answer; it said nothing"),
        ("echo major; echo broken >&2; exit 4", "ended with status 4; it said: major | broken"),
        ("kill -9 $$", "was ended by a signal"),
    ] {
        let run = run(&repository, &[("minimum-bump-command", command)]);
        assert_eq!((run.code, error_kind(&run).as_str()), (3, "command-failed"), "{command}");
        assert!(run.stdout.contains(words), "{}", run.stdout);
    }
}

#[test]
fn the_command_runs_only_where_it_can_matter() {
    let command = ("minimum-bump-command", "touch ran; echo major");
    let repository = released();
    let ran = || std::fs::remove_file(repository.path().join("ran")).is_ok();
    assert_eq!(told(&run(&repository, &[command])), "1.4.2 none true");
    assert!(!ran(), "nothing to release");
    commits(&repository, &["fix: a"]);
    for inputs in [&[("version", "1.4.9")][..], &[("bump", "patch")], &[("tag-prefix", "x")], &[("channels", "other")]]
    {
        let inputs: Vec<(&str, &str)> = inputs.iter().copied().chain([command]).collect();
        assert_eq!(run(&repository, &inputs).code, 0, "{inputs:?}");
        assert!(!ran(), "{inputs:?}");
    }
    let target = run_with(&repository, &[("GITHUB_EVENT_NAME", "pull_request_target")], &[command]);
    assert_eq!(told(&target), "1.4.3 patch false");
    assert!(!ran() && target.stdout.contains("is not run on `pull_request_target`"), "{}", target.stdout);
    assert_eq!(told(&run(&repository, &[command])), "2.0.0 major false");
    assert!(ran());
}
