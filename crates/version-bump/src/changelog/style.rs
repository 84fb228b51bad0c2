//! How the releases of a changelog are written.

use crate::notes::{About, range};

use super::layout::{Heading, Layout, Title, is_unreleased, title};
use super::{Edit, Release};

/// The style of a changelog: that of its newest release, or else of Keep a Changelog.
#[derive(Debug)]
pub(super) struct Style<'a> {
    /// The level of the headings of releases.
    pub level: usize,
    /// What stands before a version.
    pub prefix: &'a str,
    is_underlined: bool,
    in_brackets: bool,
    /// The address behind the version in the newest heading.
    address: Option<&'a str>,
    rest: &'a str,
    bullet: char,
    line_break: &'static str,
}

impl<'a> Style<'a> {
    /// Reads the style off a changelog.
    pub(super) fn of(layout: &Layout<'a>, about: &About) -> Self {
        let titles: Vec<(&Heading<'a>, Title<'a>)> =
            layout.headings.iter().filter_map(|heading| Some((heading, title(heading.text)?))).collect();
        let unreleased = layout.headings.iter().find(|heading| is_unreleased(heading.text));
        let start = titles.first().map(|(heading, _)| *heading).or(unreleased).map_or(0, |heading| heading.span.end);
        let bullet = layout.text[start..].lines().find_map(|line| {
            let mut characters = line.trim_start().chars();
            let bullet = characters.next().filter(|c| matches!(c, '-' | '*' | '+'))?;
            (characters.next() == Some(' ')).then_some(bullet)
        });
        let bullet = bullet.unwrap_or('-');
        let line_break = layout.line_break();
        match titles.first() {
            Some((heading, title)) => Self {
                level: titles.iter().map(|(heading, _)| heading.level).min().unwrap_or(2).min(5),
                prefix: title.prefix,
                is_underlined: heading.is_underlined,
                in_brackets: title.in_brackets,
                address: title.address,
                rest: title.rest,
                bullet,
                line_break,
            },
            None => Self {
                level: unreleased.map_or(2, |heading| heading.level).min(5),
                prefix: "",
                is_underlined: unreleased.is_some_and(|heading| heading.is_underlined),
                in_brackets: unreleased.is_none_or(|heading| heading.text.starts_with('[')) && about.web.is_some(),
                address: None,
                rest: " - 0000-00-00",
                bullet,
                line_break,
            },
        }
    }

    /// The heading of a release.
    pub(super) fn heading(&self, release: &Release<'_>) -> String {
        let version = format!("{}{}", self.prefix, release.version);
        let linked = self.address.map(|address| self.comparison(Some(address), release.about));
        let version = match linked {
            Some(Some(address)) => format!("[{version}]({address})"),
            Some(None) => version,
            None if self.in_brackets => format!("[{version}]"),
            None => version,
        };
        let text = format!("{version}{}", dated(self.rest, release.date));
        match (self.is_underlined, self.level) {
            (true, 1) => format!("{text}{}{}", self.line_break, "=".repeat(text.len())),
            (true, 2) => format!("{text}{}{}", self.line_break, "-".repeat(text.len())),
            (_, level) => format!("{} {text}", "#".repeat(level)),
        }
    }

    /// A heading `[Unreleased](…)` whose address has the new release in it.
    pub(super) fn unreleased_heading(&self, layout: &Layout<'_>, heading: &Heading<'_>, about: &About) -> Option<Edit> {
        let (_, rest) = heading.text.split_once("](")?;
        let address = rest.strip_suffix(')')?;
        let new = self.comparison_with_next(Some(address), about)?;
        let at = heading.span.start + layout.text[heading.span.clone()].find(address)?;
        Some((at..at + address.len(), new))
    }

    /// Whether versions are linked by addresses at the end of the file.
    pub(super) fn has_definitions(&self) -> bool {
        self.in_brackets && self.address.is_none()
    }

    /// A list.
    pub(super) fn list(&self, lines: &[String]) -> String {
        lines.iter().map(|line| format!("{} {line}", self.bullet)).collect::<Vec<_>>().join(self.line_break)
    }

    /// Where a release is compared with the one before it, on the server of an address that is there already.
    pub(super) fn comparison(&self, known: Option<&str>, about: &About) -> Option<String> {
        let tag = about.tag.as_deref()?;
        match &about.previous {
            Some(previous) => Some(base(known, about)? + &range(previous, tag)),
            None => about.web.as_ref().map(|web| web.release(tag)),
        }
    }

    /// Where what is not released yet is compared with a release.
    pub(super) fn comparison_with_next(&self, known: Option<&str>, about: &About) -> Option<String> {
        let head = known.and_then(|address| address.rsplit_once("...")).map_or("HEAD", |(_, head)| head);
        Some(format!("{}{}{head}", base(known, about)?, range(about.tag.as_deref()?, "")))
    }
}

/// What stands before the names of two releases in the address of their comparison.
fn base(known: Option<&str>, about: &About) -> Option<String> {
    const MARK: &str = "/compare/";
    let known = known.and_then(|address| Some(address[..address.find(MARK)?].to_owned() + MARK));
    known.or_else(|| Some(about.web.as_ref()?.compare()))
}

/// What follows the version, with another day in it. Nothing stays nothing; what is not only a day becomes ` - ` and the day.
fn dated(rest: &str, date: &str) -> String {
    if rest.trim().is_empty() {
        return String::new();
    }
    let is_day = |text: &str| {
        text.len() == 10
            && text.bytes().enumerate().all(|(at, b)| if matches!(at, 4 | 7) { b == b'-' } else { b.is_ascii_digit() })
    };
    let day = rest.char_indices().find_map(|(at, _)| rest.get(at..at + 10).filter(|text| is_day(text)).map(|_| at));
    match day.map(|at| (&rest[..at], &rest[at + 10..])) {
        Some((before, after)) if !format!("{before}{after}").contains(char::is_alphanumeric) => {
            format!("{before}{date}{after}")
        }
        _ => format!(" - {date}"),
    }
}
