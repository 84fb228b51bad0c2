//! The inputs of config-updater.

use slipway_core::git::CommitId;
use slipway_core::image::ImageReference;
use slipway_core::input::{GITHUB_TOKEN, InputKind, InputSpec, Reader, WORKING_DIRECTORY};
use slipway_core::{Error, ErrorKind};
use slipway_gitops::{
    COMPONENT, CONFIG_BRANCH, CONFIG_REPOSITORY, ConfigLocation, ENVIRONMENT, PathPattern, RECORD, ReleaseVersion,
    Target,
};

use crate::changes::{self, RequestedChange};
use crate::values::ValueChange;

/// The table of inputs.
pub(crate) const INPUTS: &[InputSpec] = &[
    InputSpec::mode(
        &["plan", "write", "push"],
        "`plan` shows what `push` would do; `write` edits the working tree and leaves committing to you; `push` commits to the \
         config repository.",
    ),
    InputSpec::new(
        "images",
        InputKind::List,
        "Images of the release, one a line: `name@sha256:…`, `name:tag@sha256:…` or `name:tag`. Takes image-tag's `references` \
         as they are. Needed unless there are `values` or `changes`.",
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
         `write` to the working directory. Needed with `images`.",
    ),
    ENVIRONMENT,
    COMPONENT,
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
    InputSpec::new("force", InputKind::Boolean, "Whether a release that was rolled back may be deployed again.")
        .default("false"),
    WORKING_DIRECTORY,
    GITHUB_TOKEN,
];

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Plan,
    Write,
    Push,
}

/// The inputs after parsing.
#[derive(Debug)]
pub struct Inputs {
    pub(crate) mode: Mode,
    /// With the tag to be written, where one is known.
    pub(crate) images: Vec<ImageReference>,
    /// The version of the release, where one is known.
    pub(crate) version: Option<ReleaseVersion>,
    /// Where the images are looked for.
    pub(crate) files: Vec<PathPattern>,
    /// The values and changes beside the images.
    pub(crate) changes: Vec<RequestedChange>,
    /// Always there but for `write`.
    pub(crate) target: Option<Target>,
    pub(crate) location: ConfigLocation,
    pub(crate) source_commit: Option<CommitId>,
    pub(crate) message: String,
    pub(crate) force: bool,
}

impl Inputs {
    /// Every file that is read.
    pub(crate) fn patterns(&self) -> Vec<PathPattern> {
        let changes = self.changes.iter().flat_map(|change| change.files().iter().chain(change.targets()));
        self.files.iter().chain(changes).cloned().collect()
    }

    /// Everything that is to be changed, the images first.
    pub(crate) fn requested(&self) -> Vec<RequestedChange> {
        let images = self.images.iter().map(|image| RequestedChange::of_image(image, &self.files));
        images.chain(self.changes.iter().cloned()).collect()
    }
}

pub(crate) fn read(reader: &mut Reader) -> Option<Inputs> {
    let mode = reader.choice("mode", &[("plan", Mode::Plan), ("write", Mode::Write), ("push", Mode::Push)]);
    let given: Vec<ImageReference> = reader.parsed_list("images");
    let version: Option<ReleaseVersion> = reader.parsed("version");
    let files: Vec<PathPattern> = reader.parsed_list("files");
    let values: Vec<ValueChange> = reader.parsed_list("values");
    let mut changes: Vec<RequestedChange> = values.into_iter().map(RequestedChange::from).collect();
    if let Some(text) = reader.optional("changes").filter(|text| !text.trim().is_empty()) {
        match changes::parse(&text) {
            Ok(more) => changes.extend(more),
            Err(error) => reader.refuse("changes", error),
        }
    }
    check_given(reader);
    if let Some(error) = files.iter().find_map(|file| changes::refuse_workflow(file).err()) {
        reader.refuse("files", error);
    }
    let target = read_target(reader, mode == Some(Mode::Write));
    let location = ConfigLocation::read(reader);
    let source_commit = reader.parsed("source-commit");
    let (message, force) = (reader.text("message"), reader.boolean("force"));

    let images = tagged(reader, &given, version.as_ref());
    let version = version.or_else(|| shared_tag(&images));
    if version.is_none() && target.is_some() && !(images.is_empty() && changes.is_empty()) {
        let unknown = if images.is_empty() { "there are no images" } else { "the images share no tag" };
        let unknown = format!("{unknown}, so the version of the release is not known");
        reader.refuse("version", Error::new(ErrorKind::InvalidInput, unknown).hint("set `version`, such as `1.5.0`"));
    }
    Some(Inputs { mode: mode?, images, version, files, changes, target, location, source_commit, message, force })
}

