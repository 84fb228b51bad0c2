//! Packages of npm, pnpm and yarn workspaces: what they need by name or by path, their tests left out.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use slipway_core::order;
use slipway_core::{Error, ErrorKind, PathPattern, Result};
use slipway_edit::{Format, KeyPath, Options, Segment};

use super::graph::Package;
use super::sources::{Sources, resolve};

/// The file that makes a directory a package, and with `workspaces` a workspace.
pub(super) const MANIFEST: &str = "package.json";
/// The file that makes a directory a workspace of pnpm.
pub(super) const PNPM: &str = "pnpm-workspace.yaml";
/// The tables of what a package needs to be built and to run. What its development needs changes nothing for its users.
const TABLES: [&str; 3] = ["dependencies", "peerDependencies", "optionalDependencies"];

/// Finds the packages.
pub(super) fn packages(sources: &Sources) -> Vec<Package> {
    let manifests: BTreeMap<&str, Result<Map<String, Value>>> =
        order::map(sources.named(MANIFEST).map(|(directory, source)| (directory, parse(source))));
    let workspaces = workspaces(sources, &manifests);
    let package = |(directory, manifest): (&&str, &Result<Map<String, Value>>)| {
        let name = manifest.as_ref().ok().and_then(|manifest| manifest.get("name")?.as_str());
        let needs = manifest.clone().and_then(|manifest| needs(directory, &manifest, &workspaces));
        Package { manifest: manifest_in(directory), name: name.unwrap_or(directory).to_owned(), needs }
    };
    manifests.iter().map(package).collect()
}

fn parse(source: &str) -> Result<Map<String, Value>> {
    serde_json::from_str(source.trim_start_matches('\u{feff}'))
        .map_err(|error| Error::new(ErrorKind::InvalidFile, format!("is not the JSON of a package: {error}")))
}

fn manifest_in(directory: &str) -> String {
    if directory.is_empty() { MANIFEST.into() } else { format!("{directory}/{MANIFEST}") }
}

/// A workspace: its packages by name, or why they are not known.
struct Workspace {
    directory: String,
    members: Result<BTreeMap<String, String>>,
}

/// The workspaces, innermost first.
fn workspaces(sources: &Sources, manifests: &BTreeMap<&str, Result<Map<String, Value>>>) -> Vec<Workspace> {
    let of_npm = manifests.iter().filter_map(|(directory, manifest)| {
        let declared = manifest.as_ref().ok()?.get("workspaces")?;
        let list = declared.as_array().or_else(|| declared.get("packages")?.as_array())?;
        Some((*directory, Ok(list.iter().filter_map(|entry| entry.as_str().map(str::to_owned)).collect())))
    });
    let of_pnpm = sources.named(PNPM).map(|(directory, source)| (directory, pnpm_packages(source)));
    let mut workspaces: Vec<Workspace> = of_npm
        .chain(of_pnpm)
        .map(|(directory, patterns)| Workspace {
            directory: directory.to_owned(),
            members: patterns.and_then(|patterns: Vec<String>| members(directory, &patterns, manifests)),
        })
        .collect();
    order::sort_by_key(&mut workspaces, |workspace| std::cmp::Reverse(workspace.directory.len()));
    workspaces
}

fn pnpm_packages(source: &str) -> Result<Vec<String>> {
    let path = KeyPath::new(vec![Segment::Key("packages".into())])?;
    let read = Format::YAML.read(source)?.values(&path, &Options::default());
    Ok(read.map_err(|error| error.context(format!("`{PNPM}`")))?.unwrap_or_default())
}

/// The packages of a workspace: its own, and those in the directories that its patterns match; a later one with `!` takes back.
fn members(
    top: &str,
    patterns: &[String],
    manifests: &BTreeMap<&str, Result<Map<String, Value>>>,
) -> Result<BTreeMap<String, String>> {
    let mut read: Vec<(bool, Option<PathPattern>)> = Vec::new();
    for pattern in patterns {
        let (is_member, pattern) = pattern.strip_prefix('!').map_or((true, pattern.as_str()), |rest| (false, rest));
        if pattern.contains(['{', '[', '(']) {
            let message = format!("the pattern `{pattern}` of a workspace has more than `*`, `**` and `?`");
            return Err(Error::new(ErrorKind::InvalidFile, message).hint(
                "say what depends on what in `slipway.toml`, by `depends-on`, and set `dependencies: none` meanwhile",
            ));
        }
        let whole = resolve(top, pattern).filter(|path| !path.is_empty());
        read.push((is_member, whole.map(|path| path.parse()).transpose()?));
    }
    let is_member = |directory: &str| {
        let by = read.iter().rev().find(|(_, pattern)| pattern.as_ref().is_some_and(|p| p.matches(directory)));
        directory == top || by.is_some_and(|(is_member, _)| *is_member)
    };
    let name = |manifest: &Result<Map<String, Value>>| Some(manifest.as_ref().ok()?.get("name")?.as_str()?.to_owned());
    let of_it = manifests.iter().filter(|(directory, _)| is_member(directory));
    Ok(order::map(of_it.filter_map(|(directory, manifest)| Some((name(manifest)?, (*directory).to_owned())))))
}

