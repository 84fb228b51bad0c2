//! How an edit is to be made.

use std::fmt;

/// What holds for an edit besides its path and value. The default is the careful one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The document of a file with several. Without it a key path must fit exactly one, and images are found in all.
    pub document: Option<DocumentSelector>,
    /// What to do where a path meets an alias.
    pub alias: AliasPolicy,
    /// Whether the path may fit several values, which are all set. Without it that is an error.
    pub every: bool,
    /// Whether missing keys are written. Without it they are an error.
    pub create: bool,
    /// The value that must stand there now: of an image, its tag.
    pub expect: Option<String>,
    /// Whether the new value must not be a lower semantic version than the old one.
    pub upgrades_only: bool,
}

impl Options {
    /// What holds inside of a string that holds a document: which one of the file is meant was said about the string.
    pub(crate) fn inside(&self) -> Self {
        Self { document: None, ..self.clone() }
    }
}

/// One document of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentSelector {
    /// By position, counted from 0; empty documents count.
    Index(usize),
    /// By what a Kubernetes resource says of itself.
    Resource(Resource),
}

/// What a Kubernetes resource says of itself; what is not given may be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resource {
    /// The value of `apiVersion`.
    pub api_version: Option<String>,
    /// The value of `kind`.
    pub kind: Option<String>,
    /// The value of `metadata.name`.
    pub name: Option<String>,
    /// The value of `metadata.namespace`.
    pub namespace: Option<String>,
}

impl Resource {
    fn parts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let Self { api_version, kind, name, namespace } = self;
        let parts = [("apiVersion", api_version), ("kind", kind), ("name", name), ("namespace", namespace)];
        parts.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?)))
    }
}

impl fmt::Display for DocumentSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(index) => write!(f, "{index}"),
            Self::Resource(resource) => {
                let given: Vec<_> = resource.parts().map(|(key, value)| format!("`{key}: {value}`")).collect();
                write!(f, "with {}", given.join(" and "))
            }
        }
    }
}

/// What to do where a path meets an alias or a value that a merge key brings in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AliasPolicy {
    /// Refuse: every other use of the value would change too.
    #[default]
    Refuse,
    /// Change the anchored value.
    Follow,
}
