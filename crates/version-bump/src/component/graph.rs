//! What a component depends on, directly or not.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use slipway_core::order;
use slipway_core::{ComponentName, Result};

use super::paths::Paths;
use super::scope::Dependency;
use super::settings::Components;
use super::sources::Sources;
use super::{cargo, npm};

/// A package of the repository.
#[derive(Debug)]
pub(super) struct Package {
    /// The file that makes its directory a package.
    pub manifest: String,
    /// Its name.
    pub name: String,
    /// The manifests of the packages that it needs, or why they are not known.
    pub needs: Result<Vec<String>>,
}

impl Package {
    fn directory(&self) -> &str {
        self.manifest.rsplit_once('/').map_or("", |(directory, _)| directory)
    }
}

/// A way in which packages say what they need.
struct Ecosystem {
    /// The files in which they say so.
    files: &'static [&'static str],
    /// Finds the packages. What is wrong with one is told if it matters.
    packages: fn(&Sources) -> Vec<Package>,
}

const ECOSYSTEMS: [Ecosystem; 2] = [
    Ecosystem { files: &[cargo::MANIFEST], packages: cargo::packages },
    Ecosystem { files: &[npm::MANIFEST, npm::PNPM], packages: npm::packages },
];

/// The names of the files that are asked.
pub(super) fn files() -> impl Iterator<Item = &'static str> {
    ECOSYSTEMS.iter().flat_map(|ecosystem| ecosystem.files).copied()
}

/// Everything that a component depends on, what is nearest first. Circles end.
///
/// # Errors
/// `InvalidFile` if it cannot be read what a package needs.
pub(super) fn dependencies(
    component: &ComponentName,
    paths: &Paths,
    components: &Components,
    sources: &Sources,
) -> Result<Vec<Dependency>> {
    let packages = ECOSYSTEMS.iter().flat_map(|ecosystem| (ecosystem.packages)(sources));
    let packages = order::map(packages.map(|package| (package.manifest.clone(), package)));
    let graph = Graph { components, packages };
    let (mut found, mut met) = (Vec::new(), BTreeSet::new());
    let mut queue: VecDeque<Node<'_>> = graph.needs(component, paths)?.into();
    while let Some(node) = queue.pop_front() {
        let is_own = match node {
            Node::Component(name) => name == component,
            Node::Package(package) => paths.entry(&package.manifest).is_some(),
        };
        // The component itself comes back in circles.
        if is_own || !met.insert(node.key()) {
            continue;
        }
        match node {
            Node::Component(name) => {
                let paths = components.paths(name)?;
                found.push(Dependency { name: name.to_string(), paths: paths.clone() });
                queue.extend(graph.needs(name, paths)?);
            }
            Node::Package(package) => match components.owner(&package.manifest) {
                // A package of a component stands for all of it: they are released together.
                Some(owner) => queue.push_back(Node::Component(owner)),
                None => {
                    found.push(Dependency { name: package.name.clone(), paths: graph.paths(package)? });
                    queue.extend(graph.needs_of_package(package)?);
                }
            },
        }
    }
    Ok(found)
}

/// A place in the graph.
#[derive(Clone, Copy)]
enum Node<'a> {
    Component(&'a ComponentName),
    Package(&'a Package),
}

impl Node<'_> {
    /// What it is told from all others by.
    fn key(self) -> (bool, String) {
        match self {
            Self::Component(name) => (true, name.to_string()),
            Self::Package(package) => (false, package.manifest.clone()),
        }
    }
}

struct Graph<'a> {
    components: &'a Components,
    packages: BTreeMap<String, Package>,
}

impl Graph<'_> {
    /// What a component with these paths needs: the components that it names, and what its packages need.
    fn needs(&self, component: &ComponentName, paths: &Paths) -> Result<Vec<Node<'_>>> {
        let mut needs: Vec<Node<'_>> = self.components.depends_on(component).iter().map(Node::Component).collect();
        for package in self.packages.values().filter(|package| paths.entry(&package.manifest).is_some()) {
            needs.extend(self.needs_of_package(package)?);
        }
        Ok(needs)
    }

    fn needs_of_package(&self, package: &Package) -> Result<impl Iterator<Item = Node<'_>>> {
        let needs = package.needs.clone().map_err(|error| error.context(format!("`{}`", package.manifest)))?;
        Ok(needs.into_iter().filter_map(|manifest| self.packages.get(&manifest)).map(Node::Package))
    }

    /// The directory of a package, without the packages below it.
    fn paths(&self, package: &Package) -> Result<Paths> {
        let directory = package.directory();
        let is_below = |other: &str| {
            other != directory
                && (directory.is_empty() || other.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/')))
        };
        let below = order::set(self.packages.values().map(Package::directory).filter(|other| is_below(other)));
        Paths::directory(directory, below)
    }
}