/// The manifests of the packages that one needs.
fn needs(directory: &str, manifest: &Map<String, Value>, workspaces: &[Workspace]) -> Result<Vec<String>> {
    let encloses = |workspace: &&Workspace| {
        let top = workspace.directory.as_str();
        top.is_empty() || directory.strip_prefix(top).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let mut members = BTreeMap::new();
    for workspace in workspaces.iter().filter(encloses) {
        let found = workspace.members.as_ref().map_err(Clone::clone)?;
        // A package that the workspace does not have is one by itself, and what it needs comes from a registry.
        if found.values().any(|member| member == directory) {
            members = found.clone();
            break;
        }
    }
    let mut needs = Vec::new();
    let tables = TABLES.iter().filter_map(|table| manifest.get(*table)?.as_object());
    for (name, wanted) in tables.flatten() {
        let wanted = wanted.as_str().unwrap_or_default();
        needs.extend(target(directory, name, wanted, &members).map(|directory| manifest_in(&directory)));
    }
    Ok(needs)
}

/// The directory of the package that is meant, if it is one of the repository.
fn target(directory: &str, name: &str, wanted: &str, members: &BTreeMap<String, String>) -> Option<String> {
    let by_path = |path: &str| resolve(directory, path);
    for protocol in ["file:", "link:", "portal:"] {
        if let Some(path) = wanted.strip_prefix(protocol) {
            return by_path(path);
        }
    }
    match wanted.strip_prefix("workspace:") {
        Some(path) if path.starts_with('.') => by_path(path),
        // `workspace:other@*` is another package under this name.
        Some(alias) => {
            let other = alias.rsplit_once('@').map(|(other, _)| other).filter(|other| !other.is_empty());
            members.get(other.unwrap_or(name)).cloned()
        }
        // What has an address of its own is from there.
        None if wanted.contains(':') || wanted.contains('/') => None,
        None => members.get(name).cloned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(files: &[(&str, &str)], manifest: &str) -> Result<Vec<String>> {
        let packages = packages(&Sources::of(files));
        packages.into_iter().find(|package| package.manifest == manifest).unwrap().needs
    }

    const APP: &str = r#"{"name": "app", "dependencies": {"@acme/ui": "^1.0.0", "left-pad": "1"},
        "peerDependencies": {"theme": "workspace:*"}, "optionalDependencies": {"x": "workspace:icons@^1"},
        "devDependencies": {"tools": "*"}}"#;
    const OTHERS: [(&str, &str); 4] = [
        ("packages/ui/package.json", r#"{"name": "@acme/ui"}"#),
        ("packages/theme/package.json", r#"{"name": "theme"}"#),
        ("packages/icons/package.json", r#"{"name": "icons"}"#),
        ("packages/tools/package.json", r#"{"name": "tools"}"#),
    ];

    #[test]
    fn members_of_a_workspace_are_found_by_name() {
        let expected = ["packages/ui/package.json", "packages/theme/package.json", "packages/icons/package.json"];
        for (file, content) in [
            ("package.json", r#"{"private": true, "workspaces": ["packages/*", "apps/*"]}"#),
            ("package.json", r#"{"workspaces": {"packages": ["./packages/**", "apps/app"]}}"#),
            ("pnpm-workspace.yaml", "packages:\n  - 'packages/*'\n  - apps/**\n"),
        ] {
            let files = [&[(file, content), ("apps/app/package.json", APP)], &OTHERS[..]].concat();
            assert_eq!(needs(&files, "apps/app/package.json").unwrap(), expected, "{content}");
        }
    }

    #[test]
    fn what_is_no_member_is_from_elsewhere() {
        for (file, content) in [
            ("package.json", r#"{"workspaces": ["packages/*"]}"#),
            ("package.json", r#"{"workspaces": ["apps/*", "packages/*", "!packages/*"]}"#),
            ("package.json", "{}"),
        ] {
            let files = [&[(file, content), ("apps/app/package.json", APP)], &OTHERS[..]].concat();
            assert_eq!(needs(&files, "apps/app/package.json").unwrap(), Vec::<String>::new(), "{content}");
        }
    }

    #[test]
    fn addresses_say_where_a_package_is_from() {
        let members = BTreeMap::from([("ui".to_owned(), "packages/ui".to_owned())]);
        for (wanted, expected) in [
            ("*", Some("packages/ui")),
            ("workspace:^", Some("packages/ui")),
            ("workspace:ui@*", Some("packages/ui")),
            ("workspace:other@*", None),
            ("workspace:../ui", Some("apps/ui")),
            ("file:../../packages/ui", Some("packages/ui")),
            ("link:../ui", Some("apps/ui")),
            ("npm:other@1", None),
            ("github:acme/ui", None),
            ("acme/ui", None),
            ("https://example.com/ui.tgz", None),
        ] {
            assert_eq!(target("apps/app", "ui", wanted, &members).as_deref(), expected, "{wanted}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_if_it_matters() {
        let files = [
            ("package.json", r#"{"workspaces": ["packages/{a,b}"]}"#),
            ("packages/a/package.json", r#"{"name": "a"}"#),
            ("bad/package.json", "{"),
        ];
        for manifest in ["packages/a/package.json", "bad/package.json"] {
            assert_eq!(needs(&files, manifest).unwrap_err().kind(), ErrorKind::InvalidFile, "{manifest}");
        }
    }
}
