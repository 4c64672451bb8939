//! What a certificate says of itself: from when to when it is valid, whom it names, who signed it. A walk through its DER
//! (X.690) along the path of RFC 5280, 4.1, and nothing else: no signature is looked at here.

/// What a certificate says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Valid from, in Unix seconds.
    pub not_before_s: i64,
    /// Valid up to and with, in Unix seconds.
    pub not_after_s: i64,
    /// The common name of its holder, else the first host it is for, else its organisation; "" when it has none of them.
    pub subject: String,
    /// The common name of who signed it, else its organisation.
    pub issuer: String,
}

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const OID: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
/// A host's name among other names (RFC 5280, 4.2.1.6).
const DNS_NAME: u8 = 0x82;
/// id-ce-subjectAltName.
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 0x11];

/// id-at-commonName.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// id-at-organizationName.
const ORGANISATION: &[u8] = &[0x55, 0x04, 0x0a];
/// Longest name kept, in characters.
const NAME_CHARS_MAX: usize = 128;

impl Certificate {
    /// Reads a certificate in DER; `None` when it is none.
    pub fn from_der(der: &[u8]) -> Option<Self> {
        let mut certificate = Der(der).enter(SEQUENCE)?;
        let mut signed = certificate.enter(SEQUENCE)?;
        if signed.tag() == Some(VERSION) {
            signed.enter(VERSION)?;
        }
        signed.enter(INTEGER)?;
        signed.enter(SEQUENCE)?;
        let issuer = Names::read(signed.enter(SEQUENCE)?);
        let mut validity = signed.enter(SEQUENCE)?;
        let (not_before_s, not_after_s) = (validity.time()?, validity.time()?);
        let subject = Names::read(signed.enter(SEQUENCE)?);
        let subject = subject.common.or_else(|| host_name(signed)).or(subject.organisation);
        Some(Self {
            not_before_s,
            not_after_s,
            subject: shown(subject),
            issuer: shown(issuer.common.or(issuer.organisation)),
        })
    }
}

/// What is left of a run of elements: tag, length, content.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    fn tag(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// The content of the next element, which must have this tag.
    fn enter(&mut self, tag: u8) -> Option<Self> {
        let (found, content) = self.next()?;
        (found == tag).then_some(Self(content))
    }

    /// The content of the next element with this tag; those before it are passed over.
    fn find(&mut self, tag: u8) -> Option<&'a [u8]> {
        loop {
            let (found, content) = self.next()?;
            if found == tag {
                return Some(content);
            }
        }
    }

    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, mut rest) = rest.split_first()?;
        let mut len = usize::from(first);
        if first >= 0x80 {
            let bytes = usize::from(first & 0x7f);
            if bytes == 0 || bytes > 4 || bytes > rest.len() {
                return None;
            }
            len = rest[..bytes].iter().fold(0, |len, &b| len << 8 | usize::from(b));
            rest = &rest[bytes..];
        }
        let content = rest.get(..len)?;
        self.0 = &rest[len..];
        Some((tag, content))
    }

    fn time(&mut self) -> Option<i64> {
        let (tag, text) = self.next()?;
        let digits = text.strip_suffix(b"Z")?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let number =
            |at: usize, len: usize| digits[at..at + len].iter().fold(0, |n, &d| n * 10 + i64::from(d - b'0'));
        match (tag, digits.len()) {
            // Two digits of a year are of 1950 to 2049 (RFC 5280, 4.1.2.5.1).
            (UTC_TIME, 12) => {
                let year = number(0, 2);
                unix_seconds(if year < 50 { 2000 + year } else { 1900 + year }, &digits[2..])
            }
            (GENERALIZED_TIME, 14) => unix_seconds(number(0, 4), &digits[4..]),
            _ => None,
        }
    }
}

/// Of month, day, hour, minute and second in two digits each.
fn unix_seconds(year: i64, digits: &[u8]) -> Option<i64> {
    let two = |at: usize| i64::from(digits[at] - b'0') * 10 + i64::from(digits[at + 1] - b'0');
    let (month, day, hour, minute, second) = (two(0), two(2), two(4), two(6), two(8));
    let is_time =
        (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second <= 60;
    is_time.then(|| days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

/// Days since 1970-01-01 in the Gregorian calendar; years are counted from March, so that leap days come last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

/// What matters of a distinguished name. Of several common names the last is the most particular.
#[derive(Default)]
struct Names<'a> {
    common: Option<&'a [u8]>,
    organisation: Option<&'a [u8]>,
}

impl<'a> Names<'a> {
    fn read(mut relative: Der<'a>) -> Self {
        let mut names = Self::default();
        while let Some(mut attributes) = relative.enter(SET) {
            while let Some(mut attribute) = attributes.enter(SEQUENCE) {
                let (Some(oid), Some((_, text))) = (attribute.enter(OID), attribute.next()) else { continue };
                match oid.0 {
                    COMMON_NAME => names.common = Some(text),
                    ORGANISATION => names.organisation = Some(text),
                    _ => {}
                }
            }
        }
        names
    }
}

/// The first host among the alternative names, in what follows the subject.
fn host_name<'a>(mut rest: Der<'a>) -> Option<&'a [u8]> {
    let mut extensions = Der(rest.find(EXTENSIONS)?).enter(SEQUENCE)?;
    while let Some(mut extension) = extensions.enter(SEQUENCE) {
        if extension.enter(OID)?.0 == ALTERNATIVE_NAMES {
            // Between the two it may say whether it is critical.
            return Der(extension.find(OCTETS)?).enter(SEQUENCE)?.find(DNS_NAME);
        }
    }
    None
}

fn shown(name: Option<&[u8]>) -> String {
    let text = String::from_utf8_lossy(name.unwrap_or_default());
    text.chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};

    fn issue(years: (i32, i32)) -> Vec<u8> {
        let mut params = CertificateParams::new(vec!["a.example".into()]).unwrap();
        params.not_before = date_time_ymd(years.0, 2, 28);
        params.not_after = date_time_ymd(years.1, 3, 1);
        params.distinguished_name.push(DnType::OrganizationName, "Kestrels");
        params.distinguished_name.push(DnType::CommonName, "a.exämple");
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn a_certificate_is_read_with_both_ways_to_write_a_time() {
        for years in [(1975, 2049), (1999, 2050), (2024, 2100), (2000, 2025)] {
            let read = Certificate::from_der(&issue(years)).unwrap();
            let at = |year: i32, month: u8, day: u8| date_time_ymd(year, month, day).unix_timestamp();
            assert_eq!((read.not_before_s, read.not_after_s), (at(years.0, 2, 28), at(years.1, 3, 1)));
            assert_eq!((read.subject.as_str(), read.issuer.as_str()), ("a.exämple", "a.exämple"));
        }
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        for (date, wanted) in [
            ((1970, 1, 1), 0),
            ((1969, 12, 31), -1),
            ((2000, 2, 29), 11_016),
            ((2000, 3, 1), 11_017),
            ((2100, 3, 1), 47_541),
        ] {
            assert_eq!(days(date.0, date.1, date.2), wanted, "{date:?}");
        }
    }

    #[test]
    fn changed_and_cut_certificates_never_panic() {
        let good = issue((2024, 2030));
        let mut random = Random::from_seed(3);
        for _ in 0..20_000 {
            let mut bytes = good.clone();
            for _ in 0..=random.below(3) {
                let at = random.below(bytes.len() as u64) as usize;
                bytes[at] = random.below(256) as u8;
            }
            bytes.truncate(1 + random.below(bytes.len() as u64) as usize);
            let _ = Certificate::from_der(&bytes);
        }
    }
}
