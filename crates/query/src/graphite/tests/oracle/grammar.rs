//! Random targets: any function, its arguments by their types, in every way in which they may be written.

use crate::names::graphite::{Function, all};
use lang::signature::{Parameter, Type};
use std::cell::Cell;
use stdx::random::Random;

/// What targets end in.
const LEAVES: &[&str] = &[
    "hosts.web*.cpu.*",
    "hosts.web*.cpu.*",
    "hosts.*.cpu.user",
    "hosts.web1.cpu.user",
    "hosts.web2.cpu.sys",
    "hosts.{web1,web10}.cpu.user",
    "hosts.full.load",
    "hosts.full.*",
    "net.*.bytes",
    "net.web1.bytes",
    "mixed.*",
    "kinds.*",
    "kinds.negative",
    "kinds.{zero,whole}",
    "gone.*",
    "gone.all",
    "steps.*",
    "odd.*.*",
    "nothing.here",
    "constantLine(7)",
    "seriesByTag('name=disk')",
    "seriesByTag('name=disk', 'dc=eu')",
];
/// Those of several steps, or another than most.
const OTHER_STEPS: &[&str] = &[
    "net.*.bytes",
    "net.web1.bytes",
    "mixed.*",
    "steps.*",
    "constantLine(7)",
    "seriesByTag('name=disk')",
    "seriesByTag('name=disk', 'dc=eu')",
];
/// What is random, needs days, or asks elsewhere.
const LEFT_OUT: &[&str] =
    &["randomWalkFunction", "events", "seriesByTag", "aliasByPostgres", "aliasByRedis", "aliasByBase64"];
/// What people write most, beside everything else.
const USUAL: &str = "alias sumSeries asPercent transformNull movingAverage aliasByNode summarize scale averageSeries \
    perSecond divideSeries aliasSub keepLastValue sortByMaxima diffSeries groupByNode maxSeries consolidateBy timeShift \
    groupByNodes sumSeriesWithWildcards smartSummarize derivative exclude nonNegativeDerivative integral highestAverage \
    limit hitcount scaleToSeconds offset absolute minSeries multiplySeries aggregate groupByTags aliasByTags \
    removeBelowValue highestCurrent averageSeriesWithWildcards highestMax sortByName aliasByMetric movingMedian group \
    nPercentile isNonNull percentileOfSeries stddevSeries mostDeviant countSeries fallbackSeries filterSeries grep \
    currentAbove averageAbove delay interpolate changed";

/// Makes targets of the functions that another has, too.
pub(super) struct Grammar {
    functions: Vec<(&'static str, &'static Function)>,
    usual: usize,
    is_wrong: Cell<bool>,
}

impl Grammar {
    pub(super) fn new(theirs: &[String]) -> Self {
        let named = all().filter(|function| !LEFT_OUT.contains(&function.signature.name));
        let named = named.flat_map(|function| function.signature.names().map(move |name| (name, function)));
        let known = named.filter(|(name, _)| theirs.iter().any(|known| known == name));
        // 1.1.8 has windows that end before each value; since 1.1.10 they end with it.
        let known = known.filter(|(name, _)| !(super::is_old() && name.starts_with("moving")));
        let is_usual = |name: &str| USUAL.split_whitespace().any(|usual| usual == name);
        let (mut functions, rest): (Vec<_>, Vec<_>) = known.partition(|(name, _)| is_usual(name));
        let usual = functions.len();
        functions.extend(rest);
        Self { functions, usual, is_wrong: Cell::new(false) }
    }

    /// A target that nests calls so deep, and whether an argument of it is not as it should be.
    pub(super) fn any(&self, depth: u64, random: &mut Random) -> (String, bool) {
        self.is_wrong.set(false);
        let mut target = self.target(depth, random);
        // Over several steps it tells values of one step at the times of another.
        if ["asPercent(", "pct(", "referenceSeries", "transformNull("]
            .iter()
            .any(|name| target.contains(name))
        {
            for leaf in OTHER_STEPS {
                target = target.replace(leaf, "hosts.web*.cpu.*");
            }
        }
        // It forgets what stands before a pipe when it asks an argument again: only the outermost call has one.
        let piped = random.below(10) == 0 && !target.contains('|');
        let (name, rest) = target.split_once('(').unwrap_or((&target, ""));
        let target = match (piped, rest.split_once(',')) {
            (true, Some((first, rest)))
                if !first.contains(['(', '=', '\'', '"', '{'])
                    && !rest.split(['(', '\'']).next().unwrap_or("").contains('=') =>
            {
                format!("{first}|{name}({rest}")
            }
            _ => target,
        };
        (target, self.is_wrong.get())
    }

