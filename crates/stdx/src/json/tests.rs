use super::*;
use proptest::prelude::*;

/// What a reader sees, in one line: `[1,"a",{"k":null}]` comes back without white space.
fn read(input: &str) -> Result<String, String> {
    let mut reader = Reader::new(input.as_bytes());
    let mut out = String::new();
    value(&mut reader, &mut out).and_then(|()| reader.end()).map_err(|e| format!("{}: {e}", e.at))?;
    Ok(out)
}

fn value(reader: &mut Reader<'_>, out: &mut String) -> Result<(), Error> {
    match reader.peek()? {
        Kind::Null => assert!(reader.null()?),
        Kind::Bool => return reader.bool().map(|b| out.push_str(if b { "true" } else { "false" })),
        Kind::Number => return reader.number().map(|n| out.push_str(n)),
        Kind::String => return reader.string().map(|s| write_string(out, &s)),
        Kind::Array => {
            out.push('[');
            reader.array()?;
            while reader.element()? {
                value(reader, out)?;
                out.push(';');
            }
            out.push(']');
            return Ok(());
        }
        Kind::Object => {
            out.push('{');
            reader.object()?;
            while let Some(name) = reader.field()? {
                write_string(out, &name);
                out.push(':');
                value(reader, out)?;
                out.push(';');
            }
            out.push('}');
            return Ok(());
        }
    }
    out.push_str("null");
    Ok(())
}

#[test]
fn values_are_read_as_they_are() {
    for (input, seen) in [
        (" [ ] ", "[]"),
        ("{}", "{}"),
        ("[1, -0.5e+3 ,0,12.0E-1]", "[1;-0.5e+3;0;12.0E-1;]"),
        (r#"{"a":[true,false],"b":{"c":null}}"#, r#"{"a":[true;false;];"b":{"c":null;};}"#),
        (r#""\"\\\/\b\f\n\r\t\u0041\u00e9""#, "\"\\\"\\\\/\\u0008\\u000c\\n\\r\\tAé\""),
        (r#""a\ud83d\ude00b""#, "\"a😀b\""),
        (r#""\ud83d x \ude00\ud83d""#, "\"\u{fffd} x \u{fffd}\u{fffd}\""),
        ("[[],[[]],{}]", "[[];[[];];{};]"),
    ] {
        assert_eq!(read(input).as_deref(), Ok(seen), "{input}");
    }
}

#[test]
fn errors_name_the_byte() {
    for (input, error) in [
        ("", "0: ended in the middle"),
        ("[", "1: ended in the middle"),
        ("[1", "2: ended in the middle"),
        ("[1,]", "3: a comma without a value after it"),
        ("[,1]", "1: expected a value"),
        ("[1 2]", "3: expected `,` or `]`"),
        ("{1:2}", "1: expected a string"),
        (r#"{"a" 2}"#, "5: expected `:`"),
        (r#"{"a":1,}"#, "7: a comma without a value after it"),
        ("01", "1: text after the end"),
        ("-", "1: expected a digit"),
        ("1.", "2: expected a digit"),
        ("1e", "2: expected a digit"),
        ("nul", "0: expected a value"),
        ("tru", "0: expected a value"),
        ("\"a", "2: ended in the middle of a string"),
        ("\"a\nb\"", "2: a control character in a string"),
        (r#""\x""#, "1: an unknown escape in a string"),
        (r#""\u12g4""#, "1: a broken \\u escape"),
        (r#""\u12"#, "1: a broken \\u escape"),
        ("[] x", "3: text after the end"),
    ] {
        assert_eq!(read(input), Err(error.to_owned()), "{input}");
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(read(&nested(DEPTH_MAX)).is_ok());
    assert_eq!(read(&nested(DEPTH_MAX + 1)), Err(format!("{DEPTH_MAX}: nested too deep")));
    let mut reader = Reader::new(b"[[[[1,{\"a\":[]}]]],2]");
    reader.array().unwrap();
    assert!(reader.element().unwrap());
    reader.skip().unwrap();
    assert!(reader.element().unwrap());
    assert_eq!(reader.number(), Ok("2"));
}

#[test]
fn bytes_that_are_not_utf8_are_replaced() {
    let mut reader = Reader::new(b"\"a\xffb\"");
    assert_eq!(reader.string().unwrap(), "a\u{fffd}b");
    let mut reader = Reader::new(b"\"\\n\xff\"");
    assert_eq!(reader.string().unwrap(), "\n\u{fffd}");
}

proptest! {
    #[test]
    fn words_are_looked_at_as_bytes_are(text in prop::collection::vec(prop::sample::select(vec![0u8, 0x1f, 0x20, 0x21, b'"', b'#', b'[', b'\\', b'a', 0x7f, 0x80, 0x9f, 0xff]), 0..40)) {
        let plain = text.iter().position(|b| matches!(b, b'"' | b'\\' | 0..0x20)).unwrap_or(text.len());
        prop_assert_eq!(plain_len(&text), plain);
    }

    #[test]
    fn strings_come_back(text in any::<String>()) {
        let mut json = String::new();
        write_string(&mut json, &text);
        prop_assert_eq!(Reader::new(json.as_bytes()).string().unwrap(), text);
    }

    #[test]
    fn no_bytes_are_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..60), text in "[\\[\\]{}\",:0-9a-z\\\\ ]{0,40}") {
        let _ = Reader::new(&bytes).skip();
        let _ = Reader::new(text.as_bytes()).skip();
    }
}
