//! Values at key paths.

use serde_json::{Value, json};
use slipway_core::ErrorKind;
use slipway_edit::{Format, KeyPath, LARGEST, Operation, Options, Value as NewValue};

use crate::{assert_all_pass, changes, refused, with};

fn set(path: &str, value: impl Into<Value>) -> Value {
    json!({"op": "set", "path": path, "value": value.into()})
}

#[test]
fn quoting_follows_the_old_value_and_the_new_type() {
    assert_all_pass(&[
        changes(set("tag", "v2"), "tag: v1\n", "tag: v2\n"),
        changes(set("tag", "1.5.0"), "tag: 'v1' # c\n", "tag: '1.5.0' # c\n"),
        changes(set("tag", "1.5.0"), "tag: 1.4.0\n", "tag: 1.5.0\n"),
        changes(set("tag", "1.5"), "tag: v1\n", "tag: \"1.5\"\n"),
        changes(set("tag", "1234567"), "tag: abc1234\n", "tag: \"1234567\"\n"),
        changes(set("tag", "0755"), "tag: b1\n", "tag: \"0755\"\n"),
        changes(set("tag", "3"), "tag: \"2\"\n", "tag: \"3\"\n"),
        changes(set("tag", "3"), "tag:\n", "tag: \"3\"\n"),
        changes(set("tag", 3), "tag: \"2\"\n", "tag: \"3\"\n"),
        changes(set("tag", 3), "tag: v1\n", "tag: \"3\"\n"),
        changes(set("replicas", "3"), "replicas: 2 # two\n", "replicas: 3 # two\n"),
        changes(set("replicas", 3), "replicas: 2\n", "replicas: 3\n"),
        changes(set("replicas", 3), "replicas:\n", "replicas: 3\n"),
        changes(set("replicas", "03"), "replicas: 2\n", "replicas: \"03\"\n"),
        changes(set("on", "false"), "on: true\n", "on: false\n"),
        changes(set("on", false), "on: true\n", "on: false\n"),
        changes(set("on", "no"), "on: true\n", "on: \"no\"\n"),
        changes(set("cpu", 0.75), "cpu: 0.5\n", "cpu: 0.75\n"),
        changes(set("tag", "1.10"), "tag: 1.10\n", "tag: \"1.10\"\n"),
        changes(set("a", ""), "a: b # c\n", "a: \"\" # c\n"),
        changes(set("a", " b"), "a: b\n", "a: \" b\"\n"),
        changes(set("a", "b\nc"), "a: 'b'\n", "a: \"b\\nc\"\n"),
        changes(set("a", "b\u{7}\u{2028}é"), "a: b\n", "a: \"b\\u0007\\u2028é\"\n"),
        changes(set("a", "*b"), "a: b\n", "a: \"*b\"\n"),
        changes(set("a", "-b"), "a: b\n", "a: -b\n"),
        changes(set("a", "- b"), "a: b\n", "a: \"- b\"\n"),
        changes(set("a", "b:"), "a: b\n", "a: \"b:\"\n"),
        changes(set("a", "{{ .x }}"), "a: b\n", "a: \"{{ .x }}\"\n"),
        changes(set("a", "b, c"), "a: b\n", "a: b, c\n"),
        changes(set("a", "b, c"), "{a: b}\n", "{a: \"b, c\"}\n"),
        changes(set("a", "say \"hi\" \\"), "a: \"b\"\n", "a: \"say \\\"hi\\\" \\\\\"\n"),
        changes(set("n", "4"), "n: !!int 3\n", "n: !!int 4\n"),
        changes(set("n", "1"), "n: !custom 3\n", "n: !custom 1\n"),
        refused(set("n", "four"), "n: !!int 3\n", "invalid-input"),
    ]);
}

