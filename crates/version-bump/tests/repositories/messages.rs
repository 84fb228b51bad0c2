//! Reverts, squashed commits and merges, as git and GitHub write them.

use crate::support::{self, answer, commits, released, run, told};

#[test]
fn reverts_take_back_what_they_name() {
    // Messages oldest first; `{n}` is the id of the n-th, `{n7}` its first seven digits.
    for (messages, expected) in [
        (&["feat: a", "Revert \"feat: a\"\n\nThis reverts commit {0}."][..], "1.4.2 none false"),
        (&["feat: a", "Revert \"feat: a\"\n\nThis reverts commit {07}."], "1.4.2 none false"),
        (&["feat!: a", "fix: b", "Revert \"feat!: a\"\n\nThis reverts commit {0}."], "1.4.3 patch false"),
        (&["feat: a", "fix: b", "revert: both\n\nRefs: {07}, {17}"], "1.4.2 none false"),
        (&["feat: a", "fix: b", "Revert two\n\nThis reverts commits {0}"], "1.5.0 minor false"),
        (&["feat: a", "fix: b", "revert: two\n\nThis reverts commits {0} and\n{1}."], "1.4.2 none false"),
        (
            &[
                "feat: a",
                "Revert \"feat: a\"\n\nThis reverts commit {0}.",
                "Reapply \"feat: a\"\n\nThis reverts commit {1}.",
            ],
            "1.5.0 minor false",
        ),
        (
            &[
                "feat: a",
                "Revert \"feat: a\"\n\nThis reverts commit {0}.",
                "Revert \"Revert \"feat: a\"\"\n\nThis reverts commit {1}.",
                "Revert \"Revert \"Revert \"feat: a\"\"\"\n\nThis reverts commit {2}.",
            ],
            "1.4.2 none false",
        ),
        (&["feat: a (#12)", "Revert \"feat: a (#12)\" (#13)\n\nReverts acme/shop#12"], "1.4.2 none false"),
        (
            &[
                "feat: a (#12)",
                "Revert \"feat: a (#12)\" (#13)\n\nReverts acme/shop#12",
                "Reapply \"feat: a (#12)\" (#14)\n\nReverts acme/shop#13",
            ],
            "1.5.0 minor false",
        ),
        (
            &["feat: a", "Revert \"feat: a\"\n\nThis reverts commit 0123456789abcdef0123456789abcdef01234567."],
            "1.5.0 minor false",
        ),
        (&["feat: a", "docs: b\n\nThis reverts commit {0}."], "1.5.0 minor false"),
        // One of several commits that were squashed takes another commit back.
        (
            &["feat: a", "Tidy (#9)\n\n* Revert \"feat: a\"\n\nThis reverts commit {0}.\n\n* fix: b\n"],
            "1.4.3 patch false",
        ),
    ] {
        let repository = released();
        let mut ids: Vec<String> = Vec::new();
        for message in messages {
            let filled = ids.iter().enumerate().fold((*message).to_owned(), |text, (place, id)| {
                text.replace(&format!("{{{place}}}"), id).replace(&format!("{{{place}7}}"), &id[..7])
            });
            ids.push(repository.commit_exactly(filled.as_bytes()));
        }
        assert_eq!(answer(&repository, &[]), expected, "{messages:?}");
    }
}

#[test]
fn a_reverted_pull_request_takes_its_merge_and_all_behind_it() {
    let repository = released();
    repository.branch("zip");
    commits(&repository, &["feat!: zip", "feat: more"]);
    repository.checkout("main");
    commits(&repository, &["fix: tabs"]);
    let title = "Merge pull request #12 from acme/zip";
    repository.git(&["merge", "--quiet", "--no-ff", "-m", title, "-m", "feat: zip", "zip"]);
    assert_eq!(answer(&repository, &[]), "2.0.0 major false");
    let merged = repository.head();
    for message in [
        "Revert \"feat: zip\" (#13)\n\nReverts acme/shop#12".to_owned(),
        format!("Revert \"{title}\"\n\nThis reverts commit {merged}, reversing\nchanges made to {merged}."),
        "Merge pull request #13 from acme/revert-12-zip\n\nRevert \"feat: zip\"\n\nReverts acme/shop#12".to_owned(),
    ] {
        repository.git(&["reset", "--quiet", "--hard", &merged]);
        commits(&repository, &[message.as_str()]);
        assert_eq!(answer(&repository, &[]), "1.4.3 patch false", "{message}");
    }
    let revert = repository.head();
    commits(&repository, &[&format!("Reapply \"x\"\n\nThis reverts commit {revert}.")]);
    assert_eq!(answer(&repository, &[]), "2.0.0 major false");
}

