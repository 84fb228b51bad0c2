//! The type checker: what can be known to fail before there is a value.

use super::operators::Unary;
use super::syntax::{Id, Node, Tree};
use super::types::Type;

/// The type of a condition over a result of a type. Upstream does not know what `default` gives; whoever is `thorough` does.
///
/// # Errors
/// The operation that does not fit its operands.
pub(super) fn check(tree: &Tree, result: &Type, thorough: bool) -> Result<Type, String> {
    let variables = vec![Type::Any; tree.variables];
    Checker { tree, result, thorough, variables, elements: Vec::new() }.check(tree.root())
}

struct Checker<'t> {
    tree: &'t Tree,
    result: &'t Type,
    thorough: bool,
    variables: Vec<Type>,
    /// The types of the elements that the predicates around look at.
    elements: Vec<Type>,
}

impl Checker<'_> {
    fn check(&mut self, id: Id) -> Result<Type, String> {
        Ok(match self.tree.node(id) {
            Node::Nil => Type::Nil,
            Node::Bool(_) => Type::Bool,
            Node::Integer(_) | Node::Position => Type::Integer,
            Node::Number(_) => Type::Number,
            Node::Text(_) => Type::Text,
            Node::List(items) => self.list(items)?,
            Node::Result => self.result.clone(),
            Node::Variable(number) => self.variables[*number].clone(),
            Node::Element => self.elements.last().cloned().unwrap_or(Type::Any),
            Node::Unary(operator, of) => match (operator, self.check(*of)?) {
                (Unary::Not, of) if of.may_be(&Type::Bool) => Type::Bool,
                (Unary::Not, of) => return Err(format!("`not` takes a condition, not {of}")),
                (_, of) if of.may_be_number() => of,
                (_, of) => return Err(format!("a sign stands before {of}")),
            },
            Node::Binary(operator, left, right) => operator.check(&self.check(*left)?, &self.check(*right)?)?,
            Node::Conditional(condition, then, otherwise) => {
                let condition = self.check(*condition)?;
                let (then, otherwise) = (self.check(*then)?, self.check(*otherwise)?);
                if !condition.may_be(&Type::Bool) {
                    return Err(format!("`?` follows a condition, not {condition}"));
                }
                then.or(otherwise)
            }
            Node::Member { of, key, .. } => {
                let (of, key) = (self.check(*of)?, self.check(*key)?);
                member(&of, &key)?
            }
            Node::Slice { of, from, to } => {
                for end in from.iter().chain(to) {
                    let end = self.check(*end)?;
                    if !end.may_be(&Type::Integer) {
                        return Err(format!("a part of a list is named by whole numbers, not by {end}"));
                    }
                }
                match self.check(*of)? {
                    of @ (Type::Any | Type::List(_) | Type::Text) => of,
                    of => return Err(format!("{of} has no parts")),
                }
            }
            Node::Chain(of) => self.check(*of)?.or(Type::Nil),
            Node::Call { function, arguments } if self.is_known_default(function.name, arguments) => {
                self.result.clone()
            }
            Node::Call { function, arguments } => {
                let types = arguments.iter().map(|argument| self.check(*argument)).collect::<Result<Vec<_>, _>>()?;
                (function.check)(&types).map_err(|wanted| match &types[..] {
                    [] => format!("`{}` takes {wanted}", function.name),
                    [one] => format!("`{}` takes {wanted}, not {one}", function.name),
                    [one, other, ..] => format!("`{}` takes {wanted}, not {one} and {other}", function.name),
                })?
            }
            Node::Each { predicate, list, of_element } => {
                let item = match self.check(*list)? {
                    Type::Any => Type::Any,
                    Type::List(item) => (*item).clone(),
                    other => return Err(format!("`{}` takes a list, not {other}", predicate.name)),
                };
                let value = match of_element {
                    Some(of_element) => {
                        self.elements.push(item.clone());
                        let value = self.check(*of_element)?;
                        self.elements.pop();
                        value
                    }
                    None => item.clone(),
                };
                (predicate.check)(item, value)
                    .map_err(|wanted| format!("the predicate of `{}` yields {wanted}", predicate.name))?
            }
            Node::Let { variable, value, body } => {
                self.variables[*variable] = self.check(*value)?;
                self.check(*body)?
            }
        })
    }

    /// Whether a call of `default` always gives the result.
    fn is_known_default(&self, name: &str, arguments: &[Id]) -> bool {
        let is_of_result = matches!(arguments.first().map(|first| self.tree.node(*first)), Some(Node::Result));
        self.thorough && name == "default" && is_of_result && !matches!(self.result, Type::Any | Type::Nil)
    }

    fn list(&mut self, items: &[Id]) -> Result<Type, String> {
        let mut common = None;
        for item in items {
            let item = self.check(*item)?;
            common = Some(common.map_or(item.clone(), |common: Type| common.or(item)));
        }
        Ok(Type::list(common.unwrap_or(Type::Any)))
    }
}

fn member(of: &Type, key: &Type) -> Result<Type, String> {
    match of {
        Type::Any | Type::Nil => Ok(Type::Any),
        Type::Map(value) if key.may_be(&Type::Text) => Ok((**value).clone()),
        // What is grouped by something has that for its keys.
        Type::Map(value) if matches!(**value, Type::List(_)) => Ok((**value).clone()),
        Type::Map(_) => Err(format!("a document has no member that is named by {key}")),
        Type::List(item) if key.may_be(&Type::Integer) => Ok((**item).clone()),
        Type::List(_) if *key == Type::Text => Err("a list has no members with names".into()),
        Type::List(_) => Err(format!("an element of a list is named by a whole number, not by {key}")),
        _ => Err(format!("{of} has no members")),
    }
}