#[test]
fn empty_values_are_written_where_they_belong() {
    assert_all_pass(&[
        changes(set("a.b", "x"), "a:\n  b:\n  c: 1\n", "a:\n  b: x\n  c: 1\n"),
        changes(set("a.b", "x"), "a:\n  b:   # c\n", "a:\n  b: x   # c\n"),
        changes(set("a", "x"), "a   :", "a   : x"),
        changes(set("a", "x"), "\"a\":\r\nb: 1\r\n", "\"a\": x\r\nb: 1\r\n"),
        changes(set("a", "x"), "? a\n: # c\n", "? a\n: x # c\n"),
        changes(set("a", "x"), "{a: , b: 1}", "{a: x , b: 1}"),
        changes(set("a", "x"), "{a, b: 1}", "{a: x, b: 1}"),
        changes(set("a", "x"), "{a:}", "{a: x}"),
        changes(set("[0]", "x"), "-\n- y\n", "- x\n- y\n"),
        changes(set("l[0]", "x"), "l: # -\n# -\n-\n- y\n", "l: # -\n# -\n- x\n- y\n"),
        changes(set("l[0][1]", "x"), "l:\n- - y\n  -\n", "l:\n- - y\n  - x\n"),
        changes(set("[1]", "x"), "- y # - z\n- # c\n- z\n", "- y # - z\n- x # c\n- z\n"),
        changes(set("a", "1"), "a: !!str\nb: 1\n", "a: !!str 1\nb: 1\n"),
        changes(set("a", "x"), "a: &x # c\nb: *x\n", "a: &x x # c\nb: *x\n"),
        refused(set("a", "x"), "? a\n? b\n", "invalid-input"),
    ]);
}

#[test]
fn block_scalars_keep_header_and_indentation() {
    assert_all_pass(&[
        changes(set("a", "v2"), "a: |\n    v1\n\nb: 1\n", "a: |\n    v2\n\nb: 1\n"),
        changes(set("a", "v2"), "a: |  # c\n\n\n  v1\n  v0\n", "a: |  # c\n  v2\n"),
        changes(set("a", "x\n\ny"), "a: |-\r\n  v1\r\nb: 1", "a: |-\r\n  x\r\n\r\n  y\r\nb: 1"),
        changes(set("a", "x\ny"), "a: >\n  v1\n", "a: >\n  x\n\n  y\n"),
        changes(set("a", "v2"), "a: |+\n  v1\n\n\nb: 1\n", "a: |+\n  v2\n\n\nb: 1\n"),
        changes(set("a", "v1\n"), "a: |\n  v1\n", "a: |\n  v1\n"),
        changes(set("a", "v2"), "a: |1\n  v1\n", "a: |1\n v2\n"),
        refused(set("a", ""), "a: |\n  v1\n", "invalid-input"),
        refused(set("a", " x"), "a: |\n  v1\n", "invalid-input"),
        refused(set("a", "v2"), "a: |\nb: 1\n", "invalid-input"),
        refused(set("a", "v2"), "a: |\n", "invalid-input"),
        refused(set("a", "v2"), "a: |+\n\n\n", "invalid-input"),
    ]);
}

#[test]
fn paths_that_do_not_name_exactly_one_value_are_refused() {
    let documents = "kind: A\nmetadata: {name: x}\n---\nkind: A\nmetadata: {name: y}\nv: 1\n---\nkind: B\nv: 1\n";
    let select = |selector: Value| with(set("v", "2"), "select", selector);
    assert_all_pass(&[
        refused(set("v", "2"), documents, "ambiguous-document"),
        refused(select(json!({"kind": "C"})), documents, "path-not-found"),
        refused(select(json!({"kind": "A", "name": "x"})), documents, "path-not-found"),
        changes(select(json!({"kind": "A"})), documents, &documents.replacen("v: 1", "v: 2", 1)),
        changes(select(json!({"name": "y"})), documents, &documents.replacen("v: 1", "v: 2", 1)),
        changes(with(set("v", "2"), "doc", 1), documents, &documents.replacen("v: 1", "v: 2", 1)),
        refused(with(set("v", "2"), "doc", 3), documents, "path-not-found"),
        changes(with(set("v", "2"), "every", true), documents, &documents.replace("v: 1", "v: 2")),
        refused(set("a", "1"), "", "path-not-found"),
        refused(set("a", "1"), "# only a comment\n", "path-not-found"),
        refused(set("a", "1"), "a: {b: 1}\n", "path-not-found"),
        refused(set("a", "1"), "- a\n", "path-not-found"),
        refused(set("a.b", "1"), "a: text\n", "path-not-found"),
        refused(set("a[1]", "1"), "a: [x]\n", "path-not-found"),
        refused(set("a[0]", "1"), "a: {0: x}\n", "path-not-found"),
        refused(set("a[name=x].v", "1"), "a: [{name: y}]\n", "path-not-found"),
        refused(set("a[name=x].v", "1"), "a: [{name: x, v: 1}, {name: x, v: 2}]\n", "ambiguous-match"),
        refused(set("a.b", "1"), "a: {b: 1}\na: {b: 2}\n", "duplicate-key"),
        changes(set("a.b", "2"), "c: 1\nc: 2\na: {b: 1}\n", "c: 1\nc: 2\na: {b: 2}\n"),
    ]);
}

