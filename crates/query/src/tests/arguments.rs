//! Timelion's arguments, one fact a row: defaults, what a second call keeps, and null in the eyes of JavaScript.

use super::*;
use crate::frame::{Lines, Points};

fn frame(text: &str) -> Frame {
    one(&MemoryStore::new(), minute("12s"), text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn compatible(text: &str) -> Vec<String> {
    let plan = timelion::plan(&[text], &signatures(FUNCTIONS));
    let request = Request { compatible: true, ..Request::new(&plan, FUNCTIONS, minute("12s")) };
    let frame = run(&request, &MemoryStore::new()).unwrap().results.remove(0);
    shown(&frame.unwrap_or_else(|error| panic!("{text}: {error}")))
}

#[test]
fn values() {
    let cases = [
        // A comma may follow the last argument.
        (".static(1, label=x,)", "x: 1 1 1 1 1"),
        (".static(0x10, x)", "x: 16 16 16 16 16"),
        (".static(0b11, x)", "x: 3 3 3 3 3"),
        // Every source takes fit and offset.
        (".static('1:5', x)", "x: 1 2 3 4 5"),
        (".static('1:5', x, fit=carry)", "x: 1 1 1 1 5"),
        (".static('1:5', x, fit=nearest)", "x: 1 1 5 5 5"),
        (".static('1:5', x, fit=none)", "x: 1 - - - 5"),
        (".static('1:5', x, fit=scale)", "x: 1 1.25 1.25 1.25 1.25"),
        (".static('1:2:3:4:5', x, offset=-24s, fit=none)", "x: - - 1 2 3"),
        (".static('1:2:3:4:5', x, offset=+24s, fit=none)", "x: 3 4 5 - -"),
        (".static('1:2:3:4:5', x, offset=timerange:-0.2, fit=none)", "x: - 1 2 3 4"),
        (".static(7, x, offset=-1w)", "x: 7 7 7 7 7"),
        (".promql('time() % 100', offset=-24s).label(x)", "x: 16 28 40 52 64"),
        (".promql('time() % 100').label(x)", "x: 40 52 64 76 88"),
        (
            ".graphite('time(\"t\", 1)', offset=-24s).subtract(1700000016).precision(0).label(x)",
            "x: 5 17 29 41 53",
        ),
        // Windows of time may have fractions.
        (".static('1:2:3:4:5').mvavg(0.4m, left).label(x)", "x: - 1.5 2.5 3.5 4.5"),
        (".static(6).scale_interval('1.5m').label(x)", "x: 45 45 45 45 45"),
        // Season by season: every season is learnt from unless told otherwise.
        (".static('1:3:1:3:1').holt(0, 0, 0, 24s).label(x)", "x: 1 2 0 2 0"),
        (".static('1:3:1:3:9').holt(1, 0, 0, 24s, 2).label(x)", "x: 1 3 1 3 1"),
        (".static('123.456').precision(-1).label(x)", "x: 120 120 120 120 120"),
        (".static(1, label=x).label('')", "x: 1 1 1 1 1"),
        (".static(1, label=x).label('', regex='')", "x: 1 1 1 1 1"),
        (".static(1, label='a a').label(b, regex=a)", "b a: 1 1 1 1 1"),
        // What sums are spread from is 0 after the last.
        (".static('1:2:3:4:5').trim(0, 3).fit(scale).label(x)", "x: 1 2 0 0 0"),
    ];
    for (text, wanted) in cases {
        assert_eq!(shown(&frame(text)), [wanted], "{text}");
    }
}

#[test]
fn a_second_call_keeps_what_it_does_not_say() {
    let style = |text: &str| frame(text).series.remove(0).style;
    let lines = Lines { width: 1.0, fill: Some(0.2), steps: Some(true), show: None };
    assert_eq!(style(".static(1).lines(1, fill=2).lines(steps=true)").lines, Some(lines));
    assert_eq!(style(".static(1).lines(stack=true).lines(fill=1)").stack, Some(true));
    let circle = Points { show: Some(true), symbol: Some("circle".to_owned()), ..Points::default() };
    assert_eq!(style(".static(1).points()").points, Some(circle.clone()));
    let kept = Points { weight: Some(2.0), fill: Some(0.5), ..circle };
    assert_eq!(style(".static(1).points(3, 2, 5, red).points(fill=5)").points, Some(kept));
    assert_eq!(style(".static(1).bars(2).bars(stack=false)").stack, Some(false));
}

#[test]
fn colours_stay_as_written_or_become_gradients() {
    let colors = |text: &str| -> Vec<String> {
        frame(text).series.into_iter().filter_map(|series| series.style.color).collect()
    };
    assert_eq!(colors("(.static(1), .static(2)).color('#eee')"), ["#eee", "#eee"]);
    assert_eq!(colors(".static(1).color('#000:#111')"), ["#000"]);
    assert_eq!(colors(".static(1).color(c60)"), ["#cc6600"]);
    assert_eq!(colors(".static(1).color(blue)"), ["#0000ff"]);
    let four = "(.static(1), .static(2), .static(3), .static(4)).color";
    assert_eq!(colors(&format!("{four}('#000:#f00:#00f')")), ["#000000", "#ff0000", "#800080", "#0000ff"]);
}

#[test]
fn an_axis_is_what_all_its_series_say_of_it() {
    let chart = frame(
        ".static(1).yaxis(1, min=0, label=a, units='bits:x'), .static(2).yaxis(1, max=9, tickDecimals=-1)",
    );
    let axis = &chart.yaxes[&1];
    assert_eq!((axis.min, axis.max, axis.label.as_deref()), (Some(0.0), Some(9.0), Some("a")));
    assert_eq!((axis.units.as_deref(), axis.tick_decimals), (Some("bits"), Some(0)));
}

#[test]
fn null_is_zero_in_sheets_made_for_javascript() {
    let holes = ".static('1:2:3:4:5').trim()";
    let cases = [
        (".abs()", "x: 0 2 3 4 0", "x: - 2 3 4 -"),
        (".range(0, 2)", "x: -2 0 1 2 -2", "x: - 0 1 2 -"),
        (".scale_interval(24s)", "x: 0 4 6 8 0", "x: - 4 6 8 -"),
        (".aggregate(avg)", "x: 1.8 1.8 1.8 1.8 1.8", "x: 3 3 3 3 3"),
        (".aggregate(first)", "x: - - - - -", "x: 2 2 2 2 2"),
        (".aggregate(cardinality)", "x: 4 4 4 4 4", "x: 3 3 3 3 3"),
        (".aggregate(min)", "x: 2 2 2 2 2", "x: 2 2 2 2 2"),
        (".mvstd(2, right)", "x: 1.414214 0.707107 0.707107 - -", "x: - 0.707107 0.707107 - -"),
        (".holt(0.5)", "x: - 1 2 3 3.5", "x: - 2 2.5 3.25 3.625"),
        (".holt(0.5, 0)", "x: - 2 3.5 4.75 6.75", "x: - 2 3 4 5"),
        (".if(lt, null, 9)", "x: - 2 3 4 -", "x: - 2 3 4 -"),
        (".if(lte, null, 9)", "x: 9 2 3 4 9", "x: - 2 3 4 -"),
        (".if(gte, null, 9)", "x: 9 9 9 9 9", "x: - 2 3 4 -"),
        (".derivative()", "x: - - 1 1 -", "x: - - 1 1 -"),
        (".cusum()", "x: 0 2 5 9 9", "x: 0 2 5 9 9"),
        (".sum(1)", "x: - 3 4 5 -", "x: - 3 4 5 -"),
    ];
    for (call, wanted, strict) in cases {
        let text = format!("{holes}{call}.label(x)");
        assert_eq!(compatible(&text), [wanted], "{text}");
        assert_eq!(shown(&frame(&text)), [strict], "{text}");
    }
}
