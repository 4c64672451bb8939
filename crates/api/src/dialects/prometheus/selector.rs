//! PromQL's vector selector, as the doors of Prometheus take it.

use model::Matcher;

/// Reads a selector. Like Prometheus, refuses one that would match everything.
pub fn parse_selector(text: &str) -> Result<Vec<Matcher>, String> {
    lang::promql::parse_selector(text)
        .map(|selector| selector.matchers)
        .map_err(|error| super::query::complaint(text, &error))
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
            (" up { host = \"a\" , mode!~'b|c', } ", "host=\"a\" mode!~\"b|c\" __name__=\"up\""),
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
            (
                "up{a}",
                "1:5: parse error: unexpected \"}\" in label matching, expected label matching operator",
            ),
            ("up{a=b}", "expected string"),
            ("up{a=\"b\" c=\"d\"}", "expected \",\" or \"}\""),
            ("up{a=\"b", "unterminated quoted string"),
            ("up{a=~\"(\"}", "bad regular expression"),
            ("up[5m]", "a selector of series only"),
        ];
        for (text, wanted) in cases {
            let error = shown(text).unwrap_err();
            assert!(error.contains(wanted), "{text}: {error}");
        }
    }
}
