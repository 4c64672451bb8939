//! The same targets over the same random series, by us and by Debian's graphite-web.

mod data;
mod grammar;
mod targets;
mod texts;
mod web;

use crate::QueryError;
use crate::graphite::series::Consolidation;
use crate::graphite::{Context, Series, render};
use data::{Stored, store};
use grammar::Grammar;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use stdx::random::Random;
use targets::{TARGETS, written};
use web::Web;

/// A whole day.
const T0: i64 = 1_700_006_400;
const ROUNDS: u64 = 8;

/// What a request asks for beside its targets.
#[derive(Clone, Copy)]
struct Times {
    from_s: i64,
    until_s: i64,
    now_s: i64,
}

/// Which of the targets differ, and how.
fn compare(
    web: &mut Web,
    series: &[Stored],
    times: Times,
    targets: &[(String, bool)],
) -> Vec<(String, String)> {
    let shown: Vec<Value> = series.iter().map(Stored::shown).collect();
    let Times { from_s, until_s, now_s } = times;
    let texts: Vec<&str> = targets.iter().map(|(target, _)| target.as_str()).collect();
    let request = json!({"from": from_s, "until": until_s, "now": now_s, "series": shown, "targets": texts});
    let answers = web.ask(&request);
    let store = store(series);
    let differing = targets.iter().zip(&answers).filter_map(|((target, is_wrong), wanted)| {
        // Each request starts anew: what one target says of factors and stacks does not reach the next one.
        let context = Context { now_s, ..Context::new(from_s, until_s) };
        let answer = render(&[target], &context, &store).unwrap();
        if *is_wrong && answer.results[0].is_err() {
            // It takes wrong arguments as they are and hopes for the best; here they are refused.
            return None;
        }
        let why = difference(target, answer.results[0].as_ref(), wanted)?;
        Some((target.clone(), why))
    });
    differing.collect()
}

#[test]
fn targets_agree_with_graphite_web() {
    let Some(mut web) = Web::start() else { return };
    let mut random = Random::from_seed(1);
    let targets: Vec<(String, bool)> = TARGETS.iter().map(|target| (written(target), false)).collect();
    let mut wrong = BTreeMap::<String, (usize, String)>::new();
    for round in 0..ROUNDS {
        // The last two: one value of the usual step, and four of ten are missing.
        let (is_one, is_sparse) = (round == ROUNDS - 2, round == ROUNDS - 1);
        let series = data::usual(&mut random, is_one.then_some(0).or(is_sparse.then_some(40)));
        let from_s = T0 + random.below(50) as i64 * 60 + [0, 0, 13][random.below(3) as usize];
        let until_s = from_s + if is_one { 60 } else { 900 + random.below(60) as i64 * 60 };
        let times = Times { from_s, until_s, now_s: until_s };
        for (target, why) in compare(&mut web, &series, times, &targets) {
            wrong.entry(target).or_insert((0, why)).0 += 1;
        }
    }
    let lines: Vec<String> =
        wrong.iter().map(|(target, (count, why))| format!("{target} ({count} of {ROUNDS}): {why}")).collect();
    assert!(lines.is_empty(), "{} of {} targets differ\n{}", lines.len(), targets.len(), lines.join("\n"));
}

fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[test]
fn random_targets_agree_with_graphite_web() {
    let Some(mut web) = Web::start() else { return };
    let grammar = Grammar::new(&web.functions);
    let (rounds, each) = (setting("WINDHOVER_ORACLE_ROUNDS", 3), setting("WINDHOVER_ORACLE_TARGETS", 60));
    // The same targets each time: to look for what nobody has seen yet is done by hand, with other seeds.
    let seed = setting("WINDHOVER_ORACLE_SEED", 0);
    let mut wrong = Vec::new();
    for round in 0..rounds {
        let mut random = Random::from_seed(seed * 1000 + round);
        let mut series = data::odd(&mut random);
        let from_s = T0 + random.below(50) as i64 * 60 + [0, 0, 13, 59][random.below(4) as usize];
        let until_s = from_s + [60, 61, 600, 1800, 3600, 3333][random.below(6) as usize];
        // What has no sample within the range is there for whisper, and not for us.
        series.retain(|series| {
            series.step_s * 2 <= until_s - from_s || until_s - from_s < 120 && series.step_s <= 30
        });
        let times = Times { from_s, until_s, now_s: until_s + [0, 30, 600][random.below(3) as usize] };
        let deepest = setting("WINDHOVER_ORACLE_DEPTH", 4);
        let targets: Vec<(String, bool)> =
            (0..each).map(|at| grammar.any(1 + at % deepest, &mut random)).collect();
        wrong.extend(compare(&mut web, &series, times, &targets));
    }
    wrong.sort_by_key(|(target, _)| target.len());
    let lines: Vec<String> = wrong.iter().map(|(target, why)| format!("{target}\n    {why}")).collect();
    assert!(lines.is_empty(), "{} of {} differ\n{}", lines.len(), rounds * each, lines.join("\n"));
}

