//! The bill of materials of the programs, by [CycloneDX 1.6](https://cyclonedx.org/docs/1.6/json/): every package that is linked into
//! them, from cargo's own resolution.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::dist::toolchain::Toolchain;
use crate::{process, workspace};

/// What `cargo metadata` prints, as far as it is of interest.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    repository: Option<String>,
    source: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Deserialize)]
struct DependencyKind {
    kind: Option<String>,
}

/// Writes the bill of the programs of the workspace in `tree`, built for `target` with these tools.
pub(super) fn write(
    tree: &Path,
    toolchain: &Toolchain,
    target: &str,
    programs: &[&str],
    made_with: &[(&str, &str)],
) -> Result<Vec<u8>> {
    let mut cargo = toolchain.cargo(tree, &tree.join("target"))?;
    cargo.args(["metadata", "--locked", "--format-version", "1", "--filter-platform", target]);
    let metadata = serde_json::from_str(&process::output(&mut cargo)?).context("what `cargo metadata` prints")?;
    let lock = workspace::read_text(&tree.join("Cargo.lock"))?;
    let mut text = serde_json::to_string_pretty(&bill(&metadata, &lock, programs, made_with)?)?;
    text.push('\n');
    Ok(text.into_bytes())
}

fn bill(metadata: &Metadata, lock: &str, programs: &[&str], made_with: &[(&str, &str)]) -> Result<Value> {
    let packages: BTreeMap<&str, &Package> =
        metadata.packages.iter().map(|package| (package.id.as_str(), package)).collect();
    let linked: BTreeMap<&str, Vec<&str>> =
        metadata.resolve.nodes.iter().map(|node| (node.id.as_str(), linked(node))).collect();
    let is_program = |package: &&Package| package.source.is_none() && programs.contains(&package.name.as_str());
    let roots: Vec<&Package> = metadata.packages.iter().filter(is_program).collect();
    let mut open: Vec<&str> = roots.iter().map(|package| package.id.as_str()).collect();
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    while let Some(id) = open.pop() {
        if reached.insert(id) {
            open.extend(linked.get(id).into_iter().flatten());
        }
    }
    let find = |id: &str| packages.get(id).copied().with_context(|| format!("cargo names no package `{id}`"));
    let sums = checksums(lock);
    let (mut components, mut dependencies) = (BTreeMap::new(), BTreeMap::new());
    for id in reached {
        let package = find(id)?;
        let below: BTreeSet<String> = linked[id].iter().map(|below| find(below).map(purl)).collect::<Result<_>>()?;
        let kind = if is_program(&package) { "application" } else { "library" };
        components
            .insert(purl(package), component(package, kind, sums.get(&(&package.name, &package.version)).copied()));
        dependencies.insert(purl(package), json!({ "ref": purl(package), "dependsOn": below }));
    }
    let version = roots.first().map(|package| package.version.as_str()).context("there are no programs")?;
    let whole = format!("slipway@{version}");
    let mut top =
        vec![json!({ "ref": whole, "dependsOn": roots.iter().map(|root| purl(root)).collect::<BTreeSet<_>>() })];
    top.extend(dependencies.into_values());
    let tools: Vec<Value> = made_with
        .iter()
        .map(|(name, version)| json!({ "type": "application", "name": name, "version": version }))
        .collect();
    Ok(json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "tools": { "components": tools },
            "component": { "type": "application", "bom-ref": whole, "name": "Slipway", "version": version },
        },
        "components": components.into_values().collect::<Vec<_>>(),
        "dependencies": top,
    }))
}

/// The packages that become part of whatever uses this one: not those that only build or test it.
fn linked(node: &Node) -> Vec<&str> {
    let is_linked = |dependency: &&Dependency| dependency.dep_kinds.iter().any(|kind| kind.kind.is_none());
    node.deps.iter().filter(is_linked).map(|dependency| dependency.pkg.as_str()).collect()
}

fn component(package: &Package, kind: &str, sum: Option<&str>) -> Value {
    let mut component = json!({
        "type": kind,
        "bom-ref": purl(package),
        "name": package.name,
        "version": package.version,
        "purl": purl(package),
    });
    if let Some(license) = &package.license {
        // Before SPDX expressions, a slash stood for `OR`.
        component["licenses"] = json!([{ "expression": license.replace('/', " OR ") }]);
    }
    if let Some(sum) = sum {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": sum }]);
    }
    if let Some(repository) = &package.repository {
        component["externalReferences"] = json!([{ "type": "vcs", "url": repository }]);
    }
    component
}

/// A package's address by [package-url](https://github.com/package-url/purl-spec).
fn purl(package: &Package) -> String {
    format!("pkg:cargo/{}@{}", package.name, package.version.replace('+', "%2B"))
}

/// The SHA-256 sums of the lock file, by name and version.
fn checksums(lock: &str) -> BTreeMap<(&str, &str), &str> {
    let mut sums = BTreeMap::new();
    for package in lock.split("[[package]]") {
        let field = |name: &str| {
            package.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = \"")?.strip_suffix('"'))
        };
        if let (Some(name), Some(version), Some(sum)) = (field("name"), field("version"), field("checksum")) {
            sums.insert((name, version), sum);
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_linked_is_listed_and_what_only_builds_it_is_not() {
        let package = |name: &str, source: Option<&str>| json!({ "id": name, "name": name, "version": "1.0.0+a", "license": "MIT/Apache-2.0", "repository": null, "source": source });
        let on = |name: &str, kind: Option<&str>| json!({ "pkg": name, "dep_kinds": [{ "kind": kind }] });
        let metadata: Metadata = serde_json::from_value(json!({
            "packages": [package("slipway", None), package("xtask", None), package("linked", Some("registry")), package("builder", Some("registry"))],
            "resolve": { "nodes": [
                { "id": "slipway", "deps": [on("linked", None), on("xtask", Some("dev"))] },
                { "id": "linked", "deps": [on("builder", Some("build"))] },
                { "id": "xtask", "deps": [] },
            ] },
        }))
        .unwrap();
        let lock = "[[package]]\nname = \"linked\"\nversion = \"1.0.0+a\"\nchecksum = \"5f\"\n";
        let bill = bill(&metadata, lock, &["slipway"], &[("rustc", "1.95.0")]).unwrap();
        let names: Vec<&str> =
            bill["components"].as_array().unwrap().iter().filter_map(|component| component["name"].as_str()).collect();
        assert_eq!(names, ["linked", "slipway"]);
        let linked = &bill["components"][0];
        assert_eq!(linked["purl"], "pkg:cargo/linked@1.0.0%2Ba");
        assert_eq!(linked["hashes"][0]["content"], "5f");
        assert_eq!(linked["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(bill["components"][1]["type"], "application");
        assert_eq!(
            bill["dependencies"][2],
            json!({ "ref": "pkg:cargo/slipway@1.0.0%2Ba", "dependsOn": ["pkg:cargo/linked@1.0.0%2Ba"] })
        );
        assert_eq!(bill["dependencies"][0]["dependsOn"][0], "pkg:cargo/slipway@1.0.0%2Ba");
    }
}
