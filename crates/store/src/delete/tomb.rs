//! What was deleted, as the manifest keeps it.

use model::{MatchOp, Matcher, TimeRange};
use stdx::varint;

/// Samples that are gone: those in a range, of the series that match, in blocks below a number.
#[derive(Debug, Clone)]
pub(crate) struct Tomb {
    /// Blocks with this sequence number and higher ones were written later.
    pub(crate) below: u64,
    pub(crate) range: TimeRange,
    pub(crate) matchers: Vec<Matcher>,
}

/// In the order of their numbers in the format.
const OPS: [MatchOp; 4] = [MatchOp::Equal, MatchOp::NotEqual, MatchOp::Regex, MatchOp::NotRegex];

/// The content of the manifest's section.
pub(crate) fn encode(tombs: &[Tomb]) -> Vec<u8> {
    let mut out = Vec::new();
    for tomb in tombs {
        varint::write_u64(&mut out, tomb.below);
        varint::write_i64(&mut out, tomb.range.start_ms);
        varint::write_i64(&mut out, tomb.range.end_ms);
        varint::write_u64(&mut out, tomb.matchers.len() as u64);
        for matcher in &tomb.matchers {
            out.push(OPS.iter().position(|op| *op == matcher.op).unwrap_or(0) as u8);
            varint::write_bytes(&mut out, matcher.name.as_bytes());
            varint::write_bytes(&mut out, matcher.value.as_bytes());
        }
    }
    out
}

/// Reads the section.
pub(crate) fn decode(mut input: &[u8]) -> Option<Vec<Tomb>> {
    let mut tombs = Vec::new();
    while !input.is_empty() {
        let below = varint::read_u64(&mut input)?;
        let range = TimeRange::new(varint::read_i64(&mut input)?, varint::read_i64(&mut input)?);
        let mut matchers = Vec::new();
        for _ in 0..varint::read_u64(&mut input)? {
            matchers.push(read_matcher(&mut input)?);
        }
        tombs.push(Tomb { below, range, matchers });
    }
    Some(tombs)
}

fn read_matcher(input: &mut &[u8]) -> Option<Matcher> {
    let (&op, rest) = input.split_first()?;
    *input = rest;
    let name = std::str::from_utf8(varint::read_bytes(input)?).ok()?;
    let value = std::str::from_utf8(varint::read_bytes(input)?).ok()?;
    Matcher::new(name, *OPS.get(usize::from(op))?, value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tombs_come_back_and_cut_ones_are_seen() {
        let matchers = OPS.map(|op| Matcher::new("host", op, "a|b").unwrap()).to_vec();
        let tombs = [
            Tomb { below: 7, range: TimeRange::ALL, matchers: matchers.clone() },
            Tomb { below: 9, range: TimeRange::new(-5, 3), matchers: matchers[..1].to_vec() },
        ];
        let bytes = encode(&tombs);
        assert_eq!(format!("{:?}", decode(&bytes).unwrap()), format!("{tombs:?}"));
        let whole = encode(&tombs[..1]).len();
        assert!((1..bytes.len()).all(|len| len == whole || decode(&bytes[..len]).is_none()));
    }
}
