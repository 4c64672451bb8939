//! The operators, one row each.

/// An operator: a place in [`OPERATORS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)] // The rows say what they do.
pub enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    AddNan,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    IsUnknown,
    IsInfinite,
    If,
    Min,
    Max,
    MinNan,
    MaxNan,
    Limit,
    Power,
    Sine,
    Cosine,
    Log,
    Exp,
    SquareRoot,
    ArcTangent,
    ArcTangent2,
    Floor,
    Ceiling,
    Round,
    ToRadians,
    ToDegrees,
    Absolute,
    Sort,
    Reverse,
    Average,
    Least,
    Greatest,
    Median,
    Deviation,
    Percent,
    Trend,
    TrendNan,
    Predict,
    PredictSigma,
    PredictPercent,
    Unknown,
    Infinity,
    NegativeInfinity,
    Previous,
    Count,
    Now,
    Time,
    LocalTime,
    StepWidth,
    NewDay,
    NewWeek,
    NewMonth,
    NewYear,
    Duplicate,
    Pop,
    Exchange,
    Depth,
    Copy,
    Index,
    Roll,
}

/// What an operator looks like.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Which one.
    pub operator: Operator,
    /// As it is written.
    pub name: &'static str,
    /// How many values it takes at least.
    pub takes: usize,
    /// How many it gives; for those whose number depends on a value, one more than it takes away.
    pub gives: usize,
    /// One sentence.
    pub doc: &'static str,
    /// A program that uses it.
    pub example: &'static str,
}

const fn row(
    operator: Operator,
    name: &'static str,
    takes: usize,
    gives: usize,
    doc: &'static str,
    example: &'static str,
) -> Row {
    Row { operator, name, takes, gives, doc, example }
}

use Operator as O;

