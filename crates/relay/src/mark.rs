//! What the log says besides samples, in frames of its own among the native ones. A native decoder passes over them.
//!
//! ```text
//! payload := 224 start:  varint sample  rings          at the head of each segment: how many samples came before
//!          | 225 scope:  u8 kind  rest                 whom what follows is for
//!          | 226 ring:   text cluster  names           who is out of a cluster from here on; of a cluster whose members
//!                                                       register, which stands as `+name`: who is in
//! rings   := varint count  (text cluster  names){count}      names := varint count  text{count}      text := varint len, UTF-8
//! ```

use std::collections::BTreeMap;
use stdx::varint;
use wire::protocols::native::frame;

const START: u8 = 224;
const SCOPE: u8 = 225;
const RING: u8 = 226;

/// Names of clusters, and of those of their members that are out; where members register, of those that are in.
pub(crate) type Outs = BTreeMap<String, Vec<String>>;

/// Under which name it is kept who is in a cluster whose members register: a list of those who are out would need to
/// know of all who will ever come.
pub(crate) fn leased(cluster: &str) -> String {
    format!("+{cluster}")
}

/// Whom samples are for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) enum Scope {
    /// They came through a door: all rules.
    #[default]
    All,
    /// A rule made them: the rules after the one with this number.
    After(u32),
    /// Rules were applied already: the members of this cluster, by their share.
    Cluster(String),
}

/// See the module's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mark {
    /// The segment's first sample has this number; who is out as it begins.
    Start(u64, Outs),
    /// See [`Scope`].
    Scope(Scope),
    /// From here on these members of a cluster are out.
    Ring(String, Vec<String>),
}

impl Mark {
    /// Appends its frame.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        frame::write(out, |out| match self {
            Self::Start(sample, outs) => {
                out.push(START);
                varint::write_u64(out, *sample);
                varint::write_u64(out, outs.len() as u64);
                for (cluster, names) in outs {
                    varint::write_bytes(out, cluster.as_bytes());
                    write_names(out, names);
                }
            }
            Self::Scope(scope) => {
                out.push(SCOPE);
                match scope {
                    Scope::All => out.push(0),
                    Scope::After(rule) => {
                        out.push(1);
                        varint::write_u64(out, u64::from(*rule));
                    }
                    Scope::Cluster(name) => {
                        out.push(2);
                        varint::write_bytes(out, name.as_bytes());
                    }
                }
            }
            Self::Ring(cluster, names) => {
                out.push(RING);
                varint::write_bytes(out, cluster.as_bytes());
                write_names(out, names);
            }
        });
    }

    /// Reads a payload; `None` when it is no mark, or none that this version writes.
    pub(crate) fn read(payload: &[u8]) -> Option<Self> {
        let (&kind, mut rest) = payload.split_first()?;
        let rest = &mut rest;
        match kind {
            START => {
                let sample = varint::read_u64(rest)?;
                let count = varint::read_u64(rest)?;
                let mut outs = Outs::new();
                for _ in 0..count {
                    let cluster = read_text(rest)?;
                    outs.insert(cluster, read_names(rest)?);
                }
                Some(Self::Start(sample, outs))
            }
            SCOPE => {
                let (&kind, tail) = rest.split_first()?;
                *rest = tail;
                Some(Self::Scope(match kind {
                    0 => Scope::All,
                    1 => Scope::After(varint::read_u64(rest)?.try_into().ok()?),
                    2 => Scope::Cluster(read_text(rest)?),
                    _ => return None,
                }))
            }
            RING => Some(Self::Ring(read_text(rest)?, read_names(rest)?)),
            _ => None,
        }
    }
}

fn write_names(out: &mut Vec<u8>, names: &[String]) {
    varint::write_u64(out, names.len() as u64);
    names.iter().for_each(|name| varint::write_bytes(out, name.as_bytes()));
}

fn read_names(rest: &mut &[u8]) -> Option<Vec<String>> {
    let count = varint::read_u64(rest)?;
    (0..count).map(|_| read_text(rest)).collect()
}

fn read_text(rest: &mut &[u8]) -> Option<String> {
    Some(std::str::from_utf8(varint::read_bytes(rest)?).ok()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_read_back_and_whatever_else_is_none() {
        let outs = Outs::from([("c".to_owned(), vec!["a".to_owned(), "b".to_owned()])]);
        let marks = [
            Mark::Start(7, outs),
            Mark::Scope(Scope::All),
            Mark::Scope(Scope::After(3)),
            Mark::Scope(Scope::Cluster("c".to_owned())),
            Mark::Ring("c".to_owned(), Vec::new()),
        ];
        for mark in marks {
            let mut bytes = Vec::new();
            mark.write(&mut bytes);
            let payload = frame::take(&mut bytes.as_slice()).unwrap().to_vec();
            assert!(wire::protocols::native::is_apart(&payload));
            assert_eq!(Mark::read(&payload), Some(mark));
            for end in 0..payload.len() {
                assert_eq!(Mark::read(&payload[..end]), None);
            }
        }
        assert_eq!(Mark::read(&[224, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]), None);
    }
}
