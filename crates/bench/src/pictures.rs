//! What it costs to draw a chart: 800 × 300 with 10 lines, and others that are asked for.

use crate::cost::cpu_seconds;
use crate::options::Options;
use draw::{AreaMode, Chart, Line, Theme};

const ROUNDS: usize = 5;

/// Measures each kind of chart.
pub fn run(options: &Options) -> Result<(), String> {
    let count = options.size(1, 20, 200);
    println!("   {:<38} {:>10} {:>10} {:>10}", "800 × 300", "PNG ms", "SVG ms", "PNG bytes");
    each("10 lines of 720 values", chart(10, 720, AreaMode::None), count);
    each("10 lines of 720 values, stacked, dark", chart(10, 720, AreaMode::Stacked), count);
    each("100 lines of 1440 values", chart(100, 1440, AreaMode::None), count);
    each("1 line of 100 values", chart(1, 100, AreaMode::None), count);
    Ok(())
}

fn chart(lines: usize, values: usize, area_mode: AreaMode) -> Chart {
    let theme = if area_mode == AreaMode::Stacked { Theme::dark() } else { Theme::light() };
    let title = "Processor time by host".to_owned();
    let (width, height) = (800, 300);
    let options = draw::Options { width, height, title, area_mode, theme, ..draw::Options::default() };
    Chart { options, lines: (0..lines).map(|at| line(at, values)).collect() }
}

/// A walk that is not smooth, as most measurements are.
fn line(at: usize, count: usize) -> Line {
    let mut random = stdx::random::Random::from_seed(at as u64);
    let mut value = 50.0;
    let values = (0..count).map(|_| {
        value += random.below(1000) as f64 / 100.0 - 5.0;
        value
    });
    let name = format!("web{at}.cpu.user");
    Line { name, start_ms: 1_700_000_040_000, step_ms: 60_000, values: values.collect(), ..Line::default() }
}

fn each(name: &str, chart: Chart, count: usize) {
    let least = |draw: &dyn Fn() -> usize| {
        let round = || {
            let before = cpu_seconds();
            (0..count).for_each(|_| _ = std::hint::black_box(draw()));
            (cpu_seconds() - before) / count as f64
        };
        (0..ROUNDS).map(|_| round()).fold(f64::INFINITY, f64::min) * 1e3
    };
    let (png, svg) = (least(&|| chart.png().len()), least(&|| chart.svg().len()));
    println!("   {name:<38} {png:>10.2} {svg:>10.2} {:>10}", chart.png().len());
}
