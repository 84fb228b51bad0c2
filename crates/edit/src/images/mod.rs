//! Finding images wherever a configuration file names them, and giving them another tag or digest.

mod argocd;
mod change;
mod find;
mod helm_values;
mod kustomization;
mod named;
mod prefixed;
mod reference;
mod strings;

use slipway_core::image::{Digest, ImageName, ImageTag};
use slipway_core::{Error, ErrorKind, Result};

use crate::computed;
use crate::edited::{Draft, Edited};
use crate::embedded;
use crate::format::Format;
use crate::key_path::{KeyPath, Segment};
use crate::locate::{documents, locate};
use crate::nearest;
use crate::options::{DocumentSelector, Options};
use crate::size;
use crate::tree::{NodeId, Tree};
use crate::value::Value;
use strings::HeldDocument;

/// Which occurrences of images are meant. All given conditions must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageSelector {
    /// The image. Docker Hub's implicit forms are understood; a name that only contains this one is another image.
    pub name: Option<ImageName>,
    /// The path of the occurrence: of the scalar that holds the reference, or the mapping that holds its parts.
    pub path: Option<KeyPath>,
    /// Where to look.
    pub place: Place,
}

impl From<ImageName> for ImageSelector {
    fn from(name: ImageName) -> Self {
        Self { name: Some(name), ..Self::default() }
    }
}

/// Where images are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Wherever a known tool reads an image: `image:` keys, kustomization entries, Helm values and parameters.
    #[default]
    Known,
    /// Entries of the `images` list of a kustomization.
    Kustomization,
    /// Mappings of Helm values that hold `repository` and `tag`.
    HelmValues,
    /// The known places, and every other value that is exactly one reference with tag or digest.
    Anywhere,
}

/// What an image is set to. What is not given stays, but a digest never stays beside a new tag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageVersion {
    /// The new tag.
    pub tag: Option<ImageTag>,
    /// The new digest.
    pub digest: Option<Digest>,
    /// Whether a digest that is there is removed.
    pub drop_digest: bool,
}

impl ImageVersion {
    /// # Errors
    /// [`ErrorKind::StaleDigest`] if the digest that is there would stay beside a new tag.
    pub(crate) fn refuse_stale_digest(&self, old_tag: Option<&str>, has_digest: bool, place: &str) -> Result<()> {
        let is_new = self.tag.as_ref().is_some_and(|tag| Some(tag.as_str()) != old_tag);
        if !(is_new && has_digest && self.digest.is_none() && !self.drop_digest) {
            return Ok(());
        }
        let message = format!("{place} is pinned to a digest that the new tag does not have");
        Err(Error::new(ErrorKind::StaleDigest, message)
            .hint("give the digest of the new tag too, or have the digest removed"))
    }
}

/// An image that a file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// The position of the document in the file, counted from 0.
    pub document: usize,
    /// The scalar that holds the reference, or the mapping that holds its parts.
    pub path: KeyPath,
    /// Counted from 1.
    pub line: usize,
    /// The image that is deployed from here.
    pub name: ImageName,
    /// The tag as written, if there is one.
    pub tag: Option<String>,
    /// The digest as written, if there is one.
    pub digest: Option<String>,
}

impl Format {
    /// Every image that the file names at a known place.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidYaml`] or [`ErrorKind::InvalidFile`] if the file does not parse, and
    /// [`ErrorKind::PathNotFound`] if the selected document does not exist.
    pub fn images(&self, source: &str, options: &Options) -> Result<Vec<Occurrence>> {
        size::check(source)?;
        let tree = self.syntax.parse(source)?;
        let documents = documents(&tree, options)?;
        let occurrence = |found: &find::Found| {
            let (tag, digest) = found.current(&tree);
            Some(Occurrence {
                document: tree.document_index(found.node),
                path: tree.path_of(found.node),
                line: tree.nodes[found.node].line,
                name: found.names.first()?.clone(),
                tag,
                digest,
            })
        };
        let mut occurrences: Vec<Occurrence> =
            find::all(&tree, &documents, Place::Known).iter().filter_map(occurrence).collect();
        for node in strings::holding_documents(&tree, &documents) {
            let Some(text) = tree.text(node) else { continue };
            // Of strings in strings the first level is listed.
            let Ok(inner) = embedded::format_of(&tree, node).syntax.parse(text) else { continue };
            occurrences.extend(find::all(&inner, &inner.documents, Place::Known).iter().filter_map(|found| {
                let (tag, digest) = found.current(&inner);
                Some(Occurrence {
                    document: tree.document_index(node),
                    path: tree.path_of(node),
                    line: tree.nodes[node].line + inner.nodes[found.node].line - 1,
                    name: found.names.first()?.clone(),
                    tag,
                    digest,
                })
            }));
        }
        Ok(occurrences)
    }

    /// Gives every occurrence of an image another tag, digest or both.
    ///
    /// A reference `name[:tag][@digest]` is rewritten as one; where tag and digest have keys of their own, each is set;
    /// a digest without a key of its own is written behind the tag, as `1.5.0@sha256:…`.
    ///
    /// # Errors
    /// Those of [`Format::set`], and [`ErrorKind::ImageNotFound`] if the image occurs nowhere in the file,
    /// [`ErrorKind::StaleDigest`] if a digest would stay beside a new tag, [`ErrorKind::InvalidInput`] if the version
    /// says nothing.
    pub fn set_image(
        &self,
        source: &str,
        selector: &ImageSelector,
        version: &ImageVersion,
        options: &Options,
    ) -> Result<Edited> {
        self.set_image_within(source, selector, version, options, strings::DEEPEST)
    }

