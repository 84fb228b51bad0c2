//! Reads the inputs of one run and collects every error.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use super::{InputKind, InputSpec, value};
use crate::host::Host;
use crate::secret::Secret;
use crate::text::{nearest, quoted};
use crate::{Error, ErrorKind, Result};

/// The inputs of one run. Reading one that is wrong notes the error and gives a value that nobody will use.
#[derive(Debug)]
pub struct Reader {
    specs: &'static [InputSpec],
    values: BTreeMap<&'static str, String>,
    errors: Vec<Error>,
    warnings: Vec<String>,
}

impl Reader {
    /// Takes the values from `INPUT_*` of the environment, and the flags over them.
    pub fn new<H: Host>(specs: &'static [InputSpec], host: &H, flags: &BTreeMap<String, String>) -> Self {
        let mut reader = Self { specs, values: BTreeMap::new(), errors: Vec::new(), warnings: Vec::new() };
        for spec in specs {
            if let Some(text) = flags.get(spec.name).cloned().or_else(|| host.variable(&spec.variable())) {
                let text = if spec.kind == InputKind::Raw { text } else { text.trim().into() };
                reader.values.insert(spec.name, text);
            }
        }
        for (variable, _) in host.variables() {
            reader.warn_of_unknown(&variable);
        }
        reader
    }

    fn warn_of_unknown(&mut self, variable: &str) {
        let Some(name) = variable.strip_prefix("INPUT_") else { return };
        if self.specs.iter().any(|spec| spec.variable() == variable) {
            return;
        }
        let name = name.to_ascii_lowercase();
        let meant = nearest(&name.replace('_', "-"), self.specs.iter().map(|spec| spec.name));
        let meant = meant.map_or(String::new(), |meant| format!("; did you mean `{meant}`?"));
        self.warnings.push(format!("`{name}` is not an input of this action{meant}"));
    }

    /// Whether a value was given. An empty one is none: that is how a runner gives what the step leaves out.
    pub fn is_given(&self, name: &str) -> bool {
        self.given(name).is_some_and(|text| !text.is_empty())
    }

