//! Changes of metric names.

use model::{Labels, NAME};
use regex::Regex;

/// A regular expression and what its matches become; `\1` is the first group, as in `rewrite-rules.conf`.
#[derive(Debug, Clone)]
pub struct Rewrite {
    find: Regex,
    replace: String,
}

impl Rewrite {
    /// Reads both; every match in a name is replaced, as Python's `sub` does it.
    ///
    /// # Errors
    /// When the expression is none, or the replacement names a group that it has not.
    pub fn new(find: &str, replace: &str) -> Result<Self, String> {
        let wrong =
            |e: regex::Error| format!("`{find}`: {}", e.to_string().lines().last().unwrap_or("").trim());
        let find = Regex::new(find).map_err(wrong)?;
        let replace = translate(replace, find.captures_len())?;
        Ok(Self { find, replace })
    }

    /// A name, with every match replaced.
    pub fn name(&self, name: &str) -> String {
        self.find.replace_all(name, self.replace.as_str()).into_owned()
    }

    /// Labels under their new name; the old one where the new would not be allowed.
    pub fn apply(&self, labels: &Labels) -> Labels {
        if !self.find.is_match(labels.name()) {
            return labels.clone();
        }
        match self.name(labels.name()) {
            name if name.is_empty() => labels.clone(),
            name => labels.with(NAME, &name).unwrap_or_else(|_| labels.clone()),
        }
    }
}

/// Python's `\1` and `\g<name>` as this library has them.
fn translate(text: &str, groups: usize) -> Result<String, String> {
    let (mut out, mut chars) = (String::new(), text.chars().peekable());
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('$', _) => out.push_str("$$"),
            ('\\', Some(digit)) if digit.is_ascii_digit() => {
                let mut number = String::new();
                while let Some(digit) = chars.next_if(|c| c.is_ascii_digit() && number.len() < 2) {
                    number.push(digit);
                }
                if number.parse::<usize>().is_ok_and(|number| number >= groups) {
                    return Err(format!("`{text}` names group {number}, and there are {}", groups - 1));
                }
                out.push_str(&format!("${{{number}}}"));
            }
            ('\\', Some('g')) => {
                chars.next();
                let name: String =
                    chars.by_ref().skip_while(|c| *c == '<').take_while(|c| *c != '>').collect();
                out.push_str(&format!("${{{name}}}"));
            }
            ('\\', Some(_)) => out.extend(chars.next()),
            (c, _) => out.push(c),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacements_are_those_of_carbon() {
        let name = |find, replace, name| Rewrite::new(find, replace).unwrap().name(name);
        assert_eq!(name(r"^collectd\.([a-z]+)\.", r"\1.system.", "collectd.web.load"), "web.system.load");
        assert_eq!(name("_sum$", "", "a.b_sum"), "a.b");
        assert_eq!(name(r"\.", "$", "a.b"), "a$b");
        assert_eq!(name("(?P<h>web)", r"\g<h>er", "web.x"), "weber.x");
        assert!(Rewrite::new("a(b)", r"\2").is_err() && Rewrite::new("(", "").is_err());
        let labels = Labels::from_pairs([(NAME, "old"), ("a", "1")]).unwrap();
        let new = Rewrite::new("old", "new").unwrap().apply(&labels);
        assert_eq!((new.name(), new.get("a")), ("new", Some("1")));
        assert_eq!(Rewrite::new("old", "").unwrap().apply(&labels).name(), "old");
    }
}
