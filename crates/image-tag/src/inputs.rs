//! The inputs of image-tag.

use slipway_core::image::{Digest, ImageName};
use slipway_core::input::{GITHUB_TOKEN, InputKind, InputSpec, Reader, WORKING_DIRECTORY};
use slipway_core::{Error, ErrorKind, Result};

use crate::fields::{Quotes, list, split};
use crate::flavor::{self, Flavor};
use crate::rule::{self, Rule};

/// The table of inputs.
pub(crate) const INPUTS: &[InputSpec] = &[
    InputSpec::mode(&["tags"], "`tags` computes tags, labels and references; nothing is written."),
    InputSpec::new(
        "images",
        InputKind::Raw,
        "Names of the image, one a line, such as `ghcr.io/acme/shop`. Without any, tags have no name before them.",
    ),
    InputSpec::new(
        "tags",
        InputKind::Raw,
        "Rules that make the tags, one a line, in docker/metadata-action's syntax. Without any: schedule, branch, tag and pull request.",
    ),
    InputSpec::new(
        "flavor",
        InputKind::Raw,
        "What holds for all tags: `latest=auto|true|false`, `prefix=…`, `suffix=…`.",
    ),
    InputSpec::new(
        "digest",
        InputKind::Text,
        "Digest that the build step answered, such as `sha256:…`; makes the output `references`.",
    ),
    WORKING_DIRECTORY,
    GITHUB_TOKEN,
];

/// The inputs after parsing.
#[derive(Debug)]
pub struct Inputs {
    pub(crate) images: Vec<Image>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) flavor: Flavor,
    pub(crate) digest: Option<Digest>,
}

/// A name of the image, and whether it is wanted in this run.
#[derive(Debug)]
pub(crate) struct Image {
    pub name: ImageName,
    pub enabled: bool,
}

pub(crate) fn read(reader: &mut Reader) -> Option<Inputs> {
    let mode = reader.choice("mode", &[("tags", ())]);
    let images = noted(reader, "images", parse_images);
    let rules = noted(reader, "tags", rule::parse_all);
    let flavor = noted(reader, "flavor", flavor::parse);
    let digest = reader.parsed("digest");
    mode?;
    Some(Inputs { images: images?, rules: rules?, flavor: flavor?, digest })
}

fn noted<T>(reader: &mut Reader, name: &str, parse: impl FnOnce(&str) -> Result<T>) -> Option<T> {
    let text = reader.text(name);
    parse(&text).map_err(|error| reader.refuse(name, error)).ok()
}

/// One image a line: a name, or `name=…,enable=…`. A single line may be a comma-separated list of names.
fn parse_images(text: &str) -> Result<Vec<Image>> {
    let lines = list(text)?;
    let mut images = Vec::new();
    for line in &lines {
        let fields = split(line, Quotes::Strict)?;
        if lines.len() == 1 && fields.iter().all(|field| !field.contains('=')) {
            for field in fields.iter().filter(|field| !field.is_empty()) {
                images.push(Image { name: name(field)?, enabled: true });
            }
            continue;
        }
        let invalid = |why: String| {
            Error::new(ErrorKind::InvalidInput, format!("line `{line}`: {why}"))
                .hint("write a name, or `name=…` and, if need be, `,enable=true` or `,enable=false`")
        };
        let (mut image, mut enabled) = (None, true);
        for field in &fields {
            match field.split_once('=').map(|(key, value)| (key.trim().to_lowercase(), value.trim())) {
                None => image = Some(name(field)?),
                Some((key, value)) if key == "name" => image = Some(name(value)?),
                Some((key, "true")) if key == "enable" => enabled = true,
                Some((key, "false")) if key == "enable" => enabled = false,
                Some((key, value)) => return Err(invalid(format!("`{key}` cannot be `{value}`"))),
            }
        }
        let name = image.ok_or_else(|| invalid("it names no image".into()))?;
        images.push(Image { name, enabled });
    }
    Ok(images)
}

/// Names are written in lower case, as registries want them.
fn name(text: &str) -> Result<ImageName> {
    text.to_lowercase().parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Result<Vec<(String, bool)>> {
        Ok(parse_images(text)?.into_iter().map(|image| (image.name.to_string(), image.enabled)).collect())
    }

    #[test]
    fn images_are_names_or_fields() {
        let image = |name: &str, enabled| (name.to_owned(), enabled);
        assert_eq!(names("acme/a,acme/b").unwrap(), [image("acme/a", true), image("acme/b", true)]);
        assert_eq!(names("acme/a,acme/b\nacme/c").unwrap(), [image("acme/b", true), image("acme/c", true)]);
        assert_eq!(
            names("name=ACME/a,enable=false\nacme/c,enable=true").unwrap(),
            [image("acme/a", false), image("acme/c", true)]
        );
        for wrong in ["a/b/", "name=a,enable=yes", "enable=true", "name=a,colour=red", "acme/a:1"] {
            assert!(names(wrong).is_err(), "{wrong}");
        }
    }
}
