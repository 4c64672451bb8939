//! What a request says of a picture, as the drawing crate wants it. What is not known or makes no sense is passed over,
//! as old links have it; what would give a wrong picture is refused.

use super::Refusal;
use super::asked::Form;
use super::render::Asked;
use draw::format::Units;
use draw::{
    AreaMode, AxisOptions, Color, Join, Line, LineMode, Options, Pie, SIDE_MAX, SIDE_MIN, SideOptions, Theme,
    ValueLabels,
};
use query::graphite::{Consolidation, Series};

/// Options of a chart of lines.
pub(super) fn options(asked: &Asked) -> Result<Options, Refusal> {
    let form = &asked.form;
    let usual = Options::default();
    let hide_axes = flag(form, "hideAxes");
    Ok(Options {
        from_ms: Some(asked.from_s.saturating_mul(1000)),
        until_ms: Some(asked.until_s.saturating_mul(1000)),
        zone: asked.zone.clone(),
        vtitle: text(form, "vtitle"),
        vtitle_right: text(form, "vtitleRight"),
        x_format: form.last("xFormat").filter(|format| !format.is_empty()).map(str::to_owned),
        line_mode: line_mode(form)?,
        connected_limit: number(form, "connectedLimit").map(|limit| limit.max(0.0) as usize),
        line_width: number(form, "lineWidth").or(number(form, "thickness")).unwrap_or(usual.line_width),
        area_mode: area_mode(form)?,
        null_as_zero: flag(form, "drawNullAsZero"),
        log_base: log_base(form)?,
        y: axis(
            form,
            &["yMin", "yMinLeft"],
            &["yMax", "yMaxLeft"],
            &["yLimit", "yLimitLeft"],
            &["yStep", "yStepLeft"],
        ),
        y_right: axis(form, &["yMinRight"], &["yMaxRight"], &["yLimitRight"], &["yStepRight"]),
        left: side(form, "left"),
        right: side(form, "right"),
        axis_at_right: form.last("yAxisSide") == Some("right"),
        y_divisors: divisors(form),
        minor_y: number(form, "minorY").map_or(usual.minor_y, |minor| minor.clamp(0.0, 10.0) as u32),
        x_step_min: number(form, "minXStep").unwrap_or(usual.x_step_min),
        unique_legend: flag(form, "uniqueLegend"),
        hide_null_from_legend: flag(form, "hideNullFromLegend"),
        hide_x_axis: hide_axes || flag(form, "hideXAxis"),
        hide_y_axis: hide_axes || flag(form, "hideYAxis"),
        hide_grid: flag(form, "hideGrid"),
        graph_only: flag(form, "graphOnly"),
        ..common(form)?
    })
}

/// A pie without slices.
pub(super) fn pie(asked: &Asked) -> Result<Pie, Refusal> {
    let form = &asked.form;
    let labels = match form.last("valueLabels").unwrap_or("percent") {
        "percent" => ValueLabels::Percent,
        "number" => ValueLabels::Number,
        "none" => ValueLabels::None,
        other => return Err(Refusal::bad(format!("valueLabels '{other}' is none of none, number, percent"))),
    };
    let label_min_percent = number(form, "valueLabelsMin").unwrap_or(5.0);
    let label_color = color(form, "valueLabelsColor");
    Ok(Pie { options: common(form)?, slices: Vec::new(), labels, label_min_percent, label_color })
}

/// How the values of a series become one slice.
pub(super) fn pie_mode(form: &Form) -> Result<PieMode, Refusal> {
    match form.last("pieMode").unwrap_or("average") {
        "average" => Ok(PieMode(Join::Average)),
        "maximum" => Ok(PieMode(Join::Max)),
        "minimum" => Ok(PieMode(Join::Min)),
        other => Err(Refusal::bad(format!("pieMode '{other}' is none of average, maximum, minimum"))),
    }
}

/// See [`pie_mode`].
pub(super) struct PieMode(Join);

impl PieMode {
    /// One value of many; 0 of none.
    pub(super) fn of(&self, values: &[f64]) -> f64 {
        let value = self.0.of(values);
        if value.is_nan() { 0.0 } else { value }
    }
}

fn common(form: &Form) -> Result<Options, Refusal> {
    let usual = Options::default();
    Ok(Options {
        width: length(form, "width", usual.width)?,
        height: length(form, "height", usual.height)?,
        margin: number(form, "margin").unwrap_or(usual.margin),
        title: text(form, "title"),
        area_alpha: number(form, "areaAlpha"),
        units: units(form)?,
        hide_legend: form
            .last("hideLegend")
            .filter(|text| !text.is_empty())
            .map(|_| flag(form, "hideLegend")),
        theme: theme(form),
        font_size: number(form, "fontSize").map_or(usual.font_size, |size| size.clamp(4.0, 100.0)),
        bold: flag(form, "fontBold"),
        italic: flag(form, "fontItalic"),
        ..usual
    })
}

