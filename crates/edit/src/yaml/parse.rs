//! From the events of the YAML parser to a [`Tree`].

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span, StructureStyle, options};
use slipway_core::{Error, ErrorKind, Result};

use crate::size::DEEPEST;
use crate::splice::defect;
use crate::tree::{Anchor, Kind, Layout, Node, NodeId, Style, Tree};

/// Reads a file of any number of YAML documents. Aliases are not expanded.
///
/// # Errors
/// [`ErrorKind::InvalidYaml`] if it does not parse, is nested deeper than 128 collections, or holds unquoted template
/// expressions; the message has the line.
pub(super) fn parse(source: &str) -> Result<Tree<'_>> {
    refuse_lone_carriage_returns(source)?;
    let mut options = options! { flow_nesting_limit: DEEPEST, block_nesting_limit: DEEPEST };
    // Another crate could enable the parser's `comments` feature for the whole build.
    options.set_emit_comments(false);
    let (nodes, anchors) = (Vec::new(), BTreeMap::new());
    let tree = Tree { source, nodes, documents: Vec::new(), anchors, repetitions: None };
    let mut builder = Builder { tree, open: Vec::new() };
    for event in Parser::new_from_str_with_options(source, options) {
        let (event, span) = event.map_err(|error| syntax_error(source, &error))?;
        builder.event(event, span)?;
    }
    refuse_templates(&builder.tree)?;
    Ok(builder.tree)
}

struct Builder<'s> {
    tree: Tree<'s>,
    /// The collections and the document around the next event.
    open: Vec<Open>,
}

struct Open {
    id: NodeId,
    children: usize,
    /// The end of the last child, or the start of the collection.
    content_end: usize,
}

impl<'s> Builder<'s> {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<()> {
        let tag = event.tag().map(|tag| format!("{}{}", tag.handle(), tag.suffix()));
        match event {
            Event::DocumentStart(..) => self.open(Kind::Document, &span, None, 0),
            Event::MappingStart(style, anchor, _) => self.open(Kind::Mapping(layout(style)), &span, tag, anchor),
            Event::SequenceStart(style, anchor, _) => self.open(Kind::Sequence(layout(style)), &span, tag, anchor),
            Event::Scalar(value, style, anchor, _) => self.scalar(value, style, &span, tag, anchor),
            Event::Alias(anchor) => {
                let range = self.range(&span)?;
                if let Some(anchor) = self.tree.anchors.get_mut(&anchor) {
                    anchor.aliases.push(span.start.line());
                }
                self.push(Kind::Alias(anchor), range, &span, None, 0);
                Ok(())
            }
            Event::MappingEnd | Event::SequenceEnd | Event::DocumentEnd => self.close(&span),
            Event::StreamStart | Event::StreamEnd => Ok(()),
            other => Err(defect(format!("the YAML parser reported the unknown event `{other:?}`"))),
        }
    }

    fn open(&mut self, kind: Kind<'s>, span: &Span, tag: Option<String>, anchor: usize) -> Result<()> {
        let mut range = self.range(span)?;
        if kind == Kind::Sequence(Layout::Block) {
            let dash = self.first_dash(range.start);
            range = dash..dash;
        }
        let content_end = if kind == Kind::Document { range.end } else { range.start };
        let id = self.push(kind, range, span, tag, anchor);
        self.open.push(Open { id, children: 0, content_end });
        Ok(())
    }

    fn close(&mut self, span: &Span) -> Result<()> {
        let Open { id, content_end, .. } =
            self.open.pop().ok_or_else(|| defect("the YAML parser closed what was not open"))?;
        // The end event of a block collection comes after the blank lines and comments behind it.
        let end = match self.tree.nodes[id].kind {
            Kind::Mapping(Layout::Flow) | Kind::Sequence(Layout::Flow) => content_end.max(self.range(span)?.end),
            _ => content_end,
        };
        self.tree.nodes[id].end = self.tree.nodes.len();
        self.tree.nodes[id].span.end = end;
        if let Some(parent) = self.open.last_mut() {
            parent.content_end = end;
        }
        Ok(())
    }

    fn scalar(
        &mut self,
        value: Cow<'_, str>,
        style: ScalarStyle,
        span: &Span,
        tag: Option<String>,
        anchor: usize,
    ) -> Result<()> {
        let mut range = self.range(span)?;
        let is_empty = style == ScalarStyle::Plain && range.is_empty();
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::SingleQuoted,
            ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        if is_empty && tag.is_none() && anchor == 0 {
            let place = self.place_of_empty(range.start);
            range = place..place;
        } else if matches!(style, Style::Literal | Style::Folded) {
            let indent = range.start - self.tree.line_start(range.start);
            range.end = range.start + content_of_block(&self.tree.source[range.clone()], indent).len();
        }
        // The parser says `~` where nothing is written.
        let value = if is_empty { "".into() } else { self.lend(value, &range) };
        self.push(Kind::Scalar { value, style }, range, span, tag, anchor);
        Ok(())
    }

    fn push(&mut self, kind: Kind<'s>, range: Range<usize>, span: &Span, tag: Option<String>, anchor: usize) -> NodeId {
        let id = self.tree.nodes.len();
        let (parent, index) = match self.open.last_mut() {
            Some(open) => {
                open.children += 1;
                open.content_end = range.end;
                (open.id, open.children - 1)
            }
            None => {
                self.tree.documents.push(id);
                (id, self.tree.documents.len() - 1)
            }
        };
        if anchor > 0 {
            self.tree.anchors.insert(anchor, Anchor { node: id, aliases: Vec::new() });
        }
        self.tree.nodes.push(Node {
            kind,
            depth: self.open.len(),
            parent,
            index,
            end: id + 1,
            span: range,
            line: span.start.line(),
            tag,
            anchor: (anchor > 0).then_some(anchor),
        });
        id
    }

