//! Trees as texts, on one line, as Prometheus writes them: its tools compare what they get.

use super::ast::{Aggregate, At, Binary, Duration, DurationKind, Expr, Kind, Selector, Subquery, When};
use super::{is_label_name, is_metric_name};
use crate::plan::vector::{Cardinality, Edge, Matching, Operator};
use model::{MatchOp, Matcher, NAME};
use std::fmt::{self, Display, Formatter, Write};

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Number { value, is_duration: true } => signed_duration(f, *value),
            Kind::Number { value, is_duration: false } => number(f, *value),
            Kind::Text(text) => f.write_str(&quoted(text)),
            Kind::Selector(selector) => Display::fmt(selector, f),
            Kind::Range { selector, range } => {
                write!(f, "{}[{range}]", Bare(selector))?;
                edge(f, selector.edge)?;
                write!(f, "{}", selector.when)
            }
            Kind::Subquery(subquery) => write!(f, "{}{}", subquery.input, subquery.suffix()),
            Kind::Call { function, args } => {
                write!(f, "{}(", function.name)?;
                for (at, arg) in args.iter().enumerate() {
                    f.write_str(if at > 0 { ", " } else { "" })?;
                    Display::fmt(arg, f)?;
                }
                f.write_char(')')
            }
            Kind::Aggregate(aggregate) => {
                write!(f, "{}(", aggregate.head())?;
                if let Some(parameter) = &aggregate.parameter {
                    write!(f, "{parameter}, ")?;
                }
                write!(f, "{})", aggregate.input)
            }
            // A sign before a power would be the sign of the power.
            Kind::Binary(binary) if binary.is_power_of_infinity() => {
                write!(f, "Inf {} {}", binary.head(), binary.right)
            }
            Kind::Binary(binary) => write!(f, "{} {} {}", binary.left, binary.head(), binary.right),
            Kind::Unary { is_minus, operand } => write!(f, "{}{operand}", sign(*is_minus)),
            Kind::Paren(inner) => write!(f, "({inner})"),
        }
    }
}

/// The sign of a unary expression.
pub(super) fn sign(is_minus: bool) -> char {
    if is_minus { '-' } else { '+' }
}

impl Aggregate {
    /// What stands before the parentheses.
    pub(super) fn head(&self) -> String {
        let grouping = &self.grouping;
        let word = match (grouping.is_without, grouping.labels.is_empty()) {
            (true, _) => "without",
            (false, false) => "by",
            (false, true) => return self.function.name.to_owned(),
        };
        format!("{} {word} {} ", self.function.name, labels(&grouping.labels))
    }
}

impl Binary {
    fn is_power_of_infinity(&self) -> bool {
        self.operator == Operator::Power
            && matches!(self.left.kind, Kind::Number { value, .. } if value == f64::INFINITY)
    }

    /// The operator and what says which series meet.
    pub(super) fn head(&self) -> String {
        let is_bool = if self.is_bool { " bool" } else { "" };
        format!("{}{is_bool}{}", self.operator.as_str(), matching(&self.matching))
    }
}

fn matching(matching: &Matching) -> String {
    let mut out = String::new();
    let group = match matching.cardinality {
        Cardinality::ManyToOne => Some("group_left"),
        Cardinality::OneToMany => Some("group_right"),
        Cardinality::OneToOne | Cardinality::ManyToMany => None,
    };
    if matching.is_on || !matching.labels.is_empty() || group.is_some() {
        let word = if matching.is_on { "on" } else { "ignoring" };
        let _ = write!(out, " {word} {}", labels(&matching.labels));
    }
    if let Some(group) = group {
        let _ = write!(out, " {group} {}", labels(&matching.include));
    }
    let fill = |out: &mut String, word: &str, value: f64| {
        let _ = write!(out, " {word} ({})", Number(value));
    };
    match (matching.fill_left, matching.fill_right) {
        (Some(left), Some(right)) if left.to_bits() == right.to_bits() => fill(&mut out, "fill", left),
        (left, right) => {
            left.into_iter().for_each(|value| fill(&mut out, "fill_left", value));
            right.into_iter().for_each(|value| fill(&mut out, "fill_right", value));
        }
    }
    out
}

fn labels(names: &[String]) -> String {
    let written = |name: &String| if is_label_name(name) { name.clone() } else { quoted(name) };
    format!("({})", names.iter().map(written).collect::<Vec<_>>().join(", "))
}

impl Subquery {
    /// What stands behind its expression.
    pub(super) fn suffix(&self) -> String {
        let step = self.step.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("[{}:{step}]{}", self.range, self.when)
    }
}

impl Display for Selector {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Bare(self))?;
        at(f, &self.when)?;
        edge(f, self.edge)?;
        offset(f, &self.when)
    }
}

/// A selector without what follows it.
struct Bare<'a>(&'a Selector);

