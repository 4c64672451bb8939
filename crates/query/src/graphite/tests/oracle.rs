//! The same targets over the same random series, by us and by Debian's graphite-web.

use crate::graphite::{Context, Series, render};
use model::memory::MemoryStore;
use model::{Kind, Labels};
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::{Command, Stdio};
use stdx::random::Random;

/// Where graphite-web is, if it is.
const SIGN: &str = "/usr/lib/python3/dist-packages/graphite/render/functions.py";
/// A whole day.
const T0: i64 = 1_700_006_400;
const ROUNDS: u64 = 8;

/// At least one for each function that is used much. `A` is series of one step, `M` of several, `C` counters.
const TARGETS: &[&str] = &[
    "A",
    "M",
    "C",
    "sumSeries(A)",
    "sum(M)",
    "averageSeries(A)",
    "avg(M)",
    "maxSeries(M)",
    "minSeries(M)",
    "diffSeries(A)",
    "multiplySeries(A)",
    "stddevSeries(A)",
    "rangeOfSeries(A)",
    "countSeries(A)",
    "powSeries(hosts.web1.cpu.user,hosts.web2.cpu.user)",
    "aggregate(A,'median')",
    "aggregate(M,'last',0.7)",
    "aggregate(A,'count')",
    "aggregate(A,'avg_zero')",
    "aggregateWithWildcards(A,'max',1)",
    "sumSeriesWithWildcards(A,1)",
    "averageSeriesWithWildcards(A,1,3)",
    "multiplySeriesWithWildcards(A,3)",
    "percentileOfSeries(A,90)",
    "percentileOfSeries(A,30,true)",
    "weightedAverage(hosts.*.cpu.user,hosts.*.cpu.sys,1)",
    "asPercent(A)",
    "asPercent(A,200)",
    "asPercent(A,hosts.web1.cpu.user)",
    "asPercent(hosts.*.cpu.user,hosts.*.cpu.sys)",
    "asPercent(A,None,1)",
    "asPercent(hosts.*.cpu.user,A,1)",
    "asPercent(A,sumSeries(A))",
    "divideSeries(A,hosts.web1.cpu.user)",
    "divideSeries(A,nothing)",
    "divideSeriesLists(hosts.*.cpu.user,hosts.*.cpu.sys)",
    "sumSeriesLists(hosts.*.cpu.user,hosts.*.cpu.sys)",
    "diffSeriesLists(hosts.*.cpu.user,hosts.*.cpu.sys)",
    "multiplySeriesLists(hosts.*.cpu.user,hosts.*.cpu.sys)",
    "aggregateSeriesLists(hosts.*.cpu.user,hosts.*.cpu.sys,'min')",
    "group(A,M)",
    "groupByNode(A,1,'sum')",
    "groupByNode(A,3)",
    "groupByNode(scale(A,2),1,'maxSeries')",
    "groupByNodes(A,'average',3,0)",
    "groupByNode(A,-1,'count')",
    "applyByNode(A,1,'sumSeries(%.cpu.*)','%.all')",
    "applyByNode(A,1,'divideSeries(%.cpu.user,%.cpu.sys)')",
    "reduceSeries(mapSeries(A,1),'divideSeries',3,'user','sys')",
    "reduceSeries(mapSeries(A,1),'asPercent',3,'user','sys')",
    "absolute(A)",
    "add(A,3)",
    "add(A,-2.5)",
    "scale(A,0.125)",
    "scale(A,1e6)",
    "scaleToSeconds(A,1)",
    "scaleToSeconds(M,60)",
    "offset(A,10)",
    "offsetToZero(hosts.full.load)",
    "invert(A)",
    "pow(A,2)",
    "squareRoot(A)",
    "log(A)",
    "log(A,2)",
    "exp(offset(scale(A,0.01),1))",
    "logit(scale(A,0.005))",
    "minMax(A)",
    "round(A)",
    "round(A,1)",
    "round(A,-1)",
    "isNonNull(A)",
    "derivative(A)",
    "nonNegativeDerivative(C)",
    "nonNegativeDerivative(hosts.full.count,1000)",
    "nonNegativeDerivative(hosts.full.count,None,3)",
    "perSecond(C)",
    "perSecond(hosts.full.count,1000)",
    "integral(A)",
    "integralByInterval(A,'5min')",
    "delay(A,3)",
    "delay(A,-2)",
    "timeShift(A,'1h')",
    "timeShift(A,'+10min')",
    "timeShift(A,'-7min',false)",
    "timeStack(hosts.web1.cpu.user,'10min',0,3)",
    "timeSlice(A,'00:05_20231115','00:40_20231115')",
    "transformNull(A)",
    "transformNull(A,-1)",
    "transformNull(A,5,hosts.web1.cpu.user)",
    "keepLastValue(A)",
    "keepLastValue(A,2)",
    "interpolate(A)",
    "interpolate(A,2)",
    "changed(A)",
    "summarize(A,'5min')",
    "summarize(A,'7min','avg')",
    "summarize(A,'5min','max',true)",
    "summarize(A,'90s','last')",
    "summarize(M,'1h','count')",
    "summarize(A,'15s')",
    "smartSummarize(A,'10min','median')",
    "smartSummarize(A,'10min','sum','hours')",
    "smartSummarize(A,'1h','max','days')",
    "smartSummarize(A,'3h','sum','weeks')",
    "smartSummarize(A,'3h','sum','weeks3')",
    "hitcount(A,'5min')",
    "hitcount(A,'7min')",
    "hitcount(A,'1h',true)",
    "hitcount(M,'90s')",
    "timeFunction('now')",
    "timeFunction('a.b',7)",
    "sinFunction('wave',3,45)",
    "identity('x')",
    "constantLine(5)",
    "constantLine(-1.5)",
    "threshold(3.5,'t','red')",
    "threshold(7)",
    "movingAverage(A,5)",
    "movingAverage(A,'3min')",
    "movingMedian(A,'200s')",
    "movingSum(A,7,0.5)",
    "movingMin(M,4)",
    "movingMax(A,'5min')",
    "movingWindow(A,6,'stddev')",
    "movingWindow(A,5,'diff')",
    "exponentialMovingAverage(A,5)",
    "exponentialMovingAverage(A,'5min')",
    "stdev(A,5)",
    "stdev(A,4,0.9)",
    "nPercentile(A,95)",
    "nPercentile(A,50)",
    "linearRegression(hosts.full.load)",
    "linearRegression(A,'00:20_20231115','01:00_20231115')",
    "aggregateLine(A)",
    "aggregateLine(A,'max')",
    "aggregateLine(A,'count',true)",
    "holtWintersForecast(A,'2h','30min')",
    "holtWintersConfidenceBands(A,3,'2h','30min')",
    "holtWintersConfidenceArea(hosts.web1.cpu.user,2,'1h','20min')",
    "holtWintersAberration(A,1,'2h','30min')",
    "averageAbove(A,20)",
    "averageBelow(A,20)",
    "currentAbove(A,20)",
    "currentBelow(A,20)",
    "maximumAbove(A,90)",
    "maximumBelow(A,90)",
    "minimumAbove(A,5)",
    "minimumBelow(A,5)",
    "averageOutsidePercentile(A,60)",
    "removeBetweenPercentile(hosts.full.*,60)",
    "exclude(A,'web[12]')",
    "grep(A,'sys$')",
    "filterSeries(A,'max','>',90)",
    "filterSeries(A,'median','<=',40)",
    "filterSeries(A,'last','!=',0)",
    "highest(A,2,'max')",
    "lowest(A,2,'min')",
    "highestAverage(A,2)",
    "highestCurrent(A,3)",
    "highestMax(A,1)",
    "lowestAverage(A,2)",
    "lowestCurrent(A,2)",
    "limit(A,2)",
    "mostDeviant(A,2)",
    "removeEmptySeries(A)",
    "removeEmptySeries(A,0.8)",
    "unique(A,hosts.web1.*.*)",
    "useSeriesAbove(A,95,'user','sys')",
    "removeAboveValue(A,50)",
    "removeBelowValue(A,50)",
    "removeAbovePercentile(A,70)",
    "removeBelowPercentile(A,30)",
    "sortBy(A,'max')",
    "sortBy(A,'sum',true)",
    "sortByMaxima(A)",
    "sortByMinima(A)",
    "sortByName(A)",
    "sortByName(A,true,true)",
    "sortByTotal(A)",
    "alias(A,'x')",
    "aliasByMetric(scale(A,2))",
    "aliasByNode(A,1,-1)",
    "aliasByNode(sumSeries(A),1)",
    "aliasByNode(movingAverage(A,3),3)",
    "aliasSub(A,'^.*\\.(web\\d+)\\..*$','host \\1')",
    "aliasQuery(hosts.*.cpu.user,'user','sys','%.2f x')",
    "legendValue(hosts.full.*,'avg','max')",
    "legendValue(hosts.full.*,'last','si')",
    "cactiStyle(hosts.full.*)",
    "cactiStyle(hosts.full.*,'si','b')",
    "alpha(A,0.5)",
    "color(A,'red')",
    "dashed(A)",
    "dashed(A,2)",
    "drawAsInfinite(A)",
    "lineWidth(A,2)",
    "secondYAxis(A)",
    "stacked(A)",
    "stacked(A,'x')",
    "areaBetween(hosts.web1.cpu.*)",
    "consolidateBy(A,'max')",
    "sumSeries(consolidateBy(M,'sum'))",
    "cumulative(A)",
    "fallbackSeries(nothing,constantLine(1))",
    "setXFilesFactor(A,0.5)",
    "sumSeries(xFilesFactor(A,0.8))",
    "substr(A,1,3)",
    "substr(scale(A,2),-1)",
    "A|scale(2)|sumSeries()|alias('y')",
    "template(hosts.$h.cpu.user,h='web2')",
    "template(scale(hosts.$1.cpu.user,$2),'web1','3')",
    "randomWalkFunctionNot(A)",
    "sumSeries(nothing)",
    "scale(nothing,2)",
    "movingAverage(nothing,5)",
    "asPercent(nothing)",
    "summarize(sumSeries(A),'5min','avg')",
    "alias(scale(perSecond(hosts.full.count),8),'bits')",
    "sumSeries(perSecond(C),scale(A,2))",
    "groupByNode(perSecond(C),1,'sum')",
    "aliasByNode(movingAverage(perSecond(C),5),1)",
    "sortByMaxima(highestAverage(scale(A,2),3))",
    "averageSeries(keepLastValue(A,3),transformNull(M,0))",
    "asPercent(summarize(A,'5min'),sumSeries(summarize(A,'5min')))",
    "divideSeries(sumSeries(A),countSeries(A))",
    "absolute(offset(invert(scale(A,2)),-1))",
    "maxSeries(movingMax(A,3),minSeries(A))",
    "derivative(integral(A))",
    "aliasSub(groupByNodes(nonNegativeDerivative(C),'max',0,1),'net','n')",
    "exclude(limit(sortByName(A),4),'web10')",
    "diffSeries(sumSeries(A),sumSeries(M))",
    "timeShift(movingSum(A,'5min'),'10min')",
    "summarize(timeShift(A,'1h'),'10min','max')",
    "removeBelowValue(removeAboveValue(A,90),10)",
    "consolidateBy(sumSeries(A),'max')",
];

