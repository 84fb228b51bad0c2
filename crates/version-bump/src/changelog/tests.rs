use super::*;
use crate::decision::decide;
use crate::history::Commit;
use crate::notes::Web;
use crate::rules::Rules;

const ADDRESS: &str = "https://github.com/acme/shop";

fn decisions(messages: &[&str]) -> Vec<Decision> {
    let commit = |(place, message): (usize, &&str)| {
        Commit::alone(format!("{place:07x}{}", "0".repeat(33)).parse().unwrap(), message.as_bytes())
    };
    decide(&messages.iter().enumerate().map(commit).collect::<Vec<_>>(), &Rules::default())
}

/// A changelog with a release 1.5.0 of these commits, after 1.4.2 and without a web page.
fn plain(old: &str, messages: &[&str]) -> Option<String> {
    with(old, messages, &About { web: None, previous: Some("v1.4.2".into()), tag: Some("v1.5.0".into()) })
}

/// The same on GitHub.
fn linked(old: &str, messages: &[&str]) -> Option<String> {
    with(old, messages, &About { web: Web::new(ADDRESS), previous: Some("v1.4.2".into()), tag: Some("v1.5.0".into()) })
}

fn with(old: &str, messages: &[&str], about: &About) -> Option<String> {
    let version = Version::new(1, 5, 0);
    let decisions = decisions(messages);
    let new = update(
        Some(old).filter(|old| !old.is_empty()),
        &Release { version: &version, date: "2026-11-21", about, decisions: &decisions },
    )?;
    let again = update(Some(&new), &Release { version: &version, date: "2027-01-01", about, decisions: &decisions });
    assert_eq!(again, None, "a section is not written twice:\n{new}");
    Some(new)
}

