//! Messages: a question goes out, an answer comes in (RFC 1035, section 4). Nothing of an answer is believed: every
//! length is checked, names cannot go round in circles, and no more records are read than anyone needs.

use super::name;
use super::record::{Data, Kind, Record};
use std::fmt;

/// Most records of an answer that are read; the rest are left.
pub const RECORDS_MAX: usize = 256;
/// Length of the part before the question, in bytes.
const HEAD_BYTES: usize = 12;
/// The Internet's class, the only one in use.
const CLASS_IN: u16 = 1;
/// In the flags: this is an answer; it is from the zone's own server; it was cut; please ask others; others can be asked.
const ANSWER: u16 = 1 << 15;
const AUTHORITATIVE: u16 = 1 << 10;
const TRUNCATED: u16 = 1 << 9;
const RECURSION_DESIRED: u16 = 1 << 8;
const RECURSION_AVAILABLE: u16 = 1 << 7;

/// Why bytes are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed {
    /// What is wrong with them.
    pub reason: &'static str,
}

pub(super) fn malformed(reason: &'static str) -> Malformed {
    Malformed { reason }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason)
    }
}

/// How a server judges a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The name is there; what was asked for may still be missing.
    NoError,
    /// The server did not understand the question.
    FormErr,
    /// The server failed, or those it asked.
    ServFail,
    /// There is no such name.
    NxDomain,
    /// The server cannot do this.
    NotImp,
    /// The server does not want to.
    Refused,
    /// Another number.
    Other(u8),
}

impl Code {
    fn numbered(number: u8) -> Self {
        match number {
            0 => Self::NoError,
            1 => Self::FormErr,
            2 => Self::ServFail,
            3 => Self::NxDomain,
            4 => Self::NotImp,
            5 => Self::Refused,
            other => Self::Other(other),
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoError => f.write_str("NOERROR"),
            Self::FormErr => f.write_str("FORMERR"),
            Self::ServFail => f.write_str("SERVFAIL"),
            Self::NxDomain => f.write_str("NXDOMAIN"),
            Self::NotImp => f.write_str("NOTIMP"),
            Self::Refused => f.write_str("REFUSED"),
            Self::Other(number) => write!(f, "code {number}"),
        }
    }
}

/// An answer, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The number that question and answer share.
    pub id: u16,
    /// Whether it is an answer at all.
    pub is_answer: bool,
    /// Whether it comes from a server of the zone itself.
    pub authoritative: bool,
    /// Whether it was cut to fit into a packet.
    pub truncated: bool,
    /// Whether the server asks others for us.
    pub recursion_available: bool,
    /// How the server judges the question.
    pub code: Code,
    /// The question it answers: name, and number of the kind. Some servers leave it out when they refuse.
    pub question: Option<(String, u16)>,
    /// The records of the answer section that are of a [`Kind`] we know.
    pub answers: Vec<Record>,
}

/// Appends a question to `out`; the error is for people.
pub(super) fn encode(
    id: u16,
    name: &str,
    kind: Kind,
    recursion: bool,
    out: &mut Vec<u8>,
) -> Result<(), String> {
    let flags = if recursion { RECURSION_DESIRED } else { 0 };
    for field in [id, flags, 1, 0, 0, 0] {
        out.extend_from_slice(&field.to_be_bytes());
    }
    name::encode(name, out)?;
    out.extend_from_slice(&kind.number().to_be_bytes());
    out.extend_from_slice(&CLASS_IN.to_be_bytes());
    Ok(())
}

