//! Values that comments mark, and what regular expressions match.

use serde_json::{Value, json};
use slipway_edit::Format;

use crate::{assert_all_pass, assert_all_pass_in, changes, refused, with};

const DIGEST: &str = "sha256:2222222222222222222222222222222222222222222222222222222222222222";

fn flux(fields: Value) -> Value {
    let mut operation = json!({"op": "marker", "marker": "$imagepolicy", "name": "ns:app"});
    for (key, value) in fields.as_object().expect("fields") {
        operation[key] = value.clone();
    }
    operation
}

#[test]
fn flux_markers_take_the_part_that_they_name() {
    let parts = "image:\n  repository: acme/a # {\"$imagepolicy\": \"ns:app:name\"}\n  tag: '1.4.0' # {\"$imagepolicy\": \"ns:app:tag\"}\n  other: 1 # {\"$imagepolicy\": \"ns:other:tag\"}\n";
    let tag = || flux(json!({"tag": "1.10"}));
    let pinned = "a: x/y:1@sha256:1111111111111111111111111111111111111111111111111111111111111111 # {\"$imagepolicy\": \"ns:app\"}\n";
    assert_all_pass(&[
        changes(tag(), parts, &parts.replace("'1.4.0'", "'1.10'")),
        changes(
            flux(json!({"tag": "2", "image": "acme/b"})),
            parts,
            &parts.replace("1.4.0", "2").replace("acme/a", "acme/b"),
        ),
        changes(
            tag(),
            "t: v1 # {\"$imagepolicy\": \"ns:app:tag\"}\n",
            "t: \"1.10\" # {\"$imagepolicy\": \"ns:app:tag\"}\n",
        ),
        changes(tag(), "- x/y:1 # {\"$imagepolicy\":\"ns:app\"}\n", "- x/y:1.10 # {\"$imagepolicy\":\"ns:app\"}\n"),
        changes(
            tag(),
            "a: {b: x:1} # {\"$imagepolicy\": \"ns:app\"}\r\n",
            "a: {b: x:1.10} # {\"$imagepolicy\": \"ns:app\"}\r\n",
        ),
        changes(
            flux(json!({"tag": "2", "digest": DIGEST})),
            pinned,
            &format!("a: x/y:2@{DIGEST} # {{\"$imagepolicy\": \"ns:app\"}}\n"),
        ),
        changes(flux(json!({"tag": "2", "digest": ""})), pinned, "a: x/y:2 # {\"$imagepolicy\": \"ns:app\"}\n"),
        changes(
            flux(json!({"digest": DIGEST})),
            "d: x # {\"$imagepolicy\": \"ns:app:digest\"}\n",
            &format!("d: {DIGEST} # {{\"$imagepolicy\": \"ns:app:digest\"}}\n"),
        ),
        refused(tag(), pinned, "stale-digest"),
        refused(tag(), "d: x # {\"$imagepolicy\": \"ns:app:digest\"}\n", "stale-digest"),
        refused(tag(), "a: 1 # {\"$imagepolicy\": \"ns:apps:tag\"}\n", "path-not-found"),
        refused(tag(), "a: '# {\"$imagepolicy\": \"ns:app:tag\"}'\n", "path-not-found"),
        refused(tag(), "a: not an image # {\"$imagepolicy\": \"ns:app\"}\n", "invalid-input"),
        refused(tag(), "a: &a 1\nb: *a # {\"$imagepolicy\": \"ns:app:tag\"}\n", "path-not-found"),
        refused(flux(json!({"image": "x"})), "a: 1 # {\"$imagepolicy\": \"ns:app:tag\"}\n", "invalid-input"),
        refused(
            tag(),
            "a: 1 # {\"$imagepolicy\": \"ns:app:tag\"}\nb: 1 # {\"$imagepolicy\": \"ns:app:tag\"}\n",
            "ambiguous-match",
        ),
        changes(
            with(tag(), "every", true),
            "a: x1 # {\"$imagepolicy\": \"ns:app:tag\"}\nb: 1.1 # {\"$imagepolicy\": \"ns:app:tag\"}\n",
            "a: \"1.10\" # {\"$imagepolicy\": \"ns:app:tag\"}\nb: \"1.10\" # {\"$imagepolicy\": \"ns:app:tag\"}\n",
        ),
        refused(
            with(flux(json!({"tag": "v1.0.0"})), "policy", "semver-up"),
            "a: v2.0.0 # {\"$imagepolicy\": \"ns:app:tag\"}\n",
            "downgrade",
        ),
        refused(with(tag(), "expect", "0"), "a: 1 # {\"$imagepolicy\": \"ns:app:tag\"}\n", "unexpected-current-value"),
    ]);
}

#[test]
fn templates_are_edited_in_lines_that_are_marked() {
    let tag = || flux(json!({"tag": "1.10"}));
    let template = "spec:\n  replicas: {{ .Values.replicas }}\n  {{- if .Values.x }}\n  - tag: v1 # {\"$imagepolicy\": \"ns:app:tag\"}\n  {{- end }}\n  a: {{ .b }} # c\r\n";
    assert_all_pass(&[
        changes(tag(), template, &template.replace("v1", "\"1.10\"")),
        refused(tag(), "a: {{ .b }}\ntag: {{ .t }} # {\"$imagepolicy\": \"ns:app:tag\"}\n", "invalid-yaml"),
        refused(tag(), "a: {{ .b }}\ntag: v1\n", "invalid-yaml"),
        refused(json!({"op": "set-image", "image": "a", "tag": "2"}), "x: {{ .b }}\nimage: a:1\n", "invalid-yaml"),
        refused(json!({"op": "delete", "path": "image"}), "x: {{ .b }}\nimage: a:1\n", "invalid-yaml"),
    ]);
}

