//! Arguments: what `{{args.name}}` in a template stands for.

use std::collections::BTreeSet;
use std::str::FromStr;

use litemap::LiteMap;
use serde_json::Value as Json;
use slipway_core::text::nearest;
use slipway_core::{Error, ErrorKind, Result};

/// A line of the input `args`: `name=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Argument {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl FromStr for Argument {
    type Err = Error;

    fn from_str(line: &str) -> Result<Self> {
        match line.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => {
                Ok(Self { name: name.trim().to_owned(), value: value.trim().to_owned() })
            }
            // A line without a name may be a secret.
            _ => Err(Error::new(ErrorKind::InvalidInput, "a line is not `name=value`")
                .hint("write one argument a line, such as `service=shop`")),
        }
    }
}

/// The arguments of all templates.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    values: LiteMap<String, String>,
    /// Those whose value no log may show.
    secret: BTreeSet<String>,
}

impl Arguments {
    /// Puts together what templates declare and what the input gives.
    ///
    /// # Errors
    /// `InvalidFile` if two templates differ about a value, `InvalidInput` if one has none, or one is given that nobody declares.
    pub(super) fn resolve(declared: &[&Json], given: &[Argument]) -> Result<Self> {
        let mut arguments = Self::default();
        let mut unresolved: Vec<(&str, Option<&Json>)> = Vec::new();
        for declaration in declared {
            let Some(name) = declaration["name"].as_str().filter(|name| !name.is_empty()) else {
                return Err(Error::new(ErrorKind::InvalidFile, "an argument has no `name`"));
            };
            let source = declaration.get("valueFrom").filter(|source| !source.is_null());
            if source.is_some_and(|source| source.get("secretKeyRef").is_some()) {
                arguments.secret.insert(name.to_owned());
            }
            let value = match &declaration["value"] {
                Json::Null => None,
                Json::String(value) => Some(value.clone()),
                _ => {
                    return Err(Error::new(
                        ErrorKind::InvalidFile,
                        format!("the value of the argument `{name}` is not a text"),
                    )
                    .hint("put it in quotes"));
                }
            };
            match value {
                Some(value) if arguments.values.get(name).is_some_and(|known| *known != value) => {
                    let message = format!("two templates give the argument `{name}` different values");
                    return Err(Error::new(ErrorKind::InvalidFile, message).hint("give it by the input `args`"));
                }
                Some(value) => _ = arguments.values.insert(name.to_owned(), value),
                None => unresolved.push((name, source)),
            }
        }
        let names = || declared.iter().filter_map(|declaration| declaration["name"].as_str());
        for Argument { name, value } in given {
            if !names().any(|known| known == name) {
                let error =
                    Error::new(ErrorKind::InvalidInput, format!("`args`: no template has an argument `{name}`"));
                return Err(match nearest(name, names()) {
                    Some(meant) => error.hint(format!("did you mean `{meant}`?")),
                    None => error,
                });
            }
            arguments.values.insert(name.clone(), value.clone());
        }
        match unresolved.iter().find(|(name, _)| !arguments.values.contains_key(*name)) {
            Some((name, source)) => Err(missing(name, *source)),
            None => Ok(arguments),
        }
    }

    /// Fills in every text of a metric.
    ///
    /// # Errors
    /// `InvalidFile` if a text has something else in double braces.
    pub(super) fn fill(&self, json: &Json) -> Result<Json> {
        Ok(match json {
            Json::String(text) => self.fill_text(text)?.into(),
            Json::Array(items) => Json::Array(items.iter().map(|item| self.fill(item)).collect::<Result<_>>()?),
            Json::Object(entries) => {
                let filled = entries.iter().map(|(key, value)| Ok((key.clone(), self.fill(value)?)));
                Json::Object(filled.collect::<Result<_>>()?)
            }
            other => other.clone(),
        })
    }