fn written(target: &str) -> String {
    // Single letters as arguments stand for paths.
    let mut out = String::new();
    let chars: Vec<char> = target.chars().collect();
    for (at, &c) in chars.iter().enumerate() {
        let is_edge = |c: Option<&char>| c.is_none_or(|c| matches!(c, '(' | ')' | ',' | '|'));
        let alone = is_edge(at.checked_sub(1).and_then(|at| chars.get(at))) && is_edge(chars.get(at + 1));
        match (c, alone) {
            ('A', true) => out.push_str("hosts.web*.cpu.*"),
            ('M', true) => out.push_str("mixed.*"),
            ('C', true) => out.push_str("net.*.bytes"),
            _ => out.push(c),
        }
    }
    out
}

struct Stored {
    name: String,
    step_s: i64,
    values: Vec<Option<f64>>,
}

/// Three hours before the range and a little after it.
const BEFORE_S: i64 = 3 * 3600;

fn stored(random: &mut Random, nulls_of_all: Option<u64>) -> Vec<Stored> {
    let mut all = Vec::new();
    let mut add = |name: String, step_s: i64, nulls: u64, grows: bool, random: &mut Random| {
        let count = (BEFORE_S + 7200) / step_s;
        let nulls = nulls_of_all.unwrap_or(nulls);
        let mut now = 0.0;
        let mut value = |random: &mut Random| {
            if grows {
                now = if random.below(40) == 0 { 0.0 } else { now + random.below(30) as f64 };
                return now;
            }
            (random.unit() * 10_000.0).round() / 100.0
        };
        let values = (0..count).map(|_| {
            let value = value(random);
            (random.below(100) >= nulls).then_some(value)
        });
        all.push(Stored { name, step_s, values: values.collect() });
    };
    for host in ["web1", "web2", "web10"] {
        for kind in ["user", "sys"] {
            let nulls = [0, 5, 40][random.below(3) as usize];
            add(format!("hosts.{host}.cpu.{kind}"), 60, nulls, false, random);
        }
        add(format!("net.{host}.bytes"), 30, 10, true, random);
    }
    for step_s in [10, 30, 60] {
        add(format!("mixed.every{step_s}"), step_s, 10, false, random);
    }
    add("hosts.full.load".to_owned(), 60, 0, false, random);
    add("hosts.full.count".to_owned(), 60, 0, true, random);
    all
}

