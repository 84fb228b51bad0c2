//! GitHub's own description of its API (`openapi/github.json`), and what a request or an answer has that is not in it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock};

use jsonschema::Validator;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::lock;

/// The cut of the description; see the README beside it.
const CUT: &str = include_str!("../../openapi/github.json");
/// How much of a violation is told.
const LIMIT: usize = 600;

/// The description, read once.
pub(super) struct Description {
    document: Value,
    operations: Vec<Operation>,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

/// A method of a path.
pub(super) struct Operation {
    /// In capitals.
    pub(super) method: String,
    /// With its parameters in braces.
    pub(super) path: String,
    /// Where it stands in the document, as a JSON pointer.
    pointer: String,
}

/// An operation with the parameters that a path has for it, decoded.
pub(super) struct Matched<'a> {
    pub(super) operation: &'a Operation,
    pub(super) parameters: BTreeMap<String, String>,
}

/// The description that everybody shares.
pub(super) fn description() -> &'static Description {
    static DESCRIPTION: OnceLock<Description> = OnceLock::new();
    DESCRIPTION.get_or_init(Description::read)
}

impl Description {
    fn read() -> Self {
        let document: Value = serde_json::from_str(CUT).expect("a cut that is JSON");
        let mut operations = Vec::new();
        for (path, methods) in document["paths"].as_object().expect("paths") {
            for method in methods.as_object().expect("methods").keys() {
                let pointer = format!("/paths/{}/{method}", path.replace('~', "~0").replace('/', "~1"));
                operations.push(Operation { method: method.to_uppercase(), path: path.clone(), pointer });
            }
        }
        // A path that says more comes first: `/releases/tags/{tag}` before `/releases/{release_id}`.
        let literals = |path: &str| path.split('/').filter(|part| !part.starts_with('{')).count();
        operations.sort_by_key(|operation| std::cmp::Reverse(literals(&operation.path)));
        Self { document, operations, validators: Mutex::default() }
    }

