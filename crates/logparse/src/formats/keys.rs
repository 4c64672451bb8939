//! Names under which lines of keys and values tell our fields.

mod seen;

pub(crate) use seen::{Meaning, Seen};

use super::FormatError;
use crate::field::Field;

/// Names in lower case without `_`, `-` and `.`, with the seconds of a unit where they are times.
const KNOWN: &[(&str, Field, f64)] = &[
    ("request", Field::Request, 1.0),
    ("requestline", Field::Request, 1.0),
    ("method", Field::Method, 1.0),
    ("requestmethod", Field::Method, 1.0),
    ("httpmethod", Field::Method, 1.0),
    ("verb", Field::Method, 1.0),
    ("url", Field::Url, 1.0),
    ("uri", Field::Url, 1.0),
    ("path", Field::Url, 1.0),
    ("requesturi", Field::Url, 1.0),
    ("requesturl", Field::Url, 1.0),
    ("requestpath", Field::Url, 1.0),
    ("urlpath", Field::Url, 1.0),
    ("protocol", Field::Protocol, 1.0),
    ("proto", Field::Protocol, 1.0),
    ("serverprotocol", Field::Protocol, 1.0),
    ("requestprotocol", Field::Protocol, 1.0),
    ("httpversion", Field::Protocol, 1.0),
    ("status", Field::Status, 1.0),
    ("statuscode", Field::Status, 1.0),
    ("httpstatus", Field::Status, 1.0),
    ("responsestatus", Field::Status, 1.0),
    ("responsecode", Field::Status, 1.0),
    ("downstreamstatus", Field::Status, 1.0),
    ("code", Field::Status, 1.0),
    ("bytes", Field::Bytes, 1.0),
    ("size", Field::Bytes, 1.0),
    ("bytessent", Field::Bytes, 1.0),
    ("bodybytessent", Field::Bytes, 1.0),
    ("responsesize", Field::Bytes, 1.0),
    ("responsebytes", Field::Bytes, 1.0),
    ("downstreamcontentsize", Field::Bytes, 1.0),
    ("requesttime", Field::RequestTime, 1.0),
    ("responsetime", Field::RequestTime, 1.0),
    ("duration", Field::RequestTime, 1.0),
    ("latency", Field::RequestTime, 1.0),
    ("elapsed", Field::RequestTime, 1.0),
    ("took", Field::RequestTime, 1.0),
    ("durations", Field::RequestTime, 1.0),
    ("durationms", Field::RequestTime, 1e-3),
    ("latencyms", Field::RequestTime, 1e-3),
    ("elapsedms", Field::RequestTime, 1e-3),
    ("requesttimems", Field::RequestTime, 1e-3),
    ("responsetimems", Field::RequestTime, 1e-3),
    ("tookms", Field::RequestTime, 1e-3),
    ("durationus", Field::RequestTime, 1e-6),
    ("durationns", Field::RequestTime, 1e-9),
    ("upstreamresponsetime", Field::UpstreamTime, 1.0),
    ("upstreamtime", Field::UpstreamTime, 1.0),
    ("upstreamstatus", Field::UpstreamStatus, 1.0),
    ("upstreamaddr", Field::UpstreamAddr, 1.0),
    ("upstreamcachestatus", Field::Cache, 1.0),
    ("cachestatus", Field::Cache, 1.0),
    ("cache", Field::Cache, 1.0),
];

/// Longest key that can be one of ours, in bytes.
const KEY_BYTES_MAX: usize = 64;

/// A key that somebody chose for a field.
#[derive(Debug)]
struct Chosen {
    key: Vec<u8>,
    field: Field,
    unit: f64,
}

/// Which keys are fields.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    chosen: Vec<Chosen>,
}

