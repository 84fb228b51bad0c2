//! The inputs of config-updater.

use serde_json::Value as Json;
use slipway_core::git::CommitId;
use slipway_core::github::MergeMethod;
use slipway_core::image::ImageReference;
use slipway_core::input::{GITHUB_TOKEN, InputKind, InputSpec, Reader, WORKING_DIRECTORY};
use slipway_core::{Error, ErrorKind};
use slipway_gitops::settings::sample;
use slipway_gitops::{
    COMPONENT, CONFIG_BRANCH, CONFIG_REPOSITORY, CONFIG_TOKEN, CONFIG_USER, ComponentName, ConfigAccess,
    ConfigLocation, ENVIRONMENT, EnvironmentRules, FREEZE, LOCKED, PROMOTE_FROM, PathPattern, QUEUE_KEY, RECORD,
    ReleaseVersion, SSH_KEY, SSH_KNOWN_HOSTS,
};

use crate::changes;
use crate::values::ValueChange;

/// The table of inputs.
pub(crate) const INPUTS: &[InputSpec] = &[
    InputSpec::mode(
        &["plan", "write", "push", "api-commit", "pull-request", "status", "history"],
        "`plan` shows what `push` would do; `write` edits the working tree and leaves committing to you; `push` commits to the \
         config repository; `api-commit` has GitHub make the commit and sign it; `pull-request` proposes it; `status` tells what runs where, what is verified, what has drifted and what a promotion would ship; \
         `history` tells deployments, rollbacks and verdicts. The last two take `environment` and `component` to narrow them.",
    ),
    InputSpec::new(
        "images",
        InputKind::List,
        "Images of the release, one a line: `name@sha256:…`, `name:tag@sha256:…` or `name:tag`. Takes image-tag's `references` \
         as they are. Without images, values and changes, what is verified in `promote-from` is deployed.",
    ),
    InputSpec::new(
        "values",
        InputKind::List,
        "Single values of the release, one `file#key.path=value` a line: a path or glob as in `files`, a key path such as \
         `spec.containers[name=api].image` or `labels.\"app.kubernetes.io/version\"` that stands exactly once in every file, and \
         the value as text.",
    ),
    InputSpec::new(
        "changes",
        InputKind::Raw,
        "Any other edits of the release: a list, in YAML or JSON, of operations with the `file` (a path or glob) that each works on, \
         such as `- {file: values.yaml, op: set, path: image.tag, value: \"1.10\"}`. All are made, in their order, or none.",
    ),
    InputSpec::new(
        "version",
        InputKind::Text,
        "Version of the release; the tag of every image that names none. Without it, the tag that all images share.",
    ),
    InputSpec::new(
        "files",
        InputKind::List,
        "Files that name the images, one path or glob (`*`, `?`, `**`) a line, relative to the root of the config repository, in \
         `write` to the working directory. Without it, those of the component in `slipway.toml`.",
    ),
    ENVIRONMENT,
    COMPONENT,
    PROMOTE_FROM,
    FREEZE,
    LOCKED,
    CONFIG_REPOSITORY,
    CONFIG_BRANCH,
    RECORD,
    InputSpec::new(
        "source-commit",
        InputKind::Text,
        "Commit that the images were built from. Without it, the commit of the run.",
    ),
    InputSpec::new(
        "message",
        InputKind::Text,
        "First line of the commit. Without it, a line such as `Deploy shop 1.5.0 to production`.",
    ),
    InputSpec::new(
        "force",
        InputKind::Boolean,
        "Whether a release may be deployed that was rolled back, or that is not verified in `promote-from`.",
    )
    .default("false"),
    InputSpec::new(
        "allow-downgrade",
        InputKind::Boolean,
        "Whether a version may be deployed that is lower than the deployed one.",
    )
    .default("false"),
    InputSpec::new(
        "render-command",
        InputKind::Text,
        "Command that prints what the cluster gets, such as `kustomize build envs/production` or `helm template charts/shop`. It runs \
         with `sh -c` at the root of a checkout of the config repository, before and after the edit, for five minutes at most; the \
         difference is told.",
    ),
    InputSpec::new(
        "comment",
        InputKind::Boolean,
        "Whether `plan` and `status` also tell in a comment on the pull request that started the run; it is kept up to date.",
    )
    .default("false"),
    InputSpec::new("days", InputKind::Number, "Days that `history` goes back; `0` for all of it.").default("90"),
    InputSpec::new("labels", InputKind::List, "Labels of the pull request, one a line. Only in `pull-request`."),
    InputSpec::new(
        "auto-merge",
        InputKind::Choice(&["off", "merge", "squash", "rebase"]),
        "How GitHub merges the pull request once its rules allow it; `off` leaves that to people. Only in `pull-request`.",
    )
    .default("off"),
    CONFIG_TOKEN,
    CONFIG_USER,
    SSH_KEY,
    SSH_KNOWN_HOSTS,
    QUEUE_KEY,
    WORKING_DIRECTORY,
    GITHUB_TOKEN,
];

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Plan,
    Write,
    Push,
    ApiCommit,
    PullRequest,
    Status,
    History,
}

