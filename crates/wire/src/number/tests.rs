use super::*;
use proptest::prelude::*;

#[test]
fn finite_numbers_are_plain_decimals() {
    for (text, value) in [("1", 1.0), ("-.5", -0.5), ("1e3", 1000.0), ("+2.E-1", 0.2), ("5.", 5.0)] {
        assert_eq!(finite(text), Some(value), "{text}");
    }
    for text in ["", ".", "-", "1e", "nan", "inf", "0x10", "1_0", "1,5", " 1", "1e400", "--1"] {
        assert_eq!(finite(text), None, "{text}");
    }
}

#[test]
fn prometheus_numbers_may_be_infinite_or_nan() {
    assert_eq!(prometheus("+Inf"), Some(f64::INFINITY));
    assert_eq!(prometheus("-inf"), Some(f64::NEG_INFINITY));
    assert!(prometheus("NaN").is_some_and(f64::is_nan));
    for text in ["", "in", "Infinite", "1e999", "0x1p1", "1_0"] {
        assert_eq!(prometheus(text), None, "{text}");
    }
}

#[test]
fn go_numbers_have_hexadecimals_and_underscores() {
    for (text, value) in [
        ("12.5", 12.5),
        ("+4", 4.0),
        ("-007", -7.0),
        ("5.", 5.0),
        ("0x10p0", 16.0),
        ("0X1.8P3", 12.0),
        ("-0x.8p1", -1.0),
        ("0x_1_2.3_4_5p+1", 36.40869140625),
        ("1_23.50_0_0e+1_2", 1.235e14),
        ("0x1p-1074", f64::from_bits(1)),
        ("0x1.fffffffffffffp1023", f64::MAX),
        ("0x1.00000000000008p0", 1.0),
        ("0x1.00000000000008000000000000001p0", 1.0000000000000002),
        ("0x1.00000000000018p0", 1.0000000000000004),
        ("0x1p-1075", 0.0),
        ("0x1.8p-1075", f64::from_bits(1)),
        ("0x0p9999", 0.0),
        ("0x1p-9999", 0.0),
    ] {
        assert_eq!(go(text), Some(value), "{text}");
    }
    for text in [
        "",
        " 1",
        "1,5",
        "_1",
        "1_",
        "1__2",
        "1_.5",
        "1._5",
        "1.2.3",
        "true",
        "一",
        ".",
        "+",
        "+-1",
        "0x",
        "0x1",
        "0xp1",
        "0x1p",
        "0x1p_1",
        "Inf",
        "-inf",
        "NaN",
        "1e400",
        "0x1p1024",
        "0x1p99999999999999999999",
    ] {
        assert_eq!(go(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(value in any::<f64>().prop_filter("finite", |v| v.is_finite())) {
        for text in [format!("{value}"), format!("{value:e}")] {
            prop_assert_eq!(finite(&text), Some(value));
            prop_assert_eq!(go(&text), Some(value));
            prop_assert_eq!(prometheus(&text), Some(value));
        }
        let bits = value.to_bits();
        let (exponent, mantissa) = ((bits >> 52 & 0x7ff) as i64, bits & ((1 << 52) - 1));
        let hex = match exponent {
            0 => format!("0x{mantissa:x}p-1074"),
            _ => format!("0x1.{mantissa:013x}p{}", exponent - 1023),
        };
        prop_assert_eq!(go(&hex), Some(value.abs()));
    }

    #[test]
    fn no_text_is_too_odd(text in "[0-9a-fA-FxXpP_.+eE-]{0,40}|.{0,20}") {
        let _ = (finite(&text), go(&text), prometheus(&text));
    }
}

proptest! {
    #[test]
    fn short_numbers_are_read_as_long_ones(text in "[+-]?[0-9]{0,16}\\.?[0-9]{0,16}(e[0-9]{1,2})?") {
        prop_assert_eq!(finite_bytes(text.as_bytes()).map(f64::to_bits), finite(&text).map(f64::to_bits));
    }
}
