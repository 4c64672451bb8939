//! An answer: series as columns over the request's grid, and how they wish to be drawn.

use lang::plan::Fit;
use model::Labels;
use std::collections::BTreeMap;

/// A list of series. It is what functions take and give, and what an expression answers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Frame {
    /// In order.
    pub series: Vec<Series>,
    /// Title of the chart.
    pub title: Option<String>,
    /// What was said about the legend.
    pub legend: Option<Legend>,
    /// What was said about y axes, by their number (from 1).
    pub yaxes: BTreeMap<u8, YAxis>,
    /// Properties of the chart that have no meaning here, by dotted path.
    pub props: BTreeMap<String, Property>,
    /// Sentences for people: why something is missing.
    pub notes: Vec<String>,
    /// Lines that the expression asked to be written, as rrdtool's `PRINT`.
    pub prints: Vec<String>,
}

impl Frame {
    /// A frame of these series.
    pub fn of(series: Vec<Series>) -> Self {
        Self { series, ..Self::default() }
    }

    /// Values of all series together.
    pub fn value_count(&self) -> usize {
        self.series.iter().map(|series| series.values.len()).sum()
    }

    /// Adds another frame's series; where both say something about the chart, the later one counts.
    pub fn append(&mut self, mut other: Self) {
        self.series.append(&mut other.series);
        self.title = other.title.or(self.title.take());
        self.legend = other.legend.or(self.legend.take());
        for (number, axis) in other.yaxes {
            let known = self.yaxes.remove(&number).unwrap_or_default();
            self.yaxes.insert(number, axis.or(known));
        }
        self.props.append(&mut other.props);
        self.notes.append(&mut other.notes);
        self.prints.append(&mut other.prints);
    }
}

/// One series. Null is NaN: no function here tells the two apart, and a column stays plain numbers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// Its name for people.
    pub label: String,
    /// The labels all its samples share, as far as they are known.
    pub labels: Labels,
    /// The value of the last split it came from; functions over two lists pair by it.
    pub split: Option<String>,
    /// Unit in the field's terms (`bytes`, `seconds` …); empty when unknown.
    pub unit: String,
    /// How it is brought to other times.
    pub fit: Option<Fit>,
    /// One a bucket; NaN is null.
    pub values: Vec<f64>,
    /// How it wishes to be drawn.
    pub style: Style,
}

/// How a series wishes to be drawn; what is absent was not said.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Style {
    /// `#rrggbb`
    pub color: Option<String>,
    /// Number of its y axis, from 1.
    pub yaxis: Option<u8>,
    /// Computed with, but not drawn.
    pub hide: bool,
    /// Stacked upon the series before it.
    pub stack: Option<bool>,
    /// As lines.
    pub lines: Option<Lines>,
    /// As bars.
    pub bars: Option<Bars>,
    /// As points.
    pub points: Option<Points>,
    /// Decimal places in tooltips.
    pub precision: Option<u8>,
    /// Properties that have no meaning here, by dotted path.
    pub props: BTreeMap<String, Property>,
}

/// Lines.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lines {
    /// Drawn at all.
    pub show: Option<bool>,
    /// Width in pixels.
    pub width: f64,
    /// Opacity of the area below, 0 to 1.
    pub fill: Option<f64>,
    /// As steps.
    pub steps: Option<bool>,
}

/// Bars.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bars {
    /// Drawn at all.
    pub show: bool,
    /// Width in pixels.
    pub width: f64,
}

/// Points.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Points {
    /// Drawn at all.
    pub show: Option<bool>,
    /// Radius in pixels.
    pub radius: Option<f64>,
    /// Width of the outline in pixels.
    pub weight: Option<f64>,
    /// Opacity of the inside, 0 to 1.
    pub fill: Option<f64>,
    /// Colour of the inside.
    pub fill_color: Option<String>,
    /// `triangle`, `cross`, `square`, `diamond` or `circle`.
    pub symbol: Option<String>,
}

/// The legend.
#[derive(Debug, Clone, PartialEq)]
pub struct Legend {
    /// Shown at all.
    pub show: bool,
    /// `nw`, `ne`, `sw` or `se`.
    pub position: Option<String>,
    /// In how many columns.
    pub columns: Option<u32>,
    /// With the time under the cursor.
    pub show_time: bool,
    /// How that time is written (moment.js tokens).
    pub time_format: String,
}

/// A y axis.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct YAxis {
    /// Lower end.
    pub min: Option<f64>,
    /// Upper end.
    pub max: Option<f64>,
    /// On the right side.
    pub right: bool,
    /// Its name.
    pub label: Option<String>,
    /// Colour of its name.
    pub color: Option<String>,
    /// `bits`, `bits/s`, `bytes`, `bytes/s`, `currency:ISO`, `percent` or `custom:prefix:suffix`.
    pub units: Option<String>,
    /// Decimal places of its numbers.
    pub tick_decimals: Option<u8>,
}

impl YAxis {
    /// The axis with what it leaves open as another says it.
    fn or(self, other: Self) -> Self {
        Self {
            min: self.min.or(other.min),
            max: self.max.or(other.max),
            right: self.right,
            label: self.label.or(other.label),
            color: self.color.or(other.color),
            units: self.units.or(other.units),
            tick_decimals: self.tick_decimals.or(other.tick_decimals),
        }
    }
}

/// A value of a free property.
#[derive(Debug, Clone, PartialEq)]
pub enum Property {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// `true` or `false`.
    Boolean(bool),
    /// Explicitly nothing.
    Null,
}
