use super::*;

fn lines(text: &str) -> Vec<String> {
    parse_all(text, false).unwrap().into_iter().map(|rule| rule.line).collect()
}

fn error(text: &str) -> String {
    parse_all(text, false).unwrap_err().to_string()
}

#[test]
fn rules_are_sorted_by_priority() {
    assert_eq!(lines("b\na\nc,priority=201\ntype=sha"), ["c,priority=201", "b", "a", "type=sha"]);
    assert_eq!(lines("a,priority=\nb,priority=0x1"), ["b,priority=0x1", "a,priority="]);
    assert_eq!(lines("a,priority=high\nb,priority=500"), ["a,priority=high", "b,priority=500"]);
    assert_eq!(lines("# nothing").len(), 4);
    assert_eq!(parse_all("", true).unwrap()[1].line, DEFAULT_WITH_VERSION);
}

#[test]
fn errors_name_the_line_and_the_attribute() {
    assert_eq!(
        error("type=ref,event=release"),
        "line `type=ref,event=release`: attribute `event`: it cannot be `release`. write `event=branch`, `event=tag`, \
         `event=pr`, `event=merge_group`"
    );
    for (line, expected) in [
        ("type=ref", "the attribute `event` is missing"),
        ("type=Raw,value=x", "attribute `type`: there is no type `Raw`"),
        ("foo=bar", "the attribute `value` is missing"),
        ("type=semver", "the attribute `pattern` is missing"),
        ("type=semver,pattern={{version", "attribute `pattern`: `{{version`: an expression has no end"),
        ("type=semver,pattern={{date 'YYYY'}}", "attribute `pattern`: `{{date 'YYYY'}}`: `date` is no function"),
        ("type=semver,pattern=x,match=v\\d+", "attribute `match`: `v\\d+` has no group"),
        ("type=semver,pattern=x,match=v(", "attribute `match`: the regular expression `v(`"),
        ("type=match,pattern=x,group=one", "attribute `group`: `one` is no number"),
        ("type=match,pattern=(", "attribute `pattern`: the regular expression `(`"),
        ("type=sha,format=medium", "attribute `format`: it cannot be `medium`"),
        ("x,prefix={{#if tag}}", "attribute `prefix`: `{{#if tag}}`: `{{#if}}` ends with the end"),
        ("x,id=1", "attribute `id`: `1` cannot be the name of a rule"),
        ("x,id=a b", "attribute `id`: `a b` cannot be the name of a rule"),
        ("x\",y", "`x\",y`: there is a quote inside a field"),
    ] {
        let error = error(line);
        assert!(error.starts_with(&format!("line `{line}`: ")) && error.contains(expected), "{error}");
    }
    assert_eq!(
        error("type=ref\nx\ntype=Raw,value=x"),
        format!("2 lines are wrong: {}; {}", error("type=ref"), error("type=Raw,value=x"))
    );
    assert!(error("x,id=a\ny,id=a").starts_with("line `y,id=a`: attribute `id`: another rule is called `a`"));
}

#[test]
fn what_does_nothing_is_told() {
    for (line, expected) in [
        (
            "type=raw,value=x,enabel=true",
            "the attribute `enabel` is not known and does nothing; did you mean `enable`?",
        ),
        ("x,priority=high", "attribute `priority`: `high` is no number, so no rule is moved by its priority"),
        ("{{brnach}}", "`{{brnach}}` is not known here and stays empty; did you mean `{{branch}}`?"),
        ("type=schedule,pattern={{branch}}", "`{{branch}}` is not known here and stays empty"),
        ("type=semver,pattern={{sha}}", "`{{sha}}` is not known here and stays empty"),
    ] {
        let rules = parse_all(line, false).unwrap();
        assert_eq!(rules[0].warnings, [format!("line `{line}`: {expected}")]);
    }
}

#[test]
fn rules_have_names_of_their_own() {
    let text = "type=sha\ntype=sha,format=long\ntype=ref,event=tag\na,id=sha-2\nb\nc\nd,id=main";
    let ids: Vec<String> = parse_all(text, false).unwrap().into_iter().map(|rule| rule.id).collect();
    assert_eq!(ids, ["ref-tag", "sha-2", "raw", "raw-2", "main", "sha", "sha-3"]);
}
