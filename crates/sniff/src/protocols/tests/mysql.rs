use crate::protocols::named;
use crate::testing::{Talk, assert_heard, heard, tapped};

fn packet(number: u8, body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32).to_le_bytes()[..3], &[number], body].concat()
}

fn command(code: u8, body: &[u8]) -> Vec<u8> {
    packet(0, &[&[code], body].concat())
}

/// An answer: packets numbered from 1.
fn answer(bodies: &[&[u8]]) -> Vec<u8> {
    bodies.iter().enumerate().flat_map(|(i, body)| packet(i as u8 + 1, body)).collect()
}

const OK: &[u8] = &[0, 1, 0, 2, 0, 0, 0];
const OK_MORE: &[u8] = &[0, 1, 0, 10, 0, 0, 0];
const END: &[u8] = &[0xfe, 0, 0, 2, 0];
const END_MORE: &[u8] = &[0xfe, 0, 0, 10, 0];
/// The end of rows where the older end is not spoken.
const OK_END: &[u8] = &[0xfe, 0, 0, 2, 0, 0, 0];
const ERROR: &[u8] = b"\xff\x7a\x04#42S02No such table";
const COLUMN: &[u8] =
    b"\x03def\x04test\x01t\x01t\x02id\x02id\x0c\x3f\x00\x0b\x00\x00\x00\x03\x00\x00\x00\x00\x00";

fn greeting() -> Vec<u8> {
    packet(0, b"\x0a11.8.3-MariaDB\x00\x01\x00\x00\x00abcdefgh\x00\xff\xff")
}

fn login(abilities: u32) -> Vec<u8> {
    packet(1, &[&abilities.to_le_bytes()[..], &[0; 28], b"root\0"].concat())
}

fn talk() -> Talk {
    let mut talk = Talk::opened(3306);
    talk.server(greeting()).client(login(1)).server(packet(2, b"\xfemysql_native_password\0x"));
    talk.client(packet(3, b"proof")).server(packet(4, OK));
    talk
}

const LOGIN: (&str, &str, u64, u64) = ("LOGIN", "", 1, 0);

#[test]
fn results_of_both_ways_to_end_them() {
    let mut talk = talk();
    let row: &[u8] = b"\x011";
    talk.client(command(3, b"select id from t")).server(answer(&[&[1], COLUMN, END, row, row, END]));
    talk.client(command(3, b"select id from t")).server(answer(&[&[1], COLUMN, row, row, OK_END]));
    talk.client(command(3, b"select id from t")).server(answer(&[&[1], COLUMN, END, END]));
    talk.client(command(3, b"select id from t")).server(answer(&[&[1], COLUMN, OK_END]));
    talk.client(command(3, b"insert into t values (1)")).server(answer(&[OK]));
    talk.client(command(3, b"select 1 from nope")).server(answer(&[ERROR]));
    talk.client(command(14, b"")).server(answer(&[OK]));
    talk.client(command(1, b""));
    let wanted =
        [("INSERT", "t", 1, 0), LOGIN, ("PING", "", 1, 0), ("SELECT", "nope", 1, 1), ("SELECT", "t", 4, 0)];
    let tap = assert_heard("mysql", &talk, &wanted);
    let codes: Vec<_> = tap.tally.codes.iter().map(|code| (&*code.text, code.count)).collect();
    assert_eq!(codes, [("1146", 1)]);
    assert_eq!((tap.tally.services()[0].unasked, tap.tally.services()[0].unanswered), (0, 0));
}