/// There is something to set: images with the files that name them, values, changes, or several of these.
fn check_given(reader: &mut Reader) {
    let [images, files, values, changes] =
        ["images", "files", "values", "changes"].map(|name| !reader.list(name).is_empty());
    let refusal = match (images, files) {
        (true, false) => Some(("files", "it is needed to find the images")),
        // Images that came out empty must not turn into a deployment of the values alone.
        (false, true) => Some(("images", "it is needed, because `files` are given to look for images in")),
        (false, false) if !values && !changes => {
            Some(("images", "none of `images`, `values` and `changes` says what to set"))
        }
        _ => None,
    };
    if let Some((name, why)) = refusal {
        let hint = format!("add `{name}:` under `with:`, or the flag `--{name}`");
        reader.refuse(name, Error::new(ErrorKind::InvalidInput, why).hint(hint));
    }
}

/// The environment and the component; `write` can do without both, because somebody else commits.
fn read_target(reader: &mut Reader, optional: bool) -> Option<Target> {
    let (environment, component) = (reader.parsed(ENVIRONMENT.name), reader.parsed(COMPONENT.name));
    let given = [ENVIRONMENT, COMPONENT].map(|spec| reader.optional(spec.name).is_some());
    if !(optional && given == [false, false]) {
        for (spec, given) in [ENVIRONMENT, COMPONENT].iter().zip(given) {
            if !given {
                let missing = Error::new(ErrorKind::InvalidInput, "it is needed to record the deployment");
                reader.refuse(
                    spec.name,
                    missing.hint(format!("add `{}:` under `with:`, or the flag `--{}`", spec.name, spec.name)),
                );
            }
        }
    }
    Some(Target { environment: environment?, component: component? })
}

/// The images, with the version as the tag of those that name none.
fn tagged(reader: &mut Reader, given: &[ImageReference], version: Option<&ReleaseVersion>) -> Vec<ImageReference> {
    let tag = version.map(ReleaseVersion::tag).transpose();
    let tag = tag.map_err(|error| reader.refuse("version", error)).ok().flatten();
    for (index, image) in given.iter().enumerate() {
        let refusal = if given[..index].iter().any(|earlier| earlier.name.is_same(&image.name)) {
            Some(format!("`{}` is listed twice", image.name))
        } else if image.tag.is_none() && image.digest.is_none() && tag.is_none() {
            Some(format!("`{image}` names neither a tag nor a digest"))
        } else {
            None
        };
        if let Some(message) = refusal {
            let hint = "write each image once, as `name@sha256:…` or `name:tag`";
            reader.refuse("images", Error::new(ErrorKind::InvalidInput, message).hint(hint));
        }
    }
    let with_tag = |image: &ImageReference| ImageReference { tag: image.tag.clone().or(tag.clone()), ..image.clone() };
    given.iter().map(with_tag).collect()
}

