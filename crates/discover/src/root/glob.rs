//! Patterns of paths, as glob(7) has them: `*`, `?`, `[a-z]`, `[!a]`, `\*`; a name that begins with a dot is not met by a
//! wildcard.

use super::{Root, path};

/// Most paths that one pattern gives.
pub const PATHS_MAX: usize = 10_000;

/// Whether a text holds anything that a pattern would.
pub fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// Whether a name fits a pattern without slashes.
pub fn fits(pattern: &str, name: &str) -> bool {
    let is_hidden = name.starts_with('.') && !pattern.starts_with('.');
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    !is_hidden && fits_chars(&pattern, &name)
}

// Goes back to the last star only, so that it takes the product of both lengths at worst.
fn fits_chars(pattern: &[char], name: &[char]) -> bool {
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p, n));
            p += 1;
        } else if let Some(length) = one(&pattern[p.min(pattern.len())..], name[n]) {
            p += length;
            n += 1;
        } else if let Some((star_p, star_n)) = star {
            (p, n) = (star_p + 1, star_n + 1);
            star = Some((star_p, star_n + 1));
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// Length of the pattern's first element when it fits the character.
fn one(pattern: &[char], c: char) -> Option<usize> {
    match pattern {
        ['?', ..] => Some(1),
        ['\\', wanted, ..] => (*wanted == c).then_some(2),
        ['[', rest @ ..] => match class(rest, c) {
            Some((fits, length)) => fits.then_some(length + 1),
            None => (c == '[').then_some(1),
        },
        [wanted, ..] => (*wanted == c).then_some(1),
        [] => None,
    }
}

/// Whether the character is in the class that begins here, and how long the class is; `None` when it has no end.
fn class(rest: &[char], c: char) -> Option<(bool, usize)> {
    let is_not = matches!(rest.first(), Some('!' | '^'));
    let first = usize::from(is_not);
    let mut at = first;
    let mut is_in = false;
    loop {
        match (rest.get(at)?, rest.get(at + 1), rest.get(at + 2)) {
            (']', ..) if at > first => return Some((is_in != is_not, at + 1)),
            (from, Some('-'), Some(to)) if *to != ']' => {
                is_in |= (*from..=*to).contains(&c);
                at += 3;
            }
            (one, ..) => {
                is_in |= *one == c;
                at += 1;
            }
        }
    }
}

impl Root {
    /// The paths that fit an absolute pattern, sorted. A path without wildcards is given when it is there.
    pub fn glob(&self, pattern: &str) -> Vec<String> {
        let mut found = vec![String::new()];
        for part in pattern.split('/').filter(|part| !part.is_empty()) {
            let mut next = Vec::new();
            for folder in &found {
                self.extend(folder, part, &mut next);
            }
            next.truncate(PATHS_MAX);
            found = next;
        }
        found.retain(|path| !path.is_empty() && self.exists(path));
        found
    }

    fn extend(&self, folder: &str, part: &str, found: &mut Vec<String>) {
        if !is_pattern(part) {
            found.push(path::join(folder, &part.replace('\\', "")));
            return;
        }
        let folder = if folder.is_empty() { "/" } else { folder };
        let names = self.list(folder).unwrap_or_default();
        found.extend(names.iter().filter(|name| fits(part, name)).map(|name| path::join(folder, name)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_as_in_a_shell() {
        for (pattern, name, wanted) in [
            ("*.conf", "a.conf", true),
            ("*.conf", ".conf", false),
            (".*", ".conf", true),
            ("*", "", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("?.log", "a.log", true),
            ("?.log", ".log", false),
            ("[a-c]1", "b1", true),
            ("[!a-c]1", "b1", false),
            ("[]a]", "]", true),
            ("[a", "[a", true),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("a", "ab", false),
            ("ab", "a", false),
        ] {
            assert_eq!(fits(pattern, name), wanted, "{pattern} {name}");
        }
    }
}
