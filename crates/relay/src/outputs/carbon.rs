//! Carbon: lines, or pickles, over TCP.

use super::tcp::{DOUBT, Line};
use super::{Kind, Target};
use crate::output::{Failure, Output, Sent};
use model::Batch;
use std::sync::Arc;
use std::time::Duration;
use wire::protocols::graphite::{Encoder, Template};

/// The row in the table.
pub(super) const LINE: Kind = Kind {
    name: "carbon",
    summary: "Carbon and whatever takes Graphite's lines over TCP",
    address: "HOST:2003",
    forms: &[],
    rows_max: 5000,
    make: |target| make(target, 2003, Encoder::lines),
};

/// The row in the table.
pub(super) const PICKLE: Kind = Kind {
    name: "carbon_pickle",
    summary: "Carbon by its pickle port, which costs it less than lines",
    address: "HOST:2004",
    forms: &[],
    // Carbon's own relay sends 500, and a frame may have 1 MiB.
    rows_max: 1000,
    make: |target| make(target, 2004, Encoder::pickle),
};

struct Carbon {
    line: Line,
    encoder: Encoder,
    encode: fn(&mut Encoder, &Batch, &mut Vec<u8>) -> u64,
    bytes: Vec<u8>,
}

fn make(
    target: Target,
    port: u16,
    encode: fn(&mut Encoder, &Batch, &mut Vec<u8>) -> u64,
) -> Result<Box<dyn Output>, String> {
    let template = match target.template.as_str() {
        "" => Template::default(),
        text => Template::parse(text)?,
    };
    // Carbon's settings say `host:port:instance`; the instance matters on the ring only.
    let address = match target.address.matches(':').count() {
        2 if !target.address.starts_with('[') => {
            target.address.rsplit_once(':').map_or("", |(address, _)| address)
        }
        _ => target.address.as_str(),
    };
    Ok(Box::new(Carbon {
        line: Line::new(address, port, &target.net, target.timeout)?,
        encoder: Encoder::new(template),
        encode,
        bytes: Vec::new(),
    }))
}

impl Output for Carbon {
    fn send(&mut self, batch: &Batch) -> Result<Sent, Failure> {
        self.bytes.clear();
        let left_out = (self.encode)(&mut self.encoder, batch, &mut self.bytes);
        self.line.write(&self.bytes)?;
        Ok(Sent { bytes: self.bytes.len() as u64, left_out })
    }

    fn doubt(&self) -> Duration {
        DOUBT
    }

    fn is_alive(&mut self) -> bool {
        self.line.is_alive()
    }

    fn interrupt(&self) -> Arc<dyn Fn() + Send + Sync> {
        self.line.interrupt()
    }
}
