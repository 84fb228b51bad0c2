//! JSONPath as Kubernetes has it: `{$.slo[?(@.name=='avail')].value}`. Of what is found only the first counts.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::Value as Json;

use crate::operator::Operator;

/// The most steps of a path.
const MOST_STEPS: usize = 32;

/// A path into a document.
#[derive(Debug, PartialEq)]
pub(super) struct JsonPath(Vec<Step>);

#[derive(Debug, PartialEq)]
enum Step {
    /// `.name`, `['name']`
    Member(String),
    /// `[0]`, `[-1]`
    Element(i64),
    /// `[1:3]`, `[::2]`
    Slice(Option<i64>, Option<i64>, i64),
    /// `.*`, `[*]`
    Every,
    /// `..`: the document and all that is in it.
    Within,
    /// `[?(@.a == 1)]`, `[?(@.a)]`
    Filter(Operand, Option<(Operator, Operand)>),
}

#[derive(Debug, PartialEq)]
enum Operand {
    /// A path from the element.
    Path(JsonPath),
    Value(Json),
}

impl JsonPath {
    /// Reads a path in braces.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let path = text.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let Some(path) = path.filter(|path| !path.contains(['{', '}'])) else {
            return Err(format!(
                "it has no braces around one path; write it as `{{{}}}`",
                text.replace(['{', '}'], "")
            ));
        };
        Self::parse_steps(path.trim())
    }

    fn parse_steps(path: &str) -> Result<Self, String> {
        let mut steps = Vec::new();
        let mut rest = path.strip_prefix(['$', '@']).unwrap_or(path);
        while !rest.is_empty() {
            let (step, after) = step(rest)?;
            steps.extend(step);
            rest = after;
            if steps.len() > MOST_STEPS {
                return Err(format!("it has more than {MOST_STEPS} steps"));
            }
        }
        // Each one visits what is deep inside once more for everything above it.
        if steps.iter().filter(|step| **step == Step::Within).count() > 1 {
            return Err("it has more than one `..`".into());
        }
        Ok(Self(steps))
    }

    /// The first of what it finds.
    pub(super) fn first<'d>(&self, document: &'d Json) -> Option<&'d Json> {
        let mut found = vec![document];
        for step in &self.0 {
            let mut next = Vec::new();
            for node in found {
                step.follow(node, &mut next);
            }
            found = next;
        }
        found.into_iter().next()
    }
}

/// Reads one step; a dot at the end means nothing.
fn step(text: &str) -> Result<(Option<Step>, &str), String> {
    if let Some(rest) = text.strip_prefix("..") {
        // `..name` is all that is within, then its member.
        return Ok((Some(Step::Within), rest));
    }
    if let Some(rest) = text.strip_prefix('[') {
        let end = closing(rest)?;
        return Ok((Some(bracket(rest[..end].trim())?), &rest[end + 1..]));
    }
    let rest = text.strip_prefix('.').unwrap_or(text);
    let mut name = String::new();
    let mut characters = rest.char_indices();
    let end = loop {
        match characters.next() {
            None => break rest.len(),
            Some((index, '.' | '[')) => break index,
            Some((_, '\\')) => name.extend(characters.next().map(|(_, escaped)| escaped)),
            Some((_, character)) if character.is_whitespace() || "|()'\"".contains(character) => {
                return Err(format!("`{character}` does not belong into a name"));
            }
            Some((_, character)) => name.push(character),
        }
    };
    let step = match name.as_str() {
        "" => None,
        "*" => Some(Step::Every),
        "range" | "end" => return Err(format!("`{name}` is not supported")),
        _ => Some(Step::Member(name)),
    };
    Ok((step, &rest[end..]))
}

/// Where the bracket ends that begins before the text, brackets within and quotes left aside.
fn closing(text: &str) -> Result<usize, String> {
    let mut depth = 0;
    let mut quote = None;
    for (index, character) in text.char_indices() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(character),
            (None, '[') => depth += 1,
            (None, ']') if depth == 0 => return Ok(index),
            (None, ']') => depth -= 1,
            _ => {}
        }
    }
    Err("a bracket is not closed".into())
}

fn bracket(text: &str) -> Result<Step, String> {
    let number = |text: &str| text.trim().parse::<i64>().map_err(|_| format!("`[{text}]` is not understood"));
    if text == "*" {
        return Ok(Step::Every);
    }
    if let Some(name) = unquoted(text) {
        return Ok(Step::Member(name.into_owned()));
    }
    if let Some(filter) = text.strip_prefix("?(").and_then(|rest| rest.strip_suffix(')')) {
        return self::filter(filter.trim());
    }
    let parts: Vec<&str> = text.split(':').collect();
    let optional = |part: &str| if part.trim().is_empty() { Ok(None) } else { number(part).map(Some) };
    match parts[..] {
        [position] => Ok(Step::Element(number(position)?)),
        [from, to] => Ok(Step::Slice(optional(from)?, optional(to)?, 1)),
        [from, to, step] => match optional(step)?.unwrap_or(1) {
            step if step > 0 => Ok(Step::Slice(optional(from)?, optional(to)?, step)),
            _ => Err("the step of a slice must be more than 0".into()),
        },
        _ => Err(format!("`[{text}]` is not understood")),
    }
}

fn unquoted(text: &str) -> Option<Cow<'_, str>> {
    let quote = text.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    (!inner.contains(quote)).then(|| inner.into())
}

