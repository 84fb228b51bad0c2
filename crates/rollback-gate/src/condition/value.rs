//! The values that conditions compute with.

use std::cmp::Ordering;
use std::fmt::Write as _;
use std::rc::Rc;

use serde_json::Value as Json;
use slipway_core::order;

use super::types::Type;

/// A value; copies are cheap.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Nil,
    Bool(bool),
    Integer(i64),
    Number(f64),
    Text(Rc<str>),
    List(Rc<Vec<Value>>),
    /// Entries in the order of their keys, if these are texts.
    Map(Rc<Vec<(Value, Value)>>),
}

impl Value {
    pub(crate) fn list(items: Vec<Self>) -> Self {
        Self::List(Rc::new(items))
    }

    pub(crate) fn text(text: impl Into<Rc<str>>) -> Self {
        Self::Text(text.into())
    }

    /// What a JSON document says; each number is a double.
    pub(crate) fn from_json(json: &Json) -> Self {
        match json {
            Json::Null => Self::Nil,
            Json::Bool(flag) => Self::Bool(*flag),
            Json::Number(number) => Self::Number(number.as_f64().unwrap_or(f64::NAN)),
            Json::String(text) => Self::text(text.as_str()),
            Json::Array(items) => Self::list(items.iter().map(Self::from_json).collect()),
            Json::Object(entries) => {
                let mut entries: Vec<(&String, &Json)> = entries.iter().collect();
                order::sort_by(&mut entries, |(one, _), (other, _)| one.cmp(other));
                let entry = |(key, item): (&String, &Json)| (Self::text(key.as_str()), Self::from_json(item));
                Self::Map(Rc::new(entries.into_iter().map(entry).collect()))
            }
        }
    }

    /// Its type, as far as it is known without looking into a document.
    pub(crate) fn kind(&self) -> Type {
        match self {
            Self::Nil => Type::Nil,
            Self::Bool(_) => Type::Bool,
            Self::Integer(_) => Type::Integer,
            Self::Number(_) => Type::Number,
            Self::Text(_) => Type::Text,
            Self::List(items) if items.iter().all(|item| matches!(item, Self::Number(_))) => Type::list(Type::Number),
            Self::List(_) => Type::list(Type::Any),
            Self::Map(_) => Type::map(Type::Any),
        }
    }

    /// The number that it is, if it is one.
    pub(super) fn as_number(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => Some(*number as f64),
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// How much work it is to go over it.
    pub(super) fn length(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::List(items) => items.len(),
            Self::Map(entries) => entries.len(),
            _ => 1,
        }
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &Self) -> Option<&Self> {
        let Self::Map(entries) = self else { return None };
        entries.iter().find(|(known, _)| known.equals(key)).map(|(_, value)| value)
    }

    /// Whether two values are the same; whole and other numbers are compared as numbers, and values of two sorts differ.
    pub(super) fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Integer(one), Self::Integer(other)) => one == other,
            (Self::List(one), Self::List(other)) => {
                one.len() == other.len() && one.iter().zip(other.iter()).all(|(one, other)| one.equals(other))
            }
            (Self::Map(one), Self::Map(other)) => {
                let same = |(key, value): &(Self, Self)| {
                    other.iter().any(|(known, found)| known.equals(key) && found.equals(value))
                };
                one.len() == other.len() && one.iter().all(same)
            }
            _ => match (self.as_number(), other.as_number()) {
                (Some(one), Some(other)) => one == other,
                _ => self == other,
            },
        }
    }

    /// Which is greater, of two numbers or two texts; of NaN nothing is known.
    ///
    /// # Errors
    /// If they cannot be compared.
    pub(super) fn order(&self, other: &Self) -> Result<Option<Ordering>, String> {
        match (self, other) {
            (Self::Integer(one), Self::Integer(other)) => Ok(Some(one.cmp(other))),
            (Self::Text(one), Self::Text(other)) => Ok(Some(one.cmp(other))),
            _ => match (self.as_number(), other.as_number()) {
                (Some(one), Some(other)) => Ok(one.partial_cmp(&other)),
                _ => Err(format!("{} cannot be compared with {}", self.kind(), other.kind())),
            },
        }
    }

    /// As compact JSON; numbers that JSON does not know by their names.
    pub(crate) fn to_json(&self) -> String {
        let mut json = String::new();
        self.write_json(&mut json);
        json
    }

    fn write_json(&self, json: &mut String) {
        match self {
            Self::Nil => json.push_str("null"),
            Self::Bool(flag) => json.push_str(if *flag { "true" } else { "false" }),
            Self::Integer(number) => _ = write!(json, "{number}"),
            Self::Number(value) => {
                let size = value.abs();
                if value.is_finite() && size != 0.0 && !(1e-6..1e21).contains(&size) {
                    let text = format!("{value:e}");
                    json.push_str(&if size > 1.0 { text.replace('e', "e+") } else { text });
                } else {
                    json.push_str(&number(*value));
                }
            }
            Self::Text(text) => json.push_str(&Json::from(&**text).to_string()),
            Self::List(items) => {
                json.push('[');
                for (index, item) in items.iter().enumerate() {
                    json.push_str(if index == 0 { "" } else { "," });
                    item.write_json(json);
                }
                json.push(']');
            }
            Self::Map(entries) => {
                json.push('{');
                for (index, (key, value)) in entries.iter().enumerate() {
                    json.push_str(if index == 0 { "" } else { "," });
                    match key {
                        Self::Text(_) => key.write_json(json),
                        _ => Self::text(key.to_json()).write_json(json),
                    }
                    json.push(':');
                    value.write_json(json);
                }
                json.push('}');
            }
        }
    }
}

/// A number without an exponent: `0.05`, `NaN`, `+Inf`.
pub(crate) fn number(value: f64) -> String {
    match value {
        f64::INFINITY => "+Inf".into(),
        f64::NEG_INFINITY => "-Inf".into(),
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_upstream_writes_them() {
        for (json, expected) in [
            ("204", "204"),
            ("204.0", "204"),
            ("0.000042", "0.000042"),
            ("4.2e-7", "4.2e-7"),
            ("1e21", "1e+21"),
            ("123456789012", "123456789012"),
            (r#"{"b": [1, null, true], "a": "x\"y"}"#, r#"{"a":"x\"y","b":[1,null,true]}"#),
        ] {
            assert_eq!(Value::from_json(&serde_json::from_str(json).unwrap()).to_json(), expected);
        }
        assert_eq!(
            [0.05, f64::NAN, f64::INFINITY, -f64::INFINITY, 1e21].map(number)[..4],
            ["0.05", "NaN", "+Inf", "-Inf"]
        );
    }
}
