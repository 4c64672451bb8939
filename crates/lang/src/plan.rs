//! What every language lowers to: a graph of operations over lists of series. The query engine runs nothing else.
//!
//! Nodes only point backwards, so running them in order is enough. Reads are kept apart and told once each: two nodes
//! that read the same share one [`ReadId`].

use crate::{Error, Span};

pub mod filter;
pub mod path;
pub mod read;
pub mod vector;

pub use filter::{Field, Filter, Pattern};
pub use path::Path;
pub use read::{Aggregate, Fit, Metric, Offset, Query, Read, Split};
pub use vector::Vector;

/// A node's place in its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// A read's place in its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReadId(pub u32);

/// A request, understood.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    nodes: Vec<Node>,
    reads: Vec<Read>,
    /// One a text, in order: the node whose series answer it, or what is wrong with it.
    pub results: Vec<Result<NodeId, Error>>,
}

/// An operation and the characters it came from (in the text it was written in).
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What to do.
    pub operation: Operation,
    /// Where it was asked for.
    pub span: Span,
}

/// What to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// Series from the source.
    Read(ReadId),
    /// A function of the language's table over the series of `input`.
    Call(Call),
    /// The series of several nodes, one after the other.
    Concat(Vec<NodeId>),
    /// The answer to another text of the request, or one series of it (from 0).
    Refer {
        /// Which node.
        node: NodeId,
        /// Which of its series.
        series: Option<usize>,
    },
    /// An operation over labelled vectors. Where anything else points to it, its vector becomes a list of series on the
    /// request's buckets.
    Vector(Vector),
    /// An operation over series of dotted paths, each on a grid of its own. Where anything else points to it, its series are
    /// brought to the request's buckets.
    Path(Path),
    /// A vector or path looked up at another time, its series shown at the request's buckets.
    Moved {
        /// Which node: a vector or a path, asked on the buckets that are looked up.
        node: NodeId,
        /// How far away.
        offset: Offset,
    },
}

/// A function with its arguments in the order of its signature.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Its name in the table; never an alias.
    pub function: &'static str,
    /// The series it works on; none for a function that makes its own.
    pub input: Option<NodeId>,
    /// One for each argument of the signature.
    pub args: Vec<Given>,
    /// Arguments of other names, for functions that take them.
    pub extra: Vec<(String, Given)>,
}

impl Call {
    /// The nodes it wants, each as often as it wants it.
    pub fn inputs(&self) -> impl Iterator<Item = &NodeId> {
        let given = self.args.iter().chain(self.extra.iter().map(|(_, given)| given));
        let series = given.flat_map(|given| &given.values).filter_map(|value| match value {
            Scalar::Series(node) => Some(node),
            _ => None,
        });
        self.input.iter().chain(series)
    }
}

/// What was given for an argument.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Given {
    /// All values, more than one only where the signature allows it; none when not given.
    pub values: Vec<Scalar>,
    /// Where.
    pub span: Span,
}

impl Given {
    /// Adds a value given at `span`.
    pub fn push(&mut self, value: Scalar, span: Span) {
        self.span = if self.values.is_empty() { span } else { self.span.join(span) };
        self.values.push(value);
    }
}

/// A value of an argument.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// `true` or `false`.
    Boolean(bool),
    /// Explicitly nothing.
    Null,
    /// The series of a node.
    Series(NodeId),
}

impl Plan {
    /// Adds a node; what it points to must be there already.
    pub fn add(&mut self, operation: Operation, span: Span) -> NodeId {
        self.nodes.push(Node { operation, span });
        NodeId(self.nodes.len() as u32 - 1)
    }

    /// Moves the places of all nodes from the `first`th on by so many characters: they were told within a piece of the text.
    pub fn shift(&mut self, first: usize, by: usize) {
        for node in &mut self.nodes[first..] {
            node.span = Span::new(node.span.start + by, node.span.end + by);
        }
    }

    /// Adds a read unless the same one is there.
    pub fn add_read(&mut self, read: Read) -> ReadId {
        let at = self.reads.iter().position(|r| *r == read).unwrap_or_else(|| {
            self.reads.push(read);
            self.reads.len() - 1
        });
        ReadId(at as u32)
    }

    /// The nodes, each after those it points to.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// A node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// How often each node is wanted: as a result, or by a node that is wanted. Nodes of expressions that turned out to
    /// be wrong are not, nor are those that only vectors or paths point to.
    pub fn uses(&self) -> Vec<u32> {
        let mut uses = vec![0; self.nodes.len()];
        self.results.iter().flatten().for_each(|node| uses[node.0 as usize] += 1);
        for at in (0..self.nodes.len()).rev() {
            if uses[at] == 0 {
                continue;
            }
            let mut count = |node: &NodeId| uses[node.0 as usize] += 1;
            match &self.nodes[at].operation {
                Operation::Read(_) => {}
                Operation::Concat(nodes) => nodes.iter().for_each(&mut count),
                Operation::Refer { node, .. } => count(node),
                Operation::Call(call) => call.inputs().for_each(&mut count),
                // Vectors and paths ask what they point to by themselves, on instants of their own.
                Operation::Vector(_) | Operation::Path(_) | Operation::Moved { .. } => {}
            }
        }
        uses
    }

    /// Which reads a wanted node wants.
    pub fn wanted_reads(&self, uses: &[u32]) -> Vec<bool> {
        let mut wanted = vec![false; self.reads.len()];
        for (node, _) in self.nodes.iter().zip(uses).filter(|(_, uses)| **uses > 0) {
            if let Operation::Read(id) = node.operation {
                wanted[id.0 as usize] = true;
            }
        }
        wanted
    }

    /// What is to be read, each once.
    pub fn reads(&self) -> &[Read] {
        &self.reads
    }

    /// A read.
    pub fn read(&self, id: ReadId) -> &Read {
        &self.reads[id.0 as usize]
    }
}

#[cfg(test)]
mod tests;
