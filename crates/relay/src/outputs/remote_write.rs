//! Prometheus remote write, 1.0 and 2.0.

use super::http::Poster;
use super::{Kind, Target, url};
use crate::output::{Failure, Output, Sent};
use model::Batch;
use snap::raw;
use std::sync::Arc;
use wire::protocols::remote_write::{Encoder, Encoder2};

/// The row in the table.
pub(super) const KIND: Kind = Kind {
    name: "remote_write",
    summary: "Prometheus remote write: Prometheus, Mimir, VictoriaMetrics, Thanos and many more",
    address: "http://HOST:9090/api/v1/write",
    forms: &["1.0", "2.0"],
    rows_max: 5000,
    make,
};

struct RemoteWrite {
    poster: Poster,
    encoder: Version,
    message: Vec<u8>,
    packed: Vec<u8>,
    packer: raw::Encoder,
}

enum Version {
    One(Encoder),
    Two(Encoder2),
}

fn make(target: Target) -> Result<Box<dyn Output>, String> {
    let url = url(&target.address, "/api/v1/write")?;
    let encoder = match target.form.as_str() {
        "2.0" => Version::Two(Encoder2::default()),
        _ => Version::One(Encoder::new(target.utf8)),
    };
    Ok(Box::new(RemoteWrite {
        poster: Poster::new(url, target.token, target.net, target.timeout),
        encoder,
        message: Vec::new(),
        packed: Vec::new(),
        packer: raw::Encoder::new(),
    }))
}

const AGENT: (&str, &str) = ("User-Agent", concat!("windhover/", env!("CARGO_PKG_VERSION")));
const ONE: &[(&str, &str)] = &[
    ("Content-Type", "application/x-protobuf"),
    ("Content-Encoding", "snappy"),
    ("X-Prometheus-Remote-Write-Version", "0.1.0"),
    AGENT,
];
const TWO: &[(&str, &str)] = &[
    ("Content-Type", "application/x-protobuf;proto=io.prometheus.write.v2.Request"),
    ("Content-Encoding", "snappy"),
    ("X-Prometheus-Remote-Write-Version", "2.0.0"),
    AGENT,
];

impl Output for RemoteWrite {
    fn send(&mut self, batch: &Batch) -> Result<Sent, Failure> {
        self.message.clear();
        let headers = match &mut self.encoder {
            Version::One(encoder) => {
                encoder.encode(batch, &mut self.message);
                ONE
            }
            Version::Two(encoder) => {
                encoder.encode(batch, &mut self.message);
                TWO
            }
        };
        self.packed.resize(raw::max_compress_len(self.message.len()), 0);
        let len = self.packer.compress(&self.message, &mut self.packed);
        let len = len.map_err(|_| Failure::TooLarge)?;
        self.poster.post(headers, &self.packed[..len], &[])?;
        Ok(Sent { bytes: len as u64, left_out: 0 })
    }

    fn interrupt(&self) -> Arc<dyn Fn() + Send + Sync> {
        self.poster.interrupt()
    }
}
