//! The functions of values.

use slipway_core::order;

use super::types::Type;
use super::value::Value;

/// A function.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: &'static str,
    /// The fewest and the most arguments.
    pub(super) arguments: (usize, usize),
    /// The type of its value from the types of its arguments; an error says what it takes.
    pub(super) check: fn(&[Type]) -> Result<Type, &'static str>,
    /// Its value, from its arguments and the result of the source.
    pub(super) call: fn(&[Value], &Value) -> Result<Value, String>,
}

const MANY: usize = 64;
const NUMBER: &str = "a number";
const NUMBERS: &str = "numbers";
const TEXT: &str = "a text";
const LIST: &str = "a list";
const DOCUMENT: &str = "a document";

const fn row(
    name: &'static str,
    arguments: (usize, usize),
    check: fn(&[Type]) -> Result<Type, &'static str>,
    call: fn(&[Value], &Value) -> Result<Value, String>,
) -> Function {
    Function { name, arguments, check, call }
}

/// Every function without a predicate.
pub(super) static FUNCTIONS: [Function; 36] = [
    row("asInt", (1, 1), |_| Ok(Type::Integer), |of, _| to_integer(&of[0])),
    row("asFloat", (1, 1), |_| Ok(Type::Number), |of, _| to_number(&of[0])),
    row("isNaN", (1, 1), |of| numeric(of, Type::Bool), |of, _| Ok(Value::Bool(number(&of[0])?.is_nan()))),
    row("isInf", (1, 1), |of| numeric(of, Type::Bool), |of, _| Ok(Value::Bool(number(&of[0])?.is_infinite()))),
    row("isNil", (1, 1), |_| Ok(Type::Bool), |_, result| Ok(Value::Bool(*result == Value::Nil))),
    row(
        "default",
        (2, 2),
        |_| Ok(Type::Any),
        |of, result| Ok(if *result == Value::Nil { of[1].clone() } else { result.clone() }),
    ),
    row(
        "len",
        (1, 1),
        |of| match &of[0] {
            Type::Any | Type::List(_) | Type::Map(_) | Type::Text => Ok(Type::Integer),
            _ => Err("a list, a text or a document"),
        },
        |of, _| match &of[0] {
            Value::Text(text) => Ok(integer(text.chars().count())),
            Value::List(_) | Value::Map(_) => Ok(integer(of[0].length())),
            other => wrong("len", other),
        },
    ),
    row(
        "abs",
        (1, 1),
        |of| numeric(of, of[0].clone()),
        |of, _| match &of[0] {
            Value::Integer(number) => Ok(Value::Integer(number.wrapping_abs())),
            other => Ok(Value::Number(number(other)?.abs())),
        },
    ),
    row("round", (1, 1), |of| numeric(of, Type::Number), |of, _| Ok(Value::Number(number(&of[0])?.round()))),
    row("floor", (1, 1), |of| numeric(of, Type::Number), |of, _| Ok(Value::Number(number(&of[0])?.floor()))),
    row("ceil", (1, 1), |of| numeric(of, Type::Number), |of, _| Ok(Value::Number(number(&of[0])?.ceil()))),
    row("int", (1, 1), |_| Ok(Type::Integer), |of, _| to_integer(&of[0])),
    row("float", (1, 1), |_| Ok(Type::Number), |of, _| to_number(&of[0])),
    row(
        "string",
        (1, 1),
        |_| Ok(Type::Text),
        |of, _| {
            Ok(match &of[0] {
                Value::Text(text) => Value::Text(text.clone()),
                other => Value::text(other.to_json()),
            })
        },
    ),
    row("toJSON", (1, 1), |_| Ok(Type::Text), |of, _| Ok(Value::text(of[0].to_json()))),
    row("trim", (1, 1), |of| textual(of, Type::Text), |of, _| Ok(Value::text(text(&of[0])?.trim()))),
    row("upper", (1, 1), |of| textual(of, Type::Text), |of, _| Ok(Value::text(text(&of[0])?.to_uppercase()))),
    row("lower", (1, 1), |of| textual(of, Type::Text), |of, _| Ok(Value::text(text(&of[0])?.to_lowercase()))),
    row(
        "trimPrefix",
        (2, 2),
        |of| textual(of, Type::Text),
        |of, _| {
            let (whole, part) = (text(&of[0])?, text(&of[1])?);
            Ok(Value::text(whole.strip_prefix(part).unwrap_or(whole)))
        },
    ),
    row(
        "trimSuffix",
        (2, 2),
        |of| textual(of, Type::Text),
        |of, _| {
            let (whole, part) = (text(&of[0])?, text(&of[1])?);
            Ok(Value::text(whole.strip_suffix(part).unwrap_or(whole)))
        },
    ),
    row(
        "hasPrefix",
        (2, 2),
        |of| textual(of, Type::Bool),
        |of, _| Ok(Value::Bool(text(&of[0])?.starts_with(text(&of[1])?))),
    ),
    row(
        "hasSuffix",
        (2, 2),
        |of| textual(of, Type::Bool),
        |of, _| Ok(Value::Bool(text(&of[0])?.ends_with(text(&of[1])?))),
    ),
    row(
        "split",
        (2, 2),
        |of| textual(of, Type::list(Type::Text)),
        |of, _| {
            let (whole, separator) = (text(&of[0])?, text(&of[1])?);
            Ok(Value::list(whole.split(separator).map(Value::text).collect()))
        },
    ),
    row(
        "join",
        (1, 2),
        |of| listed(&of[..1], Type::Text),
        |of, _| {
            let separator = of.get(1).map_or(Ok(""), text)?;
            let parts = items(&of[0])?.iter().map(text).collect::<Result<Vec<_>, _>>()?;
            Ok(Value::text(parts.join(separator)))
        },
    ),
    row("max", (1, MANY), of_numbers, |of, _| extreme(of, std::cmp::Ordering::Less)),
    row("min", (1, MANY), of_numbers, |of, _| extreme(of, std::cmp::Ordering::Greater)),
    row(
        "mean",
        (1, MANY),
        |of| of_numbers(of).map(|_| Type::Number),
        |of, _| {
            let numbers = numbers(of)?;
            let sum: f64 = numbers.iter().sum();
            Ok(Value::Number(if numbers.is_empty() { 0.0 } else { sum / numbers.len() as f64 }))
        },
    ),
    row(
        "median",
        (1, MANY),
        |of| of_numbers(of).map(|_| Type::Number),
        |of, _| {
            let mut numbers = numbers(of)?;
            order::sort_by(&mut numbers, f64::total_cmp);
            let middle = numbers.len() / 2;
            Ok(Value::Number(match numbers.len() {
                0 => 0.0,
                length if length % 2 == 1 => numbers[middle],
                _ => (numbers[middle - 1] + numbers[middle]) / 2.0,
            }))
        },
    ),
    row("first", (1, 1), element, |of, _| Ok(items(&of[0])?.first().cloned().unwrap_or(Value::Nil))),
    row("last", (1, 1), element, |of, _| Ok(items(&of[0])?.last().cloned().unwrap_or(Value::Nil))),
    row(
        "sort",
        (1, 1),
        |of| listed(of, of[0].clone()),
        |of, _| {
            let mut sorted = items(&of[0])?.to_vec();
            for pair in sorted.windows(2) {
                pair[0].order(&pair[1])?;
            }
            order::sort_by(&mut sorted, |one, other| {
                one.order(other).ok().flatten().unwrap_or(std::cmp::Ordering::Equal)
            });
            Ok(Value::list(sorted))
        },
    ),
    row(
        "reverse",
        (1, 1),
        |of| listed(of, of[0].clone()),
        |of, _| Ok(Value::list(items(&of[0])?.iter().rev().cloned().collect())),
    ),
    row(
        "keys",
        (1, 1),
        |of| documented(of, Type::list(Type::Any)),
        |of, _| Ok(Value::list(entries(&of[0])?.iter().map(|(key, _)| key.clone()).collect())),
    ),
    row(
        "values",
        (1, 1),
        |of| documented(of, Type::list(Type::Any)),
        |of, _| Ok(Value::list(entries(&of[0])?.iter().map(|(_, value)| value.clone()).collect())),
    ),
    row(
        "concat",
        (1, MANY),
        |of| listed(of, Type::list(Type::Any)),
        |of, _| {
            let mut all = Vec::new();
            for list in of {
                all.extend_from_slice(items(list)?);
            }
            Ok(Value::list(all))
        },
    ),
    row(
        "type",
        (1, 1),
        |_| Ok(Type::Text),
        |of, _| {
            Ok(Value::text(match &of[0] {
                Value::Nil => "nil",
                Value::Bool(_) => "bool",
                Value::Integer(_) => "int",
                Value::Number(_) => "float",
                Value::Text(_) => "string",
                Value::List(_) => "array",
                Value::Map(_) => "map",
            }))
        },
    ),
];