impl Keys {
    /// `url=request.path request_time=took:ms`: keys for fields, which then have no other.
    pub(super) fn parse(text: &str) -> Result<Self, FormatError> {
        let mut keys = Self::default();
        for word in text.split_ascii_whitespace() {
            let at = word.as_ptr() as usize - text.as_ptr() as usize;
            let wrong = |why: String| FormatError::new(at, why);
            let (name, key) = word
                .split_once('=')
                .ok_or_else(|| wrong(format!("`{word}` is not FIELD=KEY or FIELD=KEY:UNIT")))?;
            let field = Field::parse(name).ok_or_else(|| wrong(unknown_field(name)))?;
            let (key, unit) = match key.rsplit_once(':').filter(|_| field.is_time()) {
                Some((key, unit)) => (key, unit_seconds(unit).ok_or_else(|| wrong(unknown_unit(unit)))?),
                None => (key, 1.0),
            };
            keys.chosen.push(Chosen { key: key.as_bytes().to_vec(), field, unit });
        }
        Ok(keys)
    }

    /// The field of a key, and how many seconds its unit has. `path` is the key with those it lies in, `a.b.c`.
    pub(super) fn find(&self, path: &[u8], key: &[u8]) -> Meaning {
        if let Some(chosen) = self.chosen.iter().find(|chosen| chosen.key == path || chosen.key == key) {
            return Some((chosen.field, chosen.unit));
        }
        let mut plain = [0; KEY_BYTES_MAX];
        let known = known(simplified(key, &mut plain)?)?;
        self.chosen.iter().all(|chosen| chosen.field != known.0).then_some(known)
    }
}

fn known(name: &[u8]) -> Meaning {
    let row = KNOWN.iter().find(|(known, ..)| known.as_bytes() == name);
    row.map(|(_, field, unit)| (*field, *unit))
}

/// Lower case, without `_`, `-` and `.`.
fn simplified<'a>(key: &[u8], out: &'a mut [u8; KEY_BYTES_MAX]) -> Option<&'a [u8]> {
    let mut len = 0;
    for byte in key.iter().filter(|byte| !matches!(byte, b'_' | b'-' | b'.' | b'@')) {
        *out.get_mut(len)? = byte.to_ascii_lowercase();
        len += 1;
    }
    Some(&out[..len])
}

/// Seconds of a unit.
pub(crate) fn unit_seconds(unit: &str) -> Option<f64> {
    match unit {
        "s" => Some(1.0),
        "ms" => Some(1e-3),
        "us" => Some(1e-6),
        "ns" => Some(1e-9),
        _ => None,
    }
}

pub(super) fn unknown_field(name: &str) -> String {
    let all: Vec<&str> = Field::ALL.into_iter().map(Field::as_str).collect();
    format!("`{name}` is none of {}", all.join(", "))
}

pub(super) fn unknown_unit(unit: &str) -> String {
    format!("`{unit}` is not s, ms, us or ns")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_recognised_however_they_are_written() {
        let keys = Keys::default();
        for (key, wanted) in [
            ("status", Some((Field::Status, 1.0))),
            ("Status-Code", Some((Field::Status, 1.0))),
            ("http.request.method", None),
            ("requestMethod", Some((Field::Method, 1.0))),
            ("duration_ms", Some((Field::RequestTime, 1e-3))),
            ("user", None),
        ] {
            assert_eq!(keys.find(key.as_bytes(), key.as_bytes()), wanted, "{key}");
        }
    }

    #[test]
    fn chosen_keys_replace_the_known_ones() {
        let keys = Keys::parse("url=req.path request_time=t:ms").unwrap();
        assert_eq!(keys.find(b"req.path", b"path"), Some((Field::Url, 1.0)));
        assert_eq!(
            (keys.find(b"url", b"url"), keys.find(b"t", b"t")),
            (None, Some((Field::RequestTime, 1e-3)))
        );
        for (text, wanted) in [
            ("url", "at byte 0: `url` is not FIELD=KEY"),
            ("a=b", "is none of"),
            ("url=x request_time=t:h", "at byte 6: `h` is not s"),
        ] {
            assert!(Keys::parse(text).unwrap_err().to_string().contains(wanted), "{text}");
        }
    }
}