/// All of them, in the order of [`Operator`].
pub static OPERATORS: &[Row] = &[
    row(O::Add, "+", 2, 1, "The sum", "a,b,+"),
    row(O::Subtract, "-", 2, 1, "The first without the second", "a,b,-"),
    row(O::Multiply, "*", 2, 1, "The product", "a,8,*"),
    row(O::Divide, "/", 2, 1, "The first divided by the second", "a,b,/"),
    row(O::Modulo, "%", 2, 1, "What is left of a division, with the sign of the first", "a,3,%"),
    row(O::AddNan, "ADDNAN", 2, 1, "The sum, where one that is unknown counts 0", "a,b,ADDNAN"),
    row(O::Less, "LT", 2, 1, "1 where the first is less, else 0", "a,10,LT"),
    row(O::LessOrEqual, "LE", 2, 1, "1 where the first is less or equal, else 0", "a,10,LE"),
    row(O::Greater, "GT", 2, 1, "1 where the first is greater, else 0", "a,10,GT"),
    row(O::GreaterOrEqual, "GE", 2, 1, "1 where the first is greater or equal, else 0", "a,10,GE"),
    row(O::Equal, "EQ", 2, 1, "1 where both are equal, else 0", "a,10,EQ"),
    row(O::NotEqual, "NE", 2, 1, "1 where both differ, else 0", "a,10,NE"),
    row(O::IsUnknown, "UN", 1, 1, "1 where the value is unknown, else 0", "a,UN,0,a,IF"),
    row(O::IsInfinite, "ISINF", 1, 1, "1 where the value is infinite, else 0", "a,ISINF"),
    row(O::If, "IF", 3, 1, "The second where the first is not 0, else the third", "a,10,GT,a,0,IF"),
    row(O::Min, "MIN", 2, 1, "The lesser; unknown where one is", "a,10,MIN"),
    row(O::Max, "MAX", 2, 1, "The greater; unknown where one is", "a,10,MAX"),
    row(O::MinNan, "MINNAN", 2, 1, "The lesser of what is known", "a,b,MINNAN"),
    row(O::MaxNan, "MAXNAN", 2, 1, "The greater of what is known", "a,b,MAXNAN"),
    row(O::Limit, "LIMIT", 3, 1, "The value where it lies between two others, else unknown", "a,0,100,LIMIT"),
    row(O::Power, "POW", 2, 1, "The first to the power of the second", "a,2,POW"),
    row(O::Sine, "SIN", 1, 1, "The sine of radians", "a,SIN"),
    row(O::Cosine, "COS", 1, 1, "The cosine of radians", "a,COS"),
    row(O::Log, "LOG", 1, 1, "The natural logarithm", "a,LOG"),
    row(O::Exp, "EXP", 1, 1, "e to the power of the value", "a,EXP"),
    row(O::SquareRoot, "SQRT", 1, 1, "The square root", "a,SQRT"),
    row(O::ArcTangent, "ATAN", 1, 1, "The arc tangent in radians", "a,ATAN"),
    row(O::ArcTangent2, "ATAN2", 2, 1, "The angle of y and x in radians", "a,b,ATAN2"),
    row(O::Floor, "FLOOR", 1, 1, "The whole number below", "a,FLOOR"),
    row(O::Ceiling, "CEIL", 1, 1, "The whole number above", "a,CEIL"),
    row(O::Round, "ROUND", 1, 1, "The nearest whole number, halves away from 0", "a,ROUND"),
    row(O::ToRadians, "DEG2RAD", 1, 1, "Degrees as radians", "a,DEG2RAD"),
    row(O::ToDegrees, "RAD2DEG", 1, 1, "Radians as degrees", "a,RAD2DEG"),
    row(O::Absolute, "ABS", 1, 1, "The value without its sign", "a,ABS"),
    row(O::Sort, "SORT", 1, 0, "Sorts so many values, the greatest on top", "a,b,2,SORT,POP"),
    row(O::Reverse, "REV", 1, 0, "Reverses so many values", "a,b,2,REV,-"),
    row(O::Average, "AVG", 1, 1, "The mean of so many values, without unknown ones", "a,b,2,AVG"),
    row(O::Least, "SMIN", 1, 1, "The least of so many values", "a,b,2,SMIN"),
    row(O::Greatest, "SMAX", 1, 1, "The greatest of so many values", "a,b,2,SMAX"),
    row(O::Median, "MEDIAN", 1, 1, "The median of so many values, without unknown ones", "a,b,2,MEDIAN"),
    row(O::Deviation, "STDEV", 1, 1, "The standard deviation of so many values", "a,b,2,STDEV"),
    row(O::Percent, "PERCENT", 2, 1, "The value at a percentage of so many values", "a,b,95,2,PERCENT"),
    row(O::Trend, "TREND", 2, 1, "The mean of the last seconds; unknown where a value is", "a,600,TREND"),
    row(
        O::TrendNan,
        "TRENDNAN",
        2,
        1,
        "The mean of the last seconds, without unknown values",
        "a,600,TRENDNAN",
    ),
    row(
        O::Predict,
        "PREDICT",
        3,
        1,
        "The mean over windows so many seconds ago: `ago, ago, count, window, series`, or `ago, -count, window, series`",
        "86400,-7,1800,a,PREDICT",
    ),
    row(
        O::PredictSigma,
        "PREDICTSIGMA",
        3,
        1,
        "The standard deviation over the same windows",
        "86400,-7,1800,a,PREDICTSIGMA",
    ),
    row(
        O::PredictPercent,
        "PREDICTPERC",
        4,
        1,
        "A percentile over the same windows; a negative percentage takes the nearest value and no mean of two",
        "86400,-7,1800,95,a,PREDICTPERC",
    ),
    row(O::Unknown, "UNKN", 0, 1, "Unknown", "a,0,EQ,UNKN,a,IF"),
    row(O::Infinity, "INF", 0, 1, "Positive infinity", "a,10,GT,INF,0,IF"),
    row(O::NegativeInfinity, "NEGINF", 0, 1, "Negative infinity", "a,10,LT,NEGINF,0,IF"),
    row(
        O::Previous,
        "PREV",
        0,
        1,
        "What this program gave for the row before; PREV(a) is a's value there",
        "PREV,UN,0,PREV,IF,a,+",
    ),
    row(O::Count, "COUNT", 0, 1, "The number of the row, from 1", "a,COUNT,+"),
    row(O::Now, "NOW", 0, 1, "The time of the question, Unix seconds", "TIME,NOW,3600,-,GT,a,UNKN,IF"),
    row(O::Time, "TIME", 0, 1, "The time of the row, Unix seconds", "TIME,86400,%"),
    row(O::LocalTime, "LTIME", 0, 1, "The same by the clock of the request's zone", "LTIME,86400,%"),
    row(O::StepWidth, "STEPWIDTH", 0, 1, "Seconds from row to row", "a,STEPWIDTH,*"),
    row(O::NewDay, "NEWDAY", 0, 1, "1 for the first row of a day, else 0", "NEWDAY,INF,0,IF"),
    row(
        O::NewWeek,
        "NEWWEEK",
        0,
        1,
        "1 for the first row of a week, which begins on Monday",
        "NEWWEEK,INF,0,IF",
    ),
    row(O::NewMonth, "NEWMONTH", 0, 1, "1 for the first row of a month, else 0", "NEWMONTH,INF,0,IF"),
    row(O::NewYear, "NEWYEAR", 0, 1, "1 for the first row of a year, else 0", "NEWYEAR,INF,0,IF"),
    row(O::Duplicate, "DUP", 1, 2, "The value twice", "a,DUP,*"),
    row(O::Pop, "POP", 1, 0, "Drops a value", "a,b,POP"),
    row(O::Exchange, "EXC", 2, 2, "Exchanges two values", "a,b,EXC,-"),
    row(O::Depth, "DEPTH", 0, 1, "How many values are on the stack", "a,b,DEPTH,AVG"),
    row(O::Copy, "COPY", 1, 0, "Pushes so many values again", "a,b,2,COPY,+,+,+"),
    row(
        O::Index,
        "INDEX",
        1,
        1,
        "Pushes the value at a place counted from the top, from 1",
        "a,b,2,INDEX,+,+",
    ),
    row(O::Roll, "ROLL", 2, 0, "Rolls so many values up by so many places", "a,b,3,3,1,ROLL,+,+"),
];

