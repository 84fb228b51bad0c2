//! The evaluator.

use super::operators::{Binary, Unary};
use super::syntax::{Id, Node, Tree};
use super::value::Value;

/// How much work one evaluation may be: about a hundred passes over a large answer.
const WORK: usize = 10_000_000;
/// The longest range.
const LONGEST_RANGE: i64 = 1_000_000;

/// Evaluates a condition that was checked for a result of this type.
///
/// # Errors
/// If it reads what is not there, does not fit what is there, or takes too long.
pub(super) fn evaluate(tree: &Tree, result: &Value) -> Result<Value, String> {
    let variables = vec![Value::Nil; tree.variables];
    let mut evaluator = Evaluator { tree, result, variables, elements: Vec::new(), work: WORK };
    evaluator.evaluate(tree.root()).map_err(|stop| match stop {
        Stop::Error(why) => why,
        Stop::Chain => "a member of nothing was read".into(),
    })
}

/// Why an evaluation has no value.
pub(super) enum Stop {
    Error(String),
    /// An optional member of nothing: the chain around it is nothing.
    Chain,
}

impl From<String> for Stop {
    fn from(why: String) -> Self {
        Self::Error(why)
    }
}

pub(super) struct Evaluator<'t> {
    tree: &'t Tree,
    result: &'t Value,
    variables: Vec<Value>,
    /// The elements and positions that the predicates around look at.
    elements: Vec<(Value, usize)>,
    work: usize,
}

impl Evaluator<'_> {
    fn evaluate(&mut self, id: Id) -> Result<Value, Stop> {
        self.spend(1)?;
        Ok(match self.tree.node(id) {
            Node::Nil => Value::Nil,
            Node::Bool(flag) => Value::Bool(*flag),
            Node::Integer(number) => Value::Integer(*number),
            Node::Number(number) => Value::Number(*number),
            Node::Text(text) => Value::Text(text.clone()),
            Node::List(items) => {
                let items = items.iter().map(|item| self.evaluate(*item)).collect::<Result<Vec<_>, _>>()?;
                Value::list(items)
            }
            Node::Result => self.result.clone(),
            Node::Variable(number) => self.variables[*number].clone(),
            Node::Element => self.elements.last().map_or(Value::Nil, |(element, _)| element.clone()),
            Node::Position => {
                let position = self.elements.last().map_or(0, |(_, position)| *position);
                Value::Integer(i64::try_from(position).unwrap_or(i64::MAX))
            }
            Node::Unary(operator, of) => unary(*operator, self.evaluate(*of)?)?,
            Node::Binary(operator, left, right) => self.binary(*operator, *left, *right)?,
            Node::Conditional(condition, then, otherwise) => {
                let branch = if self.holds(*condition)? { then } else { otherwise };
                self.evaluate(*branch)?
            }
            Node::Member { of, key, optional } => {
                let of = self.evaluate(*of)?;
                if *optional && of == Value::Nil {
                    return Err(Stop::Chain);
                }
                let key = self.evaluate(*key)?;
                if matches!(of, Value::Map(_)) {
                    self.spend(of.length())?;
                }
                member(&of, &key)?
            }
            Node::Slice { of, from, to } => {
                let of = self.evaluate(*of)?;
                self.spend(of.length())?;
                let from = from.map(|from| self.evaluate(from)).transpose()?;
                let to = to.map(|to| self.evaluate(to)).transpose()?;
                slice(&of, from.as_ref(), to.as_ref())?
            }
            Node::Chain(of) => match self.evaluate(*of) {
                Err(Stop::Chain) => Value::Nil,
                other => other?,
            },
            Node::Call { function, arguments } => {
                let mut values = Vec::with_capacity(arguments.len() + 1);
                for argument in arguments {
                    let value = self.evaluate(*argument)?;
                    self.spend(value.length())?;
                    values.push(value);
                }
                let value = (function.call)(&values, self.result)?;
                self.spend(value.length())?;
                value
            }
            Node::Each { predicate, list, of_element } => {
                let Value::List(items) = self.evaluate(*list)? else {
                    return Err(format!("`{}` takes a list", predicate.name).into());
                };
                let mut collected = predicate.start();
                let order: &mut dyn Iterator<Item = usize> =
                    if predicate.from_end { &mut (0..items.len()).rev() } else { &mut (0..items.len()) };
                for position in order {
                    let value = match of_element {
                        Some(of_element) => {
                            self.elements.push((items[position].clone(), position));
                            let value = self.evaluate(*of_element);
                            self.elements.pop();
                            value?
                        }
                        None => items[position].clone(),
                    };
                    self.spend(1 + collected.cost())?;
                    if !collected.add(&items[position], position, value)? {
                        break;
                    }
                }
                collected.finish()
            }
            Node::Let { variable, value, body } => {
                self.variables[*variable] = self.evaluate(*value)?;
                self.evaluate(*body)?
            }
        })
    }

    fn spend(&mut self, work: usize) -> Result<(), Stop> {
        self.work = self.work.checked_sub(work).ok_or_else(|| Stop::Error("it takes too long".into()))?;
        Ok(())
    }

    fn holds(&mut self, id: Id) -> Result<bool, Stop> {
        match self.evaluate(id)? {
            Value::Bool(holds) => Ok(holds),
            other => Err(format!("{} stands where a condition is needed", other.kind()).into()),
        }
    }

    fn binary(&mut self, operator: Binary, left: Id, right: Id) -> Result<Value, Stop> {
        match operator {
            Binary::Or => return Ok(Value::Bool(self.holds(left)? || self.holds(right)?)),
            Binary::And => return Ok(Value::Bool(self.holds(left)? && self.holds(right)?)),
            Binary::OrElse => {
                return match self.evaluate(left)? {
                    Value::Nil => self.evaluate(right),
                    value => Ok(value),
                };
            }
            _ => {}
        }
        let pattern = self.tree.pattern(right).filter(|_| operator == Binary::Matches);
        let (left, right) = (self.evaluate(left)?, self.evaluate(right)?);
        if operator == Binary::Range {
            let (Value::Integer(from), Value::Integer(to)) = (left, right) else {
                return Err("a range has whole numbers at its ends".to_owned().into());
            };
            if to.saturating_sub(from) >= LONGEST_RANGE {
                return Err(format!("a range is longer than {LONGEST_RANGE}").into());
            }
            self.spend(usize::try_from(to.saturating_sub(from)).unwrap_or_default())?;
            return Ok(Value::list((from..=to).map(Value::Integer).collect()));
        }
        self.spend(deep_size(&left).saturating_add(deep_size(&right)))?;
        if let (Some(pattern), Value::Text(text)) = (pattern, &left) {
            return Ok(Value::Bool(pattern.is_match(text)));
        }
        Ok(operator.apply(&left, &right)?)
    }
}

