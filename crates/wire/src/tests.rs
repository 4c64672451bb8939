//! What holds for every protocol: the table, the fixtures, and that one sample is the same through every door.

use crate::protocols::{PROTOCOLS, Protocol};
use crate::{Context, protocols};
use model::{Batch, Report};
use std::fmt::Write;
use std::path::PathBuf;
use stdx::random::Random;

/// The time of fixtures and examples: 2023-11-14T22:13:20Z.
pub(crate) const NOW_MS: i64 = 1_700_000_000_000;

/// A batch and its report as text, as the `.out` fixtures hold them.
pub(crate) fn dump(batch: &Batch, report: &Report) -> String {
    let mut out =
        format!("{} accepted, {} rejected, {} skipped\n", report.accepted, report.rejected, report.skipped);
    for rejection in &report.reasons {
        writeln!(out, "rejected {}: {}", rejection.position, rejection.reason).unwrap();
    }
    for rows in batch.groups() {
        for (&slot, value) in rows.slots.iter().zip(rows.values) {
            let (kind, labels) = (batch.dictionary.kind(slot).as_str(), batch.dictionary.labels(slot));
            let value = if model::is_stale(*value) { "stale".to_owned() } else { value.to_string() };
            writeln!(out, "{} {kind} {labels} {value}", rows.time_ms).unwrap();
        }
    }
    for d in batch.dictionary.descriptions() {
        writeln!(out, "about {} {} {:?} {:?}", d.metric, d.kind.as_str(), d.unit, d.help).unwrap();
    }
    out
}

fn decode(protocol: &Protocol, input: &[u8]) -> (Batch, Report) {
    let mut batch = Batch::new();
    let report = (protocol.decode)(input, &Context::at(NOW_MS), &mut batch);
    (batch, report)
}

fn fixtures(protocol: &Protocol) -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/wire").join(protocol.name);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut inputs: Vec<_> =
        files.map(|f| f.unwrap().path()).filter(|p| p.extension() == Some("in".as_ref())).collect();
    inputs.sort();
    assert!(!inputs.is_empty(), "{} holds no fixture", folder.display());
    inputs
}

#[test]
fn the_table_is_complete() {
    for (i, protocol) in PROTOCOLS.iter().enumerate() {
        assert!(
            !protocol.name.is_empty() && !protocol.summary.is_empty() && !protocol.media_types.is_empty()
        );
        assert!(std::ptr::eq(Protocol::named(protocol.name).unwrap(), &PROTOCOLS[i]), "{}", protocol.name);
        let (batch, report) = decode(protocol, protocol.example);
        assert!(report.is_clean() && report.accepted > 0, "{}: {report}", protocol.name);
        assert_eq!(batch.len() as u64, report.accepted, "{}", protocol.name);
    }
}

/// `WINDHOVER_BLESS=1 cargo nextest run -p wire fixtures` writes what is decoded now; look at the difference.
#[test]
fn fixtures_decode_to_what_they_did() {
    let update = std::env::var_os("WINDHOVER_BLESS").is_some();
    for protocol in PROTOCOLS {
        for path in fixtures(protocol) {
            let (batch, report) = decode(protocol, &std::fs::read(&path).unwrap());
            let (seen, wanted) = (dump(&batch, &report), path.with_extension("out"));
            if update {
                std::fs::write(&wanted, &seen).unwrap();
            }
            let wanted = std::fs::read_to_string(&wanted).unwrap_or_default();
            assert_eq!(seen, wanted, "{}", path.display());
        }
    }
}

/// Whatever happens to the bytes, a decoder returns, its counts add up, and what it adds is well-formed.
#[test]
fn mutated_fixtures_are_survived() {
    let mut random = Random::from_seed(9);
    for protocol in PROTOCOLS {
        let mut inputs: Vec<_> = fixtures(protocol).iter().map(|p| std::fs::read(p).unwrap()).collect();
        inputs.push(protocol.example.to_vec());
        for round in 0..3000 {
            let mut bytes = inputs[round % inputs.len()].clone();
            for _ in 0..=random.below(4) {
                mutate(&mut bytes, &inputs, &mut random);
            }
            let (batch, report) = decode(protocol, &bytes);
            assert_eq!(batch.len() as u64, report.accepted, "{} {bytes:?}", protocol.name);
            assert_eq!(report.rejected == 0, report.reasons.is_empty(), "{} {bytes:?}", protocol.name);
            dump(&batch, &report);
        }
    }
}

fn mutate(bytes: &mut Vec<u8>, others: &[Vec<u8>], random: &mut Random) {
    let mut at = |len: usize| random.below(len as u64 + 1) as usize;
    let (start, end) = (at(bytes.len()), at(bytes.len()));
    let (start, end) = (start.min(end), start.max(end));
    match at(5) {
        0 => bytes.truncate(end),
        1 => drop(bytes.drain(start..end.min(start + 8))),
        2 => bytes.insert(start, at(255) as u8),
        3 => {
            let part = bytes[start..end.min(start + 40)].to_vec();
            bytes.splice(end..end, part);
        }
        4 => {
            let other = &others[at(others.len() - 1)];
            let from = at(other.len());
            bytes.splice(start..end, other[from..].iter().copied().take(60));
        }
        _ if start < bytes.len() => bytes[start] ^= 1 << at(7),
        _ => {}
    }
    bytes.truncate(8192);
}

