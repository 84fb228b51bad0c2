//! From tokens to a syntax tree, by the strength of the operators.

use slipway_core::text::nearest;

use super::functions::{ELSEWHERE, FUNCTIONS, Function};
use super::operators::{BINARY, Binary, PIPE, Row, UNARY, Unary, pattern};
use super::predicates::{PREDICATES, Predicate};
use super::syntax::{DEEPEST, Id, Node, Tree, too_deep};
use super::token::{Kind, Token, tokens};

/// Parses a condition.
///
/// # Errors
/// What is wrong with it, and where.
pub(super) fn parse(text: &str) -> Result<Tree, String> {
    let mut parser = Parser {
        text,
        tokens: tokens(text)?,
        next: 0,
        tree: Tree::default(),
        names: Vec::new(),
        predicates: 0,
        depth: 0,
    };
    parser.expression(0)?;
    match parser.peek().kind {
        Kind::End => Ok(parser.tree),
        _ => Err(parser.unexpected()),
    }
}

struct Parser<'s> {
    text: &'s str,
    tokens: Vec<Token>,
    next: usize,
    tree: Tree,
    /// The names that a `let` around gives, with its number.
    names: Vec<(String, usize)>,
    /// How many predicates are around.
    predicates: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        &self.tokens[self.next]
    }

    fn take(&mut self) -> Token {
        let token = self.tokens[self.next].clone();
        self.next = (self.next + 1).min(self.tokens.len() - 1);
        token
    }

    fn is(&self, sign: &str) -> bool {
        matches!(&self.peek().kind, Kind::Sign(found) if *found == sign)
    }

    fn accept(&mut self, sign: &str) -> bool {
        let is = self.is(sign);
        self.next += usize::from(is);
        is
    }

    fn expect(&mut self, sign: &str) -> Result<(), String> {
        if self.accept(sign) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn unexpected(&self) -> String {
        let Token { kind, at, end } = self.peek();
        match kind {
            Kind::End => "something is missing at the end".into(),
            _ => format!("`{}` at byte {} does not belong here", &self.text[*at..*end], at + 1),
        }
    }

    /// An expression of operators that bind at least this strongly.
    fn expression(&mut self, precedence: u16) -> Result<Id, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(too_deep());
        }
        let is_let = precedence == 0 && matches!(&self.peek().kind, Kind::Word(word) if word == "let");
        let node = if is_let { self.name_something()? } else { self.operation(precedence)? };
        self.depth -= 1;
        Ok(node)
    }

    fn name_something(&mut self) -> Result<Id, String> {
        self.take();
        let Kind::Word(name) = self.peek().kind.clone() else { return Err(self.unexpected()) };
        self.take();
        self.expect("=")?;
        let value = self.expression(0)?;
        self.expect(";")?;
        let variable = self.tree.variables;
        self.tree.variables += 1;
        self.names.push((name, variable));
        let body = self.expression(0)?;
        self.names.pop();
        self.tree.add(Node::Let { variable, value, body })
    }

    fn operation(&mut self, precedence: u16) -> Result<Id, String> {
        let mut left = self.operand()?;
        loop {
            if precedence == PIPE && self.accept("|") {
                left = self.piped(left)?;
                continue;
            }
            let is_negated = self.negates();
            let Some(row) = self.binary(usize::from(is_negated)).filter(|row| row.precedence >= precedence) else {
                break;
            };
            self.next += 1 + usize::from(is_negated);
            left = self.combine(left, row)?;
            if is_negated {
                left = self.tree.add(Node::Unary(Unary::Not, left))?;
            }
        }
        while precedence == 0 && self.accept("?") {
            let then = if self.accept(":") {
                left
            } else {
                let then = self.expression(0)?;
                self.expect(":")?;
                then
            };
            let otherwise = self.expression(0)?;
            left = self.tree.add(Node::Conditional(left, then, otherwise))?;
        }
        Ok(left)
    }

    fn combine(&mut self, left: Id, row: &'static Row<Binary>) -> Result<Id, String> {
        if row.operator.is_order() {
            return self.chain_of_orders(left, row);
        }
        let weakest = if row.operator == Binary::Power { row.precedence } else { row.precedence + 1 };
        let right = self.expression(weakest)?;
        if let (Binary::Matches, Node::Text(text)) = (row.operator, self.tree.node(right)) {
            let pattern = pattern(text)?;
            self.tree.patterns.push((right, pattern));
        }
        self.tree.add(Node::Binary(row.operator, left, right))
    }

    /// `1 < x < 2` is `1 < x && x < 2`.
    fn chain_of_orders(&mut self, mut left: Id, mut row: &'static Row<Binary>) -> Result<Id, String> {
        let mut all = None;
        loop {
            let right = self.expression(row.precedence + 1)?;
            let one = self.tree.add(Node::Binary(row.operator, left, right))?;
            let so_far = match all {
                None => one,
                Some(before) => self.tree.add(Node::Binary(Binary::And, before, one))?,
            };
            match self.binary(0).filter(|next| next.operator.is_order()) {
                Some(next) => row = next,
                None => return Ok(so_far),
            }
            self.take();
            (left, all) = (right, Some(so_far));
        }
    }

    /// The operator that stands some tokens on.
    fn binary(&self, ahead: usize) -> Option<&'static Row<Binary>> {
        let written = match &self.tokens.get(self.next + ahead)?.kind {
            Kind::Word(word) => word.as_str(),
            Kind::Sign(sign) => sign,
            _ => return None,
        };
        BINARY.iter().find(|row| row.text == written)
    }

    fn negates(&self) -> bool {
        let is_not = matches!(&self.peek().kind, Kind::Word(word) if word == "not");
        is_not && self.binary(1).is_some_and(|row| row.operator.can_be_negated())
    }

    fn operand(&mut self) -> Result<Id, String> {
        let written = match &self.peek().kind {
            Kind::Word(word) => word.as_str(),
            Kind::Sign(sign) => sign,
            _ => "",
        };
        if let Some(row) = UNARY.iter().find(|row| row.text == written) {
            self.take();
            let of = self.expression(row.precedence)?;
            return self.tree.add(Node::Unary(row.operator, of));
        }
        let of = self.primary()?;
        self.members(of)
    }

    fn primary(&mut self) -> Result<Id, String> {
        let Token { kind, at, .. } = self.peek().clone();
        match kind {
            Kind::Integer(number) => self.leaf(Node::Integer(number)),
            Kind::Number(number) => self.leaf(Node::Number(number)),
            Kind::Text(text) => self.leaf(Node::Text(text.into())),
            Kind::Pointer(name) => {
                if self.predicates == 0 {
                    return Err(format!("`#` at byte {} stands outside of a predicate", at + 1));
                }
                match name.as_str() {
                    "" => self.leaf(Node::Element),
                    "index" => self.leaf(Node::Position),
                    _ => Err(format!("`#{name}` at byte {} is not known", at + 1)),
                }
            }
            Kind::Word(word) => self.word(&word, at),
            Kind::Sign("(") => {
                self.take();
                let inner = self.expression(0)?;
                self.expect(")")?;
                Ok(inner)
            }
            Kind::Sign("[") => {
                self.take();
                let items = self.list("]")?;
                self.tree.add(Node::List(items))
            }
            // `.name` in a predicate is a member of its element.
            Kind::Sign(".") if self.predicates > 0 => self.tree.add(Node::Element),
            Kind::Sign("{") => Err(format!("`{{` at byte {} begins no predicate; maps are not supported here", at + 1)),
            _ => Err(self.unexpected()),
        }
    }

    fn leaf(&mut self, node: Node) -> Result<Id, String> {
        self.take();
        self.tree.add(node)
    }

    fn word(&mut self, word: &str, at: usize) -> Result<Id, String> {
        match word {
            "true" | "false" => return self.leaf(Node::Bool(word == "true")),
            "nil" => return self.leaf(Node::Nil),
            _ => self.take(),
        };
        if self.accept("(") {
            return self.call(word, at, None);
        }
        if let Some((_, variable)) = self.names.iter().rev().find(|(name, _)| name == word) {
            return self.tree.add(Node::Variable(*variable));
        }
        if word == "result" {
            return self.tree.add(Node::Result);
        }
        Err(format!("`{word}` at byte {} is not known: the answer is called `result`", at + 1))
    }

    /// `left | name(more)`.
    fn piped(&mut self, left: Id) -> Result<Id, String> {
        let Token { kind: Kind::Word(word), at, .. } = self.peek().clone() else { return Err(self.unexpected()) };
        self.take();
        self.expect("(")?;
        let call = self.call(&word, at, Some(left))?;
        self.members(call)
    }

    fn call(&mut self, name: &str, at: usize, first: Option<Id>) -> Result<Id, String> {
        if let Some(predicate) = PREDICATES.iter().find(|predicate| predicate.name == name) {
            return self.call_of_predicate(predicate, first);
        }
        let function = find_function(name, at)?;
        let mut arguments: Vec<Id> = first.into_iter().collect();
        arguments.append(&mut self.list(")")?);
        let (least, most) = function.arguments;
        let count = arguments.len();
        if count < least || count > most {
            let wanted = if count < least { least } else { most };
            let noun = if wanted == 1 { "argument" } else { "arguments" };
            return Err(format!("`{name}` takes {wanted} {noun}, not {count}"));
        }
        self.tree.add(Node::Call { function, arguments })
    }

    fn call_of_predicate(&mut self, predicate: &'static Predicate, first: Option<Id>) -> Result<Id, String> {
        let list = match first {
            Some(list) => list,
            None => {
                let list = self.expression(0)?;
                if !self.is(")") {
                    self.expect(",")?;
                }
                list
            }
        };
        let of_element = if self.is(")") { None } else { Some(self.predicate()?) };
        self.accept(",");
        self.expect(")")?;
        if of_element.is_none() && !predicate.stands_alone {
            return Err(format!("`{}` needs a predicate, such as `# < 0.05`", predicate.name));
        }
        self.tree.add(Node::Each { predicate, list, of_element })
    }

    /// What stands for each element, in braces or without.
    fn predicate(&mut self) -> Result<Id, String> {
        let is_braced = self.accept("{");
        self.predicates += 1;
        let of_element = self.expression(0)?;
        self.predicates -= 1;
        if is_braced {
            self.expect("}")?;
        }
        Ok(of_element)
    }

    /// Expressions with commas between them, up to a bracket.
    fn list(&mut self, end: &str) -> Result<Vec<Id>, String> {
        let mut items = Vec::new();
        while !self.accept(end) {
            items.push(self.expression(0)?);
            if !self.is(end) {
                self.expect(",")?;
            }
        }
        Ok(items)
    }

    /// `.name`, `?.name`, `[key]`, `?.[key]` and `[from:to]` after an operand.
    fn members(&mut self, mut of: Id) -> Result<Id, String> {
        let mut ends_early = false;
        loop {
            let optional = self.accept("?.");
            ends_early |= optional;
            if self.accept("[") {
                of = self.key(of, optional)?;
            } else if optional || self.accept(".") {
                let Kind::Word(name) = self.peek().kind.clone() else { return Err(self.unexpected()) };
                let key = self.leaf(Node::Text(name.into()))?;
                of = self.tree.add(Node::Member { of, key, optional })?;
            } else if ends_early {
                return self.tree.add(Node::Chain(of));
            } else {
                return Ok(of);
            }
        }
    }

    fn key(&mut self, of: Id, optional: bool) -> Result<Id, String> {
        let from = if self.is(":") { None } else { Some(self.expression(0)?) };
        if self.accept(":") {
            let to = if self.is("]") { None } else { Some(self.expression(0)?) };
            self.expect("]")?;
            return self.tree.add(Node::Slice { of, from, to });
        }
        self.expect("]")?;
        match from {
            Some(key) => self.tree.add(Node::Member { of, key, optional }),
            None => Err(self.unexpected()),
        }
    }
}

fn find_function(name: &str, at: usize) -> Result<&'static Function, String> {
    if let Some(function) = FUNCTIONS.iter().find(|function| function.name == name) {
        return Ok(function);
    }
    let at = at + 1;
    if ELSEWHERE.contains(&name) {
        return Err(format!("`{name}` at byte {at} is a function that is not supported here"));
    }
    let names = FUNCTIONS.iter().map(|function| function.name).chain(PREDICATES.iter().map(|predicate| predicate.name));
    Err(match nearest(name, names) {
        Some(meant) => format!("`{name}` at byte {at} is not a function; did you mean `{meant}`?"),
        None => format!("`{name}` at byte {at} is not a function"),
    })
}
