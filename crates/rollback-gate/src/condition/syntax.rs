//! The syntax tree, its nodes in one arena.

use std::rc::Rc;

use regex_lite::Regex;

use super::functions::Function;
use super::operators::{Binary, Unary};
use super::predicates::Predicate;

/// The deepest tree.
pub(super) const DEEPEST: usize = 64;

/// A node's place in its tree.
pub(super) type Id = usize;

/// A part of a condition.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Nil,
    Bool(bool),
    Integer(i64),
    Number(f64),
    Text(Rc<str>),
    List(Vec<Id>),
    /// The answer of the source.
    Result,
    /// A name that a `let` around it gives, by the `let`'s number.
    Variable(usize),
    /// The element that a predicate looks at.
    Element,
    /// Its position.
    Position,
    Unary(Unary, Id),
    Binary(Binary, Id, Id),
    /// If, then, else.
    Conditional(Id, Id, Id),
    /// `of.key` and `of[key]`; if it is optional, nothing has only nothing.
    Member {
        of: Id,
        key: Id,
        optional: bool,
    },
    /// `of[from:to]`.
    Slice {
        of: Id,
        from: Option<Id>,
        to: Option<Id>,
    },
    /// A chain of members of which one is optional: it ends there.
    Chain(Id),
    Call {
        function: &'static Function,
        arguments: Vec<Id>,
    },
    /// A function of a list and of a predicate, which stands for each element.
    Each {
        predicate: &'static Predicate,
        list: Id,
        of_element: Option<Id>,
    },
    /// `let name = value; body`.
    Let {
        variable: usize,
        value: Id,
        body: Id,
    },
}

/// A condition after parsing. Its last node is the root.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    nodes: Vec<(Node, usize)>,
    /// The regular expressions that are written as texts, by the node of the text.
    pub(super) patterns: Vec<(Id, Regex)>,
    /// How many names it gives.
    pub(super) variables: usize,
}

impl Tree {
    pub(super) fn node(&self, id: Id) -> &Node {
        &self.nodes[id].0
    }

    /// The regular expression that a node is.
    pub(super) fn pattern(&self, id: Id) -> Option<&Regex> {
        self.patterns.iter().find(|(text, _)| *text == id).map(|(_, pattern)| pattern)
    }

    pub(super) fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().map(|(node, _)| node)
    }

    pub(super) fn root(&self) -> Id {
        self.nodes.len() - 1
    }

    /// Adds a node whose parts are there already.
    ///
    /// # Errors
    /// If the tree becomes too deep.
    pub(super) fn add(&mut self, node: Node) -> Result<Id, String> {
        let depth_of = |id: &Id| self.nodes[*id].1;
        let parts: &[Id] = match &node {
            Node::List(items) => items,
            Node::Unary(_, of) | Node::Chain(of) => &[*of],
            Node::Binary(_, left, right) => &[*left, *right],
            Node::Conditional(one, two, three) => &[*one, *two, *three],
            Node::Member { of, key, .. } => &[*of, *key],
            Node::Slice { of, from, to } => &[*of, from.unwrap_or(*of), to.unwrap_or(*of)],
            Node::Call { arguments, .. } => arguments,
            Node::Each { list, of_element, .. } => &[*list, of_element.unwrap_or(*list)],
            Node::Let { value, body, .. } => &[*value, *body],
            _ => &[],
        };
        let depth = 1 + parts.iter().map(depth_of).max().unwrap_or_default();
        if depth > DEEPEST {
            return Err(too_deep());
        }
        self.nodes.push((node, depth));
        Ok(self.nodes.len() - 1)
    }
}

pub(super) fn too_deep() -> String {
    "it is nested too deeply".into()
}
