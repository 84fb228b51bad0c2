//! `slipway.toml`: the environments and components that were found.

use serde::Serialize;
use slipway_core::{ComponentName, EnvironmentName};
use slipway_gitops::settings::Settings;

use crate::detect::environment::{rank, usual_name};
use crate::facts::{Facts, Standing};
use crate::findings::RuntimeKind;
use crate::snapshot::file_name;

/// The file's name.
pub(crate) use slipway_gitops::settings::FILE;

/// An environment as it is proposed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct EnvironmentProposal {
    pub name: String,
    pub path: Option<String>,
    /// Where it was found.
    pub file: String,
}

/// A component as it is proposed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct ComponentProposal {
    pub name: String,
    pub images: Vec<String>,
    pub files: Vec<String>,
    /// Its sources, if they are not all of the repository.
    pub paths: Vec<String>,
    /// Where it was found.
    pub why: String,
}

/// The environments, the one furthest from the users first.
pub(crate) fn environments(facts: &Facts) -> Vec<EnvironmentProposal> {
    let found = facts.findings.environments.iter().filter(|found| found.name.parse::<EnvironmentName>().is_ok());
    let mut environments: Vec<EnvironmentProposal> = found
        .map(|found| {
            // With a directory of its own, the name is ours to give.
            let name = if found.path.is_some() { usual_name(&found.name) } else { &found.name };
            EnvironmentProposal { name: name.into(), path: found.path.clone(), file: found.file.clone() }
        })
        .collect();
    environments.sort_by_key(|found| rank(&found.name));
    environments.dedup_by(|later, first| later.name == first.name);
    environments
}

/// The components: what is built, else what the manifests run.
pub(crate) fn components(facts: &Facts) -> Vec<ComponentProposal> {
    let findings = &facts.findings;
    let whole = facts.repository.name.as_deref().unwrap_or(&facts.folder);
    let whole = file_name(whole).to_ascii_lowercase();
    let is_alone = findings.builds.len() == 1;
    let mut components: Vec<ComponentProposal> = Vec::new();
    for build in &findings.builds {
        let name =
            if build.directory.is_empty() { whole.clone() } else { file_name(&build.directory).to_ascii_lowercase() };
        if name.parse::<ComponentName>().is_err() || components.iter().any(|known| known.name == name) {
            continue;
        }
        let mut images: Vec<String> = Vec::new();
        for image in findings.images.iter().filter(|image| file_name(&image.name) == name) {
            push(&mut images, image.name.clone());
        }
        let mut all: Vec<String> = Vec::new();
        findings.images.iter().for_each(|image| push(&mut all, image.name.clone()));
        // Where manifests give an image its whole name elsewhere, the short one is only a word for it.
        if images.iter().any(|name| name.contains('/')) {
            images.retain(|name| name.contains('/'));
        }
        if images.is_empty() && is_alone && all.len() == 1 {
            images = all;
        }
        let files = files(facts, &images);
        let paths =
            if is_alone || build.directory.is_empty() { Vec::new() } else { vec![format!("{}/**", build.directory)] };
        components.push(ComponentProposal { name, images, files, paths, why: format!("`{}`", build.file) });
    }
    // A repository that holds only the configuration builds nothing.
    if findings.builds.is_empty() && findings.runs_on(RuntimeKind::Kubernetes).is_some() {
        // What stands at the top of a registry is somebody else's: a database, a proxy.
        for image in findings.images.iter().filter(|image| image.name.contains('/')) {
            let name = file_name(&image.name).to_ascii_lowercase();
            if name.parse::<ComponentName>().is_ok() && !components.iter().any(|known| known.name == name) {
                let images = vec![image.name.clone()];
                let files = files(facts, &images);
                components.push(ComponentProposal {
                    name,
                    images,
                    files,
                    paths: Vec::new(),
                    why: format!("`{}`", image.file),
                });
            }
        }
    }
    components
}

