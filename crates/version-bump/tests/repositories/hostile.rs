//! Names and messages that somebody made to do harm, by their numbers in the project's list of hostile inputs.

use testbed::{ActionRun, Repository};

use crate::support::{answer, released, run, told};

/// Makes refs that git's own commands would refuse or misread on their command line.
fn refs(repository: &Repository, names: &[&str], target: &str) {
    for name in names {
        repository.git(&["update-ref", name, target]);
    }
}

/// No line of the log is a command of the runner but our own annotations.
fn assert_log_is_safe(run: &ActionRun) {
    for line in run.stdout.split(['\n', '\r']) {
        let ours = ["::notice::", "::warning::", "::error::"].iter().any(|command| line.starts_with(command));
        assert!(ours || !line.trim_start().starts_with("::"), "{line:?}");
        assert!(!line.contains("##["), "{line:?}");
        assert!(!line.chars().any(|c| (c.is_control() && c != '\t') || c == '\u{202e}'), "{line:?}");
    }
}

#[test]
fn h01_h05_h10_h11_tags_that_are_no_versions() {
    let repository = released();
    let names = [
        "refs/tags/--output=pwned",
        "refs/tags/v1.0.0;id",
        "refs/tags/v1`id`",
        "refs/tags/v1$(id)",
        "refs/tags/v9.0.0|id",
        "refs/tags/v9.0.0\u{202e}",
        "refs/tags/v9․2․3",
        "refs/tags/v99999999999999999999.0.0",
    ];
    refs(&repository, &names, "HEAD");
    repository.commit("fix: a");
    let run = run(&repository, &[]);
    assert_eq!(told(&run), "1.4.3 patch false");
    assert_log_is_safe(&run);
    assert!(run.stdout.contains("::warning::the tag `v99999999999999999999.0.0` is ignored"), "{}", run.stdout);
    let json: serde_json::Value = serde_json::from_str(run.output("json")).expect("JSON");
    let ignored = json["plan"]["ignored-tags"].as_array().expect("a list");
    assert!(ignored.iter().any(|name| name == "v1`id`") && ignored.iter().any(|name| name == "v9.0.0\u{202e}"));
    assert!(!repository.path().join("pwned").exists());
}

#[test]
fn h06_h07_h08_h17_names_that_mean_something_else() {
    let repository = released();
    let wrong = repository.commit("feat!: elsewhere");
    repository.git(&["checkout", "--quiet", "-b", "zzz\";echo${IFS}\"hello\";#", "v1.4.2"]);
    let right = repository.commit("fix: a");
    let names = ["refs/heads/HEAD", "refs/tags/HEAD", "refs/tags/@", "refs/heads/v1.4.2", "refs/heads/tags/v1.4.2"];
    refs(&repository, &names, &wrong);
    refs(&repository, &[&format!("refs/heads/{right}"), &format!("refs/tags/{right}")], &wrong);
    assert_eq!(answer(&repository, &[]), "1.4.3 patch false");
}

#[test]
fn h09_h13_prefixes_that_no_tag_can_have() {
    let repository = released();
    for prefix in ["v1..", "a/../b", "v 1", "v1^{}", "v1~", "v1:path", "@{u}", "v*", "v[0-9]", "--all", "\u{7f}"] {
        let run = run(&repository, &[("tag-prefix", prefix)]);
        assert_eq!(run.code, 2, "{prefix:?}");
        assert_log_is_safe(&run);
    }
}

#[test]
fn h12_prefixes_are_literal() {
    let repository = Repository::new();
    repository.commit("chore: init");
    refs(&repository, &["refs/tags/api/v1.0.0", "refs/tags/apix/v9.0.0", "refs/tags/v9.0.0"], "HEAD");
    repository.commit("fix: a");
    assert_eq!(answer(&repository, &[("tag-prefix", "api/")]), "1.0.1 patch false");
    refs(&repository, &["refs/tags/a.c1.0.0", "refs/tags/abc9.0.0"], "HEAD~1");
    assert_eq!(answer(&repository, &[("tag-prefix", "a.c")]), "1.0.1 patch false");
}

