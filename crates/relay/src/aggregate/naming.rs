//! Which series come together, and what they are called then.

use model::{Labels, LabelsBuilder, NAME};
use regex::Regex;

/// See the module's text.
#[derive(Debug, Clone)]
pub enum Naming {
    /// Carbon's: names that match, with parts of them put into a template.
    Pattern {
        /// What a name must look like.
        input: Regex,
        /// The name of what is made; `${name}` is what was captured.
        output: String,
    },
    /// Series that agree in these labels; all others are gone.
    By(Vec<String>, Option<String>),
    /// Series that agree in all but these labels.
    Without(Vec<String>, Option<String>),
    /// Each series by itself, under its own labels: fewer samples of it.
    Same,
}

impl Naming {
    /// Reads the two sides of a line of `aggregation-rules.conf`.
    ///
    /// # Errors
    /// When the input is no pattern, or the output names a part that it has not.
    pub fn carbon(input: &str, output: &str) -> Result<Self, String> {
        let text = translate(input)?;
        let input = Regex::new(&format!("^(?:{text})$")).map_err(|_| format!("`{input}` is no pattern"))?;
        let (mut template, mut rest) = (String::new(), output);
        while let Some(open) = rest.find('<') {
            let (before, after) = (&rest[..open], rest[open..].trim_start_matches('<'));
            let (name, after) =
                after.split_once('>').ok_or_else(|| format!("`{output}`: a `<` that is not closed"))?;
            if !input.capture_names().flatten().any(|known| known == name) {
                return Err(format!("`{output}` has `<{name}>`, the pattern has not"));
            }
            template.push_str(&before.replace('$', "$$"));
            template.push_str(&format!("${{{name}}}"));
            rest = after.trim_start_matches('>');
        }
        template.push_str(&rest.replace('$', "$$"));
        Ok(Self::Pattern { input, output: template })
    }

    /// The labels of what a series counts towards; `None` when it counts towards nothing.
    pub fn name(&self, labels: &Labels) -> Option<Labels> {
        match self {
            Self::Same => Some(labels.clone()),
            Self::Pattern { input, output } => {
                let found = input.captures(labels.name())?;
                let mut name = String::new();
                found.expand(output, &mut name);
                Labels::from_pairs([(NAME, name.as_str())]).ok()
            }
            Self::By(by, name) => made(labels, name, |label| by.iter().any(|b| b == label)),
            Self::Without(without, name) => made(labels, name, |label| !without.iter().any(|w| w == label)),
        }
    }
}

fn made(labels: &Labels, name: &Option<String>, keeps: impl Fn(&str) -> bool) -> Option<Labels> {
    let mut builder = LabelsBuilder::default();
    for (label, value) in labels.iter().filter(|(label, _)| *label != NAME && keeps(label)) {
        builder.add(label, value);
    }
    builder.add(NAME, name.as_deref().unwrap_or(labels.name()));
    builder.build().ok()
}

/// A pattern of carbon as a regular expression: `<a>` is a part of a component, `<<a>>` may hold dots, `*` is any part
/// of a component; what else there is, is an expression by itself, but for dots.
fn translate(pattern: &str) -> Result<String, String> {
    let mut parts = Vec::new();
    for part in pattern.split('.') {
        let (mut out, mut rest) = (String::new(), part);
        while let Some(open) = rest.find('<') {
            let wide = rest[open..].starts_with("<<");
            let close = if wide { ">>" } else { ">" };
            let after = &rest[open + close.len()..];
            let (name, after) =
                after.split_once(close).ok_or_else(|| format!("`{pattern}`: a `<` that is not closed"))?;
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                return Err(format!("`{pattern}`: `{name}` is no name of a part"));
            }
            out.push_str(&rest[..open].replace('*', "[^.]*"));
            out.push_str(&format!("(?P<{name}>{})", if wide { ".+?" } else { "[^.]+?" }));
            rest = after;
        }
        out.push_str(&if rest == "*" && out.is_empty() {
            "[^.]+".to_owned()
        } else {
            rest.replace('*', "[^.]*")
        });
        parts.push(out);
    }
    Ok(parts.join(r"\."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_carbon() {
        let name = |input: &str, output: &str, name: &str| {
            let naming = Naming::carbon(input, output).unwrap();
            let made = naming.name(&Labels::from_pairs([(NAME, name), ("x", "1")]).unwrap());
            made.map(|labels| labels.to_string())
        };
        let rule = ("<env>.applications.<app>.*.requests", "<env>.applications.<app>.all.requests");
        let made = name(rule.0, rule.1, "prod.applications.apache.www01.requests");
        assert_eq!(made.as_deref(), Some("prod.applications.apache.all.requests"));
        assert_eq!(name(rule.0, rule.1, "prod.applications.apache.www.01.requests"), None);
        assert_eq!(name("<a>.<<rest>>", "<<rest>>.of.<a>", "x.b.c.d").as_deref(), Some("b.c.d.of.x"));
        assert_eq!(name("web<n>.cpu", "all.<n>", "web12.cpu").as_deref(), Some("all.12"));
        assert_eq!(name("a.b", "c", "a.b.c"), None);
        assert!(Naming::carbon("<a", "x").is_err() && Naming::carbon("<a>.x", "<b>").is_err());
    }

    #[test]
    fn labels_decide_who_comes_together() {
        let labels = Labels::from_pairs([(NAME, "cpu"), ("host", "a"), ("core", "1"), ("dc", "x")]).unwrap();
        let by = Naming::By(vec!["dc".to_owned()], None).name(&labels).unwrap();
        assert_eq!(by.to_string(), "cpu{dc=\"x\"}");
        let without =
            Naming::Without(vec!["core".to_owned()], Some("cpu_all".to_owned())).name(&labels).unwrap();
        assert_eq!(without.to_string(), "cpu_all{dc=\"x\",host=\"a\"}");
        assert_eq!(Naming::Same.name(&labels), Some(labels));
    }
}
