//! The door with bytes alone.

use super::*;
use crate::framed::Framed;
use crate::service::{Next, Service};
use crate::telemetry::Taken;
use crate::tests::{Recorder, place};
use flate2::{Compression, write::ZlibEncoder};
use std::io::Write;
use stdx::clock::ManualClock;

static TAKEN: Taken = Taken::new(&[]);

fn ask(message: &[u8], items: &str) -> (String, Vec<String>) {
    let sink = Arc::new(Recorder::default());
    let intake = Intake::new(place(sink.clone(), Arc::new(ManualClock::at(7_000))), &TAKEN).forgetful();
    let mut door = Framed::new(Zabbix::new(Arc::new(Items::read(items).unwrap())), intake);
    let mut out = Vec::new();
    let mut session = door.open(None, &mut out);
    assert_eq!(door.input(&mut session, &message[..3], &mut out), Next::Partial);
    assert_eq!(door.input(&mut session, &message[3..], &mut out), Next::Close);
    door.close(session);
    door.stop(7_000);
    (String::from_utf8_lossy(out.get(13..).unwrap_or_default()).into_owned(), sink.take())
}

fn plain(json: &str) -> Vec<u8> {
    let mut out = Vec::new();
    write(json, &mut out);
    out
}

fn packed(json: &str, says: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(json.as_bytes()).unwrap();
    let body = encoder.finish().unwrap();
    [b"ZBXD\x03", &(body.len() as u32).to_le_bytes()[..], &(says as u32).to_le_bytes(), &body].concat()
}

const DATA: &str = r#"{"request":"sender data","data":[{"host":"h","key":"k[x]","value":"1"},{"host":"h","key":"k","value":"text"}]}"#;

#[test]
fn data_are_taken_packed_or_not() {
    for message in [plain(DATA), packed(DATA, DATA.len())] {
        let (answer, rows) = ask(&message, "");
        assert!(
            answer.starts_with(
                r#"{"response":"success","info":"processed: 1; failed: 1; total: 2; seconds spent: 0."#
            ),
            "{answer}"
        );
        assert_eq!(rows, [r#"7000 unknown k{host="h",params="x"} 1"#]);
    }
}

#[test]
fn agents_are_told_what_to_look_at() {
    let asked = plain(r#"{"request":"active checks","host":"h"}"#);
    assert_eq!(ask(&asked, "").0, r#"{"response":"success","data":[]}"#);
    let items = "# all\n30 system.cpu.load[all,avg1]\n 60\tvfs.fs.size[/,\"free\"]\n";
    assert_eq!(
        ask(&asked, items).0,
        r#"{"response":"success","data":[{"key":"system.cpu.load[all,avg1]","itemid":1,"delay":"30","lastlogsize":0,"mtime":0},{"key":"vfs.fs.size[/,\"free\"]","itemid":2,"delay":"60","lastlogsize":0,"mtime":0}]}"#
    );
    assert_eq!(ask(&plain(r#"{"request":"active check heartbeat","host":"h"}"#), "").0, "");
    assert_eq!(Items::read("\nkey 30").unwrap_err(), "line 2: `key 30` is not `seconds key`");
}

#[test]
fn what_cannot_be_taken_is_told() {
    for (message, why) in [
        (plain("{"), "byte 1 of the JSON: ended in the middle"),
        (plain(r#"{"request":"proxy config"}"#), "request `proxy config` is not taken here"),
        (packed(DATA, 5), "a packed message that is not as long as it says"),
        (packed(DATA, 500), "a packed message that is not as long as it says"),
        (packed(DATA, 17 << 20), "a message of 17825792 bytes unpacked, at most 16777216 are allowed"),
        (
            b"ZBXD\x03\x02\0\0\0\x09\0\0\0xx".to_vec(),
            "a packed message that cannot be unpacked: corrupt deflate stream",
        ),
    ] {
        let (answer, rows) = ask(&message, "");
        assert_eq!(answer, format!(r#"{{"response":"failed","info":"{why}"}}"#));
        assert!(rows.is_empty());
    }
    assert_eq!(ask(b"ZBXD\x05\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0", "").0, "");
}
