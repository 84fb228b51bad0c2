//! The changelog: a new section for the release, in the style of those before it.

mod input;
mod layout;
mod section;
mod style;

use slipway_core::order;
use std::ops::Range;

use semver::Version;

use self::layout::{Definition, Heading, Layout, is_unreleased, title};
use self::section::{listed, thanks};
use self::style::Style;
use crate::decision::Decision;
use crate::notes::About;

pub(crate) use self::input::{Changelog, change};

/// What a changelog begins with if there is none yet.
const BEGINNING: &str = "# Changelog

What changed for users, in the layout of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/).
Versions follow [Semantic Versioning](https://semver.org/spec/v2.0.0.html).

## [Unreleased]
";

/// A release that the changelog is to have.
#[derive(Debug)]
pub(crate) struct Release<'a> {
    /// Its version.
    pub version: &'a Version,
    /// Its day in UTC, such as `2026-01-31`.
    pub date: &'a str,
    /// Its tag, the one before, and where the repository is.
    pub about: &'a About,
    /// The commits since the release before.
    pub decisions: &'a [Decision],
}

/// The changelog with a section for a release; nothing if it has one already. What stands below a heading `Unreleased` moves into the
/// new section, and every other byte stays, but for the addresses at the end.
pub(crate) fn update(old: Option<&str>, release: &Release<'_>) -> Option<String> {
    let old = old.filter(|text| !text.trim_start_matches('\u{feff}').trim().is_empty()).unwrap_or(BEGINNING);
    let layout = Layout::read(old);
    if layout.headings.iter().filter_map(|heading| title(heading.text)).any(|title| title.version == *release.version) {
        return None;
    }
    let style = Style::of(&layout, release.about);
    let mut edits = Vec::new();
    let unreleased = layout.headings.iter().position(|heading| is_unreleased(heading.text));
    let (range, by_hand) = match unreleased {
        Some(place) => {
            let from = layout.headings[place].span.end;
            (from..layout.end_of(place), Some(place))
        }
        None => {
            let first = layout.headings.iter().find(|heading| title(heading.text).is_some());
            let at = first.map(|heading| heading_start(&layout, heading));
            let at = at.or_else(|| layout.definitions.first().map(|definition| definition.span.start));
            let at = at.unwrap_or(layout.end);
            (at..at, None)
        }
    };
    let body = body(&layout, by_hand, &range, &style, release);
    edits.push(section(&layout, range, &style.heading(release), &body));
    if let Some(place) = unreleased {
        edits.extend(style.unreleased_heading(&layout, &layout.headings[place], release.about));
    }
    edits.extend(definitions(&layout, &style, unreleased.is_some(), release));
    Some(apply(old, edits))
}

/// Text to be put in the place of another.
type Edit = (Range<usize>, String);

/// Makes the edits, which do not overlap.
fn apply(old: &str, mut edits: Vec<Edit>) -> String {
    order::sort_by_key(&mut edits, |(range, _)| (range.start, range.end));
    let mut new = String::with_capacity(old.len() + 1024);
    let mut done = 0;
    for (range, text) in edits {
        new.push_str(&old[done..range.start]);
        new.push_str(&text);
        done = range.end;
    }
    new.push_str(&old[done..]);
    new
}

/// Where a heading begins: an anchor in a line of its own before it belongs to it.
fn heading_start(layout: &Layout<'_>, heading: &Heading<'_>) -> usize {
    let before = &layout.text[..heading.span.start];
    let line = before.trim_end_matches(['\r', '\n']).rsplit('\n').next().unwrap_or_default();
    let is_anchor = line.trim_start().starts_with("<a ") && before.len() - before.trim_end().len() <= 2;
    if is_anchor { before.trim_end().len() - line.trim_end().len() } else { heading.span.start }
}

/// The edit that puts the section into the text, with one blank line before and after it.
fn section(layout: &Layout<'_>, range: Range<usize>, heading: &str, body: &str) -> Edit {
    let line_break = layout.line_break();
    let before = &layout.text[..range.start];
    let mut text = match before {
        "" | "\u{feff}" => String::new(),
        _ if before.ends_with("\n\n") || before.ends_with("\n\r\n") => String::new(),
        _ if before.ends_with('\n') => line_break.into(),
        _ => line_break.repeat(2),
    };
    text += heading;
    if !body.is_empty() {
        text += &format!("{line_break}{line_break}{body}");
    }
    if range.end < layout.text.len() {
        text += &line_break.repeat(2);
    } else if layout.text.ends_with('\n') {
        text += line_break;
    }
    (range, text)
}