#[test]
fn shared_values_are_refused_unless_aliases_are_followed() {
    let merged = "base: &base {tag: v1}\nweb:\n  <<: *base\n  cpu: 1\n";
    let list = "items:\n- &a {name: x, v: 1}\nmore:\n- *a\n";
    let follow = |operation| with(operation, "alias", "follow");
    assert_all_pass(&[
        refused(set("b", "v2"), "a: &v v1\nb: *v\n", "shared-value"),
        changes(follow(set("b", "v2")), "a: &v v1\nb: *v\n", "a: &v v2\nb: *v\n"),
        refused(set("web.tag", "v2"), merged, "shared-value"),
        changes(follow(set("web.tag", "v2")), merged, "base: &base {tag: v2}\nweb:\n  <<: *base\n  cpu: 1\n"),
        changes(
            with(set("web.tag", "v2"), "create", true),
            merged,
            "base: &base {tag: v1}\nweb:\n  <<: *base\n  cpu: 1\n  tag: v2\n",
        ),
        changes(set("base.tag", "v2"), merged, "base: &base {tag: v2}\nweb:\n  <<: *base\n  cpu: 1\n"),
        refused(set("web.mem", "v2"), merged, "path-not-found"),
        refused(set("more[name=x].v", "2"), list, "shared-value"),
        changes(follow(set("more[name=x].v", "2")), list, "items:\n- &a {name: x, v: 2}\nmore:\n- *a\n"),
        refused(set("a", "1"), "a: *nobody\n", "invalid-yaml"),
    ]);
}

#[test]
fn guards_look_at_the_old_value() {
    let expect = |value: &str, expected: &str| with(set("tag", value), "expect", expected);
    let upgrade = |value: &str| with(set("tag", value), "policy", "semver-up");
    assert_all_pass(&[
        changes(expect("v3", "v2"), "tag: 'v2'\n", "tag: 'v3'\n"),
        changes(expect("v3", "v2"), "tag: v3\n", "tag: v3\n"),
        refused(expect("v3", "v2"), "tag: v1\n", "unexpected-current-value"),
        changes(upgrade("v2.0.1"), "tag: v2.0.0\n", "tag: v2.0.1\n"),
        changes(upgrade("2.0.0+b"), "tag: 2.0.0+a\n", "tag: 2.0.0+b\n"),
        refused(upgrade("v2.0.0-rc.1"), "tag: v2.0.0\n", "downgrade"),
        refused(upgrade("main"), "tag: v2.0.0\n", "invalid-input"),
    ]);
}

