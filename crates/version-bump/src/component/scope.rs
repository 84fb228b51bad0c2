//! Whose commits count.

use serde::Serialize;
use slipway_core::PathPattern;
use slipway_core::git::Argv;

use super::paths::Paths;

/// What a component is made of: a commit counts if it changes one of its own paths, or something that the component depends on.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Scope {
    /// The paths of the component itself.
    pub paths: Paths,
    /// What it depends on, directly or not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<Dependency>,
}

/// Another part of the repository that the component depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Dependency {
    /// The component or the package.
    pub name: String,
    /// Its paths.
    pub paths: Paths,
}

/// What a commit changes of a component.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Touched {
    /// Entries of the component's own paths.
    #[serde(rename = "paths", skip_serializing_if = "Vec::is_empty")]
    pub own: Vec<String>,
    /// The dependencies, by their names.
    #[serde(rename = "dependencies", skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<String>,
}

impl Touched {
    /// Whether nothing is changed that counts.
    pub(crate) fn is_empty(&self) -> bool {
        self.own.is_empty() && self.dependencies.is_empty()
    }

    /// The dependency through which alone the commit counts.
    pub(crate) fn through(&self) -> Option<&str> {
        self.dependencies.first().filter(|_| self.own.is_empty()).map(String::as_str)
    }
}

impl Scope {
    /// Notes whose a changed path is that git found with [`Scope::restrict`].
    pub(crate) fn note(&self, path: &str, touched: &mut Touched) {
        // Git knows better than we do which names match that are not UTF-8.
        let any = || self.paths.included().first().filter(|_| self.dependencies.is_empty()).map(PathPattern::as_str);
        if let Some(entry) = self.paths.entry(path).or_else(any) {
            remember(&mut touched.own, entry);
        }
        for dependency in self.dependencies.iter().filter(|dependency| dependency.paths.entry(path).is_some()) {
            remember(&mut touched.dependencies, &dependency.name);
        }
    }

    /// Restricts a git command to what can count. Of more than one thing, what one leaves out another can have.
    pub(crate) fn restrict(&self, argv: Argv) -> Argv {
        if self.dependencies.is_empty() {
            return self.paths.restrict(argv);
        }
        let all = self.dependencies.iter().map(|dependency| &dependency.paths).chain([&self.paths]);
        argv.patterns(all.flat_map(Paths::included), [])
    }
}

fn remember(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|known| known == name) {
        names.push(name.into());
    }
}
