//! One section of `slipway.toml`, read by its table of keys.

use slipway_core::text::{nearest, quoted};
use slipway_core::{Error, ErrorKind, Result};
use slipway_edit::{Content, KeyPath, Options, Segment};

use super::FILE;
use super::table::{SECTIONS, Section, Setting, SettingKind};

/// A section with the path to it.
pub(super) struct SectionReader<'c> {
    content: &'c Content<'c>,
    section: &'static Section,
    name: &'c str,
}

/// The names of the sections of a kind, after a look at every name in the file.
///
/// # Errors
/// `InvalidFile` for a key that does not exist, with its line and the nearest that does.
pub(super) fn names(content: &Content<'_>, section: &'static Section) -> Result<Vec<String>> {
    let top = content.keys(None, &Options::default())?.unwrap_or_default();
    for key in &top {
        if !SECTIONS.iter().any(|section| section.name == key) {
            let known = SECTIONS.iter().map(|section| section.name);
            return Err(unknown(content, &[key], "a section", known));
        }
    }
    let at = path(&[section.name])?;
    Ok(content.keys(Some(&at), &Options::default()).map_err(|error| in_file(content, &at, error))?.unwrap_or_default())
}

impl<'c> SectionReader<'c> {
    /// # Errors
    /// `InvalidFile` for a key that the section does not have.
    pub(super) fn new(content: &'c Content<'c>, section: &'static Section, name: &'c str) -> Result<Self> {
        let reader = Self { content, section, name };
        let at = path(&[section.name, name])?;
        let keys = content.keys(Some(&at), &Options::default()).map_err(|error| in_file(content, &at, error))?;
        for key in keys.unwrap_or_default() {
            let Some(setting) = section.settings.iter().find(|setting| setting.name == key) else {
                let known = section.settings.iter().map(|setting| setting.name);
                return Err(unknown(
                    content,
                    &[section.name, name, &key],
                    &format!("a key of {}", section.noun),
                    known,
                ));
            };
            reader.check(setting)?;
        }
        Ok(reader)
    }

    /// The kind of every value, and the words of choices.
    fn check(&self, setting: &Setting) -> Result<()> {
        let at = self.path(setting.name)?;
        let options = Options::default();
        let is_right = match setting.kind {
            SettingKind::List => {
                self.values(setting.name)?.iter().enumerate().try_fold(true, |all, (index, text)| {
                    let item = KeyPath::new(at.segments().iter().cloned().chain([Segment::Index(index)]).collect())?;
                    Ok::<_, Error>(all && !text.trim().is_empty() && self.content.is_text(&item, &options)?)
                })?
            }
            SettingKind::Text | SettingKind::Choice(_) => {
                !self.value(setting.name)?.unwrap_or_default().trim().is_empty()
                    && self.content.is_text(&at, &options)?
            }
        };
        if !is_right {
            let wanted = match setting.kind {
                SettingKind::List => "a list of texts",
                SettingKind::Text | SettingKind::Choice(_) => "a text",
            };
            let wrong = Error::new(ErrorKind::InvalidFile, format!("`{at}` must be {wanted}, and not empty"));
            return Err(in_file(self.content, &at, wrong.hint("put it between double quotes")));
        }
        if let SettingKind::Choice(words) = setting.kind
            && let Some(text) = self.value(setting.name)?
            && !words.contains(&text.as_str())
        {
            let wrong = Error::new(ErrorKind::InvalidFile, format!("`{text}` is not one of the choices of `{at}`"));
            return Err(in_file(
                self.content,
                &at,
                wrong.hint(format!("write one of {}", quoted(&mut words.iter().copied()))),
            ));
        }
        Ok(())
    }

    /// A text as a value of a type.
    pub(super) fn parsed<T: std::str::FromStr<Err = Error>>(&self, setting: &str) -> Result<Option<T>> {
        let text = self.value(setting)?;
        text.map(|text| text.parse().map_err(|error| self.invalid(setting, error))).transpose()
    }

    /// A list as values of a type.
    pub(super) fn parsed_list<T: std::str::FromStr<Err = Error>>(&self, setting: &str) -> Result<Vec<T>> {
        let texts = self.values(setting)?;
        texts.iter().map(|text| text.parse().map_err(|error| self.invalid(setting, error))).collect()
    }

    pub(super) fn value(&self, setting: &str) -> Result<Option<String>> {
        let at = self.path(setting)?;
        self.content.value(&at, &Options::default()).map_err(|error| in_file(self.content, &at, error))
    }

    /// The name of the section itself, as a value of a type.
    pub(super) fn own_name<T: std::str::FromStr<Err = Error>>(&self) -> Result<T> {
        let at = path(&[self.section.name, self.name])?;
        self.name.parse().map_err(|error: Error| in_file(self.content, &at, error.context(format!("`{at}`"))))
    }

    fn values(&self, setting: &str) -> Result<Vec<String>> {
        let at = self.path(setting)?;
        let values = self.content.values(&at, &Options::default());
        Ok(values.map_err(|error| in_file(self.content, &at, error))?.unwrap_or_default())
    }

    /// An error about a key, as one of the file.
    pub(super) fn invalid(&self, setting: &str, error: Error) -> Error {
        match self.path(setting) {
            Ok(at) => in_file(self.content, &at, error.context(format!("`{at}`"))),
            Err(error) => error,
        }
    }

    fn path(&self, setting: &str) -> Result<KeyPath> {
        path(&[self.section.name, self.name, setting])
    }
}

fn path(keys: &[&str]) -> Result<KeyPath> {
    KeyPath::new(keys.iter().map(|key| Segment::Key((*key).into())).collect())
}

fn unknown<'k>(
    content: &Content<'_>,
    keys: &[&str],
    what: &str,
    mut known: impl Iterator<Item = &'k str> + Clone,
) -> Error {
    let key = keys.last().copied().unwrap_or_default();
    let hint = match nearest(key, known.clone()) {
        Some(like) => format!("did you mean `{like}`?"),
        None => format!("known are {}", quoted(&mut known)),
    };
    let error = Error::new(ErrorKind::InvalidFile, format!("`{key}` is not {what}")).hint(hint);
    path(keys).map_or_else(|error| error, |at| in_file(content, &at, error))
}

/// The error, of the kind that a wrong file has, with the file and the line in front.
pub(super) fn in_file(content: &Content<'_>, at: &KeyPath, error: Error) -> Error {
    let place = match content.line(at, &Options::default()) {
        Ok(Some(line)) => format!("{FILE}:{line}"),
        _ => FILE.to_owned(),
    };
    let hint = error.hint_text().map(str::to_owned);
    let error = Error::new(ErrorKind::InvalidFile, error.message()).context(place);
    hint.map_or(error.clone(), |hint| error.hint(hint))
}
