//! The images that manifests, values and task definitions name.

use serde_json::Value;
use slipway_core::image::ImageName;

use super::{Detector, is_workflow, is_yaml};
use crate::findings::{Findings, Image};
use crate::snapshot::{Snapshot, file_name};

pub(super) const DETECTOR: Detector = Detector { wants: |path| is_yaml(path) && !is_workflow(path), detect };

fn detect(snapshot: &Snapshot, findings: &mut Findings) {
    for (path, document) in snapshot.documents().filter(|(path, _)| !is_other(path)) {
        images(&document, &mut |name| {
            let image = Image { name, file: path.into() };
            if !findings.images.contains(&image) {
                findings.images.push(image);
            }
        });
    }
}

/// Whether images in a file are no releases: workflows, other CI systems, and what only developers run.
fn is_other(path: &str) -> bool {
    path.starts_with('.') || file_name(path).contains("compose")
}

/// Hands on every image below a value.
fn images(value: &Value, found: &mut dyn FnMut(String)) {
    match value {
        Value::Object(object) => {
            if let Some(image) = object.get("image") {
                let name = image.as_str().or_else(|| image["repository"].as_str());
                let registry = image["registry"].as_str().map_or(String::new(), |registry| format!("{registry}/"));
                name.and_then(|name| without_tag(&format!("{registry}{name}"))).into_iter().for_each(&mut *found);
            }
            for entry in object.get("images").and_then(Value::as_array).into_iter().flatten() {
                let name = entry["newName"].as_str().or_else(|| entry["name"].as_str());
                name.and_then(without_tag).into_iter().for_each(&mut *found);
            }
            object.values().for_each(|value| images(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| images(item, found)),
        _ => {}
    }
}

/// The name of an image without tag and digest, if it is one.
fn without_tag(reference: &str) -> Option<String> {
    let name = reference.split('@').next().unwrap_or_default();
    let name = match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => name,
    };
    name.parse::<ImageName>().ok().map(|name| name.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_found_in_every_shape() {
        for (text, name) in [
            ("spec: {containers: [{image: 'ghcr.io/acme/shop:1.2'}]}", "ghcr.io/acme/shop"),
            ("image: {repository: ghcr.io/acme/shop, tag: '1'}", "ghcr.io/acme/shop"),
            ("web: {image: {registry: ghcr.io, repository: acme/shop}}", "ghcr.io/acme/shop"),
            ("images: [{name: shop, newName: localhost:5000/shop, newTag: '1'}]", "localhost:5000/shop"),
            ("image: localhost:5000/shop@sha256:00", "localhost:5000/shop"),
        ] {
            let found = super::super::found(&DETECTOR, [("deploy/shop.yaml", text)]);
            assert_eq!(found.images.iter().map(|image| image.name.as_str()).collect::<Vec<_>>(), [name], "{text}");
        }
        for text in ["image: $REGISTRY/shop", "image: '{{ .Values.image }}'", "image: [", "- image"] {
            assert!(super::super::found(&DETECTOR, [("deploy/shop.yaml", text)]).images.is_empty(), "{text}");
        }
    }
}
