//! Times and patterns of paths, as graphite-web understands them.

use super::setting;
use super::web::Web;
use crate::graphite::glob;
use crate::graphite::time;
use model::Zone;
use serde_json::{Value, json};
use stdx::random::Random;

const TIMES: &[&str] = &[
    "", "now", "04:00", "4:05", "16:30", "3pm", "11am", "noon", "midnight", "teatime", "08:30pm", "1:15am",
    "9am", "23:59", "7PM",
];
const DAYS: &[&str] = &[
    "",
    "today",
    "yesterday",
    "tomorrow",
    "20231115",
    "20240229",
    "11/05/23",
    "11/05/2023",
    "1/2/70",
    "3/1/69",
    "jan 5",
    "december25",
    "feb 28",
    "mar31",
    "mon",
    "tuesday",
    "sun",
    "Friday",
    "sat",
    "january_1",
];
const OFFSETS: &[&str] = &[
    "",
    "",
    "-1d",
    "+3h",
    "-1d3h",
    "-5min",
    "-2w",
    "-1mon",
    "+1y",
    "-30s",
    "-90minutes",
    "-7days",
    "+1h30min",
    "-1",
    "-1m",
    "-5x",
    "-2weeks",
    "-1year",
    "-3months",
    "+0d",
    "-100sec",
    "--1d",
    "-1d-3h",
    "+-2h",
    "-h",
];
// Left out: 12pm and 12:30pm, which are at night there, 0am and 13pm, and signs without an offset, which are refused here.
const WHOLE: &[&str] = &[
    "0",
    "1700000000",
    "20231315",
    "20231131",
    "20230229",
    "12345",
    "99999999",
    "1699999999123",
    "2023-11-15",
    "foo",
    "25:00",
    "today-1",
    "noonyesterday",
    "_-_6h",
    "NOW-1H",
    "-1D",
];
const ZONES: &[&str] = &["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"];
const PIECES: &[&str] = &[
    "*",
    "?",
    "a",
    "b",
    "web",
    "[ab]",
    "[!a]",
    "[a-c]",
    "[^a]",
    "{a,b}",
    "{a,{b,c}}",
    "{,x}",
    "1",
    "-",
    "[1-9]",
    "{web,db}",
    "{a*,b?}",
    "[]a]",
    "{[ab],c}",
    "{a",
    "b}",
    "[",
    "]",
    "\\",
    "x,y",
    "{}",
    "{a}",
    "[a",
    "**",
    "[!]a]",
    "[z-a]",
    "é",
    "%",
    ":",
    "(",
    "+",
    "^",
    "$",
];
const NAMES: &[&str] = &[
    "a", "b", "c", "ab", "web", "web1", "weba", "db", "x", "{a", "b}", "[", "]", "^", "a-", "é", "ax", "x,y",
    "%", "", "c1", "{}",
];

fn one<'a>(of: &[&'a str], random: &mut Random) -> &'a str {
    of[random.below(of.len() as u64) as usize]
}

fn text(random: &mut Random) -> String {
    if random.below(6) == 0 {
        return one(WHOLE, random).to_owned();
    }
    let between = one(&["", "_", " ", ","], random);
    format!("{}{between}{}{}", one(TIMES, random), one(DAYS, random), one(OFFSETS, random))
}

fn path(pieces: &[&str], random: &mut Random, longest: u64) -> String {
    let node =
        |random: &mut Random| (0..1 + random.below(longest)).map(|_| one(pieces, random)).collect::<String>();
    let nodes = 1 + random.below(2);
    (0..nodes).map(|_| node(random)).collect::<Vec<_>>().join(".")
}

/// The same each time, unless another seed is given by hand.
fn random() -> Random {
    Random::from_seed(setting("WINDHOVER_ORACLE_SEED", 0))
}

#[test]
fn times_are_read_as_by_graphite_web() {
    let Some(mut web) = Web::start() else { return };
    let mut random = random();
    let mut asked = Vec::new();
    for _ in 0..setting("WINDHOVER_ORACLE_TEXTS", 500) {
        let now_s = 1_690_000_000 + random.below(40_000_000) as i64;
        asked.push((text(&mut random), now_s, one(ZONES, &mut random)));
    }
    let texts: Vec<Value> =
        asked.iter().map(|(text, now_s, zone)| json!(["time", text, now_s, zone])).collect();
    let answers = web.ask(&json!({ "texts": texts }));
    let wrong = asked.iter().zip(answers).filter_map(|((text, now_s, zone), wanted)| {
        // What it refuses may mean something here.
        let wanted = wanted.as_i64()?;
        let found = time::parse(text, now_s * 1000, &Zone::named(zone).unwrap());
        let found = found.map(|time_ms| time_ms.div_euclid(1000));
        (found != Ok(wanted)).then(|| format!("{text:?} at {now_s} in {zone}: {found:?} instead of {wanted}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn patterns_mean_what_they_mean_to_graphite_web() {
    let Some(mut web) = Web::start() else { return };
    let mut random = random();
    let mut asked = Vec::new();
    for _ in 0..setting("WINDHOVER_ORACLE_TEXTS", 300) {
        asked.push((path(PIECES, &mut random, 3), path(NAMES, &mut random, 2)));
    }
    let texts: Vec<Value> = asked.iter().map(|(pattern, path)| json!(["glob", pattern, path])).collect();
    let answers = web.ask(&json!({ "texts": texts }));
    let wrong = asked.iter().zip(answers).filter_map(|((pattern, path), wanted)| {
        // Where a dot stands within brackets, it takes them for two nodes each.
        if pattern.contains('.') && pattern.contains(['[', '{']) {
            return None;
        }
        let whole = glob::whole(&glob::nodes(&glob::clean(pattern)), false);
        let found = whole.is_some_and(|whole| whole.is_match(path));
        (wanted != found).then(|| format!("{pattern} and {path}: {found} instead of {wanted}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
