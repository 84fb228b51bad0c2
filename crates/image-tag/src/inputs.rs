//! The inputs of image-tag.

use slipway_core::image::{Digest, ImageName};
use slipway_core::input::{GITHUB_TOKEN, InputKind, InputSpec, Reader, WORKING_DIRECTORY};
use slipway_core::{ComponentName, Result};

use crate::fields::list;
use crate::flavor::{self, Flavor, Latest};
use crate::images::{self, Image};
use crate::registry::{self, RegistryInputs};
use crate::rule::{self, Rule};
use crate::run::GLOBALS;
use crate::template::Template;

/// The table of inputs.
pub(crate) const INPUTS: &[InputSpec] = &[
    InputSpec::mode(
        &["tags", "check", "resolve", "plan", "promote"],
        "`tags` computes tags, labels and references and asks no registry; `check` asks, before the build, whether the image is there; \
         `resolve` asks, after the push, for the one digest of all tags; `promote` gives the tags to an image that exists; `plan` shows \
         what `promote` would do.",
    ),
    InputSpec::new(
        "images",
        InputKind::Raw,
        "Names of the image, one a line, such as `ghcr.io/acme/shop`. Without any, tags have no name before them.",
    ),
    InputSpec::new(
        "tags",
        InputKind::Raw,
        "Rules that make the tags, one a line, in docker/metadata-action's syntax. Without any: schedule, branch, tag and pull request; \
         with `version` that before them.",
    ),
    InputSpec::new(
        "flavor",
        InputKind::Raw,
        "What holds for all tags: `latest=auto|true|false|forward`, `prefix=…`, `suffix=…`.",
    ),
    InputSpec::new(
        "version",
        InputKind::Text,
        "Version that is released, such as version-bump's output: what rules on versions use, whatever the run is on.",
    ),
    InputSpec::new(
        "component",
        InputKind::Text,
        "Component that is released: only its tags are versions, such as `api/v1.2.3` of `api`.",
    ),
    InputSpec::new(
        "labels",
        InputKind::Raw,
        "Labels, `key=value`, one a line; they go over those that are made anyway.",
    ),
    InputSpec::new(
        "annotations",
        InputKind::Raw,
        "Annotations, `key=value`, one a line; they go over those that are made anyway.",
    ),
    InputSpec::new(
        "context",
        InputKind::Choice(&["workflow", "git"]),
        "Where ref and commit are read: from the `workflow`'s event, or from the checkout by `git`.",
    )
    .default("workflow"),
    InputSpec::new(
        "sep-tags",
        InputKind::Raw,
        "What stands between the entries of `tags` and `tag-names`; a line break by default.",
    ),
    InputSpec::new(
        "sep-labels",
        InputKind::Raw,
        "What stands between the entries of `labels`; a line break by default.",
    ),
    InputSpec::new(
        "sep-annotations",
        InputKind::Raw,
        "What stands between the entries of `annotations`; a line break by default.",
    ),
    InputSpec::new("bake-target", InputKind::Text, "Name of the target in the bake files.")
        .default("docker-metadata-action"),
    InputSpec::new(
        "digest",
        InputKind::Text,
        "Digest that the build step answered, such as `sha256:…`; makes the output `references`.",
    ),
    InputSpec::new(
        "releases-from",
        InputKind::Choice(&["git", "registry", "both"]),
        "Where releases are read for tags that only move forward: from `git` tags, the images' `registry`, or `both`.",
    )
    .default("git"),
    registry::FROM,
    registry::IMMUTABLE_TAGS,
    registry::REFERRERS,
    registry::UNDO,
    registry::USERNAME,
    registry::PASSWORD,
    registry::INSECURE_REGISTRIES,
    WORKING_DIRECTORY,
    GITHUB_TOKEN,
];

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Tags,
    Check,
    Resolve,
    Plan,
    Promote,
}

const MODES: &[(&str, Mode)] = &[
    ("tags", Mode::Tags),
    ("check", Mode::Check),
    ("resolve", Mode::Resolve),
    ("plan", Mode::Plan),
    ("promote", Mode::Promote),
];

