//! Keys and items that come and go.

use serde_json::{Value, json};
use slipway_edit::Format;

use crate::{assert_all_pass, assert_all_pass_in, changes, refused, with};

fn delete(path: &str) -> Value {
    json!({"op": "delete", "path": path})
}

fn append(path: &str, value: impl Into<Value>) -> Value {
    json!({"op": "append", "path": path, "value": value.into()})
}

fn create(path: &str, value: impl Into<Value>) -> Value {
    json!({"op": "set", "path": path, "value": value.into(), "create": true})
}

#[test]
fn keys_of_yaml_go_with_their_comments() {
    assert_all_pass(&[
        changes(delete("b"), "a: 1\nb: 2 # two\nc: 3\n", "a: 1\nc: 3\n"),
        changes(delete("b"), "a: 1\n# about b\n# more\nb: 2\n\n# about c\nc: 3\n", "a: 1\n\n# about c\nc: 3\n"),
        changes(delete("a"), "# the file\na: 1\nb: 2\n", "# the file\nb: 2\n"),
        changes(delete("a"), "# the file\n\n# about a\na: 1\nb: 2\n", "# the file\n\nb: 2\n"),
        changes(
            delete("a"),
            "a:\n  b: 1\n  # within\n\n  c: 2\n  # still within\n# about d\nd: 1\n",
            "# about d\nd: 1\n",
        ),
        changes(delete("b"), "a: 1\n\nb: 2\n\nc: 3\n", "a: 1\n\nc: 3\n"),
        changes(delete("b"), "a: 1\n\nb: 2\n", "a: 1\n"),
        changes(delete("b"), "a: 1\nb: 2", "a: 1"),
        changes(delete("b"), "a: 1\r\nb: 2\r\nc: 3", "a: 1\r\nc: 3"),
        changes(delete("b"), "a: 1\r\nb: 2", "a: 1"),
        changes(delete("a"), "\u{feff}a: 1\nb: 2\n", "\u{feff}b: 2\n"),
        changes(delete("b"), "a: 1\nb: |\n  x\n\n  y\n\nc: 3\n", "a: 1\n\nc: 3\n"),
        changes(delete("b"), "a: |+\n  x\n\nb: 2\nc: 3\n", "a: |+\n  x\n\nc: 3\n"),
        changes(delete("b"), "a: 1\nb: |+\n  x\n\n\nc: 3\n", "a: 1\nc: 3\n"),
        changes(delete("b"), "a: &x 1\nb: *x\nc: *x\n", "a: &x 1\nc: *x\n"),
        changes(delete("a"), "a: &x 1\nb: &y 2\nc: *y\n", "b: &y 2\nc: *y\n"),
        refused(delete("a"), "a: &x 1\nb: *x\n", "shared-value"),
        refused(delete("w.t"), "b: &b {t: 1}\nw:\n  <<: *b\n  u: 1\n", "shared-value"),
        refused(delete("x"), "a: 1\n", "path-not-found"),
        refused(delete("a"), "a: 1\na: 2\n", "duplicate-key"),
        refused(delete("a"), "a: 1\n---\na: 1\n", "ambiguous-document"),
        changes(with(delete("a"), "every", true), "a: 1\nb: 1\n---\na: 1\nb: 2\n", "b: 1\n---\nb: 2\n"),
        changes(
            with(delete("l[0]"), "every", true),
            "l: [a, b, c]\n---\nl:\n- d\n- e\n---\nl: [f]\n",
            "l: [b, c]\n---\nl:\n- e\n---\nl: []\n",
        ),
        refused(with(delete("l[1]"), "every", true), "l: [a]\n---\nl: [b]\n", "path-not-found"),
        refused(with(delete("a"), "expect", "2"), "a: 1\nb: 1\n", "unexpected-current-value"),
        changes(with(delete("a"), "expect", 1), "a: 1\nb: 1\n", "b: 1\n"),
    ]);
}

