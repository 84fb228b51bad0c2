//! `slipway.toml`: its JSON Schema and the README's tables are what the table of keys gives, and reader and schema agree.

use std::path::{Path, PathBuf};

use serde_json::Value;
use slipway_edit::Format;
use slipway_gitops::Settings;
use slipway_gitops::settings::{SECTIONS, Section, SettingKind, schema};

use crate::render::{cell, section};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("actions/config-updater")
}

fn readme() -> String {
    std::fs::read_to_string(folder().join("README.md")).unwrap()
}

fn table(of: &Section) -> String {
    let mut table = "| Key | Type | Description |\n| :-- | :-- | :-- |\n".to_owned();
    for setting in of.settings {
        let kind = match setting.kind {
            SettingKind::Text => "String".to_owned(),
            SettingKind::List => "List".to_owned(),
            SettingKind::Choice(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" or "),
        };
        table += &format!("| `{}` | {kind} | {} |\n", setting.name, cell(setting.about));
    }
    table
}

#[test]
fn the_schema_and_the_tables_are_those_of_the_code() {
    let file = folder().join("slipway.schema.json");
    let expected = format!("{:#}\n", schema());
    let text = readme();
    let with_tables =
        SECTIONS.iter().fold(text, |text, of| section(&text, &format!("### `[{}.<name>]`\n\n", of.name), &table(of)));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, &expected).unwrap();
        std::fs::write(folder().join("README.md"), &with_tables).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), expected, "BLESS=1 cargo test --test contract");
    assert_eq!(readme(), with_tables, "BLESS=1 cargo test --test contract");
}

fn json(source: &str) -> Value {
    match Format::TOML.read(source).unwrap().to_json() {
        Value::Null => Value::Object(Default::default()),
        value => value,
    }
}

#[test]
fn reader_and_schema_agree() {
    let schema = schema();
    jsonschema::meta::validate(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (source, is_right) in [
        ("", true),
        ("[environments.staging]\n[components.shop]\n", true),
        ("[environments.a]\npath = \"x\"\nfreeze = [\"Sat .. Sun\"]\nrecord = \"branch\"\n", true),
        ("[components.a]\npaths = [\"x\"]\ndepends-on = []\nfiles = [\"{path}/*\"]\n", true),
        ("[environment.a]\n", false),
        ("x = \"y\"\n", false),
        ("[environments.a]\npromote_from = \"b\"\n", false),
        ("[environments.a]\nrecord = \"tag\"\n", false),
        ("[environments.a]\nfreeze = \"Sat .. Sun\"\n", false),
        ("[environments.a]\nlocked = true\n", false),
        ("[environments.a]\nlocked = \"\"\n", false),
        ("[environments.A]\n", false),
        ("[components.a]\nimages = \"x\"\n", false),
        ("[components.a.b]\n", false),
    ] {
        assert_eq!(validator.is_valid(&json(source)), is_right, "the schema: {source}");
        assert_eq!(Settings::parse(source).is_ok(), is_right, "the reader: {source}");
    }
}

#[test]
fn the_examples_of_the_readme_are_right() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let text = readme();
    let examples: Vec<&str> = text.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(!examples.is_empty(), "the README shows no `slipway.toml`");
    for example in examples {
        Settings::parse(example).unwrap_or_else(|error| panic!("{error}\n{example}"));
        assert!(validator.is_valid(&json(example)), "{example}");
    }
}
