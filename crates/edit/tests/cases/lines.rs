//! Values in `key=value` files.

use serde_json::{Value, json};
use slipway_edit::Format;

use crate::{assert_all_pass_in, changes, refused};

fn set(path: &str, value: impl Into<Value>) -> Value {
    json!({"op": "set", "path": path, "value": value.into()})
}

#[test]
fn java_properties() {
    let gradle =
        "# version=0\r\nversion=1.4.0\r\nsystemProp.version = 1.4.0\r\norg.gradle.jvmargs=-Xmx2g \\\r\n  version=1\r\n";
    assert_all_pass_in(
        Format::PROPERTIES,
        &[
            changes(set("version", "1.5.0"), gradle, &gradle.replace("\nversion=1.4.0", "\nversion=1.5.0")),
            changes(
                set("systemProp.version", "1.5.0"),
                gradle,
                &gradle.replace("systemProp.version = 1.4.0", "systemProp.version = 1.5.0"),
            ),
            changes(set("\"a.b\"", "2"), "a.b:1", "a.b:2"),
            changes(set("a", "2"), "a 1\n", "a 2\n"),
            changes(set("a", "=2"), "a 1\n", "a \\=2\n"),
            changes(set("a", "2"), "a\n", "a=2\n"),
            changes(set("a", "2"), "a", "a=2"),
            changes(set("a", "2"), "a=\nb=1", "a=2\nb=1"),
            changes(set("a", "2"), "a=x\\\n   y\nb=1", "a=2\nb=1"),
            changes(set("a", " é\\\n"), "a=1\n", "a=\\ \\u00e9\\\\\\n\n"),
            changes(set("\"a=b\"", 2), "a\\=b=1\n", "a\\=b=2\n"),
            changes(set("a", "x"), "a=\\u0078\n", "a=\\u0078\n"),
            changes(set("a", "1"), "! a=0\na=2 # no comment\n", "! a=0\na=1\n"),
            refused(set("a", "2"), "a=1\na=2\n", "duplicate-key"),
            refused(set("b", "2"), "a=1\n", "path-not-found"),
            refused(set("a[0]", "2"), "a=1\n", "path-not-found"),
            refused(set("a", "2"), "a=\\u12\n", "invalid-file"),
            refused(set("a", "2"), "a=\\ud800\n", "invalid-file"),
            refused(set("b", "2"), "", "path-not-found"),
            refused(set("b", "2"), &"\\\n".repeat(2_000_000), "path-not-found"),
            refused(set("b", "2"), &"a=\0\\".repeat(1_000_000), "path-not-found"),
        ],
    );
}

#[test]
fn dotenv() {
    assert_all_pass_in(
        Format::DOTENV,
        &[
            changes(set("A", "2"), "A=1 # c\nB='1'\n", "A=2 # c\nB='1'\n"),
            changes(set("B", "2"), "A=1\r\nexport  B = \"1\"  # c\r\n", "A=1\r\nexport  B = \"2\"  # c\r\n"),
            changes(set("A", "2"), "A=\n", "A=2\n"),
            changes(set("A", "2"), "A= # c\n", "A=2 # c\n"),
            changes(set("A", "a b"), "A=1", "A='a b'"),
            changes(set("A", "it's"), "A=1", "A=\"it's\""),
            changes(set("A", "$x\n\"`"), "A='1'", "A=\"\\$x\\n\\\"\\`\""),
            changes(set("A", "#2"), "A=#1\n", "A='#2'\n"),
            changes(set("A", "b"), "A=\"x\ny\"\nB=1\n", "A=\"b\"\nB=1\n"),
            refused(set("A", "2"), "A=1\nA=2\n", "duplicate-key"),
            refused(set("A", "2"), "A='1'x\n", "path-not-found"),
            refused(set("A", "2"), "A='1\n", "invalid-file"),
            refused(set("A", "2"), "A=1\nB\n", "invalid-file"),
            refused(set("A", "2"), "A B=1\n", "invalid-file"),
            refused(set("A", "\0"), "A=1\n", "invalid-input"),
            refused(set("A", "2"), &format!("A=\"{}", "\\\"".repeat(1_000_000)), "invalid-file"),
        ],
    );
}
