//! Why an answer is empty: what the selectors of an expression ask for and is not there.

mod beyond;

use lang::nearest::nearest;
use lang::promql::Expr;
use lang::promql::ast::Selector;
use model::{MatchOp, Matcher, NAME, ReadError, Source, TimeRange, timetext};

/// Most selectors of an expression that are looked into.
const SELECTORS_MAX: usize = 5;
/// Most names among which the nearest is looked for.
const NAMES_MAX: usize = 20_000;

/// A sentence for each selector of `expr` that finds nothing, or nothing from `start_ms` on.
pub fn empty(source: &dyn Source, expr: &Expr, start_ms: i64) -> Vec<String> {
    let selectors = expr.selectors().into_iter().take(SELECTORS_MAX);
    // A source that cannot be read has said so already.
    let missing: Vec<String> =
        selectors.filter_map(|selector| reason(source, selector, start_ms).ok().flatten()).collect();
    if missing.is_empty() { beyond::reason(source, expr).into_iter().collect() } else { missing }
}

/// A length of time as PromQL writes it.
fn text_of_ms(ms: i64) -> String {
    lang::promql::duration_text(ms.unsigned_abs())
}

fn reason(source: &dyn Source, selector: &Selector, start_ms: i64) -> Result<Option<String>, ReadError> {
    let found = source.select(&selector.matchers, TimeRange::ALL, NAMES_MAX)?;
    if found.series.is_empty() {
        return missing(source, selector).map(Some);
    }
    let ids: Vec<_> = found.series.iter().map(|series| series.id).collect();
    let newest = source.last(&ids, TimeRange::ALL)?;
    let newest_ms = newest.into_iter().flatten().map(|sample| sample.time_ms).max();
    Ok(newest_ms.filter(|newest_ms| *newest_ms < start_ms).map(|newest_ms| {
        format!("the newest sample of {} is of {}", shown(selector), timetext::print(newest_ms))
    }))
}

fn shown(selector: &Selector) -> String {
    Selector { when: Default::default(), ..selector.clone() }.to_string()
}

fn missing(source: &dyn Source, selector: &Selector) -> Result<String, ReadError> {
    let is_name = |m: &&Matcher| m.name == NAME && m.op == MatchOp::Equal;
    let name: Vec<Matcher> = selector.matchers.iter().filter(is_name).cloned().collect();
    let there = |matchers: &[Matcher]| {
        source.select(matchers, TimeRange::ALL, 1).map(|found| !found.series.is_empty())
    };
    if let [only] = name.as_slice()
        && !there(&name)?
    {
        if lang::promql::functions::aggregator(&only.value).is_some() {
            return Ok(format!(
                "there is no metric named {0:?}; the aggregation is written {0}(…)",
                only.value
            ));
        }
        return told(source, only, &[], format!("there is no metric named {:?}", only.value));
    }
    let of = name.first().map(|name| format!(" of {}", name.value)).unwrap_or_default();
    let wanting = |m: &&Matcher| m.name != NAME && !m.accepts("");
    for matcher in selector.matchers.iter().filter(wanting) {
        let both = [name.as_slice(), std::slice::from_ref(matcher)].concat();
        if there(&both)? {
            continue;
        }
        let names = source.label_names(&name, TimeRange::ALL, NAMES_MAX)?;
        if !names.contains(&matcher.name) {
            let near = nearest(&matcher.name, names.iter().map(String::as_str));
            return Ok(asked(format!("no series{of} has the label {}", matcher.name), near));
        }
        match matcher.op {
            MatchOp::Equal => return told(source, matcher, &name, format!("no series{of} has {matcher}")),
            MatchOp::Regex => {
                return Ok(pattern(matcher, &of, |wider| there(&[&name[..], &[wider]].concat())));
            }
            _ => {}
        }
    }
    Ok(format!("no series satisfies all of {}", shown(selector)))
}

// A pattern is for whole values, which is not so elsewhere.
fn pattern(matcher: &Matcher, of: &str, there: impl Fn(Matcher) -> Result<bool, ReadError>) -> String {
    let sentence = format!("no series{of} has {matcher}");
    let wider = format!(".*(?:{}).*", matcher.value);
    let is_within = |wider| there(Matcher::new(matcher.name.clone(), MatchOp::Regex, wider).ok()?).ok();
    if is_within(wider) == Some(true) {
        return format!(
            "{sentence}: patterns match whole values (try {}=~\".*{}.*\")",
            matcher.name, matcher.value
        );
    }
    sentence
}

fn asked(sentence: String, near: Option<&str>) -> String {
    match near {
        Some(near) => format!("{sentence} (did you mean {near:?}?)"),
        None => sentence,
    }
}

// With the value that is most like the one that is not there.
fn told(
    source: &dyn Source,
    matcher: &Matcher,
    among: &[Matcher],
    sentence: String,
) -> Result<String, ReadError> {
    let values = source.label_values(&matcher.name, among, TimeRange::ALL, NAMES_MAX)?;
    Ok(asked(sentence, nearest(&matcher.value, values.iter().map(String::as_str))))
}
