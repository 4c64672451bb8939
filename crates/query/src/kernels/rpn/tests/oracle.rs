//! Programs made at random over series made at random, by us and by the real rrdtool.

use super::{START_S, agree, ask};
use model::memory::MemoryStore;
use model::{Kind, Labels};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use stdx::random::Random;

const ROUNDS: u64 = 12;
/// Programs of a round: all are asked at once.
const PROGRAMS: usize = 40;
pub(super) const ROWS: usize = 16;

/// Words with how many values they take and give. Left out is what reads a clock, what has constants of its own, what rrdtool
/// 1.7 does not know (`ROUND`), and `ROLL`, which there takes its own arguments along when nothing lies below.
const WORDS: &[(&str, usize, usize)] = &[
    ("a", 0, 1),
    ("b", 0, 1),
    ("a", 0, 1),
    ("b", 0, 1),
    ("2", 0, 1),
    ("-0.5", 0, 1),
    ("UNKN", 0, 1),
    ("INF", 0, 1),
    ("NEGINF", 0, 1),
    ("COUNT", 0, 1),
    ("TIME", 0, 1),
    ("LTIME", 0, 1),
    ("STEPWIDTH", 0, 1),
    ("NEWDAY", 0, 1),
    ("PREV", 0, 1),
    ("PREV(a)", 0, 1),
    ("DEPTH", 0, 1),
    ("a,120,TREND", 0, 1),
    ("b,240,TRENDNAN", 0, 1),
    ("60,120,2,60,a,PREDICT", 0, 1),
    ("60,180,2,60,b,PREDICTSIGMA", 0, 1),
    ("UN", 1, 1),
    ("ISINF", 1, 1),
    ("ABS", 1, 1),
    ("SIN", 1, 1),
    ("COS", 1, 1),
    ("LOG", 1, 1),
    ("EXP", 1, 1),
    ("SQRT", 1, 1),
    ("ATAN", 1, 1),
    ("FLOOR", 1, 1),
    ("CEIL", 1, 1),
    ("DUP", 1, 2),
    ("1,COPY", 1, 2),
    ("1,INDEX", 1, 2),
    ("+", 2, 1),
    ("-", 2, 1),
    ("*", 2, 1),
    ("/", 2, 1),
    ("7,%", 1, 1),
    ("ADDNAN", 2, 1),
    ("LT", 2, 1),
    ("LE", 2, 1),
    ("GT", 2, 1),
    ("GE", 2, 1),
    ("EQ", 2, 1),
    ("NE", 2, 1),
    ("MIN", 2, 1),
    ("MAX", 2, 1),
    ("MINNAN", 2, 1),
    ("MAXNAN", 2, 1),
    ("POW", 2, 1),
    ("ATAN2", 2, 1),
    ("EXC", 2, 2),
    ("POP", 2, 1),
    ("2,AVG", 2, 1),
    ("2,SMIN", 2, 1),
    ("2,SMAX", 2, 1),
    ("2,MEDIAN", 2, 1),
    ("2,STDEV", 2, 1),
    ("2,REV", 2, 2),
    ("2,SORT", 2, 2),
    ("2,COPY", 2, 4),
    ("LIMIT", 3, 1),
    ("IF", 3, 1),
    ("3,AVG", 3, 1),
    ("3,MEDIAN", 3, 1),
    ("3,SORT", 3, 3),
    ("90,3,PERCENT", 3, 1),
];

/// What may make infinities, and what rrdtool 1.7 does not sort them for: no program has both.
const ENDLESS: &[&str] = &["INF", "NEGINF", "EXP", "POW", "/", "LOG", "ATAN2"];
const SORTING: &[&str] = &["2,SORT", "3,SORT", "2,MEDIAN", "3,MEDIAN", "90,3,PERCENT"];

fn program(random: &mut Random) -> String {
    let (mut words, mut depth) = (Vec::new(), 0);
    let barred = if random.below(2) == 0 { ENDLESS } else { SORTING };
    let length = 3 + random.below(9) as usize;
    while words.len() < length || depth != 1 {
        let finishing = words.len() >= length;
        let fits = |&&(word, takes, gives): &&(&str, usize, usize)| {
            takes <= depth && !barred.contains(&word) && (!finishing || (takes >= 2 && gives < takes))
        };
        let all: Vec<_> = WORDS.iter().filter(fits).collect();
        let (word, takes, gives) = all[random.below(all.len() as u64) as usize];
        words.push(*word);
        depth = depth - takes + gives;
    }
    // Without any series rrdtool would not know when to compute.
    words.extend(["a", "POP"]);
    words.join(",")
}

