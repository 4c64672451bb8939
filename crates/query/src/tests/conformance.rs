//! The Timelion cases of the conformance folder, read in place.

mod input;
mod look;
mod syntax;

use crate::grid::{Align, auto_interval};
use crate::names::{Row, signatures, timelion::FUNCTIONS};
use crate::run::run_on;
use crate::{Frame, Grid, GridSpec, Request};
use lang::plan::Offset;
use lang::timelion;
use model::memory::MemoryStore;
use model::{Interval, TimeRange, Zone, timetext};
use serde_json::Value;
use std::path::PathBuf;

/// What is not ours, and why. By kind and function, never by case.
fn unsupported(case: &Value) -> Option<&'static str> {
    let kind = case["kind"].as_str().unwrap_or("");
    let kibana = case["dialects"].as_array().is_some_and(|all| all.iter().any(|d| d == "kibana"));
    match (kind, case["function"].as_str().unwrap_or("")) {
        ("format" | "ticks", _) => {
            Some("numbers on axes are written by the web page: ui/tests/asked.test.ts")
        }
        ("es-buckets" | "es-error", _) => Some("answers of Elasticsearch"),
        _ if case.get("quirk").is_some() => Some("a quirk that need not be imitated"),
        _ if !kibana && case.get("kibana").is_some() => Some("Kibana differs"),
        ("function", "movingaverage" | "fit") if !kibana => Some("Kibana differs"),
        ("suggest", _) if before_gap(case) => Some("completion is for the cursor, not for the first gap"),
        ("suggest", _) if wants_chained_at_start(case) => {
            Some("what needs series before it is not offered where there are none")
        }
        _ => None,
    }
}

// Kibana completes the first incomplete argument wherever the cursor is.
fn before_gap(case: &Value) -> bool {
    let expr = case["expr"].as_str().unwrap_or("");
    let gap = expr.find("(=").or_else(|| expr.find(",=")).map(|at| at + 1).or_else(|| expr.find("=)"));
    gap.is_some_and(|gap| case["cursor"].as_u64() <= Some(gap as u64))
}

fn wants_chained_at_start(case: &Value) -> bool {
    let chained = |name: &Value| {
        let functions = case["functions"].as_array().into_iter().flatten();
        functions.into_iter().any(|function| function["name"] == *name && function["chainable"] == true)
    };
    case["expect"]["type"] == "functions"
        && case["cursor"] == 1
        && case["expect"]["names"].as_array().is_some_and(|names| names.iter().any(chained))
}

fn holds(case: &Value) -> Result<(), String> {
    let text = case["text"].as_str().unwrap_or("");
    let expect = &case["expect"];
    match case["kind"].as_str().unwrap_or("") {
        "function" | "fit" => function(case),
        "grammar" => syntax::holds(case),
        "suggest" => syntax::completes(case),
        "es-metric" | "es-split" => syntax::read_argument(case),
        "interval-auto" => interval_auto(case),
        "interval-ms" => equal(Interval::parse(text).map(Interval::nominal_ms), expect["ms"].as_i64()),
        "interval-parse" => equal(
            Interval::parse(text).map(|i| (i64::from(i.count), i.unit.as_str().to_owned())),
            expect["count"].as_i64().zip(expect["unit"].as_str().map(str::to_owned)),
        ),
        "buckets" => buckets(case),
        "time-validate" => {
            let interval = Interval::parse(case["input"]["interval"].as_str().unwrap());
            let made = interval.ok_or(()).and_then(|_| grid_of(&case["input"]).map_err(|_| ()));
            equal(made.is_err(), expect["error"] == true)
        }
        "offset" => offset(text, &case["input"], expect),
        "offset-time" => {
            let at = case["input"]["at"].as_i64().unwrap();
            let offset = Offset::parse(text).ok();
            equal(offset.map(|o| o.apply(at, 0, &Zone::utc())), expect["ms"].as_i64())?;
            equal(offset.map(|o| o.reverse().apply(at, 0, &Zone::utc())), expect["reverse_ms"].as_i64())
        }
        "date-math" => {
            let now = case["input"]["now"].as_i64().unwrap();
            let read = if case["input"]["round_up"] == true { timetext::parse_end } else { timetext::parse };
            equal(read(text, now, &Zone::utc()).ok(), expect["ms"].as_i64())
        }
        other => Err(format!("unknown kind {other}")),
    }
}

pub(super) fn equal<T: PartialEq + std::fmt::Debug>(found: T, wanted: T) -> Result<(), String> {
    if found == wanted { Ok(()) } else { Err(format!("found {found:?}, wanted {wanted:?}")) }
}

