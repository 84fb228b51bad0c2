//! The weight, and who moves it: a command, or a commit to the config repository.

use std::str::FromStr;

use slipway_core::git::CommitId;
use slipway_core::{Context, Error, ErrorKind, Host, Result, WorkspacePath};
use slipway_edit::{Format, KeyPath, Options, Value};
use slipway_gitops::{ConfigRepository, Deployment, FileChange, Release, Trailers};

use super::inputs::WEIGHT_COMMAND;
use super::progress::Progress;
use crate::errors::invalid;
use crate::inputs::Inputs;
use crate::recovery;

/// Names of files that hold a weight.
const FORMATS: &[Format] = &[Format::YAML];

/// How the weight is moved.
#[derive(Clone, Debug)]
pub(crate) enum Mover {
    /// By the user's command.
    Command(String),
    /// By a value in the config repository.
    Value(Place),
}

/// A value in the config repository.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(super) file: WorkspacePath,
    pub(super) path: KeyPath,
    /// What stands there for all users, where it is no percentage: a text with `{version}`, or two that take turns.
    switched: Option<String>,
}

impl FromStr for Mover {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let split = text.split_once('#').ok_or_else(|| {
            invalid(format!("`{text}` has no `#` between file and key path"))
                .hint("write it such as `envs/production/route.yaml#spec.weight`")
        });
        let (file, rest) = split?;
        let file: WorkspacePath = file.parse()?;
        Format::of_file(file.as_str(), FORMATS)?;
        let (path, switched) = match KeyPath::assignment(rest) {
            Ok((path, value)) => (path, Some(value.to_owned())),
            Err(_) => (rest.parse()?, None),
        };
        if let Some(value) = &switched
            && !value.contains("{version}")
            && !value.split_once('|').is_some_and(|(one, other)| !one.is_empty() && !other.is_empty() && one != other)
        {
            return Err(invalid(format!("`{value}` is the same for every release"))
                .hint("write two values such as `blue|green`, or `{version}`"));
        }
        Ok(Self::Value(Place { file, path, switched }))
    }
}

impl Mover {
    /// Whether it knows all and nothing only.
    pub(super) fn is_switch(&self) -> bool {
        matches!(self, Self::Value(Place { switched: Some(_), .. }))
    }
}

impl Place {
    /// What stands there in a commit.
    ///
    /// # Errors
    /// `NotFound` if there is no such file, `PathNotFound`, and those of the file's format.
    pub(super) async fn read<H: Host>(&self, repository: &ConfigRepository<'_, H>) -> Result<(String, String)> {
        let Self { file, path, .. } = self;
        let content = repository.file(repository.head(), file).await?;
        let Some(content) = content.and_then(|content| String::from_utf8(content).ok()) else {
            let missing = format!("the config repository has no file `{file}` of text, which holds the weight");
            return Err(Error::new(ErrorKind::NotFound, missing).hint("name the file from the root of that repository"));
        };
        let options = Options::default();
        let value = Format::YAML.value(&content, path, &options);
        let value = value.map_err(|error| error.context(format!("`{file}`")))?;
        let value =
            value.ok_or_else(|| Error::new(ErrorKind::PathNotFound, format!("`{file}` has no value at `{path}`")))?;
        Ok((content, value))
    }

    /// What has to stand there for a weight, if this stood there before the first step.
    fn wanted(&self, weight: u8, before: &str, version: &str) -> Result<String> {
        let Some(switched) = &self.switched else { return Ok(weight.to_string()) };
        match switched.split_once('|') {
            _ if weight == 0 => Ok(before.into()),
            Some((one, other)) if before == one => Ok(other.into()),
            Some((one, other)) if before == other => Ok(one.into()),
            Some(_) => Err(Error::new(
                ErrorKind::UnexpectedCurrentValue,
                format!("`{}` in `{}` is `{before}`, which is none of `{switched}`", self.path, self.file),
            )),
            None => Ok(switched.replace("{version}", version)),
        }
    }

