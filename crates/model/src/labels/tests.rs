use super::*;

#[test]
fn order_of_adding_does_not_matter() {
    let a = Labels::from_pairs([("host", "web1"), (NAME, "load1"), ("x", "")]).unwrap();
    let b = Labels::from_pairs([(NAME, "load1"), ("host", "web1")]).unwrap();
    assert_eq!(a, b);
    assert_eq!(a.to_string(), "load1{host=\"web1\"}");
    assert_eq!((a.name(), a.host(), a.get("x"), a.len()), ("load1", "web1", None, 2));
    assert_eq!(Labels::from_key(a.key()).unwrap(), b);
}

#[test]
fn with_replaces_and_removes() {
    let a = Labels::from_pairs([("host", "web1"), (NAME, "up")]).unwrap();
    assert_eq!(a.with("host", "web2").unwrap().host(), "web2");
    assert_eq!(a.with("host", "").unwrap().to_string(), "up");
}

#[test]
fn limits_are_named() {
    let long = "x".repeat(LABEL_VALUE_BYTES_MAX + 1);
    let cases = [
        (Labels::from_pairs([("a", "1"), ("a", "2")]), LabelsError::Duplicate("a".into())),
        (Labels::from_pairs([("", "1")]), LabelsError::EmptyName),
        (Labels::from_pairs([("a", long.as_str())]), LabelsError::ValueTooLong("a".into())),
    ];
    for (got, wanted) in cases {
        assert_eq!(got.unwrap_err(), wanted);
    }
    let names: Vec<String> = (0..=LABELS_MAX).map(|i| format!("l{i}")).collect();
    let many = Labels::from_pairs(names.iter().map(|n| (n.as_str(), "v")));
    assert_eq!(many.unwrap_err(), LabelsError::TooMany(LABELS_MAX + 1));
}

#[test]
fn keys_that_are_unsorted_doubled_or_cut_are_refused() {
    let good = Labels::from_pairs([("a", "1"), ("b", "2")]).unwrap();
    for cut in 1..good.key().len() {
        if cut != 4 {
            assert!(Labels::from_key(&good.key()[..cut]).is_err(), "cut at {cut}");
        }
    }
    assert_eq!(Labels::from_key(&[1, b'b', 1, b'1', 1, b'a', 1, b'1']), Err(LabelsError::Malformed));
    assert_eq!(
        Labels::from_key(&[1, b'a', 1, b'1', 1, b'a', 1, b'1']),
        Err(LabelsError::Duplicate("a".into()))
    );
    assert_eq!(Labels::from_key(&[1, b'a', 0]), Err(LabelsError::Malformed));
}