    /// The text of a scalar, out of the source where it stands there as it is.
    fn lend(&self, value: Cow<'_, str>, range: &Range<usize>) -> Cow<'s, str> {
        let raw = &self.tree.source[range.clone()];
        let inside = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
        match value {
            Cow::Borrowed(text) if text == raw => raw.into(),
            Cow::Borrowed(text) if text == inside => inside.into(),
            value => Cow::Owned(value.into_owned()),
        }
    }

    fn range(&self, span: &Span) -> Result<Range<usize>> {
        span.byte_range()
            .filter(|range| self.tree.source.get(range.clone()).is_some())
            .ok_or_else(|| defect("the YAML parser gave a position outside the file"))
    }

    /// Where a block sequence begins. For one that is not indented more than its key, the parser gives the place behind
    /// the first dash.
    fn first_dash(&self, given: usize) -> usize {
        let source = self.tree.source;
        let is_value = |open: &&Open| matches!(self.tree.nodes[open.id].kind, Kind::Mapping(_));
        let key_end = self.open.last().filter(is_value).map_or(given, |open| open.content_end);
        let mut line_start = key_end;
        while let Some(end) = source.get(line_start..given).and_then(|text| text.find('\n')) {
            line_start += end + 1;
            let line = source[line_start..].trim_start_matches(' ');
            if line.starts_with('-') {
                return source.len() - line.len();
            }
        }
        given
    }

    /// Where the value of an empty node would be written: behind the `:` or `-` that announces it.
    fn place_of_empty(&self, given: usize) -> usize {
        let Some(open) = self.open.last() else { return given };
        let indicator = match self.tree.nodes[open.id].kind {
            Kind::Mapping(_) if open.children % 2 == 1 => ':',
            Kind::Sequence(Layout::Block) => '-',
            _ => return given,
        };
        let at = skip_blanks_and_comments(self.tree.source, open.content_end);
        if self.tree.source[at..].starts_with(indicator) { at + 1 } else { open.content_end }
    }
}

/// The parser counts the blank lines behind a block scalar in; its content ends with the last line that is not blank,
/// or is indented deeper than the block.
fn content_of_block(text: &str, indent: usize) -> &str {
    let mut content = text;
    loop {
        let without_break = content.strip_suffix('\n').map_or(content, |line| line.strip_suffix('\r').unwrap_or(line));
        let line_start = without_break.rfind('\n').map_or(0, |end| end + 1);
        let line = &without_break[line_start..];
        if line_start == 0 || line.len() > indent || !line.bytes().all(|byte| byte == b' ') {
            return without_break;
        }
        content = &content[..line_start];
    }
}

fn layout(style: StructureStyle) -> Layout {
    match style {
        StructureStyle::Block => Layout::Block,
        StructureStyle::Flow => Layout::Flow,
    }
}

fn skip_blanks_and_comments(source: &str, mut at: usize) -> usize {
    loop {
        at += source[at..].len() - source[at..].trim_start_matches([' ', '\t', '\r', '\n']).len();
        if !source[at..].starts_with('#') {
            return at;
        }
        at += source[at..].find('\n').unwrap_or(source.len() - at);
    }
}

fn syntax_error(source: &str, error: &ScanError) -> Error {
    let (line, column) = (error.marker().line(), error.marker().col() + 1);
    let message = format!("the YAML does not parse at line {line}, column {column}: {}", error.info());
    let error = Error::new(ErrorKind::InvalidYaml, message);
    if source.contains("{{") { error.hint(TEMPLATE_HINT) } else { error }
}

/// A carriage return alone ends a line for YAML and for hardly any other tool.
fn refuse_lone_carriage_returns(source: &str) -> Result<()> {
    let has_lone_one = |line: &str| line.strip_suffix("\r\n").unwrap_or(line).contains('\r');
    match source.split_inclusive('\n').position(has_lone_one) {
        None => Ok(()),
        Some(lines_before) => {
            let message = format!("line {} holds a carriage return that is not part of a line break", lines_before + 1);
            Err(Error::new(ErrorKind::InvalidYaml, message).hint("convert the line endings of the file"))
        }
    }
}

const TEMPLATE_HINT: &str = "this looks like a template; edit the values file that it is rendered from, \
                             or quote the `{{ … }}` expressions";

/// `key: {{ .Values.x }}` is, to a YAML reader, a mapping whose key is a mapping. Nobody means that.
fn refuse_templates(tree: &Tree<'_>) -> Result<()> {
    let is_flow_mapping = |id: NodeId| tree.nodes[id].kind == Kind::Mapping(Layout::Flow);
    for (id, node) in tree.nodes.iter().enumerate() {
        if is_flow_mapping(id) && tree.entries(id).any(|(key, _)| is_flow_mapping(key)) {
            let message = format!("line {} holds an unquoted `{{{{ … }}}}`, which is no YAML value", node.line);
            return Err(Error::new(ErrorKind::InvalidYaml, message).hint(TEMPLATE_HINT));
        }
    }
    Ok(())
}
