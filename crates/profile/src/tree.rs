//! Stacks with a common beginning, as a tree: what a flame graph shows.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

/// Stands for calls that took too little to be kept.
pub(crate) const SMALLER: &str = "[smaller]";

/// A tree of calls. Every node has a name and the processor time spent in it itself, in µs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    nodes: Vec<Node>,
    /// Which child of a node has which name.
    children: HashMap<(usize, String), usize>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Node {
    name: String,
    parent: usize,
    own: u64,
}

impl Default for Tree {
    fn default() -> Self {
        Self { nodes: vec![Node::default()], children: HashMap::new() }
    }
}

impl Tree {
    /// Adds `us` microseconds spent at the end of a path.
    pub fn add<'a>(&mut self, path: impl IntoIterator<Item = &'a str>, us: u64) {
        let mut at = 0;
        for name in path {
            at = self.child(at, name);
        }
        self.nodes[at].own = self.nodes[at].own.saturating_add(us);
    }

    fn child(&mut self, parent: usize, name: &str) -> usize {
        let key = (parent, name.to_owned());
        if let Some(child) = self.children.get(&key) {
            return *child;
        }
        self.nodes.push(Node { name: name.to_owned(), parent, own: 0 });
        self.children.insert(key, self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    /// Time spent in each node and all it called. A child always stands behind its parent.
    fn totals(&self) -> Vec<u64> {
        let mut totals: Vec<u64> = self.nodes.iter().map(|node| node.own).collect();
        for at in (1..self.nodes.len()).rev() {
            let parent = self.nodes[at].parent;
            totals[parent] = totals[parent].saturating_add(totals[at]);
        }
        totals
    }

    /// Time of everything, in µs.
    pub fn total(&self) -> u64 {
        self.nodes.iter().fold(0, |sum, node| sum.saturating_add(node.own))
    }

    /// The same without nodes below `us_min`: their time goes to a child [`SMALLER`] of who called them.
    pub fn without_smaller(&self, us_min: u64) -> Self {
        let totals = self.totals();
        let mut tree = Self::default();
        // Where each node went; a dropped one to the stand-in.
        let mut places = vec![0; self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate() {
            if at > 0 {
                let parent = places[node.parent];
                let is_dropped = tree.nodes[parent].name == SMALLER;
                places[at] = match (is_dropped, totals[at] >= us_min) {
                    (true, _) => parent,
                    (false, true) => tree.child(parent, &node.name),
                    (false, false) => tree.child(parent, SMALLER),
                };
            }
            let kept = &mut tree.nodes[places[at]].own;
            *kept = kept.saturating_add(node.own);
        }
        tree
    }

    /// Folded: a line for every place where time was spent, `thread;function;function µs`, in order.
    pub fn folded(&self) -> String {
        let mut lines = BTreeMap::new();
        for (at, node) in self.nodes.iter().enumerate().filter(|(_, node)| node.own > 0) {
            lines.insert(self.path(at), node.own);
        }
        let mut text = String::new();
        for (path, us) in lines {
            let _ = writeln!(text, "{} {us}", path.join(";"));
        }
        text
    }

    fn path(&self, mut at: usize) -> Vec<&str> {
        let mut path = Vec::new();
        while at != 0 {
            path.push(self.nodes[at].name.as_str());
            at = self.nodes[at].parent;
        }
        path.reverse();
        path
    }

    /// Reads folded text; a line that is none is passed over.
    pub fn parse(text: &str) -> Self {
        let mut tree = Self::default();
        for (path, us) in text.lines().filter_map(|line| line.rsplit_once(' ')) {
            if let Ok(us) = us.parse() {
                tree.add(path.split(';'), us);
            }
        }
        tree
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
main;run 5
main;run;read 10
main;run;read;memcpy 2
main;run;write 1
ship;send 30
";

    #[test]
    fn folded_text_is_the_tree() {
        let tree = Tree::parse(TEXT);
        assert_eq!((tree.folded().as_str(), tree.total()), (TEXT, 48));
        assert_eq!(Tree::parse("x\n\nx y\n a 3\n").folded(), " a 3\n");
        let most = format!("a {0}\na {0}\nb {0}\n", u64::MAX);
        assert_eq!(Tree::parse(&most).without_smaller(5).total(), u64::MAX);
    }

    #[test]
    fn what_is_small_is_joined_and_nothing_is_lost() {
        let tree = Tree::parse(TEXT);
        let smaller = tree.without_smaller(3);
        assert_eq!(
            smaller.folded(),
            "main;run 5\nmain;run;[smaller] 1\nmain;run;read 10\nmain;run;read;[smaller] 2\nship;send 30\n"
        );
        for us_min in 0..60 {
            assert_eq!(tree.without_smaller(us_min).total(), tree.total());
        }
        assert_eq!(tree.without_smaller(100).folded(), "[smaller] 48\n");
    }
}
