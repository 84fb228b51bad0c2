//! The conformance cases: each is an operation, an input, and the exact bytes or the kind of error that it must give.
#![expect(clippy::disallowed_methods, reason = "reads the shared case file where there is one")]
#![expect(clippy::expect_used, reason = "a broken case file is a failure of the test")]

use std::path::Path;

use serde_json::{Value, json};
use slipway_edit::{Format, Operation};

/// Where a folder around this workspace may hold cases that are not part of the repository.
const SHARED_CASES: &str = "shared/cases/config-updater.json";

const OLD: &str = "sha256:1111111111111111111111111111111111111111111111111111111111111111";
const NEW: &str = "sha256:2222222222222222222222222222222222222222222222222222222222222222";

/// Runs one case; what is wrong with the outcome, if anything.
fn problem(case: &Value) -> Option<String> {
    let input = case["input"].as_str().expect("input");
    let outcome = Operation::from_json(&case["operation"]).and_then(|operation| operation.apply(Format::YAML, input));
    match (outcome, case["expected_error"].as_str()) {
        (Ok(edited), Some(kind)) => Some(format!("is not refused as {kind} but gives\n{}", edited.text)),
        (Err(error), Some(kind)) if error.kind().name() == kind => None,
        (Err(error), _) => Some(format!("is refused as {}: {error}", error.kind().name())),
        (Ok(edited), None) if case["expected"] != edited.text => Some(format!("gives\n{}", edited.text)),
        (Ok(edited), None) if case["changed"] != !edited.changes.is_empty() => {
            Some(format!("reports the changes {:?}", edited.changes))
        }
        (Ok(_), None) => None,
    }
}

fn problems<'a>(cases: impl Iterator<Item = &'a Value>) -> Vec<String> {
    cases.filter_map(|case| Some(format!("{} {} {}", case["id"], case["operation"], problem(case)?))).collect()
}

#[test]
fn the_shared_cases_pass() {
    let folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(3);
    let Some(text) =
        folders.map(|folder| folder.join(SHARED_CASES)).find_map(|file| std::fs::read_to_string(file).ok())
    else {
        println!("SKIPPED: no {SHARED_CASES} beside this workspace");
        return;
    };
    let cases: Vec<Value> = serde_json::from_str(&text).expect("a list of cases");
    let formats = ["yaml", "k8s", "kustomization", "helm-values", "helm-chart", "argocd", "compose", "flux"];
    let operations = ["set", "multi", "set-image", "kustomize-set-image", "helm-set-image"];
    let is_ours = |case: &&Value| {
        formats.contains(&case["format"].as_str().expect("format"))
            && operations.contains(&case["operation"]["op"].as_str().expect("op"))
    };
    let ours: Vec<_> = cases.iter().filter(is_ours).collect();
    let problems = problems(ours.iter().copied());
    println!(
        "{} of {} shared cases pass; {} are of other formats",
        ours.len() - problems.len(),
        ours.len(),
        cases.len() - ours.len()
    );
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

fn changes(operation: Value, input: &str, expected: &str) -> Value {
    json!({"operation": operation, "input": input, "expected": expected, "changed": input != expected})
}

fn refused(operation: Value, input: &str, kind: &str) -> Value {
    json!({"operation": operation, "input": input, "expected_error": kind})
}

fn assert_all_pass(cases: &[Value]) {
    let problems = problems(cases.iter());
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

fn set(path: &str, value: impl Into<Value>) -> Value {
    json!({"op": "set", "path": path, "value": value.into()})
}

/// The operation with one more key.
fn with(mut operation: Value, key: &str, value: impl Into<Value>) -> Value {
    operation[key] = value.into();
    operation
}

fn set_image(image: &str, tag: &str) -> Value {
    json!({"op": "set-image", "image": image, "tag": tag})
}

fn pin(image: &str, tag: &str, digest: &str) -> Value {
    with(set_image(image, tag), "digest", digest)
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
        refused(with(set_image("a", "1.0.0"), "policy", "semver-up"), "image: a:2.0.0\n", "downgrade"),
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
        refused(image(), &" ".repeat(4 * 1024 * 1024 + 1), "invalid-file"),
        refused(json!({"op": "set", "path": "a.*", "value": "x"}), "a: {b: 1}\n", "invalid-input"),
        refused(json!({"op": "set", "path": "a", "value": null}), "a: 1\n", "invalid-input"),
        refused(json!({"op": "set", "path": "a", "value": "x", "vaule": 1}), "a: 1\n", "invalid-input"),
        refused(json!({"op": "sed", "path": "a", "value": "x"}), "a: 1\n", "invalid-input"),
    ]);
}

