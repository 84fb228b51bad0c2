//! What matches nothing, or twice: each format names the lines, and the names that come nearest.

use serde_json::{Value, json};
use slipway_edit::{Format, Operation};

/// The error of an operation: its kind, and what it says with its hint.
fn refusal(format: Format, source: &str, operation: &Value) -> (&'static str, String) {
    let operation = Operation::from_json(operation).expect("an operation");
    let error = operation.apply(format.editable(), source).expect_err(source);
    (error.kind().name(), error.to_string())
}

#[track_caller]
fn assert_told(format: Format, source: &str, operation: &Value, kind: &str, parts: &[&str]) {
    let (found, message) = refusal(format, source, operation);
    assert_eq!(found, kind, "{operation}: {message}");
    for part in parts {
        assert!(message.contains(part), "{operation}: `{part}` is not in `{message}`");
    }
}

const YAML: &str =
    "kind: A\nimage:\n  tag: v1 # slipway:shop\n  pullPolicy: Always\nl:\n- {name: web, v: 1}\n- {name: job, v: 2}\n";
const JSON: &str = "{\n  \"image\": {\n    \"tag\": \"v1\", // slipway:shop\n    \"repository\": \"x\"\n  },\n  \"l\": [{ \"name\": \"web\" }]\n}\n";
const TOML: &str = "[package]\nname = \"shop\"\nversion = \"1.0.0\" # slipway:shop\n\n[[bin]]\nname = \"web\"\n";
const HCL: &str = "variable \"image_tag\" {\n  default = \"v1\" # slipway:shop\n}\nvariable \"replicas\" {\n  default = 2\n}\n\
                   container {\n  name = \"web\"\n  cpu = 1\n}\ncontainer {\n  name = \"job\"\n  cpu = 2\n}\n";
const DOCKERFILE: &str = "ARG VERSION=1.0.0\nFROM golang:1.22 AS build\nRUN make\nFROM acme/base:1 AS run\n";
const PROPERTIES: &str = "app.version=1.0.0\napp.name=shop\n";
const DOTENV: &str = "SHOP_TAG=v1 # slipway:shop\nSHOP_NAME=shop\n";
const XML: &str = "<project>\n  <version>1.0.0</version>\n  <name>shop</name>\n</project>\n";

#[test]
fn a_path_that_leads_nowhere_tells_what_stands_there() {
    for (format, source, path, parts) in [
        (Format::YAML, YAML, "image.tga", &["`image` at line 3", "has no key `tga`", "`tag`, `pullPolicy`"][..]),
        (Format::YAML, YAML, "imgae.tag", &["the document at line 1 has no key `imgae`", "`image`"]),
        (Format::YAML, YAML, "l[name=wbe].v", &["`l` at line 6 has no item with `name: wbe`", "`web`, `job`"]),
        (Format::YAML, YAML, "l[2].v", &["`l` at line 6 has 2 items, counted from 0"]),
        (Format::YAML, YAML, "l.name", &["`l` at line 6 is a list", "`[0]` or `[name=web]`"]),
        (Format::YAML, YAML, "image.tag.x", &["`image.tag` at line 3 is a value"]),
        (Format::YAML, YAML, "image", &["`image` at line 3 is a mapping", "name one of its keys: "]),
        (Format::JSON, JSON, "image.tga", &["`image` at line 2 has no key `tga`", "`tag`"]),
        (Format::JSON, JSON, "l[name=wbe].name", &["`l` at line 6 has no item with `name: wbe`", "`web`"]),
        (Format::TOML, TOML, "package.verison", &["`package` at line 1 has no key `verison`", "`version`, `name`"]),
        (Format::TOML, TOML, "bin[name=wbe].name", &["`bin` at line 5 has no item with `name: wbe`", "`web`"]),
        (Format::TOML, TOML, "pakcage.version", &["the document at line 1 has no key `pakcage`", "`package`"]),
        (
            Format::HCL,
            HCL,
            "variable.image_tga.default",
            &["`variable` at line 1 has no key `image_tga`", "`image_tag`, `replicas`"],
        ),
        (
            Format::HCL,
            HCL,
            "variable.image_tag.defualt",
            &["`variable.image_tag` at line 1 has no key `defualt`", "`default`"],
        ),
        (Format::HCL, HCL, "container[name=wbe].cpu", &["has no item with `name: wbe`", "`web`, `job`"]),
        (Format::HCL, HCL, "container[2].cpu", &["`container` stands 2 times, counted from 0"]),
        (Format::DOCKERFILE, DOCKERFILE, "ARG.VERSOIN", &["`ARG` at line 1 has no key `VERSOIN`", "`VERSION`"]),
        (Format::DOCKERFILE, DOCKERFILE, "FROM[as=biuld].image", &["has no item with `as: biuld`", "`build`, `run`"]),
        (Format::DOCKERFILE, DOCKERFILE, "FROM[2].image", &["`FROM` at line 2 has 2 items"]),
        (Format::DOCKERFILE, DOCKERFILE, "FORM[0].image", &["has no key `FORM`", "`FROM`"]),
        (Format::PROPERTIES, PROPERTIES, "app.verison", &["the document at line 1", "`app.version`, `app.name`"]),
        (Format::DOTENV, DOTENV, "SHOP_TGA", &["the document at line 1", "`SHOP_TAG`, `SHOP_NAME`"]),
        (Format::XML, XML, "project.verison", &["`project` at line 1 has no key `verison`", "`version`"]),
    ] {
        let set = json!({"op": "set", "path": path, "value": "9"});
        assert_told(
            format,
            source,
            &set,
            "path-not-found",
            &[parts, &["nothing stands at"][..usize::from(path != "image")]].concat(),
        );
    }
}

