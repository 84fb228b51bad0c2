use super::*;

/// Type, scope and whether it breaks; `-` for no conventional commit.
fn said(message: &str) -> String {
    let said = classify(message);
    let scope = said.scope.map_or(String::new(), |scope| format!("({scope})"));
    let bang = if said.breaking.is_some() { "!" } else { "" };
    format!("{}{scope}{bang}", said.kind.as_deref().unwrap_or("-"))
}

#[test]
fn headers() {
    for (message, expected) in [
        ("fix: close the socket", "fix"),
        ("feat(api,cli): share flags", "feat(api,cli)"),
        ("feat(größe): read inches", "feat(größe)"),
        ("feat(): add flag", "feat"),
        ("feat()!: add flag", "feat!"),
        ("feat(f(x)): add flag", "feat(f(x))"),
        ("feat(f(x))!: add flag", "feat(f(x))!"),
        ("feat!: drop v1", "feat!"),
        ("deps(tls)!: move to rustls", "deps(tls)!"),
        ("FIX!: tabs", "fix!"),
        ("fEaT: odd", "feat"),
        ("feat:  two spaces", "feat"),
        ("feat: accept zip   \n\nbody", "feat"),
        ("feat: !drop", "feat"),
        ("\u{feff}feat: after a byte order mark", "feat"),
        ("\n\n  feat: after blank lines", "feat"),
        ("feat: a\r\n\r\nbody\r\n", "feat"),
        ("feat: a\r::add-mask::e", "feat"),
        ("feat: (a): b", "feat"),
        ("docs: see f(x): it says more", "docs"),
        ("docs: say hello!: x", "docs"),
        ("revert: feat: x", "revert"),
        ("revert!: drop x", "revert!"),
        ("prefix: rename", "prefix"),
        ("defeat!: the bug", "defeat!"),
        ("chore: undo feat: zip", "chore"),
        ("feat(a)(b): x", "-"),
        ("feat(a) : x", "-"),
        ("feat[a]: x", "feat[a]"),
        ("(a): x", "-"),
        ("!: x", "-"),
        (": x", "-"),
        ("feat : x", "-"),
        ("fe\u{200d}at: x", "fe\u{200d}at"),
        ("feat: x\rbody", "feat"),
        ("feat: ✨ x", "feat"),
        ("ÄNDERUNG: x", "änderung"),
        ("feat!!: two bangs", "-"),
        ("feat!!!: three", "-"),
        ("feat !: space", "-"),
        ("feat : space", "-"),
        ("feat:no space", "-"),
        ("feat:\ttab", "-"),
        ("feat:\u{a0}no-break space", "-"),
        ("feat：full width", "-"),
        ("feat: ", "-"),
        ("feat:", "-"),
        ("feat; semicolon", "-"),
        ("feat(api: unclosed", "-"),
        ("feat(…)((: x", "-"),
        ("feat)(: x", "-"),
        ("PROJ-12 feat: accept zip", "-"),
        ("[PROJ-12] fix: tabs", "-"),
        (":sparkles: feat: accept zip", "-"),
        ("✨ feat: accept zip", "-"),
        ("BREAKING CHANGE: the old API is gone", "-"),
        ("fixup! feat: accept zip", "-"),
        ("Merge pull request #7 from acme/x\n\nfix: tabs", "-"),
        ("  \n\n ", "-"),
        ("", "-"),
    ] {
        assert_eq!(said(message), expected, "{message:?}");
    }
}