#[test]
fn missing_keys_are_written_in_the_style_of_the_file() {
    let create = |path: &str, value: &str| with(set(path, value), "create", true);
    assert_all_pass(&[
        changes(create("b", "1"), "a: x # c\n# end\n", "a: x # c\nb: \"1\"\n# end\n"),
        changes(create("a.c.d", "x"), "a:\n    b: 1\n", "a:\n    b: 1\n    c:\n      d: x\n"),
        changes(create("a.b", "x"), "a: {}\n", "a: {b: x}\n"),
        changes(create("a.b.c", "x"), "{\"a\": {\"x\": 1}}", "{\"a\": {\"x\": 1, \"b\": {\"c\": \"x\"}}}"),
        changes(create("a.b", "x"), "a: {\n  c: 1,\n  d: 2,\n}\n", "a: {\n  c: 1,\n  d: 2,\n  b: x,\n}\n"),
        changes(create("a.b", "x"), "a:\nc: 1\n", "a:\n  b: x\nc: 1\n"),
        changes(create("a.b", "x"), "a: # c\n", "a: # c\n  b: x\n"),
        changes(
            create("l[name=b].v", "x"),
            "l:\n-   name: a\n    v: 1\n",
            "l:\n-   name: a\n    v: 1\n-   name: b\n    v: x\n",
        ),
        changes(create("l[name=b].v", "x"), "l: [{name: a}]", "l: [{name: a}, {name: b, v: x}]"),
        changes(create("l[name=b].v", "x"), "k: 1\r\n", "k: 1\r\nl:\r\n  - name: b\r\n    v: x\r\n"),
        changes(create("\"on\".\"a b\"", "x"), "k: 1\n", "k: 1\n\"on\":\n  a b: x\n"),
        changes(create("b", "x"), "\u{feff}a: |\n  t\n\n\n", "\u{feff}a: |\n  t\nb: x\n\n\n"),
        refused(create("b", "x"), "a: |+\n  t\n\n\n", "invalid-input"),
        refused(create("a[1]", "x"), "a: [y]\n", "invalid-input"),
        refused(create("a.b", "x"), "a: text\n", "invalid-input"),
        refused(create("b", "x"), "? a\n: 1\n", "invalid-input"),
    ]);
}

#[test]
fn strings_that_hold_documents_are_edited_inside() {
    let inner = |value: &str| with(set("v", value), "inner", "image.tag");
    let outer = |text: &str| format!("kind: A\nv: |{text}end: 1\n");
    assert_all_pass(&[
        changes(
            inner("v2"),
            &outer("\n\n  # c  \n  image:\n\n    tag: 'v1'  # t\n\n    x: 1\n\n\n"),
            &outer("\n\n  # c  \n  image:\n\n    tag: 'v2'  # t\n\n    x: 1\n\n\n"),
        ),
        changes(inner("v1"), &outer("-\n  image: {tag: v1}\n"), &outer("-\n  image: {tag: v1}\n")),
        changes(
            inner("v2"),
            "v: |\r\n  image:\r\n    tag: v1\r\n    x: 1",
            "v: |\r\n  image:\r\n    tag: v2\r\n    x: 1",
        ),
        changes(inner("v2"), "v: |\n  image:\n    tag: v1", "v: |\n  image:\n    tag: v2"),
        changes(inner("v2"), "v: 'image: {tag: v1}'\n", "v: 'image: {tag: v2}'\n"),
        changes(inner("v2"), "v: \"image:\\n  tag: v1\\n\"\n", "v: \"image:\\n  tag: v2\\n\"\n"),
        changes(
            with(inner("v2"), "create", true),
            &outer("\n  image:\n    name: a\n  x: 1\n"),
            &outer("\n  image:\n    name: a\n    tag: v2\n  x: 1\n"),
        ),
        changes(
            with(inner("v2"), "create", true),
            &outer("\n  image:\n    name: a\n"),
            &outer("\n  image:\n    name: a\n    tag: v2\n"),
        ),
        refused(inner("v2"), &outer("\n  image: {tag: v1\n"), "invalid-yaml"),
        refused(inner("v2"), &outer("\n  image: {}\n"), "path-not-found"),
        refused(with(inner("v2"), "expect", "v0"), &outer("\n  image: {tag: v1}\n"), "unexpected-current-value"),
    ]);
}

