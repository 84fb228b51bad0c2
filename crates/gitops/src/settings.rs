//! `slipway.toml`: what the team says of its environments and components.

mod section;
mod table;
mod template;

use std::collections::BTreeMap;

use slipway_core::git::BranchName;
use slipway_core::github::RepositoryName;
use slipway_core::image::ImageName;
use slipway_core::text::nearest;
use slipway_core::{ComponentName, EnvironmentName, Error, ErrorKind, Result, WorkspacePath};
use slipway_edit::{Content, Format};

use crate::{FreezeWindow, RecordPlace, RepositoryAddress, Target};
use section::SectionReader;
pub use table::{COMPONENTS, ENVIRONMENTS, SECTIONS, Section, Setting, SettingKind, schema};
pub use template::{Placeholders, Template, fill, sample};

/// The settings file, at the top of the config repository.
pub const FILE: &str = "slipway.toml";

/// What `slipway.toml` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Where releases run.
    pub environments: BTreeMap<EnvironmentName, EnvironmentSettings>,
    /// What is released.
    pub components: BTreeMap<ComponentName, ComponentSettings>,
}

/// What is said of an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvironmentSettings {
    /// The directory of its files.
    pub path: Option<WorkspacePath>,
    /// The branch of its files, if it is another one.
    pub branch: Option<BranchName>,
    /// The repository of its files, if it is another one.
    pub repository: Option<RepositoryAddress>,
    /// Where a release must be verified first.
    pub promote_from: Option<EnvironmentName>,
    /// When nothing is deployed.
    pub freeze: Vec<FreezeWindow>,
    /// Why nothing is deployed.
    pub locked: Option<String>,
    /// Its name among GitHub's environments.
    pub github_environment: Option<String>,
    /// Where its verdicts stand.
    pub record: Option<RecordPlace>,
}

/// What is said of a component.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ComponentSettings {
    /// The names of its images.
    pub images: Vec<ImageName>,
    /// The files that name them.
    pub files: Vec<Template>,
    /// Other values of a release, as `file#key.path=value`.
    pub values: Vec<Template>,
    /// The repository that it is built from.
    pub source: Option<RepositoryName>,
}

impl Settings {
    /// Reads the file from its bytes.
    ///
    /// # Errors
    /// `InvalidFile` if it is not UTF-8, or not what it should be.
    pub fn read(content: &[u8]) -> Result<Self> {
        let text = std::str::from_utf8(content).map_err(|_| {
            Error::new(ErrorKind::InvalidFile, format!("`{FILE}` is not UTF-8")).hint("save the file as UTF-8")
        })?;
        Self::parse(text)
    }

    /// Reads the file from its text.
    ///
    /// # Errors
    /// `InvalidFile` for everything that it should not hold, with the line.
    pub fn parse(source: &str) -> Result<Self> {
        let content = Format::TOML.read(source).map_err(|error| error.context(format!("`{FILE}`")))?;
        let mut settings = Self::default();
        for name in section::names(&content, &ENVIRONMENTS)? {
            let section = SectionReader::new(&content, &ENVIRONMENTS, &name)?;
            let environment = EnvironmentSettings {
                path: section.parsed("path")?,
                branch: section.parsed("branch")?,
                repository: section.parsed("repository")?,
                promote_from: section.parsed("promote-from")?,
                freeze: section.parsed_list("freeze")?,
                locked: section.value("locked")?,
                github_environment: section.value("github-environment")?,
                record: section.parsed("record")?,
            };
            settings.environments.insert(section.own_name()?, environment);
        }
        for name in section::names(&content, &COMPONENTS)? {
            let section = SectionReader::new(&content, &COMPONENTS, &name)?;
            let component = ComponentSettings {
                images: section.parsed_list("images")?,
                files: section.parsed_list("files")?,
                values: section.parsed_list("values")?,
                source: section.parsed("source")?,
            };
            settings.components.insert(section.own_name()?, component);
        }
        settings.check(&content)?;
        Ok(settings)
    }

    /// What no section can know alone: that `promote-from` names an environment and leads to a start, and that no two environments
    /// have the same name on GitHub.
    fn check(&self, content: &Content<'_>) -> Result<()> {
        let invalid = |name: &EnvironmentName, setting: &str, message: String, hint: String| {
            let error = Error::new(ErrorKind::InvalidFile, message).hint(hint);
            match SectionReader::new(content, &ENVIRONMENTS, name.as_str()) {
                Ok(section) => section.invalid(setting, error),
                Err(error) => error,
            }
        };
        for (name, environment) in &self.environments {
            let mut sources = vec![name];
            while let Some(source) = sources.last().and_then(|last| self.environments.get(*last)?.promote_from.as_ref())
            {
                if !self.environments.contains_key(source) {
                    let hint = match nearest(source.as_str(), self.environments.keys().map(EnvironmentName::as_str)) {
                        Some(like) => format!("did you mean `{like}`?"),
                        None => format!("add `[environments.{source}]`"),
                    };
                    let last = sources.last().copied().unwrap_or(name);
                    return Err(invalid(last, "promote-from", format!("there is no environment `{source}`"), hint));
                }
                if sources.contains(&source) {
                    let circle = format!("`{source}` can only be reached through itself");
                    return Err(invalid(name, "promote-from", circle, "let one environment be the first".into()));
                }
                sources.push(source);
            }
            let Some(label) = &environment.github_environment else { continue };
            let twin = self.environments.iter().find(|(other, settings)| {
                *other != name && (settings.github_environment.as_ref() == Some(label) || other.as_str() == label)
            });
            if let Some((twin, _)) = twin {
                let message = format!("`{label}` is `{twin}` already");
                return Err(invalid(
                    name,
                    "github-environment",
                    message,
                    "give each environment a name of its own".into(),
                ));
            }
        }
        Ok(())
    }

    /// The environment of a name, or of a name among GitHub's environments. Without a file, every name stands for an environment.
    ///
    /// # Errors
    /// `InvalidInput` if the file knows no such environment, or nothing can have that name.
    pub fn environment(&self, given: &str) -> Result<(EnvironmentName, EnvironmentSettings)> {
        let has_label = |(_, settings): &(&EnvironmentName, &EnvironmentSettings)| {
            settings.github_environment.as_deref() == Some(given)
        };
        let named = self.environments.iter().find(|(name, _)| name.as_str() == given);
        if let Some((name, settings)) = named.or_else(|| self.environments.iter().find(has_label)) {
            return Ok((name.clone(), settings.clone()));
        }
        if self.environments.is_empty() {
            return Ok((given.parse()?, EnvironmentSettings::default()));
        }
        let error = Error::new(ErrorKind::InvalidInput, format!("`{FILE}` has no environment `{given}`"));
        Err(match nearest(given, self.environments.keys().map(EnvironmentName::as_str)) {
            Some(like) => error.hint(format!("did you mean `{like}`?")),
            None => {
                error.hint(format!("add `[environments.<name>]`, with `github-environment = \"{given}\"` if need be"))
            }
        })
    }

    /// The component of a name; what the file does not say of it stays open.
    pub fn component(&self, name: &ComponentName) -> ComponentSettings {
        self.components.get(name).cloned().unwrap_or_default()
    }

    /// Every component in every environment, as far as the file names them.
    pub fn targets(&self) -> Vec<Target> {
        let of = |environment: &EnvironmentName| {
            let environment = environment.clone();
            self.components
                .keys()
                .map(move |component| Target { environment: environment.clone(), component: component.clone() })
        };
        self.environments.keys().flat_map(of).collect()
    }
}

#[cfg(test)]
mod tests;
