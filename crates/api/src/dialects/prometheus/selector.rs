//! PromQL's vector selector, as the doors of Prometheus take it.

use model::Matcher;

/// Reads a selector. Like Prometheus, refuses one that would match everything.
pub fn parse_selector(text: &str) -> Result<Vec<Matcher>, String> {
    let matchers = Matcher::parse_selector(text)?;
    if matchers.iter().all(|m| m.accepts("")) {
        return Err("match[] must contain at least one non-empty matcher".into());
    }
    Ok(matchers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Result<String, String> {
        let matchers = parse_selector(text)?;
        Ok(matchers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn selectors_become_matchers() {
        let cases = [
            ("up", "__name__=\"up\""),
            (" up { host = \"a\" , mode!~'b|c', } ", "__name__=\"up\" host=\"a\" mode!~\"b|c\""),
            ("{__name__=~\"node_.+\",x!=\"\"}", "__name__=~\"node_.+\" x!=\"\""),
            ("{\"a.b\", \"my label\"=`c\\d`}", "__name__=\"a.b\" my label=\"c\\\\d\""),
        ];
        for (text, wanted) in cases {
            assert_eq!(shown(text).as_deref(), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        let cases = [
            ("{}", "at least one non-empty"),
            ("{a=~\".*\"}", "at least one non-empty"),
            ("up{a}", "expected one of"),
            ("up{a=b}", "quoted value"),
            ("up{a=\"b\" c=\"d\"}", "expected `,`"),
            ("up{a=\"b", "not closed"),
            ("up{a=~\"(\"}", "bad regular expression"),
            ("up[5m]", "unexpected '['"),
        ];
        for (text, wanted) in cases {
            let error = shown(text).unwrap_err();
            assert!(error.contains(wanted), "{text}: {error}");
        }
    }
}
