//! H45–H57: what config-updater makes of files and values that were written against it.

use std::fmt::Write;

use serde_json::{Value, json};
use testbed::ActionRun;

use crate::edits::{edit, kind, put};

/// Makes one change in one file; the run, and the file afterwards.
#[track_caller]
fn changed(file: &str, content: &str, mut change: Value) -> (ActionRun, String) {
    change["file"] = file.into();
    let changes = json!([change]).to_string();
    let (run, directory) = edit(|directory| put(directory, file, content), &[("changes", &changes)]);
    let after = std::fs::read_to_string(directory.path().join(file)).unwrap();
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "nothing else is written");
    (run, after)
}

#[track_caller]
fn assert_becomes(file: &str, content: &str, change: Value, expected: &str) {
    let (run, after) = changed(file, content, change.clone());
    assert_eq!((run.code, &*after), (0, expected), "{file} {change}: {}", run.stdout);
}

/// The file stays, and the error is of this kind and has these parts.
#[track_caller]
fn assert_refused(file: &str, content: &str, change: Value, expected: &str, parts: &[&str]) {
    let (run, after) = changed(file, content, change.clone());
    assert_eq!((run.code, &*kind(&run)), (2, expected), "{file} {change}: {}", run.stdout);
    assert!(after == content, "{file} {change} was written");
    let missing: Vec<_> = parts.iter().filter(|part| !run.stdout.contains(**part)).collect();
    assert!(missing.is_empty(), "{missing:?} is not in {}", run.stdout);
}

fn set(path: impl Into<Value>, value: impl Into<Value>) -> Value {
    json!({ "op": "set", "path": path.into(), "value": value.into() })
}

fn with(mut change: Value, key: &str, value: impl Into<Value>) -> Value {
    change[key] = value.into();
    change
}

/// Sixty levels of nine aliases each: who expands them never ends.
#[test]
fn h45_aliases_are_not_expanded() {
    let mut laughs = "a0: &a0 lol\n".to_owned();
    for level in 1..=60 {
        let below = format!("*a{}", level - 1);
        writeln!(laughs, "a{level}: &a{level} [{}]", [below.as_str(); 9].join(", ")).unwrap();
    }
    laughs += "tag: v1\nimage: acme/shop:1\n";
    assert_becomes("a.yaml", &laughs, set("tag", "v2"), &laughs.replace("tag: v1", "tag: v2"));
    let image = json!({ "op": "set-image", "image": "acme/shop", "tag": "2" });
    assert_becomes("a.yaml", &laughs, image, &laughs.replace("shop:1", "shop:2"));
    assert_refused(
        "a.yaml",
        &laughs,
        set("a60[0][0][0]", "x"),
        "shared-value",
        &["is an alias of the value at line 60"],
    );
    let follow = with(set(format!("a60{}", "[8]".repeat(60)), "x"), "alias", "follow");
    assert_becomes("a.yaml", &laughs, follow, &laughs.replace("&a0 lol", "&a0 x"));
}

#[test]
fn h46_deep_nesting_is_an_error() {
    let deep = 100_000;
    let indented: String = (0..2000).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    for (file, content, expected) in [
        ("a.yaml", "[".repeat(deep), "invalid-yaml"),
        ("a.yaml", format!("a: {}", "{a: ".repeat(deep)), "invalid-yaml"),
        ("a.yaml", format!("{}x\n", "- ".repeat(deep)), "invalid-yaml"),
        ("a.yaml", indented, "invalid-yaml"),
        ("a.json", format!("{}{}", "[".repeat(deep), "]".repeat(deep)), "invalid-file"),
        ("a.json", "{\"a\":".repeat(deep), "invalid-file"),
        ("a.toml", format!("a = {}", "[".repeat(deep)), "invalid-file"),
        ("a.toml", format!("a{} = 1\n", ".a".repeat(deep)), "invalid-file"),
        ("a.toml", format!("[a{}]\n", ".a".repeat(deep)), "invalid-file"),
        ("a.tf", format!("a = {}", "[".repeat(deep)), "invalid-file"),
        ("a.tf", "a {\n".repeat(deep), "invalid-file"),
        ("a.tf", format!("a = {}1", "-(".repeat(deep)), "invalid-file"),
        ("a.xml", "<a>".repeat(deep), "invalid-file"),
    ] {
        assert_refused(file, &content, set("a", "x"), expected, &[]);
    }
    for changes in ["[".repeat(deep), "{a: ".repeat(30_000)] {
        let (run, _) = edit(|directory| put(directory, "a.yaml", "a: 1\n"), &[("changes", &changes)]);
        assert_eq!((run.code, &*kind(&run)), (2, "invalid-yaml"), "{}", run.stdout);
    }
}

