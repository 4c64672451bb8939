//! Words of the language in any order: nothing panics, and what is understood keeps its meaning.

use super::*;
use crate::catalog::EmptyCatalog;
use crate::plan::Plan;
use crate::{Scope, Span};
use stdx::random::Random;

const WORDS: [&str; 66] = [
    "x",
    "up",
    "rate",
    "sum",
    "topk",
    "(",
    ")",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "::",
    "=",
    "!=",
    "=~",
    "!~",
    "==",
    "+",
    "-",
    "*",
    "/",
    "%",
    "^",
    "</",
    ">/",
    ">",
    "and",
    "or",
    "unless",
    "atan2",
    "bool",
    "on",
    "ignoring",
    "group_left",
    "fill(0)",
    "by",
    "without",
    "offset",
    "@",
    "start()",
    "end",
    "step()",
    "range",
    "min_of",
    "anchored",
    "smoothed",
    "5m",
    "1",
    "0x1f",
    "1e",
    "08",
    "1_0",
    "Inf",
    "nan",
    "\"a\"",
    "'\\x41'",
    "`r\\`",
    "\"",
    "ä",
    "#",
    "\n",
    "\\",
];

fn text(random: &mut Random) -> String {
    let count = random.below(12);
    (0..count).fold(String::new(), |mut out, _| {
        out.push_str(WORDS[random.below(WORDS.len() as u64) as usize]);
        out.push_str(if random.below(3) == 0 { "" } else { " " });
        out
    })
}

#[test]
fn no_text_panics() {
    let seed = std::env::var("SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(5);
    let mut random = Random::from_seed(seed);
    let mut understood = 0;
    for _ in 0..60_000 {
        let text = text(&mut random);
        let characters = text.chars().count();
        complete(&text, random.below(characters as u64 + 2) as usize, &EmptyCatalog);
        match parse(&text) {
            Err(error) => {
                let Span { start, end } = error.span;
                assert!(start <= end && end <= characters, "seed {seed}: {text:?}: {error:?}");
                error.caret(&text);
            }
            Ok(expr) => {
                understood += 1;
                let printed = expr.to_string();
                let again =
                    parse(&printed).unwrap_or_else(|e| panic!("seed {seed}: {text:?} → {printed:?}: {e}"));
                assert_eq!(again.to_string(), printed, "seed {seed}: {text:?}");
                let _refused = lower(&expr, &Scope::range(0, 3_600_000, 60_000), &mut Plan::default());
            }
        }
    }
    assert!(understood > 100, "{understood}");
}
