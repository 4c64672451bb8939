//! NATS: each batch is a message of lines on a subject. The server's answer to a ping tells that it has them.

use super::tcp::Line;
use super::text::{FORMS, Lines};
use super::{Kind, Target};
use crate::output::{Failure, Output, Sent};
use model::Batch;
use std::sync::Arc;

/// The row in the table.
pub(super) const KIND: Kind = Kind {
    name: "nats",
    summary: "A subject of NATS, with lines in Influx's or Graphite's dialect",
    address: "nats://HOST:4222/SUBJECT",
    forms: FORMS,
    rows_max: 2000,
    make,
};

/// Longest line that a server says, in bytes: its greeting tells of all its peers.
const LINE_BYTES_MAX: usize = 64 << 10;

struct Nats {
    line: Line,
    subject: String,
    token: Option<String>,
    lines: Lines,
    /// Longest message that the server takes, in bytes.
    payload_bytes_max: usize,
    input: Vec<u8>,
    payload: Vec<u8>,
    bytes: Vec<u8>,
}

fn make(target: Target) -> Result<Box<dyn Output>, String> {
    let rest = target.address.strip_prefix("nats://").unwrap_or(&target.address);
    let (address, subject) = rest.split_once('/').unwrap_or((rest, "windhover.samples"));
    let is_subject =
        !subject.is_empty() && !subject.contains(|c: char| c.is_whitespace() || c == '*' || c == '>');
    if !is_subject {
        return Err(format!("`{subject}` is no subject to publish on"));
    }
    Ok(Box::new(Nats {
        line: Line::new(address, 4222, &target.net, target.timeout)?,
        subject: subject.to_owned(),
        token: target.token,
        lines: Lines::new(&target.form, &target.template)?,
        payload_bytes_max: 1 << 20,
        input: Vec::new(),
        payload: Vec::new(),
        bytes: Vec::new(),
    }))
}

impl Nats {
    /// Reads the next line that the server says.
    fn hear(&mut self) -> Result<String, Failure> {
        let mut buffer = [0; 4096];
        loop {
            if let Some(end) = self.input.iter().position(|byte| *byte == b'\n') {
                let line = String::from_utf8_lossy(&self.input[..end]).trim().to_owned();
                self.input.drain(..=end);
                return Ok(line);
            }
            if self.input.len() > LINE_BYTES_MAX {
                self.line.close();
                return Err(Failure::Later("it says a line without end".to_owned(), None));
            }
            let len = self.line.read(&mut buffer)?;
            self.input.extend_from_slice(&buffer[..len]);
        }
    }

    fn greet(&mut self) -> Result<(), Failure> {
        self.input.clear();
        self.line.write(b"")?;
        let info = self.hear()?;
        if !info.starts_with("INFO ") {
            self.line.close();
            return Err(Failure::Later("this is no NATS server".to_owned(), None));
        }
        let max = info.split_once("\"max_payload\":").map(|(_, rest)| rest.trim_start());
        let digits = max.map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
        self.payload_bytes_max = digits.and_then(|text| text.parse().ok()).unwrap_or(1 << 20);
        let plain = |text: &String| text.replace(['"', '\\'], "");
        let token = self.token.as_ref().map(|token| format!(",\"auth_token\":\"{}\"", plain(token)));
        let connect = format!(
            "CONNECT {{\"verbose\":false,\"pedantic\":false,\"name\":\"windhover\",\"lang\":\"rust\",\"version\":\"{}\"{}}}\r\n",
            env!("CARGO_PKG_VERSION"),
            token.unwrap_or_default()
        );
        self.line.write(connect.as_bytes())
    }

    fn wait_for_pong(&mut self) -> Result<(), Failure> {
        loop {
            match self.hear()?.as_str() {
                "PONG" => return Ok(()),
                "PING" => self.line.write(b"PONG\r\n")?,
                line if line.starts_with("-ERR") => {
                    self.line.close();
                    return Err(Failure::Later(format!("the server says {line}"), None));
                }
                _ => {}
            }
        }
    }
}

impl Output for Nats {
    fn send(&mut self, batch: &Batch) -> Result<Sent, Failure> {
        self.payload.clear();
        let left_out = self.lines.encode(batch, &mut self.payload);
        if self.payload.is_empty() {
            return Ok(Sent { bytes: 0, left_out });
        }
        if !self.line.is_alive() {
            self.line.close();
        }
        if !self.line.is_open() {
            self.greet()?;
        }
        if self.payload.len() > self.payload_bytes_max {
            return Err(Failure::TooLarge);
        }
        self.bytes.clear();
        self.bytes.extend_from_slice(format!("PUB {} {}\r\n", self.subject, self.payload.len()).as_bytes());
        self.bytes.extend_from_slice(&self.payload);
        self.bytes.extend_from_slice(b"\r\nPING\r\n");
        self.line.write(&self.bytes)?;
        self.wait_for_pong()?;
        Ok(Sent { bytes: self.bytes.len() as u64, left_out })
    }

    fn interrupt(&self) -> Arc<dyn Fn() + Send + Sync> {
        self.line.interrupt()
    }
}
