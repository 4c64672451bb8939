//! Patterns of metric names: Graphite's globs, and regular expressions as carbon's files have them.

use regex::Regex;

/// See the module's text.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

impl Pattern {
    /// A Graphite glob of the whole name: `*` within a component, `?` one character, `{a,b}` one of several, `[a-z]`
    /// one of a set, `**` any number of components.
    ///
    /// # Errors
    /// When a bracket is not closed.
    pub fn glob(text: &str) -> Result<Self, String> {
        Self::compile(&format!("^(?:{})$", translate(text)?))
    }

    /// A regular expression that is found anywhere in the name.
    ///
    /// # Errors
    /// When it is none.
    pub fn regex(text: &str) -> Result<Self, String> {
        Self::compile(text)
    }

    /// The same without regard to case, as `relay-rules.conf` has it.
    ///
    /// # Errors
    /// When it is none.
    pub fn regex_any_case(text: &str) -> Result<Self, String> {
        Self::compile(&format!("(?i:{text})"))
    }

    fn compile(text: &str) -> Result<Self, String> {
        let wrong =
            |e: regex::Error| format!("`{text}`: {}", e.to_string().lines().last().unwrap_or("").trim());
        Regex::new(text).map(Self).map_err(wrong)
    }

    /// Whether a name fits.
    pub fn accepts(&self, name: &str) -> bool {
        self.0.is_match(name)
    }
}

fn translate(glob: &str) -> Result<String, String> {
    let (mut out, mut braces, mut chars) = (String::new(), 0, glob.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '*' if chars.next_if_eq(&'*').is_some() => out.push_str(".*"),
            '*' => out.push_str("[^.]*"),
            '?' => out.push_str("[^.]"),
            '{' => {
                braces += 1;
                out.push_str("(?:");
            }
            '}' if braces > 0 => {
                braces -= 1;
                out.push(')');
            }
            ',' if braces > 0 => out.push('|'),
            '[' => {
                let set: String = chars.by_ref().take_while(|c| *c != ']').collect();
                if set.is_empty() {
                    return Err(format!("`{glob}`: a set without members"));
                }
                let (sign, members) = set.strip_prefix('!').map_or(("", set.as_str()), |rest| ("^", rest));
                out.push_str(&format!("[{sign}{}]", members.replace('\\', "\\\\").replace('[', "\\[")));
            }
            c => out.push_str(&regex::escape(&c.to_string())),
        }
    }
    if braces > 0 { Err(format!("`{glob}`: a brace that is not closed")) } else { Ok(out) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_are_those_of_graphite() {
        let fits = |glob: &str, name: &str| Pattern::glob(glob).unwrap().accepts(name);
        assert!(fits("servers.*.cpu", "servers.web1.cpu") && !fits("servers.*.cpu", "servers.a.b.cpu"));
        assert!(fits("s.{a,b}?.x", "s.b1.x") && !fits("s.{a,b}?.x", "s.c1.x"));
        assert!(fits("s.[a-c]x", "s.bx") && !fits("s.[!a-c]x", "s.bx") && fits("s.[!a-c]x", "s.dx"));
        assert!(fits("a.**", "a.b.c") && !fits("a.b", "a.b.c") && !fits("a+b", "aab"));
        assert!(
            Pattern::glob("a.{b").is_err() && Pattern::glob("a[]").is_err() && Pattern::regex("(").is_err()
        );
        assert!(Pattern::regex_any_case("^CPU").unwrap().accepts("cpu.x"));
    }
}