/// How much work it is to compare a value.
fn deep_size(value: &Value) -> usize {
    match value {
        Value::List(items) => items.iter().map(deep_size).sum(),
        Value::Map(entries) => entries.iter().map(|(_, value)| 1 + deep_size(value)).sum(),
        Value::Text(text) => text.len(),
        _ => 1,
    }
}

fn unary(operator: Unary, of: Value) -> Result<Value, String> {
    match (operator, of) {
        (Unary::Not, Value::Bool(flag)) => Ok(Value::Bool(!flag)),
        (Unary::Minus, Value::Integer(number)) => Ok(Value::Integer(number.wrapping_neg())),
        (Unary::Minus, Value::Number(number)) => Ok(Value::Number(-number)),
        (Unary::Plus, number @ (Value::Integer(_) | Value::Number(_))) => Ok(number),
        (Unary::Not, other) => Err(format!("`not` takes a condition, not {}", other.kind())),
        (_, other) => Err(format!("a sign stands before {}", other.kind())),
    }
}

/// The position that a number means, from the end if it is negative; it may be one that is not there.
fn position(number: &Value, length: usize) -> Result<i64, String> {
    let number = match number {
        Value::Integer(number) => *number,
        Value::Number(number) => *number as i64,
        other => return Err(format!("an element of a list is named by a whole number, not by {}", other.kind())),
    };
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    Ok(if number < 0 { number.saturating_add(length) } else { number })
}

fn member(of: &Value, key: &Value) -> Result<Value, String> {
    match of {
        Value::Map(_) => Ok(of.get(key).cloned().unwrap_or(Value::Nil)),
        Value::List(items) => {
            let at = position(key, items.len())?;
            let item = usize::try_from(at).ok().and_then(|at| items.get(at));
            item.cloned().ok_or_else(|| match items.len() {
                0 => "the list is empty".into(),
                length => format!("the list has {length} elements, and none at {at}"),
            })
        }
        Value::Nil => Err("a member of nothing was read".into()),
        _ => Err(format!("{} has no members", of.kind())),
    }
}

fn slice(of: &Value, from: Option<&Value>, to: Option<&Value>) -> Result<Value, String> {
    let length = match of {
        Value::List(items) => items.len(),
        Value::Text(text) => text.len(),
        _ => return Err(format!("{} has no parts", of.kind())),
    };
    let bound = |bound: Option<&Value>, default: usize| match bound {
        Some(bound) => position(bound, length).map(|at| usize::try_from(at).unwrap_or_default().min(length)),
        None => Ok(default),
    };
    let (from, to) = (bound(from, 0)?, bound(to, length)?);
    match of {
        Value::List(items) => Ok(Value::list(items.get(from..to).unwrap_or_default().to_vec())),
        Value::Text(text) => Ok(Value::text(text.get(from..to).unwrap_or_default())),
        _ => Ok(Value::Nil),
    }
}
