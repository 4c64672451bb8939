//! InfluxDB and whatever takes its lines over HTTP.

use super::http::Poster;
use super::{Kind, Target, url};
use crate::output::{Failure, Output, Sent};
use model::Batch;
use std::sync::Arc;
use wire::protocols::influx::Encoder;

/// The row in the table.
pub(super) const KIND: Kind = Kind {
    name: "influx",
    summary: "InfluxDB 1.x, 2.x and 3.x, and whatever takes its lines over HTTP",
    address: "http://HOST:8086/write?db=NAME, or …/api/v2/write?org=ORG&bucket=NAME",
    forms: &[],
    rows_max: 5000,
    make,
};

struct Influx {
    poster: Poster,
    encoder: Encoder,
    lines: Vec<u8>,
}

fn make(target: Target) -> Result<Box<dyn Output>, String> {
    let url = url(&target.address, "/write?db=windhover")?;
    let token = target.token.map(|token| if token.contains(' ') { token } else { format!("Token {token}") });
    let poster = Poster::new(url, token, target.net, target.timeout);
    Ok(Box::new(Influx { poster, encoder: Encoder::default(), lines: Vec::new() }))
}

impl Output for Influx {
    fn send(&mut self, batch: &Batch) -> Result<Sent, Failure> {
        self.lines.clear();
        let left_out = self.encoder.encode(batch, &mut self.lines);
        if !self.lines.is_empty() {
            self.poster.post(&[("Content-Type", "text/plain; charset=utf-8")], &self.lines, &[])?;
        }
        Ok(Sent { bytes: self.lines.len() as u64, left_out })
    }

    fn interrupt(&self) -> Arc<dyn Fn() + Send + Sync> {
        self.poster.interrupt()
    }
}