fn shared_tag(images: &[ImageReference]) -> Option<ReleaseVersion> {
    let first = images.first()?.tag.as_ref()?;
    let shared = images.iter().all(|image| image.tag.as_ref() == Some(first));
    shared.then(|| first.as_str().parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use slipway_core::Result;
    use slipway_core::host::scripted::ScriptedHost;

    use super::*;

    const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn inputs(given: &[(&str, &str)]) -> Result<Inputs> {
        let flags: BTreeMap<String, String> =
            given.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let mut reader = Reader::new(INPUTS, &ScriptedHost::new(&[]), &flags);
        let inputs = read(&mut reader);
        reader.finish()?;
        Ok(inputs.unwrap())
    }

    fn with(more: &[(&'static str, &str)]) -> Result<Inputs> {
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
    fn the_version_is_the_tag_of_images_without_one() {
        let images = format!("ghcr.io/acme/shop@{DIGEST}\nghcr.io/acme/worker:w1@{DIGEST}");
        let read = with(&[("images", &images), ("version", "1.5.0+7")]).unwrap();
        let images: Vec<String> = read.images.iter().map(ToString::to_string).collect();
        assert_eq!(images, [format!("ghcr.io/acme/shop:1.5.0-7@{DIGEST}"), format!("ghcr.io/acme/worker:w1@{DIGEST}")]);
        assert_eq!(read.version.unwrap().as_str(), "1.5.0+7");
        assert_eq!(with(&[("images", "a:1\nb:1")]).unwrap().version.unwrap().as_str(), "1");
    }

    #[test]
    fn values_can_do_without_images() {
        let values = ("values", "b.yaml#x=1");
        let alone = with(&[("images", ""), ("files", ""), values, ("version", "1.5.0")]).unwrap();
        let read: Vec<String> = alone.patterns().iter().map(ToString::to_string).collect();
        assert_eq!((read, alone.images.len()), (vec!["b.yaml".to_owned()], 0));
        assert_eq!(with(&[values]).unwrap().patterns().len(), 2);
        for (given, message) in [
            (vec![("images", ""), ("files", "")], "none of `images`, `values` and `changes` says what to set"),
            (vec![("images", ""), ("files", ""), values], "there are no images, so the version"),
            (vec![("images", ""), values, ("version", "1")], "because `files` are given"),
        ] {
            let error = with(&given).unwrap_err();
            assert!(error.message().contains(message), "{error}");
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
        }
    }

    #[test]
    fn what_cannot_be_a_deployment_is_refused() {
        for (name, value, message) in [
            ("images", "shop", "`shop` names neither a tag nor a digest"),
            ("images", "a:1\ndocker.io/library/a:2", "`docker.io/library/a` is listed twice"),
            ("images", "a:1\nb:2", "the images share no tag"),
            ("images", "Shop:1", "is not an image name"),
            ("images", "", "it is needed, because `files` are given"),
            ("files", "", "it is needed to find the images"),
            ("values", "a.yaml", "has no `#` between file and key path"),
            ("values", "a.yaml#x=", "gives no value"),
            ("values", ".github/workflows/a.yml#x=1", "is a workflow"),
            ("files", "../shop.yaml", "leads out of the workspace"),
            ("files", ".github/workflows/*.yml", "is a workflow"),
            ("files", "a.yaml\n.git/config", "leads into git's own directory"),
            ("environment", "", "it is needed to record the deployment"),
            ("component", "a/b", "cannot be the name of a component"),
            ("config-repository", "ext::sh -c id", "cannot be a remote"),
            ("config-branch", "-x", "starts with a hyphen"),
            ("source-commit", "HEAD", "is not the full id of a commit"),
            ("version", "1 0", "is not the version of a release"),
            ("mode", "apply", "is not one of the choices"),
        ] {
            let error = with(&[(name, value)]).unwrap_err();
            assert!(error.message().contains(message), "{name}={value}: {error}");
        }
        assert!(
            inputs(&[("mode", "write"), ("images", &format!("a@{DIGEST}")), ("files", "a.yaml")])
                .unwrap()
                .target
                .is_none()
        );
        assert!(inputs(&[("mode", "write"), ("images", "a:1"), ("files", "a.yaml"), ("component", "a")]).is_err());
    }
}