fn difference(target: &str, found: Result<&Vec<Series>, &QueryError>, wanted: &Value) -> Option<String> {
    let (found, wanted) = match (found, wanted.as_array()) {
        (Err(_), None) => return None,
        (Ok(found), Some(wanted)) => (found, wanted),
        (Err(error), Some(wanted)) => return Some(format!("{error}; there are {} series", wanted.len())),
        // Where graphite-web breaks, an answer is no worse.
        (Ok(_), None) => {
            eprintln!("graphite-web breaks: {target}: {}", wanted["error"]);
            return None;
        }
    };
    if found.len() != wanted.len() {
        let names: Vec<&str> = found.iter().map(|series| series.name.as_str()).collect();
        let others: Vec<&Value> = wanted.iter().map(|series| &series["name"]).collect();
        return Some(format!("{} series instead of {}: {names:?}, {others:?}", found.len(), wanted.len()));
    }
    found.iter().zip(wanted).find_map(|(found, wanted)| one_difference(target, found, wanted))
}

fn value_of(value: &Value) -> f64 {
    match value.as_str() {
        Some("inf") => f64::INFINITY,
        Some("-inf") => f64::NEG_INFINITY,
        _ => value.as_f64().unwrap_or(f64::NAN),
    }
}

fn one_difference(target: &str, found: &Series, wanted: &Value) -> Option<String> {
    let values: Vec<f64> = wanted["values"].as_array().unwrap().iter().map(value_of).collect();
    // 1.1.8 has windows that end before each value; since 1.1.10 they end with it.
    let (ours, theirs) = match target.contains("moving") && !values.is_empty() && is_old() {
        true => (&found.values[..found.values.len().saturating_sub(1)], &values[1..]),
        false => (found.values.as_slice(), values.as_slice()),
    };
    let is_near = |a: f64, b: f64| {
        (a.is_nan() && b.is_nan()) || a == b || (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-9)
    };
    let differs = ours.iter().zip(theirs).position(|(a, b)| !is_near(*a, *b));
    let number = |name: &str| wanted[name].as_f64().unwrap_or(f64::NAN) as i64;
    let text = |name: &str| wanted[name].as_str().unwrap_or_default();
    let shown = |value: &Value| {
        if value.is_null() {
            String::new()
        } else {
            value.as_str().map_or_else(|| value.to_string(), str::to_owned)
        }
    };
    let tags = wanted["tags"].as_object().into_iter().flatten();
    let tags: BTreeMap<String, String> = tags.map(|(name, value)| (name.clone(), shown(value))).collect();
    let called = &found.name;
    let grid = (number("start"), number("end"), number("step").max(1));
    match differs {
        _ if *called != shown(&wanted["name"]) => {
            Some(format!("called {called} instead of {}", wanted["name"]))
        }
        _ if ours.len() != theirs.len() => Some(format!(
            "{called}: {} values instead of {}, {:?} instead of {grid:?}",
            ours.len(),
            theirs.len(),
            (found.start_s, found.end_s, found.step_s)
        )),
        Some(at) => Some(format!("{called}: {} instead of {} at {at}", ours[at], theirs[at])),
        None if (found.start_s, found.end_s, found.step_s) != grid => {
            Some(format!("{called} has {:?} instead of {grid:?}", (found.start_s, found.end_s, found.step_s)))
        }
        // Of groups by tags we keep more of them, as carbonapi does.
        None if !target.contains("groupByTags")
            && !same_tags(&found.tags, &tags)
            && !wanted["name"].is_null() =>
        {
            Some(format!("{called} has the tags {:?} instead of {tags:?}", found.tags))
        }
        None if Some(found.consolidation) != Consolidation::parse(text("way")) => {
            Some(format!("{called} is made fewer by {:?} instead of {}", found.consolidation, wanted["way"]))
        }
        None if found.path_expression != text("path") => {
            Some(format!("{called} comes from {} instead of {}", found.path_expression, wanted["path"]))
        }
        None => None,
    }
}

// What functions add is told as 10 where it tells 10.0, and not where it only left traces of how it works: those of holt-
// winters are shared by all that comes of one analysis.
fn same_tags(a: &BTreeMap<String, String>, b: &BTreeMap<String, String>) -> bool {
    let number = |text: &str| text.parse::<f64>().ok();
    let same = |a: &str, b: &str| a == b || (number(a).is_some() && number(a) == number(b));
    let is_trace = |tag: &str| {
        ["scale", "nPercentile", "aggregatedBy"].contains(&tag)
            || tag.starts_with("holtWinters")
            || tag == "offsetToZero"
    };
    let is_forecast = b.keys().any(|tag| tag.starts_with("holtWinters"));
    let told = |tag: &&String| !(is_trace(tag) || is_forecast && *tag == "name");
    a.keys().filter(told).eq(b.keys().filter(told)) && a.keys().filter(told).all(|tag| same(&a[tag], &b[tag]))
}

// What stands in the place of Debian's is newer.
fn is_old() -> bool {
    std::env::var_os("GRAPHITE_WEB").is_none()
}
