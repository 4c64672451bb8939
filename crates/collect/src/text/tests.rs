use super::*;
use stdx::random::Random;

#[test]
fn lines_and_fields_survive_odd_ends() {
    let all = |text: &'static [u8]| lines(text).map(|l| fields(l).collect::<Vec<_>>()).collect::<Vec<_>>();
    assert_eq!(all(b""), Vec::<Vec<&[u8]>>::new());
    assert_eq!(all(b"a  b\t c \r\n\nd"), [vec![&b"a"[..], b"b", b"c"], vec![], vec![b"d"]]);
}

#[test]
fn numbers_are_digits_only() {
    let cases: &[(&[u8], Option<u64>)] = &[
        (b"0", Some(0)),
        (b"18446744073709551615", Some(u64::MAX)),
        (b"18446744073709551616", None),
        (b"", None),
        (b"-1", None),
        (b"1a", None),
        (b"/", None),
        (b":", None),
    ];
    for (text, wanted) in cases {
        assert_eq!(number(text), *wanted, "{}", String::from_utf8_lossy(text));
    }
    assert_eq!((signed(b"-9223372036854775808"), signed(b"-9223372036854775809")), (Some(i64::MIN), None));
    assert_eq!((signed(b"12"), signed(b"--1"), signed(b"-")), (Some(12), None, None));
    assert_eq!((hexadecimal(b"0A"), hexadecimal(b"g"), hexadecimal(b"")), (Some(10), None, None));
    let mut to = [0; 3];
    assert_eq!((numbers(b"1 2 x 4", &mut to), to), (2, [1, 2, 0]));
}

#[test]
fn decimals_are_the_nearest_float() {
    let mut random = Random::from_seed(7);
    for _ in 0..10_000 {
        let text = format!("{}.{:02}", random.below(1 << 30), random.below(100));
        assert_eq!(decimal(text.as_bytes()), text.parse().ok(), "{text}");
    }
    assert_eq!(
        (decimal(b"5"), decimal(b"5."), decimal(b".5"), decimal(b"1.x")),
        (Some(5.0), Some(5.0), None, None)
    );
}

#[test]
fn keys_are_found_in_any_order() {
    let keys = ["a", "b", "c"];
    let mut cursor = 0;
    for (key, wanted) in
        [("b", Some(1)), ("c", Some(2)), ("a", Some(0)), ("x", None), ("c", Some(2)), ("c", Some(2))]
    {
        assert_eq!(place_of(key.as_bytes(), &keys, &mut cursor), wanted, "{key}");
    }
    assert_eq!(place_of(b"a", &[], &mut 0), None);
}

#[test]
fn random_bytes_never_panic() {
    let mut random = Random::from_seed(1);
    for _ in 0..20_000 {
        let text: Vec<u8> =
            (0..random.below(40)).map(|_| b" \t\n.-0123456789abcf\xff"[random.below(20) as usize]).collect();
        for line in lines(&text) {
            for field in fields(line) {
                let _ = (number(field), signed(field), decimal(field), hexadecimal(field), trim(field));
            }
            numbers(line, &mut [0; 4]);
        }
    }
}