#[test]
fn what_loses_its_last_child_stays_valid() {
    assert_all_pass(&[
        changes(delete("a.b"), "a:\n  b: 1\nc: 2\n", "a: {}\nc: 2\n"),
        changes(delete("a.b"), "a: # c\n  b: 1\n", "a: {} # c\n"),
        changes(delete("a.b"), "a: &x !t\n  b: 1\n", "a: &x !t {}\n"),
        changes(delete("a"), "a: 1\n", "{}\n"),
        changes(delete("a.b"), "a: {b: 1}\n", "a: {}\n"),
        changes(delete("l[0]"), "l:\n  - x\nm: 1\n", "l: []\nm: 1\n"),
        changes(delete("l[0]"), "l:\n- x: 1\n  y: 2\nm: 1\n", "l: []\nm: 1\n"),
        changes(delete("l[0]"), "l: [x]\n", "l: []\n"),
        changes(delete("l[0].a"), "l:\n- a: 1\n- b\n", "l:\n- {}\n- b\n"),
    ]);
}

#[test]
fn items_and_their_first_keys_go() {
    let list = "l:\n  # first\n  - name: a\n    v: 1\n  # second\n  - name: b # c\n    v: 2\n  - name: d\n";
    assert_all_pass(&[
        changes(delete("l[0]"), list, &list.replace("  # first\n  - name: a\n    v: 1\n", "")),
        changes(delete("l[name=b]"), list, &list.replace("  # second\n  - name: b # c\n    v: 2\n", "")),
        changes(delete("l[2]"), list, &list.replace("  - name: d\n", "")),
        changes(delete("l[name=b].name"), list, &list.replace("name: b # c\n    v: 2", "v: 2")),
        changes(delete("l[name=b].v"), list, &list.replace("    v: 2\n", "")),
        changes(delete("l[0][0]"), "l:\n- - a\n  - b\n", "l:\n- - b\n"),
        changes(delete("l[1]"), "l: [a, b, c]\n", "l: [a, c]\n"),
        changes(delete("l[2]"), "l: [a, b, c]\n", "l: [a, b]\n"),
        changes(delete("l[0]"), "l: [ a, b ]\n", "l: [ b ]\n"),
        changes(delete("l[1]"), "l: [a, b,]\n", "l: [a,]\n"),
        changes(delete("l[1]"), "l: [\n  a, # a\n  # b\n  b, # b\n  c\n]\n", "l: [\n  a, # a\n  c\n]\n"),
        changes(delete("l[2]"), "l: [\n  a,\n  b, # b\n  c # c\n]\n", "l: [\n  a,\n  b # b\n]\n"),
        changes(delete("m.a"), "m: {a: &x 1, b: 2}\n", "m: {b: 2}\n"),
    ]);
}

#[test]
fn items_are_appended_once_in_the_style_of_the_list() {
    let entry = json!({"name": "b", "newTag": "1.10"});
    assert_all_pass(&[
        changes(append("l", "b"), "l:\n- a # a\nm: 1\n", "l:\n- a # a\n- b\nm: 1\n"),
        changes(append("l", "b"), "l:\n    -   a\n", "l:\n    -   a\n    -   b\n"),
        changes(append("l", "b"), "l: [a]\n", "l: [a, b]\n"),
        changes(append("l", "b"), "l: []\n", "l: [b]\n"),
        changes(append("l", "b"), "l:\nm: 1\n", "l:\n  - b\nm: 1\n"),
        changes(append("l", "no"), "l: [a]\n", "l: [a, \"no\"]\n"),
        changes(append("l", 8080), "l:\r\n- 80", "l:\r\n- 80\r\n- 8080"),
        changes(append("l", "b"), "l:\n- a\n- b\n", "l:\n- a\n- b\n"),
        changes(append("l", entry.clone()), "l:\n- name: a\n", "l:\n- name: a\n- name: b\n  newTag: \"1.10\"\n"),
        changes(append("l", entry.clone()), "l: [{name: a}]\n", "l: [{name: a}, {name: b, newTag: \"1.10\"}]\n"),
        changes(append("l", entry.clone()), "l:\n- newTag: '1.10'\n  name: b\n", "l:\n- newTag: '1.10'\n  name: b\n"),
        changes(
            append("l", json!({"e": [1, {"k": "v"}], "m": {}})),
            "l:\n- a\n",
            "l:\n- a\n- e:\n    - 1\n    - k: v\n  m: {}\n",
        ),
        changes(with(append("a.l", "b"), "create", true), "a:\n  x: 1\n", "a:\n  x: 1\n  l:\n    - b\n"),
        changes(with(append("l", entry), "create", true), "a: {}\n", "a: {}\nl:\n  - name: b\n    newTag: \"1.10\"\n"),
        refused(append("a.l", "b"), "a:\n  x: 1\n", "path-not-found"),
        refused(append("a", "b"), "a: {}\n", "invalid-input"),
        refused(append("a", "b"), "a: text\n", "invalid-input"),
        refused(append("b", "x"), "a: &l [1]\nb: *l\n", "shared-value"),
    ]);
}

