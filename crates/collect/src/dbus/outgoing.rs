//! Method calls as bytes.

const METHOD_CALL: u8 = 1;
/// Nothing is started for the sake of our question.
const NO_AUTO_START: u8 = 2;
const VERSION: u8 = 1;

/// A call of a method whose arguments are texts.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// Who is asked.
    pub destination: &'a str,
    /// Which of its objects.
    pub path: &'a str,
    /// Interface of the method.
    pub interface: &'a str,
    /// The method.
    pub member: &'a str,
    /// What is given to it.
    pub arguments: &'a [&'a str],
}

impl Call<'_> {
    /// The message, little endian.
    pub(super) fn encode(&self, serial: u32) -> Vec<u8> {
        let mut body = Vec::new();
        self.arguments.iter().for_each(|text| string(&mut body, text));
        let mut fields = Vec::new();
        for (code, kind, text) in [
            (1, b'o', self.path),
            (2, b's', self.interface),
            (3, b's', self.member),
            (6, b's', self.destination),
        ] {
            pad(&mut fields, 8);
            fields.extend_from_slice(&[code, 1, kind, 0]);
            string(&mut fields, text);
        }
        if !self.arguments.is_empty() {
            pad(&mut fields, 8);
            fields.extend_from_slice(&[8, 1, b'g', 0, self.arguments.len() as u8]);
            fields.extend(self.arguments.iter().map(|_| b's'));
            fields.push(0);
        }
        let mut message = vec![b'l', METHOD_CALL, NO_AUTO_START, VERSION];
        for number in [body.len() as u32, serial, fields.len() as u32] {
            message.extend_from_slice(&number.to_le_bytes());
        }
        message.extend_from_slice(&fields);
        pad(&mut message, 8);
        message.extend_from_slice(&body);
        message
    }
}

fn string(to: &mut Vec<u8>, text: &str) {
    pad(to, 4);
    to.extend_from_slice(&(text.len() as u32).to_le_bytes());
    to.extend_from_slice(text.as_bytes());
    to.push(0);
}

// Both parts begin at a multiple of 8, so that places in them are places in the message.
fn pad(to: &mut Vec<u8>, alignment: usize) {
    to.resize(to.len().next_multiple_of(alignment), 0);
}
