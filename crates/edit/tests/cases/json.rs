//! Values in JSON files.

use serde_json::{Value, json};
use slipway_edit::Format;

use crate::{assert_all_pass_in, changes, refused, with};

fn set(path: &str, value: impl Into<Value>) -> Value {
    json!({"op": "set", "path": path, "value": value.into()})
}

#[test]
fn values_keep_their_type_and_everything_else_its_bytes() {
    let package =
        "\u{feff}{\r\n\t\"name\":\"shop\",\r\n\t\"version\" :  \"1.4.0\" ,\r\n\r\n\t\"a\":{\"version\":\"0\"}}";
    let lock = "{\n  \"version\": \"1.0.0\",\n  \"packages\": {\n    \"\": {\n      \"version\": \"1.0.0\"\n    },\n    \"node_modules/a\": {\"version\": \"1.0.0\"}\n  }\n}\n";
    let root = json!({"op": "set", "path": "packages.\"node_modules/a\".version", "value": "2.0.0"});
    assert_all_pass_in(
        Format::JSON,
        &[
            changes(set("version", "1.5.0"), package, &package.replace("1.4.0", "1.5.0")),
            changes(root, lock, &lock.replace("a\": {\"version\": \"1.0.0\"", "a\": {\"version\": \"2.0.0\"")),
            changes(set("a", "2"), "{\"a\": 1}", "{\"a\": 2}"),
            changes(set("a", 2.5), "{\"a\": 1}", "{\"a\": 2.5}"),
            changes(set("a", 2), "{\"a\": \"1\"}", "{\"a\": \"2\"}"),
            changes(set("a", "1.5"), "{\"a\": 1}", "{\"a\": \"1.5\"}"),
            changes(set("a", "x"), "{\"a\": null}", "{\"a\": \"x\"}"),
            changes(set("a", "false"), "{\"a\": true}", "{\"a\": false}"),
            changes(set("[1]", "é\"\\\n\u{1}"), "[0, \"x\"]", "[0, \"é\\\"\\\\\\n\\u0001\"]"),
            changes(set("a", "1"), "{\"a\": \"\\u0031\"}", "{\"a\": \"\\u0031\"}"),
            changes(set("\"a/b\"", "2"), "{\"a\\/b\": \"1\"}", "{\"a\\/b\": \"2\"}"),
            changes(with(set("b", "2"), "create", true), "{\"a\": 1}\n", "{\"a\": 1, \"b\": \"2\"}\n"),
            changes(
                with(set("b.c", 2), "create", true),
                "{\n  \"a\": 1, // one\n}\n",
                "{\n  \"a\": 1, // one\n  \"b\": {\"c\": 2},\n}\n",
            ),
            changes(with(set("a.b", "2"), "create", true), "{\"a\": {}}", "{\"a\": {\"b\": \"2\"}}"),
        ],
    );
}

#[test]
fn what_names_no_single_value_is_refused() {
    assert_all_pass_in(
        Format::JSON,
        &[
            refused(set("a", "x"), "{\"a\": {\"b\": 1}}", "path-not-found"),
            refused(set("a", "x"), "{\"a\": [1]}", "path-not-found"),
            refused(set("b", "x"), "{\"a\": 1}", "path-not-found"),
            refused(set("a", "x"), "1", "path-not-found"),
            refused(set("a", "x"), "{\"a\": 1, \"a\": 2}", "duplicate-key"),
            refused(set("a", "x"), "{\"a\": 1, \"\\u0061\": 2}", "duplicate-key"),
            refused(set("[n=x].v", "x"), "[{\"n\": \"x\", \"v\": 1}, {\"n\": \"x\", \"v\": 2}]", "ambiguous-match"),
        ],
    );
}

#[test]
fn what_is_no_json_is_refused() {
    let broken = [
        "",
        " ",
        "// only a comment",
        "{",
        "}",
        "[",
        "{\"a\" 1}",
        "{\"a\": }",
        "{\"a\": 1 \"b\": 2}",
        "{a: 1}",
        "{'a': 1}",
        "{\"a\": 1}}",
        "{\"a\": 1} {}",
        "{,}",
        "[,]",
        "[1,,2]",
        "{\"a\": 01}",
        "{\"a\": +1}",
        "{\"a\": .5}",
        "{\"a\": 1.}",
        "{\"a\": 0x1}",
        "{\"a\": NaN}",
        "{\"a\": tru}",
        "{\"a\": \"1}",
        "{\"a\": \"1\n\"}",
        "{\"a\": \"\0\"}",
        "{\"a\": \"\\x41\"}",
        "{\"a\": \"\\u12\"}",
        "{\"a\": \"\\ud800\"}",
        "{\"a\":\u{a0}1}",
        "{\"a\": 1} /* open",
        "{\"a\"]",
        "[1}",
        "\u{feff}\u{feff}{}",
    ];
    let cases: Vec<Value> = broken.iter().map(|broken| refused(set("a", "x"), broken, "invalid-file")).collect();
    assert_all_pass_in(Format::JSON, &cases);
    assert_all_pass_in(
        Format::JSON,
        &[
            refused(set("a", "x"), &"[".repeat(1_000_000), "invalid-file"),
            refused(set("a", "x"), &"{\"a\":".repeat(500_000), "invalid-file"),
            refused(set("a", "x"), &format!("\"{}", "\\".repeat(1_000_000)), "invalid-file"),
            refused(set("a", "x"), &" ".repeat(16 * 1024 * 1024), "invalid-file"),
        ],
    );
}
