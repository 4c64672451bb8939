//! OpenTSDB: its HTTP put, or its telnet lines.

use super::http::Poster;
use super::tcp::{DOUBT, Line};
use super::{Kind, Target, url};
use crate::output::{Failure, Output, Sent};
use model::Batch;
use std::sync::Arc;
use std::time::Duration;
use wire::protocols::opentsdb::Encoder;

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
    encoder: Encoder,
    bytes: Vec<u8>,
}

enum Way {
    Http(Box<Poster>),
    Telnet(Line),
}

fn make(target: Target) -> Result<Box<dyn Output>, String> {
    let (way, encoder) = match target.form.as_str() {
        "telnet" => {
            let line = Line::new(&target.address, 4242, &target.net, target.timeout)?;
            (Way::Telnet(line), Encoder::lines(&target.host))
        }
        _ => {
            let url = url(&target.address, "/api/put")?;
            let poster = Poster::new(url, target.token, target.net, target.timeout);
            (Way::Http(Box::new(poster)), Encoder::json(&target.host))
        }
    };
    Ok(Box::new(OpenTsdb { way, encoder, bytes: Vec::new() }))
}

impl Output for OpenTsdb {
    fn send(&mut self, batch: &Batch) -> Result<Sent, Failure> {
        self.bytes.clear();
        let left_out = self.encoder.encode(batch, &mut self.bytes);
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
