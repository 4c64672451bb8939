//! Parameters of pictures become options of the drawing crate.

use super::*;
use crate::dialects::graphite::picture;
use draw::{AreaMode, Color, LineMode};
use query::graphite::{Consolidation, Series, Style};

#[test]
fn parameters_are_options() {
    let query = "width=800&height=300&title=T&vtitle=V&vtitleRight=R&lineMode=staircase&areaMode=stacked&areaAlpha=0.5\
                 &drawNullAsZero=true&logBase=e&yMin=1&yMax=max&yMinRight=-2&yStepRight=3&yUnitSystem=binary&hideLegend=false\
                 &hideAxes=1&hideGrid=0&graphOnly=False&lineWidth=3&colorList=red,%2300ff00&bgcolor=000000&fontSize=14\
                 &rightColor=blue&leftDashed=true&yDivisors=4,5,x&minXStep=2&connectedLimit=4&xFormat=%25H&tz=Asia/Kolkata";
    let options = picture::options(&asked(query)).unwrap();
    assert_eq!((options.width, options.height, options.title.as_str()), (800, 300, "T"));
    assert_eq!((options.line_mode, options.area_mode), (LineMode::Staircase, AreaMode::Stacked));
    assert_eq!((options.area_alpha, options.log_base), (Some(0.5), Some(std::f64::consts::E)));
    assert!(
        options.null_as_zero
            && options.hide_x_axis
            && options.hide_y_axis
            && !options.hide_grid
            && !options.graph_only
    );
    assert_eq!((options.y.min, options.y.max, options.y.max_is_data), (Some(1.0), None, true));
    assert_eq!((options.y_right.min, options.y_right.step), (Some(-2.0), Some(3.0)));
    assert_eq!(options.hide_legend, Some(false));
    assert_eq!(options.theme.series, [Color::rgb(0xc80032), Color::rgb(0x00ff00)]);
    assert!(options.theme.foreground.brightness() > 0.8);
    assert_eq!((options.line_width, options.font_size, options.x_step_min), (3.0, 14.0, 2.0));
    assert_eq!(options.y_divisors, [4, 5]);
    assert_eq!((options.connected_limit, options.x_format.as_deref()), (Some(4), Some("%H")));
    assert!(options.left.dashed && options.right.color == Color::parse("blue"));
    assert_eq!(options.zone.name(), Some("Asia/Kolkata"));
}

#[test]
fn series_are_lines_as_they_wish() {
    let style = Style {
        color: Some("red".to_owned()),
        alpha: Some(0.5),
        line_width: Some(2.0),
        dashed: Some(5.0),
        stacked: true,
        invisible: true,
        draw_as_infinite: true,
        second_y_axis: true,
    };
    let series =
        Series { style, consolidation: Consolidation::Max, ..Series::new("a", 60, 120, 60, vec![1.0]) };
    let line = picture::line(series);
    assert_eq!((line.start_ms, line.step_ms, line.join), (60_000, 60_000, draw::Join::Max));
    assert!(line.right && line.infinite && line.filled && line.hidden);
    assert_eq!(
        (line.alpha, line.width, line.dash, line.color),
        (Some(0.5), Some(2.0), Some(5.0), Color::parse("red"))
    );
}

#[test]
fn pies_are_made_of_numbers_in_the_request() {
    let api = house();
    let pie = get(&api, "/render", "graphType=pie&format=svg&target=web:3&target=db:1&width=300&height=300");
    let (status, svg) = text_of(&pie);
    assert_eq!(status, 200, "{svg}");
    assert!(svg.contains("75 %") && svg.contains("web"), "{svg}");
    assert_eq!(pie.headers["content-type"], "image/svg+xml");
    let wrapped = get(&api, "/render", "graphType=pie&format=svg&target=web:3&jsonp=show");
    assert!(text_of(&wrapped).1.starts_with("show(\"<?xml"));
}
