//! Programs over a store in memory, against what rrdtool said.

use crate::frame::Property;
use crate::names::{rpn::FUNCTIONS, signatures};
use crate::{Frame, GridSpec, QueryError, Request, run};
use lang::rpn;
use model::memory::MemoryStore;
use model::{Interval, Kind, Labels, Zone};

mod oracle;
mod prints;

/// The stamp of the first row.
const START_S: i64 = 1_699_999_980;
const RECORDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/rpn/rrdtool-1.7.2.txt");

fn numbers(text: &str) -> Vec<f64> {
    text.split_whitespace().map(|n| if n == "-" { f64::NAN } else { n.parse().unwrap() }).collect()
}

fn store(recorded: &str) -> MemoryStore {
    let store = MemoryStore::new();
    for name in ["a", "b"] {
        let line = recorded.lines().find_map(|line| line.strip_prefix(&format!("# {name}: "))).unwrap();
        let samples = (0..).map(|row| (START_S + row * 60) * 1000).zip(numbers(line));
        let labels = Labels::from_pairs([("__name__", name)]).unwrap();
        store.insert(&labels, Kind::Gauge, samples.filter(|(_, value)| !value.is_nan()));
    }
    store
}

fn ask(store: &MemoryStore, text: &str) -> Result<Frame, QueryError> {
    let plan = rpn::plan(&[text], &signatures(FUNCTIONS));
    let spec = GridSpec {
        interval: Interval::parse("1m"),
        zone: Zone::named("Europe/Berlin").unwrap(),
        ..GridSpec::new(START_S * 1000, (START_S + 16 * 60) * 1000)
    };
    let mut request = Request::new(&plan, FUNCTIONS, spec);
    request.now_ms = 1_700_000_900_000;
    run(&request, store).unwrap().results.remove(0)
}

fn agree(found: f64, wanted: f64) -> bool {
    let found = if found.is_infinite() { f64::NAN } else { found };
    // Its own constants for angles have eight digits.
    found.is_nan() && wanted.is_nan() || (found - wanted).abs() <= 1e-6 * wanted.abs().max(1e-3)
}