    /// What was given, where an empty value means something of its own.
    pub fn given(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// A text; its default if none was given, and empty if it has none.
    pub fn text(&mut self, name: &str) -> String {
        self.optional(name).unwrap_or_default()
    }

    /// A text, or its default, or nothing.
    pub fn optional(&mut self, name: &str) -> Option<String> {
        let Some(spec) = self.specs.iter().find(|spec| spec.name == name) else {
            self.errors.push(Error::new(ErrorKind::Internal, format!("`{name}` is not in the table of inputs")));
            return None;
        };
        let given = self.values.get(name).map(String::as_str).filter(|text| !text.is_empty());
        if given.is_none() && spec.required {
            self.errors.push(
                Error::new(ErrorKind::InvalidInput, format!("the input `{name}` is missing"))
                    .hint(format!("add `{name}:` under `with:`, or the flag `--{name}`")),
            );
        }
        given.or(Some(spec.default)).filter(|text| !text.is_empty()).map(Into::into)
    }

    /// A boolean; false if none was given and it has no default.
    pub fn boolean(&mut self, name: &str) -> bool {
        self.converted(name, value::boolean).unwrap_or_default()
    }

    /// A list; empty if none was given.
    pub fn list(&mut self, name: &str) -> Vec<String> {
        value::list(&self.text(name))
    }

    /// A list whose entries are values of a type; an entry that is not is an error that names it.
    pub fn parsed_list<T: FromStr<Err = Error>>(&mut self, name: &str) -> Vec<T> {
        let entries = self.list(name);
        entries.iter().filter_map(|entry| self.noted(name, entry.parse())).collect()
    }

    /// A length of time.
    pub fn duration(&mut self, name: &str) -> Option<Duration> {
        self.converted(name, value::duration)
    }

    /// A whole number.
    pub fn number(&mut self, name: &str) -> Option<u64> {
        self.converted(name, |text| {
            text.parse().map_err(|_| {
                Error::new(ErrorKind::InvalidInput, format!("`{text}` is not a whole number")).hint("write digits only")
            })
        })
    }

    /// A value of a type, if one was given or there is a default.
    pub fn parsed<T: FromStr<Err = Error>>(&mut self, name: &str) -> Option<T> {
        self.converted(name, str::parse)
    }

    /// One of the words of a choice, as the value that stands for it.
    pub fn choice<T: Copy>(&mut self, name: &str, values: &[(&str, T)]) -> Option<T> {
        self.converted(name, |text| {
            values.iter().find(|(word, _)| *word == text).map(|(_, value)| *value).ok_or_else(|| {
                Error::new(ErrorKind::InvalidInput, format!("`{text}` is not one of the choices"))
                    .hint(format!("write one of {}", quoted(&mut values.iter().map(|(word, _)| *word))))
            })
        })
    }

    /// A secret, if one was given.
    pub fn secret(&mut self, name: &str) -> Option<Secret<String>> {
        self.optional(name).map(Secret::new)
    }

    /// Notes an error about one input.
    pub fn refuse(&mut self, name: &str, error: Error) {
        self.errors.push(error.context(format!("input `{name}`")));
    }

    fn converted<T>(&mut self, name: &str, convert: impl FnOnce(&str) -> Result<T>) -> Option<T> {
        let text = self.optional(name)?;
        self.noted(name, convert(&text))
    }

    fn noted<T>(&mut self, name: &str, value: Result<T>) -> Option<T> {
        value.map_err(|error| self.refuse(name, error)).ok()
    }

    /// What is probably not meant, such as a misspelled input.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Whether an error was noted, so that what rests on the inputs need not be checked.
    pub fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// Every error that was noted, in one.
    pub fn finish(self) -> Result<()> {
        let mut errors = self.errors.into_iter();
        let Some(first) = errors.next() else { return Ok(()) };
        let others: Vec<Error> = errors.collect();
        if others.is_empty() {
            return Err(first);
        }
        let all: Vec<String> = std::iter::once(&first).chain(&others).map(ToString::to_string).collect();
        Err(Error::new(first.kind(), format!("{} inputs are wrong: {}", all.len(), all.join("; "))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::scripted::ScriptedHost;

    const SPECS: &[InputSpec] = &[
        InputSpec::new("images", InputKind::List, "").required(),
        InputSpec::new("dry-run", InputKind::Boolean, "").default("false"),
        InputSpec::mode(&["plan", "tag"], ""),
    ];

    fn reader(variables: &[(&str, &str)]) -> Reader {
        Reader::new(SPECS, &ScriptedHost::new(variables), &BTreeMap::new())
    }

    #[test]
    fn every_error_is_collected() {
        let mut reader = reader(&[("INPUT_DRY-RUN", "yes"), ("INPUT_MODE", "push")]);
        reader.list("images");
        reader.boolean("dry-run");
        reader.choice("mode", &[("plan", 0), ("tag", 1)]);
        assert_eq!(
            reader.finish().unwrap_err().to_string(),
            "3 inputs are wrong: the input `images` is missing. add `images:` under `with:`, or the flag `--images`; \
             input `dry-run`: `yes` is not a boolean. write `true` or `false`; \
             input `mode`: `push` is not one of the choices. write one of `plan`, `tag`"
        );
    }

    #[test]
    fn a_misspelled_input_is_named() {
        let reader = reader(&[("INPUT_DRY_RUN", "true"), ("INPUT_IMAGES", "a")]);
        assert_eq!(reader.warnings(), ["`dry_run` is not an input of this action; did you mean `dry-run`?"]);
    }

    #[test]
    fn flags_lie_over_the_environment() {
        let flags = BTreeMap::from([("images".to_owned(), "b".to_owned())]);
        let mut reader = Reader::new(SPECS, &ScriptedHost::new(&[("INPUT_IMAGES", "a")]), &flags);
        assert_eq!(reader.list("images"), ["b"]);
    }
}