#[test]
fn h47_what_stands_twice_is_ambiguous() {
    for (file, content, path, expected, part) in [
        ("a.yaml", "a: 1\nb: 2\na: 3\n", "a", "duplicate-key", "at lines 1 and 3"),
        ("a.yaml", "m: {a: 1,\n  a: 2}\n", "m.a", "duplicate-key", "at lines 1 and 2"),
        ("a.yaml", "a: 1\n---\nb: 1\n---\na: 3\n", "a", "ambiguous-document", "at lines 1, 5"),
        ("a.yaml", "l:\n- {n: x, v: 1}\n- {n: x, v: 2}\n", "l[n=x].v", "ambiguous-match", "at lines 2 and 3"),
        ("a.json", "{\n\"a\": 1,\n\"a\": 2\n}\n", "a", "duplicate-key", "at lines 2 and 3"),
        ("a.toml", "a = 1\nb = 1\na = 2\n", "b", "duplicate-key", "at lines 1 and 3"),
        ("a.tf", "a = 1\na = 2\n", "a", "duplicate-key", "at lines 1 and 2"),
        ("a.tf", "b {\n  x = 1\n}\nb {\n  x = 2\n}\n", "b.x", "ambiguous-match", "at lines 2, 5"),
        ("Dockerfile", "ARG A=1\nFROM x:1\nARG A=2\n", "ARG.A", "ambiguous-match", "at lines 1, 3"),
        (".env", "A=1\nB=1\nA=2\n", "A", "duplicate-key", "at lines 1 and 3"),
        ("a.properties", "a.b=1\na.b=2\n", "a.b", "duplicate-key", "at lines 1 and 2"),
        ("a.xml", "<a>\n<b>1</b>\n<b>2</b>\n</a>\n", "a.b", "ambiguous-match", "at lines 2, 3"),
    ] {
        assert_refused(file, content, set(path, "9"), expected, &[part]);
    }
    // A key that stands twice elsewhere is in nobody's way.
    assert_becomes("a.yaml", "a: 1\na: 2\nb: 1\n", set("b", 3), "a: 1\na: 2\nb: 3\n");
}

#[test]
fn h48_shared_values_change_only_when_it_is_said() {
    let file = "base: &base {tag: &tag v1, n: 1}\nweb:\n  tag: *tag\njob:\n  <<: *base\n  x: 1\n";
    for path in ["web.tag", "job.tag"] {
        assert_refused("a.yaml", file, set(path, "v2"), "shared-value", &["set `base.tag` instead"]);
        let follow = with(set(path, "v2"), "alias", "follow");
        assert_becomes("a.yaml", file, follow, &file.replace("v1", "v2"));
    }
    let own = with(set("job.tag", "v2"), "create", true);
    assert_becomes("a.yaml", file, own, &file.replace("  x: 1\n", "  x: 1\n  tag: v2\n"));
    // Who names the anchored value means it.
    assert_becomes("a.yaml", file, set("base.tag", "v2"), &file.replace("v1", "v2"));
    for path in ["base", "base.tag"] {
        assert_refused(
            "a.yaml",
            file,
            json!({ "op": "delete", "path": path }),
            "shared-value",
            &["by the alias at line"],
        );
    }
    let image = "a: &i {image: acme/shop:1}\nb: *i\nc:\n  <<: *i\n  x: 1\n";
    let version = json!({ "op": "set-image", "image": "acme/shop", "tag": "2" });
    assert_becomes("a.yaml", image, version, &image.replace("shop:1", "shop:2"));
}

