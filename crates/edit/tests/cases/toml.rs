//! Values in TOML files.

use serde_json::{Value, json};
use slipway_edit::{Format, KeyPath, Options};

use crate::{assert_all_pass_in, changes, refused};

fn set(path: &str, value: impl Into<Value>) -> Value {
    json!({"op": "set", "path": path, "value": value.into()})
}

const LOCK: &str = "# made by cargo\nversion = 4\n\n[[package]]\nname = \"serde\"\nversion = \"1.0.0\"\n\
                    source = \"registry\"\n\n[[package]]\nname = \"shop\"\nversion = \"1.0.0\"\ndependencies = [\n \"serde\",\n]\n";

#[test]
fn quotes_and_types_are_kept() {
    let manifest = "\u{feff}[package] # c\r\nname = 'shop'\r\nversion   =\t\"1.4.0\"   # v\r\n\r\n[dependencies]\r\na = { version = \"1.4.0\", path = \"a\" }";
    assert_all_pass_in(
        Format::TOML,
        &[
            changes(set("package.version", "1.5.0"), manifest, &manifest.replacen("1.4.0", "1.5.0", 1)),
            changes(
                set("dependencies.a.version", "1.5.0"),
                manifest,
                &manifest.replace("{ version = \"1.4.0\"", "{ version = \"1.5.0\""),
            ),
            changes(
                set("package[name=shop].version", "1.1.0"),
                LOCK,
                &LOCK.replace("\"shop\"\nversion = \"1.0.0\"", "\"shop\"\nversion = \"1.1.0\""),
            ),
            changes(set("a.b.c", "2"), "a.b.c = '1'\na.\"b\".d = 3\n", "a.b.c = '2'\na.\"b\".d = 3\n"),
            changes(set("a", "it's"), "a = '1'", "a = \"it's\""),
            changes(set("a", "x\ny"), "a = '1'", "a = \"x\\ny\""),
            changes(set("a", "2"), "a = '''\n1'''", "a = '''\n2'''"),
            changes(set("a", "2'"), "a = '''1'''", "a = \"2'\""),
            changes(set("a", "2\n\"x\""), "a = \"\"\"\r\n1\r\n\"\"\"", "a = \"\"\"\r\n2\\n\\\"x\\\"\"\"\""),
            changes(set("a", "2"), "a = 1", "a = 2"),
            changes(set("a", "2"), "a = 0x1f", "a = 2"),
            changes(set("a", "2.0"), "a = 1.0", "a = \"2.0\""),
            changes(set("a", 2.5), "a = 1.0", "a = 2.5"),
            changes(set("a", 2), "a = \"1\"", "a = \"2\""),
            changes(set("a", "false"), "a = true", "a = false"),
            changes(set("a", "99999999999999999999"), "a = 1", "a = \"99999999999999999999\""),
            changes(set("a", "1.2.3"), "a = 2026-11-21", "a = \"1.2.3\""),
            changes(set("a[1][0]", "x"), "a = [1, # c\n [\"y\"],\n]", "a = [1, # c\n [\"x\"],\n]"),
            changes(set("a.\"b.c\"", "x"), "[a]\n\"b.c\" = \"y\"\n", "[a]\n\"b.c\" = \"x\"\n"),
            changes(set("a", "\u{7f}"), "a = 'b'", "a = \"\\u007f\""),
        ],
    );
}

#[test]
fn tables_may_be_written_in_any_order() {
    let scattered = "[a.b.c]\nd = 1\n[[l]]\nn = 'x'\n[l.sub]\nv = 1\n[a]\ne = 2\n[[l]]\nn = 'y'\n[l.sub]\nv = 2\n[a.b]\nf = 3\n[a.b.g]\nh = 4\n";
    assert_all_pass_in(
        Format::TOML,
        &[
            changes(set("a.b.c.d", 9), scattered, &scattered.replace("d = 1", "d = 9")),
            changes(set("a.e", 9), scattered, &scattered.replace("e = 2", "e = 9")),
            changes(set("a.b.f", 9), scattered, &scattered.replace("f = 3", "f = 9")),
            changes(set("a.b.g.h", 9), scattered, &scattered.replace("h = 4", "h = 9")),
            changes(set("l[n=y].sub.v", 9), scattered, &scattered.replace("v = 2", "v = 9")),
            changes(set("l[0].sub.v", 9), scattered, &scattered.replace("v = 1", "v = 9")),
        ],
    );
    let content = Format::TOML.read(scattered).expect("parses");
    let path = |text: &str| text.parse::<KeyPath>().expect(text);
    let options = Options::default();
    assert_eq!(content.keys(Some(&path("a")), &options).expect("a table").expect("there"), ["b", "e"]);
    assert_eq!(content.keys(Some(&path("a.b")), &options).expect("a table").expect("there"), ["c", "f", "g"]);
    assert_eq!(content.len(&path("l"), &options).expect("an array"), Some(2));
}