fn interval_auto(case: &Value) -> Result<(), String> {
    let input = &case["input"];
    let range = TimeRange::new(input["from"].as_i64().unwrap(), input["to"].as_i64().unwrap());
    let least = Interval::parse(input["min_interval"].as_str().unwrap()).unwrap();
    let target = input["target_buckets"].as_u64().unwrap() as usize;
    let found = match input["interval"].as_str() {
        Some("auto") | None => auto_interval(range, target, least).to_string(),
        Some(given) => given.to_owned(),
    };
    equal(found.as_str(), case["expect"]["interval"].as_str().unwrap())
}

fn instant_ms(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| timetext::parse(value.as_str().unwrap(), 0, &Zone::utc()).unwrap())
}

fn grid_of(time: &Value) -> Result<Grid, crate::QueryError> {
    let interval = time["interval"].as_str().filter(|text| *text != "auto").and_then(Interval::parse);
    let spec = GridSpec {
        interval,
        align: Align::Unit,
        buckets_max: time["max_buckets"].as_u64().map_or(2000, |n| n as usize),
        zone: Zone::named(time["timezone"].as_str().unwrap_or("UTC")).unwrap(),
        ..GridSpec::new(instant_ms(&time["from"]), instant_ms(&time["to"]))
    };
    Grid::new(&spec)
}

fn buckets(case: &Value) -> Result<(), String> {
    let times = grid_of(&case["input"]).map_err(|e| e.to_string())?.times_ms();
    match case["expect"]["times"].as_array() {
        Some(wanted) => equal(times, wanted.iter().map(|t| t.as_i64().unwrap()).collect()),
        None => equal(times.windows(2).all(|pair| pair[0] < pair[1]), true),
    }
}

fn offset(text: &str, input: &Value, expect: &Value) -> Result<(), String> {
    let (from, to) = (input["from"].as_i64().unwrap(), input["to"].as_i64().unwrap());
    match (Offset::parse(text), expect["error"] == true) {
        (Err(_), wanted) => equal(true, wanted),
        (Ok(_), true) => Err("an error is wanted".to_owned()),
        (Ok(offset), false) => {
            let seconds = (offset.apply(from, to - from, &Zone::utc()) - from) / 1000;
            let wanted = expect["seconds"].as_i64().map(|n| n.to_string());
            let wanted =
                wanted.or_else(|| expect["offset"].as_str().map(|t| t.trim_end_matches('s').to_owned()));
            equal(Some(seconds.to_string()), wanted)
        }
    }
}

fn function(case: &Value) -> Result<(), String> {
    let grid = match case["level"].as_str() {
        Some("function") => Grid::listed(&input::first_times(case), Interval::parse("1y").unwrap()),
        _ => grid_of(&case["time"]).map_err(|e| e.to_string())?,
    };
    let frame = frame(case, grid.clone());
    let expect = &case["expect"];
    match (frame, expect["error"] == true) {
        (Err(_), true) => Ok(()),
        (Ok(_), true) => Err("an error is wanted".to_owned()),
        (Err(error), false) => Err(error),
        (Ok(frame), false) => look::compare(&frame, &grid, case),
    }
}

fn frame(case: &Value, grid: Grid) -> Result<Frame, String> {
    input::set(case);
    let mut functions: Vec<Row> = FUNCTIONS.to_vec();
    functions.push(input::ROW);
    let text = case["expr"].as_str().unwrap();
    let plan = timelion::plan(&[text], &signatures(&functions));
    // As sheets that were made for Kibana are answered.
    let request = Request { compatible: true, ..Request::new(&plan, &functions, GridSpec::new(0, 1)) };
    let mut answer = run_on(&request, grid, &MemoryStore::new()).map_err(|e| e.to_string())?;
    answer.results.remove(0).map_err(|e| e.to_string())
}

#[test]
fn timelion_cases() {
    let Some(path) = folder().map(|folder| folder.join("timelion.json")) else {
        eprintln!("SKIPPED: no conformance folder; set WINDHOVER_CONFORMANCE");
        return;
    };
    let file: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let (mut passed, mut wrong, mut skipped) = (0, Vec::new(), 0);
    for case in file["cases"].as_array().unwrap() {
        if let Some(why) = unsupported(case) {
            skipped += 1;
            eprintln!("not ours: {} {} {}: {why}", case["id"], case["kind"], case["function"]);
            continue;
        }
        match holds(case) {
            Ok(()) => passed += 1,
            Err(why) => wrong.push(format!("{} {} {}: {why}", case["id"], case["expr"], case["text"])),
        }
    }
    eprintln!("timelion: {passed} passed, {} failed, {skipped} not ours", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

// The folder named by the environment, or `shared/conformance` beside the repository or one of its parents.
fn folder() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("WINDHOVER_CONFORMANCE") {
        return Some(PathBuf::from(named));
    }
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().map(|parent| parent.join("shared/conformance")).find(|folder| folder.is_dir())
}