    fn fill_text(&self, text: &str) -> Result<String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((tag, after)) = after.split_once("}}") else { break };
            filled += before;
            let name = tag.trim().strip_prefix("args.").map(str::trim);
            let Some(value) = name.and_then(|name| self.values.get(name)) else {
                let message = format!("`{{{{{tag}}}}}` stands for nothing");
                let error = Error::new(ErrorKind::InvalidFile, message);
                return Err(match name.and_then(|name| nearest(name, self.values.keys().map(String::as_str))) {
                    Some(meant) => error.hint(format!("did you mean `{{{{args.{meant}}}}}`?")),
                    None => error.hint("declare the argument in `args` of the template"),
                });
            };
            filled += value;
            rest = after;
        }
        Ok(filled + rest)
    }

    /// A text without the values that no log may show.
    pub(super) fn redact(&self, text: &str) -> String {
        let mut redacted = text.to_owned();
        for value in self.secret.iter().filter_map(|name| self.values.get(name)).filter(|value| !value.is_empty()) {
            redacted = redacted.replace(value, "*****");
        }
        redacted
    }
}

fn missing(name: &str, source: Option<&Json>) -> Error {
    let why = match source {
        Some(source) if source.get("secretKeyRef").is_some() => {
            format!("the argument `{name}` is a secret of the cluster, which is not read from here")
        }
        Some(source) if source.get("fieldRef").is_some() => {
            format!("the argument `{name}` is a field of an object in the cluster, which is not read from here")
        }
        Some(_) => format!("the argument `{name}` has a `valueFrom` that is not known"),
        None => format!("the argument `{name}` has no value"),
    };
    let hint = match source {
        Some(source) if source.get("secretKeyRef").is_some() => {
            format!("give it by the input `args`: `{name}=${{{{ secrets.NAME }}}}`")
        }
        _ => format!("give it by the input `args`: `{name}=…`"),
    };
    Error::new(ErrorKind::InvalidInput, why).hint(hint)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn resolve(declared: Json, given: &[&str]) -> Result<Arguments> {
        let given: Vec<Argument> = given.iter().map(|line| line.parse().unwrap()).collect();
        Arguments::resolve(&declared.as_array().unwrap().iter().collect::<Vec<_>>(), &given)
    }

    #[test]
    fn inputs_win_over_templates() {
        let declared = json!([{"name": "a", "value": "1"}, {"name": "b"}, {"name": "a"},
            {"name": "t", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]);
        let arguments = resolve(declared, &["a=2", "b = x=y ", "t=s3cret"]).unwrap();
        let metric = json!({"q": ["{{args.a}}-{{ args.b }}", 5, "{{args.t}}"], "plain": "{a{b}}"});
        let filled = arguments.fill(&metric).unwrap();
        assert_eq!(filled, json!({"q": ["2-x=y", 5, "s3cret"], "plain": "{a{b}}"}));
        assert_eq!(arguments.redact("Bearer s3cret for 2"), "Bearer ***** for 2");
    }

    #[test]
    fn what_has_no_value_is_told() {
        for (declared, given, expected) in [
            (json!([{"name": "a"}]), &[][..], "the argument `a` has no value. give it by the input `args`: `a=…`"),
            (
                json!([{"name": "a", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]),
                &[],
                "the argument `a` is a secret of the cluster, which is not read from here. \
                 give it by the input `args`: `a=${{ secrets.NAME }}`",
            ),
            (
                json!([{"name": "a", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]),
                &[],
                "the argument `a` is a field of an object in the cluster, which is not read from here. \
                 give it by the input `args`: `a=…`",
            ),
            (
                json!([{"name": "a", "value": "1"}, {"name": "a", "value": "2"}]),
                &[],
                "two templates give the argument `a` different values. give it by the input `args`",
            ),
            (json!([{"name": "a", "value": 1}]), &[], "the value of the argument `a` is not a text. put it in quotes"),
            (
                json!([{"name": "service", "value": "x"}]),
                &["servce=y"],
                "`args`: no template has an argument `servce`. did you mean `service`?",
            ),
        ] {
            assert_eq!(resolve(declared, given).unwrap_err().to_string(), expected);
        }
        let arguments = resolve(json!([{"name": "service", "value": "x"}]), &[]).unwrap();
        for (text, expected) in [
            ("{{args.servce}}", "`{{args.servce}}` stands for nothing. did you mean `{{args.service}}`?"),
            ("{{inputs.x}}", "`{{inputs.x}}` stands for nothing. declare the argument in `args` of the template"),
        ] {
            assert_eq!(arguments.fill(&text.into()).unwrap_err().to_string(), expected);
        }
    }
}
