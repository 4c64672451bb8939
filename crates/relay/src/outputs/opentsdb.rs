//! OpenTSDB: its HTTP put, or its telnet lines.

use super::http::Poster;
use super::tcp::{DOUBT, Line};
use super::{Kind, Target, url};
use crate::output::{Failure, Output, Sent};
use model::{Batch, Labels, NAME};
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;
use wire::Heads;

/// The row in the table.
pub(super) const KIND: Kind = Kind {
    name: "opentsdb",
    summary: "OpenTSDB, and whatever takes its HTTP put or its telnet lines",
    address: "http://HOST:4242/api/put, or HOST:4242 with form = \"telnet\"",
    forms: &["http", "telnet"],
    rows_max: 500,
    make,
};

struct OpenTsdb {
    way: Way,
    heads: Heads,
    host: String,
    bytes: Vec<u8>,
}

enum Way {
    Http(Box<Poster>),
    Telnet(Line),
}

fn make(target: Target) -> Result<Box<dyn Output>, String> {
    let way = match target.form.as_str() {
        "telnet" => Way::Telnet(Line::new(&target.address, 4242, &target.net, target.timeout)?),
        _ => Way::Http(Box::new(Poster::new(
            url(&target.address, "/api/put")?,
            target.token,
            target.net,
            target.timeout,
        ))),
    };
    Ok(Box::new(OpenTsdb { way, heads: Heads::default(), host: target.host, bytes: Vec::new() }))
}

impl OpenTsdb {
    /// Writes all finite rows; gives the number of the others.
    fn encode(&mut self, batch: &Batch) -> u64 {
        self.bytes.clear();
        let (mut left_out, mut separator) = (0, b'[');
        let (host, is_json) = (&self.host, matches!(self.way, Way::Http(_)));
        for rows in batch.groups() {
            for (&slot, &value) in rows.slots.iter().zip(rows.values) {
                if !value.is_finite() {
                    left_out += 1;
                    continue;
                }
                if is_json {
                    self.bytes.push(std::mem::replace(&mut separator, b','));
                    let head =
                        self.heads.of(&batch.dictionary, slot, |labels, out| write_json(labels, host, out));
                    self.bytes.extend_from_slice(head);
                    let _infallible =
                        write!(self.bytes, "\"timestamp\":{},\"value\":{value}}}", rows.time_ms);
                } else {
                    // `name` and `tags`, a blank between, which no name has.
                    let head =
                        self.heads.of(&batch.dictionary, slot, |labels, out| write_line(labels, host, out));
                    let cut = head.iter().position(|byte| *byte == b' ').unwrap_or(head.len());
                    self.bytes.extend_from_slice(b"put ");
                    self.bytes.extend_from_slice(&head[..cut]);
                    let _infallible = write!(self.bytes, " {} {value}", rows.time_ms);
                    self.bytes.extend_from_slice(&head[cut..]);
                    self.bytes.push(b'\n');
                }
            }
        }
        if is_json && separator == b',' {
            self.bytes.push(b']');
        }
        left_out
    }
}

/// What OpenTSDB allows in names and values.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_alphanumeric() || "-_./".contains(c) { c } else { '_' }).collect()
}

/// Labels as tags; there must be one.
fn tags(labels: &Labels, host: &str) -> Vec<(String, String)> {
    let pairs = labels.iter().filter(|(name, _)| *name != NAME);
    let mut tags: Vec<_> = pairs.map(|(name, value)| (clean(name), clean(value))).collect();
    if tags.is_empty() {
        tags.push(("host".to_owned(), clean(host)));
    }
    tags
}

fn write_json(labels: &Labels, host: &str, out: &mut Vec<u8>) {
    let tags = tags(labels, host).into_iter().map(|(name, value)| format!("\"{name}\":\"{value}\""));
    let tags = tags.collect::<Vec<_>>().join(",");
    let _infallible = write!(out, "{{\"metric\":\"{}\",\"tags\":{{{tags}}},", clean(labels.name()));
}

fn write_line(labels: &Labels, host: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(clean(labels.name()).as_bytes());
    tags(labels, host)
        .iter()
        .for_each(|(name, value)| out.extend_from_slice(format!(" {name}={value}").as_bytes()));
}

impl Output for OpenTsdb {
    fn send(&mut self, batch: &Batch) -> Result<Sent, Failure> {
        let left_out = self.encode(batch);
        if !self.bytes.is_empty() {
            match &mut self.way {
                Way::Http(poster) => {
                    poster.post(&[("Content-Type", "application/json")], &self.bytes, &[])?;
                }
                Way::Telnet(line) => line.write(&self.bytes)?,
            }
        }
        Ok(Sent { bytes: self.bytes.len() as u64, left_out })
    }

    fn doubt(&self) -> Duration {
        match self.way {
            Way::Http(_) => Duration::ZERO,
            Way::Telnet(_) => DOUBT,
        }
    }

    fn is_alive(&mut self) -> bool {
        match &mut self.way {
            Way::Http(_) => true,
            Way::Telnet(line) => line.is_alive(),
        }
    }

    fn interrupt(&self) -> Arc<dyn Fn() + Send + Sync> {
        match &self.way {
            Way::Http(poster) => poster.interrupt(),
            Way::Telnet(line) => line.interrupt(),
        }
    }
}
