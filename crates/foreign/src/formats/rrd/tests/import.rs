//! Which rows become samples, and how the series are called.

use super::rrdtool::Rrdtool;
use super::updates::Case;
use crate::formats::rrd::choose::lanes;
use crate::formats::rrd::{RRD, binary};
use crate::tests::rig::{Read, options, read};
use crate::{Error, Input, Options};
use std::path::Path;

fn import(path: &Path, below: &str, options: &Options) -> (Read, Result<(), Error>) {
    let mut input = Input::at(path, Path::new(below)).unwrap();
    read(&RRD, &mut input, options)
}

#[test]
fn series_are_called_by_path_source_and_function() {
    let path = crate::tests::rig::fixtures("rrd").join("router.rrd");
    let (all, result) = import(&path, "sites/web.1/eth0.rrd", &options());
    result.unwrap();
    let wanted = [
        "sites.web_1.eth0.in",
        "sites.web_1.eth0.in{cf=\"max\"}",
        "sites.web_1.eth0.load",
        "sites.web_1.eth0.load{cf=\"max\"}",
    ];
    assert_eq!(all.series.keys().collect::<Vec<_>>(), wanted);
    let mut templated = options();
    templated.add("metric", "{2}_{ds}_{cf}_{file}");
    let (all, result) = import(&path, "sites/web.1/eth0.rrd", &templated);
    result.unwrap();
    assert!(all.series.contains_key("web.1_in_average_eth0"), "{:?}", all.series.keys());
    templated.add("metric", "{host}");
    let (_, result) = import(&path, "eth0.rrd", &templated);
    let wanted = "`{host}`: there is no {host}, there are ds, cf, path, file, dir, 1";
    assert_eq!(result.unwrap_err().to_string(), wanted);
}

#[test]
fn the_finest_archive_is_taken_as_far_as_it_goes_and_the_coarser_one_before() {
    let path = crate::tests::rig::fixtures("rrd").join("router.rrd");
    let (all, _) = import(&path, "router.rrd", &options());
    let times =
        |name: &str| all.series[name].1.iter().map(|(t, _)| t / 1000 - 1_699_999_800).collect::<Vec<_>>();
    // 45 minutes: ten of minutes from 2160 s on, and rows of five minutes that end by then.
    let fine = [2220, 2280, 2340, 2400, 2460, 2520, 2580, 2640, 2700];
    let coarse = [600, 900, 1200, 1500, 1800, 2100];
    let wanted: Vec<i64> = coarse.into_iter().chain([2160]).chain(fine).collect();
    assert_eq!(times("router.in"), wanted);
    assert_eq!(times("router.in{cf=\"max\"}"), wanted);
    let gap: Vec<i64> = wanted.into_iter().filter(|t| *t != 2400).collect();
    assert_eq!(times("router.load"), gap, "what is unknown is no sample");
}

#[test]
fn no_rows_overlap_and_none_that_is_known_is_lost() {
    let Some(tool) = Rrdtool::new() else { return };
    for seed in 0..200 {
        let case = Case::random(seed);
        tool.must(&case.commands("a.rrd"));
        let file = binary::read(&tool.read("a.rrd")).unwrap();
        for lane in lanes(&file) {
            for source in 0..file.sources.len() {
                let mut until = i64::MIN;
                for piece in &lane.pieces {
                    let archive = &file.archives[piece.archive];
                    for row in piece.rows[source].clone() {
                        let end = file.row_end_s(archive, row);
                        assert!(end - file.row_s(archive) >= until, "seed {seed} {lane:?}");
                        until = end;
                    }
                }
                let finest = lane.pieces.last().unwrap();
                let archive = &file.archives[finest.archive];
                let known = |row: usize| !archive.values[row * file.sources.len() + source].is_nan();
                let lost = (0..archive.rows).find(|r| known(*r) && !finest.rows[source].contains(r));
                assert_eq!(lost, None, "seed {seed}: a row of the finest archive");
            }
        }
    }
}