/// Functions of expr-lang that are not here: what depends on the clock, and what builds large values.
pub(super) const ELSEWHERE: [&str; 24] = [
    "now",
    "duration",
    "date",
    "timezone",
    "repeat",
    "replace",
    "splitAfter",
    "indexOf",
    "lastIndexOf",
    "fromJSON",
    "toBase64",
    "fromBase64",
    "toPairs",
    "fromPairs",
    "take",
    "get",
    "uniq",
    "flatten",
    "reduce",
    "sortBy",
    "countBy",
    "bitand",
    "bitor",
    "bitxor",
];

fn integer(count: usize) -> Value {
    Value::Integer(i64::try_from(count).unwrap_or(i64::MAX))
}

fn numeric(of: &[Type], then: Type) -> Result<Type, &'static str> {
    if of.iter().all(Type::may_be_number) { Ok(then) } else { Err(NUMBER) }
}

fn textual(of: &[Type], then: Type) -> Result<Type, &'static str> {
    if of.iter().all(|of| of.may_be(&Type::Text)) { Ok(then) } else { Err(TEXT) }
}

fn listed(of: &[Type], then: Type) -> Result<Type, &'static str> {
    if of.iter().all(|of| matches!(of, Type::Any | Type::List(_))) { Ok(then) } else { Err(LIST) }
}

