//! Prometheus remote write 1.0.

use super::http::Poster;
use super::{Kind, Target, url};
use crate::output::{Failure, Output, Sent};
use model::Batch;
use snap::raw;
use std::sync::Arc;
use wire::protocols::remote_write::Encoder;

/// The row in the table.
pub(super) const KIND: Kind = Kind {
    name: "remote_write",
    summary: "Prometheus remote write 1.0: Prometheus, Mimir, VictoriaMetrics, Thanos and many more",
    address: "http://HOST:9090/api/v1/write",
    forms: &[],
    rows_max: 5000,
    make,
};

struct RemoteWrite {
    poster: Poster,
    encoder: Encoder,
    message: Vec<u8>,
    packed: Vec<u8>,
    packer: raw::Encoder,
}

fn make(target: Target) -> Result<Box<dyn Output>, String> {
    let url = url(&target.address, "/api/v1/write")?;
    Ok(Box::new(RemoteWrite {
        poster: Poster::new(url, target.token, target.net, target.timeout),
        encoder: Encoder::new(target.utf8),
        message: Vec::new(),
        packed: Vec::new(),
        packer: raw::Encoder::new(),
    }))
}

const HEADERS: &[(&str, &str)] = &[
    ("Content-Type", "application/x-protobuf"),
    ("Content-Encoding", "snappy"),
    ("X-Prometheus-Remote-Write-Version", "0.1.0"),
    ("User-Agent", concat!("windhover/", env!("CARGO_PKG_VERSION"))),
];

impl Output for RemoteWrite {
    fn send(&mut self, batch: &Batch) -> Result<Sent, Failure> {
        self.message.clear();
        self.encoder.encode(batch, &mut self.message);
        self.packed.resize(raw::max_compress_len(self.message.len()), 0);
        let len = self.packer.compress(&self.message, &mut self.packed);
        let len = len.map_err(|_| Failure::TooLarge)?;
        self.poster.post(HEADERS, &self.packed[..len], &[])?;
        Ok(Sent { bytes: len as u64, left_out: 0 })
    }

    fn interrupt(&self) -> Arc<dyn Fn() + Send + Sync> {
        self.poster.interrupt()
    }
}