#[test]
fn h49_documents_are_told_apart_and_tags_are_not_run() {
    let stream = "%TAG !e! tag:example.com,2026:\n--- !e!x\nkind: A\ntag: v1\nscript: |\n  ---\n  tag: v1\n  ...\n...\n---\nkind: B\nmetadata: {name: b}\ntag: !!python/object/apply:os.system [id]\n--- # C\nkind: C\ntag: v1\n";
    assert_refused("a.yaml", stream, set("tag", "v2"), "ambiguous-document", &["at lines 4, 13, 16"]);
    assert_becomes(
        "a.yaml",
        stream,
        with(set("tag", "v2"), "select", json!({ "kind": "A" })),
        &stream.replacen("tag: v1", "tag: v2", 1),
    );
    assert_becomes(
        "a.yaml",
        stream,
        with(set("tag", "v2"), "doc", 2),
        &stream.replace("kind: C\ntag: v1", "kind: C\ntag: v2"),
    );
    assert_becomes(
        "a.yaml",
        stream,
        with(set("tag[0]", "ls"), "select", json!({ "kind": "B", "name": "b" })),
        &stream.replace("[id]", "[ls]"),
    );
    let nowhere = with(set("tag", "v2"), "select", json!({ "kind": "D" }));
    assert_refused("a.yaml", stream, nowhere, "path-not-found", &["its documents are 0: A, 1: B `b`, 2: C"]);
}

#[test]
fn h50_text_stays_text() {
    for value in [
        "1.10",
        "1e3",
        "no",
        "0x1F",
        "null",
        ":x y",
        "# c",
        "2024-01-01",
        "~",
        "",
        "- a",
        "12:30",
        "0o17",
        "1_000",
        ".inf",
        "on",
        "<<",
        "=",
        "a: b",
        "a #b",
        " a",
        "*a",
        "&a",
        "!a",
        "@a",
        "%a",
    ] {
        assert_becomes("a.yaml", "tag: v1 # c\n", set("tag", value), &format!("tag: \"{value}\" # c\n"));
    }
    for (file, before, after) in [
        ("a.json", "{\"tag\": \"v1\"}", "{\"tag\": \"1.10\"}"),
        ("a.toml", "tag = 'v1'\n", "tag = '1.10'\n"),
        ("a.tf", "tag = \"v1\"\n", "tag = \"1.10\"\n"),
        // A number without quotes is not turned into another one by accident.
        ("a.yaml", "tag: 1.9\n", "tag: \"1.10\"\n"),
        ("a.json", "{\"tag\": 1.9}", "{\"tag\": \"1.10\"}"),
        ("a.toml", "tag = 1.9\n", "tag = \"1.10\"\n"),
    ] {
        assert_becomes(file, before, set("tag", "1.10"), after);
    }
}