#[test]
fn h15_tags_of_trees_blobs_and_tags() {
    let repository = released();
    repository.git(&["tag", "--annotate", "-m", "x", "v7.0.0", "HEAD^{tree}"]);
    let blob = repository.write("blob", "x");
    let blob = repository.git(&["hash-object", "-w", blob.to_str().expect("UTF-8")]);
    repository.git(&["tag", "v8.0.0", &blob]);
    repository.annotated_tag("nested-0", "x");
    for depth in 1..50 {
        repository.git(&["tag", "--annotate", "-m", "x", &format!("nested-{depth}"), &format!("nested-{}", depth - 1)]);
    }
    repository.git(&["tag", "--annotate", "-m", "x", "v1.6.0", "nested-49"]);
    repository.commit("fix: a");
    assert_eq!(answer(&repository, &[]), "1.6.1 patch false");
}

#[test]
fn h18_replaced_and_grafted_commits_are_seen_as_they_are() {
    let repository = released();
    let truth = repository.commit("fix: the truth");
    let lie = repository.git(&["commit-tree", "-m", "feat!: a lie", "-p", "HEAD~1", "HEAD^{tree}"]);
    repository.git(&["replace", &truth, &lie]);
    assert_eq!(answer(&repository, &[]), "1.4.3 patch false");
    repository.git(&["replace", "--delete", &truth]);
    repository.write(".git/info/grafts", format!("{truth}\n"));
    assert_eq!(answer(&repository, &[]), "1.4.3 patch false");
}

#[test]
fn h21_h22_h23_messages_with_commands_of_the_runner() {
    let repository = released();
    let messages = [
        &b"feat: x\r::add-mask::e\n"[..],
        b"fix: y ##[set-output name=version;]9.9.9\n",
        b"fix: z\n\n::stop-commands::x\n::error::no\n::debug::no\n",
        b"fix: \x1b[31mred \xe2\x80\xae\n",
        b"::error::no\n",
        b"fix: dates\nBREAKING CHANGE: ::warning::no\n",
    ];
    messages.iter().for_each(|message| drop(repository.commit_exactly(message)));
    let run = run(&repository, &[]);
    assert_eq!(told(&run), "1.5.0 minor false");
    assert_log_is_safe(&run);
    let usual = crate::support::run(&released(), &[]);
    assert!(run.outputs.keys().eq(usual.outputs.keys()), "{:?}", run.outputs.keys());
}

#[test]
fn h24_breaking_changes_that_are_only_quoted() {
    for (message, expected) in [
        ("docs: x\n\n```\n\nBREAKING CHANGE: y\n```", "2.0.0 major false"),
        ("docs: x\n\n```\nBREAKING CHANGE: y\n```", "1.4.2 none false"),
        ("Revert \"feat!: x\"\n\n> BREAKING CHANGE: y", "1.4.2 none false"),
    ] {
        let repository = released();
        repository.commit_exactly(message.as_bytes());
        assert_eq!(answer(&repository, &[]), expected, "{message:?}");
    }
}

#[test]
fn h25_huge_messages() {
    let repository = released();
    repository.commit_exactly(format!("fix: a\n\n{}", "x".repeat(5_000_000)).as_bytes());
    repository.commit_exactly(format!("fix: b\n\n{}", "Reviewed-by: Z\n".repeat(100_000)).as_bytes());
    repository.commit_exactly(format!("fix: {}", "c".repeat(1_000_000)).as_bytes());
    let last = format!("fix: d\n\n{}\nBREAKING CHANGE: e\n", "line of prose\n".repeat(400_000));
    repository.commit_exactly(last.as_bytes());
    let run = run(&repository, &[]);
    assert_eq!(told(&run), "2.0.0 major false");
    assert!(run.summary.len() < 10_000 && run.output("json").len() < 20_000);
}