impl Message {
    /// Takes a message apart. It never panics, and what it allocates is bounded by the length of `bytes` times the
    /// length of a name.
    ///
    /// # Errors
    /// When the bytes are no message. One that was cut on purpose gives the records that are whole.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let field = |at: usize| u16_at(bytes, at).ok_or_else(|| malformed("shorter than a head"));
        let (id, flags, questions, answers) = (field(0)?, field(2)?, field(4)?, field(6)?);
        field(HEAD_BYTES - 2)?;
        let mut message = Self {
            id,
            is_answer: flags & ANSWER != 0,
            authoritative: flags & AUTHORITATIVE != 0,
            truncated: flags & TRUNCATED != 0,
            recursion_available: flags & RECURSION_AVAILABLE != 0,
            code: Code::numbered((flags & 15) as u8),
            question: None,
            answers: Vec::new(),
        };
        let mut at = HEAD_BYTES;
        match questions {
            0 => {}
            1 => at = message.read_question(bytes, at)?,
            _ => return Err(malformed("more than one question")),
        }
        match message.read_answers(bytes, at, answers) {
            Err(e) if !message.truncated => Err(e),
            _ => Ok(message),
        }
    }

    fn read_question(&mut self, bytes: &[u8], at: usize) -> Result<usize, Malformed> {
        let (name, at) = name::decode(bytes, at)?;
        let (kind, class) =
            u16_at(bytes, at).zip(u16_at(bytes, at + 2)).ok_or_else(|| malformed("ends early"))?;
        if class != CLASS_IN {
            return Err(malformed("a question of another class than the Internet's"));
        }
        self.question = Some((name, kind));
        Ok(at + 4)
    }

    fn read_answers(&mut self, bytes: &[u8], mut at: usize, count: u16) -> Result<(), Malformed> {
        for _ in 0..count {
            if self.answers.len() == RECORDS_MAX {
                break;
            }
            at = self.read_record(bytes, at)?;
        }
        Ok(())
    }

    /// Reads a record, which is kept when it is of a known kind; gives where the next one starts.
    fn read_record(&mut self, bytes: &[u8], at: usize) -> Result<usize, Malformed> {
        let (name, at) = name::decode(bytes, at)?;
        let early = || malformed("a record ends early");
        let field = |place: usize| u16_at(bytes, at + place).ok_or_else(early);
        let (kind, class, len) = (field(0)?, field(2)?, usize::from(field(8)?));
        let ttl_s = u32::from(field(4)?) << 16 | u32::from(field(6)?);
        let (start, end) = (at + 10, at + 10 + len);
        if end > bytes.len() {
            return Err(early());
        }
        if let Some(kind) = Kind::numbered(kind).filter(|_| class == CLASS_IN) {
            self.answers.push(Record { name, ttl_s, data: Data::decode(kind, bytes, start, end)? });
        }
        Ok(end)
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use stdx::random::Random;

    /// An answer with a chain, a pointer and a record of an unknown kind.
    fn answer() -> Vec<u8> {
        let mut bytes = Vec::new();
        encode(7, "www.example.com", Kind::A, true, &mut bytes).unwrap();
        bytes[2] |= 0x80;
        bytes[7] = 3;
        bytes.extend_from_slice(b"\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x3c\x00\x04\x01a\xc0\x10");
        bytes.extend_from_slice(b"\xc0\x2d\x00\x63\x00\x01\x00\x00\x00\x3c\x00\x01x");
        bytes.extend_from_slice(b"\xc0\x2d\x00\x01\x00\x01\x00\x01\x00\x00\x00\x04\xc0\x00\x02\x01");
        bytes
    }

    #[test]
    fn an_answer_is_taken_apart() {
        let message = Message::decode(&answer()).unwrap();
        assert_eq!((message.id, message.is_answer, message.code), (7, true, Code::NoError));
        assert_eq!(message.question, Some(("www.example.com".into(), 1)));
        let alias =
            Record { name: "www.example.com".into(), ttl_s: 60, data: Data::Cname("a.example.com".into()) };
        let address =
            Record { name: "a.example.com".into(), ttl_s: 65536, data: Data::A([192, 0, 2, 1].into()) };
        assert_eq!(message.answers, [alias, address]);
    }

    #[test]
    fn half_an_answer_is_an_error_unless_it_says_so() {
        let whole = answer();
        for len in 0..whole.len() {
            assert!(Message::decode(&whole[..len]).is_err(), "{len} bytes");
        }
        let mut cut = whole[..whole.len() - 1].to_vec();
        cut[2] |= 2;
        assert_eq!(Message::decode(&cut).unwrap().answers.len(), 1);
    }

    #[test]
    fn changed_answers_never_panic_and_stay_bounded() {
        let mut random = Random::from_seed(5);
        for _ in 0..20_000 {
            let mut bytes = answer();
            for _ in 0..=random.below(4) {
                let at = random.below(bytes.len() as u64) as usize;
                bytes[at] = random.next_u64() as u8;
            }
            if let Ok(message) = Message::decode(&bytes) {
                assert!(message.answers.len() <= RECORDS_MAX);
            }
        }
    }
}
