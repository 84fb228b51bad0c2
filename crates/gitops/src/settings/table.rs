//! The keys of `slipway.toml`: the one table that the reader, the JSON Schema and the README's tables are made from.

use serde_json::{Map, Value, json};
use slipway_core::documentation;

/// What a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingKind {
    /// One text.
    Text,
    /// A list of texts.
    List,
    /// One of these words.
    Choice(&'static [&'static str]),
}

/// A key of a section.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its kebab-case name.
    pub name: &'static str,
    /// What it takes.
    pub kind: SettingKind,
    /// One or two sentences for the schema and the README.
    pub about: &'static str,
}

impl Setting {
    const fn new(name: &'static str, kind: SettingKind, about: &'static str) -> Self {
        Self { name, kind, about: documentation(about) }
    }
}

/// A kind of section, `[<name>.<own name>]`.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    /// The first part of its name.
    pub name: &'static str,
    /// What one of them is, with its article.
    pub noun: &'static str,
    /// What names they may have, as a regular expression.
    pub names: &'static str,
    /// One sentence for the schema.
    pub about: &'static str,
    /// Its keys.
    pub settings: &'static [Setting],
}

/// What a name in lower case looks like; git refuses some of these as parts of refs, and so does the reader.
const NAMES: &str = "^[a-z0-9][a-z0-9._-]*$";

/// Where releases run.
pub const ENVIRONMENTS: Section = Section {
    name: "environments",
    noun: "an environment",
    names: NAMES,
    about: "Where releases run, by name.",
    settings: &[
        Setting::new(
            "path",
            SettingKind::Text,
            "Directory of its files; `{path}` stands for it in `files` and `values`.",
        ),
        Setting::new(
            "branch",
            SettingKind::Text,
            "Branch of its files and deployments, if it is not the one that holds `slipway.toml`.",
        ),
        Setting::new(
            "repository",
            SettingKind::Text,
            "Repository of its files, deployments and verdicts, if it is not the one that holds `slipway.toml`; written as in \
             `config-repository`.",
        ),
        Setting::new(
            "promote-from",
            SettingKind::Text,
            "Environment in which a release must be verified before it is deployed to this one.",
        ),
        Setting::new(
            "freeze",
            SettingKind::List,
            "Times at which nothing is deployed, such as `Fri 16:00 .. Mon 08:00 Europe/Berlin` or `2026-12-20 .. 2027-01-03`.",
        ),
        Setting::new("locked", SettingKind::Text, "Why nothing is deployed until this line is gone."),
        Setting::new(
            "github-environment",
            SettingKind::Text,
            "Its name among GitHub's environments, such as `Production`; the input `environment` takes both.",
        ),
        Setting::new(
            "record",
            SettingKind::Choice(&["ref", "branch"]),
            "Where verdicts stand: `ref` is `refs/slipway/<environment>/<component>`, `branch` the branch \
             `slipway-record/<environment>/<component>`, for remotes that refuse other refs. `ref` if it is left out.",
        ),
    ],
};

/// What is released.
pub const COMPONENTS: Section = Section {
    name: "components",
    noun: "a component",
    names: NAMES,
    about: "What is released, by name.",
    settings: &[
        Setting::new(
            "images",
            SettingKind::List,
            "Names of its images, without tag and digest. No other image is deployed as part of it.",
        ),
        Setting::new(
            "files",
            SettingKind::List,
            "Files that name its images, as in the input `files`, with `{path}`, `{environment}`, `{component}` and `{version}`.",
        ),
        Setting::new(
            "values",
            SettingKind::List,
            "Single values of a release, as in the input `values`, with the same placeholders.",
        ),
        Setting::new(
            "source",
            SettingKind::Text,
            "Repository that it is built from, `owner/name`: the commits that a promotion ships are read there.",
        ),
        Setting::new(
            "paths",
            SettingKind::List,
            "Paths of its sources: the commits that change one of them count for its version (version-bump).",
        ),
        Setting::new("depends-on", SettingKind::List, "Components that it is built with (version-bump)."),
    ],
};

/// Every kind of section.
pub const SECTIONS: &[Section] = &[ENVIRONMENTS, COMPONENTS];

/// The JSON Schema of `slipway.toml`.
pub fn schema() -> Value {
    let text = json!({ "type": "string", "minLength": 1 });
    let of_kind = |setting: &Setting| {
        let mut schema = match setting.kind {
            SettingKind::Text => text.clone(),
            SettingKind::List => json!({ "type": "array", "items": text }),
            SettingKind::Choice(words) => json!({ "enum": words }),
        };
        schema["description"] = setting.about.into();
        (setting.name.to_owned(), schema)
    };
    let of_section = |section: &Section| {
        let settings: Map<String, Value> = section.settings.iter().map(of_kind).collect();
        let one = json!({ "type": "object", "properties": settings, "additionalProperties": false });
        let schema = json!({
            "type": "object",
            "description": section.about,
            "propertyNames": { "pattern": section.names, "maxLength": 100 },
            "additionalProperties": one,
        });
        (section.name.to_owned(), schema)
    };
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "slipway.toml",
        "description": "The settings of Slipway.",
        "type": "object",
        "properties": SECTIONS.iter().map(of_section).collect::<Map<_, _>>(),
        "additionalProperties": false,
    })
}