#[test]
fn h51_values_are_encoded_or_refused() {
    for (file, before, value, after) in [
        ("a.yaml", "v: x # c\n", "a\nb", "v: \"a\\nb\" # c\n"),
        ("a.yaml", "v: x\n", "say \"it's\"", "v: say \"it's\"\n"),
        ("a.yaml", "v: 'x'\n", "it's", "v: 'it''s'\n"),
        ("a.yaml", "v: \"x\"\n", "a\"b\\", "v: \"a\\\"b\\\\\"\n"),
        ("a.yaml", "v: x\n", "{{ .Values.x }}", "v: \"{{ .Values.x }}\"\n"),
        ("a.yaml", "v: x\n", "${{ secrets.X }}", "v: ${{ secrets.X }}\n"),
        ("a.yaml", "v: [x]\n", "${{ a, b }}", "v: [\"${{ a, b }}\"]\n"),
        ("a.yaml", "v: x\n", "$(id)", "v: $(id)\n"),
        ("a.yaml", "v: x\n", "::error::x", "v: \"::error::x\"\n"),
        ("a.json", "{\"v\": \"x\"}", "a\n\"b\"", "{\"v\": \"a\\n\\\"b\\\"\"}"),
        ("a.toml", "v = 'x'\n", "it's\n", "v = \"it's\\n\"\n"),
        ("a.tf", "v = \"x\"\n", "${var.x} %{if}", "v = \"$${var.x} %%{if}\"\n"),
        (".env", "v=x\n", "$(id) `id`", "v='$(id) `id`'\n"),
        (".env", "v=\"x\"\n", "$(id) `id` \"", "v=\"\\$(id) \\`id\\` \\\"\"\n"),
        ("a.properties", "v=x\n", "a\nb", "v=a\\nb\n"),
        ("a.xml", "<v>x</v>\n", "<b>&", "<v>&lt;b&gt;&amp;</v>\n"),
    ] {
        let path = if value.contains(',') { "v[0]" } else { "v" };
        assert_becomes(file, before, set(path, value), after);
    }
    for (file, before, value) in [
        ("Dockerfile", "ARG v=x\nFROM y:1\n", "a\nRUN id"),
        ("a.yaml", "v: !!int 1\n", "x"),
        ("a.yaml", "v: >-\n  folded\n", "a\n\nb"),
        ("version.txt", "1.0.0\n", "2\n3"),
    ] {
        let path = match file {
            "Dockerfile" => "ARG.v",
            "version.txt" => "version",
            _ => "v",
        };
        assert_refused(file, before, set(path, value), "invalid-input", &[]);
    }
}

#[test]
fn h52_templates_are_edited_by_line_or_refused() {
    let template = "{{- if .Values.on }}\nkind: Deployment\nspec:\n  image: \"{{ .Values.image }}\"\n  tag: v1 # slipway:version\n  other: {{ .Values.x }}\n{{- end }}\n";
    let templated = &["this looks like a template"];
    assert_refused("t.yaml", template, set("spec.tag", "v2"), "invalid-yaml", templated);
    let delete = json!({ "op": "delete", "path": "spec.tag" });
    assert_refused("t.yaml", template, delete, "invalid-yaml", templated);
    let image = json!({ "op": "set-image", "image": "acme/shop", "tag": "2" });
    assert_refused("t.yaml", &template.replace("v1", "acme/shop:1"), image, "invalid-yaml", templated);
    let after = template.replace("v1", "v2");
    assert_becomes("t.yaml", template, json!({ "op": "marker", "name": "version", "value": "v2" }), &after);
    let pattern = json!({ "op": "regex", "pattern": "(?m)^  tag: (\\S+)", "value": "v2" });
    assert_becomes("t.yaml", template, pattern, &after);
    let twice = json!({ "op": "regex", "pattern": "Values\\.(\\w+)", "value": "y" });
    assert_refused("t.yaml", template, twice, "ambiguous-match", &["matches 3 times, at lines 1, 4, 6"]);
    // What a YAML reader takes for a mapping whose key is a mapping.
    assert_refused("t.yaml", "a: {{ .x }}\nb: 1\n", set("b", 2), "invalid-yaml", &["unquoted `{{ … }}`"]);
    // In quotes, or in a comment, it is no template to a reader.
    assert_becomes("t.yaml", "a: \"{{ x }}\" # {{ y }}\nb: 1\n", set("b", 2), "a: \"{{ x }}\" # {{ y }}\nb: 2\n");
}

