//! Charts as PNG and SVG: values go in, bytes come out.
//!
//! A [`Chart`] is lines over time, a [`Pie`] is slices. Both are laid out into a scene of few kinds of shapes in
//! pixels (`scene.rs`), and the scene is painted by one of two hands (`raster.rs`, `svg.rs`). Where a label stands is
//! thereby the same in both. The [`Options`] are those of Graphite's `/render`, as values.
//!
//! ```
//! let line = draw::Line { name: "web1".into(), step_ms: 60_000, values: vec![1.0, 3.0, 2.0], ..Default::default() };
//! let chart = draw::Chart { options: draw::Options::default(), lines: vec![line] };
//! std::fs::write("web1.png", chart.png())?;
//! ```

mod chart;
pub mod color;
mod font;
pub mod format;
mod line;
mod options;
mod pie;
mod png;
mod raster;
mod scale;
mod scene;
mod svg;
pub mod theme;
mod times;

pub use chart::Chart;
pub use color::Color;
pub use line::{Join, Line};
pub use options::{
    AreaMode, AxisOptions, LEGEND_LINES_MAX, LineMode, Options, SIDE_MAX, SIDE_MIN, SideOptions,
};
pub use pie::{Pie, ValueLabels};
pub use theme::Theme;

#[cfg(test)]
mod tests;