fn filter(text: &str) -> Result<Step, String> {
    let mut quote = None;
    for (index, character) in text.char_indices() {
        match quote {
            Some(open) if open == character => quote = None,
            Some(_) => {}
            None if matches!(character, '\'' | '"') => quote = Some(character),
            None => {
                if let Some((operator, right)) = Operator::take(&text[index..]) {
                    let right = operand(right.trim())?;
                    return Ok(Step::Filter(operand(text[..index].trim())?, Some((operator, right))));
                }
            }
        }
    }
    Ok(Step::Filter(operand(text)?, None))
}

fn operand(text: &str) -> Result<Operand, String> {
    if let Some(text) = unquoted(text) {
        return Ok(Operand::Value(text.into()));
    }
    if text.starts_with('@') {
        if text.contains("?(") {
            return Err("a filter within a filter is not supported".into());
        }
        return JsonPath::parse_steps(text).map(Operand::Path);
    }
    serde_json::from_str(text).map(Operand::Value).map_err(|_| format!("`{text}` in a filter is not understood"))
}

impl Operand {
    fn of<'d>(&'d self, element: &'d Json) -> Option<&'d Json> {
        match self {
            Self::Path(path) => path.first(element),
            Self::Value(value) => Some(value),
        }
    }
}

impl Step {
    fn follow<'d>(&self, node: &'d Json, found: &mut Vec<&'d Json>) {
        match self {
            Self::Member(name) => found.extend(node.get(name)),
            Self::Element(position) => {
                let items = node.as_array().map_or(&[][..], Vec::as_slice);
                found.extend(place(*position, items.len()).and_then(|position| items.get(position)));
            }
            Self::Slice(from, to, step) => {
                let items = node.as_array().map_or(&[][..], Vec::as_slice);
                let end = |end: Option<i64>, default: usize| {
                    end.map_or(default, |end| place(end, items.len()).unwrap_or_default().min(items.len()))
                };
                let part = items.get(end(*from, 0)..end(*to, items.len())).unwrap_or_default();
                found.extend(part.iter().step_by(usize::try_from(*step).unwrap_or(1)));
            }
            Self::Every => children(node, &mut |child| found.push(child)),
            Self::Within => within(node, found),
            Self::Filter(left, right) => children(node, &mut |child| {
                let holds = match (left.of(child), right) {
                    (found, None) => found.is_some(),
                    (Some(left), Some((operator, right))) => {
                        right.of(child).is_some_and(|right| operator.admits(order(left, right)))
                    }
                    (None, Some(_)) => false,
                };
                if holds {
                    found.push(child);
                }
            }),
        }
    }
}

fn place(position: i64, length: usize) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    usize::try_from(if position < 0 { position + length } else { position }).ok()
}

fn children<'d>(node: &'d Json, take: &mut dyn FnMut(&'d Json)) {
    match node {
        Json::Array(items) => items.iter().for_each(take),
        Json::Object(entries) => entries.values().for_each(take),
        _ => {}
    }
}

/// How deep documents are nested is limited where they are read.
fn within<'d>(node: &'d Json, found: &mut Vec<&'d Json>) {
    found.push(node);
    children(node, &mut |child| within(child, found));
}

/// How two values are ordered; unlike ones are only different.
fn order(left: &Json, right: &Json) -> Option<Ordering> {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => left.as_f64().partial_cmp(&right.as_f64()),
        (Json::String(left), Json::String(right)) => Some(left.cmp(right)),
        _ => (left == right).then_some(Ordering::Equal),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_of_what_is_found_counts() {
        let document = json!({
            "a": {"b": [10, 20, 30], "c.d": 1, "e-f": 2},
            "slo": [{"name": "lat", "value": 0.5, "n": 1}, {"name": "avail", "value": 0.995, "n": 2}],
            "none": null,
        });
        for (path, expected) in [
            ("{$}", Some(document.clone())),
            ("{}", Some(document.clone())),
            ("{$.a.b[1]}", Some(json!(20))),
            ("{.a.b[-1]}", Some(json!(30))),
            ("{a.b[5]}", None),
            ("{$.a['c.d']}", Some(json!(1))),
            ("{$.a.c\\.d}", Some(json!(1))),
            ("{$.a.e-f}", Some(json!(2))),
            ("{$.a.b[1:]}", Some(json!(20))),
            ("{$.a.b[::2]}", Some(json!(10))),
            ("{$.a.b[*]}", Some(json!(10))),
            ("{$.slo[*].value}", Some(json!(0.5))),
            ("{$..value}", Some(json!(0.5))),
            ("{$.slo[?(@.name=='avail')].value}", Some(json!(0.995))),
            ("{$.slo[?(@.name == \"avail\")].value}", Some(json!(0.995))),
            ("{$.slo[?(@.n > 1)].name}", Some(json!("avail"))),
            ("{$.slo[?(@.n!=1)].name}", Some(json!("avail"))),
            ("{$.slo[?(@.missing)].name}", None),
            ("{$.slo[?(@.name=='none')].value}", None),
            ("{$.none}", Some(json!(null))),
            ("{$.nope}", None),
        ] {
            let found = JsonPath::parse(path).unwrap().first(&document).cloned();
            assert_eq!(found, expected, "{path}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for path in [
            "$.a",
            "a {.b}",
            "{.a} {.b}",
            "{.a[}",
            "{.a['b]}",
            "{.a[x]}",
            "{.a[1:2:0]}",
            "{range .a[*]}",
            "{.a[?(@.b ~ 1)]}",
        ] {
            assert!(JsonPath::parse(path).is_err(), "{path}");
        }
        assert!(JsonPath::parse("{$..a..b}").is_err(), "an answer of a few bytes would take for ever");
    }
}
