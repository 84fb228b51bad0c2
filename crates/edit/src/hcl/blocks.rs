//! From the order in which blocks are written to the mappings that their types and labels make.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use slipway_core::Result;

use crate::builder::Builder;
use crate::tree::{Kind, Layout, Style};

/// The name of an attribute, a block type or a label; none if it is computed.
pub(super) struct Key<'s> {
    pub(super) value: Option<Cow<'s, str>>,
    pub(super) style: Style,
    pub(super) span: Range<usize>,
}

pub(super) enum Item<'s> {
    Body { body: Body<'s>, span: Range<usize> },
    Object { entries: Vec<(Key<'s>, Item<'s>)>, span: Range<usize> },
    List { items: Vec<Item<'s>>, span: Range<usize> },
    Scalar { value: Cow<'s, str>, style: Style, span: Range<usize> },
    Computed { noun: &'static str, span: Range<usize> },
}

/// The attributes and blocks of a file or block. Blocks with labels are below the first one of their type.
#[derive(Default)]
pub(super) struct Body<'s> {
    entries: Vec<(Key<'s>, Entry<'s>)>,
    /// Where the labelled blocks of each type are.
    labelled: BTreeMap<Cow<'s, str>, usize>,
}

enum Entry<'s> {
    Item(Item<'s>),
    Labelled(Body<'s>),
}

impl<'s> Body<'s> {
    pub(super) fn attribute(&mut self, key: Key<'s>, item: Item<'s>) {
        self.entries.push((key, Entry::Item(item)));
    }

    /// Adds a block under its type and labels.
    pub(super) fn block(&mut self, mut keys: Vec<Key<'s>>, item: Item<'s>) {
        let Some(last) = keys.pop() else { return };
        let mut body = self;
        for key in keys {
            let name = key.value.clone().unwrap_or_default();
            let next = body.entries.len();
            let place = *body.labelled.entry(name).or_insert(next);
            if place == next {
                body.entries.push((key, Entry::Labelled(Body::default())));
            }
            match &mut body.entries[place].1 {
                Entry::Labelled(below) => body = below,
                Entry::Item(_) => return,
            }
        }
        body.entries.push((last, Entry::Item(item)));
    }

    /// Recursion is as deep as blocks, labels and brackets, and that is limited.
    pub(super) fn emit(self, builder: &mut Builder<'s>, span: Range<usize>) -> Result<()> {
        builder.open(Kind::Mapping(Layout::Block), span.start)?;
        for (key, entry) in self.entries {
            let place = key.span.end;
            key.emit(builder);
            match entry {
                Entry::Item(item) => item.emit(builder)?,
                Entry::Labelled(body) => body.emit(builder, place..place)?,
            }
        }
        builder.close(span.end);
        Ok(())
    }
}

impl<'s> Key<'s> {
    fn emit(self, builder: &mut Builder<'s>) {
        match self.value {
            Some(value) => drop(builder.scalar(value, self.style, self.span)),
            None => builder.opaque("a computed key", self.span),
        }
    }
}

impl<'s> Item<'s> {
    fn emit(self, builder: &mut Builder<'s>) -> Result<()> {
        match self {
            Self::Body { body, span } => body.emit(builder, span)?,
            Self::Object { entries, span } => {
                builder.open(Kind::Mapping(Layout::Flow), span.start)?;
                for (key, item) in entries {
                    key.emit(builder);
                    item.emit(builder)?;
                }
                builder.close(span.end);
            }
            Self::List { items, span } => {
                builder.open(Kind::Sequence(Layout::Flow), span.start)?;
                items.into_iter().try_for_each(|item| item.emit(builder))?;
                builder.close(span.end);
            }
            Self::Scalar { value, style, span } => drop(builder.scalar(value, style, span)),
            Self::Computed { noun, span } => builder.opaque(noun, span),
        }
        Ok(())
    }
}
