//! Operations that find their place by themselves: an image, a marker, a pattern. It must be in one of the files that a glob covers,
//! and need not be in each.

use slipway_core::{Error, ErrorKind};
use slipway_edit::Operation;
use slipway_gitops::ConfigFile;

use crate::images::{self, ImageSearch};

/// What an operation looks for.
pub(crate) enum Search<'o> {
    /// An image, which is set wherever it is named.
    Image(ImageSearch<'o>),
    /// A comment or a pattern, which stands once in all files, unless `every` place is meant.
    Text {
        /// What a file that has it holds.
        needle: Option<&'o str>,
        every: bool,
    },
}

impl<'o> Search<'o> {
    /// Nothing if the operation has its place in every file.
    pub(crate) fn of(operation: &'o Operation) -> Option<Self> {
        match operation {
            Operation::Marked { marker, options, .. } => {
                Some(Self::Text { needle: Some(&marker.name), every: options.every })
            }
            Operation::Replace { options, .. } => Some(Self::Text { needle: None, every: options.every }),
            _ => ImageSearch::of(operation).map(Self::Image),
        }
    }

    /// The search for an image.
    pub(crate) fn image(&self) -> Option<&ImageSearch<'o>> {
        match self {
            Self::Image(search) => Some(search),
            Self::Text { .. } => None,
        }
    }

    /// Whether the file can hold it. One that cannot is not even parsed.
    pub(crate) fn may_concern(&self, file: &ConfigFile) -> bool {
        match self {
            Self::Image(search) => search.may_concern(file),
            Self::Text { needle, .. } => needle.is_none_or(|needle| images::mentions(file, needle)),
        }
    }

    /// Whether an error only says that the file does not hold it.
    pub(crate) fn is_missing(&self, error: &Error) -> bool {
        error.kind() == if self.image().is_some() { ErrorKind::ImageNotFound } else { ErrorKind::PathNotFound }
    }
}