/// A line as the series wishes it.
pub(super) fn line(series: Series) -> Line {
    let style = &series.style;
    Line {
        color: style.color.as_deref().and_then(Color::parse),
        alpha: style.alpha,
        width: style.line_width,
        dash: style.dashed,
        right: style.second_y_axis,
        infinite: style.draw_as_infinite,
        filled: style.stacked,
        hidden: style.invisible,
        join: join(series.consolidation),
        start_ms: series.start_s.saturating_mul(1000),
        step_ms: series.step_s.saturating_mul(1000),
        name: series.name,
        values: series.values,
    }
}

fn join(consolidation: Consolidation) -> Join {
    match consolidation {
        Consolidation::Average | Consolidation::AvgZero => Join::Average,
        Consolidation::Sum => Join::Sum,
        Consolidation::Min => Join::Min,
        Consolidation::Max => Join::Max,
        Consolidation::First => Join::First,
        Consolidation::Last => Join::Last,
    }
}

fn text(form: &Form, name: &str) -> String {
    form.last(name).unwrap_or("").to_owned()
}

fn number(form: &Form, name: &str) -> Option<f64> {
    form.last(name)?.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// Python finds everything true but an empty text, zero and `false`.
fn flag(form: &Form, name: &str) -> bool {
    form.last(name)
        .is_some_and(|text| !matches!(text.to_ascii_lowercase().as_str(), "" | "0" | "false" | "default"))
}

fn color(form: &Form, name: &str) -> Option<Color> {
    form.last(name).and_then(Color::parse)
}

fn length(form: &Form, name: &str, usual: u32) -> Result<u32, Refusal> {
    let Some(text) = form.last(name).filter(|text| !text.is_empty() && *text != "default") else {
        return Ok(usual);
    };
    let pixels: Option<u32> =
        text.trim().parse::<f64>().ok().filter(|number| *number >= 0.0).map(|number| number as u32);
    match pixels {
        Some(pixels) if (SIDE_MIN..=SIDE_MAX).contains(&pixels) => Ok(pixels),
        _ => Err(Refusal::bad(format!(
            "{name} '{text}' is not a number of pixels from {SIDE_MIN} to {SIDE_MAX}"
        ))),
    }
}

fn units(form: &Form) -> Result<Units, Refusal> {
    let Some(text) = form.last("yUnitSystem").filter(|text| !text.is_empty() && *text != "default") else {
        return Ok(Units::default());
    };
    Units::parse(text)
        .ok_or_else(|| Refusal::bad(format!("yUnitSystem '{text}' is none of si, binary, sec, msec, none")))
}

fn line_mode(form: &Form) -> Result<LineMode, Refusal> {
    match form.last("lineMode").unwrap_or("") {
        "" | "slope" | "default" => Ok(LineMode::Slope),
        "staircase" => Ok(LineMode::Staircase),
        "connected" => Ok(LineMode::Connected),
        other => Err(Refusal::bad(format!("lineMode '{other}' is none of slope, staircase, connected"))),
    }
}

fn area_mode(form: &Form) -> Result<AreaMode, Refusal> {
    match form.last("areaMode").unwrap_or("") {
        "" | "none" | "default" => Ok(AreaMode::None),
        "first" => Ok(AreaMode::First),
        "all" => Ok(AreaMode::All),
        "stacked" => Ok(AreaMode::Stacked),
        other => Err(Refusal::bad(format!("areaMode '{other}' is none of none, first, all, stacked"))),
    }
}

fn log_base(form: &Form) -> Result<Option<f64>, Refusal> {
    match form.last("logBase").filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some("e") => Ok(Some(std::f64::consts::E)),
        Some(text) => match text.parse().ok().filter(|base: &f64| base.is_finite() && *base > 1.0) {
            Some(base) => Ok(Some(base)),
            None => Err(Refusal::bad(format!("logBase '{text}' is neither e nor a number above 1"))),
        },
    }
}

fn axis(form: &Form, min: &[&str], max: &[&str], limit: &[&str], step: &[&str]) -> AxisOptions {
    let first = |names: &[&str]| names.iter().find_map(|name| number(form, name));
    AxisOptions {
        min: first(min),
        max: first(max),
        max_is_data: max.iter().any(|name| form.last(name) == Some("max")),
        limit: first(limit),
        step: first(step),
    }
}

fn side(form: &Form, side: &str) -> SideOptions {
    SideOptions {
        width: number(form, &format!("{side}Width")),
        color: color(form, &format!("{side}Color")),
        dashed: flag(form, &format!("{side}Dashed")),
    }
}

fn divisors(form: &Form) -> Vec<u32> {
    let parts = form.last("yDivisors").unwrap_or("").split(',').filter_map(|part| part.trim().parse().ok());
    parts.filter(|parts| (1..=50).contains(parts)).take(10).collect()
}

fn theme(form: &Form) -> Theme {
    let named = form.last("template").and_then(Theme::named).unwrap_or_default();
    let mut theme = named.upon(color(form, "bgcolor"), color(form, "fgcolor"));
    let list = form.last("colorList").unwrap_or("").split(',');
    let colors: Vec<Color> = list.filter_map(Color::parse).collect();
    if !colors.is_empty() {
        theme.series = colors;
    }
    theme.grid = color(form, "majorGridLineColor").unwrap_or(theme.grid);
    theme.grid_minor = color(form, "minorGridLineColor").unwrap_or(theme.grid_minor);
    theme
}