#[test]
fn h26_messages_that_are_not_utf_8() {
    let repository = released();
    repository.commit_exactly(b"fix: gr\xf6\xdfe\n\nBREAKING CHANGE: \xff\xfe\n");
    assert_eq!(answer(&repository, &[]), "2.0.0 major false");
    let utf_16: Vec<u8> = "feat: wide\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let repository = released();
    repository.commit_exactly(&utf_16);
    assert_eq!(answer(&repository, &[]), "1.4.2 none false");
    let repository = released();
    repository.git(&["-c", "i18n.commitEncoding=latin1", "commit", "--quiet", "--allow-empty", "-m", "feat: a"]);
    let head = repository.git(&["cat-file", "commit", "HEAD"]).replace("feat: a", "");
    repository.commit_object(&[head.trim_end().as_bytes(), b"\n\nfeat: gr\xf6\xdfe\n"].concat());
    let run = run(&repository, &[]);
    assert_eq!(told(&run), "1.5.0 minor false");
    assert!(run.output("notes").contains("größe"), "{}", run.output("notes"));
}

#[test]
fn h27_markup_in_subjects() {
    let repository = released();
    repository.commit("feat(a|b): <!-- x --> [a](javascript:b) @everyone | `c` <script>");
    let run = run(&repository, &[]);
    assert_eq!(told(&run), "1.5.0 minor false");
    for text in [&run.summary, run.output("notes")] {
        assert!(
            !text.contains("<!--") && !text.contains("<script>") && !text.replace("\\]", "").contains("]("),
            "{text}"
        );
        // In code, nobody is notified.
        assert!(!text.replace("`@everyone`", "").contains("@everyone"), "{text}");
    }
    let rows: Vec<&str> = run.summary.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].replace("\\|", "").matches('|').count(), 6, "{}", rows[0]);
}

#[test]
fn h28_h30_odd_headers_merges_and_empty_messages() {
    let repository = released();
    for message in ["feat!!!: a", "feat(…)((: b", "feat：c", "", " \n\n ", "\u{feff}"] {
        repository.commit_exactly(message.as_bytes());
    }
    assert_eq!(answer(&repository, &[]), "1.4.2 none false");
    let tree = repository.git(&["rev-parse", "HEAD^{tree}"]);
    let head = repository.head();
    let parents: Vec<String> = (0..65)
        .map(|place| repository.git(&["commit-tree", "-p", &head, "-m", &format!("fix: {place}"), &tree]))
        .collect();
    let mut merge = vec!["commit-tree", "-p", &head];
    parents.iter().for_each(|id| merge.extend(["-p", id]));
    merge.extend(["-m", "Merge 65 branches", &tree]);
    let merge = repository.git(&merge);
    repository.git(&["update-ref", "HEAD", &merge]);
    let run = run(&repository, &[]);
    assert_eq!((told(&run).as_str(), run.output("commit-count")), ("1.4.3 patch false", "72"));
}

#[test]
fn h29_authors_that_break_lines() {
    let repository = released();
    let parent = repository.head();
    let tree = repository.git(&["rev-parse", "HEAD^{tree}"]);
    for who in ["a\n::error::b <x> <y@z> 1767225600 +0000", "<<>> 99999999999999999999 +9999", ""] {
        repository.git(&["update-ref", "HEAD", &parent]);
        let object = format!("tree {tree}\nparent {parent}\nauthor {who}\ncommitter {who}\n\nfix: a\n");
        repository.commit_object(object.as_bytes());
        let run = run(&repository, &[]);
        assert_eq!(told(&run), "1.4.3 patch false", "{who:?}");
        assert_log_is_safe(&run);
    }
}

#[test]
fn settings_of_the_repository_change_nothing() {
    let repository = released();
    repository.commit_exactly("fix: größe\n".as_bytes());
    for (key, value) in [
        ("log.showSignature", "true"),
        ("log.decorate", "full"),
        ("log.follow", "true"),
        ("log.date", "iso"),
        ("format.pretty", "oneline"),
        ("i18n.logOutputEncoding", "latin1"),
        ("core.pager", "touch pwned; cat"),
        ("core.fsmonitor", "touch pwned"),
        ("core.hooksPath", "hooks"),
        ("diff.external", "touch pwned"),
        ("color.ui", "always"),
        ("tag.sort", "-version:refname"),
        ("core.abbrev", "4"),
        ("tag.gpgSign", "true"),
    ] {
        repository.git(&["config", key, value]);
    }
    assert_eq!(answer(&repository, &[]), "1.4.3 patch false");
    assert!(!repository.path().join("pwned").exists());
}