impl Operator {
    /// The operator of this name.
    pub fn find(name: &str) -> Option<Self> {
        OPERATORS.iter().find(|row| row.name == name).map(|row| row.operator)
    }

    /// Its row.
    pub fn row(self) -> &'static Row {
        &OPERATORS[self as usize]
    }

    /// How many tokens before it the series stands whose column it reads; `None` when it reads none.
    pub fn column_back(self) -> Option<usize> {
        match self {
            Self::Trend | Self::TrendNan => Some(2),
            Self::Predict | Self::PredictSigma | Self::PredictPercent => Some(1),
            _ => None,
        }
    }

    /// How many values it needs and how many it leaves in their place, where `literal` tells what was pushed so many
    /// tokens before. `None` when that depends on values.
    pub(super) fn effect(self, literal: &dyn Fn(usize) -> Option<f64>) -> Option<(usize, usize)> {
        let count = |back: usize| literal(back).map(|n| n.max(0.0) as usize);
        let row = self.row();
        Some(match self {
            Self::Sort | Self::Reverse => (1 + count(1)?, count(1)?),
            Self::Average | Self::Least | Self::Greatest | Self::Median | Self::Deviation => {
                (1 + count(1)?, 1)
            }
            Self::Percent => (2 + count(1)?, 1),
            Self::Copy => (1 + count(1)?, 2 * count(1)?),
            Self::Index => (1 + count(1)?, 1 + count(1)?),
            Self::Roll => (2 + count(2)?, count(2)?),
            Self::Predict | Self::PredictSigma => (3 + shifts(literal(3)?), 1),
            Self::PredictPercent => (4 + shifts(literal(4)?), 1),
            _ => (row.takes, row.gives),
        })
    }
}

// A negative number of shifts is followed by the one distance between them.
fn shifts(count: f64) -> usize {
    if count < 0.0 { 1 } else { count as usize }
}
