//! What is to be deployed: the inputs, completed by `slipway.toml`, or what another environment has verified. Pure.

use serde::Serialize;
use serde_json::{Value, json};
use slipway_core::git::CommitId;
use slipway_core::image::ImageReference;
use slipway_core::text::nearest;
use slipway_core::{Error, ErrorKind, Result};
use slipway_gitops::settings::{ComponentSettings, FILE, Placeholders, Template, fill};
use slipway_gitops::{Environment, PathPattern, Release, ReleaseVersion, Target};

use crate::changes::{self, RequestedChange};
use crate::inputs::Inputs;
use crate::values::ValueChange;

/// What is to be set where.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Request {
    /// With the tag to be written, where one is known.
    pub(crate) images: Vec<ImageReference>,
    /// The version of the release, where one is known.
    pub(crate) version: Option<ReleaseVersion>,
    /// Where the images are looked for.
    pub(crate) files: Vec<PathPattern>,
    /// The values beside the images, as text.
    #[serde(skip)]
    pub(crate) values: Vec<String>,
    /// The list that the input `changes` comes to.
    #[serde(skip)]
    list: Value,
    /// The values and changes beside the images.
    #[serde(skip)]
    pub(crate) changes: Vec<RequestedChange>,
    /// The commit that the release was built from.
    pub(crate) source_commit: Option<CommitId>,
    /// Whether it is what another environment has verified.
    pub(crate) is_promotion: bool,
}

/// What a request rests on beside the inputs.
pub(crate) struct Ground<'a> {
    pub(crate) target: &'a Target,
    pub(crate) environment: &'a Environment,
    pub(crate) component: &'a ComponentSettings,
    /// What is verified where the release is promoted from, if that is what is to be deployed.
    pub(crate) promoted: Option<&'a Release>,
    /// The commit of the run.
    pub(crate) run_commit: Option<CommitId>,
}

impl Request {
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

    /// A request of the inputs alone, where nothing is recorded.
    ///
    /// # Errors
    /// `InvalidInput` if the inputs do not say enough.
    pub(crate) fn unrecorded(inputs: &Inputs) -> Result<Self> {
        let (images, version) = tagged(&inputs.images, inputs.version.as_ref())?;
        let request = Self {
            images,
            version,
            files: parse_all(&inputs.files)?,
            values: inputs.values.clone(),
            changes: changes(&inputs.values, &inputs.changes)?,
            list: inputs.changes.clone(),
            source_commit: None,
            is_promotion: false,
        };
        request.check(inputs, "")?;
        Ok(request)
    }

    /// A request for an environment.
    ///
    /// # Errors
    /// `InvalidInput` if inputs and settings do not say enough, or name an image that is none of the component's.
    pub(crate) fn of(inputs: &Inputs, ground: &Ground<'_>) -> Result<Self> {
        let Ground { target, component, promoted, .. } = ground;
        let (images, version) = match promoted {
            Some(release) => (release.images.clone(), Some(release.version.clone())),
            None => tagged(&inputs.images, inputs.version.as_ref())?,
        };
        let path = ground.environment.path.as_ref().map(|path| path.as_str());
        let placeholders = Placeholders { target, path, version: version.as_ref() };
        // Images are looked for nowhere if there are none.
        let files = if images.is_empty() { &[] } else { component.files.as_slice() };
        let values = filled(&inputs.values, &component.values, &placeholders)?;
        let mut list = inputs.changes.clone();
        changes::fill_texts(&mut list, &|text| fill(text, &placeholders))?;
        let run_commit = ground.run_commit.clone().filter(|_| promoted.is_none());
        let promoted_commit = promoted.and_then(|release| release.source_commit.clone());
        let request = Self {
            files: parse_all(&filled(&inputs.files, files, &placeholders)?)?,
            changes: changes(&values, &list)?,
            values,
            list,
            images,
            version,
            source_commit: inputs.source_commit.clone().or(promoted_commit).or(run_commit),
            is_promotion: promoted.is_some(),
        };
        request.check(inputs, &format!(", or `files` of `[components.{}]` in `{FILE}`", target.component))?;
        request.check_images(component, target)?;
        if request.version.is_none() {
            let why = if request.images.is_empty() { "there are no images" } else { "the images share no tag" };
            return Err(wrong("version", format!("{why}, so the version of the release is not known"))
                .hint("set `version`, such as `1.5.0`"));
        }
        Ok(request)
    }

