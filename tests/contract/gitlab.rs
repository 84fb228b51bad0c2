//! The inputs of GitLab's template stand in its README.

use std::path::Path;

use serde_json::Value;
use slipway_edit::Format;

#[test]
fn the_readme_has_the_inputs_of_the_template() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/workflow-templates/gitlab");
    let template = std::fs::read_to_string(folder.join("slipway.yml")).unwrap();
    let template = Format::YAML.read(&template).unwrap().to_json();
    let row = |(name, input): (&String, &Value)| {
        let text = |key: &str| input.get(key).map(|value| value.as_str().map_or_else(|| value.to_string(), Into::into));
        let default = match text("default") {
            None => "required".to_owned(),
            Some(default) if default.is_empty() => default,
            Some(default) if name == "build-command" => format!("`{} …`", &default[.."docker build".len()]),
            Some(default) => format!("`{default}`"),
        };
        format!("| `{name}` | {default} | {} |\n", text("description").unwrap())
    };
    let expected: String = template["spec"]["inputs"].as_object().unwrap().iter().map(row).collect();
    let readme = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let (_, table) = readme.split_once("| Name | Default | Description |\n| :-- | :-- | :-- |\n").unwrap();
    assert_eq!(table, expected, "the table of inputs in the README");
}