#[test]
fn prepared_statements_are_known_by_number() {
    let mut talk = talk();
    for (id, ends) in [(7u8, true), (9, false)] {
        talk.client(command(0x16, b"select id from t where a = ?"));
        let ok = [0, id, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0];
        let (with, without): (&[&[u8]], &[&[u8]]) =
            (&[&ok, COLUMN, COLUMN, END, COLUMN, END], &[&ok, COLUMN, COLUMN, COLUMN]);
        talk.server(answer(if ends { with } else { without }));
        for _ in 0..3 {
            talk.client(command(0x18, &[id, 0, 0, 0, 0, 0, 1]));
            talk.client(command(0x17, &[id, 0, 0, 0, 0, 1, 0, 0, 0]));
            talk.server(answer(&[&[1], COLUMN, END, &[0, 0, 1, 0, 0, 0], END]));
        }
        talk.client(command(0x19, &[id, 0, 0, 0]));
    }
    talk.client(command(0x17, &[99, 0, 0, 0])).server(answer(&[ERROR]));
    assert_heard(
        "mysql",
        &talk,
        &[("EXECUTE", "", 1, 1), LOGIN, ("PREPARE", "t", 2, 0), ("SELECT", "t", 6, 0)],
    );
}

#[test]
fn several_results_files_and_long_rows() {
    let mut talk = talk();
    let first = [&[1][..], COLUMN, END, b"\x01x", END_MORE, OK_MORE, OK];
    talk.client(command(3, b"call p()")).server(answer(&first));
    talk.client(command(3, b"load data local infile 'x' into table t")).server(answer(&[b"\xfbx"]));
    talk.client([packet(2, &[b'x'; 4000]), packet(3, b"")].concat()).server(packet(4, OK));
    let long = vec![b'x'; 0xff_ffff];
    let mut rows = answer(&[&[1], COLUMN, END]);
    rows.extend([packet(4, &long), packet(5, b"rest"), packet(6, END)].concat());
    talk.client(command(3, b"select x from long_t")).server(rows);
    let tap = tapped(named("mysql").unwrap(), &talk.packets, 3306);
    let found: Vec<_> =
        heard(&tap).into_iter().map(|(name, target, counts)| (name, target, counts.requests)).collect();
    let wanted = [("CALL", "", 1), ("LOAD", "t", 1), ("LOGIN", "", 1), ("SELECT", "long_t", 1)];
    assert_eq!(found, wanted.map(|(name, target, count)| (name.to_owned(), target.to_owned(), count)));
    assert!(heard(&tap)[3].2.response_bytes > 0xff_ffff && heard(&tap)[1].2.request_bytes > 4000);
}

#[test]
fn what_is_encrypted_or_compressed_is_counted() {
    let mut talk = Talk::opened(3306);
    talk.server(greeting()).client(packet(1, &[&0x800u32.to_le_bytes()[..], &[0; 28]].concat()));
    talk.client([22, 3, 1, 0, 5, 1, 2, 3, 4, 5]);
    assert_eq!(assert_heard("mysql", &talk, &[]).tally.services()[0].encrypted, 1);
    let mut talk = Talk::opened(3306);
    talk.server(greeting()).client(login(0x20)).server(packet(2, OK)).client([1, 0, 0, 0, 0, 0, 0, 14]);
    assert_eq!(assert_heard("mysql", &talk, &[LOGIN]).tally.services()[0].encrypted, 1);
    let mut talk = Talk::opened(3306);
    talk.server(greeting()).client(login(1)).server(packet(2, b"\xff\x15\x04#28000Access denied"));
    assert_heard("mysql", &talk, &[("LOGIN", "", 1, 1)]);
}

#[test]
fn a_connection_met_in_its_middle_is_read() {
    let mut talk = talk();
    for _ in 0..5 {
        talk.client(command(3, b"select 1 from t")).server(answer(&[&[1], COLUMN, END, &[b'x'; 200], END]));
    }
    for start in talk.packets.len() - 10..talk.packets.len() {
        let left = (talk.packets.len() - start) as u64 / 2;
        let tap = tapped(named("mysql").unwrap(), &talk.packets[start..], 3306);
        assert_eq!(heard(&tap).first().map_or(0, |found| found.2.requests), left, "from packet {start} on");
    }
}