/// What stands below the heading of the release: what was written by hand, with the commits that it does not tell of.
fn body(
    layout: &Layout<'_>,
    unreleased: Option<usize>,
    range: &Range<usize>,
    style: &Style<'_>,
    release: &Release<'_>,
) -> String {
    let line_break = layout.line_break();
    let by_hand = &layout.text[range.clone()];
    let mut groups = listed(release.decisions, release.about, by_hand);
    let mut parts: Vec<String> = Vec::new();
    let inside = unreleased.map_or(&[][..], |place| &layout.headings[place + 1..]);
    let inside: Vec<&Heading<'_>> = inside.iter().take_while(|heading| heading.span.start < range.end).collect();
    let first = inside.first().map_or(range.end, |heading| heading.span.start);
    parts.push(layout.text[range.start..first].trim().into());
    for (place, heading) in inside.iter().enumerate() {
        let end = inside.get(place + 1).map_or(range.end, |next| next.span.start);
        let own = layout.text[heading.span.end..end].trim();
        let also = groups.iter().position(|listed| listed.group.is_called(heading.text)).map(|at| groups.remove(at));
        let lines = also.map_or(String::new(), |listed| style.list(&listed.lines));
        let is_list = own.lines().last().is_some_and(|line| line.starts_with([' ', '-', '*', '+']));
        let gap = match (own.is_empty(), lines.is_empty()) {
            (true, true) => continue,
            (false, false) if is_list => line_break.into(),
            (false, false) => line_break.repeat(2),
            _ => String::new(),
        };
        let mark = layout.text[heading.span.clone()].trim_end();
        parts.push(format!("{mark}{}{own}{gap}{lines}", line_break.repeat(2)));
    }
    for listed in groups {
        let known = layout.headings.iter().map(|heading| heading.text).find(|heading| listed.group.is_called(heading));
        let mark = "#".repeat(style.level + 1);
        let title = known.unwrap_or(listed.group.title);
        parts.push(format!("{mark} {title}{}{}", line_break.repeat(2), style.list(&listed.lines)));
    }
    parts.extend(thanks(release.decisions, release.about));
    parts.retain(|part| !part.is_empty());
    parts.join(&line_break.repeat(2))
}

/// The addresses at the end: the new version's, and that of what comes after it.
fn definitions(layout: &Layout<'_>, style: &Style<'_>, has_unreleased: bool, release: &Release<'_>) -> Vec<Edit> {
    let line_break = layout.line_break();
    let is_of_next = |definition: &&Definition<'_>| definition.label.eq_ignore_ascii_case("unreleased");
    let is_of_release = |definition: &&Definition<'_>| title(definition.label).is_some();
    let next = layout.definitions.iter().find(is_of_next);
    let newest = layout.definitions.iter().find(is_of_release);
    let has_releases = layout.headings.iter().any(|heading| title(heading.text).is_some());
    // A changelog that does without addresses stays so.
    if !style.has_definitions() || (has_releases && next.is_none() && newest.is_none()) {
        return Vec::new();
    }
    let mut lines = Vec::new();
    let coming = style.comparison_with_next(next.map(|next| next.address), release.about);
    match next {
        Some(next) => lines.push(format!("[{}]: {}", next.label, coming.as_deref().unwrap_or(next.address))),
        None if has_unreleased && !has_releases => {
            lines.extend(coming.map(|address| format!("[unreleased]: {address}")))
        }
        None => {}
    }
    let own = style.comparison(next.or(newest).map(|known| known.address), release.about);
    lines.extend(own.map(|address| format!("[{}{}]: {address}", style.prefix, release.version)));
    if lines.is_empty() {
        return Vec::new();
    }
    let text = lines.join(line_break);
    match next.or(newest) {
        Some(place) if next.is_some() => {
            let line = &layout.text[place.span.clone()];
            let end = &line[line.trim_end_matches(['\r', '\n']).len()..];
            vec![(place.span.clone(), text + end)]
        }
        Some(place) => vec![(place.span.start..place.span.start, text + line_break)],
        None => {
            // Behind the section, which may have been put at the end too.
            let end = layout.text.len();
            let gap = line_break.repeat(if layout.text.ends_with('\n') { 1 } else { 2 });
            vec![(end..end, format!("{gap}{text}{line_break}"))]
        }
    }
}

#[cfg(test)]
mod tests;
