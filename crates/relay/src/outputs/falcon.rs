//! Open-Falcon's transfer: its HTTP push, or its JSON-RPC.

use super::http::Poster;
use super::tcp::Line;
use super::{Kind, Target, url};
use crate::output::{Failure, Output, Sent};
use model::Batch;
use std::sync::Arc;
use wire::protocols::falcon::Encoder;

/// The row in the table.
pub(super) const KIND: Kind = Kind {
    name: "falcon",
    summary: "Open-Falcon's transfer, or Nightingale",
    address: "http://HOST:6060/api/push, or HOST:8433 with form = \"rpc\"",
    forms: &["http", "rpc"],
    // As many as the original takes at a time.
    rows_max: 200,
    make,
};

struct Falcon {
    way: Way,
    encoder: Encoder,
    body: Vec<u8>,
}

enum Way {
    Http(Box<Poster>),
    Rpc(Line, u64),
}

fn make(target: Target) -> Result<Box<dyn Output>, String> {
    let way = match target.form.as_str() {
        "rpc" => Way::Rpc(Line::new(&target.address, 8433, &target.net, target.timeout)?, 0),
        _ => Way::Http(Box::new(Poster::new(
            url(&target.address, "/api/push")?,
            target.token,
            target.net,
            target.timeout,
        ))),
    };
    Ok(Box::new(Falcon { way, encoder: Encoder::new(&target.host, target.step_s), body: Vec::new() }))
}

impl Output for Falcon {
    fn send(&mut self, batch: &Batch) -> Result<Sent, Failure> {
        self.body.clear();
        let left_out = match &mut self.way {
            Way::Http(poster) => {
                let left_out = self.encoder.encode(batch, &mut self.body);
                poster.post(&[("Content-Type", "application/json")], &self.body, &[])?;
                left_out
            }
            Way::Rpc(line, id) => {
                *id += 1;
                self.body.extend_from_slice(b"{\"method\":\"Transfer.Update\",\"params\":[");
                let left_out = self.encoder.encode(batch, &mut self.body);
                self.body.extend_from_slice(format!("],\"id\":{id}}}\n").as_bytes());
                line.write(&self.body)?;
                answer(line)?;
                left_out
            }
        };
        Ok(Sent { bytes: self.body.len() as u64, left_out })
    }

    fn interrupt(&self) -> Arc<dyn Fn() + Send + Sync> {
        match &self.way {
            Way::Http(poster) => poster.interrupt(),
            Way::Rpc(line, _) => line.interrupt(),
        }
    }
}

/// Reads one answer: a JSON object that ends with its line.
fn answer(line: &mut Line) -> Result<(), Failure> {
    let (mut text, mut buffer) = (Vec::new(), [0; 1024]);
    while !text.contains(&b'\n') {
        let len = line.read(&mut buffer)?;
        text.extend_from_slice(&buffer[..len]);
        if text.len() > 64 << 10 {
            line.close();
            return Err(Failure::Later("the answer has no end".to_owned(), None));
        }
    }
    let text = String::from_utf8_lossy(&text).replace(' ', "");
    if text.contains("\"error\":null") || !text.contains("\"error\"") {
        return Ok(());
    }
    line.close();
    Err(Failure::Later(
        format!("transfer answered {}", text.trim().chars().take(200).collect::<String>()),
        None,
    ))
}