// Numbers that a mean over a minute gives back exactly.
pub(super) fn values(random: &mut Random) -> Vec<f64> {
    let value = |random: &mut Random| match random.below(6) {
        0 => f64::NAN,
        1 => 0.0,
        _ => random.below(400) as f64 / 4.0 - 50.0,
    };
    (0..ROWS).map(|_| value(random)).collect()
}

pub(super) fn rrdtool(arguments: &[String]) -> Option<String> {
    let output = Command::new("rrdtool").args(arguments).env("TZ", "Europe/Berlin").output().ok()?;
    assert!(output.status.success(), "{}: {arguments:?}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

pub(super) fn create(file: &Path, columns: &[Vec<f64>; 2]) -> Option<()> {
    let path = file.display().to_string();
    let start = (START_S - 60).to_string();
    let shape = ["--start", &start, "--step", "60", "DS:a:GAUGE:120:U:U", "DS:b:GAUGE:120:U:U"];
    let mut all = vec!["create".to_owned(), path.clone()];
    all.extend(shape.map(str::to_owned));
    all.push("RRA:AVERAGE:0.5:1:64".to_owned());
    rrdtool(&all)?;
    let text = |value: f64| if value.is_nan() { "U".to_owned() } else { value.to_string() };
    let mut all = vec!["update".to_owned(), path];
    all.extend((0..ROWS).map(|row| {
        format!("{}:{}:{}", START_S + row as i64 * 60, text(columns[0][row]), text(columns[1][row]))
    }));
    rrdtool(&all).map(drop)
}

// The rows of each program.
fn wanted(file: &Path, programs: &[String]) -> Option<Vec<Vec<f64>>> {
    let end = START_S + (ROWS as i64 - 1) * 60;
    let mut all = ["xport", "--step", "60", "--maxrows", "1000"].map(str::to_owned).to_vec();
    all.extend(["--start".to_owned(), (START_S - 60).to_string(), "--end".to_owned(), end.to_string()]);
    all.extend(["a", "b"].map(|name| format!("DEF:{name}={}:{name}:AVERAGE", file.display())));
    for (at, program) in programs.iter().enumerate() {
        all.extend([format!("CDEF:p{at}={program}"), format!("XPORT:p{at}:{at}")]);
    }
    let xml = rrdtool(&all)?;
    let start = xml.split("<start>").nth(1).and_then(|rest| rest.split('<').next()).unwrap().trim();
    assert_eq!(start.parse::<i64>().unwrap(), START_S, "the first row");
    let rows = xml.split("<row>").skip(1).take(ROWS).map(|row| {
        let value = |text: &str| text.split('<').next().unwrap().parse().unwrap_or(f64::NAN);
        row.split("<v>").skip(1).map(value).collect::<Vec<f64>>()
    });
    let rows: Vec<Vec<f64>> = rows.collect();
    assert_eq!(rows.len(), ROWS);
    Some((0..programs.len()).map(|at| rows.iter().map(|row| row[at]).collect()).collect())
}

#[test]
fn random_programs_agree_with_rrdtool() {
    let folder = std::env::temp_dir().join(format!("windhover-rpn-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut told = String::new();
    for seed in 0..ROUNDS {
        let mut random = Random::from_seed(seed);
        let columns = [values(&mut random), values(&mut random)];
        let programs: Vec<String> = (0..PROGRAMS).map(|_| program(&mut random)).collect();
        let file = folder.join(format!("{seed}.rrd"));
        let Some(wanted) = create(&file, &columns).and_then(|()| wanted(&file, &programs)) else {
            println!("skipped: no `rrdtool` on this machine; `cargo xtask test` installs it");
            return;
        };
        let store = MemoryStore::new();
        for (name, column) in ["a", "b"].iter().zip(&columns) {
            let labels = Labels::from_pairs([("__name__", *name)]).unwrap();
            let samples = column.iter().enumerate().map(|(row, v)| ((START_S + row as i64 * 60) * 1000, *v));
            store.insert(&labels, Kind::Gauge, samples.filter(|(_, value)| !value.is_nan()));
        }
        for (program, wanted) in programs.iter().zip(&wanted) {
            let text = format!("DEF:a=a:AVERAGE DEF:b=b:AVERAGE CDEF:c={program} XPORT:c");
            let found = ask(&store, &text).map(|frame| frame.series[0].values.clone());
            let same = |found: &Vec<f64>| {
                found.iter().zip(wanted).all(|(f, w)| f == w || !w.is_infinite() && agree(*f, *w))
            };
            if !found.as_ref().is_ok_and(same) {
                writeln!(told, "seed {seed}: {program}\n  {found:?}\n  {wanted:?}\n  {columns:?}").unwrap();
            }
        }
    }
    std::fs::remove_dir_all(&folder).ok();
    assert!(told.is_empty(), "{told}");
}
