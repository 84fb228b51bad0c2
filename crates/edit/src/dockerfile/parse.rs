//! From the instructions of a Dockerfile to a [`Tree`].

use std::ops::Range;

use slipway_core::Result;

use super::instructions::{Instruction, instructions};
use crate::builder::Builder;
use crate::tree::{Kind, Layout, Style, Tree};

/// Reads a Dockerfile.
///
/// # Errors
/// None that depends on the file; what is no instruction is passed over.
pub(super) fn parse(source: &str) -> Result<Tree<'_>> {
    let mut file = File { source, ..Default::default() };
    for instruction in instructions(source) {
        file.add(&instruction);
    }
    let mut builder = Builder::new(source);
    builder.open(Kind::Mapping(Layout::Block), 0)?;
    for (name, images) in [("FROM", &file.stages), ("COPY", &file.copies), ("RUN", &file.mounts)] {
        let Some(first) = images.first() else { continue };
        let start = first.image.start;
        builder.scalar(name, Style::Plain, start..start);
        builder.open(Kind::Sequence(Layout::Block), start)?;
        for image in images {
            file.image(&mut builder, image)?;
        }
        builder.close(start);
    }
    if let Some((name, _)) = file.arguments.first() {
        builder.scalar("ARG", Style::Plain, name.start..name.start);
        builder.open(Kind::Mapping(Layout::Block), name.start)?;
        for (name, value) in &file.arguments {
            builder.scalar(&source[name.clone()], Style::Plain, name.clone());
            file.argument(&mut builder, value.clone());
        }
        builder.close(source.len());
    }
    Ok(builder.finish_with_repetitions())
}

/// An image, and the name of the stage that is built from it.
struct Image {
    image: Range<usize>,
    stage: Option<Range<usize>>,
    /// How many stages stand in front of it.
    stages_before: usize,
    /// Whether a number is that of a stage.
    has_numbers: bool,
}

#[derive(Default)]
struct File<'s> {
    source: &'s str,
    stages: Vec<Image>,
    copies: Vec<Image>,
    mounts: Vec<Image>,
    arguments: Vec<(Range<usize>, Range<usize>)>,
}

impl<'s> File<'s> {
    fn add(&mut self, instruction: &Instruction) {
        let Some((name, words)) = instruction.words.split_first() else { return };
        let is_flag = |word: &Range<usize>| self.source[word.clone()].starts_with("--");
        let flags = words.iter().take_while(|word| is_flag(word)).cloned().collect::<Vec<_>>();
        let words = &words[flags.len()..];
        let stages_before = self.stages.len();
        let image = |image| Image { image, stage: None, stages_before, has_numbers: true };
        match self.source[name.clone()].to_ascii_uppercase().as_str() {
            "FROM" => {
                let Some(first) = words.first() else { return };
                let stage = words.get(2).filter(|_| self.source[words[1].clone()].eq_ignore_ascii_case("as")).cloned();
                self.stages.push(Image { stage, has_numbers: false, ..image(first.clone()) });
            }
            "COPY" | "ADD" => {
                let from: Vec<_> = flags.iter().filter_map(|flag| self.behind(flag, "--from=")).collect();
                self.copies.extend(from.into_iter().map(image));
            }
            "RUN" => {
                let from = flags.iter().filter_map(|flag| self.behind(flag, "--mount=")).flat_map(|options| {
                    let mut at = options.start;
                    let options = self.source[options].split(',').map(move |option| {
                        let place = at..at + option.len();
                        at = place.end + 1;
                        place
                    });
                    options.filter_map(|option| self.behind(&option, "from=")).collect::<Vec<_>>()
                });
                self.mounts.extend(from.map(image).collect::<Vec<_>>());
            }
            "ARG" => {
                let assigned = |word: &Range<usize>| {
                    let at = word.start + self.source[word.clone()].find('=')?;
                    Some((word.start..at, at + 1..word.end))
                };
                self.arguments.extend(words.iter().filter_map(assigned));
            }
            _ => {}
        }
    }

    /// What stands behind a prefix of a word.
    fn behind(&self, word: &Range<usize>, prefix: &str) -> Option<Range<usize>> {
        let text = &self.source[word.clone()];
        let has_prefix = text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        has_prefix.then(|| word.start + prefix.len()..word.end)
    }

    fn image(&self, builder: &mut Builder<'s>, image: &Image) -> Result<()> {
        let (span, text) = (image.image.clone(), &self.source[image.image.clone()]);
        builder.open(Kind::Mapping(Layout::Block), span.start)?;
        let names = self.stages[..image.stages_before].iter().filter_map(|stage| stage.stage.clone());
        let is_stage = names.into_iter().any(|name| self.source[name].eq_ignore_ascii_case(text))
            || image.has_numbers && text.bytes().all(|byte| byte.is_ascii_digit());
        builder.scalar("image", Style::Plain, span.start..span.start);
        if is_stage {
            builder.opaque("a stage of this file", span.clone());
        } else if text.contains('$') {
            builder.opaque("an image that arguments make", span.clone());
        } else if text.contains(['"', '\'', '\\', '`', '\n']) {
            builder.opaque("an image in quotes or in several lines", span.clone());
        } else {
            builder.scalar(text, Style::Plain, span.clone());
        }
        if let Some(stage) = &image.stage {
            builder.scalar("as", Style::Plain, stage.start..stage.start);
            builder.scalar(&self.source[stage.clone()], Style::Plain, stage.clone());
        }
        builder.close(span.end);
        Ok(())
    }

    fn argument(&self, builder: &mut Builder<'s>, span: Range<usize>) {
        let text = &self.source[span.clone()];
        let inside = |quote: char| text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
        let (value, style) = match (inside('"'), inside('\'')) {
            (Some(value), _) => (value, Style::DoubleQuoted),
            (_, Some(value)) => (value, Style::SingleQuoted),
            _ => (text, Style::Plain),
        };
        let is_computed = value.contains('$') && style != Style::SingleQuoted;
        if is_computed {
            builder.opaque("a default that arguments make", span);
        } else if value.contains(['"', '\'', '\\', '`', '\n']) {
            builder.opaque("a default in several pieces", span);
        } else {
            builder.scalar(value, style, span);
        }
    }
}
