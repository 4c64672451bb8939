//! Every function at its edges: nulls, single buckets, empty lists, lists that do not match.

use super::*;
use crate::frame::{Bars, Legend, Lines, Points, Property};

// Five buckets of 12 s.
fn columns(text: &str) -> Result<Vec<String>, QueryError> {
    one(&MemoryStore::new(), minute("12s"), text).map(|frame| shown(&frame))
}

#[test]
fn values() {
    let cases: &[(&str, &[&str])] = &[
        (".static('1:2:3:4:5')", &["1:2:3:4:5: 1 2 3 4 5"]),
        (".static(7)", &["7: 7 7 7 7 7"]),
        (".static('5')", &["5: 5 5 5 5 5"]),
        (".static(1, label=one)", &["one: 1 1 1 1 1"]),
        (".static('-2:2').abs().label(x)", &["x: 2 1 0 1 2"]),
        (".static('1:2:3:4:5').movingaverage(3).label(x)", &["x: - 2 3 4 -"]),
        (".static('1:2:3:4:5').mvavg(3, left)", &["1:2:3:4:5 mvavg=3: - - 2 3 4"]),
        (".static('1:2:3:4:5').mvavg(3, right).label(x)", &["x: 2 3 4 - -"]),
        (".static('1:2:3:4:5').mvavg(24s).label(x)", &["x: - 1.5 2.5 3.5 4.5"]),
        (".static('1:2:3:4:5').mvavg(1s).label(x)", &["x: 1 2 3 4 5"]),
        (".static('1:2:3:4:5').mvavg(9).label(x)", &["x: - - - - -"]),
        (".static('1:2:3:4:5').trim().mvavg(3, left).label(x)", &["x: - - 2.5 3 3.5"]),
        (".static('1:2:3:4:5').movingstd(3)", &["1:2:3:4:5 mvstd=3: - - - 1 1"]),
        (".static('1:2:3:4:5').mvstd(3, center).label(x)", &["x: - 1 1 - -"]),
        (".static('1:2:3:4:5').mvstd(3, right).label(x)", &["x: 1 1 - - -"]),
        (".static('1:2:3:4:5').mvstd(1).label(x)", &["x: - - - - -"]),
        (".static('1:2:3:4:5').trim(2, 0).label(x)", &["x: - - 3 4 5"]),
        (".static('1:2:3:4:5').trim(9).label(x)", &["x: - - - - -"]),
        (".static('1:2:4:8:16').derivative().label(x)", &["x: - 1 2 4 8"]),
        (".static('1:2:3:4:5').trim().derivative().label(x)", &["x: - - 1 1 -"]),
        (".static('1:2:3:4:5').cusum(10).label(x)", &["x: 11 13 16 20 25"]),
        (".static('1:2:3:4:5').trim().cusum().label(x)", &["x: 0 2 5 9 9"]),
        (".static('1:2:3:4:5').trim().fit(carry).label(x)", &["x: 2 2 3 4 4"]),
        (".static('1:2:3:4:5').trim().fit(nearest).label(x)", &["x: 2 2 3 4 4"]),
        (".static('1:2:3:4:5').trim().fit(average).label(x)", &["x: 2 2 3 4 -"]),
        (".static('1:2:3:4:5').trim().fit(none).label(x)", &["x: - 2 3 4 -"]),
        (".static('1:2:3:4:5').trim().fit(scale).label(x)", &["x: 1 1 3 4 0"]),
        (".static('1:2:3:4:5').trim(5).fit(carry).label(x)", &["x: - - - - -"]),
        (".static('1:2:3:4:5').range(0, 1).label(x)", &["x: 0 0.25 0.5 0.75 1"]),
        (".static('1:2:3:4:5').trim().range(10, 0).label(x)", &["x: - 10 5 0 -"]),
        (".static(5).range(0, 1).label(x)", &["x: - - - - -"]),
        (".static('1:2:4:8:16').log(2).label(x)", &["x: 0 1 2 3 4"]),
        (".static('-1:0:1:10:100').log().label(x)", &["x: - - 0 1 2"]),
        (".static('1:2:3:4:5').if(gt, 3, 0).label(x)", &["x: 1 2 3 0 0"]),
        (".static('1:2:3:4:5').if(gt, 3, 1, 0).label(x)", &["x: 0 0 0 1 1"]),
        (".static('1:2:3:4:5').if(gte, 3, null).label(x)", &["x: 1 2 - - -"]),
        (".static('1:2:3:4:5').if(lte, 3, 9, null).label(x)", &["x: 9 9 9 - -"]),
        (".static('1:2:3:4:5').if(ne, 3, 0).label(x)", &["x: 0 0 3 0 0"]),
        (".static('1:2:3:4:5').trim().if(eq, null, 7).label(x)", &["x: 7 2 3 4 7"]),
        (".static('1:2:3:4:5').trim().if(ne, null, 7).label(x)", &["x: - 7 7 7 -"]),
        (".static('1:2:3:4:5').trim().if(lt, 3, 0).label(x)", &["x: - 0 3 4 -"]),
        (".static('1:2:3:4:5').if(lt, .static(3), .static(9)).label(x)", &["x: 9 9 3 4 5"]),
        (".static('1:2:3:4:5').trim().aggregate(avg).label(x)", &["x: 3 3 3 3 3"]),
        (".static('1:2:3:4:5').trim().aggregate(first).label(x)", &["x: 2 2 2 2 2"]),
        (".static('1:2:3:4:5').trim().aggregate(last).label(x)", &["x: 4 4 4 4 4"]),
        (".static('1:2:3:4:5').trim().aggregate(sum).label(x)", &["x: 9 9 9 9 9"]),
        (".static('1:2:2:1:2').aggregate(cardinality).label(x)", &["x: 2 2 2 2 2"]),
        (".static(1).trim(5).aggregate(max).label(x)", &["x: - - - - -"]),
        (".static('1.19:-1.19').precision(1).label(x)", &["x: 1.1 0.5 0 -0.5 -1.1"]),
        (".static(6).scale_interval(1m).label(x)", &["x: 30 30 30 30 30"]),
        (".static('1:2:3:4:5').trend().label(x)", &["x: 1 2 3 4 5"]),
        (".static('9:2:3:4:9').trend(linear, 1, -1).label(x)", &["x: - 2 3 4 -"]),
        (".static('1:2:3:4:5').trend(linear, -2).label(x)", &["x: - - - 4 5"]),
        (".static(1).trim(5).trend().label(x)", &["x: - - - - -"]),
        (".static('0:4:8:8:8').holt(0.5).label(x)", &["x: 0 2 5 6.5 7.25"]),
        (".static('1:2:3:4:5').trim(0, 2).holt(0.5, 0.5).label(x)", &["x: 1 2 3 4 5"]),
        (".static('1:2:3:4:5').trim(5).holt(0.5, 0.5).label(x)", &["x: - - - - -"]),
        ("(.static(1), .static(2), .static(3)).sum()", &["1: 6 6 6 6 6"]),
        ("(.static(9), .static(2)).subtract().label(x)", &["x: 7 7 7 7 7"]),
        (".static(9).subtract(term=1, term=.static(2)).label(x)", &["x: 6 6 6 6 6"]),
        (".static('1:2:3:4:5').min(3).label(x)", &["x: 1 2 3 3 3"]),
        (".static('1:2:3:4:5').trim().max(.static(3)).label(x)", &["x: - 3 3 4 -"]),
        (".static(1).plus(.static(1).trim(2)).label(x)", &["x: - - 2 2 -"]),
        (".static(0).divide(0).label(x)", &["x: - - - - -"]),
        (
            "(.static(1, label=a), .static(2, label=b)).multiply((.static(10, label=b), .static(20, label=a)))",
            &["a: 20 20 20 20 20", "b: 20 20 20 20 20"],
        ),
        (".static(1, label='load host:web1').label('$1!', 'host:(\\S+)')", &["load web1!: 1 1 1 1 1"]),
        (".static(1).sum(.es())", &[]),
        (".static(1).sum(null).label(x)", &["x: 1 1 1 1 1"]),
    ];
    let wrong: Vec<String> = cases
        .iter()
        .map(|(text, wanted)| (text, columns(text), wanted))
        .filter(|(_, found, wanted)| !found.as_ref().is_ok_and(|found| found == *wanted))
        .map(|(text, found, _)| format!("{text}: {found:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_cannot_be_done_is_refused() {
    let cases = [
        (
            "(.static(1, label=a), .static(2, label=b)).sum((.static(1, label=a), .static(2, label=c)))",
            "no partner",
        ),
        (
            "(.static(1), .static(2)).sum((.static(1), .static(2), .static(3)))",
            "2 series cannot be paired with 3",
        ),
        (".static('1:x:3')", "not a row of numbers"),
        (".static(1).holt(2)", "from 0 to 1"),
        (".static(1).holt(0.5, 0.5, 0.5)", "needs alpha, beta, gamma and season"),
        (".static(1).holt(0.5, 0.5, 0.5, 1m)", "two seasons"),
        (".static(1).log(1)", "no logarithm"),
        (".static(1).label(x, '(')", "not a regular expression"),
        (".static(1).legend(middle)", "not a place"),
        (".static(1).scale_interval(soon)", "not an interval"),
        (".static(1).movingaverage(soon)", "neither"),
        (".static(1).yaxis(0)", "whole number from 1"),
        ("@1:2", "itself"),
    ];
    for (text, wanted) in cases {
        let error = columns(text).expect_err(text);
        assert!(error.message().contains(wanted), "{text}: {error}");
    }
    let results = answer(&MemoryStore::new(), minute("12s"), &[".static(1)", "@1:2"]).results;
    assert!(results[1].as_ref().unwrap_err().message().contains("has 1 series, not 2"));
}

#[test]
fn style() {
    let frame = |text: &str| one(&MemoryStore::new(), minute("12s"), text).unwrap();
    let styled = |text: &str| frame(text).series.remove(0).style;
    let lines = styled(".static(1).lines(2, fill=5, stack=true, steps=1)");
    let wanted = Lines { show: None, width: 2.0, fill: Some(0.5), steps: Some(true) };
    assert_eq!((lines.lines, lines.stack), (Some(wanted), Some(true)));
    let bars = styled(".static(1).bars()");
    assert_eq!((bars.bars, bars.stack), (Some(Bars { show: true, width: 6.0 }), Some(true)));
    let points =
        styled(".static(1).points(radius=2, fill=10, fillColor=red, symbol=cross, show=false)").points;
    let wanted = Points {
        show: Some(false),
        radius: Some(2.0),
        weight: None,
        fill: Some(1.0),
        fill_color: Some("red".to_owned()),
        symbol: Some("cross".to_owned()),
    };
    assert_eq!(points, Some(wanted));
    assert!(styled(".static(1).hide()").hide && !styled(".static(1).hide().hide(false)").hide);
    let props = styled(".static(1).props(lines.fill=0.2, note='by hand')");
    assert_eq!(props.lines.and_then(|l| l.fill), Some(0.2));
    assert_eq!(props.props["note"], Property::Text("by hand".to_owned()));

    let colors: Vec<String> = frame("(.static(1), .static(2), .static(3)).color('red:#00f')")
        .series
        .into_iter()
        .filter_map(|s| s.style.color)
        .collect();
    assert_eq!(colors, ["#ff0000", "#800080", "#0000ff"]);

    let chart = frame(
        "(.static(1).yaxis(2, units='currency:EUR', label=cost), .static(2).yaxis(min=0)).title(Cost).legend(false)",
    );
    assert_eq!(chart.title.as_deref(), Some("Cost"));
    assert!(matches!(&chart.legend, Some(Legend { show: false, show_time: false, .. })));
    assert_eq!(chart.series.iter().map(|s| s.style.yaxis).collect::<Vec<_>>(), [Some(2), Some(1)]);
    let (left, right) = (&chart.yaxes[&1], &chart.yaxes[&2]);
    assert_eq!((left.right, left.min, right.right), (false, Some(0.0), true));
    assert_eq!(right.units.as_deref(), Some("currency:EUR"));
}

#[test]
fn null_is_as_in_javascript_where_that_is_asked_for() {
    let compatible = |text: &str| {
        let plan = timelion::plan(&[text], &signatures(FUNCTIONS));
        let request = Request { compatible: true, ..Request::new(&plan, FUNCTIONS, minute("12s")) };
        shown(&run(&request, &MemoryStore::new()).unwrap().results.remove(0).unwrap())
    };
    let holes = ".static('1:2:3:4:5').trim()";
    let cases = [
        (".if(lt, 3, 9)", "x: 9 9 3 4 9", "x: - 9 3 4 -"),
        (".if(gte, 0, 9)", "x: 9 9 9 9 9", "x: - 9 9 9 -"),
        (".if(eq, 0, 9)", "x: - 2 3 4 -", "x: - 2 3 4 -"),
        (".if(ne, 0, 9)", "x: 9 9 9 9 9", "x: - 9 9 9 -"),
        (".mvavg(3, left)", "x: - - 1.666667 3 2.333333", "x: - - 2.5 3 3.5"),
    ];
    for (call, wanted, strict) in cases {
        let text = format!("{holes}{call}.label(x)");
        assert_eq!(compatible(&text), [wanted], "{text}");
        assert_eq!(columns(&text).unwrap(), [strict], "{text}");
    }
}
