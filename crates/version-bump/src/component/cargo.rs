//! Packages of Cargo: what they need by path, their tests left out.

use slipway_core::Result;
use slipway_edit::{Content, Format, KeyPath, Options, Segment};

use super::graph::Package;
use super::sources::{Sources, resolve};

/// The file that makes a directory a package, a workspace, or both.
pub(super) const MANIFEST: &str = "Cargo.toml";
/// The tables of what a package needs to be built and to run. What its tests need changes nothing for its users.
const TABLES: [&str; 2] = ["dependencies", "build-dependencies"];

/// Finds the packages.
pub(super) fn packages(sources: &Sources) -> Vec<Package> {
    sources.named(MANIFEST).map(|(directory, source)| package(sources, directory, source)).collect()
}

fn package(sources: &Sources, directory: &str, source: &str) -> Package {
    let read = || -> Result<(Option<String>, Vec<String>)> {
        let manifest = Manifest::parse(source)?;
        Ok((manifest.value(&["package", "name"]), needs(sources, directory, &manifest)))
    };
    let (name, needs) = match read() {
        Ok((name, needs)) => (name, Ok(needs)),
        Err(error) => (None, Err(error)),
    };
    Package { manifest: manifest_in(directory), name: name.unwrap_or_else(|| directory.to_owned()), needs }
}

/// The manifests of the packages that one needs.
fn needs(sources: &Sources, directory: &str, manifest: &Manifest<'_>) -> Vec<String> {
    let platforms = manifest.keys(&["target"]);
    let of_platforms = platforms.iter().flat_map(|platform| TABLES.map(|table| vec!["target", platform, table]));
    let workspace = Workspace::of(sources, directory, manifest);
    let mut needs = Vec::new();
    for table in TABLES.map(|table| vec![table]).into_iter().chain(of_platforms) {
        for name in manifest.keys(&table) {
            let entry = |key| manifest.value(&[table.as_slice(), &[name.as_str(), key]].concat());
            let found = match entry("path") {
                Some(path) => resolve(directory, &path),
                None if entry("workspace").as_deref() == Some("true") => workspace.as_ref().and_then(|w| w.find(&name)),
                None => None,
            };
            needs.extend(found.map(|directory| manifest_in(&directory)));
        }
    }
    needs
}

fn manifest_in(directory: &str) -> String {
    if directory.is_empty() { MANIFEST.into() } else { format!("{directory}/{MANIFEST}") }
}

/// The workspace that a package takes what it needs from.
struct Workspace<'a> {
    directory: String,
    manifest: Manifest<'a>,
}

impl<'a> Workspace<'a> {
    /// The workspace that the package names, else the nearest one in a directory above, which can be the package itself.
    fn of(sources: &'a Sources, directory: &str, manifest: &Manifest<'_>) -> Option<Self> {
        let read = |directory: String| {
            let manifest = Manifest::parse(sources.get(&manifest_in(&directory))?).ok()?;
            manifest.has("workspace").then_some(Self { directory, manifest })
        };
        if let Some(named) = manifest.value(&["package", "workspace"]) {
            return read(resolve(directory, &named)?);
        }
        let above = directory.match_indices('/').map(|(end, _)| &directory[..end]).chain([directory]);
        let mut nearest_first: Vec<&str> = above.collect();
        nearest_first.reverse();
        nearest_first.into_iter().chain([""]).find_map(|directory| read(directory.to_owned()))
    }

    /// The directory of a package that the workspace has by its path.
    fn find(&self, name: &str) -> Option<String> {
        resolve(&self.directory, &self.manifest.value(&["workspace", "dependencies", name, "path"])?)
    }
}

struct Manifest<'a>(Content<'a>);

impl<'a> Manifest<'a> {
    fn parse(source: &'a str) -> Result<Self> {
        Format::TOML.read(source).map(Self)
    }

    fn has(&self, table: &str) -> bool {
        self.0.keys(None, &Options::default()).ok().flatten().unwrap_or_default().iter().any(|key| key == table)
    }

    /// The keys of a table; none if it is none.
    fn keys(&self, path: &[&str]) -> Vec<String> {
        let path = key_path(path);
        path.and_then(|path| self.0.keys(Some(&path), &Options::default()).ok().flatten()).unwrap_or_default()
    }

    /// A single value; nothing if there is none.
    fn value(&self, path: &[&str]) -> Option<String> {
        self.0.value(&key_path(path)?, &Options::default()).ok().flatten()
    }
}

fn key_path(keys: &[&str]) -> Option<KeyPath> {
    KeyPath::new(keys.iter().map(|key| Segment::Key((*key).into())).collect()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(files: &[(&str, &str)], manifest: &str) -> Vec<String> {
        let packages = packages(&Sources::of(files));
        packages.into_iter().find(|package| package.manifest == manifest).unwrap().needs.unwrap()
    }

    #[test]
    fn what_is_needed_by_path_is_found() {
        let api = "[package]\nname = \"api\"\n[dependencies]\ncore = { path = \"../core\" }\nserde = \"1\"\nedit.workspace = true\n\
                   semver = { workspace = true }\nold = { package = \"x\", path = \"../old\", version = \"1\" }\n\
                   out = { path = \"../../../out\" }\n\
                   [build-dependencies.build]\npath = \"../build\"\n[dev-dependencies]\ntestbed = { path = \"../testbed\" }\n\
                   [target.'cfg(windows)'.dependencies]\nwin = { path = \"../win\" }\n";
        let top = "[workspace]\nmembers = [\"crates/*\"]\n[workspace.dependencies]\nedit = { path = \"crates/edit\" }\nsemver = \"1\"\n";
        let files = [("crates/api/Cargo.toml", api), ("Cargo.toml", top)];
        assert_eq!(
            needs(&files, "crates/api/Cargo.toml"),
            ["core", "edit", "old", "build", "win"].map(|name| format!("crates/{name}/Cargo.toml"))
        );
        assert_eq!(needs(&files, "Cargo.toml"), Vec::<String>::new());
    }

    #[test]
    fn the_workspace_is_the_nearest_or_the_named_one() {
        let top = "[workspace.dependencies]\na = { path = \"top\" }\n";
        let near = "[workspace.dependencies]\na = { path = \"near\" }\n";
        let wants = "[package]\nname = \"p\"\n[dependencies]\na.workspace = true\n";
        let named = "[package]\nname = \"p\"\nworkspace = \"../..\"\n[dependencies]\na.workspace = true\n";
        let files = [("Cargo.toml", top), ("x/Cargo.toml", near), ("x/p/Cargo.toml", wants), ("x/q/Cargo.toml", named)];
        assert_eq!(needs(&files, "x/p/Cargo.toml"), ["x/near/Cargo.toml"]);
        assert_eq!(needs(&files, "x/q/Cargo.toml"), ["top/Cargo.toml"]);
    }

    #[test]
    fn a_manifest_that_cannot_be_read_is_told_if_it_matters() {
        let packages =
            packages(&Sources::of(&[("bad/Cargo.toml", "[package"), ("odd/Cargo.toml", "dependencies = 1")]));
        assert!(packages[0].needs.is_err());
        assert_eq!(packages[1].needs.as_ref().unwrap(), &Vec::<String>::new());
    }
}
