//! Which full names a short one may mean, and which of them may be told to strangers.

use super::conf::Conf;

/// Ends of names that have no meaning outside a network (RFC 6761, 6762, 8375, 9476, and the one reserved by ICANN in
/// 2024); asking strangers for them gives nothing but away what is inside.
const PRIVATE_ENDS: [&str; 10] = [
    "local",
    "localhost",
    "internal",
    "home.arpa",
    "invalid",
    "test",
    "example",
    "onion",
    "alt",
    "localdomain",
];

/// The names to ask for, in order, as resolv.conf(5) says.
pub(super) fn candidates(name: &str, conf: &Conf) -> Vec<String> {
    if let Some(full) = name.strip_suffix('.') {
        return vec![full.to_owned()];
    }
    let mut names: Vec<String> = conf.search.iter().map(|domain| format!("{name}.{domain}")).collect();
    let dots = name.bytes().filter(|b| *b == b'.').count();
    names.insert(if dots >= conf.ndots { 0 } else { names.len() }, name.to_owned());
    names
}

/// Whether a public server can know the name.
pub(super) fn is_public(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let ends =
        |end: &&str| name.strip_suffix(*end).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    name.contains('.') && !PRIVATE_ENDS.iter().any(ends)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn names_with_enough_dots_are_asked_for_as_they_are_first() {
        let search = vec!["a.example".to_owned(), "b.example".to_owned()];
        let conf = Conf { servers: vec![], search, ndots: 2, timeout: Duration::ZERO, attempts: 1 };
        assert_eq!(candidates("mon", &conf), ["mon.a.example", "mon.b.example", "mon"]);
        assert_eq!(candidates("mon.x", &conf), ["mon.x.a.example", "mon.x.b.example", "mon.x"]);
        assert_eq!(candidates("mon.x.y", &conf), ["mon.x.y", "mon.x.y.a.example", "mon.x.y.b.example"]);
        assert_eq!(candidates("mon.", &conf), ["mon"]);
    }

    #[test]
    fn names_of_the_inside_stay_inside() {
        for inside in ["mon", "mon.local", "MON.Internal", "a.svc.cluster.local", "x.home.arpa", "localhost"]
        {
            assert!(!is_public(inside), "{inside}");
        }
        for outside in ["mon.example.com", "notlocal.net", "local.net", "mylocal.org"] {
            assert!(is_public(outside), "{outside}");
        }
    }
}
