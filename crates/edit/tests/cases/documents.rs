//! YAML of every kind, and documents inside of strings.

use serde_json::{Value, json};
use slipway_edit::{Format, LARGEST};

use crate::{assert_all_pass, assert_all_pass_in, changes, refused, with};

fn set(path: &str, value: impl Into<Value>) -> Value {
    json!({"op": "set", "path": path, "value": value.into()})
}

fn delete(path: &str) -> Value {
    json!({"op": "delete", "path": path})
}

#[test]
fn short_tags_of_cloudformation_are_left_alone() {
    let template = "Parameters:\n  Tag:\n    Default: v1 # t\nResources:\n  Task:\n    Properties:\n      Image: !Sub \"${Repo}:${Tag}\"\n      Arn: !GetAtt Role.Arn\n      Ref: !Ref Tag\n      Names: !Join [\":\", [!Ref A, b]]\n      When: !If [Prod, !Ref X, !Ref \"AWS::NoValue\"]\n      Map: !FindInMap\n        - A\n        - !Ref B\n        - C\n      Sub: !Sub\n        - \"${x}\"\n        - {x: !ImportValue y}\n      Data: !Base64 |\n        #!/bin/sh\n";
    assert_all_pass(&[
        changes(set("Parameters.Tag.Default", "1.10"), template, &template.replace("v1 # t", "\"1.10\" # t")),
        changes(set("Resources.Task.Properties.Ref", "Other"), template, &template.replace("!Ref Tag", "!Ref Other")),
        changes(
            delete("Resources.Task.Properties.Arn"),
            template,
            &template.replace("      Arn: !GetAtt Role.Arn\n", ""),
        ),
        changes(
            delete("Resources.Task.Properties.Map"),
            template,
            &template.replace("      Map: !FindInMap\n        - A\n        - !Ref B\n        - C\n", ""),
        ),
        changes(
            with(set("Parameters.New.Default", "x"), "create", true),
            template,
            &template.replace("# t\n", "# t\n  New:\n    Default: x\n"),
        ),
        changes(
            set("a", "2"),
            "a: !custom.tag/x 1\nb: !<tag:x> {c: !!python/object:os.system d}\n",
            "a: !custom.tag/x 2\nb: !<tag:x> {c: !!python/object:os.system d}\n",
        ),
    ]);
}

#[test]
fn quoted_lines_may_go_on_at_the_indentation_of_their_key() {
    let source = "a:\n  b: \"first\n  second\"\n  c: 'x\n\n  y'\n  tag: v1\n";
    assert_all_pass(&[
        changes(set("a.tag", "v2"), source, &source.replace("v1", "v2")),
        changes(set("a.b", "z"), source, &source.replace("first\n  second", "z")),
        refused(set("a.x", "z"), &source.replace("'\n", "\n"), "invalid-yaml"),
        changes(set("a.tag", "v2"), &source.replace('\n', "\r\n"), &source.replace('\n', "\r\n").replace("v1", "v2")),
        changes(delete("a.c"), source, &source.replace("  c: 'x\n\n  y'\n", "")),
    ]);
}

#[test]
fn documents_in_strings_are_edited_in_every_way() {
    let application = "kind: Application\nspec:\n  helm:\n    values: |\n      # c\n      image:\n        tag: v1   # t\n\n      env:\n        - name: A\n          value: x\n";
    let values = "spec.helm.values";
    let inside = |mut operation: Value, inner: &str| {
        operation["path"] = values.into();
        operation["inner"] = inner.into();
        operation
    };
    assert_all_pass(&[
        changes(set(&format!("{values}.image.tag"), "v2"), application, &application.replace("v1", "v2")),
        changes(inside(set("", "v2"), "image.tag"), application, &application.replace("v1", "v2")),
        changes(inside(delete(""), "env[name=A].value"), application, &application.replace("          value: x\n", "")),
        changes(
            delete(&format!("{values}.image")),
            application,
            &application.replace("      image:\n        tag: v1   # t\n", ""),
        ),
        changes(
            json!({"op": "append", "path": format!("{values}.env"), "value": {"name": "B"}}),
            application,
            &format!("{application}        - name: B\n"),
        ),
        changes(
            with(set(&format!("{values}.image.digest"), "d"), "create", true),
            application,
            &application.replace("# t\n", "# t\n        digest: d\n"),
        ),
        refused(set(&format!("{values}.image.tga"), "v2"), application, "path-not-found"),
        refused(set("kind.x", "v2"), application, "path-not-found"),
        changes(
            json!({"op": "set-image", "image": "a", "tag": "2", "inside": "v"}),
            "v: |\n  image: a:1\n",
            "v: |\n  image: a:2\n",
        ),
        changes(
            json!({"op": "helm-set-image", "path": "v", "inner": "image", "tag": "2"}),
            "v: |\n  image: {repository: a, tag: 1.x}\n",
            "v: |\n  image: {repository: a, tag: \"2\"}\n",
        ),
    ]);
}

