//! Names of groups and members as parts of subjects, where only some characters may stand.

/// A name as one token: other characters than letters, digits, `-` and `_` as `=` and two hexadecimal digits a byte.
pub(super) fn token(name: &str) -> String {
    let mut token = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_".contains(&byte) {
            token.push(char::from(byte));
        } else {
            token.push_str(&format!("={byte:02X}"));
        }
    }
    token
}

/// The name that a token was made of; `None` when it was not.
pub(super) fn name(token: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::with_capacity(token.len()), token.as_bytes());
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'=' {
            bytes.push(byte);
            continue;
        }
        let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &rest[2..];
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_name_is_one_token_and_comes_back(text in ".*") {
            let token = token(&text);
            prop_assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_=".contains(&b)));
            prop_assert_eq!(name(&token), Some(text));
        }
    }

    #[test]
    fn a_token_that_is_none_has_no_name() {
        for wrong in ["=", "=4", "=zz", "=FF", "a=é"] {
            assert_eq!(name(wrong), None, "{wrong}");
        }
    }
}
