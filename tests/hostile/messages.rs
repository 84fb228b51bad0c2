//! H21–H29: text that tries to be a command, markup or somebody else's name.

use std::path::Path;
use std::time::{Duration, Instant};

use slipway_core::git::{Argv, Git, Identity};
use slipway_core::host::native::NativeHost;
use slipway_core::text::{log_safe, markdown};
use testbed::{ActionRun, Repository, Runner, run_action};

use crate::echo::scripted;
use crate::git::context;
use crate::refs::on;

/// What a runner, a terminal or a reader could take for something else.
const HOSTILE: [&str; 10] = [
    "x\r::add-mask::e",
    "x\n::set-output name=version::9.9.9",
    "##[set-output name=version;]9.9.9",
    "::stop-commands::x",
    " \u{3000}\t::error::x",
    "%0A::error::x",
    "\u{1b}[2J\u{9b}31mred",
    "a\u{202e}b\u{2066}c\u{200b}d\u{e0041}e",
    "\u{2028}::error::x\u{2029}::debug::y\u{85}::error::z",
    "\u{0}\u{7}\u{8}\u{b}::error::x",
];

/// Nothing in the log is a command but our own annotations, and nothing in it is hidden.
#[track_caller]
pub(crate) fn assert_harmless(run: &ActionRun) {
    for stream in [&run.stdout, &run.stderr] {
        for line in stream.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
            let own = ["::error::", "::warning::", "::notice::"].iter().any(|own| line.starts_with(own));
            assert!(own || !line.trim_start().starts_with("::"), "{line:?} is a command");
            assert!(!line.contains("##["), "{line:?} is a command");
            let hidden = |c: char| {
                (c.is_control() && c != '\t')
                    || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
                    || c > '\u{dffff}'
            };
            assert!(!line.contains(hidden), "{line:?} hides something");
        }
    }
}

#[test]
fn h21_h22_h23_no_text_is_a_command_wherever_it_comes_in() {
    for hostile in HOSTILE.iter().filter(|text| !text.contains('\0')) {
        for input in [
            "tags",
            "images",
            "flavor",
            "version",
            "component",
            "labels",
            "annotations",
            "context",
            "sep-labels",
            "bake-target",
            "digest",
            "mode",
            "working-directory",
            "github-token",
        ] {
            on("refs/heads/main", &[(input, hostile)], "{}");
        }
        let text = serde_json::to_string(hostile).unwrap();
        let payload = format!(
            r#"{{"repository":{{"name":{text},"html_url":{text},"description":{text},"default_branch":{text}}}}}"#
        );
        on(&format!("refs/heads/{hostile}"), &[], &payload);
        on(&format!("refs/tags/{hostile}"), &[("tags", "type=semver,pattern={{version}}\ntype=match,pattern=x")], "{}");
        let unknown = format!("INPUT_{hostile}");
        for variable in [
            "GITHUB_EVENT_NAME",
            "GITHUB_EVENT_PATH",
            "GITHUB_REPOSITORY",
            "GITHUB_SHA",
            "GITHUB_API_URL",
            "GITHUB_SERVER_URL",
            "GITHUB_WORKSPACE",
            "GITHUB_RUN_ID",
            "SLIPWAY_NOW",
            "SOURCE_DATE_EPOCH",
            "DOCKER_METADATA_SHORT_SHA_LENGTH",
            "DOCKER_METADATA_ANNOTATIONS_LEVELS",
            "DOCKER_METADATA_SET_OUTPUT_ENV",
            "GITHUB_RUN_NUMBER",
            "GITHUB_OUTPUT",
            "GITHUB_STEP_SUMMARY",
            "PATH",
            "HTTP_PROXY",
            "GITHUB_ACTIONS",
            &unknown,
        ] {
            // The text passes through the same code under Node, whose log the other cases show.
            assert_harmless(&run_action(Runner::Native, "image-tag", &[], &[(variable, hostile)], Path::new("/")));
        }
    }
}

#[test]
fn h22_labels_and_outputs_stay_one_a_line() {
    let text = serde_json::to_string("shop\nevil=1\r\nevil=2\revil=3\u{2028}evil=4").unwrap();
    let payload = format!(
        r#"{{"repository":{{"name":{text},"html_url":{text},"description":{text},"default_branch":"main","license":{{"spdx_id":{text}}}}}}}"#
    );
    let run = on("refs/heads/main", &[], &payload);
    let lines: Vec<&str> = run.output("labels").split(['\n', '\r', '\u{2028}']).collect();
    assert_eq!(lines.len(), 8, "{lines:?}");
    assert!(lines.iter().all(|line| line.starts_with("org.opencontainers.image.")), "{lines:?}");
}

