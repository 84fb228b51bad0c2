//! Versions that do not come from the tag of the run.

use crate::world::push;

const RULES: &str = "type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}\ntype=match,pattern=\\d+";

#[test]
fn the_version_input_feeds_the_rules_on_versions_whatever_the_run_is_on() {
    for git_ref in ["refs/heads/main", "refs/tags/other", "refs/pull/7/merge"] {
        assert_eq!(
            push(git_ref).input("tags", RULES).input("version", "1.5.0").tags(),
            "1.5.0 1.5 1 latest",
            "{git_ref}"
        );
    }
    let own = "type=semver,pattern={{version}},value=v2.0.0\ntype=semver,pattern={{version}},value=\nv{{version}}";
    assert_eq!(
        push("refs/heads/main").input("tags", own).input("version", "1.5.0").tags(),
        "2.0.0 1.5.0 v1.5.0 latest"
    );
    assert_eq!(push("refs/heads/main").input("version", "1.5.0").tags(), "1.5.0 main latest");
    assert_eq!(push("refs/heads/main").input("version", "").tags(), "main");
}

#[test]
fn a_component_has_the_tags_that_start_with_its_name() {
    let tagged = |tag: &str| push(&format!("refs/tags/{tag}")).input("tags", RULES).input("component", "api").run();
    for tag in ["api/v1.5.0", "api@1.5.0", "api-v1.5.0"] {
        assert_eq!(tagged(tag).output("tag-names"), "1.5.0\n1.5\n1\nlatest", "{tag}");
    }
    for tag in ["v1.5.0", "web/v1.5.0", "api-gateway/v1.5.0"] {
        let ran = tagged(tag);
        assert_eq!(ran.output("tags"), "", "{tag}");
        assert!(ran.printed.contains(&format!("the tag `{tag}` is not of the component `api`")), "{}", ran.printed);
    }
    let ran = push("refs/heads/main").input("tags", "{{component}}").input("component", "../x").run();
    assert!(ran.printed.contains("input `component`: `../x` cannot be the name of a component"), "{}", ran.printed);
}

#[test]
fn match_takes_the_version_out_of_a_tag() {
    for (tag, rule, expected) in [
        ("api/v1.5.0", "type=semver,pattern={{version}},match=api/v(.*)", "1.5.0 latest"),
        ("web/v1.5.0", "type=semver,pattern={{version}},match=api/v(.*)", ""),
        // Where the tag is a version, one that `match` does not find is none all the same.
        ("v1.5.0", "type=semver,pattern={{version}},match=api/v(.*)", ""),
        ("v1.5.0", "type=match,pattern=v(\\d+)(x)?,group=1", "1 latest"),
        ("v1.5.0", "type=match,pattern=v(\\d+)(x)?,group=2", ""),
        ("v1.5.0", "type=match,pattern=v(\\d+)(x)?,group=3", ""),
        ("v1.5.0", "type=match,pattern=/V(.*)/i,group=1", "1.5.0 latest"),
    ] {
        assert_eq!(push(&format!("refs/tags/{tag}")).input("tags", rule).tags(), expected, "{tag} {rule}");
    }
}

#[test]
fn python_and_calendar_versions_have_parts_too() {
    let rules = "type=pep440,pattern={{version}}\ntype=pep440,pattern={{major}}.{{minor}}";
    for (tag, expected) in
        [("v1.2.3", "1.2.3 1.2 latest"), ("1.2.3-1", "1.2.3.post1"), ("1!2", "1-2 2.0 latest"), ("x", "")]
    {
        assert_eq!(push(&format!("refs/tags/{tag}")).input("tags", rules).tags(), expected, "{tag}");
    }
    let rules = "type=calver,pattern={{version}}\ntype=calver,pattern=YYYY.0M";
    for (tag, expected) in [
        ("v2026.3.4", "2026.3.4 2026.03 latest"),
        ("2026.3.4-rc.1", "2026.3.4-rc.1"),
        ("2026.14.1", ""),
        ("v1.2.3", ""),
    ] {
        assert_eq!(push(&format!("refs/tags/{tag}")).input("tags", rules).tags(), expected, "{tag}");
    }
    let released = push("refs/heads/main").input("tags", rules).input("version", "2026.3.4");
    assert_eq!(released.tags(), "2026.3.4 2026.03 latest");
    assert_eq!(push("refs/heads/main").input("tags", rules).tags(), "");
}