impl Display for Bare<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let selector = self.0;
        let name = selector.name.as_deref().filter(|name| is_metric_name(name));
        f.write_str(name.unwrap_or_default())?;
        let is_name =
            |m: &Matcher| m.name == NAME && m.op == MatchOp::Equal && Some(m.value.as_str()) == name;
        let mut matchers: Vec<String> =
            selector.matchers.iter().filter(|m| !is_name(m)).map(matcher).collect();
        matchers.sort();
        match (matchers.is_empty(), name) {
            (true, Some(_)) => Ok(()),
            _ => write!(f, "{{{}}}", matchers.join(",")),
        }
    }
}

fn matcher(matcher: &Matcher) -> String {
    let op = operator_text(matcher.op);
    let name = if is_label_name(&matcher.name) { matcher.name.clone() } else { quoted(&matcher.name) };
    format!("{name}{op}{}", quoted(&matcher.value))
}

/// A way of comparing as it is written.
pub(super) fn operator_text(op: MatchOp) -> &'static str {
    match op {
        MatchOp::Equal => "=",
        MatchOp::NotEqual => "!=",
        MatchOp::Regex => "=~",
        MatchOp::NotRegex => "!~",
    }
}

impl Display for When {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        at(f, self)?;
        offset(f, self)
    }
}

fn at(f: &mut Formatter<'_>, when: &When) -> fmt::Result {
    match when.at {
        None => Ok(()),
        Some(At::Start) => f.write_str(" @ start()"),
        Some(At::End) => f.write_str(" @ end()"),
        Some(At::Time(ms)) => write!(f, " @ {:.3}", ms as f64 / 1000.0),
    }
}

fn offset(f: &mut Formatter<'_>, when: &When) -> fmt::Result {
    match &when.offset {
        None => Ok(()),
        // As if it were not there.
        Some(Duration { kind: DurationKind::Seconds { seconds: 0.0, .. }, .. }) => Ok(()),
        Some(offset) => write!(f, " offset {offset}"),
    }
}

fn edge(f: &mut Formatter<'_>, edge: Edge) -> fmt::Result {
    f.write_str(match edge {
        Edge::Open => "",
        Edge::Anchored => " anchored",
        Edge::Smoothed => " smoothed",
    })
}

impl Display for Duration {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            DurationKind::Seconds { seconds, .. } => signed_duration(f, *seconds),
            kind => Display::fmt(&Term(kind), f),
        }
    }
}

/// A part of a computed length: numbers keep the form they were written in.
struct Term<'a>(&'a DurationKind);

impl Display for Term<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            DurationKind::Seconds { seconds, is_duration: true } => signed_duration(f, *seconds),
            DurationKind::Seconds { seconds, is_duration: false } => number(f, *seconds),
            DurationKind::Step => f.write_str("step()"),
            DurationKind::Range => f.write_str("range()"),
            DurationKind::Min(one, other) => write!(f, "min_of({}, {})", Term(&one.kind), Term(&other.kind)),
            DurationKind::Max(one, other) => write!(f, "max_of({}, {})", Term(&one.kind), Term(&other.kind)),
            DurationKind::Negate(inner) => write!(f, "-{}", Term(&inner.kind)),
            DurationKind::Paren(inner) => write!(f, "({})", Term(&inner.kind)),
            DurationKind::Binary(operator, one, other) => {
                write!(f, "{} {} {}", Term(&one.kind), operator.as_str(), Term(&other.kind))
            }
        }
    }
}

struct Number(f64);

impl Display for Number {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        number(f, self.0)
    }
}

fn number(f: &mut Formatter<'_>, value: f64) -> fmt::Result {
    match value {
        f64::INFINITY => f.write_str("+Inf"),
        f64::NEG_INFINITY => f.write_str("-Inf"),
        value => write!(f, "{value}"),
    }
}

fn signed_duration(f: &mut Formatter<'_>, seconds: f64) -> fmt::Result {
    f.write_str(if seconds < 0.0 { "-" } else { "" })?;
    f.write_str(&duration_text((seconds.abs() * 1000.0).round() as u64))
}

/// A length of time in the largest units: `1h30m`. Years and weeks only where nothing remains.
pub fn duration_text(ms: u64) -> String {
    const UNITS: [(&str, u64, bool); 7] = [
        ("y", 365 * 86_400_000, true),
        ("w", 7 * 86_400_000, true),
        ("d", 86_400_000, false),
        ("h", 3_600_000, false),
        ("m", 60_000, false),
        ("s", 1000, false),
        ("ms", 1, false),
    ];
    if ms == 0 {
        return "0s".to_owned();
    }
    let (mut out, mut rest) = (String::new(), ms);
    for (name, unit_ms, exact) in UNITS {
        if rest < unit_ms || (exact && rest % unit_ms != 0) {
            continue;
        }
        let _ = write!(out, "{}{name}", rest / unit_ms);
        rest %= unit_ms;
    }
    out
}

/// A text in double quotes, with the escapes of Go.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{b}' => out.push_str("\\v"),
            '\u{c}' => out.push_str("\\f"),
            c if (c as u32) < 0x80 && c.is_control() => _ = write!(out, "\\x{:02x}", c as u32),
            c if c.is_control() => _ = write!(out, "\\u{:04x}", c as u32),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