#[test]
fn h53_nothing_but_the_scalar_changes() {
    for (before, path, after) in [
        ("a: x# not\nv: v1\t# c\n", "v", "a: x# not\nv: v2\t# c\n"),
        ("v: v1 #c\n", "v", "v: v2 #c\n"),
        ("{a: 1 , v : v1 ,b: [ 1,2 ]}", "v", "{a: 1 , v : v2 ,b: [ 1,2 ]}"),
        ("l: [ v1 , 'v1' ,\"v1\" ]\n", "l[1]", "l: [ v1 , 'v2' ,\"v1\" ]\n"),
        ("v: >-\n    v1\n\n# end\n", "v", "v: >-\n    v2\n\n# end\n"),
        ("v: |2+\n    v1\n\n\n", "v", "v: |2+\n  v2\n\n\n"),
        ("? v\n: v1\n", "v", "? v\n: v2\n"),
        ("\"v\"  :   'v1'   # c", "v", "\"v\"  :   'v2'   # c"),
        ("- - a\n  - v: v1\r\n    b: 1\r\n", "[0][1].v", "- - a\n  - v: v2\r\n    b: 1\r\n"),
        (
            "%YAML 1.2\n---\nv: &x !t v1 # c\nb: *x\n...\n# end",
            "v",
            "%YAML 1.2\n---\nv: &x !t v2 # c\nb: *x\n...\n# end",
        ),
        ("a:\r\n  v: v1 # c\r\n\r\n  b: >\r\n    x\r\n", "a.v", "a:\r\n  v: v2 # c\r\n\r\n  b: >\r\n    x\r\n"),
    ] {
        assert_becomes("a.yaml", before, set(path, "v2"), after);
    }
}

#[test]
fn h54_json_is_strict_but_for_comments_and_commas() {
    let file = "\u{feff}{\r\n\t// c\r\n\t\"v\": \"v1\", /* d */\r\n\t\"n\": 1e999, \"s\": \"\\ud83d\\ude80\",\r\n}";
    assert_becomes("a.json", file, set("v", "v2"), &file.replace("v1", "v2"));
    for content in [
        "{\"v\": 'v1'}",
        "{v: \"v1\"}",
        "{\"v\": 0x1F}",
        "{\"v\": NaN}",
        "{\"v\": .5}",
        "{\"v\": +1}",
        "{\"v\": \"\\ud800\"}",
        "{\"v\": \"\\x41\"}",
        "{\"v\": \"a\nb\"}",
        "{\"v\": \"v1\"",
        "{\"v\": \"v1\"} x",
        "{\"v\" \"v1\"}",
        "{\"v\": \"v1\",,}",
        "{,}",
        "",
        "{\"v\":\u{a0}1}",
    ] {
        assert_refused("a.json", content, set("v", "v2"), "invalid-file", &["the JSON does not parse at line"]);
    }
    assert_refused("a.json", "{\"v\": 1, \"v\": 2}", set("v", 3), "duplicate-key", &[]);
    assert_refused("a.json", "{\"v\": 1}", set("v", json!(null)), "invalid-input", &[]);
}

#[test]
fn h55_toml_is_edited_where_it_stands_or_says_where_it_does() {
    for (before, path, after) in [
        ("a = { b = 'v1', c = [1] } # c\n", "a.b", "a = { b = 'v2', c = [1] } # c\n"),
        ("a.b.\"c.d\" = \"v1\"\n", "a.b.\"c.d\"", "a.b.\"c.d\" = \"v2\"\n"),
        ("[a.b]\nx = 1\n[a]\nv = \"\"\"\nv1\"\"\"\n", "a.v", "[a.b]\nx = 1\n[a]\nv = \"\"\"\nv2\"\"\"\n"),
        ("[[a]]\nn = 'x'\n[[a]]\nn = 'y'\nv = 'v1'\n", "a[n=y].v", "[[a]]\nn = 'x'\n[[a]]\nn = 'y'\nv = 'v2'\n"),
    ] {
        assert_becomes("a.toml", before, set(path, "v2"), after);
    }
    let member = "[package]\nname = \"shop\"\nversion.workspace = true\n";
    let elsewhere = &["is inherited from the workspace", "set `workspace.package.version`"];
    assert_refused("Cargo.toml", member, set("package.version", "2.0.0"), "shared-value", elsewhere);
    let inline = member.replace("version.workspace = true", "version = { workspace = true }");
    assert_refused("Cargo.toml", &inline, set("package.version", "2.0.0"), "shared-value", elsewhere);
    for content in ["a = 1\na.b = 2\n", "[a]\n[a]\n", "a = {}\n[a.b]\n"] {
        assert_refused("a.toml", content, set("a.b", "x"), "duplicate-key", &[]);
    }
    for content in ["a = 1979-13-01\n", "a = 01\n", "a = 'x\n", "a = \n", "= 1\n", "a = 99999999999999999999\n"] {
        assert_refused("a.toml", content, set("a", "x"), "invalid-file", &["the TOML does not parse at line"]);
    }
}

