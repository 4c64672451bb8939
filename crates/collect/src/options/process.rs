//! Rules by which processes are put into groups.

use super::pattern::Pattern;

/// Most rules.
pub const RULES_MAX: usize = 1000;

/// A part of a group of processes: those that fulfil all conditions, and not those of a rule before. Rules may share a
/// group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The group; value of the label of that name.
    pub group: String,
    /// What must be true of a process; at least one.
    pub conditions: Vec<Condition>,
    /// Whether to tell the share of the memory that each holds together with others; costs the kernel a walk over all
    /// pages of each process once a minute.
    pub proportional: bool,
}

/// A condition: one of the patterns matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// What is looked at.
    pub field: Field,
    /// What it may be like.
    pub patterns: Vec<Pattern>,
}

/// What is looked at of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The name of the program as the kernel keeps it, at most 15 bytes.
    Name,
    /// The path of the program; a pattern without a slash is for the name at its end.
    Program,
    /// The arguments with a blank between.
    CommandLine,
    /// The user it acts as, by name, or by number where it has none.
    User,
    /// The path of its control group; a pattern without a slash is for the name at its end.
    ControlGroup,
}

impl Field {
    /// Every field and its name in settings.
    pub const ALL: [(&'static str, Self); 5] = [
        ("name", Self::Name),
        ("exe", Self::Program),
        ("cmdline", Self::CommandLine),
        ("user", Self::User),
        ("cgroup", Self::ControlGroup),
    ];
}

impl Rule {
    /// Makes a rule of the patterns given for each field. The error names the field.
    pub fn new<'t>(
        group: &str,
        patterns: impl Iterator<Item = (Field, &'t [String])>,
        proportional: bool,
    ) -> Result<Self, String> {
        if group.is_empty() {
            return Err("`group` is empty".to_owned());
        }
        let given = patterns.filter(|(_, texts)| !texts.is_empty());
        let conditions =
            given.map(|(field, texts)| condition(field, texts)).collect::<Result<Vec<_>, _>>()?;
        if conditions.is_empty() {
            let names = Field::ALL.map(|(name, _)| name).join(", ");
            return Err(format!("one of {names} is needed"));
        }
        Ok(Self { group: group.to_owned(), conditions, proportional })
    }
}

fn condition(field: Field, texts: &[String]) -> Result<Condition, String> {
    let name = Field::ALL.iter().find(|(_, known)| *known == field).map_or("", |(name, _)| name);
    let patterns = texts.iter().map(|text| Pattern::parse(text)).collect::<Result<_, _>>();
    Ok(Condition { field, patterns: patterns.map_err(|why| format!("`{name}`: {why}"))? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(group: &str, field: Field, texts: &[&str]) -> Result<Rule, String> {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        Rule::new(
            group,
            Field::ALL.into_iter().map(|(_, one)| (one, if one == field { &*texts } else { &[] })),
            false,
        )
    }

    #[test]
    fn rules_need_a_group_and_a_condition_and_mistakes_are_named() {
        let made = rule("web", Field::Program, &["nginx", "httpd"]).unwrap();
        assert_eq!((made.conditions.len(), made.conditions[0].patterns.len()), (1, 2));
        assert_eq!(rule("", Field::Name, &["x"]).unwrap_err(), "`group` is empty");
        let none = rule("web", Field::Name, &[]).unwrap_err();
        assert_eq!(none, "one of name, exe, cmdline, user, cgroup is needed");
        let bad = rule("web", Field::CommandLine, &["x", "~("]).unwrap_err();
        assert!(bad.starts_with("`cmdline`: `(` is a bad"), "{bad}");
    }
}
