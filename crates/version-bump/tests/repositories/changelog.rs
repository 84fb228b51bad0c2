//! Notes and the changelog, on real repositories.

use serde_json::Value;
use testbed::{ActionRun, Runner, run_action};

use crate::support::{error_kind, released, run, told};

fn changed(run: &ActionRun) -> Vec<String> {
    assert_eq!(run.code, 0, "{}\n{}", run.stdout, run.stderr);
    let json: Value = serde_json::from_str(run.output("json")).expect("JSON");
    let changes = json["plan"]["changes"].as_array().expect("a list");
    let is_new = |change: &Value| if change["old"].is_null() { " (new)" } else { "" };
    changes.iter().map(|change| format!("{}{}", change["path"].as_str().unwrap_or_default(), is_new(change))).collect()
}

#[test]
fn a_changelog_is_kept_where_there_is_one() {
    let repository = released();
    repository.commit("feat: zip");
    assert!(changed(&run(&repository, &[])).is_empty());
    assert_eq!(changed(&run(&repository, &[("changelog", "docs/changes.md")])), ["docs/changes.md (new)"]);
    repository
        .commit_files("docs: begin", &[("CHANGELOG.md", "# Log\n"), ("old.md", "## 1.5.0\n"), ("latin.md", "# x\n")]);
    let plan = run(&repository, &[]);
    assert_eq!(changed(&plan), ["CHANGELOG.md"]);
    assert!(plan.summary.contains("| `CHANGELOG.md` |  |  | new section |"), "{}", plan.summary);
    assert!(changed(&run(&repository, &[("changelog", "none")])).is_empty());
    assert!(changed(&run(&repository, &[("changelog", "old.md")])).is_empty(), "it has the version already");
}

#[test]
fn a_changelog_that_cannot_be_edited_is_an_error() {
    let repository = released();
    repository.write("latin.md", b"# gr\xf6\xdfe\n");
    repository.git(&["add", "."]);
    repository.commit("feat: latin");
    for (path, kind) in [
        ("latin.md", "unreadable-file"),
        ("../x.md", "forbidden-path"),
        (".github/workflows/x.md", "forbidden-path"),
        ("/etc/x.md", "forbidden-path"),
    ] {
        let run = run(&repository, &[("changelog", path)]);
        assert_eq!((run.code, error_kind(&run).as_str()), (2, kind), "{path}: {}", run.stdout);
    }
}

#[test]
fn notes_name_people_and_never_their_addresses() {
    let repository = released();
    repository.commit_exactly(b"feat: zip (#12)\n\nCo-authored-by: Bob B. <7+bob@users.noreply.github.com>\nCo-authored-by: Eve <eve@secret.example>\n");
    let variables = [("GITHUB_EVENT_NAME", "push"), ("GITHUB_REPOSITORY", "acme/shop")];
    let plan = run_action(Runner::Native, "version-bump", &[], &variables, repository.path());
    let notes = plan.output("notes");
    assert!(notes.contains("**Contributors**: Ada Author, [@bob](https://github.com/bob), Eve\n"), "{notes}");
    let head = repository.head();
    let entry = format!(
        "- zip ([#12](https://github.com/acme/shop/pull/12), [{}](https://github.com/acme/shop/commit/{head}))",
        &head[..7]
    );
    assert!(notes.contains(&entry), "{notes}");
    assert!(
        notes
            .ends_with("**Full changelog**: [v1.4.2...v1.5.0](https://github.com/acme/shop/compare/v1.4.2...v1.5.0)\n"),
        "{notes}"
    );
    for text in [notes, plan.output("json"), &plan.summary] {
        assert!(!text.contains("ada@example") && !text.contains("eve@") && !text.contains("secret"), "{text}");
    }
}

#[test]
fn what_users_do_not_notice_is_counted() {
    let repository = released();
    for message in ["fix: a", "chore: b", "ci: c", "chore(deps): d", "docs: e"] {
        repository.commit(message);
    }
    let plan = run(&repository, &[]);
    assert_eq!(told(&plan), "1.4.3 patch false");
    let notes = plan.output("notes");
    assert!(notes.contains("\nNot listed: 3 changes (2 chore, 1 ci).\n") && !notes.contains("- b ("), "{notes}");
}