#[test]
fn h56_of_five_hundred_equal_versions_one_changes() {
    let mut lock = "version = 4\n".to_owned();
    for number in 0..500 {
        let name = if number == 250 { "shop".to_owned() } else { format!("shop-{number}") };
        write!(lock, "\n[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\n").unwrap();
    }
    let after = lock.replace("\"shop\"\nversion = \"1.0.0\"", "\"shop\"\nversion = \"2.0.0\"");
    assert_becomes("Cargo.lock", &lock, set("package[name=shop].version", "2.0.0"), &after);
    assert_refused("Cargo.lock", &lock, set("package.version", "2.0.0"), "path-not-found", &["is a list"]);
    let packages: String =
        (0..500).map(|number| format!(",\n    \"node_modules/p{number}\": {{ \"version\": \"1.0.0\" }}")).collect();
    let lock = format!(
        "{{\n  \"version\": \"1.0.0\",\n  \"packages\": {{\n    \"\": {{ \"version\": \"1.0.0\" }}{packages}\n  }}\n}}\n"
    );
    let after = lock.replace("\"\": { \"version\": \"1.0.0\"", "\"\": { \"version\": \"2.0.0\"");
    assert_becomes("package-lock.json", &lock, set("packages.\"\".version", "2.0.0"), &after);
    let pattern = json!({ "op": "regex", "pattern": "\"version\": \"(1\\.0\\.0)\"", "value": "2.0.0" });
    assert_refused("package-lock.json", &lock, pattern, "ambiguous-match", &["matches 502 times"]);
}

#[test]
fn h57_key_paths_have_a_grammar() {
    let file = "{\"a.b\": {\"c[0]\": \"v1\", \"*\": \"v1\", \"\": \"v1\"}, \"a\": {\"b\": \"no\"}, \"__proto__\": {\"x\": \"v1\"}}";
    for (path, after) in [
        (json!("\"a.b\".\"c[0]\""), file.replacen("v1", "v2", 1)),
        (json!(["a.b", "c[0]"]), file.replacen("v1", "v2", 1)),
        (json!("\"a.b\".\"*\""), file.replace("\"*\": \"v1\"", "\"*\": \"v2\"")),
        (json!("\"a.b\".\"\""), file.replace("\"\": \"v1\"", "\"\": \"v2\"")),
        (json!("__proto__.x"), file.replace("{\"x\": \"v1\"}", "{\"x\": \"v2\"}")),
    ] {
        assert_becomes("a.json", file, set(path, "v2"), &after);
    }
    let create = with(set("constructor.prototype.x", "v2"), "create", true);
    assert_becomes("a.json", "{}", create, "{\"constructor\": {\"prototype\": {\"x\": \"v2\"}}}");
    for path in [
        json!(""),
        json!("."),
        json!("a..b"),
        json!("a.*"),
        json!("a[*]"),
        json!("a[-1]"),
        json!("a[1e3]"),
        json!("a["),
        json!("$.a"),
        json!("a\nb"),
        json!("\"a\\u0000\""),
        json!("k".repeat(10_240)),
        json!("[0]".repeat(300)),
        json!([]),
        json!([null]),
        json!([1.5]),
        json!([-1]),
        json!([{}]),
        json!([{ "a": 1 }]),
        json!([{ "a": "b", "c": "d" }]),
        json!({ "a": "b" }),
        json!(5),
    ] {
        let expected = if path == "$.a" { "path-not-found" } else { "invalid-input" };
        assert_refused("a.json", file, set(path, "v2"), expected, &[]);
    }
}
