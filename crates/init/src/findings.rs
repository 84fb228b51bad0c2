//! What was found in a repository, and where.

use serde::Serialize;

/// Everything that the detectors found.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Findings {
    /// Languages, with the commands that usually test them.
    pub languages: Vec<Language>,
    /// What images are built from.
    pub builds: Vec<Build>,
    /// Where releases run.
    pub runtimes: Vec<Runtime>,
    /// Environments, each where it was found first.
    pub environments: Vec<Environment>,
    /// Images that something names.
    pub images: Vec<Image>,
    /// Inputs that do what is set elsewhere today.
    pub settings: Vec<Setting>,
    /// Tools that Slipway takes over from.
    pub previous: Vec<Previous>,
    /// Other CI systems.
    pub systems: Vec<System>,
    /// Workflows that call one of Slipway's, with its name.
    pub adopted: Vec<Adopted>,
    /// Whether something gives a release to a part of the users first.
    pub is_progressive: bool,
    /// What else a person should know.
    pub notes: Vec<String>,
}

/// A language.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Language {
    pub name: &'static str,
    pub file: String,
    /// The command that tests what is written in it.
    pub test: &'static str,
    /// The command that checks it first.
    pub lint: &'static str,
}

/// A Dockerfile.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Build {
    /// The directory that it builds, empty at the top.
    pub directory: String,
    pub file: String,
}

/// Where releases run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Runtime {
    pub kind: RuntimeKind,
    /// Who brings releases there.
    pub deployer: &'static str,
    pub file: String,
    /// What it says there.
    pub why: String,
}

/// The kinds of place where releases run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RuntimeKind {
    Kubernetes,
    Ecs,
    Host,
}

/// An environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Environment {
    pub name: String,
    /// The directory of its files, if it has one.
    pub path: Option<String>,
    pub file: String,
}

/// An image that something names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Image {
    /// Without tag and digest.
    pub name: String,
    pub file: String,
}

/// An input with its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Setting {
    pub input: String,
    /// Its value; nothing if the starter's own is to go.
    pub value: Option<String>,
    pub why: String,
    /// The pipeline that it is for, if it is for no other.
    pub only: Option<&'static str>,
}

/// A tool that Slipway takes over from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Previous {
    /// The name that its migration page has.
    pub page: &'static str,
    pub tool: &'static str,
    pub file: String,
    /// What is to be done there by hand, if that can be said.
    pub replace: Option<Replace>,
}

/// A line of a file that a person can change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Replace {
    /// From 1.
    pub line: usize,
    pub before: String,
    pub after: String,
}

/// Another CI system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct System {
    pub name: &'static str,
    pub file: String,
    /// The folder of its starter in `.github/workflow-templates`.
    pub folder: &'static str,
}

/// A workflow that calls one of Slipway's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Adopted {
    pub pipeline: String,
    pub file: String,
}

impl Findings {
    /// Notes an environment, unless it is known.
    pub(crate) fn environment(&mut self, name: &str, path: Option<&str>, file: &str) {
        let path = path.map(str::to_owned);
        match self.environments.iter_mut().find(|known| known.name == name) {
            Some(known) if known.path.is_none() && path.is_some() => (known.path, known.file) = (path, file.into()),
            Some(_) => {}
            None => self.environments.push(Environment { name: name.into(), path, file: file.into() }),
        }
    }

    /// Notes where releases run, once for each who brings them there.
    pub(crate) fn runtime(&mut self, kind: RuntimeKind, deployer: &'static str, file: &str, why: impl Into<String>) {
        if !self.runtimes.iter().any(|known| known.kind == kind && known.deployer == deployer) {
            self.runtimes.push(Runtime { kind, deployer, file: file.into(), why: why.into() });
        }
    }

    /// Notes an input's value; the first one found counts.
    pub(crate) fn setting(&mut self, input: &str, value: Option<String>, why: impl Into<String>) {
        if !self.settings.iter().any(|known| known.input == input) {
            self.settings.push(Setting { input: input.into(), value, why: why.into(), only: None });
        }
    }

    /// Whether releases run on something of this kind.
    pub(crate) fn runs_on(&self, kind: RuntimeKind) -> Option<&Runtime> {
        self.runtimes.iter().find(|runtime| runtime.kind == kind)
    }
}
