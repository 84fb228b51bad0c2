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
fn reverts_name_their_commit() {
    let id = "0123456789abcdef0123456789abcdef01234567";
    for (message, expected) in [
        (format!("Revert \"feat: x\"\n\nThis reverts commit {id}.\n"), Some(id)),
        (format!("Reapply \"feat: x\"\n\nThis reverts commit {id}."), Some(id)),
        (format!("revert: feat: x\n\nThis reverts commit {id}, reversing\nchanges made to {id}."), Some(id)),
        (format!("docs: x\n\nThis reverts commit {id}."), None),
        (format!("Revert \"x\"\n\n> This reverts commit {id}."), None),
        ("Revert \"x\"".into(), None),
    ] {
        assert_eq!(reverted(&message, &classify(&message)), expected, "{message:?}");
    }
    assert_eq!(reapplied("Reapply \"feat: x\""), Some("feat: x"));
    assert_eq!(reapplied("Revert \"Revert \"feat: x\"\""), Some("feat: x"));
    assert_eq!(reapplied("Revert \"feat: x\""), None);
}

#[test]
fn long_messages_take_linear_time() {
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