    /// What deploying a recorded release again would set, in these files or those that the settings name.
    ///
    /// # Errors
    /// `InvalidInput` for a path or a value that cannot be.
    pub(crate) fn again(
        release: &Release,
        files: &[String],
        component: &ComponentSettings,
        placeholders: &Placeholders<'_>,
    ) -> Result<Self> {
        let files: Vec<PathPattern> = parse_all(&filled(files, &component.files, placeholders)?)?;
        let values = filled(&[], &component.values, placeholders)?;
        Ok(Self {
            // Without files, nobody says where they are.
            images: if files.is_empty() { Vec::new() } else { release.images.clone() },
            files,
            changes: changes(&values, &Value::Null)?,
            values,
            ..Self::default()
        })
    }

    /// What is to be edited, in words that every job of this version understands.
    pub(crate) fn edits(&self) -> Value {
        let images: Vec<String> = self.images.iter().map(ToString::to_string).collect();
        let files: Vec<String> = self.files.iter().map(ToString::to_string).collect();
        json!({
            "images": images,
            "files": files,
            "values": self.values,
            "changes": if self.list.is_null() { String::new() } else { self.list.to_string() },
        })
    }

    /// The request of another job, as far as it says what is to be edited.
    ///
    /// # Errors
    /// `InvalidInput` if it is not understood.
    pub(crate) fn of_edits(edits: &Value) -> Result<Self> {
        let texts = |name: &str| -> Vec<String> {
            edits[name].as_array().into_iter().flatten().filter_map(|text| Some(text.as_str()?.to_owned())).collect()
        };
        let list = changes::read(edits["changes"].as_str().unwrap_or_default())?;
        let values = texts("values");
        Ok(Self {
            images: parse_all(&texts("images"))?,
            files: parse_all(&texts("files"))?,
            changes: changes(&values, &list)?,
            values,
            list,
            ..Self::default()
        })
    }

    /// There is something to set: images with the files that name them, values, or both.
    fn check(&self, inputs: &Inputs, or_declared: &str) -> Result<()> {
        let (name, why) = match (self.images.is_empty(), self.files.is_empty(), self.changes.is_empty()) {
            (false, true, _) => ("files", "it is needed to find the images"),
            // Images that came out empty must not turn into a deployment of the values alone.
            (true, _, _) if !inputs.files.is_empty() && !self.is_promotion => {
                ("images", "it is needed, because `files` are given to look for images in")
            }
            (true, _, true) => ("images", "none of `images`, `values` and `changes` says what to set"),
            _ => return Ok(()),
        };
        let or_declared = if name == "files" { or_declared } else { "" };
        Err(wrong(name, why).hint(format!("add `{name}:` under `with:`, or the flag `--{name}`{or_declared}")))
    }

    /// Every image is one of the component's, and there is one if it has any.
    fn check_images(&self, component: &ComponentSettings, target: &Target) -> Result<()> {
        let Some(first) = component.images.first() else { return Ok(()) };
        if self.images.is_empty() && !self.is_promotion {
            let none = format!("`{FILE}` names images of {}, such as `{first}`, and none is given", target.component);
            return Err(wrong("images", none).hint("pass image-tag's `references`"));
        }
        let is_known = |image: &&ImageReference| component.images.iter().any(|known| known.is_same(&image.name));
        let Some(other) = self.images.iter().find(|image| !is_known(image)) else { return Ok(()) };
        let error = wrong("images", format!("`{}` is no image of {}", other.name, target.component));
        Err(match nearest(other.name.as_str(), component.images.iter().map(|known| known.as_str())) {
            Some(like) => error.hint(format!("did you mean `{like}`?")),
            None => error.hint(format!("add it to `images` of `[components.{}]` in `{FILE}`", target.component)),
        })
    }
}