#[test]
fn a_file_without_a_document_gets_one() {
    assert_all_pass(&[
        changes(create("a.b", "1"), "", "a:\n  b: \"1\"\n"),
        changes(create("a", "x"), "# c", "# c\na: x\n"),
        changes(create("a", "x"), "\u{feff}", "\u{feff}a: x\n"),
    ]);
}

#[test]
fn json_keys_come_and_go() {
    let pretty = "{\n  \"a\": 1, // a\n  // b\n  \"b\": [\n    \"x\"\n  ],\n  \"c\": {}\n}\n";
    assert_all_pass_in(
        Format::JSON,
        &[
            changes(delete("a"), pretty, &pretty.replace("  \"a\": 1, // a\n", "")),
            changes(delete("b"), pretty, "{\n  \"a\": 1, // a\n  \"c\": {}\n}\n"),
            changes(delete("c"), pretty, &pretty.replace("],\n  \"c\": {}", "]")),
            changes(delete("b[0]"), "{\"b\": [\"x\"]}", "{\"b\": []}"),
            changes(delete("a"), "{\"a\":1,\"b\":2}", "{\"b\":2}"),
            changes(delete("b"), "{\"a\":1,\"b\":2}", "{\"a\":1}"),
            changes(delete("a"), "{ \"a\": 1 }", "{}"),
            changes(append("b", "y"), pretty, &pretty.replace("\"x\"", "\"x\",\n    \"y\"")),
            changes(append("b", json!({"k": 1})), "{\"b\": []}", "{\"b\": [{\"k\": 1}]}"),
            changes(create("c.d", true), pretty, &pretty.replace("{}", "{\"d\": true}")),
            changes(create("d", "é"), "\u{feff}{\"a\": 1,}", "\u{feff}{\"a\": 1, \"d\": \"é\",}"),
            refused(delete("a"), "{\"a\": 1, \"a\": 2}", "duplicate-key"),
        ],
    );
}

#[test]
fn toml_keys_and_tables_come_and_go() {
    let file = "title = \"x\"\n\n# deploy\n[deploy.image]\ntag = \"v1\" # current\nx.y = 1\n\n[[step]]\nname = \"a\"\n\n[[step]]\nname = \"b\"\n";
    assert_all_pass_in(
        Format::TOML,
        &[
            changes(delete("title"), file, &file.replace("title = \"x\"\n\n", "")),
            changes(delete("deploy.image.tag"), file, &file.replace("tag = \"v1\" # current\n", "")),
            changes(delete("deploy.image.x.y"), file, &file.replace("x.y = 1\n", "")),
            changes(
                delete("deploy"),
                file,
                &file.replace("# deploy\n[deploy.image]\ntag = \"v1\" # current\nx.y = 1\n\n", ""),
            ),
            changes(delete("step[0]"), file, &file.replace("[[step]]\nname = \"a\"\n\n", "")),
            changes(delete("step[name=b]"), file, &file.replace("\n[[step]]\nname = \"b\"\n", "")),
            changes(create("deploy.image.digest", "d"), file, &file.replace("x.y = 1\n", "x.y = 1\ndigest = \"d\"\n")),
            changes(create("deploy.image.x.z", 2), file, &file.replace("x.y = 1\n", "x.y = 1\nx.z = 2\n")),
            changes(create("deploy.replicas", 2), file, &format!("{file}\n[deploy]\nreplicas = 2\n")),
            changes(create("a", true), file, &file.replace("\"x\"\n", "\"x\"\na = true\n")),
            changes(create("a.b.c", "d"), file, &format!("{file}\n[a.b]\nc = \"d\"\n")),
            changes(append("step", json!({"name": "c"})), file, &format!("{file}\n[[step]]\nname = \"c\"\n")),
            changes(append("l", "b"), "l = [\n  \"a\", # a\n]\n", "l = [\n  \"a\", # a\n  \"b\",\n]\n"),
            changes(append("l", 2), "l = [1]", "l = [1, 2]"),
            changes(with(append("l", "a"), "create", true), "", "l = [\"a\"]\n"),
            changes(create("t.\"b c\"", 1), "t = { a = 1 }\n", "t = { a = 1, \"b c\" = 1 }\n"),
            changes(delete("t.a"), "t = { a = 1, b = 2 }\r\n", "t = { b = 2 }\r\n"),
            changes(create("k", 1), "# c\n[a]\nb = 1\n", "k = 1\n\n# c\n[a]\nb = 1\n"),
        ],
    );
}

