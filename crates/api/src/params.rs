//! Query strings: percent-decoding and look-up.

/// The parameters of a request, decoded, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Reads `a=1&b=x%20y`, as a query string or a form body.
    pub fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter(|part| !part.is_empty()).map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decode(name, true), decode(value, true))
        });
        Self(pairs.collect())
    }

    /// The same from the fields of a JSON object: a list is a parameter given several times, null one not given.
    pub fn from_json(fields: &serde_json::Map<String, serde_json::Value>) -> Self {
        use serde_json::Value;
        let text = |value: &Value| match value {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        let values = |value: &Value| match value {
            Value::Array(items) => items.iter().filter_map(text).collect(),
            one => text(one).into_iter().collect::<Vec<_>>(),
        };
        let pairs = fields
            .iter()
            .flat_map(|(name, value)| values(value).into_iter().map(move |value| (name.clone(), value)));
        Self(pairs.collect())
    }

    /// The first value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// All values of a parameter.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// All of them, as names and values.
    pub fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }

    /// Adds the parameters of another.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

/// Undoes percent-encoding; broken escapes stay as they are, bytes that are not UTF-8 are replaced.
pub fn decode(text: &str, plus_is_space: bool) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut i) = (Vec::with_capacity(bytes.len()), 0);
    while i < bytes.len() {
        let hex = |at: usize| bytes.get(at).and_then(|b| (*b as char).to_digit(16));
        match (bytes[i], hex(i + 1), hex(i + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                i += 3;
                continue;
            }
            (b'+', ..) if plus_is_space => out.push(b' '),
            (byte, ..) => out.push(byte),
        }
        i += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded_and_repeatable() {
        let params = Params::parse("match%5B%5D=up&match[]=%7Ba%3D%22%C3%A9+b%22%7D&x&broken=%zz%4");
        let matches: Vec<_> = params.all("match[]").collect();
        assert_eq!(matches, ["up", "{a=\"é b\"}"]);
        assert_eq!((params.get("x"), params.get("broken"), params.get("y")), (Some(""), Some("%zz%4"), None));
        assert_eq!(decode("a+b%2F", false), "a+b/");
    }
}
