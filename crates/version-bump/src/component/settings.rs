//! The components that `slipway.toml` declares.

use std::collections::BTreeMap;

use slipway_core::{ComponentName, Context, Error, ErrorKind, Host, Result, WorkspacePath};
use slipway_edit::{Content, Format, KeyPath, Options, Segment};

use super::paths::Paths;
use super::sources;

/// The settings file, at the top of the repository.
const FILE: &str = "slipway.toml";

/// What is declared, by name.
#[derive(Debug, Default)]
pub(crate) struct Components(BTreeMap<ComponentName, Declared>);

#[derive(Debug)]
struct Declared {
    paths: Option<Paths>,
    depends_on: Vec<ComponentName>,
}

impl Components {
    /// Reads the settings file; nothing is declared without one.
    ///
    /// # Errors
    /// `InvalidFile` if it is not what it should be, `UnreadableFile` if it cannot be read.
    pub(crate) async fn read<H: Host>(context: &Context<H>, top: &str) -> Result<Self> {
        let path: WorkspacePath = FILE.parse()?;
        match sources::read(context, top, &path).await? {
            Some(source) => Self::parse(&source).map_err(|error| error.context(format!("`{FILE}`"))),
            None => Ok(Self::default()),
        }
    }

    fn parse(source: &str) -> Result<Self> {
        let content = Format::TOML.read(source)?;
        let names = content.keys(Some(&path(&["components"])?), &Options::default())?.unwrap_or_default();
        let mut components = Self::default();
        for name in names {
            let declared = Declared {
                paths: list(&content, &name, "paths")?
                    .map(|entries| Paths::read(entries.iter().map(String::as_str)))
                    .transpose()
                    .map_err(|error| error.context(format!("`components.{name}.paths`")))?,
                depends_on: list(&content, &name, "depends-on")?
                    .unwrap_or_default()
                    .iter()
                    .map(|other| other.parse())
                    .collect::<Result<_>>()?,
            };
            components.0.insert(name.parse()?, declared);
        }
        for (name, declared) in &components.0 {
            if let Some(missing) = declared.depends_on.iter().find(|other| !components.0.contains_key(other)) {
                let message = format!("`{name}` depends on `{missing}`, which is no component");
                return Err(Error::new(ErrorKind::InvalidFile, message)
                    .hint(format!("add `[components.{missing}]` with its `paths`")));
            }
        }
        Ok(components)
    }

    /// The components that have paths.
    ///
    /// # Errors
    /// `InvalidInput` if there are none.
    pub(crate) fn names(self) -> Result<Vec<ComponentName>> {
        let names: Vec<_> =
            self.0.into_iter().filter(|(_, declared)| declared.paths.is_some()).map(|(name, _)| name).collect();
        if names.is_empty() {
            return Err(Error::new(ErrorKind::InvalidInput, format!("`{FILE}` has no component with `paths`"))
                .hint("add `[components.<name>]` with `paths = [\"…\"]` for each, or list the names in `component`"));
        }
        Ok(names)
    }

    /// The paths of a component.
    ///
    /// # Errors
    /// `InvalidInput` if none are declared.
    pub(crate) fn paths(&self, name: &ComponentName) -> Result<&Paths> {
        self.0.get(name).and_then(|declared| declared.paths.as_ref()).ok_or_else(|| {
            Error::new(ErrorKind::InvalidInput, format!("the component `{name}` has no paths"))
                .hint(format!("set `paths`, or add `[components.{name}]` with `paths = [\"…\"]` to `{FILE}`"))
        })
    }

    /// The components that a component says it depends on.
    pub(crate) fn depends_on(&self, name: &ComponentName) -> &[ComponentName] {
        self.0.get(name).map_or(&[], |declared| &declared.depends_on)
    }

    /// The component that a path belongs to.
    pub(crate) fn owner(&self, path: &str) -> Option<&ComponentName> {
        let owns = |declared: &Declared| declared.paths.as_ref().is_some_and(|paths| paths.entry(path).is_some());
        self.0.iter().find(|(_, declared)| owns(declared)).map(|(name, _)| name)
    }
}

fn path(keys: &[&str]) -> Result<KeyPath> {
    KeyPath::new(keys.iter().map(|key| Segment::Key((*key).into())).collect())
}

fn list(content: &Content<'_>, component: &str, key: &str) -> Result<Option<Vec<String>>> {
    content.values(&path(&["components", component, key])?, &Options::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_are_read() {
        let components = Components::parse(
            "[environments.production]\npath = \"x\"\n\n[components.api]\npaths = [\"services/api\", \"!services/api/docs\"]\n\
             depends-on = [\"lib\"]\nimages = []\n[components.lib]\n",
        )
        .unwrap();
        let [api, lib] = ["api", "lib"].map(|name| name.parse::<ComponentName>().unwrap());
        assert_eq!(components.depends_on(&api), std::slice::from_ref(&lib));
        assert_eq!(components.owner("services/api/x"), Some(&api));
        assert_eq!(components.owner("services/api/docs/x"), None);
        assert!(components.paths(&lib).unwrap_err().to_string().contains("[components.lib]"));
        assert!(Components::parse("").unwrap().0.is_empty());
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (source, told) in [
            ("[components.api]\npaths = \"x\"", "list"),
            ("[components.api]\npaths = [\"../x\"]", "components.api.paths"),
            ("[components.api]\ndepends-on = [\"lib\"]", "`api` depends on `lib`, which is no component"),
            ("[components.API]\n", "`API` cannot be the name of a component"),
            ("components = 1", "mapping"),
            ("[components", "line 1"),
        ] {
            let error = Components::parse(source).unwrap_err().to_string();
            assert!(error.contains(told), "{source}: {error}");
        }
    }
}