#[test]
fn a_new_changelog_has_the_layout_of_keep_a_changelog() {
    insta::assert_snapshot!(linked("", &["feat(api): zip (#12)", "fix: a", "perf: b", "docs: c", "feat!: d"]).unwrap(), @r"
    # Changelog

    What changed for users, in the layout of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/).
    Versions follow [Semantic Versioning](https://semver.org/spec/v2.0.0.html).

    ## [Unreleased]

    ## [1.5.0] - 2026-11-21

    ### Added

    - **Breaking:** d ([0000004](https://github.com/acme/shop/commit/0000004000000000000000000000000000000000))
    - **api:** zip ([#12](https://github.com/acme/shop/pull/12), [0000000](https://github.com/acme/shop/commit/0000000000000000000000000000000000000000))

    ### Changed

    - b ([0000002](https://github.com/acme/shop/commit/0000002000000000000000000000000000000000))

    ### Fixed

    - a ([0000001](https://github.com/acme/shop/commit/0000001000000000000000000000000000000000))

    [unreleased]: https://github.com/acme/shop/compare/v1.5.0...HEAD
    [1.5.0]: https://github.com/acme/shop/compare/v1.4.2...v1.5.0
    ");
    let first = About { web: Web::new(ADDRESS), previous: None, tag: Some("v1.5.0".into()) };
    let first = with("", &["feat: a"], &first).unwrap();
    assert!(first.ends_with("[1.5.0]: https://github.com/acme/shop/releases/tag/v1.5.0\n"), "{first}");
}

#[test]
fn what_is_written_by_hand_moves_into_the_section() {
    let old = "# Changelog\n\n## [Unreleased]\n\nA word before.\n\n### Added\n\n- Zip, by hand (#12)\n\n### Removed\n\n\
               ### Fixed\n\n* Rounding\n\n## [1.4.2] - 2026-10-01\n\n### Fixed\n\n- old\n\n\
               [unreleased]: https://github.com/acme/shop/compare/v1.4.2...HEAD\n\
               [1.4.2]: https://github.com/acme/shop/compare/v1.4.1...v1.4.2\n";
    insta::assert_snapshot!(linked(old, &["feat: zip archives (#12)", "feat: tar (#123)", "fix: rounding", "fix: dates", "perf: c"]).unwrap(), @r"
    # Changelog

    ## [Unreleased]

    ## [1.5.0] - 2026-11-21

    A word before.

    ### Added

    - Zip, by hand (#12)
    - tar ([#123](https://github.com/acme/shop/pull/123), [0000001](https://github.com/acme/shop/commit/0000001000000000000000000000000000000000))

    ### Fixed

    * Rounding
    - dates ([0000003](https://github.com/acme/shop/commit/0000003000000000000000000000000000000000))

    ### Changed

    - c ([0000004](https://github.com/acme/shop/commit/0000004000000000000000000000000000000000))

    ## [1.4.2] - 2026-10-01

    ### Fixed

    - old

    [unreleased]: https://github.com/acme/shop/compare/v1.5.0...HEAD
    [1.5.0]: https://github.com/acme/shop/compare/v1.4.2...v1.5.0
    [1.4.2]: https://github.com/acme/shop/compare/v1.4.1...v1.4.2
    ");
}

#[test]
fn the_style_of_the_newest_release_is_kept() {
    let section = |old: &str| {
        let new = linked(old, &["feat: a"]).unwrap();
        let id = "0".repeat(40);
        let entry = format!("a ([0000000]({ADDRESS}/commit/{id}))");
        let at = new.find(&entry).unwrap_or_else(|| panic!("{new}"));
        let start = new[..at].rfind("1.5.0").unwrap();
        let start = new[..start].rfind("\n\n").map_or(0, |start| start + 2);
        new[start..at].to_owned()
    };
    for (old, expected) in [
        ("## v1.4.2\n\n* x\n", "## v1.5.0\n\n### Added\n\n* "),
        ("Log\n===\n\n1.4.2 (2026-01-01)\n-----\n\n- x\n", "1.5.0 (2026-11-21)\n------------------\n\n### Added\n\n- "),
        ("# 1.4.2 / 2026-01-01\n\n## Features\n\n+ x\n", "# 1.5.0 / 2026-11-21\n\n## Features\n\n+ "),
        ("## 1.4.2 - first of May\n", "## 1.5.0 - 2026-11-21\n\n### Added\n\n- "),
        (
            "## [1.4.2](https://git.example/a/b/compare/v1.4.1...v1.4.2) (2026-01-01)\n\n### Bug Fixes\n",
            "## [1.5.0](https://git.example/a/b/compare/v1.4.2...v1.5.0) (2026-11-21)\n\n### Added\n\n- ",
        ),
        ("### [1.4.2]\n\n## [1.4.0]\n", "## [1.5.0]\n\n### Added\n\n- "),
    ] {
        assert_eq!(section(old), expected, "{old}");
    }
}

#[test]
fn every_other_byte_stays() {
    for (old, new) in [
        // Windows line breaks, a byte order mark, and no line break at the end.
        (
            "\u{feff}# Log\r\n\r\n## 1.4.2\r\n\r\n- x  \r\n\t\r\n## 1.4.1",
            "\u{feff}# Log\r\n\r\n## 1.5.0\r\n\r\n### Added\r\n\r\n- a (0000000)\r\n\r\n## 1.4.2\r\n\r\n- x  \r\n\t\r\n## 1.4.1",
        ),
        ("# Log\n\n## Unreleased", "# Log\n\n## Unreleased\n\n## 1.5.0 - 2026-11-21\n\n### Added\n\n- a (0000000)"),
        ("## Unreleased\n## 1.4.2\n", "## Unreleased\n\n## 1.5.0\n\n### Added\n\n- a (0000000)\n\n## 1.4.2\n"),
        ("# Log\n", "# Log\n\n## 1.5.0 - 2026-11-21\n\n### Added\n\n- a (0000000)\n"),
        (
            "# Log\n\n<a name=\"1.4.2\"></a>\n## 1.4.2\n",
            "# Log\n\n## 1.5.0\n\n### Added\n\n- a (0000000)\n\n<a name=\"1.4.2\"></a>\n## 1.4.2\n",
        ),
        (
            "# Log\n\n```\n## 9.9.9\n```\n\n## 1.4.2\n",
            "# Log\n\n```\n## 9.9.9\n```\n\n## 1.5.0\n\n### Added\n\n- a (0000000)\n\n## 1.4.2\n",
        ),
        // Brackets without addresses stay without.
        (
            "## [1.4.2] - 2026-01-01\n",
            "## [1.5.0] - 2026-11-21\n\n### Added\n\n- a (0000000)\n\n## [1.4.2] - 2026-01-01\n",
        ),
    ] {
        assert_eq!(plain(old, &["feat: a"]).as_deref(), Some(new), "{old:?}");
    }
}

#[test]
fn addresses_follow_those_that_are_there() {
    let end = |old: &str| {
        let new = linked(&format!("## [Unreleased]\n\n## [1.4.2]\n\n{old}"), &["feat: a"]).unwrap();
        new[new.find("## [1.4.2]\n\n").unwrap() + 12..].to_owned()
    };
    for (old, new) in [
        (
            "[Unreleased]: https://gitlab.example/a/b/-/compare/v1.4.2...main\r\n[1.4.2]: x\n",
            "[Unreleased]: https://gitlab.example/a/b/-/compare/v1.5.0...main\n\
             [1.5.0]: https://gitlab.example/a/b/-/compare/v1.4.2...v1.5.0\r\n[1.4.2]: x\n",
        ),
        ("[1.4.2]: x\n", "[1.5.0]: https://github.com/acme/shop/compare/v1.4.2...v1.5.0\n[1.4.2]: x\n"),
        (
            "[1.4.2]: x\n[unreleased]: https://github.com/acme/shop/compare/v1.4.2...HEAD",
            "[1.4.2]: x\n[unreleased]: https://github.com/acme/shop/compare/v1.5.0...HEAD\n\
             [1.5.0]: https://github.com/acme/shop/compare/v1.4.2...v1.5.0",
        ),
        ("", ""),
    ] {
        assert_eq!(end(old), new, "{old}");
    }
    let old = "## [Unreleased](https://git.example/a/b/compare/v1.4.2...HEAD)\n\n## [1.4.2](https://git.example/a/b/compare/v1.4.1...v1.4.2)\n";
    let new = linked(old, &["feat: a"]).unwrap();
    assert!(new.starts_with("## [Unreleased](https://git.example/a/b/compare/v1.5.0...HEAD)\n\n## [1.5.0](https://git.example/a/b/compare/v1.4.2...v1.5.0)\n"), "{new}");
}

#[test]
fn a_version_that_is_there_is_not_written_again() {
    for old in ["## 1.5.0\n", "## [v1.5.0] - 2026\n", "1.5.0\n-----\n", "# Log\n\n### [1.5.0](x) (y)\n"] {
        assert_eq!(plain(old, &["feat: a"]), None, "{old}");
    }
}

#[test]
fn a_release_without_notable_changes_lists_what_there_is() {
    assert_eq!(
        plain("## 1.4.2\n", &["chore: a", "docs: b"]).unwrap(),
        "## 1.5.0\n\n### Changed\n\n- a (0000000)\n- b (0000001)\n\n## 1.4.2\n"
    );
    assert_eq!(plain("## 1.4.2\n", &[]).unwrap(), "## 1.5.0\n\n## 1.4.2\n");
}

#[test]
fn hostile_texts_do_no_harm() {
    let message = format!("feat({0})!: {0}", "#".repeat(500));
    let large = plain("## 1.4.2\n", &vec![message.as_str(); 2000]).unwrap();
    assert!(large.len() < 200_000 && large.contains("- and "), "{}", large.len());
    let hostile = "[".repeat(100_000) + &"\n## [".repeat(50_000) + &"\n<!--".repeat(50_000);
    assert!(plain(&hostile, &["feat: a"]).unwrap().contains("1.5.0"));
    let entry = plain("", &["feat: ## [9.9.9] <!-- @everyone"]).unwrap();
    assert!(entry.contains("- \\## \\[9.9.9\\] &lt;!-- `@everyone` (0000000)"), "{entry}");
}
