//! The functions of a list and a predicate: `all(result, # < 0.05)`.

use std::rc::Rc;

use super::types::Type;
use super::value::Value;

/// A function of a list and of what stands for each element.
#[derive(Debug)]
pub(super) struct Predicate {
    pub(super) name: &'static str,
    /// Whether it does without a predicate.
    pub(super) stands_alone: bool,
    /// Whether it begins with the last element.
    pub(super) from_end: bool,
    kind: Kind,
    /// The type of its value, from the type of an element and of what the predicate yields; an error says what that is.
    pub(super) check: fn(Type, Type) -> Result<Type, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    All,
    None,
    Any,
    One,
    Filter,
    Map,
    Count,
    Find,
    FindIndex,
    GroupBy,
    Sum,
}

const fn row(name: &'static str, kind: Kind, check: fn(Type, Type) -> Result<Type, String>) -> Predicate {
    Predicate { name, stands_alone: false, from_end: false, kind, check }
}

/// Every function with a predicate.
pub(super) static PREDICATES: [Predicate; 13] = [
    row("all", Kind::All, to_bool),
    row("none", Kind::None, to_bool),
    row("any", Kind::Any, to_bool),
    row("one", Kind::One, to_bool),
    row("filter", Kind::Filter, |item, value| condition(value, Type::list(item))),
    row("map", Kind::Map, |_, value| Ok(Type::list(value))),
    Predicate { stands_alone: true, ..row("count", Kind::Count, |_, value| condition(value, Type::Integer)) },
    row("find", Kind::Find, |item, value| condition(value, item.or(Type::Nil))),
    row("findIndex", Kind::FindIndex, |_, value| condition(value, Type::Integer)),
    Predicate { from_end: true, ..row("findLast", Kind::Find, |item, value| condition(value, item.or(Type::Nil))) },
    Predicate { from_end: true, ..row("findLastIndex", Kind::FindIndex, |_, value| condition(value, Type::Integer)) },
    row("groupBy", Kind::GroupBy, |item, _| Ok(Type::map(Type::list(item)))),
    Predicate { stands_alone: true, ..row("sum", Kind::Sum, total) },
];

fn condition(value: Type, then: Type) -> Result<Type, String> {
    if value.may_be(&Type::Bool) { Ok(then) } else { Err(value.to_string()) }
}

fn to_bool(_: Type, value: Type) -> Result<Type, String> {
    condition(value, Type::Bool)
}

fn total(_: Type, value: Type) -> Result<Type, String> {
    if value.may_be_number() { Ok(value) } else { Err(value.to_string()) }
}

impl Predicate {
    /// Begins without an element.
    pub(super) fn start(&self) -> Collected {
        Collected {
            name: self.name,
            kind: self.kind,
            count: 0,
            all: 0,
            found: None,
            items: Vec::new(),
            groups: Vec::new(),
        }
    }
}

/// What is known after some elements.
pub(super) struct Collected {
    name: &'static str,
    kind: Kind,
    /// Elements for which the predicate held.
    count: i64,
    all: i64,
    found: Option<Value>,
    items: Vec<Value>,
    groups: Vec<(Value, Vec<Value>)>,
}

impl Collected {
    /// How much work the next element is.
    pub(super) fn cost(&self) -> usize {
        self.groups.len()
    }

    /// Takes in an element and what the predicate yields for it; tells whether the next one is needed.
    pub(super) fn add(&mut self, item: &Value, position: usize, value: Value) -> Result<bool, String> {
        self.all += 1;
        match self.kind {
            Kind::Map => self.items.push(value),
            Kind::Sum => {
                let so_far = self.found.take().unwrap_or(Value::Integer(0));
                self.found = Some(super::operators::Binary::Add.apply(&so_far, &value)?);
            }
            Kind::GroupBy => match self.groups.iter_mut().find(|(key, _)| key.equals(&value)) {
                Some((_, group)) => group.push(item.clone()),
                None => self.groups.push((value, vec![item.clone()])),
            },
            _ => {
                let Value::Bool(holds) = value else {
                    return Err(format!("the predicate of `{}` yields {}", self.name, value.kind()));
                };
                self.count += i64::from(holds);
                match self.kind {
                    Kind::All => return Ok(holds),
                    Kind::None | Kind::Any => return Ok(!holds),
                    Kind::Filter if holds => self.items.push(item.clone()),
                    Kind::Find if holds => self.found = Some(item.clone()),
                    Kind::FindIndex if holds => {
                        self.found = Some(Value::Integer(i64::try_from(position).unwrap_or(i64::MAX)));
                    }
                    _ => {}
                }
                return Ok(!matches!(self.kind, Kind::Find | Kind::FindIndex) || !holds);
            }
        }
        Ok(true)
    }

    /// The value after the last element.
    pub(super) fn finish(self) -> Value {
        match self.kind {
            Kind::All => Value::Bool(self.count == self.all),
            Kind::None => Value::Bool(self.count == 0),
            Kind::Any => Value::Bool(self.count > 0),
            Kind::One => Value::Bool(self.count == 1),
            Kind::Count => Value::Integer(self.count),
            Kind::Filter | Kind::Map => Value::list(self.items),
            Kind::Find => self.found.unwrap_or(Value::Nil),
            Kind::FindIndex => self.found.unwrap_or(Value::Integer(-1)),
            Kind::Sum => self.found.unwrap_or(Value::Integer(0)),
            Kind::GroupBy => {
                Value::Map(Rc::new(self.groups.into_iter().map(|(key, group)| (key, Value::list(group))).collect()))
            }
        }
    }
}
