//! The names of the image.

use slipway_core::image::ImageName;
use slipway_core::{Error, ErrorKind, Result};

use crate::fields::{list, split};

/// A name of the image, and whether it is wanted in this run.
#[derive(Debug)]
pub(crate) struct Image {
    pub name: ImageName,
    pub enabled: bool,
}

/// One image a line: a name, or `name=…,enable=…`. A single line may be a comma-separated list of names.
pub(crate) fn parse(text: &str) -> Result<Vec<Image>> {
    let lines = list(text)?;
    let mut images = Vec::new();
    for line in &lines {
        let fields = split(line).map_err(|error| error.context(format!("line `{line}`")))?;
        if lines.len() == 1 && fields.iter().all(|field| !field.contains('=')) {
            for field in fields.iter().filter(|field| !field.trim().is_empty()) {
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
            match field.split_once('=').map(|(key, value)| (key.trim().to_ascii_lowercase(), value.trim())) {
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
    let text = text.trim();
    text.to_ascii_lowercase().parse().map_err(|error: Error| {
        let last = text.rsplit('/').next().unwrap_or_default();
        if text.contains("://") {
            error.hint("leave out what stands before the host, such as `https://`")
        } else if last.contains([':', '@']) {
            error.hint("leave out the tag or the digest: the input `tags` makes tags, and `digest` takes a digest")
        } else {
            error
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Result<Vec<(String, bool)>> {
        Ok(parse(text)?.into_iter().map(|image| (image.name.to_string(), image.enabled)).collect())
    }

    #[test]
    fn images_are_names_or_fields() {
        let image = |name: &str, enabled| (name.to_owned(), enabled);
        assert_eq!(names("acme/a, acme/b").unwrap(), [image("acme/a", true), image("acme/b", true)]);
        assert_eq!(names("acme/a,acme/b\nacme/c").unwrap(), [image("acme/b", true), image("acme/c", true)]);
        assert_eq!(
            names("name=ACME/a,enable=false\nacme/c,enable=true").unwrap(),
            [image("acme/a", false), image("acme/c", true)]
        );
        for wrong in ["a/b/", "name=a,enable=yes", "enable=true", "name=a,colour=red", "acme/a:1"] {
            assert!(names(wrong).is_err(), "{wrong}");
        }
        for (wrong, hint) in [
            ("https://ghcr.io/acme/a", "leave out what stands before the host"),
            ("acme/a:1", "leave out the tag or the digest"),
            ("name=acme/a@sha256:0f", "leave out the tag or the digest"),
            ("localhost:5000/a b", "write it as `ghcr.io/acme/shop`"),
        ] {
            let error = names(wrong).unwrap_err();
            assert!(error.hint_text().unwrap_or_default().contains(hint), "{error}");
        }
    }
}
