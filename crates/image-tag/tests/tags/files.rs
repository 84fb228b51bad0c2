//! What is written for the steps that follow: separators, `json`, bake files, variables.

use serde_json::{Value, json};
use slipway_core::ExitCode;

use crate::world::{World, push};

fn labelled() -> World {
    push("refs/tags/v1.2.3")
        .input("images", "acme/a\nacme/b")
        .input("tags", "type=semver,pattern={{version}}")
        .input("labels", "team=x{{branch}}\norg.opencontainers.image.title=\nnothing")
        .input("annotations", "org.opencontainers.image.title=T={{tag}}")
        .variable("DOCKER_METADATA_ANNOTATIONS_LEVELS", "manifest,index")
        .variable("RUNNER_TEMP", "/temporary")
}

#[test]
fn labels_and_annotations_go_over_the_defaults() {
    let ran = labelled().run();
    assert!(ran.output("labels").ends_with("version=1.2.3\nteam=x"), "{}", ran.output("labels"));
    assert_eq!(ran.label("title"), "");
    let annotations = ran.output("annotations");
    assert_eq!(annotations.lines().count(), 16);
    for line in ["manifest:org.opencontainers.image.title=T=v1.2.3", "index:org.opencontainers.image.title=T=v1.2.3"] {
        assert!(annotations.lines().any(|found| found == line), "{annotations}");
    }
    assert!(ran.printed.contains("`nothing` is no label: it has no `=`"), "{}", ran.printed);
}

#[test]
fn separators_stand_between_the_entries() {
    let ran = labelled().input("sep-tags", ", ").input("sep-labels", "|").input("sep-annotations", " ").run();
    assert_eq!(ran.output("tags"), "acme/a:1.2.3, acme/a:latest, acme/b:1.2.3, acme/b:latest");
    assert_eq!(ran.output("tag-names"), "1.2.3, latest");
    assert_eq!((ran.output("labels").lines().count(), ran.output("labels").matches('|').count()), (1, 8));
    assert_eq!(ran.output("annotations").matches(' ').count(), 15);
    // In `json` they are lists whatever the separators.
    assert_eq!(ran.json()["tag-names"], json!(["1.2.3", "latest"]));
    assert_eq!(ran.json()["labels"]["team"], "x");
    assert_eq!(ran.json()["annotations"].as_array().unwrap().len(), 16);
}

#[test]
fn bake_files_hold_one_target() {
    let ran = labelled().input("bake-target", "app").run();
    let read = |name: &str| -> Value { serde_json::from_str(&ran.file(ran.output(name))).unwrap() };
    let tags = json!(["acme/a:1.2.3", "acme/a:latest", "acme/b:1.2.3", "acme/b:latest"]);
    let arguments = json!({"DOCKER_META_IMAGES": "acme/a,acme/b", "DOCKER_META_VERSION": "1.2.3"});
    assert_eq!(read("bake-file-tags"), json!({"target": {"app": {"tags": tags, "args": arguments}}}));
    assert_eq!(read("bake-file-labels")["target"]["app"]["labels"]["team"], "x");
    assert_eq!(read("bake-file-annotations")["target"]["app"]["annotations"].as_array().unwrap().len(), 16);
    let all = read("bake-file");
    let keys: Vec<&String> = all["target"]["app"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["tags", "labels", "args"]);
    assert!(ran.file(ran.output("bake-file")).starts_with("{\n  \"target\": {\n    \"app\": {\n"));
    assert!(ran.output("bake-file").ends_with("/docker-metadata-action-bake.json"));

    let nothing = labelled().input("tags", "type=schedule").run();
    let tags: Value = serde_json::from_str(&nothing.file(nothing.output("bake-file-tags"))).unwrap();
    assert_eq!(
        tags["target"]["docker-metadata-action"],
        json!({"tags": [], "args": {"DOCKER_META_IMAGES": "acme/a,acme/b"}})
    );
    assert_eq!(labelled().variable("RUNNER_TEMP", "").run().output("bake-file"), "", "nobody would clean up");
}

#[test]
fn variables_are_set_unless_they_are_not_wanted() {
    let world = || labelled().variable("GITHUB_ENV", "/environment");
    let variables = |world: World| testbed::parse_outputs(&world.run().file("/environment")).unwrap();
    let set = variables(world());
    let names: Vec<&str> = set.keys().map(|name| name.strip_prefix("DOCKER_METADATA_OUTPUT_").unwrap()).collect();
    assert_eq!(
        names,
        [
            "ANNOTATIONS",
            "BAKE_FILE",
            "BAKE_FILE_ANNOTATIONS",
            "BAKE_FILE_LABELS",
            "BAKE_FILE_TAGS",
            "JSON",
            "LABELS",
            "TAGS",
            "TAG_NAMES",
            "VERSION"
        ]
    );
    assert_eq!(set["DOCKER_METADATA_OUTPUT_VERSION"], "1.2.3");
    let json: Value = serde_json::from_str(&set["DOCKER_METADATA_OUTPUT_JSON"]).unwrap();
    let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["tags", "tag-names", "labels", "annotations"]);

    for no in ["false", "0", "F"] {
        assert!(variables(world().variable("DOCKER_METADATA_SET_OUTPUT_ENV", no)).is_empty(), "{no}");
    }
    assert_eq!(world().variable("DOCKER_METADATA_SET_OUTPUT_ENV", "yes").run().code, ExitCode::Invalid);
}