#[test]
fn references_are_found_by_name_and_by_nothing_else() {
    let manifest = |tag: &str| {
        format!(
            "kind: Deployment\nspec:\n  initContainers:\n  - {{name: wait, image: 'acme/shop:{tag}'}}\n  containers:\n  \
             - image: acme/shop:{tag} # ours\n  - image: acme/shop-api:v1\n  - image: my/acme/shop:v1\n  \
             - image: ghcr.io/acme/shop:v1\n  - image: ${{REGISTRY}}/acme/shop:v1\n  - name: acme/shop:v1\n---\n\
             kind: Rollout\nspec: {{template: {{image: \"docker.io/acme/shop:{tag}\"}}}}\n"
        )
    };
    assert_all_pass(&[
        changes(set_image("acme/shop", "v2"), &manifest("v1"), &manifest("v2")),
        changes(set_image("acme/shop", "v1"), &manifest("v1"), &manifest("v1")),
        refused(set_image("acme/web", "v2"), &manifest("v1"), "image-not-found"),
        refused(set_image("acme/shop", "v2"), "repository: acme/shop\n", "image-not-found"),
        changes(set_image("r:5000/a", "v2"), "image: r:5000/a\n", "image: r:5000/a:v2\n"),
        changes(set_image("a", "1.5"), "image: >-\n  a:1\n", "image: >-\n  a:1.5\n"),
        changes(pin("a", "v2", NEW), "image: a:v1\n", &format!("image: a:v2@{NEW}\n")),
        changes(pin("a", "v2", NEW), &format!("image: a@{OLD}\n"), &format!("image: a:v2@{NEW}\n")),
        changes(
            json!({"op": "set-image", "image": "a", "digest": NEW}),
            "image: a:v1\n",
            &format!("image: a:v1@{NEW}\n"),
        ),
        changes(set_image("a", "v1"), &format!("image: a:v1@{OLD}\n"), &format!("image: a:v1@{OLD}\n")),
        refused(set_image("a", "v2"), &format!("image: a:v1@{OLD}\n"), "stale-digest"),
        refused(set_image("a", "v2"), &format!("image: a@{OLD}\n"), "stale-digest"),
        changes(pin("a", "v2", ""), &format!("image: a:v1@{OLD}\n"), "image: a:v2\n"),
        refused(json!({"op": "set-image", "image": "a"}), "image: a:v1\n", "invalid-input"),
        refused(set_image("A", "v2"), "image: a:v1\n", "invalid-input"),
        refused(set_image("a", "-v2"), "image: a:v1\n", "invalid-input"),
        refused(pin("a", "v2", "sha256:short"), "image: a:v1\n", "invalid-input"),
        refused(set_image("a", "v2"), "image: a:v1\nimage: a:v1\n", "duplicate-key"),
        changes(
            with(set_image("a", "v2"), "doc", 1),
            "image: a:v1\n---\nimage: a:v1\n",
            "image: a:v1\n---\nimage: a:v2\n",
        ),
        changes(
            with(set_image("a", "v2"), "scope", "anywhere"),
            "x: [a:v1, a, 'use a:v1', b:v1]\n",
            "x: [a:v2, a, 'use a:v1', b:v1]\n",
        ),
        changes(set_image("a", "v2"), "image: a\ntag: v1\n", "image: a\ntag: v2\n"),
        changes(set_image("a", "v2"), "image: a\nimageTag: \"v1\"\n", "image: a\nimageTag: \"v2\"\n"),
    ]);
}

#[test]
fn aliases_of_images_are_followed_only_where_that_changes_no_other_image() {
    let follow = |operation| with(operation, "alias", "follow");
    let alias = "x: &img a:v1\nservices: {web: {image: *img}}\n";
    let version = "v: &v v1\nimage: {repository: a, tag: *v}\n";
    let two = "a: {image: {repository: a, tag: &v v1}}\nb: {image: {repository: b, tag: *v}}\n";
    let merged = "x: &x {repository: a, tag: v1}\ny: {image: {<<: *x, pullPolicy: Always}}\n";
    let overridden = "x: &x {repository: a, tag: v1}\ny: {image: {<<: *x, repository: b}}\n";
    assert_all_pass(&[
        refused(set_image("a", "v2"), alias, "shared-value"),
        changes(follow(set_image("a", "v2")), alias, &alias.replace("v1", "v2")),
        changes(set_image("a", "v2"), "l:\n- image: &i a:v1\n- image: *i\n", "l:\n- image: &i a:v2\n- image: *i\n"),
        refused(set_image("a", "v2"), version, "shared-value"),
        changes(follow(set_image("a", "v2")), version, "v: &v v2\nimage: {repository: a, tag: *v}\n"),
        refused(set_image("a", "v2"), two, "shared-value"),
        changes(follow(set_image("a", "v2")), two, &two.replace("v1", "v2")),
        changes(set_image("a", "v2"), merged, &merged.replace("v1", "v2")),
        refused(set_image("a", "v2"), overridden, "shared-value"),
        refused(set_image("b", "v2"), overridden, "shared-value"),
        changes(
            set_image("b", "v2"),
            "x: &x {repository: a, tag: v1}\ny: {<<: *x, repository: b, tag: v1}\n",
            "x: &x {repository: a, tag: v1}\ny: {<<: *x, repository: b, tag: v2}\n",
        ),
    ]);
}

