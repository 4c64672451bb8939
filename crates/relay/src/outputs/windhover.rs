//! Another Windhover server or relay, by the native protocol. Its stream lives as long as all goes well: after a failure
//! a new one begins, and what it repeats is the same samples at the same times, which the server knows.

use super::http::Poster;
use super::{Kind, Target, url};
use crate::output::{Failure, Output, Sent};
use model::Batch;
use std::sync::Arc;
use stdx::random::Random;
use wire::protocols::native::{AgentId, Encoder, Header};

/// The row in the table.
pub(super) const KIND: Kind = Kind {
    name: "windhover",
    summary: "Another Windhover server or relay",
    address: "http://HOST:9463",
    forms: &[],
    rows_max: 20_000,
    make,
};

struct Windhover {
    poster: Poster,
    random: Random,
    host: String,
    agent: AgentId,
    /// The stream, and how many of its frames the server has.
    stream: u64,
    frames: u64,
    encoder: Encoder,
    body: Vec<u8>,
}

fn make(mut target: Target) -> Result<Box<dyn Output>, String> {
    let url = url(&target.address, "/api/v1/native")?;
    let mut agent = [0; 16];
    agent[..8].copy_from_slice(&target.random.next_u64().to_le_bytes());
    agent[8..].copy_from_slice(&target.random.next_u64().to_le_bytes());
    Ok(Box::new(Windhover {
        poster: Poster::new(url, target.token, target.net, target.timeout),
        stream: target.random.next_u64(),
        random: target.random,
        host: target.host,
        agent: AgentId(agent),
        frames: 0,
        encoder: Encoder::new(),
        body: Vec::new(),
    }))
}

impl Windhover {
    fn begin_anew(&mut self) {
        self.encoder.clear();
        self.stream = self.random.next_u64();
        self.frames = 0;
    }

    /// Sends rows from `row` on, as far as the stream has room; gives where it stopped.
    fn send_from(&mut self, batch: &Batch, row: usize) -> Result<usize, Failure> {
        self.body.clear();
        let header = Header { agent: self.agent, stream: self.stream, first: self.frames, host: &self.host };
        header.encode(&mut self.body);
        let progress = self.encoder.encode(batch, row, &mut self.body);
        if progress.rows == row {
            self.begin_anew();
            return Ok(row);
        }
        let headers = [("Content-Type", "application/x-windhover")];
        let answer = self.poster.post(&headers, &self.body, &[409])?;
        let wanted = self.frames + progress.frames;
        if answer.status == 409 || !answer.body.replace(' ', "").contains(&format!("\"next\":{wanted}")) {
            let words: String = answer.body.chars().filter(|c| !c.is_control()).take(200).collect();
            return Err(Failure::Later(format!("the server wants the stream anew: {words}"), None));
        }
        self.frames = wanted;
        Ok(progress.rows)
    }
}

impl Output for Windhover {
    fn send(&mut self, batch: &Batch) -> Result<Sent, Failure> {
        let (mut row, mut bytes) = (0, 0);
        while row < batch.len() {
            row = self.send_from(batch, row).inspect_err(|_| self.begin_anew())?;
            bytes += self.body.len() as u64;
        }
        Ok(Sent { bytes, left_out: 0 })
    }

    fn interrupt(&self) -> Arc<dyn Fn() + Send + Sync> {
        self.poster.interrupt()
    }
}
