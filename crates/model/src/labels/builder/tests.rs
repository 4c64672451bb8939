use super::*;
use std::collections::BTreeMap;
use stdx::random::Random;

/// Random edits, the same on a map: whatever was done, the key is that of the map.
#[test]
fn every_way_of_editing_gives_the_key_of_the_set() {
    let mut random = Random::from_seed(3);
    let long = "v".repeat(200);
    let values = ["", "1", "two", "é", &long];
    let mut builder = LabelsBuilder::default();
    for _ in 0..20_000 {
        builder.clear();
        let mut map = BTreeMap::new();
        for _ in 0..random.below(8) {
            let name = ["a", "b", "__name__", "host", "é"][random.below(5) as usize];
            let value = values[random.below(5) as usize];
            match random.below(5) {
                0 => {
                    builder.remove(name);
                    map.remove(name);
                }
                1 | 2 => {
                    builder.set(name, value);
                    map.insert(name, value);
                }
                3 if !map.contains_key(name) => {
                    builder.add_bytes(name.as_bytes(), value.as_bytes());
                    map.insert(name, value);
                }
                _ => assert!(builder.key().is_ok()),
            }
            map.retain(|_, value| !value.is_empty());
        }
        let key = builder.key().unwrap().to_vec();
        let labels = Labels::from_key(&key).unwrap();
        assert!(labels.iter().eq(map.iter().map(|(n, v)| (*n, *v))), "{labels:?} {map:?}");
        assert!(builder.pairs().eq(map.iter().map(|(n, v)| (*n, *v))));
        assert_eq!(builder.get("host"), map.get("host").copied());
    }
}

#[test]
fn bytes_are_proved_utf8_wherever_they_stand() {
    for (name, value, wanted) in [
        (&b"a"[..], &b"\xff"[..], "a"),
        (b"\xc3", b"x", "\u{fffd}"),
        // A character cut in two by the end of the value is no character.
        (b"a", b"x\xc3", "a"),
    ] {
        for before in [false, true] {
            let mut builder = LabelsBuilder::default();
            if before {
                builder.add("z", &"v".repeat(200));
            }
            builder.add_bytes(name, value);
            assert_eq!(builder.key(), Err(LabelsError::NotUtf8(wanted.to_owned())));
            assert_eq!(builder.pairs().count(), usize::from(before));
        }
    }
    // The length 128 is written 0x80 0x01: with the byte before it, that would make a character.
    let mut builder = LabelsBuilder::default();
    builder.add_bytes(b"a\xc3", "v".repeat(128).as_bytes());
    assert_eq!(builder.key(), Err(LabelsError::NotUtf8("a\u{fffd}".to_owned())));
    let mut builder = LabelsBuilder::default();
    builder.add_bytes(b"a", "v".repeat(200).as_bytes()).add_bytes("é".as_bytes(), b"1");
    assert_eq!(builder.build().unwrap().get("é"), Some("1"));
}

#[test]
fn a_label_that_is_too_long_is_named_even_after_others_went() {
    let long = "x".repeat(LABEL_VALUE_BYTES_MAX + 1);
    let mut builder = LabelsBuilder::default();
    builder.add("a", "1").add("b", &long);
    assert_eq!(builder.key(), Err(LabelsError::ValueTooLong("b".to_owned())));
    builder.remove("b");
    assert_eq!(builder.build().unwrap().to_string(), r#"{a="1"}"#);
    builder.clear();
    builder.add("b", "1").add("a", "1").add("b", "2");
    assert_eq!(builder.key(), Err(LabelsError::Duplicate("b".to_owned())));
    assert_eq!(builder.key(), Err(LabelsError::Duplicate("b".to_owned())), "and still");
}