#[test]
fn kpt_and_our_own_markers() {
    let set =
        |kind: &str, name: &str, value: &str| json!({"op": "marker", "marker": kind, "name": name, "value": value});
    assert_all_pass(&[
        changes(
            set("kpt-set", "tag", "2"),
            "i: a/b:1 # kpt-set: ${image}:${tag}\n",
            "i: a/b:2 # kpt-set: ${image}:${tag}\n",
        ),
        changes(
            set("kpt-set", "image", "c"),
            "i: a/b:1 # kpt-set: ${image}:${tag}\n",
            "i: c:1 # kpt-set: ${image}:${tag}\n",
        ),
        changes(set("kpt-set", "n", "3"), "r: 2 # kpt-set: ${n}\n", "r: 3 # kpt-set: ${n}\n"),
        refused(set("kpt-set", "tag", "2"), "i: ab # kpt-set: ${image}:${tag}\n", "invalid-input"),
        changes(set("slipway", "shop", "2"), "r: 1 # slipway:shop\n", "r: 2 # slipway:shop\n"),
        changes(
            json!({"op": "marker", "name": "shop", "tag": "v2"}),
            "image: a/b:v1 # deploys, slipway:shop\ntag: v1 # slipway:shop:tag\n",
            "image: a/b:v2 # deploys, slipway:shop\ntag: v2 # slipway:shop:tag\n",
        ),
    ]);
    let shop = json!({"op": "marker", "name": "shop", "tag": "v2"});
    assert_all_pass_in(
        Format::TOML,
        &[changes(shop.clone(), "t = 'v1' # slipway:shop:tag\n", "t = 'v2' # slipway:shop:tag\n")],
    );
    assert_all_pass_in(
        Format::HCL,
        &[changes(shop.clone(), "t = \"v1\" // slipway:shop:tag\n", "t = \"v2\" // slipway:shop:tag\n")],
    );
    assert_all_pass_in(
        Format::JSON,
        &[changes(shop, "{\"t\": \"v1\", // slipway:shop:tag\n}", "{\"t\": \"v2\", // slipway:shop:tag\n}")],
    );
    let version = json!({"op": "marker", "name": "version", "value": "2.0.0"});
    assert_all_pass_in(Format::TEXT, &[changes(version, "V=1.0.0 # slipway:version\n", "V=2.0.0 # slipway:version\n")]);
}

#[test]
fn expressions_match_exactly_once() {
    let regex = |pattern: &str, value: &str| json!({"op": "regex", "pattern": pattern, "value": value});
    assert_all_pass_in(
        Format::TEXT,
        &[
            changes(regex("(?m)^v=(\\d+)$", "2"), "u=1\nv=1\n", "u=1\nv=2\n"),
            changes(regex("/^V=(\\d+)$/im", "2"), "v=1\r\nw", "v=2\r\nw"),
            changes(regex("shop:\\S+", "shop:2"), "run shop:1 now", "run shop:2 now"),
            changes(regex("v=(\\d+)", "1"), "v=1", "v=1"),
            changes(with(regex("v=(\\d+)", "é"), "every", true), "v=1 v=2", "v=é v=é"),
            refused(regex("v=(\\d+)", "2"), "v=x", "path-not-found"),
            refused(regex("(v)=(\\d+)", "2"), "v=1", "invalid-input"),
            refused(regex("(?<=v=)\\d", "2"), "v=1", "invalid-input"),
            refused(regex("v=(\\d)?", "2"), "v=", "invalid-input"),
            refused(with(regex("v=(\\d+)", "3"), "expect", "2"), "v=1", "unexpected-current-value"),
            refused(with(regex("v=(\\S+)", "1.0.0"), "policy", "semver-up"), "v=1.1.0", "downgrade"),
        ],
    );
    assert_all_pass(&[
        changes(regex("tag: (\\S+)", "v2"), "# tag\ntag: v1 # c\n", "# tag\ntag: v2 # c\n"),
        changes(regex("x:(\\d+)", "2"), "image: x:1\n", "image: x:2\n"),
        changes(regex("x:(\\d+)", "2"), "a: {{ .b }}\nimage: x:1\n", "a: {{ .b }}\nimage: x:2\n"),
        changes(regex("# c(\\d)", "2"), "a: 1 # c1\n", "a: 1 # c2\n"),
        refused(regex("tag: (\\S+)", "1e3"), "tag: v1\n", "invalid-input"),
        refused(regex("tag: (\\S+)", "a: b"), "tag: v1\n", "invalid-input"),
        refused(regex("(tag)", "x"), "tag: v1\n", "invalid-input"),
        refused(regex("v(1)", "1\nb: 2"), "tag: v1\n", "invalid-input"),
    ]);
}