/// The images, with the version as the tag of those that name none; and the version, which is the tag that all share if none is given.
fn tagged(
    given: &[ImageReference],
    version: Option<&ReleaseVersion>,
) -> Result<(Vec<ImageReference>, Option<ReleaseVersion>)> {
    let tag = version.map(ReleaseVersion::tag).transpose()?;
    let with_tag = |image: &ImageReference| ImageReference { tag: image.tag.clone().or(tag.clone()), ..image.clone() };
    let images: Vec<ImageReference> = given.iter().map(with_tag).collect();
    let version = version.cloned().or_else(|| shared_tag(&images));
    Ok((images, version))
}

fn shared_tag(images: &[ImageReference]) -> Option<ReleaseVersion> {
    let first = images.first()?.tag.as_ref()?;
    let shared = images.iter().all(|image| image.tag.as_ref() == Some(first));
    shared.then(|| first.as_str().parse().ok()).flatten()
}

/// The values, and what the input `changes` holds after them.
fn changes(values: &[String], list: &Value) -> Result<Vec<RequestedChange>> {
    let values: Vec<ValueChange> = parse_all(values)?;
    let others = changes::of_list(list).map_err(|error| error.context("input `changes`"))?;
    Ok(values.into_iter().map(RequestedChange::from).chain(others).collect())
}

/// What is given, else what is declared, with its placeholders filled.
fn filled(given: &[String], declared: &[Template], placeholders: &Placeholders<'_>) -> Result<Vec<String>> {
    let declared = declared.iter().map(Template::as_str).filter(|_| given.is_empty());
    given.iter().map(String::as_str).chain(declared).map(|text| fill(text, placeholders)).collect()
}

fn parse_all<T: std::str::FromStr<Err = Error>>(texts: &[String]) -> Result<Vec<T>> {
    texts.iter().map(|text| text.parse()).collect()
}

fn wrong(input: &str, why: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidInput, format!("input `{input}`: {why}"))
}

#[cfg(test)]
mod tests {
    use slipway_gitops::{EnvironmentRules, Settings};

    use super::*;
    use crate::inputs::tests::{DIGEST, with};

    const SETTINGS: &str = r#"
[environments.staging]
path = "envs/staging"
[environments.production]
path = "envs/production"
promote-from = "staging"
[components.shop]
images = ["shop"]
files = ["{path}/{component}/*.yaml"]
values = ["{path}/values.yaml#version={version}"]
[components.job]
values = ["{path}/job.yaml#version={version}"]
"#;