#[test]
fn files_of_a_config_map_have_the_format_of_their_name() {
    let map = "kind: ConfigMap\ndata:\n  app.properties: |\n    a.b=1\n    c=2\n  conf.json: |\n    {\n      \"x\": \"1\"\n    }\n  c.toml: |\n    [t]\n    v = 'a'\n  nested.yaml: |\n    inner: |\n      deep: 1\n";
    assert_all_pass(&[
        changes(set("data.\"app.properties\".\"a.b\"", "9"), map, &map.replace("a.b=1", "a.b=9")),
        changes(set("data.\"conf.json\".x", "9"), map, &map.replace("\"1\"", "\"9\"")),
        changes(set("data.\"c.toml\".t.v", "9"), map, &map.replace("'a'", "'9'")),
        changes(set("data.\"nested.yaml\".inner.deep", 9), map, &map.replace("deep: 1", "deep: 9")),
        changes(delete("data.\"app.properties\".c"), map, &map.replace("    c=2\n", "")),
    ]);
    assert_all_pass_in(
        Format::JSON,
        &[changes(
            set("d[0].image", "a:2"),
            "{\"d\": \"[{\\\"image\\\":\\\"a:1\\\"}]\"}",
            "{\"d\": \"[{\\\"image\\\":\\\"a:2\\\"}]\"}",
        )],
    );
}

#[test]
fn bad_input_and_large_files_end_soon_and_clearly() {
    let laughs: String = (1..40).map(|n| format!("l{n}: &l{n} [*l{0}, *l{0}, *l{0}]\n", n - 1)).collect();
    let laughs = format!("l0: &l0 x\n{laughs}tag: v1\n");
    assert_all_pass(&[
        changes(set("tag", "v2"), &laughs, &laughs.replace("v1", "v2")),
        refused(set("a", "1"), "a: \u{0}\n", "invalid-yaml"),
        changes(set("b", "2"), "a: x\r\nb: 1\nc: y\r\n", "a: x\r\nb: 2\nc: y\r\n"),
        refused(set("b", "2"), "a: x\rb: 1\n", "invalid-yaml"),
        changes(set("a", "2"), "a: |\n  ---\n  b\nc: 1\n", "a: |\n  2\nc: 1\n"),
        refused(set("a", "1"), &format!("a: {}", "!".repeat(10_000)), "invalid-yaml"),
    ]);
    let large = |line: &str, end: &str| format!("{}{end}", line.repeat((LARGEST - 100) / line.len()));
    for (format, source) in [
        (Format::YAML, large("# padding of the file, line after line\n", "tag: v1\n")),
        (Format::YAML, format!("l: [{}]\ntag: v1\n", "x, ".repeat(200_000))),
        (Format::JSON, format!("{{\"l\": [{}0], \"tag\": \"v1\"}}", "0,".repeat(400_000))),
        (Format::TOML, format!("tag = 'v1'\n{}", (0..40_000).map(|n| format!("k{n} = {n}\n")).collect::<String>())),
        (
            Format::HCL,
            format!("tag = \"v1\"\nm = {{\n{}}}\n", (0..60_000).map(|n| format!("k{n} = {n}\n")).collect::<String>()),
        ),
        (Format::DOTENV, format!("tag=v1\n{}", (0..40_000).map(|n| format!("K{n}={n}\n")).collect::<String>())),
    ] {
        assert_all_pass_in(format, &[changes(set("tag", "v2"), &source, &source.replace("v1", "v2"))]);
    }
}