#[test]
fn breaking_footers() {
    for (body, breaks) in [
        ("\n\nBREAKING CHANGE: x", true),
        ("\n\nBREAKING-CHANGE: x", true),
        ("\n\nProse.\n\nBREAKING CHANGE: x", true),
        ("\n \t \nBREAKING CHANGE: x", true),
        ("\n\nReviewed-by: Z\nBREAKING CHANGE: x", true),
        ("\n\nFixes #12\nBREAKING CHANGE: x\nCloses #13", true),
        ("\n\nReviewed-by:\n\nBREAKING CHANGE: x", true),
        ("\n\nBREAKING CHANGE:\nx", true),
        ("\nBody right under the header.\n\nBREAKING CHANGE: x", true),
        ("\r\n\r\nBREAKING CHANGE: x\r\n", true),
        // The specification knows no code fences: what stands where a footer stands is one.
        ("\n\n```\n\nBREAKING CHANGE: x\n```", true),
        ("\n\n```\nBREAKING CHANGE: x\n```", false),
        ("\n\n> BREAKING CHANGE: x", false),
        ("\n\n    BREAKING CHANGE: x", false),
        ("\n\n* BREAKING CHANGE: x", false),
        ("\nBREAKING CHANGE: x", false),
        ("\n\nBREAKING CHANGE:", false),
        ("\n\nBREAKING CHANGE:x", false),
        ("\n\nBREAKING CHANGE #52", false),
        ("\n\nBREAKING CHANGES: many", false),
        ("\n\nBREAKING: x", false),
        ("\n\nbreaking change: x", false),
        ("\n\nBreaking Change: x", false),
        ("\n\nBREAKING change: x", false),
        ("\n\nbreaking-change: x", false),
        ("\n\nbreaking change notes go in the footer", false),
        ("\n\nBREAKING CHANGE x", false),
        ("\n\nBREAKING CHANGE - x", false),
        ("\n\nBREAKING_CHANGE: x", false),
        ("\n\nBREAKING  CHANGE: x", false),
        ("\n\n BREAKING CHANGE: x", false),
        ("\n\nNOT BREAKING CHANGE: x", false),
        ("\n\nhttps://example.com/spec: the reference\n\nBREAKING CHANGE: x", true),
        ("\n\nNote: prose\nthat goes on.\n\nBREAKING CHANGE: x", true),
        ("\n\n# a heading\n\nBREAKING CHANGE: x", true),
        ("\n\nBREAKING CHANGE: x\n\nCo-authored-by: A <a@b.c>", true),
        ("\r\rBREAKING CHANGE: x", true),
        ("\n\nProse\nBREAKING CHANGE: wrapped prose", false),
        ("\n\nA line with BREAKING CHANGE: in it.", false),
        ("\n\n> ### ⚠ BREAKING CHANGES\n>\n> * x", false),
    ] {
        assert_eq!(said(&format!("fix: dates{body}")), if breaks { "fix!" } else { "fix" }, "{body:?}");
    }
}

#[test]
fn what_was_almost_written_is_told() {
    for (message, doubtful) in [
        ("fix: x\nBREAKING CHANGE: y", true),
        ("fix: x\n\n* BREAKING CHANGE: y", true),
        ("fix: x\n\nBREAKING CHANGE #52", true),
        ("fix: x\n\nBREAKING CHANGE:", true),
        ("BREAKING CHANGE: y", true),
        ("Merge pull request #9\n\nBREAKING CHANGE: v1 is gone", true),
        ("fix!: x\nBREAKING CHANGE: y", false),
        ("docs: x\n\n    BREAKING CHANGE: y", false),
        ("docs: x\n\nsays BREAKING CHANGE: y", false),
    ] {
        assert_eq!(classify(message).doubt.is_some(), doubtful, "{message:?}");
    }
}

#[test]
fn the_description_of_what_breaks_is_kept() {
    let said = classify("fix(api): dates\n\nBREAKING CHANGE: two-digit years\nare refused\n\nMore.");
    assert_eq!(said.breaking.as_deref(), Some("two-digit years are refused"));
    assert_eq!(said.description, "dates");
    assert_eq!(classify("feat!: drop v1").breaking.as_deref(), Some("drop v1"));
}

