use crate::protocols::named;
use crate::testing::{Talk, assert_heard, heard, tapped};

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &(body.len() as u32 + 4).to_be_bytes(), body].concat()
}

fn query(text: &str) -> Vec<u8> {
    message(b'Q', format!("{text}\0").as_bytes())
}

fn parse(name: &str, text: &str) -> Vec<u8> {
    message(b'P', format!("{name}\0{text}\0\0\0").as_bytes())
}

fn bind(name: &str) -> Vec<u8> {
    message(b'B', format!("\0{name}\0\0\0\0\0\0\0").as_bytes())
}

fn execute() -> Vec<u8> {
    message(b'E', b"\0\0\0\0\0")
}

fn sync() -> Vec<u8> {
    message(b'S', b"")
}

fn complete() -> Vec<u8> {
    message(b'C', b"SELECT 1\0")
}

fn ready() -> Vec<u8> {
    message(b'Z', b"I")
}

fn failure(state: &str) -> Vec<u8> {
    message(b'E', format!("SERROR\0C{state}\0Mno\0\0").as_bytes())
}

/// A connection that has logged in.
fn talk() -> Talk {
    let mut talk = Talk::opened(5432);
    talk.client([0, 0, 0, 8, 4, 210, 22, 47]).server("N");
    talk.client([&20u32.to_be_bytes()[..], &[0, 3, 0, 0], b"user\0root\0\0\0"].concat());
    talk.server(message(b'R', &[0, 0, 0, 3])).client(message(b'p', b"secret\0"));
    talk.server([message(b'R', &[0; 4]), message(b'S', b"a\0b\0"), message(b'K', &[0; 8]), ready()].concat());
    talk
}

const LOGIN: (&str, &str, u64, u64) = ("LOGIN", "", 1, 0);

#[test]
fn simple_queries_and_their_errors() {
    let mut talk = talk();
    let rows = message(b'D', &[7; 3000]);
    talk.client(query("select * from orders"))
        .server([message(b'T', b"\0\0"), rows.clone(), rows, complete(), ready()].concat());
    talk.client(query("select * from nope")).server([failure("42P01"), ready()].concat());
    talk.client(query("begin; update t set a = 1; commit"))
        .server([complete(), complete(), complete(), ready()].concat());
    talk.client(query("")).server([message(b'I', b""), ready()].concat());
    let wanted = [
        ("BEGIN", "", 1, 0),
        ("EMPTY", "", 1, 0),
        LOGIN,
        ("SELECT", "nope", 1, 1),
        ("SELECT", "orders", 1, 0),
    ];
    let tap = assert_heard("postgresql", &talk, &wanted);
    let codes: Vec<_> = tap.tally.codes.iter().map(|code| (&*code.text, code.count)).collect();
    assert_eq!(codes, [("42P01", 1)]);
    assert_eq!(heard(&tap)[4].2.response_bytes, 7 + 2 * 3005 + 14 + 6);
    assert_eq!((tap.tally.services()[0].unasked, tap.tally.services()[0].unanswered), (0, 0));
}

#[test]
fn prepared_statements_are_known_by_name() {
    let mut talk = talk();
    talk.client([parse("s1", "select a from t where b = $1"), message(b'D', b"Ss1\0"), sync()].concat());
    talk.server([message(b'1', b""), message(b't', &[0; 6]), message(b'n', b""), ready()].concat());
    for _ in 0..3 {
        talk.client([bind("s1"), execute(), sync()].concat());
        talk.server([message(b'2', b""), message(b'D', b"xx"), complete(), ready()].concat());
    }
    let tap = assert_heard("postgresql", &talk, &[LOGIN, ("SELECT", "t", 3, 0)]);
    let sent = bind("s1").len() + execute().len();
    assert_eq!(heard(&tap)[1].2.request_bytes, 3 * sent as u64);
}

#[test]
fn pipelines_end_with_the_first_error() {
    let mut talk = talk();
    let one = |text: &str| [parse("", text), bind(""), execute()].concat();
    talk.client(
        [
            one("insert into a values (1)"),
            one("insert into b values (1)"),
            one("insert into c values (1)"),
            sync(),
        ]
        .concat(),
    );
    talk.client([one("select 1 from d"), sync()].concat());
    let good = [message(b'1', b""), message(b'2', b""), complete()].concat();
    talk.server([good.clone(), failure("23505"), ready(), good, ready()].concat());
    let wanted =
        [("INSERT", "a", 1, 0), ("INSERT", "b", 1, 1), ("INSERT", "c", 1, 0), LOGIN, ("SELECT", "d", 1, 0)];
    assert_heard("postgresql", &talk, &wanted);
}

#[test]
fn copies_notices_and_portals_that_are_suspended() {
    let mut talk = talk();
    talk.client(query("COPY t FROM STDIN")).server(message(b'G', &[0; 3]));
    talk.client([message(b'd', &[b'x'; 5000]), message(b'c', b"")].concat());
    talk.server([message(b'N', b"SNOTICE\0\0"), complete(), ready(), message(b'A', &[0; 8])].concat());
    talk.client(query("COPY t TO STDOUT"));
    talk.server(
        [message(b'H', &[0; 3]), message(b'd', &[b'x'; 900]), message(b'c', b""), complete(), ready()]
            .concat(),
    );
    talk.client([parse("", "select x from big"), bind(""), execute(), message(b'H', b"")].concat());
    talk.server([message(b'1', b""), message(b'2', b""), message(b's', b"")].concat());
    talk.client([execute(), sync()].concat()).server([complete(), ready()].concat());
    let tap = assert_heard("postgresql", &talk, &[("COPY", "t", 2, 0), LOGIN, ("SELECT", "big", 2, 0)]);
    assert!(heard(&tap)[0].2.request_bytes > 5000);
    assert_eq!(tap.tally.services()[0].pushed, 1);
}

#[test]
fn encryption_is_counted_and_a_refused_login_is_an_error() {
    let mut talk = Talk::opened(5432);
    talk.client([0, 0, 0, 8, 4, 210, 22, 47]).server("S").client([22, 3, 1, 0, 5, 1, 2, 3, 4, 5]);
    let tap = assert_heard("postgresql", &talk, &[]);
    assert_eq!(tap.tally.services()[0].encrypted, 1);
    let mut talk = Talk::opened(5432);
    talk.client([0, 0, 0, 12, 0, 3, 0, 0, b'a', 0, b'b', 0]).server(failure("28P01")).close();
    assert_heard("postgresql", &talk, &[("LOGIN", "", 1, 1)]);
}

#[test]
fn a_connection_met_in_its_middle_is_read() {
    let mut talk = talk();
    for _ in 0..5 {
        talk.client(query("select 1 from t"))
            .server([message(b'D', &[1; 2000]), complete(), ready()].concat());
    }
    let first = talk.packets.iter().position(|packet| packet.bytes.len() > 1000).unwrap();
    let tap = tapped(named("postgresql").unwrap(), &talk.packets[first..], 5432);
    assert_eq!(heard(&tap)[0].2.requests, 4);
    // An answer of which the middle is missing.
    let kept: Vec<_> = talk.packets.iter().filter(|packet| packet.bytes.len() < 1000).cloned().collect();
    let tap = tapped(named("postgresql").unwrap(), &kept, 5432);
    assert!(tap.tally.services()[0].unseen_bytes > 4000);
}
