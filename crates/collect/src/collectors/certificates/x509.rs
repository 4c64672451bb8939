//! As much of a certificate as tells whose it is and when it is valid (RFC 5280, in DER, ITU-T X.690).

/// What matters of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The common name of its subject, else the first name of a host it is for; empty when it has neither.
    pub subject: String,
    /// When it becomes valid, in Unix seconds.
    pub begins: i64,
    /// When it expires, in Unix seconds.
    pub expires: i64,
}

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const OBJECT: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
/// A host's name among other names.
const DNS_NAME: u8 = 0x82;
const COMMON_NAME: &[u8] = &[0x55, 4, 3];
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 0x11];
/// Longest name, in bytes.
const NAME_BYTES_MAX: usize = 256;

impl Certificate {
    /// Reads a certificate at the start of `der`; `None` when there is none.
    pub fn read(der: &[u8]) -> Option<Self> {
        let mut certificate = Der(Der(der).expect(SEQUENCE)?);
        let mut signed = Der(certificate.expect(SEQUENCE)?);
        // The first version has no number.
        signed.skip_if(VERSION);
        signed.expect(INTEGER)?;
        signed.expect(SEQUENCE)?;
        let _issuer = signed.expect(SEQUENCE)?;
        let mut validity = Der(signed.expect(SEQUENCE)?);
        let (begins, expires) = (time(validity.next()?)?, time(validity.next()?)?);
        let name = common_name(signed.expect(SEQUENCE)?);
        let subject = name.or_else(|| host_name(signed)).unwrap_or_default();
        let subject = &subject[..subject.len().min(NAME_BYTES_MAX)];
        Some(Self { subject: String::from_utf8_lossy(subject).into_owned(), begins, expires })
    }
}

/// Values one after another.
#[derive(Clone, Copy)]
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The next value: its tag and its content.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, mut rest) = rest.split_first()?;
        let mut length = usize::from(first & 0x7f);
        if first & 0x80 != 0 {
            // No certificate has more than four bytes of length.
            let digits = rest.get(..length).filter(|digits| (1..=4).contains(&digits.len()))?;
            rest = &rest[digits.len()..];
            length = digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit));
        }
        let content = rest.get(..length)?;
        self.0 = &rest[length..];
        Some((tag, content))
    }

    fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, content)| content)
    }

    fn skip_if(&mut self, tag: u8) {
        if self.0.first() == Some(&tag) {
            self.next();
        }
    }
}

/// The last, which is the most particular, of the common names in a name.
fn common_name(name: &[u8]) -> Option<&[u8]> {
    let (mut parts, mut found) = (Der(name), None);
    while let Some(part) = parts.expect(SET) {
        let mut pair = Der(Der(part).expect(SEQUENCE)?);
        if pair.expect(OBJECT)? == COMMON_NAME {
            found = pair.next().map(|(_, text)| text);
        }
    }
    found
}

/// The first host among the alternative names of the subject, in what follows the subject.
fn host_name<'a>(mut rest: Der<'a>) -> Option<&'a [u8]> {
    let mut extensions = loop {
        let (tag, content) = rest.next()?;
        if tag == EXTENSIONS {
            break Der(Der(content).expect(SEQUENCE)?);
        }
    };
    while let Some(extension) = extensions.expect(SEQUENCE) {
        let mut fields = Der(extension);
        if fields.expect(OBJECT)? != ALTERNATIVE_NAMES {
            continue;
        }
        // Between the two it may say whether it is critical.
        let content = loop {
            let (tag, content) = fields.next()?;
            if tag == OCTETS {
                break content;
            }
        };
        let mut names = Der(Der(content).expect(SEQUENCE)?);
        while let Some((tag, name)) = names.next() {
            if tag == DNS_NAME {
                return Some(name);
            }
        }
    }
    None
}

/// `YYMMDDhhmmssZ` until 2049, `YYYYMMDDhhmmssZ` from 2050 on.
fn time((tag, text): (u8, &[u8])) -> Option<i64> {
    let digits = text.strip_suffix(b"Z")?;
    let number = |digits: &[u8]| crate::text::number(digits).map(|number| number as i64);
    let (year, rest) = match tag {
        UTC_TIME if digits.len() == 12 => {
            let year = number(&digits[..2])?;
            (if year < 50 { 2000 + year } else { 1900 + year }, &digits[2..])
        }
        GENERALIZED_TIME if digits.len() == 14 => (number(&digits[..4])?, &digits[4..]),
        _ => return None,
    };
    let mut pairs = rest.chunks(2).map(number);
    let mut next = || pairs.next().flatten();
    let (month, day, hour, minute, second) = (next()?, next()?, next()?, next()?, next()?);
    let is_date = (1..=12).contains(&month) && (1..=31).contains(&day);
    let is_time = hour < 24 && minute < 60 && second < 61;
    (is_date && is_time).then(|| days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

/// Days since 1970 of a date of the Gregorian calendar: years are taken to begin in March, so that the day that
/// leap years have more is their last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_both_forms_are_unix_times() {
        let cases: [(u8, &[u8], Option<i64>); 9] = [
            (UTC_TIME, b"700101000000Z", Some(0)),
            (UTC_TIME, b"000229120000Z", Some(951_825_600)),
            (UTC_TIME, b"491231235959Z", Some(2_524_607_999)),
            (UTC_TIME, b"500101000000Z", Some(-631_152_000)),
            (GENERALIZED_TIME, b"20500101000000Z", Some(2_524_608_000)),
            (GENERALIZED_TIME, b"99991231235959Z", Some(253_402_300_799)),
            (UTC_TIME, b"701301000000Z", None),
            (UTC_TIME, b"7001010000Z", None),
            (INTEGER, b"700101000000Z", None),
        ];
        for (tag, text, seconds) in cases {
            assert_eq!(time((tag, text)), seconds, "{}", String::from_utf8_lossy(text));
        }
    }
}