#[test]
fn reverts_name_what_they_take_back() {
    let id = "0123456789abcdef0123456789abcdef01234567";
    for (message, expected) in [
        (format!("Revert \"feat: x\"\n\nThis reverts commit {id}.\n"), id),
        (format!("Reapply \"feat: x\"\n\nThis reverts commit {id}."), id),
        (format!("revert: feat: x\n\nThis reverts commit {id}, reversing\nchanges made to {id}."), id),
        (format!("Revert!: feat: x\r\n\r\nThis reverts commit {id}.\r\n"), id),
        ("Revert \"x\"\n\nThis reverts commits 676104e,\na215868 and\nb215868.".into(), "676104e a215868 b215868"),
        ("revert: noodles\n\nRefs: 676104e, a215868".into(), "676104e a215868"),
        ("revert: noodles\n\nThis reverts commit 676104e.\nThis reverts commit a215868.".into(), "676104e a215868"),
        ("Revert \"feat: x (#12)\" (#13)\n\nReverts acme/shop#12".into(), "#12"),
        ("Revert \"feat: x\"\n\nThis reverts merge request !12".into(), "#12"),
        ("Merge pull request #13 from acme/revert-12-x\n\nRevert \"feat: x\"\n\nReverts acme/shop#12".into(), "#12"),
        ("Revert \"feat: x (#12)\" (#13)".into(), "#12"),
        ("Revert \"Revert \"feat: x (#12)\" (#13)\" (#14)".into(), "#13"),
        ("Reapply \"feat: x (#12)\" (#14)".into(), ""),
        ("Revert \"x\"\n\nReverts the whole of acme/shop#12".into(), ""),
        ("Revert \"x\"\n\nThis reverts commit 67610.".into(), ""),
        ("fix: x\n\nRefs: 676104e".into(), ""),
        ("Revert \"x\"\n\nRefs: 676104e".into(), ""),
        (format!("docs: x\n\nThis reverts commit {id}."), ""),
        (format!("Revert \"x\"\n\n> This reverts commit {id}."), ""),
        ("Revert \"x\"".into(), ""),
    ] {
        let found: Vec<String> = read(&message).reverts.iter().map(ToString::to_string).collect();
        assert_eq!(found.join(" "), expected, "{message:?}");
    }
    assert_eq!(reapplied("Reapply \"feat: x\""), Some("feat: x"));
    assert_eq!(reapplied("Reapply \"feat: x\" (#14)"), Some("feat: x"));
    assert_eq!(reapplied("Reapply \"feat: say \"x\"\""), Some("feat: say \"x\""));
    assert_eq!(reapplied("Revert \"Revert \"feat: x\"\""), Some("feat: x"));
    assert_eq!(reapplied("Revert \"feat: x\""), None);
}

#[test]
fn what_the_specification_forbids_is_named() {
    for (message, words) in [
        ("feat(): x", "the scope is empty"),
        ("feat(f(x)): y", "parentheses"),
        ("feat:  x", "more than one space"),
        (" feat: x", "before the type"),
        ("\u{feff}feat: x", "before the type"),
        ("feat: x\nbody", "no blank line"),
        ("fix: x\nBREAKING CHANGE: y", "no blank line"),
        ("fix: x\n\nBREAKING CHANGE:", "says nothing"),
    ] {
        let lenient = classify(message);
        assert!(lenient.kind.is_some() && lenient.fault.is_some_and(|fault| fault.contains(words)), "{lenient:?}");
        let strict = lenient.strict();
        assert!(strict.kind.is_none() && strict.breaking.is_none() && strict.reason.contains(words), "{strict:?}");
    }
    for message in [
        "feat: x",
        "feat(a b)!: x",
        "FEAT: x\r\n\r\nbody\r\n",
        "feat: x\n \t \nbody",
        "feat: x\n\n\nbody",
        "feat: x   ",
        "fix: x\n\nbreaking change: y",
        "größe: x",
    ] {
        assert_eq!(classify(message).fault, None, "{message:?}");
    }
}

#[test]
fn messages_in_messages() {
    for (message, expected, pull_request) in [
        ("Merge pull request #7 from acme/x\n\nfix: tabs\n\nBREAKING CHANGE: y", "fix!", Some(7)),
        ("Merge pull request #7 from acme/x\n\nTabs", "", Some(7)),
        ("Merge branch 'x' into 'main'\n\nfeat: zip\n\nSee merge request acme/shop!41", "feat", Some(41)),
        ("Merged PR 12: feat: zip\n\nBody.", "feat", Some(12)),
        ("Merged in x (pull request #12)\n\nfeat: zip\n\n* fix: a", "feat", Some(12)),
        ("Merged in x (pull request #12)\n\n* fix: a\n\n* feat: b", "fix feat", Some(12)),
        ("Accept zip (#126)\n\n* feat: accept zip\n\n* fix: names", "feat fix", Some(126)),
        ("feat: a list\n\n* fix: of details", "", None),
    ] {
        let read = read(message);
        let shown = |part: &Classification| {
            format!("{}{}", part.kind.as_deref().unwrap_or_default(), if part.breaking.is_some() { "!" } else { "" })
        };
        let parts: Vec<String> = read.parts.iter().map(shown).collect();
        assert_eq!((parts.join(" ").as_str(), read.pull_request), (expected, pull_request), "{message:?}");
    }
}

