//! What can be said of a chart: the parameters of Graphite's `/render`, as values.

use crate::format::Units;
use crate::{Color, Theme};
use model::Zone;

/// Smallest and largest side of a picture, in pixels.
pub const SIDE_MIN: u32 = 16;
/// See [`SIDE_MIN`]: the pixels of a picture of this size take 64 MB while it is painted.
pub const SIDE_MAX: u32 = 4096;
/// Without a word on the legend it is left out when there are more lines than this.
pub const LEGEND_LINES_MAX: usize = 10;

/// How values are connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LineMode {
    /// From value to value; a null is a gap.
    #[default]
    Slope,
    /// A value holds until the next.
    Staircase,
    /// From value to value, and over nulls.
    Connected,
}

/// What is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AreaMode {
    /// Nothing but lines that ask for it.
    #[default]
    None,
    /// The first line, down to zero.
    First,
    /// Every line, down to zero.
    All,
    /// Lines stand on each other.
    Stacked,
}

/// A y axis.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct AxisOptions {
    /// Where it starts; else at a round number below the data.
    pub min: Option<f64>,
    /// Where it ends; else at a round number above the data.
    pub max: Option<f64>,
    /// It ends exactly at the greatest value (`yMax=max`).
    pub max_is_data: bool,
    /// It ends here at the latest.
    pub limit: Option<f64>,
    /// Between two labels.
    pub step: Option<f64>,
}

/// How the lines of one axis are drawn where there are two.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SideOptions {
    /// In pixels.
    pub width: Option<f64>,
    /// Of all its lines.
    pub color: Option<Color>,
    /// With dashes.
    pub dashed: bool,
}

/// How a chart looks. What is `None` follows from the data.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// In pixels, brought between [`SIDE_MIN`] and [`SIDE_MAX`].
    pub width: u32,
    /// In pixels, as the width.
    pub height: u32,
    /// Around everything.
    pub margin: f64,
    /// Above the chart.
    pub title: String,
    /// Beside the left axis.
    pub vtitle: String,
    /// Beside the right axis.
    pub vtitle_right: String,
    /// Where the x axis starts.
    pub from_ms: Option<i64>,
    /// Where it ends.
    pub until_ms: Option<i64>,
    /// Times are told in it.
    pub zone: Zone,
    /// How times are told (`strftime`); else as their distance asks for.
    pub x_format: Option<String>,
    /// How values are connected.
    pub line_mode: LineMode,
    /// Most nulls that are bridged.
    pub connected_limit: Option<usize>,
    /// In pixels.
    pub line_width: f64,
    /// What is filled.
    pub area_mode: AreaMode,
    /// Opacity of what is filled.
    pub area_alpha: Option<f64>,
    /// Nulls are drawn as zero.
    pub null_as_zero: bool,
    /// A logarithmic y axis to this base.
    pub log_base: Option<f64>,
    /// Labels get short.
    pub units: Units,
    /// The left axis, or the only one.
    pub y: AxisOptions,
    /// The right axis.
    pub y_right: AxisOptions,
    /// Lines of the left axis.
    pub left: SideOptions,
    /// Lines of the right axis.
    pub right: SideOptions,
    /// The only axis stands at the right.
    pub axis_at_right: bool,
    /// Into how many parts the y axis is best divided.
    pub y_divisors: Vec<u32>,
    /// Fine lines between two labels of the y axis.
    pub minor_y: u32,
    /// Fewest pixels between two values; more values are joined.
    pub x_step_min: f64,
    /// Else left out when there are more lines than [`LEGEND_LINES_MAX`].
    pub hide_legend: Option<bool>,
    /// A name that several lines have is told once.
    pub unique_legend: bool,
    /// Lines without a value are not told.
    pub hide_null_from_legend: bool,
    /// No x axis.
    pub hide_x_axis: bool,
    /// No y axes.
    pub hide_y_axis: bool,
    /// No grid.
    pub hide_grid: bool,
    /// Nothing but the lines.
    pub graph_only: bool,
    /// Colours.
    pub theme: Theme,
    /// In pixels.
    pub font_size: f64,
    /// Heavier letters.
    pub bold: bool,
    /// Slanted letters.
    pub italic: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            width: 330,
            height: 250,
            margin: 10.0,
            title: String::new(),
            vtitle: String::new(),
            vtitle_right: String::new(),
            from_ms: None,
            until_ms: None,
            zone: Zone::utc(),
            x_format: None,
            line_mode: LineMode::default(),
            connected_limit: None,
            line_width: 1.4,
            area_mode: AreaMode::default(),
            area_alpha: None,
            null_as_zero: false,
            log_base: None,
            units: Units::default(),
            y: AxisOptions::default(),
            y_right: AxisOptions::default(),
            left: SideOptions::default(),
            right: SideOptions::default(),
            axis_at_right: false,
            y_divisors: Vec::new(),
            minor_y: 1,
            x_step_min: 1.0,
            hide_legend: None,
            unique_legend: false,
            hide_null_from_legend: false,
            hide_x_axis: false,
            hide_y_axis: false,
            hide_grid: false,
            graph_only: false,
            theme: Theme::default(),
            font_size: 11.0,
            bold: false,
            italic: false,
        }
    }
}

impl Options {
    /// Width and height within the limits.
    pub(crate) fn size(&self) -> (f64, f64) {
        let within = |side: u32| f64::from(side.clamp(SIDE_MIN, SIDE_MAX));
        (within(self.width), within(self.height))
    }
}