#[test]
fn a_path_that_leads_to_two_places_tells_their_lines() {
    let documents = format!("{YAML}---\n{YAML}");
    for (format, source, path, kind, parts) in [
        (Format::YAML, documents.as_str(), "image.tag", "ambiguous-document", &["at lines 3, 11"][..]),
        (Format::YAML, "a: 1\na: 2\n", "a", "duplicate-key", &["at lines 1 and 2"]),
        (Format::YAML, "l:\n- n: a\n- n: a\n", "l[n=a].n", "ambiguous-match", &["at lines 2 and 3", "`[0]`"]),
        (Format::JSON, "{\"a\": 1,\n\"a\": 2}", "a", "duplicate-key", &["at lines 1 and 2"]),
        (Format::TOML, "a = 1\na = 2\n", "a", "duplicate-key", &["at lines 1 and 2"]),
        (Format::HCL, HCL, "container.cpu", "ambiguous-match", &["at lines 9, 13", "`container[0].cpu`"]),
        (Format::HCL, "a = 1\na = 2\n", "a", "duplicate-key", &["at lines 1 and 2"]),
        (
            Format::DOCKERFILE,
            "ARG V=1\nFROM x:1\nARG V=2\n",
            "ARG.V",
            "ambiguous-match",
            &["at lines 1, 3", "`ARG.V[0]` or `ARG.V[1]`"],
        ),
        (Format::PROPERTIES, "a.b=1\na.b=2\n", "a.b", "duplicate-key", &["at lines 1 and 2"]),
        (Format::DOTENV, "A=1\nA=2\n", "A", "duplicate-key", &["at lines 1 and 2"]),
        (Format::XML, "<a>\n<b>1</b>\n<b>2</b>\n</a>\n", "a.b", "ambiguous-match", &["at lines 2, 3", "`a.b[0]`"]),
    ] {
        assert_told(format, source, &json!({"op": "set", "path": path, "value": "9"}), kind, parts);
    }
}

#[test]
fn markers_tell_their_lines_and_the_names_that_there_are() {
    for (format, source) in
        [(Format::YAML, YAML), (Format::JSON, JSON), (Format::TOML, TOML), (Format::HCL, HCL), (Format::DOTENV, DOTENV)]
    {
        let marker = |name: &str| json!({"op": "marker", "name": name, "value": "v2"});
        let missed = ["no value is marked with `slipway` for `shpo`", "`shop`"];
        assert_told(format, source, &marker("shpo"), "path-not-found", &missed);
        let line = source.lines().position(|line| line.contains("slipway:shop")).expect("marked") + 1;
        let lines = format!("`shop` marks 2 values, at lines {line}, ");
        let marked = source.lines().nth(line - 1).expect("marked");
        // The same line twice is the same key twice, which only these two read.
        if [Format::YAML, Format::DOTENV].contains(&format) {
            let twice = source.replace(marked, &format!("{marked}\n{marked}"));
            assert_told(format, &twice, &marker("shop"), "ambiguous-match", &[&lines]);
        }
    }
    let blocks = HCL.replace("default = 2", "default = 2 # slipway:shop");
    let marker = json!({"op": "marker", "name": "shop", "value": "3"});
    assert_told(Format::HCL, &blocks, &marker, "ambiguous-match", &["at lines 2, 5"]);
}

#[test]
fn patterns_and_images_tell_their_lines_and_names() {
    for (format, source) in [(Format::HCL, HCL), (Format::DOCKERFILE, DOCKERFILE), (Format::TEXT, "a 1\nb 2\n")] {
        let regex = |pattern: &str| json!({"op": "regex", "pattern": pattern, "value": "9"});
        let nothing = ["the regular expression `x{9}` matches nothing"];
        assert_told(format, source, &regex("x{9}"), "path-not-found", &nothing);
        assert_told(format, source, &regex("(?m)^."), "ambiguous-match", &["times, at lines 1, 2"]);
    }
    assert_told(
        Format::DOCKERFILE,
        DOCKERFILE,
        &json!({"op": "set-image", "image": "golnag", "tag": "2"}),
        "image-not-found",
        &["the images of the file are `golang`, `acme/base`"],
    );
}