/// Texts of the pieces that mean something, in an order that is the same in every run.
fn soup(seed: u64) -> String {
    const PIECES: [&str; 26] = [
        "feat",
        "fix",
        "(",
        ")",
        "!",
        ":",
        " ",
        "\n",
        "\r\n",
        "\n\n",
        "* ",
        "BREAKING CHANGE: ",
        "Revert \"",
        "\"",
        "(#12)",
        "This reverts commit ",
        "0123456",
        "Refs: ",
        "Merge pull request #7 from a/b",
        "Merged PR 12: ",
        "é",
        "\u{feff}",
        "Reapply \"",
        "---------",
        "Merge branch '",
        "\u{202e}",
    ];
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap()
    };
    (0..next() % 24).map(|_| PIECES[next() % PIECES.len()]).collect()
}

#[test]
fn no_message_is_too_odd() {
    for seed in 0..30_000 {
        let message = soup(seed);
        let read = read(&message);
        for said in read.parts.iter().chain([&read.said]) {
            assert!(said.kind.is_some() || said.breaking.is_none(), "{message:?}: nothing breaks without a header");
            assert!(
                said.kind.as_ref().is_none_or(|kind| !kind.is_empty() && *kind == kind.to_lowercase()),
                "{message:?}"
            );
        }
    }
    assert!(read("Merged PR 1: é \nbody").parts.is_empty());
}

#[test]
fn slips_are_pointed_at() {
    for (message, meant) in
        [("feta: x", Some("feat")), ("fxi: x", Some("fix")), ("feature: x", None), ("deps: x", None), ("docs: x", None)]
    {
        let reason = classify(message).reason;
        let pointed = reason.split('`').nth(1);
        assert_eq!(pointed, meant, "{message}: {reason}");
    }
}

#[test]
#[expect(clippy::disallowed_types, reason = "a test may look at the clock")]
fn five_megabytes_are_read_in_linear_time() {
    for (start, filling) in [
        ("fix: a\n\n", "line of prose\n"),
        ("fix: a\n\n", "Reviewed-by: Z\n"),
        ("fix: a\n\nBREAKING CHANGE: b\n", "and on\n"),
        ("fix: a\n\n", "BREAKING CHANGE:\n\n"),
        ("feat(", "(("),
        ("feat(", "): "),
        ("feat: ", "#"),
        ("fix: a (#1)\n\n", "* feat: b\n\n"),
        ("fix: a (#1)\n\n* fix: b\n", "* Revert \"fix: c\"\n"),
        ("Revert \"a\"\n\n", "This reverts commits 0123456 and 0123456\n"),
        ("revert: a\n\nRefs: ", "0123456, "),
        ("Merge branch '", "x'"),
        ("fix: a\r\n", "\r\n"),
    ] {
        let message = format!("{start}{}", filling.repeat(5_120_000 / filling.len()));
        let clock = std::time::Instant::now();
        drop(read(&message));
        // Linear is below a second. Quadratic would be minutes at the least, with 100,000 lines of 50 bytes or more.
        assert!(clock.elapsed().as_secs() < 10, "{start:?} {filling:?}: {:?}", clock.elapsed());
    }
}

#[test]
fn long_messages_are_read_whole() {
    let prose = "line of prose that says little\n".repeat(160_000);
    assert_eq!(said(&format!("fix: dates\n\n{prose}\nBREAKING CHANGE: years")), "fix!");
    let footers = "Reviewed-by: Z\n".repeat(100_000);
    assert_eq!(said(&format!("fix: dates\n\n{footers}BREAKING CHANGE: years")), "fix!");
    let breaking = "BREAKING CHANGE: x\n".repeat(100_000);
    assert_eq!(said(&format!("fix: dates\n\n{breaking}")), "fix!");
    let continued = format!("fix: dates\n\nBREAKING CHANGE: {}", "x\n".repeat(1_000_000));
    assert!(classify(&continued).breaking.unwrap().len() < 1000);
    for filling in ["x", "(", ")", "#", "*", "\r", " ", ": "] {
        for before in ["feat: ", "feat(", "fix: x\n\n", ""] {
            let said = classify(&format!("{before}{}", filling.repeat(1_000_000)));
            assert!(said.description.len() < 2000, "{before:?} {filling:?}");
        }
    }
}