#[test]
fn programs_and_summaries_give_what_rrdtool_gave() {
    let recorded = std::fs::read_to_string(RECORDED).unwrap();
    let store = store(&recorded);
    let (mut wrong, mut count) = (Vec::new(), 0);
    for line in recorded.lines().filter(|line| !line.starts_with('#')) {
        count += 1;
        let defined = "DEF:a=a:AVERAGE DEF:b=b:AVERAGE";
        if let Some((program, wanted)) = line.split_once(" => ") {
            let found = ask(&store, &format!("{defined} CDEF:c={program} XPORT:c"))
                .map(|f| f.series[0].values.clone());
            let wanted = numbers(wanted);
            if !found.as_ref().is_ok_and(|found| {
                found.len() == wanted.len() && found.iter().zip(&wanted).all(|(f, w)| agree(*f, *w))
            }) {
                wrong.push(format!("{program}\n  {found:?}\n  {wanted:?}"));
            }
        } else if let Some((summary, wanted)) = line.split_once(" = ") {
            let frame = ask(&store, &format!("{defined} VDEF:v={summary} XPORT:v")).unwrap();
            let (value, time) = wanted.split_once(' ').unwrap();
            let (found, wanted) = (frame.series[0].values[3], numbers(value)[0]);
            let at = match frame.series[0].style.props.get("at_ms") {
                Some(Property::Number(at_ms)) => (at_ms / 1000.0).to_string(),
                _ => "-".to_owned(),
            };
            // Of the first value rrdtool tells where its row begins, of all others where it ends.
            let time = if summary.ends_with("FIRST") { START_S.to_string() } else { time.to_owned() };
            if !agree(found, wanted) || at != time {
                wrong.push(format!("{summary}: {found} at {at}, wanted {wanted} at {time}"));
            }
        }
    }
    assert!(count > 160, "only {count} lines were read");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_clock_the_zone_and_rows_before_are_known() {
    let store = store(&std::fs::read_to_string(RECORDED).unwrap());
    for (program, wanted) in [
        ("TIME,NOW,-", -920.0),
        ("NOW,LTIME,TIME,-,-", 1_700_000_900.0 - 3600.0),
        ("2.5,ROUND,-2.5,ROUND,-", 6.0),
        ("COUNT,STEPWIDTH,*", 60.0),
        ("1e3,DEPTH,+", 1001.0),
        ("10,20,30,40,0,4,PERCENT", 10.0),
    ] {
        assert_eq!(
            ask(&store, &format!("CDEF:c={program}")).unwrap().series[0].values[0],
            wanted,
            "{program}"
        );
    }
}

#[test]
fn what_is_drawn_is_the_answer_else_what_nothing_uses() {
    let store = store(&std::fs::read_to_string(RECORDED).unwrap());
    let labels = |text: &str| {
        let frame = ask(&store, text).unwrap();
        frame.series.iter().map(|series| series.label.clone()).collect::<Vec<_>>()
    };
    assert_eq!(labels("DEF:x=a:AVERAGE CDEF:y=x,8,* CDEF:z=x,9,*"), ["y", "z"]);
    assert_eq!(
        labels("DEF:x=a:MAX CDEF:y=x,8,* LINE2:x#f00:'the \"one\"' AREA:y#0f08::STACK"),
        ["the \"one\"", "y"]
    );
    assert_eq!(labels("DEF:x=a:AVERAGE"), ["average(a)"]);
    assert_eq!(
        labels("DEF:x=a:AVERAGE VDEF:m=x,MAXIMUM CDEF:share=x,m,/ COMMENT:hello XPORT:share:'x:y'"),
        ["x:y"]
    );
    let frame = ask(&store, "DEF:x=a:AVERAGE SHIFT:x:120 XPORT:x").unwrap();
    assert_eq!(frame.series[0].values[2..5], [3.0, 1.0, 4.0]);
    let area = ask(&store, "DEF:x=a:AVERAGE AREA:x#0f0:in:STACK").unwrap().series.remove(0).style;
    assert_eq!((area.color.as_deref(), area.stack), (Some("#0f0"), Some(true)));
    assert!(area.lines.unwrap().fill.is_some());
}

#[test]
fn series_that_are_not_there_are_told() {
    let store = store(&std::fs::read_to_string(RECORDED).unwrap());
    let frame = ask(&store, "DEF:x=ab:AVERAGE CDEF:y=x,8,*").unwrap();
    assert!(frame.series.is_empty());
    assert_eq!(frame.notes, ["No series is named ab in this time range; nearest: a, b"]);
}

#[test]
fn programs_whose_stack_depends_on_values_fail_in_a_sentence() {
    let store = store(&std::fs::read_to_string(RECORDED).unwrap());
    for (program, wanted) in [
        ("a,a,AVG", "AVG takes more values than the stack has"),
        ("a,1,1,*,COPY", "2 values are left on the stack at the end, not one"),
        ("a,-1,1,*,SORT", "SORT cannot take -1 values"),
        ("a,1,0,1,*,INDEX,+,+", "INDEX counts places from 1"),
        ("0,1,-,-2,60,a,PREDICT", "-1 seconds ago is not in the past"),
        ("1,-1e9,60,a,PREDICT", "The windows of PREDICT have more than 100000 rows"),
        ("a,DUP,DUP,1e9,COPY", "COPY takes"),
    ] {
        let error = ask(&store, &format!("DEF:a=a:AVERAGE DEF:b=b:AVERAGE CDEF:c={program}")).unwrap_err();
        assert!(error.message().contains(wanted), "{program}: {}", error.message());
        assert!(error.span().unwrap().start > 0, "{program}");
    }
}
