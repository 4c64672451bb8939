//! Recorded traffic of real servers and clients, in `fixtures/captures`, against what must be read out of it.

use crate::Wiretap;
use crate::capture::Capture;
use crate::protocols::PROTOCOLS;
use std::fmt::Write;
use std::fs;
use std::path::Path;

fn told(bytes: &[u8]) -> String {
    let mut tap = Wiretap::default();
    PROTOCOLS.iter().for_each(|row| assert!(tap.watch(row.port, row)));
    Capture::each(bytes, |frame| tap.frame(&frame)).expect("a whole capture");
    tap.finish();
    let mut lines: Vec<String> = Vec::new();
    for line in tap.tally.lines(true) {
        let counts = line.counts;
        assert!(counts.took_ns > 0, "{line:?}");
        lines.push(format!(
            "{} {} {} {}: requests {}, errors {}, in {}, out {}\n",
            line.protocol,
            line.peer,
            line.operation,
            line.target,
            counts.requests,
            counts.errors,
            counts.request_bytes,
            counts.response_bytes
        ));
    }
    lines.sort();
    let mut text = lines.concat();
    for (port, code, count) in tap.tally.errors() {
        writeln!(text, "{port} {code}: {count}").unwrap();
    }
    for service in tap.tally.services().iter().filter(|service| service.connections > 0) {
        writeln!(text, "{service:?}").unwrap();
    }
    text
}

#[test]
fn recorded_traffic_is_read_as_it_was() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/captures");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "pcap") {
            continue;
        }
        count += 1;
        let (told, golden) = (told(&fs::read(&path).unwrap()), path.with_extension("txt"));
        if std::env::var_os("WINDHOVER_BLESS").is_some() {
            fs::write(&golden, &told).unwrap();
        }
        assert_eq!(told, fs::read_to_string(&golden).unwrap_or_default(), "{}", path.display());
    }
    assert!(count >= PROTOCOLS.len(), "each protocol has a capture");
}