/// The inputs after parsing.
#[derive(Debug)]
pub struct Inputs {
    pub(crate) mode: Mode,
    pub(crate) images: Vec<Image>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) flavor: Flavor,
    pub(crate) version: Option<String>,
    pub(crate) component: Option<ComponentName>,
    pub(crate) labels: Vec<Template>,
    pub(crate) annotations: Vec<Template>,
    pub(crate) context: Source,
    pub(crate) separators: Separators,
    pub(crate) bake_target: String,
    pub(crate) digest: Option<Digest>,
    pub(crate) releases_from: ReleasesFrom,
    pub(crate) registry: RegistryInputs,
}

/// Where releases are read for tags that only move forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReleasesFrom {
    /// From the tags of the checkout.
    Git,
    /// From the tags of the images.
    Registry,
    /// From both.
    Both,
}

/// Where ref and commit are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// From the runner's variables and the event.
    Workflow,
    /// From the checkout.
    Git,
}

/// What stands between the entries of outputs.
#[derive(Debug)]
pub(crate) struct Separators {
    pub tags: String,
    pub labels: String,
    pub annotations: String,
}

impl Inputs {
    /// The names of the image that are wanted in this run.
    pub(crate) fn enabled_images(&self) -> impl Iterator<Item = &ImageName> {
        self.images.iter().filter(|image| image.enabled).map(|image| &image.name)
    }

    /// Whether a tag is given only to the highest release.
    pub(crate) fn moves_forward(&self) -> bool {
        self.flavor.latest == Latest::Forward || self.rules.iter().any(Rule::moves_forward)
    }

    /// Every template of the inputs.
    pub(crate) fn templates(&self) -> Vec<&Template> {
        let mut templates: Vec<&Template> = self.rules.iter().flat_map(Rule::templates).collect();
        templates.extend([&self.flavor.prefix.template, &self.flavor.suffix.template]);
        templates.extend(self.labels.iter().chain(&self.annotations));
        templates
    }
}

pub(crate) fn read(reader: &mut Reader) -> Option<Inputs> {
    let mode = reader.choice("mode", MODES);
    let version = reader.optional("version");
    let images = noted(reader, "images", images::parse);
    let rules = noted(reader, "tags", |text| rule::parse_all(text, version.is_some()));
    let flavor = noted(reader, "flavor", flavor::parse);
    let component = reader.parsed("component");
    let labels = noted(reader, "labels", templates);
    let annotations = noted(reader, "annotations", templates);
    let context = reader.choice("context", &[("workflow", Source::Workflow), ("git", Source::Git)]);
    let mut separator = |name| reader.optional(name).unwrap_or_else(|| "\n".into());
    let separators = Separators {
        tags: separator("sep-tags"),
        labels: separator("sep-labels"),
        annotations: separator("sep-annotations"),
    };
    let bake_target = reader.text("bake-target");
    let digest = reader.parsed("digest");
    let from = [("git", ReleasesFrom::Git), ("registry", ReleasesFrom::Registry), ("both", ReleasesFrom::Both)];
    let releases_from = reader.choice("releases-from", &from);
    let registry = registry::read(reader, matches!(mode, Some(Mode::Plan | Mode::Promote)));
    // An earlier promotion names the tags that are undone.
    let rules = rules.map(|rules| if registry.undo.is_some() { Vec::new() } else { rules });
    Some(Inputs {
        mode: mode?,
        images: images?,
        rules: rules?,
        flavor: flavor?,
        version,
        component,
        labels: labels?,
        annotations: annotations?,
        context: context?,
        separators,
        bake_target,
        digest,
        releases_from: releases_from?,
        registry,
    })
}

fn noted<T>(reader: &mut Reader, name: &str, parse: impl FnOnce(&str) -> Result<T>) -> Option<T> {
    let text = reader.text(name);
    parse(&text).map_err(|error| reader.refuse(name, error)).ok()
}

fn templates(text: &str) -> Result<Vec<Template>> {
    list(text)?.iter().map(|line| Template::parse(line, &GLOBALS)).collect()
}