fn documented(of: &[Type], then: Type) -> Result<Type, &'static str> {
    if of.iter().all(|of| matches!(of, Type::Any | Type::Map(_))) { Ok(then) } else { Err(DOCUMENT) }
}

fn element(of: &[Type]) -> Result<Type, &'static str> {
    match &of[0] {
        Type::List(item) => Ok((**item).clone()),
        Type::Any => Ok(Type::Any),
        _ => Err(LIST),
    }
}

/// Numbers and lists of numbers.
fn of_numbers(of: &[Type]) -> Result<Type, &'static str> {
    let fits = |of: &Type| match of {
        Type::List(item) => item.may_be_number(),
        other => other.may_be_number(),
    };
    match of {
        _ if !of.iter().all(fits) => Err(NUMBERS),
        [Type::List(item)] => Ok((**item).clone()),
        [one] => Ok(one.clone()),
        _ => Ok(Type::Any),
    }
}

fn wrong<T>(name: &str, value: &Value) -> Result<T, String> {
    Err(format!("`{name}` does not take {}", value.kind()))
}

fn number(value: &Value) -> Result<f64, String> {
    value.as_number().ok_or_else(|| format!("{} stands where a number is needed", value.kind()))
}

fn text(value: &Value) -> Result<&str, String> {
    match value {
        Value::Text(text) => Ok(text),
        other => Err(format!("{} stands where a text is needed", other.kind())),
    }
}

fn items(value: &Value) -> Result<&[Value], String> {
    match value {
        Value::List(items) => Ok(items),
        other => Err(format!("{} stands where a list is needed", other.kind())),
    }
}

fn entries(value: &Value) -> Result<&[(Value, Value)], String> {
    match value {
        Value::Map(entries) => Ok(entries),
        other => Err(format!("{} stands where a document is needed", other.kind())),
    }
}

/// Numbers lose their fraction; a text must be a whole number.
fn to_integer(value: &Value) -> Result<Value, String> {
    match value {
        Value::Integer(number) => Ok(Value::Integer(*number)),
        Value::Number(number) if number.is_nan() => Ok(Value::Integer(i64::MIN)),
        Value::Number(number) => Ok(Value::Integer(*number as i64)),
        Value::Text(text) => match text.parse() {
            Ok(number) => Ok(Value::Integer(number)),
            Err(_) => Err(format!("`{text}` is not a whole number")),
        },
        other => Err(format!("{} is no whole number", other.kind())),
    }
}

fn to_number(value: &Value) -> Result<Value, String> {
    match value {
        Value::Text(text) => match text.parse() {
            Ok(number) => Ok(Value::Number(number)),
            Err(_) => Err(format!("`{text}` is not a number")),
        },
        other => number(other).map(Value::Number),
    }
}

fn numbers(of: &[Value]) -> Result<Vec<f64>, String> {
    let mut numbers = Vec::new();
    for value in of {
        match value {
            Value::List(items) => {
                for item in items.iter() {
                    numbers.push(number(item)?);
                }
            }
            other => numbers.push(number(other)?),
        }
    }
    Ok(numbers)
}

/// The greatest or least of numbers and lists of numbers; one that stands after a NaN does not count against it, as upstream has it.
fn extreme(of: &[Value], beats: std::cmp::Ordering) -> Result<Value, String> {
    let mut best: Option<&Value> = None;
    let all = of.iter().flat_map(|value| match value {
        Value::List(items) => items.as_slice(),
        other => std::slice::from_ref(other),
    });
    for value in all {
        number(value)?;
        best = match best {
            Some(known) if known.order(value)? != Some(beats) => Some(known),
            _ => Some(value),
        };
    }
    Ok(best.cloned().unwrap_or(Value::Nil))
}
