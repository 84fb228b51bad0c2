//! The tables of the pipelines' page, from what each workflow declares.

use serde_json::{Map, Value};

use crate::render::{cell, section};
use crate::workflow::{root, workflows};

#[test]
fn the_page_of_the_pipelines_says_what_they_declare() {
    let file = root().join(".github/workflows/README.md");
    let text = std::fs::read_to_string(&file).unwrap();
    let mut expected = text.clone();
    for pipeline in workflows().values().filter(|document| document.is_pipeline()) {
        for (what, table) in [("inputs", inputs as fn(&_) -> _), ("secrets", secrets), ("outputs", outputs)] {
            let declared = pipeline.declared(what);
            if !declared.is_empty() {
                let heading = format!("### {}: {what}\n\n", pipeline.name);
                expected = section(&expected, &heading, &table(&declared));
            }
        }
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, &expected).unwrap();
        return;
    }
    assert_eq!(text, expected, "{}: BLESS=1 writes it", file.display());
}

fn inputs(declared: &Map<String, Value>) -> String {
    let mut table = "| Name | Type | Default | Description |\n| :-- | :-- | :-- | :-- |\n".to_owned();
    for (name, input) in declared {
        let default = match &input["default"] {
            _ if input["required"] == Value::Bool(true) => "required".to_owned(),
            Value::String(text) if text.contains('\n') => "see the file".to_owned(),
            Value::String(text) if !text.is_empty() => format!("`{text}`"),
            Value::String(_) | Value::Null => String::new(),
            other => format!("`{other}`"),
        };
        table += &format!("| `{name}` | {} | {default} | {} |\n", text(input, "type"), description(input));
    }
    table
}

fn secrets(declared: &Map<String, Value>) -> String {
    let mut table = "| Name | Needed | Description |\n| :-- | :-- | :-- |\n".to_owned();
    for (name, secret) in declared {
        let needed = if secret["required"] == Value::Bool(true) { "yes" } else { "no" };
        table += &format!("| `{name}` | {needed} | {} |\n", description(secret));
    }
    table
}

fn outputs(declared: &Map<String, Value>) -> String {
    let mut table = "| Name | Description |\n| :-- | :-- |\n".to_owned();
    for (name, output) in declared {
        table += &format!("| `{name}` | {} |\n", description(output));
    }
    table
}

fn description(of: &Value) -> String {
    cell(&text(of, "description").split_whitespace().collect::<Vec<_>>().join(" "))
}

fn text<'v>(of: &'v Value, key: &str) -> &'v str {
    of[key].as_str().unwrap_or_default()
}