    fn target(&self, depth: u64, random: &mut Random) -> String {
        if depth == 0 {
            return pick(LEAVES, random).to_owned();
        }
        let among = if random.below(2) == 0 { self.usual } else { self.functions.len() };
        let (name, function) = self.functions[random.below(among as u64) as usize];
        self.call(name, function, depth, random)
    }

    fn call(&self, name: &str, function: &Function, depth: u64, random: &mut Random) -> String {
        let mut args = Vec::new();
        let mut is_named = false;
        for (at, parameter) in function.signature.args.iter().enumerate() {
            if !parameter.required && random.below(100) < 45 && name != "timeStack" && name != "verticalLine"
            {
                // What comes after one that is left out has to be called by its name.
                is_named = true;
                continue;
            }
            is_named |= at > 0 && !parameter.multi && random.below(100) < 10;
            let times = if parameter.multi && !is_named { 1 + random.below(3) / 2 } else { 1 };
            for _ in 0..times {
                let value = self.value(name, parameter, depth, random);
                args.push(if is_named { format!("{}={value}", parameter.name) } else { value });
            }
        }
        let comma = pick(&[",", ", ", ",", " , "], random);
        format!("{name}({})", args.join(comma))
    }

    fn value(&self, function: &str, parameter: &Parameter, depth: u64, random: &mut Random) -> String {
        if random.below(100) == 0 && !parameter.types.contains(&Type::SeriesList) {
            self.is_wrong.set(true);
            return pick(&["None", "'nonsense'", "-1", "1.5", "true", "''"], random).to_owned();
        }
        if let Some(value) = special(function, parameter.name, random) {
            return value;
        }
        if parameter.closed && !parameter.types.contains(&Type::AggFunc) {
            return quoted(pick(parameter.suggestions, random).value, random);
        }
        let number = |values: &[&str], random: &mut Random| {
            let value = pick(values, random);
            if random.below(12) == 0 { quoted(value, random) } else { value.to_owned() }
        };
        match parameter.types.first().copied().unwrap_or(Type::Any) {
            Type::SeriesList | Type::SeriesLists | Type::Series => {
                let depth = if depth > 0 && random.below(5) > 0 { depth - 1 } else { 0 };
                self.target(depth, random)
            }
            Type::Number | Type::Float => number(
                &["0", "1", "-1", "0.5", "2", "100", "50", "1e3", "-2.5", "10", "95", "3", "20", "0.001"],
                random,
            ),
            Type::Integer => number(&["0", "1", "2", "3", "5", "10", "-1", "-2"], random),
            Type::IntOrInf => number(&["1", "2", "5", "inf", "0"], random),
            Type::Interval => quoted(pick(INTERVALS, random), random),
            Type::IntOrInterval if random.below(2) == 0 => {
                pick(&["1", "2", "3", "5", "10", "60"], random).to_owned()
            }
            Type::IntOrInterval => quoted(pick(INTERVALS, random), random),
            Type::Date => quoted(pick(DATES, random), random),
            Type::Node => number(&["0", "1", "2", "3", "-1", "-2", "7"], random),
            Type::NodeOrTag if random.below(4) > 0 => {
                pick(&["0", "1", "2", "3", "-1", "-2", "7"], random).to_owned()
            }
            Type::NodeOrTag | Type::Tag => {
                quoted(pick(&["name", "host", "dc", "aggregatedBy"], random), random)
            }
            Type::AggFunc | Type::AggOrSeriesFunc => {
                let name = pick(parameter.suggestions, random).value;
                let tail = if random.below(10) == 0 { "Series" } else { "" };
                quoted(&format!("{name}{tail}"), random)
            }
            Type::Boolean => {
                pick(&["true", "false", "True", "'true'", "'false'", "0", "1"], random).to_owned()
            }
            Type::Text | Type::Any | Type::Null => {
                quoted(pick(&["x", "a b", "si", "1", "red", "é%"], random), random)
            }
        }
    }
}

const INTERVALS: &[&str] = &[
    "1min", "5min", "7min", "90s", "1h", "10min", "15s", "2h", "1d", "-5min", "+5min", "3minutes", "1h30min",
    "120sec",
];
const DATES: &[&str] = &[
    "00:20_20231115",
    "-30min",
    "now",
    "20231115",
    "-1h",
    "midnight",
    "1700007000",
    "-10min",
    "01:00_20231115",
];

