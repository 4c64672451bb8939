//! The tree that names with dots make.

/// A place in the tree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node {
    /// Everything up to here.
    pub path: String,
    /// Something is called so.
    pub is_leaf: bool,
    /// There are longer names that start so, with a dot in between.
    pub is_branch: bool,
}

impl Node {
    /// The place where a name that starts with `prefix` goes on: it ends before the first dot after the prefix.
    pub fn below(prefix: &str, name: &str) -> Self {
        let cut = name[prefix.len()..].find('.').map(|at| prefix.len() + at);
        let path = &name[..cut.unwrap_or(name.len())];
        Self { path: path.to_owned(), is_leaf: cut.is_none(), is_branch: cut.is_some() }
    }

    /// Puts what is told of the same place together; the first `limit` by path are kept.
    pub fn join(nodes: &mut Vec<Self>, limit: usize) {
        nodes.sort();
        nodes.dedup_by(|next, kept| {
            let is_same = next.path == kept.path;
            if is_same {
                kept.is_leaf |= next.is_leaf;
                kept.is_branch |= next.is_branch;
            }
            is_same
        });
        nodes.truncate(limit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_may_be_both_leaf_and_branch() {
        let names = ["a.b", "a.b-x", "a.b.c", "a.bc.d", "a.b.d.e"];
        let told = |prefix: &str, limit: usize| {
            let mut nodes: Vec<Node> = names.iter().map(|name| Node::below(prefix, name)).collect();
            Node::join(&mut nodes, limit);
            nodes.iter().map(|n| format!("{} {} {}", n.path, n.is_leaf, n.is_branch)).collect::<Vec<_>>()
        };
        assert_eq!(told("a.", 9), ["a.b true true", "a.b-x true false", "a.bc false true"]);
        assert_eq!(told("a.", 1), ["a.b true true"]);
        assert_eq!(told("", 9), ["a false true"]);
    }
}
