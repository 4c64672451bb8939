//! `DEF`: which series, and how their samples are folded into rows.

use super::statement::Field;
use crate::nearest::nearest;
use crate::plan::{Aggregate, Filter, Metric, Pattern, Query, Read};
use crate::{Error, Span};
use model::{Interval, MatchOp, Matcher, NAME};

/// The folds.
pub(super) const FOLDS: [(&str, &str); 9] = [
    ("AVERAGE", "mean of the samples in a row"),
    ("MIN", "least sample"),
    ("MAX", "greatest sample"),
    ("LAST", "latest sample"),
    ("FIRST", "earliest sample"),
    ("SUM", "sum of the samples"),
    ("COUNT", "how many samples"),
    ("RATE", "growth per second of counters, summed over the series"),
    ("INCREASE", "growth of counters, summed over the series"),
];

/// Reads the fields after `DEF:name=`; the first of them has lost the name.
pub(super) fn read(fields: &[Field], whole: Span) -> Result<Read, Error> {
    let (options, plain): (Vec<&Field>, Vec<&Field>) =
        fields.iter().partition(|field| !field.text().contains('{') && field.text().contains('='));
    let [selector, .., fold] = plain.as_slice() else {
        return Err(Error::new(whole, "A DEF names series and how they are folded into rows")
            .hint("such as DEF:a=load1:AVERAGE"));
    };
    let aggregate = aggregate(fold)?;
    let mut matchers = matchers(selector)?;
    match plain.as_slice() {
        [_, _] => {}
        [_, source, _] => matchers.push(Matcher::equal("ds", source.text())),
        [.., extra] => return Err(Error::new(extra.span(), "A DEF has no field in this place")),
        [] => {}
    }
    let mut interval = None;
    for option in options {
        interval = Some(step(option)?);
    }
    let text = selector.text();
    let name = matchers.iter().position(|m| m.name == NAME && m.op == MatchOp::Equal);
    let name = name.map(|at| matchers.remove(at).value);
    let label = format!("{}({})", fold.text().to_lowercase(), name.as_deref().unwrap_or(&text));
    let filter = match matchers.is_empty() {
        true => Filter::All,
        false => Filter::and(matchers.into_iter().map(Filter::Matcher).collect()),
    };
    let text = if filter == Filter::All { "*".to_owned() } else { text };
    Ok(Read {
        queries: vec![Query { text, filter }],
        metrics: vec![Metric { label, aggregate, name: name.map(|name| Pattern::literal(&name)) }],
        splits: Vec::new(),
        offset: None,
        interval,
        fit: None,
    })
}

fn matchers(selector: &Field) -> Result<Vec<Matcher>, Error> {
    let text = selector.text();
    let error = |why: String| Error::new(selector.span(), why);
    if text.to_lowercase().ends_with(".rrd") {
        return Err(error(format!("`{text}` is a file, here series are named"))
            .hint("such as load1{host=\"web1\"}; `windhover import` takes in round robin files"));
    }
    let matchers = Matcher::parse_selector(&text).map_err(|why| error(format!("`{text}`: {why}")))?;
    if matchers.is_empty() {
        return Err(error("A metric is missing here".to_owned()).hint("such as load1{host=\"web1\"}"));
    }
    Ok(matchers)
}

fn aggregate(fold: &Field) -> Result<Aggregate, Error> {
    let text = fold.text();
    Ok(match text.as_str() {
        "AVERAGE" => Aggregate::Avg,
        "MIN" => Aggregate::Min,
        "MAX" => Aggregate::Max,
        "LAST" => Aggregate::Last,
        "FIRST" => Aggregate::First,
        "SUM" => Aggregate::Sum,
        "COUNT" => Aggregate::Count,
        "RATE" => Aggregate::Rate,
        "INCREASE" => Aggregate::Increase,
        _ => {
            let names = FOLDS.map(|(name, _)| name);
            let hint = match nearest(&text, names) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("one of {}", names.join(", ")),
            };
            return Err(Error::new(fold.span(), format!("`{text}` is not a way to fold samples")).hint(hint));
        }
    })
}

fn step(option: &Field) -> Result<Interval, Error> {
    let text = option.text();
    let (name, value) = text.split_once('=').unwrap_or((&text, ""));
    let error = |why: String| Error::new(option.span(), why);
    match name {
        "step" => {
            let seconds =
                value.parse::<u32>().ok().filter(|n| *n > 0).map(|n| Interval::new(n, model::Unit::Second));
            seconds
                .or_else(|| Interval::parse(value))
                .ok_or_else(|| error(format!("`{value}` is not a step")).hint("such as step=300 or step=5m"))
        }
        "start" | "end" => {
            Err(error(format!("`{name}` is the request's, not a DEF's"))
                .hint("SHIFT:a:86400 shows a day ago"))
        }
        "reduce" => {
            Err(error("`reduce` is not needed: samples are folded at once as the DEF says".to_owned())
                .hint("name the fold in the place of AVERAGE"))
        }
        _ => Err(error(format!("A DEF has no option `{name}`")).hint("it has step")),
    }
}