#[test]
fn what_is_no_yaml_is_refused() {
    let image = || set("spec.image", "a:2");
    assert_all_pass(&[
        refused(image(), "spec:\n  replicas: {{ .Values.replicas }}\n  image: a:1\n", "invalid-yaml"),
        refused(image(), "{{- if .Values.x }}\nspec:\n  image: a:1\n{{- end }}\n", "invalid-yaml"),
        refused(image(), "spec:\n\timage: a:1\n", "invalid-yaml"),
        refused(image(), "spec: {image: a:1\n", "invalid-yaml"),
        refused(image(), "spec: \"a\n", "invalid-yaml"),
        refused(image(), &"[".repeat(100_000), "invalid-yaml"),
        refused(image(), &"{a: ".repeat(100_000), "invalid-yaml"),
        refused(image(), &"- ".repeat(100_000), "invalid-yaml"),
        refused(image(), &"? ".repeat(100_000), "invalid-yaml"),
        refused(image(), &" ".repeat(LARGEST + 1), "invalid-file"),
        refused(json!({"op": "set", "path": "a.*", "value": "x"}), "a: {b: 1}\n", "invalid-input"),
        refused(json!({"op": "set", "path": "a", "value": null}), "a: 1\n", "invalid-input"),
        refused(json!({"op": "set", "path": "a", "value": "x", "vaule": 1}), "a: 1\n", "invalid-input"),
        refused(json!({"op": "sed", "path": "a", "value": "x"}), "a: 1\n", "invalid-input"),
    ]);
}

#[test]
fn the_report_names_every_change() {
    let path: KeyPath = "web[name=x].tag".parse().expect("a path");
    let source = "# c\nweb:\n- name: x\n  tag: &t 'v1'\nother: *t\n";
    let edited = Format::YAML.set(source, &path, &NewValue::from("v2"), &Options::default()).expect("found");
    let [change] = &edited.changes[..] else { panic!("{:?}", edited.changes) };
    assert_eq!((change.path.to_string().as_str(), change.line, change.document), ("web[0].tag", 4, 0));
    assert_eq!((change.old.as_deref(), change.new.as_str(), &change.shared_with[..]), (Some("v1"), "v2", &[5][..]));

    let again = Format::YAML.set(&edited.text, &path, &NewValue::from("v2"), &Options::default()).expect("found");
    assert_eq!((again.changes.len(), again.unchanged.len(), again.text == edited.text), (0, 1, true));

    let operation = json!({"op": "set", "path": "web", "inner": "b.c", "value": "2"});
    let operation = Operation::from_json(&operation).expect("an operation");
    let edited = operation.apply(Format::YAML, "web: |\n\n  b:\n\n    c: 1\n").expect("found");
    let [change] = &edited.changes[..] else { panic!("{:?}", edited.changes) };
    let inner = change.inner.as_ref().map(ToString::to_string);
    assert_eq!((change.line, inner.as_deref(), change.old.as_deref()), (5, Some("b.c"), Some("1")));
}

#[test]
fn errors_say_what_was_meant() {
    let explain = |source: &str, path: &str| {
        let path: KeyPath = path.parse().expect("a path");
        let error = Format::YAML.set(source, &path, &NewValue::from("x"), &Options::default()).expect_err(source);
        assert_ne!(error.kind(), ErrorKind::Internal);
        error.to_string()
    };
    for (source, path, expected) in [
        (
            "image:\n  repository: a\n  tga: b\n",
            "image.tag",
            "nothing stands at `image.tag`: `image` at line 2 has no key `tag`. its keys are `tga`, `repository`",
        ),
        (
            "a: [{name: web}, {name: api}]\n",
            "a[name=apis].x",
            "nothing stands at `a[name=apis].x`: `a` at line 1 has no item with `name: apis`. its items have `api`, `web` there",
        ),
        (
            "a: 1\nb: 2\na: 3\n",
            "a",
            "the document has the key `a` twice, at lines 1 and 3. readers of the file disagree on which of them counts; remove one",
        ),
        (
            "x: &x 1\ny: *x\n",
            "y",
            "`y` at line 2 is an alias of the value at line 1. set `x` instead; every use of it changes too",
        ),
        (
            "a: {{ .Values.a }}\n",
            "a",
            "line 1 holds an unquoted `{{ … }}`, which is no YAML value. this looks like a template; edit the values file that it is rendered from, or quote the `{{ … }}` expressions",
        ),
        ("a: {b: 1, c: 2}\n", "a", "`a` at line 1 is a mapping, not a single value. name one of its keys: `b`, `c`"),
    ] {
        assert_eq!(explain(source, path), expected);
    }
}