    /// Makes the commit that moves the weight; none if it is as it should be. It is not published yet.
    ///
    /// # Errors
    /// `UnexpectedCurrentValue` if somebody else moved it since the step before, and those of the file.
    async fn commit<H: Host>(
        &self,
        repository: &ConfigRepository<'_, H>,
        deployment: &Deployment,
        progress: &mut Progress,
        weight: u8,
    ) -> Result<Option<CommitId>> {
        let Self { file, path, .. } = self;
        let Release { component, version, environment, .. } = &deployment.release;
        let (content, now) = self.read(repository).await?;
        let before = progress.before.get_or_insert_with(|| now.clone()).clone();
        let wanted = self.wanted(weight, &before, version.as_str())?;
        // Steps that begin anew begin where the ones before left it.
        let expected = match progress.taken.is_empty() && progress.weight == 0 {
            true => before.clone(),
            false => self.wanted(progress.weight, &before, version.as_str())?,
        };
        // Back to 0 is right whatever anybody set.
        if weight > 0 && now != expected && now != wanted {
            let error = format!("`{path}` in `{file}` is `{now}`, where the step before left `{expected}`");
            return Err(Error::new(ErrorKind::UnexpectedCurrentValue, error)
                .hint("one of the two owns the weight: leave it to the steps, or take it from them"));
        }
        let options = Options { expect: Some(now), ..Options::default() };
        let edited = Format::YAML.set(&content, path, &Value::from(wanted.as_str()), &options);
        let edited = edited.map_err(|error| error.context(format!("`{file}`")))?;
        let change = FileChange { path: file.clone(), content: edited.text.into_bytes() };
        let subject = format!("Give {component} {version} in {environment} to {weight} % of its users");
        let trailers = Trailers::default();
        let trailers = trailers.with("Weight-Of", deployment.commit.as_str()).with("Weight", &weight.to_string());
        repository.commit(repository.head(), &[change], &trailers.message(&subject)).await
    }
}

/// Moves the weight, and notes it. A commit that does it is still to be published.
///
/// # Errors
/// Those of the command; `UnexpectedCurrentValue` if somebody else moved the weight since the step before, and those of the file.
pub(crate) async fn set_weight<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    repository: &ConfigRepository<'_, H>,
    deployment: &Deployment,
    progress: &mut Progress,
    weight: u8,
) -> Result<Option<CommitId>> {
    let Some(rollout) = &inputs.rollout else { return Ok(None) };
    let release = &deployment.release;
    let commit = match &rollout.mover {
        Mover::Command(command) => {
            let variables = [("SLIPWAY_WEIGHT", weight.to_string())];
            recovery::shell(context, WEIGHT_COMMAND.name, command, release, &variables, inputs.restore_time).await?;
            None
        }
        Mover::Value(place) => place.commit(repository, deployment, progress, weight).await?,
    };
    context.log(&format!("{weight} % of the users get `{}`", release.version));
    progress.weight = weight;
    Ok(commit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> Place {
        match text.parse().unwrap() {
            Mover::Value(place) => place,
            Mover::Command(_) => panic!("{text}"),
        }
    }

    #[test]
    fn a_weight_is_written_as_it_is_meant() {
        for (text, weight, before, wanted) in [
            ("a.yaml#spec.weight", 10, "0", Some("10")),
            ("a.yaml#spec.weight", 0, "100", Some("0")),
            ("a.yaml#color=blue|green", 100, "blue", Some("green")),
            ("a.yaml#color=blue|green", 100, "green", Some("blue")),
            ("a.yaml#color=blue|green", 0, "green", Some("green")),
            ("a.yaml#color=blue|green", 100, "red", None),
            ("a.yml#selector.version=v{version}", 100, "v1.4.0", Some("v1.5.0")),
            ("a.yml#selector.version=v{version}", 0, "v1.4.0", Some("v1.4.0")),
        ] {
            assert_eq!(place(text).wanted(weight, before, "1.5.0").ok().as_deref(), wanted, "{text} {weight} {before}");
        }
    }

    #[test]
    fn what_is_no_weight_is_refused() {
        for (text, message) in [
            ("a.yaml", "has no `#` between file and key path"),
            ("../a.yaml#x", "a.yaml"),
            ("a.txt#x", "is of no format that can be edited"),
            ("a.yaml#x=blue", "`blue` is the same for every release"),
            ("a.yaml#x=blue|blue", "is the same for every release"),
            ("a.yaml#x[", "the key of a selector is empty"),
        ] {
            let error = text.parse::<Mover>().unwrap_err().to_string();
            assert!(error.contains(message), "{text}: {error}");
        }
    }
}