    /// Every operation.
    #[cfg(test)]
    pub(super) fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.operations.iter()
    }

    /// The operation of this method and path.
    pub(super) fn find(&self, method: &str, path: &str) -> Option<Matched<'_>> {
        self.operations.iter().filter(|operation| operation.method == method).find_map(|operation| {
            let parameters = parameters(&operation.path, path)?;
            Some(Matched { operation, parameters })
        })
    }

    /// The operation of this method and template, which must be in the cut.
    pub(super) fn operation(&self, method: &str, path: &str) -> &Operation {
        let found = self.operations.iter().find(|operation| operation.method == method && operation.path == path);
        found.unwrap_or_else(|| panic!("{method} {path} is not in openapi/github.json"))
    }

    /// What a request has that the description does not allow.
    pub(super) fn request(
        &self,
        matched: &Matched<'_>,
        query: &BTreeMap<String, String>,
        content_type: Option<&str>,
        body: &[u8],
    ) -> Vec<String> {
        let Matched { operation, parameters } = matched;
        let mut violations = Vec::new();
        let described = self.parameters(operation);
        for (place, given) in [("path", parameters), ("query", query)] {
            for (name, value) in given {
                let found =
                    described.iter().find(|(_, described)| described["in"] == place && described["name"] == **name);
                match found {
                    None => violations.push(format!("the {place} has no parameter `{name}`")),
                    Some((pointer, described)) => {
                        let value = typed(&described["schema"], value);
                        let errors = self.violations(&format!("{pointer}/schema"), &value);
                        violations.extend(errors.into_iter().map(|error| format!("`{name}` in the {place}: {error}")));
                    }
                }
            }
        }
        for (_, missing) in &described {
            let name = missing["name"].as_str().unwrap_or_default();
            if missing["in"] == "query" && missing["required"] == true && !query.contains_key(name) {
                violations.push(format!("the query lacks `{name}`"));
            }
        }
        violations.extend(self.request_body(operation, content_type, body));
        violations
    }

    fn request_body(&self, operation: &Operation, content_type: Option<&str>, body: &[u8]) -> Vec<String> {
        let pointer = format!("{}/requestBody", operation.pointer);
        let described = self.document.pointer(&pointer).cloned().unwrap_or_default();
        if body.is_empty() {
            return if described["required"] == true { vec!["the body is missing".into()] } else { Vec::new() };
        }
        if described.is_null() {
            return vec!["there must be no body".into()];
        }
        if described["content"]["application/octet-stream"].is_object() {
            return if content_type.is_some() { Vec::new() } else { vec!["the file has no type".into()] };
        }
        if content_type.is_none_or(|given| !given.starts_with("application/json")) {
            return vec![format!("the body is of type {content_type:?}")];
        }
        let Ok(body) = serde_json::from_slice::<Value>(body) else { return vec!["the body is not JSON".into()] };
        let schema = format!("{pointer}/content/application~1json/schema");
        let mut violations = self.violations(&schema, &body);
        let known = |key: &str| {
            let below = ["", "/oneOf/0", "/anyOf/0"].map(|choice| format!("{schema}{choice}/properties"));
            below.iter().filter_map(|pointer| self.document.pointer(pointer)).any(|known| known.get(key).is_some())
        };
        for key in body.as_object().into_iter().flatten().map(|(key, _)| key) {
            if !known(key) {
                violations.push(format!("the body has no field `{key}`"));
            }
        }
        violations
    }

    /// What an answer has that the description does not allow.
    pub(super) fn answer(&self, operation: &Operation, status: u16, body: &[u8]) -> Vec<String> {
        let pointer = format!("{}/responses/{status}", operation.pointer);
        let (pointer, described) = match self.document.pointer(&pointer) {
            Some(described) => self.resolved(pointer, described),
            // What every operation can answer is not listed with each.
            None if status >= 400 => (String::new(), &Value::Null),
            None => return vec![format!("it never answers {status}")],
        };
        let schema = match described["content"].as_object().and_then(|content| content.keys().next()) {
            Some(media) if described["content"]["application/json"].is_null() => {
                return vec![format!("it answers {media}")];
            }
            Some(_) => format!("{pointer}/content/application~1json/schema"),
            None if status >= 400 => "/components/schemas/basic-error".to_owned(),
            None if body.is_empty() => return Vec::new(),
            None => return vec![format!("an answer {status} has no body")],
        };
        match serde_json::from_slice(body) {
            Ok(body) => self.violations(&schema, &body),
            Err(error) => vec![format!("the answer is not JSON: {error}")],
        }
    }

    /// The parameters of an operation, each with where it stands.
    fn parameters(&self, operation: &Operation) -> Vec<(String, &Value)> {
        let pointer = format!("{}/parameters", operation.pointer);
        let listed = self.document.pointer(&pointer).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        listed.iter().enumerate().map(|(index, value)| self.resolved(format!("{pointer}/{index}"), value)).collect()
    }

    /// What a reference leads to, if it is one.
    fn resolved<'a>(&'a self, pointer: String, value: &'a Value) -> (String, &'a Value) {
        match value["$ref"].as_str().and_then(|target| target.strip_prefix('#')) {
            Some(target) => (target.to_owned(), self.document.pointer(target).expect("a reference into the cut")),
            None => (pointer, value),
        }
    }

    fn violations(&self, schema: &str, instance: &Value) -> Vec<String> {
        let validator = Arc::clone(lock(&self.validators).entry(schema.to_owned()).or_insert_with(|| {
            // References lead into the components, so they go along.
            let mut document = self.document.pointer(schema).cloned().unwrap_or_default();
            document["components"] = self.document["components"].clone();
            let options = jsonschema::draft202012::options().should_validate_formats(true);
            Arc::new(options.build(&document).unwrap_or_else(|error| panic!("{schema}: {error}")))
        }));
        let told = |error: jsonschema::ValidationError<'_>| {
            let text = format!("{}: {error}", error.instance_path());
            text.chars().take(LIMIT).collect()
        };
        validator.iter_errors(instance).map(told).collect()
    }
}

/// The parameters that a path has for a template, or nothing if it is another path. A ref at the end can have slashes.
fn parameters(template: &str, path: &str) -> Option<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let mut rest = path.split('/');
    let mut parts = template.split('/').peekable();
    while let Some(part) = parts.next() {
        let mut given = rest.next()?.to_owned();
        let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) else {
            if part == given {
                continue;
            }
            return None;
        };
        if name == "ref" && parts.peek().is_none() {
            for more in rest.by_ref() {
                given = format!("{given}/{more}");
            }
        }
        found.insert(name.to_owned(), percent_decode_str(&given).decode_utf8().ok()?.into_owned());
    }
    rest.next().is_none().then_some(found)
}

/// A parameter, which is written as text, as the type that it has.
fn typed(schema: &Value, text: &str) -> Value {
    match schema["type"].as_str() {
        Some("integer") => text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number)),
        Some("boolean") => text.parse::<bool>().map_or_else(|_| json!(text), |flag| json!(flag)),
        _ => json!(text),
    }
}