/// One sample of one series, said in every dialect that can say it.
#[test]
fn every_door_gives_the_same_sample() {
    let time_s = NOW_MS / 1000 / 60 * 60;
    let remote_write = protocols::remote_write::tests::request(&[(
        &[("__name__", "load_5"), ("host", "badazz"), ("idc", "lg")],
        &[(time_s * 1000, 0.97)],
    )]);
    let remote_write_v2 = protocols::remote_write_v2::tests::request(&[(
        &[("__name__", "load_5"), ("host", "badazz"), ("idc", "lg")],
        &[(time_s * 1000, 0.97)],
    )]);
    let mut collectd = b"\0\0\0\x0bbadazz\0\0\x02\0\x0bload_5\0\0\x04\0\x0bload_5\0\0\x01\0\x0c".to_vec();
    collectd.extend(time_s.to_be_bytes());
    collectd.extend(b"\0\x06\0\x0f\0\x01\x01");
    collectd.extend(0.97f64.to_le_bytes());
    let mut zabbix = Vec::new();
    let item = format!(r#"{{"host":"badazz","key":"load_5","value":"0.97","clock":{time_s}}}"#);
    protocols::zabbix::write(&format!(r#"{{"request":"agent data","data":[{item}]}}"#), &mut zabbix);
    let pickle = format!("(lp0\n(Vload_5;idc=lg;host=badazz\np1\n(I{time_s}\nF0.97\ntp2\ntp3\na.");
    let said: Vec<(&str, Vec<u8>)> = vec![
        ("remote_write", remote_write),
        ("remote_write_v2", remote_write_v2),
        (
            "otlp",
            format!(
                r#"{{"resourceMetrics":[{{"resource":{{"attributes":[{{"key":"host.name","value":{{"stringValue":"badazz"}}}}]}},
                     "scopeMetrics":[{{"metrics":[{{"name":"load_5","gauge":{{"dataPoints":[{{"timeUnixNano":"{time_s}000000000","asDouble":0.97}}]}}}}]}}]}}]}}"#
            )
            .into_bytes(),
        ),
        (
            "collectd_json",
            format!(
                r#"[{{"values":[0.97],"dstypes":["gauge"],"dsnames":["value"],"time":{time_s}.000,"host":"badazz","plugin":"load_5","type":"load_5"}}]"#
            )
            .into_bytes(),
        ),
        ("csv", format!("time,metric,value,host,idc\n{time_s},load_5,0.97,badazz,lg\n").into_bytes()),
        ("opentsdb", format!("put load_5 {time_s} 0.97 idc=lg host=badazz").into_bytes()),
        (
            "prometheus_text",
            format!("load_5{{host=\"badazz\",idc=\"lg\"}} 0.97 {}\n", time_s * 1000).into_bytes(),
        ),
        ("influx", format!("load_5,host=badazz,idc=lg value=0.97 {time_s}000000000\n").into_bytes()),
        (
            "falcon",
            format!(
                r#"[{{"endpoint":"badazz","metric":"load_5","tags":"idc=lg","step":60,"value":"0.97",
                     "counterType":"GAUGE","timestamp":{time_s}}}]"#
            )
            .into_bytes(),
        ),
        ("falcon_telnet", format!("update badazz load_5 {time_s} 0.97 GAUGE 60\n").into_bytes()),
        ("probe", b"badazz:load_5:0.97:GAUGE".to_vec()),
        ("graphite", format!("load_5;idc=lg;host=badazz 0.97 {time_s}").into_bytes()),
        ("pickle", [&(pickle.len() as u32).to_be_bytes(), pickle.as_bytes()].concat()),
        ("collectd", collectd),
        ("opentsdb_telnet", format!("put load_5 {time_s} 0.97 idc=lg host=badazz\n").into_bytes()),
        ("zabbix", zabbix),
        ("putval", format!("PUTVAL badazz/load_5/load_5 {time_s}:0.97").into_bytes()),
    ];
    // Performance data and results of checks have names of their own.
    assert_eq!(said.len() + 2, PROTOCOLS.len(), "a protocol is missing here");
    for (name, input) in said {
        let mut batch = Batch::new();
        let context = Context { extra_labels: &[("idc", "lg")], ..Context::at(time_s * 1000) };
        let report = (Protocol::named(name).unwrap().decode)(&input, &context, &mut batch);
        assert!(report.is_clean(), "{name}: {report}");
        let rows: Vec<_> = batch
            .groups()
            .flat_map(|r| r.slots.iter().map(move |s| (r.time_ms, *s)).zip(r.values.iter().copied()))
            .map(|((time_ms, slot), value)| (time_ms, batch.dictionary.labels(slot).to_string(), value))
            .collect();
        let wanted = r#"load_5{host="badazz",idc="lg"}"#.to_owned();
        assert_eq!(rows, [(time_s * 1000, wanted, 0.97)], "{name}");
    }
}
