//! What every option does to a chart.

use super::picture::Picture;
use super::{chart, line, wave};
use crate::font::Font;
use crate::format::Units;
use crate::*;

const FIRST: u32 = 0x0061a2;
const SECOND: u32 = 0xd17746;

fn picture(chart: &Chart) -> Picture {
    Picture::read(&chart.png())
}

/// Texts of a drawn chart, in order.
fn texts(svg: &str) -> Vec<&str> {
    svg.split("<text ")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('>')?.1.split_once("</text>")?.0))
        .collect()
}

/// Paths of the lines, areas and all.
fn paths(svg: &str) -> Vec<&str> {
    let lines = svg.split_once("<g clip-path").expect("a group of lines").1;
    lines.split("<path d=\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0)).collect()
}

#[test]
fn a_chart_has_title_labels_lines_and_legend() {
    let mut one = chart(vec![wave("web1.cpu", 0.0), wave("Größe <&> Привет 日本", 1.0)]);
    one.options.title = "Load".to_owned();
    one.options.vtitle = "percent".to_owned();
    let svg = one.svg();
    let texts = texts(&svg);
    for wanted in
        ["Load", "percent", "web1.cpu", "Größe &lt;&amp;&gt; Привет 日本", "100", "0", "23:00", "15 Nov"]
    {
        assert!(texts.contains(&wanted), "{wanted} in {texts:?}");
    }
    assert_eq!(paths(&svg).len(), 2);
    let picture = picture(&one);
    assert_eq!((picture.width, picture.height), (600, 300));
    // Each line is longer than the plot is wide, and its place in the legend has its colour.
    assert!(picture.count_all(FIRST) > 400, "{}", picture.count_all(FIRST));
    assert!(picture.count(FIRST, (0, 270, 40, 300)) > 40);
    assert!(picture.count_all(0xffffff) > 600 * 300 / 2);
}

#[test]
fn the_font_has_the_letters_of_europe_and_a_box_for_others() {
    let mut font = Font::new();
    for letter in "aZ09 äßéñçøłšžőğİ ΑΩαω АЯаяёіїґ −…→∞≤°µ€".chars() {
        assert!(font.has(letter), "{letter}");
    }
    assert!(!font.has('日'));
    assert!(font.outline("日", 11.0, false).is_some());
    assert!(font.width("日", 10.0) > 5.0);
    assert_eq!(font.cut("a long name", 11.0, 1000.0), "a long name");
    let cut = font.cut("a long name", 11.0, 40.0);
    assert!(cut.ends_with('…') && font.width(&cut, 11.0) <= 40.0, "{cut}");
}

#[test]
fn nulls_are_gaps_steps_or_bridges() {
    let values = vec![1.0, 2.0, f64::NAN, 3.0, 4.0, f64::NAN, f64::NAN, 5.0, 6.0];
    let mut one = chart(vec![line("a", values.clone())]);
    let runs = |one: &Chart| paths(&one.svg())[0].matches('M').count();
    assert_eq!(runs(&one), 3);
    one.options.line_mode = LineMode::Connected;
    assert_eq!(runs(&one), 1);
    one.options.connected_limit = Some(1);
    assert_eq!(runs(&one), 2);
    one.options.line_mode = LineMode::Slope;
    one.options.null_as_zero = true;
    assert_eq!(runs(&one), 1);
    one.options.null_as_zero = false;
    one.options.line_mode = LineMode::Staircase;
    let svg = one.svg();
    // Two values of a run are three steps up and on: four points.
    assert_eq!(paths(&svg)[0].split('M').nth(1).unwrap().matches('L').count(), 3);
    // A value without neighbours is a dot, not nothing.
    assert!(chart(vec![line("a", vec![1.0, f64::NAN, 2.0])]).svg().contains("<circle"));
}

#[test]
fn areas_are_filled_and_stacked() {
    let mut one = chart(vec![line("a", vec![1.0; 60]), line("b", vec![2.0; 60])]);
    one.options.hide_grid = true;
    let filled = |one: &Chart| picture(one).count_all(FIRST);
    let bare = filled(&one);
    one.options.area_mode = AreaMode::First;
    one.options.area_alpha = Some(1.0);
    assert!(filled(&one) > bare + 20_000);
    assert_eq!(paths(&one.svg()).len(), 3);
    one.options.area_mode = AreaMode::All;
    assert_eq!(paths(&one.svg()).len(), 4);
    one.options.area_mode = AreaMode::Stacked;
    let both = picture(&one);
    assert!(both.count_all(FIRST) > 20_000 && both.count_all(SECOND) > 40_000);
    // 1 + 2: the axis reaches to three.
    let svg = one.svg();
    assert!(texts(&svg).contains(&"3.0") || texts(&svg).contains(&"3"), "{:?}", texts(&svg));
    // What is filled by its own wish stands on what was filled before, as Graphite's `stacked` and `areaBetween` do.
    let lower = Line { filled: true, hidden: true, ..line("low", vec![1.0; 60]) };
    let upper = Line { filled: true, ..line("high", vec![2.0; 60]) };
    let svg = chart(vec![lower, upper]).svg();
    assert_eq!(paths(&svg).len(), 2);
    assert!(!texts(&svg).contains(&"low"));
}

#[test]
fn two_axes_have_labels_of_their_own() {
    let right = Line { right: true, ..line("bytes", vec![5e9; 10]) };
    let mut one = chart(vec![wave("percent", 0.0), right]);
    one.options.vtitle_right = "at the right".to_owned();
    one.options.right = SideOptions { color: Color::parse("red"), width: Some(3.0), dashed: true };
    let svg = one.svg();
    let texts = texts(&svg);
    assert!(texts.iter().any(|text| text.ends_with(" G")), "{texts:?}");
    assert!(texts.contains(&"bytes →") && texts.contains(&"at the right"));
    assert!(
        svg.contains(
            "stroke=\"#c80032\" stroke-width=\"3\" stroke-linejoin=\"bevel\" stroke-dasharray=\"3\""
        )
    );
}

#[test]
fn lines_draw_as_they_wish() {
    let all = vec![
        Line { color: Color::parse("ff8000"), width: Some(5.0), ..wave("thick", 0.0) },
        Line { alpha: Some(0.5), ..wave("pale", 1.0) },
        Line { dash: Some(7.0), ..wave("dashed", 2.0) },
        Line { infinite: true, ..line("deploys", vec![0.0, 1.0, f64::NAN, 2.0]) },
    ];
    let svg = chart(all).svg();
    for wanted in
        ["stroke=\"#ff8000\" stroke-width=\"5\"", "stroke-opacity=\"0.5\"", "stroke-dasharray=\"7\""]
    {
        assert!(svg.contains(wanted), "{wanted}");
    }
    let upright = paths(&svg)[3];
    assert_eq!(upright.matches('M').count(), 2, "{upright}");
}

#[test]
fn parts_can_be_left_out() {
    let mut one = chart(vec![wave("a", 0.0)]);
    one.options.title = "Title".to_owned();
    let count = |one: &Chart| texts(&one.svg()).len();
    one.options.hide_legend = Some(true);
    assert!(!texts(&one.svg()).contains(&"a"));
    let all = count(&one);
    one.options.hide_x_axis = true;
    assert!(count(&one) < all - 3);
    one.options.hide_y_axis = true;
    assert_eq!(count(&one), 1);
    one.options.graph_only = true;
    let svg = one.svg();
    assert!(texts(&svg).is_empty());
    assert!(!svg.split_once("<clipPath").unwrap().0.contains("<path"));
    // Many lines have no legend unless it is asked for.
    let many: Vec<Line> = (0..11).map(|at| wave(&format!("n{at}"), 0.1)).collect();
    let mut many = chart(many);
    assert!(!texts(&many.svg()).contains(&"n3"));
    many.options.hide_legend = Some(false);
    assert!(texts(&many.svg()).contains(&"n3"));
    many.lines.extend((0..200).map(|at| line(&format!("a rather long name of series {at}"), vec![1.0])));
    assert!(texts(&many.svg()).iter().any(|text| text.ends_with(" more")));
}

#[test]
fn the_same_name_and_nulls_are_left_out_of_the_legend_when_asked() {
    let mut one = chart(vec![wave("a", 0.0), wave("a", 1.0), line("empty", vec![f64::NAN; 5])]);
    let legend = |one: &Chart| texts(&one.svg()).iter().filter(|text| ["a", "empty"].contains(text)).count();
    assert_eq!(legend(&one), 3);
    one.options.unique_legend = true;
    assert_eq!(legend(&one), 2);
    one.options.hide_null_from_legend = true;
    assert_eq!(legend(&one), 1);
}

#[test]
fn axes_obey() {
    let mut one = chart(vec![wave("a", 0.0)]);
    one.options.y =
        AxisOptions { min: Some(-100.0), max: Some(300.0), step: Some(100.0), ..AxisOptions::default() };
    one.options.x_format = Some("%d.%m. %H Uhr".to_owned());
    one.options.units = Units::Binary;
    let svg = one.svg();
    let texts = texts(&svg);
    for wanted in ["−100", "300", "14.11. 23 Uhr"] {
        assert!(texts.contains(&wanted), "{wanted} in {texts:?}");
    }
    // What lies outside is cut off, in both hands.
    one.options.y = AxisOptions { min: Some(40.0), max: Some(60.0), ..AxisOptions::default() };
    one.options.hide_legend = Some(true);
    let picture = picture(&one);
    assert_eq!(picture.count(FIRST, (0, 0, 600, 9)) + picture.count(FIRST, (0, 285, 600, 300)), 0);
}

#[test]
fn values_that_lie_closer_than_pixels_are_joined() {
    let mut many = line("a", (0..100_000).map(|at| f64::from(at % 7)).collect());
    many.step_ms = 1000;
    let points = |join, x_step_min| {
        let mut one = chart(vec![Line { join, ..many.clone() }]);
        one.options.x_step_min = x_step_min;
        let svg = one.svg();
        paths(&svg)[0].matches('L').count()
    };
    assert!((400..700).contains(&points(Join::Average, 1.0)));
    assert!((40..70).contains(&points(Join::Max, 10.0)));
    let joined = |join| line("a", vec![f64::NAN, 1.0, 2.0, 6.0]).with(join).joined(4).values[0];
    let all = [Join::Average, Join::Sum, Join::Min, Join::Max, Join::First, Join::Last].map(joined);
    assert_eq!(all, [3.0, 9.0, 1.0, 6.0, 1.0, 6.0]);
    assert!(line("a", vec![f64::NAN; 4]).joined(4).values[0].is_nan());
}

impl Line {
    fn with(self, join: Join) -> Self {
        Self { join, ..self }
    }
}

#[test]
fn nothing_to_draw_says_so() {
    for lines in [vec![], vec![line("a", vec![])], vec![line("a", vec![f64::NAN; 10])]] {
        let one = chart(lines);
        assert!(texts(&one.svg()).contains(&"No data"));
        picture(&one);
    }
}

#[test]
fn nonsense_is_bounded() {
    let odd =
        [f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, f64::MIN_POSITIVE, 0.0, -0.0, f64::NAN, 1.0];
    for (start_ms, step_ms) in [(0, 0), (i64::MIN, 60_000), (i64::MAX, i64::MAX), (5, -7), (0, 1)] {
        for log_base in [None, Some(10.0), Some(1.0), Some(f64::NAN)] {
            for line_mode in [LineMode::Slope, LineMode::Staircase, LineMode::Connected] {
                let lines = vec![Line { start_ms, step_ms, ..line("x", odd.to_vec()) }];
                let options = Options {
                    width: 60,
                    height: 0,
                    line_mode,
                    log_base,
                    area_mode: AreaMode::Stacked,
                    font_size: 40.0,
                    x_step_min: f64::NAN,
                    ..Options::default()
                };
                let one = Chart { options, lines };
                assert!(!one.svg().contains("NaN"), "{}", one.svg());
                picture(&one);
            }
        }
    }
    let huge = Chart { options: Options { width: u32::MAX, height: 1, ..Options::default() }, lines: vec![] };
    assert_eq!(picture(&huge).width, 4096);
}

#[test]
fn pies_have_slices_in_proportion() {
    let slices = vec![("web".to_owned(), 3.0), ("db".to_owned(), 1.0), ("gone".to_owned(), f64::NAN)];
    let options = Options { width: 300, height: 300, title: "Shares".to_owned(), ..Options::default() };
    let mut pie = Pie { options, slices, ..Pie::default() };
    let picture = Picture::read(&pie.png());
    let (web, db) = (picture.count_all(FIRST) as f64, picture.count_all(SECOND) as f64);
    assert!((2.6..3.4).contains(&(web / db)), "{web} {db}");
    let svg = pie.svg();
    for wanted in ["75 %", "25 %", "web  3", "Shares"] {
        assert!(texts(&svg).contains(&wanted), "{wanted} in {:?}", texts(&svg));
    }
    pie.slices.clear();
    assert!(texts(&pie.svg()).contains(&"No data"));
}

#[test]
fn colours_are_read_as_graphites_users_write_them() {
    let read = |text| Color::parse(text).map(|color| (color.hex(), color.a));
    assert_eq!(read("blue"), Some(("#6464ff".to_owned(), 255)));
    assert_eq!(read("#F80"), Some(("#ff8800".to_owned(), 255)));
    assert_eq!(read("%2312ab34"), Some(("#12ab34".to_owned(), 255)));
    assert_eq!(read("12ab3480"), Some(("#12ab34".to_owned(), 128)));
    for wrong in ["", "#", "12345", "nocolour", "#gggggg", "€€"] {
        assert_eq!(read(wrong), None, "{wrong}");
    }
    // A dark background has light letters, whatever the theme was.
    let theme = Theme::light().upon(Color::parse("black"), None);
    assert!(theme.foreground.brightness() > 0.8);
    for name in theme::NAMES {
        assert!(Theme::named(name).is_some_and(|theme| !theme.series.is_empty()), "{name}");
    }
}
