//! Functions that give names.

use super::combine::nodes_of;
use super::keys::key;
use super::pattern::substitute;
use crate::QueryError;
use crate::graphite::aggregate::Aggregate;
use crate::graphite::call::{Call, Outcome, Value};
use crate::graphite::series::Series;
use crate::graphite::text::{float, g, whole};

fn each(mut call: Call<'_, '_>, mut name: impl FnMut(&Call<'_, '_>, &Series) -> String) -> Outcome {
    let mut list = call.list(0);
    for series in &mut list {
        series.name = name(&call, series);
    }
    Ok(list)
}

pub(crate) fn alias(call: Call<'_, '_>) -> Outcome {
    let name = call.required_text(1)?;
    each(call, |_, _| name.clone())
}

pub(crate) fn by_node(call: Call<'_, '_>) -> Outcome {
    each(call, |call, series| key(series, call.values(1)))
}

pub(crate) fn sub(call: Call<'_, '_>) -> Outcome {
    let substitute = substitute(&call, &call.required_text(1)?, &call.required_text(2)?)?;
    each(call, |_, series| substitute(&series.name))
}

pub(crate) fn query(mut call: Call<'_, '_>) -> Outcome {
    let substitute = substitute(&call, &call.required_text(1)?, &call.required_text(2)?)?;
    let template = call.required_text(3)?;
    let mut list = call.list(0);
    for series in &mut list {
        let target = substitute(&series.name);
        let found = call.target(&target)?;
        let Some(first) = found.first() else {
            return Err(call.fail(format!("No series is called {target}")));
        };
        let last = Aggregate::Last.of_series(first);
        if last.is_nan() {
            return Err(call.fail(format!("{target} has no value")));
        }
        series.name = formatted(&template, last);
    }
    Ok(list)
}

/// One number into a text with `%d`, `%g`, `%s`, `%.2f` and the like; `%%` is a percent sign.
pub(super) fn formatted(template: &str, number: f64) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let length = rest
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | ' ')))
            .unwrap_or(rest.len());
        let (flags, tail) = rest.split_at(length);
        let decimals: Option<usize> = flags.split_once('.').and_then(|(_, digits)| digits.parse().ok());
        let decimals = decimals.map(|decimals| decimals.min(100));
        let width: usize =
            flags.split('.').next().and_then(|w| w.trim_matches(['-', '+', ' ']).parse().ok()).unwrap_or(0);
        let text = match tail.chars().next() {
            Some('%') => "%".to_owned(),
            Some('d' | 'i') => whole(number),
            Some('f') => format!("{number:.*}", decimals.unwrap_or(6)),
            Some('g') => g(number),
            Some('e') => format!("{number:.*e}", decimals.unwrap_or(6)),
            Some('s') => float(number),
            _ => String::new(),
        };
        let width = width.min(200);
        out.push_str(&if flags.starts_with('-') {
            format!("{text:<width$}")
        } else {
            format!("{text:>width$}")
        });
        rest = tail.get(1..).unwrap_or("");
    }
    out.push_str(rest);
    out
}

// What stands in the innermost brackets, up to a comma.
fn inner(name: &str) -> &str {
    let left = name.rfind('(').map_or(0, |at| at + 1);
    let right = name.find(')').unwrap_or(name.len());
    name.get(left..right).unwrap_or("")
}

fn part(name: &str, start: i64, stop: Option<i64>) -> String {
    let nodes = nodes_of(inner(name), start, stop);
    nodes.split(',').next().unwrap_or_default().to_owned()
}

pub(crate) fn substr(call: Call<'_, '_>) -> Outcome {
    let (start, stop) = (call.integer(1).unwrap_or(0), call.integer(2).filter(|stop| *stop != 0));
    each(call, |_, series| part(&series.name, start, stop))
}

pub(crate) fn by_metric(call: Call<'_, '_>) -> Outcome {
    each(call, |_, series| part(&series.name, -1, None))
}

fn cased(call: Call<'_, '_>, change: fn(&str) -> String) -> Outcome {
    each(call, |call, series| {
        let places: Vec<i64> = call
            .values(1)
            .iter()
            .filter_map(|value| match value {
                Value::Integer(at) => Some(*at),
                _ => None,
            })
            .collect();
        if places.is_empty() {
            return change(&series.name);
        }
        let length = series.name.chars().count() as i64;
        let is_meant =
            |at: usize| places.iter().any(|place| *place == at as i64 || *place + length == at as i64);
        let letters = series.name.chars().enumerate();
        letters.map(|(at, c)| if is_meant(at) { change(&c.to_string()) } else { c.to_string() }).collect()
    })
}

pub(crate) fn lower(call: Call<'_, '_>) -> Outcome {
    cased(call, str::to_lowercase)
}

pub(crate) fn upper(call: Call<'_, '_>) -> Outcome {
    cased(call, str::to_uppercase)
}

pub(crate) fn alias_by_redis(call: Call<'_, '_>) -> Outcome {
    Err(no_names_elsewhere(&call, "aliasByRedis"))
}

pub(crate) fn alias_by_postgres(call: Call<'_, '_>) -> Outcome {
    Err(no_names_elsewhere(&call, "aliasByPostgres"))
}

/// Queries read nothing but series: what a series is called where it comes from belongs into a label.
fn no_names_elsewhere(call: &Call<'_, '_>, function: &str) -> QueryError {
    call.fail(format!(
        "{function} looks names up in another database, which is not done here; put the name into a label where the \
         series comes from and use aliasByTags, or change names with aliasSub"
    ))
}

#[cfg(test)]
mod tests {
    use super::{formatted, part};

    #[test]
    fn numbers_go_into_texts() {
        let cases = [
            ("a %d b", "a 3 b"),
            ("%.1f%%", "3.5%"),
            ("%s", "3.5"),
            ("%5.0f|", "    4|"),
            ("100%", "100"),
            ("é%gü", "é3.5ü"),
        ];
        for (template, wanted) in cases {
            assert_eq!(formatted(template, 3.5), wanted);
        }
    }

    #[test]
    fn parts_of_names_are_found_in_calls() {
        assert_eq!(part("scale(a.b.c,2)", 1, None), "b.c");
        assert_eq!(part("a.b.c", -1, None), "c");
        assert_eq!(part("a.b.c", 0, Some(-1)), "a.b");
        assert_eq!(part(")(", 0, None), "");
    }
}
