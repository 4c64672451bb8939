//! Series written as a round robin file, beside the same samples given to rrdtool.

use super::rrdtool::{Dice, Rrdtool};
use crate::formats::rrd::{RRD_XML, RoundRobin, binary};
use crate::tests::rig::options;
use crate::{Error, Options, Writing};
use model::{Kind, Labels, Series, SeriesId};
use std::fmt::Write;

type Samples = Vec<(i64, f64)>;

fn export(options: &Options, series: &[(&str, Kind, Samples)]) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let Some(Writing::Series(start)) = RRD_XML.write else { panic!("series after series") };
    let mut writer = start(&mut bytes, options)?;
    for (number, (name, kind, samples)) in series.iter().enumerate() {
        let labels = Labels::from_pairs([(model::NAME, *name), ("host", "a")]).unwrap();
        writer.series(&Series { id: SeriesId(number as u64), labels, kind: *kind }, None)?;
        for part in samples.chunks(7) {
            let (times, values): (Vec<i64>, Vec<f64>) = part.iter().copied().unzip();
            writer.samples(&times, &values)?;
        }
    }
    writer.finish()?;
    drop(writer);
    Ok(bytes)
}

fn restored(tool: &Rrdtool, xml: &[u8]) -> RoundRobin {
    std::fs::write(tool.path("e.xml"), xml).unwrap();
    tool.must("restore -f e.xml e.rrd\n");
    binary::read(&tool.read("e.rrd")).unwrap()
}

fn samples(dice: &mut Dice, kind: Kind) -> Samples {
    let (mut time_ms, mut value) = (1_700_000_000_000 + dice.below(100) as i64 * 1000, 0.0);
    let step = |_| {
        time_ms += (1 + dice.below(90)) as i64 * 1000;
        value = match kind {
            Kind::Counter if dice.below(10) > 0 => value + dice.below(1000) as f64,
            _ => dice.below(1000) as f64,
        };
        (time_ms, value)
    };
    (0..200).map(step).collect()
}

#[test]
fn a_series_becomes_what_rrdtool_would_have_made_of_it() {
    let Some(tool) = Rrdtool::new() else { return };
    let mut said = options();
    said.add("rra", "AVERAGE:0.5:1:2h");
    said.add("rra", "RRA:MAX:0.25:5:20");
    said.add("rrd-heartbeat", "2m");
    for (seed, kind, source) in [
        (1, Kind::Gauge, "GAUGE:120:U:U"),
        (2, Kind::Counter, "DERIVE:120:0:U"),
        (3, Kind::Absolute, "ABSOLUTE:120:U:U"),
    ] {
        let samples = samples(&mut Dice(seed), kind);
        let ours = restored(&tool, &export(&said, &[("requests.total", kind, samples.clone())]).unwrap());
        let start = samples[0].0 / 1000 - 60;
        let mut text = format!("create t.rrd --start {start} --step 60 DS:requests_total:{source} ");
        text += "RRA:AVERAGE:0.5:1:2h RRA:MAX:0.25:5:20\nupdate t.rrd";
        samples.iter().for_each(|(time_ms, value)| write!(text, " {}:{value}", time_ms / 1000).unwrap());
        tool.must(&(text + "\n"));
        let theirs = binary::read(&tool.read("t.rrd")).unwrap();
        super::xml::assert_near(&ours, &theirs, source);
    }
}

#[test]
fn series_of_other_instants_share_a_file() {
    let Some(tool) = Rrdtool::new() else { return };
    let mut said = options();
    said.add("rrd-step", "10");
    said.add("rra", "AVERAGE:0.5:1:20");
    let at =
        |from: i64| (0..5).map(|n| ((1_700_000_000 + from + 10 * n) * 1000, n as f64)).collect::<Samples>();
    let names = ["one.very.long.metric.name", "one.very.long.metric.other", "b"];
    let series: Vec<_> =
        names.iter().zip([0, 55, 100]).map(|(name, from)| (*name, Kind::Gauge, at(from))).collect();
    let file = restored(&tool, &export(&said, &series).unwrap());
    let found: Vec<_> = file.sources.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(found, ["one_very_long_metri", "one_very_long_met_2", "b"]);
    let archive = &file.archives[0];
    let known = |source: usize| {
        let rows = (0..archive.rows).filter(|row| !archive.values[row * 3 + source].is_nan());
        rows.map(|row| file.row_end_s(archive, row) - 1_700_000_000).collect::<Vec<_>>()
    };
    assert_eq!(known(0), [0, 10, 20, 30, 40]);
    assert_eq!(known(2), [100, 110, 120, 130, 140]);
    assert!(known(1).starts_with(&[50, 60, 70, 80, 90]), "{:?}", known(1));
}

#[test]
fn what_cannot_be_made_is_refused_by_name() {
    let error = |name: &'static str, value: &str, series: &[(&str, Kind, Samples)]| {
        let mut said = options();
        said.add(name, value);
        export(&said, series).unwrap_err().to_string()
    };
    let one = [("a", Kind::Gauge, vec![(1000, 0.5)])];
    assert_eq!(error("rra", "AVERAGE:1:1:1", &one), "--rra AVERAGE:1:1:1: expected FUNCTION:XFF:STEPS:ROWS");
    assert_eq!(error("rrd-step", "0", &one), "--rrd-step 0: that is none");
    assert_eq!(
        error("rrd-type", "counter", &one),
        "a{host=\"a\"} has the value 0.5, and COUNTER takes whole numbers: choose DCOUNTER"
    );
    assert!(error("rra", "MAX:0:1:1000000000000", &one).contains("are too many for one round robin file"));
    assert!(error("rrd-step", "60", &[]).starts_with("there are no samples"));
}