#[test]
fn kustomization_entries() {
    let kustomize = |tag: &str| json!({"op": "kustomize-set-image", "name": "a", "newTag": tag});
    let entry = |rest: &str| format!("images:\n- name: a\n{rest}");
    assert_all_pass(&[
        changes(kustomize("v2"), &entry("  newTag: v1\n"), &entry("  newTag: v2\n")),
        changes(set_image("a", "v2"), &entry("  newTag: v1\n"), &entry("  newTag: v2\n")),
        changes(
            set_image("r.io/a", "v2"),
            &entry("  newName: r.io/a\n  newTag: v1\n"),
            &entry("  newName: r.io/a\n  newTag: v2\n"),
        ),
        changes(
            with(kustomize("v2"), "digest", NEW),
            &entry("  newTag: v1\n"),
            &entry(&format!("  newTag: v2\n  digest: {NEW}\n")),
        ),
        changes(
            with(kustomize("v2"), "digest", NEW),
            &entry(&format!("  digest: {OLD}\n")),
            &entry(&format!("  digest: {NEW}\n  newTag: v2\n")),
        ),
        changes(
            with(kustomize("v2"), "digest", ""),
            &entry(&format!("  newTag: v1\n  digest: {OLD}\n")),
            &entry("  newTag: v2\n  digest: \"\"\n"),
        ),
        refused(kustomize("v2"), &entry(&format!("  newTag: v1\n  digest: {OLD}\n")), "stale-digest"),
        refused(kustomize("v2"), &entry("  newName: b\n"), "path-not-found"),
        refused(kustomize("v2"), "images:\n- name: ab\n  newTag: v1\n", "image-not-found"),
        changes(
            with(with(kustomize("v2"), "digest", NEW), "create", true),
            "resources: [x]\n",
            &format!("resources: [x]\nimages:\n  - name: a\n    newTag: v2\n    digest: {NEW}\n"),
        ),
        changes(
            set_image("a", "v2"),
            "kind: Application\nspec: {source: {kustomize: {images: [{name: a, newTag: v1}]}}}\n",
            "kind: Application\nspec: {source: {kustomize: {images: [{name: a, newTag: v2}]}}}\n",
        ),
    ]);
}

#[test]
fn helm_values() {
    let image = |rest: &str| format!("image: {{repository: ghcr.io/acme/shop, {rest}}}\n");
    let ours = "ghcr.io/acme/shop";
    assert_all_pass(&[
        changes(set_image(ours, "v2"), &image("tag: v1"), &image("tag: v2")),
        changes(set_image(ours, "v2"), &image("tag: \"\""), &image("tag: \"v2\"")),
        changes(pin(ours, "1.5.0", NEW), &image("tag: 1.4.0"), &image(&format!("tag: 1.5.0@{NEW}"))),
        changes(pin(ours, "v2", NEW), &image("tag: v1, digest: ~"), &image(&format!("tag: v2, digest: {NEW}"))),
        changes(pin(ours, "v2", NEW), &image("digest: ''"), &image(&format!("digest: '{NEW}'"))),
        changes(pin(ours, "v2", ""), &image(&format!("tag: v1@{OLD}")), &image("tag: v2")),
        changes(set_image(ours, "v2"), &image("tag: v1, digest:"), &image("tag: v2, digest:")),
        refused(set_image(ours, "v2"), &image(&format!("tag: v1@{OLD}")), "stale-digest"),
        refused(set_image(ours, "v2"), &image(&format!("digest: {OLD}")), "stale-digest"),
        refused(set_image(ours, "v2"), &image("pullPolicy: Always"), "path-not-found"),
        changes(with(set_image(ours, "v2"), "create", true), &image("x: 1"), &image("x: 1, tag: v2")),
        refused(set_image("acme/shop", "v2"), &image("tag: v1"), "image-not-found"),
        changes(
            set_image(ours, "v2"),
            "sidecar:\n  registry: ghcr.io\n  repository: acme/shop\n  tag: v1\n",
            "sidecar:\n  registry: ghcr.io\n  repository: acme/shop\n  tag: v2\n",
        ),
        refused(set_image("acme/shop", "v2"), "registry: ghcr.io\nrepository: acme/shop\ntag: v1\n", "image-not-found"),
        changes(
            json!({"op": "helm-set-image", "repository": "acme/shop", "tag": "v2"}),
            "registry: ghcr.io\nrepository: acme/shop\ntag: v1\n",
            "registry: ghcr.io\nrepository: acme/shop\ntag: v2\n",
        ),
        changes(set_image("a", "v2"), "webImage: {name: a, tag: v1}\n", "webImage: {name: a, tag: v2}\n"),
        changes(set_image("a", "v2"), "images:\n- {name: a, tag: v1}\n", "images:\n- {name: a, tag: v2}\n"),
        refused(json!({"op": "helm-set-image", "path": "web", "tag": "v2"}), &image("tag: v1"), "image-not-found"),
    ]);
}