    /// Sets the image in the file and in the documents that its strings hold, `depth` levels deep.
    fn set_image_within(
        &self,
        source: &str,
        selector: &ImageSelector,
        version: &ImageVersion,
        options: &Options,
        depth: usize,
    ) -> Result<Edited> {
        let (here, strings) = self.set_image_here(source, selector, version, options, depth)?;
        let (mut edited, mut missing) = match here {
            Err(error) if error.kind() == ErrorKind::ImageNotFound && !strings.is_empty() => {
                (Edited::unchanged(source), Some(error))
            }
            here => (here?, None),
        };
        let inside = options.inside();
        for HeldDocument { document, path } in strings {
            let at = Options { document: Some(DocumentSelector::Index(document)), ..Options::default() };
            let set = |format: Format, text: &str| format.set_image_within(text, selector, version, &inside, depth - 1);
            match embedded::within(*self, &edited.text, &path, &at, &set) {
                Err(error) if error.kind() == ErrorKind::ImageNotFound => {}
                next => {
                    let next = next?;
                    edited = edited.then(|_| Ok(next))?;
                    missing = None;
                }
            }
        }
        missing.map_or(Ok(edited), Err)
    }

    /// Sets the image in the file itself, and names the strings that may hold it too.
    fn set_image_here(
        &self,
        source: &str,
        selector: &ImageSelector,
        version: &ImageVersion,
        options: &Options,
        depth: usize,
    ) -> Result<(Result<Edited>, Vec<HeldDocument>)> {
        if *version == ImageVersion::default() {
            let message = "neither a tag nor a digest is given for the image";
            return Err(Error::new(ErrorKind::InvalidInput, message).hint("give the new tag, the new digest, or both"));
        }
        size::check(source)?;
        let tree = self.syntax.parse(source)?;
        let documents = documents(&tree, options)?;
        let strings = strings::naming(&tree, &documents, selector, depth);
        Ok((self.set_in_tree(&tree, &documents, selector, version, options), strings))
    }

    fn set_in_tree(
        &self,
        tree: &Tree<'_>,
        documents: &[NodeId],
        selector: &ImageSelector,
        version: &ImageVersion,
        options: &Options,
    ) -> Result<Edited> {
        let at_path = match &selector.path {
            Some(path) => Some(locate(tree, documents, path, options)?.nodes),
            None => None,
        };
        let is_meant = |found: &&find::Found| {
            found.has_name(selector.name.as_ref()) && at_path.as_ref().is_none_or(|nodes| nodes.contains(&found.node))
        };
        let found = find::all(tree, documents, selector.place);
        let (matching, others): (Vec<_>, Vec<_>) = found.iter().partition(is_meant);
        if matching.is_empty() {
            let computed = computed::image(*self, tree, selector.name.as_ref());
            let error = computed.unwrap_or_else(|| not_found(selector, &others));
            return if options.create {
                self.append_image(tree.source, selector, version, options, error)
            } else {
                Err(error)
            };
        }
        let mut draft = Draft::new(*self, tree);
        change::images(tree, &matching, &others, version, options, &mut draft)?;
        draft.finish()
    }
}

impl Format {
    /// Adds an entry for an image to the `images` of a kustomization; elsewhere nobody can tell where it belongs.
    fn append_image(
        &self,
        source: &str,
        selector: &ImageSelector,
        version: &ImageVersion,
        options: &Options,
        otherwise: Error,
    ) -> Result<Edited> {
        let (Place::Kustomization, Some(name)) = (selector.place, &selector.name) else { return Err(otherwise) };
        let (key, value) = match (&version.tag, &version.digest) {
            (Some(tag), _) => ("newTag", tag.as_str()),
            (None, Some(digest)) => ("digest", digest.as_str()),
            (None, None) => return Err(otherwise),
        };
        let item = Segment::Item { keys: vec!["name".to_owned()], value: name.to_string() };
        let path = KeyPath::new(vec![Segment::Key("images".to_owned()), item, Segment::Key(key.to_owned())])?;
        self.set(source, &path, &Value::from(value), options)?.then(|text| match version.digest {
            Some(_) if version.tag.is_some() => self.set_image(text, selector, version, options),
            _ => Ok(Edited::unchanged(text)),
        })
    }
}

fn not_found(selector: &ImageSelector, others: &[&find::Found]) -> Error {
    let wanted = match (&selector.name, &selector.path) {
        (Some(name), Some(path)) => format!("the image `{name}` does not occur at `{path}`"),
        (Some(name), None) => format!("the image `{name}` does not occur in the file"),
        (None, Some(path)) => format!("no image stands at `{path}`"),
        (None, None) => "the file names no image".to_owned(),
    };
    let error = Error::new(ErrorKind::ImageNotFound, wanted);
    let wanted = selector.name.as_ref().map_or("", ImageName::as_str);
    match nearest::list(wanted, others.iter().flat_map(|found| &found.names).map(ImageName::as_str)) {
        Some(known) => error.hint(format!("the images of the file are {known}")),
        None => error.hint("the file names no image at a place that is known to hold one"),
    }
}