#[test]
fn what_is_written_twice_or_stands_elsewhere_is_refused() {
    assert_all_pass_in(
        Format::TOML,
        &[
            refused(set("package.version", "2"), "[package]\nversion.workspace = true\n", "shared-value"),
            refused(set("package.version", "2"), "[package]\nversion = { workspace = true }\n", "shared-value"),
            refused(set("package", "2"), "[package]\nversion = '1'\n", "path-not-found"),
            refused(set("package.version", "2"), "[package]\nname = 'a'\n", "path-not-found"),
            refused(set("package.version", "2"), LOCK, "path-not-found"),
            refused(set("p[n=x].v", "2"), "[[p]]\nn = 'x'\nv = 1\n[[p]]\nn = 'x'\nv = 2\n", "ambiguous-match"),
            refused(set("a", "2"), "a = 1\na = 2\n", "duplicate-key"),
            refused(set("a", "2"), "a = 1\nb = 1\n'b' = 2\n", "duplicate-key"),
            refused(set("a.b", "2"), "[a]\nb = 1\n[a]\nc = 1\n", "duplicate-key"),
            refused(set("a.b", "2"), "a = {b = 1}\n[a.c]\n", "duplicate-key"),
            refused(set("a.b", "2"), "a.b = 1\n[a]\n", "duplicate-key"),
            refused(set("a.b", "2"), "[a.b]\nc = 1\n[a]\nb.d = 1\n", "duplicate-key"),
            refused(set("a.b", "2"), "a = []\n[[a]]\n", "duplicate-key"),
            refused(set("a.b", "2"), "[[a]]\n[a]\n", "duplicate-key"),
            refused(set("a.b", "2"), "[a]\n[[a]]\n", "duplicate-key"),
            refused(set("a.b", "2"), "a.b = 1\na.b.c = 1\n", "duplicate-key"),
        ],
    );
    let explain = |source: &str, path: &str| {
        let path: KeyPath = path.parse().expect("a path");
        Format::TOML.set(source, &path, &"2".into(), &Options::default()).expect_err(source).to_string()
    };
    assert_eq!(
        explain("[package]\nname = 'a'\nversion.workspace = true\n", "package.version"),
        "`package.version` at line 3 is inherited from the workspace. set `workspace.package.version` in the Cargo.toml of the workspace"
    );
    assert_eq!(
        explain("[a]\nx = 1\n\n[b]\n[a]\n", "a.x"),
        "`a` is defined twice, at lines 1 and 5. TOML allows it once; remove one, or join the tables"
    );
    assert_eq!(
        explain("a = 1\nb = 'x\n", "a"),
        "the TOML does not parse at line 2, column 7: invalid literal string, expected `'`"
    );
}

#[test]
fn what_is_no_toml_is_refused() {
    let broken = [
        "a",
        "a =",
        "= 1",
        "a = 1.2.3",
        "a = 1 b = 2",
        "a = x",
        "a = 'b",
        "a = \"b",
        "a = '''b",
        "a = \"\\q\"",
        "a = \"\\ud800\"",
        "a = \"\0\"",
        "a = 1 # \0",
        "a = \"b\nc\"",
        "a = [1",
        "a = {b = 1",
        "[a",
        "[a]]",
        "[[a]",
        "[]",
        "[a.]",
        "a = 01",
        "a = 1__0",
        "a = 99999999999999999999",
        "a = 0xfffffffffffffffff",
        "a\r= 1",
        "a.\"\"\"b\"\"\" = 1",
        "{a = 1}",
    ];
    let cases: Vec<Value> = broken.iter().map(|broken| refused(set("a", "x"), broken, "invalid-file")).collect();
    assert_all_pass_in(Format::TOML, &cases);
    assert_all_pass_in(
        Format::TOML,
        &[
            refused(set("a", "x"), &format!("a = {}", "[".repeat(1_000_000)), "invalid-file"),
            refused(set("a", "x"), &format!("a = {}", "{a=".repeat(1_000_000)), "invalid-file"),
            refused(set("a", "x"), &format!("{}a = 1", "a.".repeat(1_000_000)), "invalid-file"),
            refused(set("a", "x"), &format!("[{}a]", "a.".repeat(1_000_000)), "invalid-file"),
            refused(set("a", "x"), &"[".repeat(1_000_000), "invalid-file"),
            refused(set("a", "x"), &"a = '".repeat(700_000), "invalid-file"),
        ],
    );
}
