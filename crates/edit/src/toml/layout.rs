//! From the order in which a TOML file is written to the tables that it means: headers, dotted keys and arrays of
//! tables add to tables that may have begun many lines above.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use slipway_core::{Error, ErrorKind, Result};

use crate::builder::{Builder, too_deep};
use crate::size::DEEPEST;
use crate::splice::defect;
use crate::tree::{Kind, Layout, Style, Tree};

/// A key, or one part of a dotted key.
#[derive(Clone)]
pub(super) struct Key<'s> {
    pub(super) value: Cow<'s, str>,
    pub(super) style: Style,
    pub(super) span: Range<usize>,
}

/// The position of an item in [`Tables`].
type ItemId = usize;

/// Where a table comes from, which decides who may add to it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// It stands in front of the last part of a header; a header of its own may follow.
    AboveHeader,
    Header,
    /// It stands in front of the last part of a dotted key below the header with this number.
    DottedKey(usize),
    Inline,
}

pub(super) enum Item<'s> {
    Table { entries: Vec<(Key<'s>, ItemId)>, origin: Origin, span: Range<usize> },
    Array { items: Vec<ItemId>, is_of_tables: bool, span: Range<usize> },
    Scalar { value: Cow<'s, str>, style: Style, span: Range<usize> },
}

impl Item<'_> {
    pub(super) fn inline_table(start: usize) -> Self {
        Self::table(Origin::Inline, start)
    }

    pub(super) fn array(start: usize) -> Self {
        Self::Array { items: Vec::new(), is_of_tables: false, span: start..start }
    }

    fn table(origin: Origin, start: usize) -> Self {
        Self::Table { entries: Vec::new(), origin, span: start..start }
    }
}

const ROOT: ItemId = 0;

pub(super) struct Tables<'s> {
    builder: Builder<'s>,
    items: Vec<Item<'s>>,
    /// The entries of every table: which item, and where its key was first written.
    index: BTreeMap<(ItemId, Cow<'s, str>), (ItemId, usize)>,
    /// How many headers were read.
    headers: usize,
    /// The table of the last header, then the inline tables and arrays that are open, each with the table and key that
    /// its next value belongs to.
    open: Vec<(ItemId, Option<(ItemId, Key<'s>)>)>,
}

impl<'s> Tables<'s> {
    pub(super) fn new(builder: Builder<'s>) -> Self {
        let items = vec![Item::table(Origin::Header, 0)];
        Self { builder, items, index: BTreeMap::new(), headers: 0, open: vec![(ROOT, None)] }
    }

    /// `[a.b]`, or `[[a.b]]`, which begins another table of an array.
    pub(super) fn header(&mut self, mut keys: Vec<Key<'s>>, is_array: bool) -> Result<()> {
        self.headers += 1;
        let Some(last) = keys.pop() else { return Err(no_key()) };
        let start = keys.first().unwrap_or(&last).span.start;
        self.refuse_depth(keys.len(), start)?;
        let mut table = ROOT;
        for key in keys {
            table = match self.child(table, &key) {
                None => self.add(table, key, Item::table(Origin::AboveHeader, start)),
                Some(id) => match &self.items[id] {
                    Item::Table { origin, .. } if *origin != Origin::Inline => id,
                    Item::Array { items, is_of_tables: true, .. } => items.last().copied().unwrap_or(id),
                    _ => return Err(self.defined_twice(table, &key)),
                },
            };
        }
        let existing = self.child(table, &last);
        let id = match (existing.map(|id| (id, &mut self.items[id])), is_array) {
            (None, false) => self.add(table, last, Item::table(Origin::Header, start)),
            (Some((id, Item::Table { origin, span, .. })), false) if *origin == Origin::AboveHeader => {
                *origin = Origin::Header;
                *span = start..start;
                id
            }
            (Some((id, Item::Array { is_of_tables: true, .. })), true) => self.another_table(id, start),
            (None, true) => {
                let array = Item::Array { items: Vec::new(), is_of_tables: true, span: start..start };
                let array = self.add(table, last, array);
                self.another_table(array, start)
            }
            _ => return Err(self.defined_twice(table, &last)),
        };
        self.open = vec![(id, None)];
        Ok(())
    }

    /// `a.b =`
    pub(super) fn assign(&mut self, mut keys: Vec<Key<'s>>) -> Result<()> {
        let (Some(last), Some(&(mut table, _))) = (keys.pop(), self.open.last()) else { return Err(no_key()) };
        self.refuse_depth(keys.len(), last.span.start)?;
        for key in keys {
            let origin = Origin::DottedKey(self.headers);
            table = match self.child(table, &key) {
                None => {
                    let start = key.span.start;
                    self.add(table, key, Item::table(origin, start))
                }
                Some(id) => match &self.items[id] {
                    Item::Table { origin: existing, .. } if *existing == origin => id,
                    _ => return Err(self.defined_twice(table, &key)),
                },
            };
        }
        if self.child(table, &last).is_some() {
            return Err(self.defined_twice(table, &last));
        }
        if let Some((_, pending)) = self.open.last_mut() {
            *pending = Some((table, last));
        }
        Ok(())
    }

    pub(super) fn scalar(&mut self, value: Cow<'s, str>, style: Style, span: Range<usize>) -> Result<()> {
        self.place(Item::Scalar { value, style, span }).map(drop)
    }

    pub(super) fn open(&mut self, item: Item<'s>) -> Result<()> {
        let id = self.place(item)?;
        self.open.push((id, None));
        Ok(())
    }

    pub(super) fn close(&mut self, end: usize) {
        if let Some((id, _)) = self.open.pop()
            && let Item::Table { span, .. } | Item::Array { span, .. } = &mut self.items[id]
        {
            span.end = end;
        }
    }

    /// Puts an item where the next value belongs.
    fn place(&mut self, item: Item<'s>) -> Result<ItemId> {
        let (id, next) = (self.items.len(), self.items.len());
        let Some((innermost, pending)) = self.open.last_mut() else { return Err(no_key()) };
        match (pending.take(), &mut self.items[*innermost]) {
            (Some((table, key)), _) => return Ok(self.add(table, key, item)),
            (None, Item::Array { items, is_of_tables: false, .. }) => items.push(next),
            _ => return Err(no_key()),
        }
        self.items.push(item);
        Ok(id)
    }

    fn child(&self, table: ItemId, key: &Key<'s>) -> Option<ItemId> {
        self.index.get(&(table, key.value.clone())).map(|&(id, _)| id)
    }

    fn add(&mut self, table: ItemId, key: Key<'s>, item: Item<'s>) -> ItemId {
        let id = self.items.len();
        self.items.push(item);
        self.index.insert((table, key.value.clone()), (id, key.span.start));
        if let Item::Table { entries, .. } = &mut self.items[table] {
            entries.push((key, id));
        }
        id
    }

    fn another_table(&mut self, array: ItemId, start: usize) -> ItemId {
        let id = self.items.len();
        self.items.push(Item::table(Origin::Header, start));
        if let Item::Array { items, .. } = &mut self.items[array] {
            items.push(id);
        }
        id
    }

    fn refuse_depth(&self, keys: usize, at: usize) -> Result<()> {
        if keys > DEEPEST { Err(too_deep(self.builder.line(at))) } else { Ok(()) }
    }

    fn defined_twice(&self, table: ItemId, key: &Key<'s>) -> Error {
        let first = self.index.get(&(table, key.value.clone())).map_or(0, |&(_, at)| at);
        let lines = (self.builder.line(first), self.builder.line(key.span.start));
        let message = format!("`{}` is defined twice, at lines {} and {}", key.value.escape_debug(), lines.0, lines.1);
        Error::new(ErrorKind::DuplicateKey, message).hint("TOML allows it once; remove one, or join the tables")
    }

    /// The tables in their order, each with all that belongs to it.
    pub(super) fn finish(mut self) -> Result<Tree<'s>> {
        self.emit(ROOT)?;
        Ok(self.builder.finish())
    }

    /// Recursion is as deep as the collections, and that is limited.
    fn emit(&mut self, id: ItemId) -> Result<()> {
        match std::mem::replace(&mut self.items[id], Item::array(0)) {
            Item::Scalar { value, style, span } => {
                self.builder.scalar(value, style, span);
            }
            Item::Table { entries, origin, span } => {
                let layout = if origin == Origin::Inline { Layout::Flow } else { Layout::Block };
                self.builder.open(Kind::Mapping(layout), span.start)?;
                for (key, value) in entries {
                    self.builder.scalar(key.value, key.style, key.span);
                    self.emit(value)?;
                }
                self.builder.close(span.end);
            }
            Item::Array { items, is_of_tables, span } => {
                let layout = if is_of_tables { Layout::Block } else { Layout::Flow };
                self.builder.open(Kind::Sequence(layout), span.start)?;
                items.into_iter().try_for_each(|item| self.emit(item))?;
                self.builder.close(span.end);
            }
        }
        Ok(())
    }
}

fn no_key() -> Error {
    defect("the TOML parser gave a value without a key")
}