impl Mode {
    const ALL: [(&'static str, Self); 7] = [
        ("plan", Self::Plan),
        ("write", Self::Write),
        ("push", Self::Push),
        ("api-commit", Self::ApiCommit),
        ("pull-request", Self::PullRequest),
        ("status", Self::Status),
        ("history", Self::History),
    ];

    /// Whether something may be written.
    pub(crate) fn acts(self) -> bool {
        matches!(self, Self::Write | Self::Push | Self::ApiCommit | Self::PullRequest)
    }

    /// Whether only the record is told, and nothing deployed.
    pub(crate) fn tells(self) -> bool {
        matches!(self, Self::Status | Self::History)
    }
}

/// The words of `auto-merge`.
const MERGE_METHODS: [(&str, Option<MergeMethod>); 4] = [
    ("off", None),
    ("merge", Some(MergeMethod::Merge)),
    ("squash", Some(MergeMethod::Squash)),
    ("rebase", Some(MergeMethod::Rebase)),
];

/// The inputs after parsing.
#[derive(Debug)]
pub struct Inputs {
    pub(crate) mode: Mode,
    pub(crate) images: Vec<ImageReference>,
    pub(crate) version: Option<ReleaseVersion>,
    /// Each is a [`PathPattern`] once its placeholders are filled.
    pub(crate) files: Vec<String>,
    /// Each is a [`ValueChange`] once its placeholders are filled.
    pub(crate) values: Vec<String>,
    /// The list that the input `changes` holds, changes once its placeholders are filled; null if there is none.
    pub(crate) changes: Json,
    /// The name of an environment, or its name on GitHub.
    pub(crate) environment: Option<String>,
    pub(crate) component: Option<ComponentName>,
    pub(crate) rules: EnvironmentRules,
    pub(crate) location: ConfigLocation,
    pub(crate) source_commit: Option<CommitId>,
    pub(crate) message: String,
    pub(crate) force: bool,
    pub(crate) allow_downgrade: bool,
    /// What prints what the cluster gets.
    pub(crate) render_command: Option<String>,
    /// Whether a comment tells what the summary does.
    pub(crate) comment: bool,
    /// Of the pull request.
    pub(crate) labels: Vec<String>,
    /// How the pull request is merged by itself, if it is.
    pub(crate) auto_merge: Option<MergeMethod>,
    /// How far `history` goes back; 0 for all.
    pub(crate) days: u64,
}

impl Inputs {
    /// Whether the inputs leave it to another environment what is deployed.
    pub(crate) fn is_promotion(&self) -> bool {
        self.images.is_empty() && self.values.is_empty() && self.changes.as_array().is_none_or(Vec::is_empty)
    }
}

pub(crate) fn read(reader: &mut Reader) -> Option<Inputs> {
    let mode = reader.choice("mode", &Mode::ALL);
    let images = read_images(reader);
    let version: Option<ReleaseVersion> = reader.parsed("version");
    let files: Vec<PathPattern> = reader.parsed_list("files");
    reader.parsed_list::<ValueChange>("values");
    if let Some(error) = files.iter().find_map(|file| changes::refuse_workflow(file).err()) {
        reader.refuse("files", error);
    }
    let changes = read_changes(reader);
    check_target(reader, mode?);
    Some(Inputs {
        images,
        version,
        files: reader.list("files"),
        values: reader.list("values"),
        changes,
        environment: reader.optional(ENVIRONMENT.name),
        component: reader.parsed(COMPONENT.name),
        rules: EnvironmentRules::read(reader),
        location: ConfigLocation::read(reader).reached_by(ConfigAccess::read(reader).with_queue(reader)),
        source_commit: reader.parsed("source-commit"),
        message: reader.text("message"),
        force: reader.boolean("force"),
        allow_downgrade: reader.boolean("allow-downgrade"),
        render_command: reader.optional("render-command"),
        comment: reader.boolean("comment"),
        labels: reader.list("labels"),
        auto_merge: reader.choice("auto-merge", &MERGE_METHODS).flatten(),
        days: reader.number("days").unwrap_or_default(),
        mode: mode?,
    })
}

/// The entries are checked with samples of what their placeholders stand for.
fn read_changes(reader: &mut Reader) -> Json {
    let read = changes::read(&reader.text("changes")).and_then(|list| {
        let mut filled = list.clone();
        changes::fill_texts(&mut filled, &|text| Ok(sample(text)))?;
        changes::of_list(&filled).map(|_| list)
    });
    read.unwrap_or_else(|error| {
        reader.refuse("changes", error);
        Json::Null
    })
}

/// A deployment needs the environment and the component; `write` can do without both, because somebody else commits.
fn check_target(reader: &mut Reader, mode: Mode) {
    let given = [ENVIRONMENT, COMPONENT].map(|spec| reader.optional(spec.name).is_some());
    if mode.tells() || mode == Mode::Write && given == [false, false] {
        return;
    }
    for (spec, given) in [ENVIRONMENT, COMPONENT].iter().zip(given) {
        if !given {
            let missing = Error::new(ErrorKind::InvalidInput, "it is needed to record the deployment");
            let hint = format!("add `{}:` under `with:`, or the flag `--{}`", spec.name, spec.name);
            reader.refuse(spec.name, missing.hint(hint));
        }
    }
}

fn read_images(reader: &mut Reader) -> Vec<ImageReference> {
    let images: Vec<ImageReference> = reader.parsed_list("images");
    let has_version = reader.optional("version").is_some();
    for (index, image) in images.iter().enumerate() {
        let refusal = if images[..index].iter().any(|earlier| earlier.name.is_same(&image.name)) {
            Some(format!("`{}` is listed twice", image.name))
        } else if image.tag.is_none() && image.digest.is_none() && !has_version {
            Some(format!("`{image}` names neither a tag nor a digest"))
        } else {
            None
        };
        if let Some(message) = refusal {
            let hint = "write each image once, as `name@sha256:…` or `name:tag`";
            reader.refuse("images", Error::new(ErrorKind::InvalidInput, message).hint(hint));
        }
    }
    images
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use slipway_core::Result;
    use slipway_core::host::scripted::ScriptedHost;

    use super::*;

    pub(crate) const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn inputs(given: &[(&str, &str)]) -> Result<Inputs> {
        let flags: BTreeMap<String, String> =
            given.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let mut reader = Reader::new(INPUTS, &ScriptedHost::new(&[]), &flags);
        let inputs = read(&mut reader);
        reader.finish()?;
        Ok(inputs.unwrap())
    }

    /// The inputs of a deployment, with others over them.
    pub(crate) fn with(more: &[(&'static str, &str)]) -> Result<Inputs> {
        let mut given = BTreeMap::from([
            ("mode", "push"),
            ("images", "shop:1.5.0"),
            ("files", "shop.yaml"),
            ("environment", "production"),
            ("component", "shop"),
        ]);
        given.extend(more.iter().copied());
        inputs(&given.into_iter().collect::<Vec<_>>())
    }

    #[test]
    fn what_cannot_be_a_deployment_is_refused() {
        for (name, value, message) in [
            ("images", "shop", "`shop` names neither a tag nor a digest"),
            ("images", "a:1\ndocker.io/library/a:2", "`docker.io/library/a` is listed twice"),
            ("images", "Shop:1", "is not an image name"),
            ("values", "a.yaml", "has no `#` between file and key path"),
            ("values", "a.yaml#x=", "gives no value"),
            ("values", ".github/workflows/a.yml#x=1", "is a workflow"),
            ("files", "../shop.yaml", "leads out of the workspace"),
            ("files", ".github/workflows/*.yml", "is a workflow"),
            ("files", "a.yaml\n.git/config", "leads into git's own directory"),
            ("environment", "", "it is needed to record the deployment"),
            ("component", "a/b", "cannot be the name of a component"),
            ("config-repository", "ext::sh -c id", "cannot be a remote"),
            ("freeze", "Fri .. 08:00", "is not a freeze window"),
            ("promote-from", "Staging", "cannot be the name of an environment"),
            ("config-branch", "-x", "starts with a hyphen"),
            ("source-commit", "HEAD", "is not the full id of a commit"),
            ("version", "1 0", "is not the version of a release"),
            ("mode", "apply", "is not one of the choices"),
        ] {
            let error = with(&[(name, value)]).unwrap_err();
            assert!(error.message().contains(message), "{name}={value}: {error}");
        }
        assert_eq!(with(&[("environment", "Production EU")]).unwrap().environment.unwrap(), "Production EU");
        assert!(
            inputs(&[("mode", "write"), ("images", &format!("a@{DIGEST}")), ("files", "a.yaml")])
                .unwrap()
                .environment
                .is_none()
        );
        assert!(inputs(&[("mode", "write"), ("images", "a:1"), ("files", "a.yaml"), ("component", "a")]).is_err());
    }
}
