//! The files that docker/bake-action takes tags, labels and annotations from.

use serde_json::{Map, Value, json};
use slipway_core::image::ImageName;

use crate::plan::Plan;

/// A file for docker/bake-action.
#[derive(Debug)]
pub(crate) struct BakeFile {
    /// The output that names the file.
    pub output: &'static str,
    /// The file's name.
    pub name: &'static str,
    /// What it holds.
    pub content: String,
}

/// The files: the tags, the labels, the annotations, and the first two together.
pub(crate) fn files(target: &str, images: &[&ImageName], plan: &Plan) -> Vec<BakeFile> {
    let names: Vec<&str> = images.iter().map(|name| name.as_str()).collect();
    let mut arguments = Map::from_iter([("DOCKER_META_IMAGES".to_owned(), Value::from(names.join(",")))]);
    if !plan.version.is_empty() {
        arguments.insert("DOCKER_META_VERSION".into(), plan.version.clone().into());
    }
    let tags = ("tags", json!(plan.tags));
    let arguments = ("args", Value::Object(arguments));
    let labels: Map<String, Value> =
        plan.labels.iter().map(|(key, value)| (key.clone(), value.clone().into())).collect();
    let labels = ("labels", Value::Object(labels));
    let annotations = ("annotations", json!(plan.annotations));
    let file = |output, name, fields: &[&(&str, Value)]| {
        let fields: Map<String, Value> = fields.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        BakeFile { output, name, content: format!("{:#}", json!({ "target": { target: fields } })) }
    };
    vec![
        file("bake-file-tags", "docker-metadata-action-bake-tags.json", &[&tags, &arguments]),
        file("bake-file-labels", "docker-metadata-action-bake-labels.json", &[&labels]),
        file("bake-file-annotations", "docker-metadata-action-bake-annotations.json", &[&annotations]),
        file("bake-file", "docker-metadata-action-bake.json", &[&tags, &labels, &arguments]),
    ]
}
