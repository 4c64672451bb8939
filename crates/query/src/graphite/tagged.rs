//! `seriesByTag`: series by conditions on their tags, which are their labels; `name` is the metric's name.

use crate::QueryError;
use lang::{Error, Span};
use model::{Labels, MatchOp, Matcher, NAME};

/// Conditions, understood.
#[derive(Debug, Clone)]
pub struct Tagged {
    /// All must hold.
    pub matchers: Vec<Matcher>,
}

/// Reads `tag=value`, `tag!=value`, `tag=~regex` and `tag!=~regex`. Regular expressions are anchored at their start only. A
/// tag that is absent has the value "".
pub fn condition(text: &str) -> Result<Matcher, String> {
    let wrong = || format!("`{text}` is not a condition on a tag such as name=cpu, host=~web.* or dc!=eu");
    let at = text.find(['=', '!']).filter(|at| *at > 0).ok_or_else(wrong)?;
    let (tag, rest) = text.split_at(at);
    let (op, value) = if let Some(value) = rest.strip_prefix("!=~") {
        (MatchOp::NotRegex, value)
    } else if let Some(value) = rest.strip_prefix("!=") {
        (MatchOp::NotEqual, value)
    } else if let Some(value) = rest.strip_prefix("=~") {
        (MatchOp::Regex, value)
    } else {
        (MatchOp::Equal, rest.strip_prefix('=').ok_or_else(wrong)?)
    };
    let label = if tag == "name" { NAME } else { tag };
    match op {
        MatchOp::Regex | MatchOp::NotRegex => Matcher::new(label, op, format!("(?:{value}).*")),
        _ => Matcher::new(label, op, value),
    }
}

impl Tagged {
    /// Reads all conditions. One of them must say that something is there.
    pub fn parse(conditions: &[String], span: Span) -> Result<Self, QueryError> {
        let fail = |message: String| QueryError::Expression(Error::new(span, message));
        let matchers = conditions.iter().map(|text| condition(text)).collect::<Result<Vec<_>, _>>();
        let matchers = matchers.map_err(fail)?;
        if matchers.iter().all(|matcher| matcher.accepts("")) {
            let message = "At least one condition must not hold for series without the tag";
            return Err(QueryError::Expression(Error::new(span, message).hint("such as name=~.+")));
        }
        Ok(Self { matchers })
    }
}

/// `name;tag=value;tag=value`, tags in order.
pub(super) fn name(labels: &Labels) -> String {
    let mut out = labels.name().to_owned();
    for (tag, value) in labels.iter().filter(|(name, _)| *name != NAME) {
        out.push(';');
        out.push_str(tag);
        out.push('=');
        out.push_str(value);
    }
    out
}
