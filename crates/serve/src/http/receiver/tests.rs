use super::*;
use stdx::random::Random;

const BYTES_MAX: usize = 4096;

/// Everything that comes of bytes in pieces, as texts.
fn all(pieces: &[&[u8]]) -> Vec<String> {
    let (mut receiver, mut out) = (Receiver::default(), Vec::new());
    for piece in pieces {
        receiver.room().extend_from_slice(piece);
        loop {
            match receiver.next(BYTES_MAX) {
                Come::Nothing => break,
                Come::Head => assert!(receiver.head().is_some()),
                Come::Whole(head, body) => {
                    out.push(format!("{} {}", head.path, String::from_utf8_lossy(&body)));
                }
                wrong => {
                    out.push(format!("{wrong:?}"));
                    return out;
                }
            }
        }
    }
    let mut buffer = Vec::new();
    receiver.give_back(&mut buffer);
    assert!(receiver.is_within() || receiver.input.capacity() == 0);
    out
}

const GOOD: &str = "GET /a?b HTTP/1.1\r\nHost: a\r\n\r\n\
    POST /c HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello\
    POST /d HTTP/1.1\nTransfer-Encoding: chunked\n\n3;e\r\nwor\r\n2\r\nld\r\n0\r\nT: t\r\n\r\n\
    \r\nGET /f HTTP/1.0\r\n\r\n";

fn cut<'a>(random: &mut Random, mut text: &'a [u8]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    while !text.is_empty() {
        let (piece, rest) = text.split_at(1 + random.below(text.len().min(40) as u64) as usize);
        pieces.push(piece);
        text = rest;
    }
    pieces
}

#[test]
fn requests_come_the_same_however_they_are_cut() {
    let whole = all(&[GOOD.as_bytes()]);
    assert_eq!(whole, ["/a ", "/c hello", "/d world", "/f "]);
    let bytes: Vec<&[u8]> = GOOD.as_bytes().chunks(1).collect();
    assert_eq!(all(&bytes), whole);
    let mut random = Random::from_seed(5);
    for _ in 0..2000 {
        assert_eq!(all(&cut(&mut random, GOOD.as_bytes())), whole);
    }
}

#[test]
fn damaged_requests_end_the_same_however_they_are_cut() {
    let mut random = Random::from_seed(6);
    for _ in 0..5000 {
        let mut text = GOOD.as_bytes().to_vec();
        for _ in 0..1 + random.below(3) {
            let at = random.below(text.len() as u64) as usize;
            text[at] = random.below(256) as u8;
        }
        let (one, other) = (all(&[&text]), all(&cut(&mut random, &text)));
        // What is wrong with a head may be seen before or after another thing that is wrong with it.
        let good =
            |found: &[String]| found.iter().take_while(|t| t.starts_with('/')).cloned().collect::<Vec<_>>();
        assert_eq!(good(&one), good(&other), "{}", String::from_utf8_lossy(&text));
        // A head that does not end is not looked at again, so that what is wrong with it may go unseen.
        let ends = [&one, &other].map(|found| found.iter().any(|t| t == "Broken" || t == "TooLarge"));
        assert_eq!(ends[0], ends[1], "{}", String::from_utf8_lossy(&text));
    }
}

#[test]
fn bodies_are_bounded() {
    let head = |field: &str| format!("POST / HTTP/1.1\r\n{field}\r\n\r\n");
    assert_eq!(all(&[head("Content-Length: 4097").as_bytes()]), ["TooLarge"]);
    let exact = head("Content-Length: 4096") + &"x".repeat(4096);
    assert!(all(&[exact.as_bytes()])[0].len() > 4096);
    let chunks = head("Transfer-Encoding: chunked")
        + &"800\r\n".replace("\r\n", &format!("\r\n{}\r\n", "x".repeat(2048))).repeat(3);
    assert_eq!(all(&[chunks.as_bytes()]), ["TooLarge"]);
    assert_eq!(all(&[head("Transfer-Encoding: chunked").as_bytes(), b"zz\r\n"]), ["Broken"]);
}