#[test]
fn the_title_of_a_squash_decides_or_else_its_commits() {
    for (message, expected) in [
        ("feat: accept zip (#123)\n\n* fix: typo\n* chore: fmt\n", "1.5.0 minor false"),
        ("fix: typo (#124)\n\n* feat: accept zip\n\n* fix: typo\n", "1.4.3 patch false"),
        (
            "Accept zip (#125)\n\n* wip\n\n* feat: accept zip\n\n---------\n\nCo-authored-by: A <a@b.c>\n",
            "1.5.0 minor false",
        ),
        (
            "Accept zip (#126)\n\n* feat: accept zip\n\n* fix: names\n\nBREAKING CHANGE: names are checked\n",
            "2.0.0 major false",
        ),
        ("docs: zip (#127)\n\n* feat!: accept zip\n", "1.4.2 none false"),
        ("Zip (#127)\n\n* feat!: accept zip\n", "2.0.0 major false"),
        (
            "Zip (#128)\n\n* feat: accept zip\n\n* Revert \"feat: accept zip\"\n\nThis reverts commit 0123456.\n",
            "1.4.2 none false",
        ),
        ("docs: zip\n\n* feat: no pull request\n", "1.4.2 none false"),
        ("docs: zip (#129)\n\nProse first.\n\n* feat: a list in it\n", "1.4.2 none false"),
        ("build(deps): bump lib from 1 to 2 (#130)\n\nBumps lib.\n\n* feat!: of the library\n", "1.4.2 none false"),
    ] {
        let repository = released();
        commits(&repository, &[message]);
        assert_eq!(answer(&repository, &[]), expected, "{message:?}");
    }
    let repository = released();
    commits(&repository, &["Zip (#127)\n\n* feat!: accept zip\n"]);
    let run = run(&repository, &[]);
    assert!(run.output("notes").contains("### Breaking changes\n\n- accept zip"), "{}", run.output("notes"));
    assert!(!run.stdout.contains("::warning::"), "{}", run.stdout);
    let repository = released();
    commits(&repository, &["docs: zip (#127)\n\n* feat!: accept zip\n"]);
    let told = support::run(&repository, &[]).stdout;
    assert!(told.contains("ask for more than its title"), "{told}");
}

#[test]
fn the_title_of_a_merged_pull_request_counts() {
    for (message, expected) in [
        ("Merge pull request #8 from acme/zip\n\nfeat: accept zip\n", "1.5.0 minor false"),
        ("Merge pull request #8 from acme/zip\n\nfeat!: accept zip\n", "2.0.0 major false"),
        ("Merge pull request #8 from acme/zip\n\nAccept zip\n", "1.4.2 none false"),
        ("Merge pull request #9 from acme/drop\n\nBREAKING CHANGE: v1 is gone\n", "1.4.2 none false"),
        ("Merge branch 'zip' into 'main'\n\nfeat: zip\n\nSee merge request acme/shop!41\n", "1.5.0 minor false"),
        ("Merged PR 12: fix: tabs\n\nText.\n", "1.4.3 patch false"),
    ] {
        let repository = released();
        commits(&repository, &["wip", message]);
        assert_eq!(answer(&repository, &[]), expected, "{message:?}");
    }
    let repository = released();
    commits(
        &repository,
        &["wip", "Merge pull request #8 from acme/zip\n\nfeat: accept zip\n\nBREAKING CHANGE: no tar\n"],
    );
    let run = run(&repository, &[]);
    assert_eq!(told(&run), "2.0.0 major false");
    assert!(run.output("notes").contains("no tar") && !run.stdout.contains("::warning::"), "{}", run.stdout);
}

#[test]
fn commits_that_wait_to_be_squashed_are_told_and_do_not_count() {
    for mark in ["fixup", "squash", "amend"] {
        let repository = released();
        commits(&repository, &[&format!("{mark}! feat: zip")]);
        let run = run(&repository, &[]);
        assert_eq!(told(&run), "1.4.2 none false");
        assert!(run.summary.contains("waits to be squashed"), "{}", run.summary);
    }
}
