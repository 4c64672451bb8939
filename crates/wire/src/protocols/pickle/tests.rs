use super::*;
use crate::tests::dump;
use proptest::prelude::*;

fn decoded(pickle: &[u8]) -> String {
    let mut batch = Batch::new();
    let report = Decoder::default().message(pickle, &Context::at(7), &mut batch);
    dump(&batch, &report)
}

/// A pickle in protocol 2, as Python writes it.
fn pickle(rows: &[(String, i64, f64)]) -> Vec<u8> {
    let mut out = b"\x80\x02]q\0(".to_vec();
    for (path, time, value) in rows {
        out.push(b'X');
        out.extend((path.len() as u32).to_le_bytes());
        out.extend(path.as_bytes());
        let time = time.to_le_bytes();
        out.extend([0x8a, time.len() as u8]);
        out.extend(time);
        out.push(b'G');
        out.extend(value.to_be_bytes());
        out.extend([0x86, 0x86]);
    }
    out.extend(b"e.");
    out
}

#[test]
fn what_calls_or_builds_is_refused_by_name() {
    for (pickle, reason) in [
        (&b"cos\nsystem\n(S'id'\ntR."[..], "rejected byte 0: pickle instruction GLOBAL is not taken"),
        (b"\x80\x04\x8c\x02os\x8c\x06system\x93.", "pickle instruction STACK_GLOBAL is not taken"),
        (b"(dp0\n.", "pickle instruction DICT is not taken"),
        (b"]2.", "rejected byte 1: pickle instruction DUP is not taken"),
        (b"\x80\x06].", "pickle protocol 6 is not known"),
        (b"\xff", "byte 0xff is no instruction of pickle"),
        (b"K\x01.", "rejected input: a number where a list of (path, (time, value)) should be"),
        (b".", "the pickle ends with other than one value"),
        (b"(].", "the pickle ends with other than one value"),
        (b"e", "a mark is missing"),
        (b"]](K\x01\x86", "the stack is too short"),
        (b"K\x01K\x02a", "a number is appended to as if it were a list"),
        (b"]r\xff\xff\xff\xff.", "memo number 4294967295 is larger than the pickle"),
        (b"h\x05.", "nothing is remembered as 5"),
        (b"X\xff\xff\xff\x7fa", "the pickle ends in the middle"),
        (b"\x8d\xff\xff\xff\xff\xff\xff\xff\xffa", "the pickle ends in the middle"),
    ] {
        let said = decoded(pickle);
        assert!(said.starts_with("0 accepted, 1 rejected, 0 skipped\n"), "{said}");
        assert!(said.contains(reason), "{said}");
    }
}

#[test]
fn a_list_may_hold_itself_without_end() {
    let said = decoded(b"]q\0h\0a.");
    assert!(said.contains("rejected item 1: not (path, (time, value))"), "{said}");
    // Every item twice as large as the one before it, were it unfolded.
    let mut bomb = b"]q\0".to_vec();
    for level in 0..200u8 {
        bomb.extend([b'h', level, b'h', level, 0x86, b'q', level + 1, b'K', 1, 0x86]);
    }
    bomb.push(b'.');
    assert!(decoded(&bomb).contains("1 rejected"));
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        rows in prop::collection::vec(("[a-zA-Z0-9._ -]{1,20}", 0i64..9_999_999_999, any::<f64>()), 0..40),
    ) {
        let (mut batch, mut wanted) = (Batch::new(), Vec::new());
        let report = Decoder::default().message(&pickle(&rows), &Context::at(5), &mut batch);
        for (path, time, value) in rows.iter().filter(|(_, _, value)| value.is_finite()) {
            wanted.push((path.clone(), time * 1000, *value));
        }
        let nan = rows.iter().filter(|(_, _, value)| value.is_nan()).count() as u64;
        prop_assert_eq!((report.accepted, report.skipped), (wanted.len() as u64, nan));
        let mut seen = Vec::new();
        for rows in batch.groups() {
            for (slot, value) in rows.slots.iter().zip(rows.values) {
                seen.push((batch.dictionary.labels(*slot).name().to_owned(), rows.time_ms, *value));
            }
        }
        prop_assert_eq!(seen, wanted);
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        decoded(&bytes);
        decode(&bytes, &Context::at(0), &mut Batch::new());
    }
}