#[test]
fn random_targets_agree_with_graphite_web() {
    if !std::path::Path::new(SIGN).exists() {
        return eprintln!("not run: graphite-web is not installed (apt-get install graphite-web)");
    }
    let mut random = Random::from_seed(1);
    let targets: Vec<String> = TARGETS.iter().map(|target| written(target)).collect();
    let mut rounds = Vec::new();
    let mut lines = String::new();
    for round in 0..ROUNDS {
        // The last two: one value of the usual step, and four of ten are missing.
        let (is_one, is_sparse) = (round == ROUNDS - 2, round == ROUNDS - 1);
        let series = stored(&mut random, is_one.then_some(0).or(is_sparse.then_some(40)));
        let from_s = T0 + random.below(50) as i64 * 60 + [0, 0, 13][random.below(3) as usize];
        let until_s = from_s + if is_one { 60 } else { 900 + random.below(60) as i64 * 60 };
        let start = T0 - BEFORE_S;
        let shown: Vec<Value> = series
            .iter()
            .map(|s| json!({"name": s.name, "step": s.step_s, "start": start, "values": s.values}))
            .collect();
        lines += &json!({"from": from_s, "until": until_s, "series": shown, "targets": targets}).to_string();
        lines.push('\n');
        rounds.push((series, from_s, until_s));
    }
    let answers = asked(lines);
    assert_eq!(answers.len(), rounds.len(), "graphite-web stopped");
    let mut wrong = std::collections::BTreeMap::<&str, (usize, String)>::new();
    for ((series, from_s, until_s), answers) in rounds.iter().zip(&answers) {
        let store = MemoryStore::new();
        for one in series {
            let samples =
                one.values.iter().enumerate().filter_map(|(at, value)| {
                    Some(((T0 - BEFORE_S + at as i64 * one.step_s) * 1000, (*value)?))
                });
            store.insert(
                &Labels::from_pairs([(model::NAME, one.name.as_str())]).unwrap(),
                Kind::Gauge,
                samples,
            );
        }
        for (target, wanted) in targets.iter().zip(answers.as_array().unwrap()) {
            // Each request starts anew: what one target says of factors and stacks does not reach the next one.
            let answer = render(&[target], &Context::new(*from_s, *until_s), &store).unwrap();
            if let Some(why) = difference(target, answer.results[0].as_ref(), wanted) {
                let entry = wrong.entry(target).or_insert((0, why));
                entry.0 += 1;
            }
        }
    }
    let lines: Vec<String> =
        wrong.iter().map(|(target, (count, why))| format!("{target} ({count} of {ROUNDS}): {why}")).collect();
    assert!(lines.is_empty(), "{} of {} targets differ\n{}", lines.len(), targets.len(), lines.join("\n"));
}