#[test]
fn h25_long_texts_are_cut_in_linear_time() {
    let start = Instant::now();
    for unit in ["x", ":", " ", "#", "::", "##[", "://", "://a@", "\r", "\u{202e}", "@"] {
        let safe = log_safe(&unit.repeat(5_000_000 / unit.len()));
        assert!(safe.chars().count() < 50_000, "{unit}");
        // What stands before the last `@` of a word that holds an address can all be its password.
        assert!(if unit == "://a@" { safe == "://***@" } else { safe.ends_with('…') }, "{unit}");
    }
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    let (_, host) =
        scripted(&[("shown", &"word ".repeat(1_000_000)), ("warnings", "1"), ("message", &"m".repeat(1_000_000))]);
    assert!(host.printed().iter().all(|line| line.len() < 50_000));
}

#[test]
fn h23_the_place_of_an_annotation_is_no_command() {
    let (_, host) = scripted(&[("warnings", "1"), ("message", "a,line=9::##[error]x\n::error::y")]);
    let notice = host.printed().into_iter().find(|line| line.starts_with("::notice")).unwrap();
    assert_eq!(notice, "::notice file=a%2Cline=9%3A%3A#\\#[error]x\\n%3A%3Aerror%3A%3Ay,line=1::here");
}

#[test]
fn h26_messages_of_any_encoding_are_text() {
    let repository = Repository::new();
    let file = |bytes: &[u8]| repository.write("message", bytes).to_str().unwrap().to_owned();
    let latin = file(b"feat: caf\xe9\n");
    repository.git(&["-c", "i18n.commitEncoding=latin1", "commit", "--quiet", "--allow-empty", "--file", &latin]);
    let broken = file(b"fix: \xff\xfe\x80 x\n");
    repository.git(&["commit", "--quiet", "--allow-empty", "--file", &broken]);
    let said = NativeHost::block_on(async {
        let context = context(repository.path()).await;
        let argv = Argv::new("log").flag("--format=%s").end_of_options().revision("HEAD");
        Git::open(&context).await.unwrap().text(argv).await.unwrap()
    });
    assert_eq!(said.unwrap(), "fix: \u{ff}\u{fe}\u{80} x\nfeat: caf\u{e9}");
}

#[test]
fn h27_markdown_shows_text_and_nothing_else() {
    // Every text of four of the characters that mean something.
    let alphabet: Vec<char> = "`|<\\[@\n a".chars().collect();
    let count = alphabet.len().pow(4);
    for number in 0..count {
        let raw: String = (0..4).map(|place| alphabet[number / alphabet.len().pow(place) % alphabet.len()]).collect();
        let text = markdown::text(&raw);
        assert!(!text.contains(['\n', '<']) && !text.contains("@a") && !text.contains("@ a"), "{raw:?}: {text:?}");
        let unescaped = |special: char| {
            let at =
                text.match_indices(special).map(|(at, _)| text[..at].chars().rev().take_while(|c| *c == '\\').count());
            at.into_iter().any(|backslashes| backslashes % 2 == 0)
        };
        assert!(!unescaped('`') && !unescaped('|') && !unescaped('['), "{raw:?}: {text:?}");

        let code = markdown::code(&raw);
        let fence = code.len() - code.trim_start_matches('`').len();
        let longest_inside = raw.split(|c| c != '`').map(str::len).max().unwrap_or(0);
        assert!(
            code.is_empty() || (fence == longest_inside + 1 && code.ends_with(&"`".repeat(fence))),
            "{raw:?}: {code:?}"
        );
        assert!(!code.contains('\n'), "{raw:?}");
        let lone_pipe = code.match_indices('|').any(|(at, _)| !code[..at].ends_with('\\'));
        assert!(!lone_pipe, "{raw:?}: {code:?}");
    }
    let run = on(
        "refs/heads/main",
        &[("tags", "type=raw,value=<!-- --> [a](javascript:b) @everyone | `c` <img src=x onerror=y>")],
        "{}",
    );
    let row = run.summary.lines().find(|line| line.contains("@everyone")).unwrap();
    let shown = "\\`&lt;!-- --&gt; \\[a\\](javascript:b) @\u{2060}everyone \\| \\`c\\` &lt;img src=x onerror=y&gt;\\`";
    assert!(row.ends_with(&format!("| fired; {shown} was made valid |")), "{row}");
    assert!(row.starts_with("| `` type=raw,value=<!-- --> [a](javascript:b) @everyone \\| `c` "), "{row}");
}

#[test]
fn h29_identities_are_what_git_can_write() {
    for (name, email) in [
        ("a\n::error::", "a@b"),
        ("a", "x> <y@z"),
        ("a<", "b"),
        ("", "b"),
        ("a", " "),
        ("a\0", "b"),
        ("a\u{1b}[31m", "b"),
        ("a", "b\r"),
    ] {
        assert!(Identity::new(name, email).is_err(), "{name:?} {email:?}");
    }
    assert!(Identity::new("Zoë O'Neil (QA), \"x\"", "z+q@example.org").is_ok());
}