// Where the type alone would say too little.
fn special(function: &str, parameter: &str, random: &mut Random) -> Option<String> {
    let of = |values: &[&str], random: &mut Random| Some(pick(values, random).to_owned());
    match (function, parameter) {
        (name, "bootstrapInterval") if name.starts_with("holt") => of(&["'2h'", "'90min'", "'1h'"], random),
        (name, "seasonality") if name.starts_with("holt") => of(&["'30min'", "'10min'", "'1h'"], random),
        ("timeStack", "timeShiftUnit") => of(&["'10min'", "'1h'", "'-5min'"], random),
        ("timeStack", "timeShiftStart") => of(&["0", "1"], random),
        ("timeStack", "timeShiftEnd") => of(&["2", "3"], random),
        // Nothing by no steps is nothing there.
        ("delay", "steps") => of(&["1", "2", "-1", "5", "'3'", "100"], random),
        (
            "summarize" | "smartSummarize" | "hitcount" | "integralByInterval",
            "intervalString" | "intervalUnit",
        ) => of(&["'1min'", "'5min'", "'7min'", "'90s'", "'1h'", "'15s'", "'1d'", "'1h30min'"], random),
        (name, "n") if name.contains("ercentile") => {
            of(&["50", "95", "0.5", "10", "99.9", "1e3", "'75'"], random)
        }
        ("timeShift", "timeShift") => of(&["'1h'", "'-10min'", "'+5min'", "'7min'", "'90s'"], random),
        ("asPercent" | "pct", "total") => of(
            &[
                "None",
                "100",
                "50.5",
                "0",
                "hosts.web1.cpu.user",
                "hosts.*.cpu.sys",
                "sumSeries(hosts.web*.cpu.*)",
            ],
            random,
        ),
        ("aliasSub", "search") => {
            of(&["'^.*web(\\d+).*$'", "'e'", "'(\\w+)\\.(\\w+)'", "'sys|user'", "'\\.'"], random)
        }
        ("aliasSub", "replace") => of(&["'\\1'", "'x'", "''", "'<\\2 \\1>'", "'a.b'"], random),
        ("aliasQuery", "search") => of(&["'sys'", "'cpu\\.(.*)$'"], random),
        ("aliasQuery", "replace") => of(&["'user'", "'cpu.user'", "'gone'"], random),
        ("aliasQuery", "newName") => of(&["'%d x'", "'%.2f'", "'n %s'"], random),
        ("exclude" | "grep", "pattern") => of(&["'web[12]'", "'sys$'", "'nothing'", "''", "'e.e'"], random),
        ("useSeriesAbove", "search") => of(&["'sys'", "'user'"], random),
        ("useSeriesAbove", "replace") => of(&["'user'", "'sys'"], random),
        ("reduceSeries" | "reduce", "seriesLists") => {
            of(&["mapSeries(hosts.web*.cpu.*,1)", "map(hosts.*.cpu.*,1)"], random)
        }
        ("reduceSeries" | "reduce", "reduceFunction") => {
            of(&["'divideSeries'", "'asPercent'", "'diffSeries'", "'sumSeries'"], random)
        }
        ("reduceSeries" | "reduce", "reduceNode") => of(&["3", "3", "-1"], random),
        ("reduceSeries" | "reduce", "reduceMatchers") => of(&["'user'", "'sys'"], random),
        // Names that are calls make targets that do not end.
        ("applyByNode", "seriesList") => {
            of(&["hosts.web*.cpu.*", "hosts.*.cpu.user", "nothing.here"], random)
        }
        ("verticalLine", "label") => of(&["'x'"], random),
        ("applyByNode", "templateFunction") => {
            of(&["'sumSeries(%.cpu.*)'", "'divideSeries(%.cpu.user,%.cpu.sys)'", "'%.*'"], random)
        }
        ("applyByNode", "newName") => of(&["'%.all'", "'x'"], random),
        ("smartSummarize", "alignTo" | "alignToFrom") => of(
            &[
                "'minutes'",
                "'hours'",
                "'days'",
                "'weeks'",
                "'weeks3'",
                "'months'",
                "'seconds'",
                "'years'",
                "'min'",
                "'5x'",
            ],
            random,
        ),
        ("sin" | "sinFunction" | "time" | "timeFunction", "step") => of(&["60", "30", "300", "7"], random),
        ("xFilesFactor" | "setXFilesFactor", "xFilesFactor") | (_, "xFilesFactor") => {
            of(&["0", "0.5", "1", "0.8", "'0.3'"], random)
        }
        (_, "maxValue" | "minValue") => of(&["None", "1000", "50", "0", "10", "-5"], random),
        ("legendValue", "valuesTypes") => {
            of(&["'avg'", "'max'", "'last'", "'si'", "'binary'", "'total'", "'median'", "'x'"], random)
        }
        ("log" | "logarithm", "base") => of(&["10", "2", "'2'", "7"], random),
        _ => None,
    }
}

fn quoted(text: &str, random: &mut Random) -> String {
    if random.below(4) == 0 { format!("\"{text}\"") } else { format!("'{text}'") }
}

fn pick<T: Copy>(values: &[T], random: &mut Random) -> T {
    values[random.below(values.len() as u64) as usize]
}
