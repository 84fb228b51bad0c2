//! Files that are one value, and marked text.

use serde_json::{Value, json};
use slipway_edit::{Format, KeyPath, Options};

use crate::{assert_all_pass_in, changes, refused, with};

fn set(path: &str, value: impl Into<Value>) -> Value {
    json!({"op": "set", "path": path, "value": value.into()})
}

#[test]
fn a_file_that_is_one_value() {
    assert_all_pass_in(
        Format::WHOLE,
        &[
            changes(set("version", "1.5.0"), "1.4.0\n", "1.5.0\n"),
            changes(set("version", "1.5.0"), "\u{feff}\r\n 1.4.0\r\n\r\n", "\u{feff}\r\n 1.5.0\r\n\r\n"),
            changes(set("version", "1.5.0"), "", "1.5.0"),
            changes(set("version", "1.5.0"), "\n", "1.5.0\n"),
            changes(set("version", "1.4.0"), "1.4.0", "1.4.0"),
            refused(set("version", "1.5.0"), "1.4.0\nand more\n", "path-not-found"),
            refused(set("name", "1.5.0"), "1.4.0\n", "path-not-found"),
            refused(set("version", "1.5.0\n"), "1.4.0\n", "invalid-input"),
            refused(set("version", ""), "1.4.0\n", "invalid-input"),
            refused(set("version", "1.5.0"), "\0", "path-not-found"),
        ],
    );
}

#[test]
fn marked_lines() {
    let readme = "# Shop 1.4.0\r\n\r\n    uses: acme/shop@v1.4.0 # slipway:version\r\n    uses: acme/shop@v1 # slipway:major\r\n\
                  <!-- slipway:begin version -->\r\n| 1.4.0 |\r\nno version\r\n<https://x/1.4.0/shop-1.4.0.tgz>\r\n<!-- slipway:end -->\r\n\
                  docker run ghcr.io/acme/slipway:version 1.4.0\r\nslipway:latest 1.4.0";
    let every = |path: &str, value: &str| with(set(path, value), "every", true);
    let after = readme
        .replace("v1.4.0", "v1.5.0")
        .replace("| 1.4.0", "| 1.5.0")
        .replace("x/1.4.0", "x/1.5.0")
        .replace("shop-1.4.0", "shop-1.5.0");
    assert_all_pass_in(
        Format::MARKED,
        &[
            changes(every("version", "1.5.0"), readme, &after),
            changes(set("version[0]", "1.5.0"), readme, &readme.replace("v1.4.0", "v1.5.0")),
            changes(set("major", "2"), readme, &readme.replace("@v1 ", "@v2 ")),
            refused(set("version", "1.5.0"), readme, "ambiguous-match"),
            refused(set("minor", "2"), readme, "path-not-found"),
            refused(every("version", "main"), readme, "invalid-input"),
            refused(every("version", "1.5"), readme, "invalid-input"),
            refused(every("version", "1.5.0-rc.1"), readme, "invalid-input"),
            refused(with(every("version", "1.5.0"), "expect", "1.3.0"), readme, "unexpected-current-value"),
            changes(set("version", "1.0.0"), "v = '0.1.0-rc.1+b' // slipway:version", "v = '1.0.0' // slipway:version"),
            changes(set("version", "1.0.0"), "slipway:version 0.1.0", "slipway:version 1.0.0"),
            changes(set("patch", "10"), "PATCH := 9 # slipway:patch\n", "PATCH := 10 # slipway:patch\n"),
            refused(set("version", "1.0.0"), "node 20.1.0, shop 0.1.0 # slipway:version", "path-not-found"),
            refused(set("version", "1.0.0"), "shop 0.1 # slipway:version", "invalid-file"),
            refused(set("version", "1.0.0"), "shop 0.1.0.1 # slipway:version", "invalid-file"),
            refused(set("version", "1.0.0"), "shop 01.1.0 # slipway:version", "invalid-file"),
            refused(set("version", "1.0.0"), "0.1.0 slipway:version slipway:major", "invalid-file"),
            refused(set("version", "1.0.0"), "slipway:begin version\n0.1.0\n", "invalid-file"),
            refused(set("version", "1.0.0"), "0.1.0\nslipway:end\n", "invalid-file"),
            refused(
                set("version", "1.0.0"),
                "slipway:begin version\nslipway:begin version\nslipway:end",
                "invalid-file",
            ),
            refused(set("version", "1.0.0"), "0.1.0 slipway:verson", "path-not-found"),
            refused(set("version", "1.0.0"), &"slipway:".repeat(500_000), "path-not-found"),
            refused(set("version", "1.0.0"), &format!("{} slipway:version", "1.".repeat(2_000_000)), "invalid-file"),
        ],
    );
    let large = "1.4.0 slipway:version\n".repeat(100_000);
    assert_all_pass_in(Format::MARKED, &[changes(every("version", "1.5.0"), &large, &large.replace("1.4.0", "1.5.0"))]);
    let path: KeyPath = "version".parse().expect("a path");
    let values = Format::MARKED.read(readme).and_then(|content| content.values(&path, &Options::default()));
    assert_eq!(values.expect("read").expect("there"), ["1.4.0", "1.4.0", "1.4.0"]);
    let explain = |source: &str| Format::MARKED.read(source).expect_err(source).to_string();
    assert_eq!(
        explain("\nshop # slipway:version"),
        "the text does not parse at line 2, column 1: the line is marked `slipway:version` and holds none"
    );
}