#[test]
fn blocks_of_hcl_go_all_at_once() {
    let file =
        "a {\n  b {\n    x = 1\n  }\n  b {\n    x = 2\n  }\n}\na {\n  b {\n    x = 3\n  }\n  b {\n    x = 4\n  }\n}\n";
    let (one, four) = ("  b {\n    x = 1\n  }\n", "  b {\n    x = 4\n  }\n");
    let first = file.replace(one, "").replace("  b {\n    x = 3\n  }\n", "");
    assert_all_pass_in(
        Format::HCL,
        &[
            changes(with(delete("a.b[0]"), "every", true), file, &first),
            changes(with(delete("a.b"), "every", true), file, "a {\n}\na {\n}\n"),
            changes(delete("a[1].b[1]"), file, &file.replace(four, "")),
            refused(delete("a.b[0]"), file, "ambiguous-match"),
        ],
    );
}

#[test]
fn items_are_chosen_by_a_key_further_in() {
    let weight = |subset: &str| format!("route[destination.subset={subset}].weight");
    let list = "route:\n- destination: {subset: a}\n  weight: 1\n- destination:\n    subset: b\n  weight: 2\n";
    let blocks = "route {\n  destination {\n    subset = \"a\"\n  }\n  weight = 1\n}\nroute {\n  destination {\n    subset = \"b\"\n  }\n  weight = 2\n}\n";
    assert_all_pass(&[
        changes(delete(&weight("b")), list, &list.replace("  weight: 2\n", "")),
        changes(create(&weight("c"), 3), list, &format!("{list}- destination:\n    subset: c\n  weight: 3\n")),
        refused(delete(&weight("c")), list, "path-not-found"),
        // What is created beside the selector's key stands in the mapping that the selector makes.
        changes(
            create("route[destination.subset=c].destination.host", "web"),
            list,
            &format!("{list}- destination:\n    subset: c\n    host: web\n"),
        ),
        refused(create("route[destination.subset=c].destination", "web"), list, "invalid-input"),
        refused(create("route[name=c].name", "web"), list, "invalid-input"),
    ]);
    assert_all_pass_in(Format::HCL, &[changes(create(&weight("b"), 3), blocks, &blocks.replace("= 2", "= 3"))]);
}

#[test]
fn lines_come_and_go() {
    assert_all_pass_in(
        Format::DOTENV,
        &[
            changes(create("TAG", "v 1"), "A=1\n", "A=1\nTAG='v 1'\n"),
            changes(create("TAG", "v1"), "A=1\r\nB=2", "A=1\r\nB=2\r\nTAG=v1"),
            changes(delete("A"), "# a\n\n# about A\nexport A=1\nB=2\n", "# a\n\nB=2\n"),
            changes(delete("A"), "A=1\n", ""),
            refused(create("\"a b\"", "1"), "A=1\n", "invalid-input"),
        ],
    );
    assert_all_pass_in(
        Format::PROPERTIES,
        &[
            changes(create("app.version", "1"), "app.name = shop\n", "app.name = shop\napp.version = 1\n"),
            changes(create("k", "é"), "", "k=\\u00e9\n"),
            changes(delete("b"), "a=1\nb=x\\\n  y\nc=3\n", "a=1\nc=3\n"),
        ],
    );
}