fn push(list: &mut Vec<String>, item: String) {
    if !list.contains(&item) {
        list.push(item);
    }
}

/// The files that name a component's images, with placeholders for what differs between environments.
fn files(facts: &Facts, images: &[String]) -> Vec<String> {
    let environments = environments(facts);
    let mut files = Vec::new();
    for found in facts.findings.images.iter().filter(|found| images.contains(&found.name)) {
        let below = environments.iter().find_map(|environment| {
            let path = environment.path.as_deref()?;
            found.file.strip_prefix(path)?.strip_prefix('/').map(|rest| format!("{{path}}/{rest}"))
        });
        let by_name = || {
            let named = environments.iter().find(|environment| {
                let name = file_name(&found.file);
                name.contains(&format!("-{}.", environment.name)) || name.starts_with(&format!("{}.", environment.name))
            })?;
            let (directory, name) = found.file.rsplit_once('/').unwrap_or(("", &found.file));
            let name = name.replace(&named.name, "{environment}");
            Some(if directory.is_empty() { name } else { format!("{directory}/{name}") })
        };
        // What all environments share cannot hold the release of one.
        let shared = || environments.is_empty().then(|| found.file.clone());
        if let Some(file) = below.or_else(by_name).or_else(shared) {
            push(&mut files, file);
        }
    }
    files
}

/// The file's text; nothing if there is nothing to say, or we would refuse it ourselves.
pub(crate) fn text(facts: &Facts) -> Option<String> {
    let (environments, components) = (environments(facts), components(facts));
    let is_deployed = |component: &ComponentProposal| !component.images.is_empty();
    if facts.findings.runtimes.is_empty() || environments.is_empty() && !components.iter().any(is_deployed) {
        return None;
    }
    let mut text = String::from(
        "# What Slipway knows of this repository. Every key: https://github.com/slipway-release/slipway/blob/main/actions/config-updater/slipway.schema.json\n",
    );
    let mut before: Option<&EnvironmentProposal> = None;
    for environment in &environments {
        text += &format!("\n[environments.{}]\n", key(&environment.name));
        if let Some(path) = &environment.path {
            text += &format!("path = {}\n", string(path));
        }
        if let Some(before) = before {
            text += &format!("promote-from = {} # only what is verified there gets here\n", string(&before.name));
        }
        before = Some(environment);
    }
    for component in &components {
        text += &format!("\n[components.{}]\n", key(&component.name));
        for (name, values) in [("images", &component.images), ("files", &component.files), ("paths", &component.paths)]
        {
            if !values.is_empty() {
                let values: Vec<String> = values.iter().map(|value| string(value)).collect();
                text += &format!("{name} = [{}]\n", values.join(", "));
            }
        }
    }
    Settings::parse(&text).is_ok().then_some(text)
}

/// What a file that is there lacks of what was found.
pub(crate) fn missing(facts: &Facts) -> Vec<String> {
    let Some(Standing::Text(text)) = facts.standing.get(FILE) else { return Vec::new() };
    let Ok(settings) = Settings::parse(text) else {
        return vec![format!("`{FILE}` cannot be read: see what `config-updater` says of it")];
    };
    let has_environment = |name: &str| settings.environments.keys().any(|known| known.as_str() == name);
    let has_component = |name: &str| settings.components.keys().any(|known| known.as_str() == name);
    let environments = environments(facts).into_iter().filter(|found| !has_environment(&found.name));
    let components = components(facts).into_iter().filter(|found| !has_component(&found.name));
    environments
        .map(|found| format!("`[environments.{}]`, found at `{}`", found.name, found.file))
        .chain(components.map(|found| format!("`[components.{}]`, found at {}", found.name, found.why)))
        .map(|what| format!("`{FILE}` has no {what}"))
        .collect()
}

/// A key of a table: bare where TOML takes it so.
fn key(name: &str) -> String {
    let is_bare = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if is_bare { name.into() } else { string(name) }
}

/// A string of TOML.
fn string(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}
