//! Dumps: read, and written for `rrdtool restore`.

use super::rrdtool::Rrdtool;
use super::updates::Case;
use crate::formats::rrd::{RoundRobin, binary, xml};

const FILES: u64 = 60;

fn read(text: &str) -> Result<RoundRobin, String> {
    xml::read(&mut text.as_bytes()).map_err(|e| e.0)
}

fn write(file: &RoundRobin) -> String {
    let mut bytes = Vec::new();
    xml::write::write(file, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// All numbers of a file, and its words.
fn content(file: &RoundRobin) -> (String, Vec<f64>) {
    let mut words = format!("{} {} {}", file.version, file.step_s, file.updated_s);
    let mut numbers = Vec::new();
    for s in &file.sources {
        words += &format!("\n{} {:?} {} {}", s.name, s.kind, s.heartbeat_s, s.pending.unknown_s);
        numbers.extend([s.min, s.max, s.pending.value]);
    }
    for archive in &file.archives {
        words += &format!("\n{:?} {} {}", archive.function, archive.steps, archive.rows);
        archive.pending.iter().for_each(|p| words += &format!(" {}", p.unknown));
        numbers.push(archive.xff);
        numbers.extend(archive.pending.iter().map(|p| p.value));
        numbers.extend(&archive.values);
    }
    (words, numbers)
}

/// Dumps have eleven digits.
pub(super) fn assert_near(a: &RoundRobin, b: &RoundRobin, what: impl std::fmt::Display) {
    let (a, b) = (content(a), content(b));
    assert_eq!((&a.0, a.1.len()), (&b.0, b.1.len()), "{what}");
    for (number, (x, y)) in a.1.iter().zip(&b.1).enumerate() {
        let near = x == y || (x - y).abs() <= 1e-10 * x.abs() || (x.is_nan() && y.is_nan());
        assert!(near, "{what}: {x} is {y} (number {number})");
    }
}

#[test]
fn a_dump_says_what_the_file_says() {
    let Some(tool) = Rrdtool::new() else { return };
    let mut commands = String::new();
    for seed in 0..FILES {
        commands.push_str(&Case::random(seed).commands(&format!("{seed}.rrd")));
        commands.push_str(&format!("dump {seed}.rrd {seed}.xml\n"));
    }
    tool.must(&commands);
    for seed in 0..FILES {
        let file = binary::read(&tool.read(&format!("{seed}.rrd"))).unwrap();
        let dump = String::from_utf8(tool.read(&format!("{seed}.xml"))).unwrap();
        assert_near(&read(&dump).unwrap(), &file, seed);
    }
}

#[test]
fn what_is_written_is_restored_to_the_same_file() {
    let Some(tool) = Rrdtool::new() else { return };
    let files: Vec<_> = (0..FILES).map(|seed| Case::random(seed).ours()).collect();
    let mut commands = String::new();
    for (seed, file) in files.iter().enumerate() {
        std::fs::write(tool.path(&format!("{seed}.xml")), write(file)).unwrap();
        commands.push_str(&format!("restore {seed}.xml {seed}.rrd\n"));
    }
    tool.must(&commands);
    for (seed, file) in files.iter().enumerate() {
        let restored = binary::read(&tool.read(&format!("{seed}.rrd"))).unwrap();
        assert_near(&restored, file, seed);
    }
}

#[test]
fn what_is_restored_goes_on_as_if_it_had_never_left() {
    let Some(tool) = Rrdtool::new() else { return };
    tool.must(
        "create a.rrd --start 1000000000 --step 10 DS:a:GAUGE:100:U:U DS:b:DERIVE:100:0:U RRA:AVERAGE:0.5:1:9 \
         RRA:MAX:0.5:4:5\nupdate a.rrd 1000000007:3:4 1000000025:5:90\ndump a.rrd a.xml\n",
    );
    let dump = String::from_utf8(tool.read("a.xml")).unwrap();
    std::fs::write(tool.path("b.xml"), write(&read(&dump).unwrap())).unwrap();
    let update = "1000000061:8:200 1000000088:1:205";
    tool.must(&format!("restore b.xml b.rrd\nupdate a.rrd {update}\nupdate b.rrd {update}\n"));
    let [a, b] = ["a.rrd", "b.rrd"].map(|name| binary::read(&tool.read(name)).unwrap());
    assert_near(&a, &b, "updated");
}

const SMALL: &str = "<rrd><version>0003</version><step>10</step><lastupdate>1000</lastupdate>\
    <ds><name>a</name><type>GAUGE</type><minimal_heartbeat>20</minimal_heartbeat><min>NaN</min><max>U</max>\
    <last_ds>U</last_ds><value>0</value><unknown_sec>0</unknown_sec></ds>\
    <rra><cf>AVERAGE</cf><pdp_per_row>1</pdp_per_row><xff>0.5</xff><cdp_prep><ds/></cdp_prep>\
    <database><!-- a > b -- c --><row><v>1</v></row>\n<row><v>-nan</v></row></database></rra></rrd>";

#[test]
fn dumps_of_the_oldest_versions_are_read() {
    let file = read(SMALL).unwrap();
    assert_eq!((file.archives[0].rows, file.archives[0].xff), (2, 0.5));
    assert_eq!((file.archives[0].values[0], file.row_end_s(&file.archives[0], 0)), (1.0, 990));
}

#[test]
fn what_is_damaged_is_named_with_its_line() {
    let error = |from: &str, to: &str| {
        let damaged = SMALL.replacen(from, to, 1);
        assert_ne!(damaged, SMALL);
        read(&damaged).unwrap_err()
    };
    assert_eq!(error("</v></row></database>", "</v>"), "line 2: </rra> where </row> was expected");
    assert_eq!(error("<row><v>1</v></row>", "<row></row>"), "line 1: a row of 0 values for 1 sources");
    assert_eq!(error("-nan", "one"), "line 2: `one` is no number");
    assert_eq!(error("GAUGE", "GAUGES"), "line 1: GAUGES is no type of a source");
    assert_eq!(error("<step>10", "<step>-1"), "line 1: the step `-1` is no whole number");
    assert_eq!(error("0003", "0006"), "line 2: the version is 6, known are 1 to 5");
    assert_eq!(
        error("<rrd>", "<html>"),
        "line 1: is no dump of a round robin file: it does not begin with <rrd>"
    );
    let huge = error("<pdp_per_row>1<", "<pdp_per_row>18446744073709551615<");
    assert!(huge.contains("has an archive of 2 rows of 18446744073709551615 steps"), "{huge}");
}

#[test]
fn no_damage_makes_it_panic() {
    for end in 0..SMALL.len() {
        read(&SMALL[..end]).unwrap_err();
    }
    let mut bytes = SMALL.as_bytes().to_vec();
    for at in 0..bytes.len() {
        for byte in *b"<>/9-\xff" {
            let before = std::mem::replace(&mut bytes[at], byte);
            let _any = xml::read(&mut &bytes[..]);
            bytes[at] = before;
        }
    }
}

#[test]
fn a_comment_may_be_longer_than_any_buffer() {
    let long = SMALL.replace("a > b", &"a > b-".repeat(100_000));
    let mut reader = std::io::BufReader::with_capacity(7, long.as_bytes());
    assert_eq!(xml::read(&mut reader).unwrap().archives[0].rows, 2);
    let text = SMALL.replace("GAUGE", &"G".repeat(100_000));
    assert_eq!(read(&text).unwrap_err(), "line 1: a tag or text of more than 65536 bytes");
}