    fn request(settings: &str, given: &[(&'static str, &str)], promoted: Option<&Release>) -> Result<Request> {
        let inputs = with(given)?;
        let (environment, component) = (inputs.environment.clone().unwrap(), inputs.component.clone().unwrap());
        let settings = Settings::parse(settings).unwrap();
        let rules = EnvironmentRules::default();
        let environment = Environment::of(&environment, &settings, &rules, &inputs.location)?;
        let target = Target { environment: environment.name.clone(), component: component.clone() };
        let component = &settings.component(&component);
        let run_commit = Some("f".repeat(40).parse().unwrap());
        Request::of(&inputs, &Ground { target: &target, environment: &environment, component, promoted, run_commit })
    }

    fn value(text: &str) -> RequestedChange {
        text.parse::<ValueChange>().unwrap().into()
    }

    fn patterns(request: &Request) -> Vec<String> {
        request.patterns().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_version_is_the_tag_of_images_without_one() {
        let images = format!("ghcr.io/acme/shop@{DIGEST}\nghcr.io/acme/worker:w1@{DIGEST}");
        let read = request("", &[("images", &images), ("version", "1.5.0+7")], None).unwrap();
        let images: Vec<String> = read.images.iter().map(ToString::to_string).collect();
        assert_eq!(images, [format!("ghcr.io/acme/shop:1.5.0-7@{DIGEST}"), format!("ghcr.io/acme/worker:w1@{DIGEST}")]);
        assert_eq!(read.version.unwrap().as_str(), "1.5.0+7");
        assert_eq!(request("", &[("images", "a:1\nb:1")], None).unwrap().version.unwrap().as_str(), "1");
    }

    #[test]
    fn files_and_values_come_from_the_settings_unless_they_are_given() {
        let none = ("files", "");
        let read = request(SETTINGS, &[none], None).unwrap();
        assert_eq!(patterns(&read), ["envs/production/shop/*.yaml", "envs/production/values.yaml"]);
        assert_eq!(read.changes, [value("envs/production/values.yaml#version=1.5.0")]);
        assert_eq!(read.source_commit.unwrap().as_str(), "f".repeat(40));
        let read =
            request(SETTINGS, &[("files", "{path}/x.yaml"), ("values", "v.yaml#a.b={environment}")], None).unwrap();
        assert_eq!(patterns(&read), ["envs/production/x.yaml", "v.yaml"]);
        assert_eq!(read.changes, [value("v.yaml#a.b=production")]);
        let job = [none, ("images", ""), ("component", "job"), ("version", "2"), ("environment", "staging")];
        assert_eq!(patterns(&request(SETTINGS, &job, None).unwrap()), ["envs/staging/job.yaml"]);
    }

    #[test]
    fn other_jobs_understand_what_is_to_be_edited() {
        let more = "- {file: '{path}/a.yaml', op: set, path: b, value: '1.10'}\n\
                    - {file: '{component}.yaml', op: set-image, image: acme/shop, tag: '{version}'}";
        let given = [("files", "{path}/x.yaml"), ("values", "v.yaml#a.b={environment}"), ("changes", more)];
        let request = request(SETTINGS, &given, None).unwrap();
        let read = Request::of_edits(&request.edits()).unwrap();
        assert_eq!(patterns(&read), ["envs/production/x.yaml", "v.yaml", "envs/production/a.yaml", "shop.yaml"]);
        let tag = "- {file: shop.yaml, op: set-image, image: acme/shop, tag: 1.5.0}";
        assert_eq!(read.changes[2..], changes::of_list(&changes::read(tag).unwrap()).unwrap());
        assert_eq!((read.images, read.changes), (request.images, request.changes));
        assert!(Request::of_edits(&json!({ "images": ["Not:An:Image"] })).is_err());
    }

    #[test]
    fn a_promotion_takes_what_is_verified() {
        let promoted = Release {
            component: "shop".parse().unwrap(),
            version: "1.4.0".parse().unwrap(),
            images: vec![format!("shop:1.4.0@{DIGEST}").parse().unwrap()],
            environment: "staging".parse().unwrap(),
            source_commit: Some("a".repeat(40).parse().unwrap()),
            workflow_run: None,
        };
        let read = request(SETTINGS, &[("images", ""), ("files", "")], Some(&promoted)).unwrap();
        assert_eq!(read.images, promoted.images);
        assert_eq!(
            (read.version, read.source_commit),
            (Some(promoted.version.clone()), promoted.source_commit.clone())
        );
        assert_eq!(read.changes, [value("envs/production/values.yaml#version=1.4.0")]);
        let files = request("", &[("images", "")], Some(&promoted)).unwrap();
        assert_eq!(patterns(&files), ["shop.yaml"]);
    }

    #[test]
    fn what_does_not_say_enough_is_refused() {
        let (no_files, no_images) = (("files", ""), ("images", ""));
        let values = ("values", "b.yaml#x=1");
        for (settings, given, message) in [
            ("", vec![no_files], "input `files`: it is needed to find the images"),
            ("", vec![no_files, no_images], "none of `images`, `values` and `changes` says what to set"),
            ("", vec![no_files, no_images, values], "there are no images, so the version"),
            ("", vec![no_images, values, ("version", "1")], "because `files` are given"),
            ("", vec![("images", "a:1\nb:2")], "the images share no tag"),
            ("", vec![("files", "{path}/a.yaml")], "needs the path of shop in production"),
            (SETTINGS, vec![("images", "shp:1")], "`shp` is no image of shop"),
            (
                SETTINGS,
                vec![no_images, no_files, ("version", "1")],
                "names images of shop, such as `shop`, and none is given",
            ),
            (SETTINGS, vec![("environment", "prod")], "has no environment `prod`"),
        ] {
            let error = request(settings, &given, None).unwrap_err();
            assert!(error.message().contains(message), "{given:?}: {error}");
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
        }
    }
}
