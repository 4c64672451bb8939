//! How fast files are read: `cargo run --release -p foreign --example read -- FILE…` reads them by the table of formats
//! and throws the samples away.

use foreign::{Error, Format, Input, Options, Output};
use model::{TimeRange, Zone};
use std::ops::ControlFlow;
use std::path::Path;

fn main() -> Result<(), Error> {
    let options = Options::new(0, Zone::utc(), TimeRange { start_ms: i64::MIN, end_ms: i64::MAX });
    let (mut files, mut samples) = (0u64, 0u64);
    let before = cpu_seconds();
    for path in std::env::args().skip(1) {
        let mut input = Input::at(Path::new(&path), Path::new(&path))?;
        let Some(read) = Format::of(&input.sight()?).and_then(|format| format.read) else { continue };
        let mut visit = |parcel: foreign::Parcel<'_>| {
            samples += parcel.batch.len() as u64;
            ControlFlow::Continue(())
        };
        let mut out = Output::new(Vec::new(), &mut visit);
        read(&mut input, &options, &mut out)?;
        out.hand_over()?;
        files += 1;
    }
    let seconds = cpu_seconds() - before;
    let million = samples as f64 / 1e6;
    println!("{files} files, {million:.1} M samples, {seconds:.2} CPU s, {:.1} M/s", million / seconds);
    Ok(())
}

/// Time that this thread ran, in seconds.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1e9
}
