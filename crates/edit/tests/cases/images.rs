//! Tags and digests of images.

use serde_json::{Value, json};
use slipway_edit::{Format, ImageSelector, ImageVersion, Options};

use crate::{assert_all_pass, changes, refused, with};

const OLD: &str = "sha256:1111111111111111111111111111111111111111111111111111111111111111";
const NEW: &str = "sha256:2222222222222222222222222222222222222222222222222222222222222222";

fn set_image(image: &str, tag: &str) -> Value {
    json!({"op": "set-image", "image": image, "tag": tag})
}

fn pin(image: &str, tag: &str, digest: &str) -> Value {
    with(set_image(image, tag), "digest", digest)
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
        refused(with(set_image("a", "v2"), "inner", "x"), "image: a:v1\n", "invalid-input"),
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
        refused(with(set_image("a", "1.0.0"), "policy", "semver-up"), "image: a:2.0.0\n", "downgrade"),
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
        changes(
            with(kustomize("v2"), "digest", NEW),
            &entry("  newTag:\n"),
            &entry(&format!("  newTag: v2\n  digest: {NEW}\n")),
        ),
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
fn argo_cd_applications() {
    let kustomize =
        |version: &str| format!("kustomize:\n  images:\n  - a{version}\n  - base=r.io/a{version} # c\n  - ab:v1\n");
    let parameters = |tag: &str, registry: &str| {
        format!(
            "parameters:\n- name: image.repository\n  value: acme/shop\n- name: image.tag\n  value: '{tag}'\n\
             - {{name: image.registry, value: '{registry}'}}\n- name: sidecar.tag\n  value: v1\n"
        )
    };
    assert_all_pass(&[
        changes(set_image("a", "v2"), &kustomize(":v1"), &kustomize(":v1").replacen(":v1", ":v2", 1)),
        changes(
            pin("r.io/a", "v2", NEW),
            &kustomize(":v1"),
            &kustomize(":v1").replace("r.io/a:v1", &format!("r.io/a:v2@{NEW}")),
        ),
        changes(set_image("base", "v2"), &kustomize(""), &kustomize("").replace("r.io/a", "r.io/a:v2")),
        changes(set_image("acme/shop", "v2"), &parameters("v1", ""), &parameters("v2", "")),
        changes(set_image("ghcr.io/acme/shop", "v2"), &parameters("v1", "ghcr.io"), &parameters("v2", "ghcr.io")),
        refused(set_image("acme/shop", "v2"), &parameters("v1", "ghcr.io"), "image-not-found"),
        changes(pin("acme/shop", "v2", NEW), &parameters("v1", ""), &parameters(&format!("v2@{NEW}"), "")),
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
        changes(
            json!({"op": "helm-set-image", "path": "l[n=b].image", "tag": "v2"}),
            "l: [{n: a, image: {repository: x, tag: v1}}, {n: b, image: {repository: x, tag: v1}}]\n",
            "l: [{n: a, image: {repository: x, tag: v1}}, {n: b, image: {repository: x, tag: v2}}]\n",
        ),
        refused(json!({"op": "helm-set-image", "path": "web", "tag": "v2"}), &image("tag: v1"), "image-not-found"),
    ]);
}

/// A file with `{tag}` in the places that are set, in every workload and tool.
#[test]
fn every_target_is_found() {
    for (format, name, source) in [
        (Format::YAML, "pod", "spec: {initContainers: [{image: 'a/b:{tag}'}], containers: [{image: 'a/b:{tag}'}]}"),
        (Format::YAML, "debug", "kind: Pod\nspec:\n  ephemeralContainers:\n  - image: a/b:{tag}\n"),
        (
            Format::YAML,
            "job",
            "kind: CronJob\nspec: {jobTemplate: {spec: {template: {spec: {containers: [{image: a/b:{tag}}]}}}}}",
        ),
        (
            Format::YAML,
            "list",
            "kind: List\nitems:\n- kind: Rollout\n  spec: {template: {spec: {containers: [{image: 'a/b:{tag}'}]}}}\n",
        ),
        (
            Format::YAML,
            "knative",
            "kind: Service\nspec:\n  template:\n    spec:\n      containers:\n      - image: a/b:{tag}\n",
        ),
        (
            Format::YAML,
            "workflow",
            "kind: Workflow\nspec: {templates: [{container: {image: 'a/b:{tag}'}}, {script: {image: 'a/b:{tag}'}}]}",
        ),
        (
            Format::YAML,
            "arguments",
            "arguments:\n  parameters:\n  - {name: image, value: 'a/b:{tag}'}\n  - {name: note, value: 'a/b:v1'}\n",
        ),
        (
            Format::YAML,
            "resource",
            "kind: Cluster\nspec:\n  imageName: a/b:{tag}\n  initImage: a/b:{tag}\n  note: a/b:v1\n",
        ),
        (
            Format::YAML,
            "release",
            "kind: HelmRelease\nspec:\n  values:\n    web:\n      image:\n        repository: a/b\n        tag: {tag}\n",
        ),
        (Format::YAML, "subchart", "shop:\n  cart:\n    image: {registry: docker.io, repository: a/b, tag: '{tag}'}\n"),
        (Format::YAML, "in values", "web:\n  image: a/b:{tag}\n  replicas: 1\n"),
        (Format::YAML, "prefixed", "imageRepository: a/b\nimageTag: {tag}\ngitRepository: a/b\ngitBranch: v1\n"),
        (
            Format::YAML,
            "valuesObject",
            "kind: Application\nspec: {sources: [{helm: {valuesObject: {image: {repository: a/b, tag: {tag}}}}}]}",
        ),
        (
            Format::YAML,
            "elements",
            "kind: ApplicationSet\nspec: {generators: [{list: {elements: [{env: x, image: 'a/b:{tag}'}]}}]}",
        ),
        (Format::YAML, "compose", "services:\n  web:\n    image: a/b:{tag}\n    command: a/b:v1\n"),
        (
            Format::YAML,
            "cloudformation",
            "Parameters:\n  Shop:\n    Type: String\n    Default: a/b:{tag}\nResources:\n  T: {ContainerDefinitions: [{Image: 'a/b:{tag}'}, {Image: !Ref Shop}]}\n",
        ),
        (
            Format::JSON,
            "parameter file",
            r#"[{"ParameterKey": "Shop", "ParameterValue": "a/b:{tag}"}, {"ParameterKey": "N", "ParameterValue": "1"}]"#,
        ),
        (
            Format::JSON,
            "template configuration",
            r#"{"Parameters": {"Shop": "a/b:{tag}"}, "Tags": {"Shop": "a/b:v1"}}"#,
        ),
        (Format::JSON, "task definition", r#"{"containerDefinitions": [{"name": "b", "image": "a/b:{tag}"}]}"#),
        (Format::JSON, "variables", r#"{"shop_image": "a/b:{tag}", "images": {"shop": "a/b:{tag}"}, "x": "a/b:v1"}"#),
        (
            Format::YAML,
            "values block",
            "kind: Application\nspec:\n  source:\n    helm:\n      values: |\n        # c\n        image:\n          repository: a/b\n          tag: {tag}   # t\n\n  x: 1\n",
        ),
        (
            Format::YAML,
            "config map",
            "kind: ConfigMap\ndata:\n  app.yaml: |-\n    image: a/b:{tag}\n  app.json: '{\"image\": \"a/b:{tag}\"}'\n  run: |\n    image: a/b:v1\n",
        ),
        (
            Format::HCL,
            "terraform",
            "variable \"shop_image\" {\n  default = \"a/b:{tag}\"\n}\nvariable \"shop\" {\n  default = \"a/b:{tag}\"\n}\nresource \"x\" \"y\" {\n  image = \"a/b:{tag}\" # c\n}\n",
        ),
        (
            Format::HCL,
            "tfvars",
            "images = {\n  shop = \"a/b:{tag}\"\n}\nimage_repository = \"a/b\"\nimage_tag = \"{tag}\"\nnote = \"a/b:v1\"\n",
        ),
        (
            Format::DOCKERFILE,
            "dockerfile",
            "FROM --platform=linux/amd64 a/b:{tag} AS build\nFROM build\nCOPY --from=a/b:{tag} /x /x\n",
        ),
        (Format::DOTENV, "environment", "SHOP_IMAGE=a/b:{tag}\nCART_REPOSITORY=a/b\nCART_TAG={tag}\nNOTE=a/b:v1\n"),
    ] {
        let [before, after] = ["v1", "v2"].map(|tag| source.replace("{tag}", tag));
        let operation = slipway_edit::Operation::from_json(&set_image("a/b", "v2")).expect(name);
        let edited = operation.apply(format, &before).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(edited.text, after, "{name}");
        assert_eq!(edited.changes.len(), source.matches("{tag}").count(), "{name}");
    }
}

#[test]
fn no_digest_stays_beside_a_new_tag() {
    let bare = |version: &str| version.replace("sha256:", "");
    let [old, new] = [OLD, NEW].map(bare);
    let parameters = |tag: &str, sha: &str| {
        format!(
            "parameters:\n- {{name: image.repository, value: a}}\n- {{name: image.tag, value: {tag}}}\n\
             - {{name: image.sha, value: {sha}}}\n"
        )
    };
    let sha = |tag: &str, sha: &str| format!("image: {{repository: a, tag: {tag}, sha: {sha}}}\n");
    let beside = |tag: &str, digest: &str| format!("image: a:{tag}\ndigest: {digest}\n");
    let prefixed = |tag: &str, digest: &str| format!("imageRepository: a\nimageTag: {tag}\nimageDigest: {digest}\n");
    assert_all_pass(&[
        refused(set_image("a", "v2"), &sha("v1", &old), "stale-digest"),
        changes(pin("a", "v2", NEW), &sha("v1", &old), &sha("v2", &new)),
        changes(pin("a", "v2", NEW), &sha("v1", "''"), &sha("v2", &format!("'{new}'"))),
        changes(pin("a", "v2", NEW), &sha("v2", &new), &sha("v2", &new)),
        changes(pin("a", "v2", ""), &sha("v1", &old), &sha("v2", "\"\"")),
        refused(set_image("a", "v2"), &parameters("v1", &old), "stale-digest"),
        changes(pin("a", "v2", NEW), &parameters("v1", &old), &parameters("v2", &new)),
        refused(set_image("a", "v2"), &beside("v1", OLD), "stale-digest"),
        changes(pin("a", "v2", NEW), &beside("v1", OLD), &beside("v2", NEW)),
        refused(set_image("a", "v2"), &prefixed("v1", OLD), "stale-digest"),
        changes(pin("a", "v2", NEW), &prefixed("v1", OLD), &prefixed("v2", NEW)),
    ]);
}

#[test]
fn every_occurrence_is_listed() {
    let source =
        "image: a:v1\n---\nc: [{image: 'b:v1@x'}, {image: docker.io/library/a:v2}]\nimage: {repository: a, tag:}\n";
    let occurrences = Format::YAML.images(source, &Options::default()).expect("parses");
    let listed: Vec<_> = occurrences
        .iter()
        .map(|found| format!("{} {} {} {} {:?}", found.document, found.line, found.path, found.name, found.tag))
        .collect();
    assert_eq!(
        listed,
        ["0 1 image a Some(\"v1\")", "1 3 c[1].image docker.io/library/a Some(\"v2\")", "1 4 image a None",]
    );
    let selector = ImageSelector::from("a".parse::<slipway_core::image::ImageName>().expect("a name"));
    let version = ImageVersion { tag: Some("v2".parse().expect("a tag")), ..ImageVersion::default() };
    let edited = Format::YAML.set_image(source, &selector, &version, &Options::default()).expect("found");
    let report = |changes: &[slipway_edit::Change]| -> Vec<String> {
        changes
            .iter()
            .map(|change| format!("{} {} {:?} {}", change.line, change.path, change.old, change.new))
            .collect()
    };
    assert_eq!(report(&edited.changes), ["1 image Some(\"a:v1\") a:v2", "4 image.tag Some(\"\") v2"]);
    assert_eq!(report(&edited.unchanged), ["3 c[1].image Some(\"docker.io/library/a:v2\") docker.io/library/a:v2"]);
}

#[test]
fn an_image_that_is_not_there_gets_a_hint() {
    let selector = ImageSelector::from("acme/shop".parse::<slipway_core::image::ImageName>().expect("a name"));
    let version = ImageVersion { tag: Some("v2".parse().expect("a tag")), ..ImageVersion::default() };
    let error = Format::YAML
        .set_image("l: [{image: acme/web}, {image: 'ghcr.io/acme/shop:v1'}]", &selector, &version, &Options::default())
        .expect_err("another image");
    assert_eq!(
        error.to_string(),
        "the image `acme/shop` does not occur in the file. the images of the file are `ghcr.io/acme/shop`, `acme/web`"
    );
}