fn asked(lines: String) -> Vec<Value> {
    let mut child = Command::new("/usr/bin/python3")
        .args(["-c", include_str!("oracle.py")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let feeder = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap().unwrap();
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(&line.replace("NaN", "null")).unwrap())
        .collect()
}

fn difference(
    target: &str,
    found: Result<&Vec<Series>, &crate::QueryError>,
    wanted: &Value,
) -> Option<String> {
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
        return Some(format!("{} series instead of {}", found.len(), wanted.len()));
    }
    found.iter().zip(wanted).find_map(|(found, wanted)| {
        let values: Vec<f64> = wanted["values"]
            .as_array()
            .unwrap()
            .iter()
            .map(|value| value.as_f64().unwrap_or(f64::NAN))
            .collect();
        // 1.1.8 has windows that end before each value; since 1.1.10 they end with it.
        let (ours, theirs) = match target.contains("moving") && !values.is_empty() {
            true => (&found.values[..found.values.len().saturating_sub(1)], &values[1..]),
            false => (found.values.as_slice(), values.as_slice()),
        };
        let is_near = |a: f64, b: f64| (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-9 * a.abs().max(1.0);
        let differs = ours.iter().zip(theirs).position(|(a, b)| !is_near(*a, *b));
        let number = |name: &str| wanted[name].as_f64().unwrap_or(f64::NAN) as i64;
        match differs {
            _ if found.name != wanted["name"].as_str().unwrap_or_default() => {
                Some(format!("called {} instead of {}", found.name, wanted["name"]))
            }
            _ if ours.len() != theirs.len() => {
                Some(format!("{} values instead of {}", ours.len(), theirs.len()))
            }
            Some(at) => Some(format!("{}: {} instead of {} at {at}", found.name, ours[at], theirs[at])),
            None if found.start_s != number("start") || found.step_s != number("step").max(1) => {
                Some(format!(
                    "starts {} step {} instead of {wanted:.0}",
                    found.start_s,
                    found.step_s,
                    wanted = json!([wanted["start"], wanted["step"]])
                ))
            }
            None if found.end_s != number("end") => {
                Some(format!("{} ends {} instead of {}", found.name, found.end_s, number("end")))
            }
            None => None,
        }
    })
}
