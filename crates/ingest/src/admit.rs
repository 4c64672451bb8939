//! The way of one body: decode it with what the doors know, give the batch to the sink, count what became of it.

use crate::doors::Doors;
use crate::http::HttpPush;
use crate::{query, senders};
use model::{Batch, Position, PushError, Report};
use wire::protocols::{Protocol, remote_write};
use wire::{Context, TimeUnit};

/// What an administrator may choose.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Series from Prometheus without a label `host` get it from `instance`, without the port.
    pub host_from_instance: bool,
    /// Open-Falcon times are floored to the item's step, but at least to this many seconds (Open-Falcon: 30).
    pub falcon_step_s_min: i64,
}

impl Default for Options {
    fn default() -> Self {
        Self { host_from_instance: true, falcon_step_s_min: wire::context::FALCON_STEP_S_MIN }
    }
}

/// What became of a body that could be read.
#[derive(Debug, Default)]
pub(crate) struct Admitted {
    /// What the decoder refused, and how many samples it made.
    pub(crate) decoded: Report,
    /// What the sink made of them; its refusals are not in `decoded`.
    pub(crate) stored: Report,
}

impl Admitted {
    /// Both reports in one: accepted by the sink, refused by either.
    pub(crate) fn total(&self) -> Report {
        let mut total = Report { accepted: 0, ..self.decoded.clone() };
        total.merge(self.stored.clone());
        total
    }
}

/// Why nothing of a body was taken.
#[derive(Debug)]
pub(crate) enum Refused {
    /// A parameter is wrong.
    BadRequest(String),
    /// The sink said no.
    Sink(PushError),
}

/// How a decoder is called; `Err` means that the body as a whole cannot be read.
pub(crate) type Decode<'d> = &'d dyn Fn(&[u8], &Context<'_>, &mut Batch) -> Report;

impl Doors {
    /// Takes a body by a protocol's own decoder.
    pub(crate) fn admit(
        &self,
        protocol: &'static Protocol,
        push: &HttpPush<'_>,
        time_unit: TimeUnit,
    ) -> Result<Admitted, Refused> {
        self.admit_by(&protocol.decode, protocol, push, time_unit)
    }

    /// Takes a body by the given decoder, counted under the protocol.
    pub(crate) fn admit_by(
        &self,
        decode: Decode<'_>,
        protocol: &'static Protocol,
        push: &HttpPush<'_>,
        time_unit: TimeUnit,
    ) -> Result<Admitted, Refused> {
        self.admit_in_context(protocol, push, time_unit, |context| {
            let mut batch = Batch::new();
            let decoded = decode(push.body, context, &mut batch);
            self.store(&batch, decoded)
        })
    }

    /// Takes a body of remote write, with what is remembered of its sender.
    pub(crate) fn admit_remembering(&self, push: &HttpPush<'_>) -> Result<Admitted, Refused> {
        self.admit_in_context(&remote_write::PROTOCOL, push, TimeUnit::default(), |context| {
            let sender = senders::key(push.peer, push.query);
            self.senders.decode(sender, push.body, context, |batch, decoded| self.store(batch, decoded))
        })
    }

    fn admit_in_context(
        &self,
        protocol: &'static Protocol,
        push: &HttpPush<'_>,
        time_unit: TimeUnit,
        take: impl FnOnce(&Context<'_>) -> Result<Admitted, Refused>,
    ) -> Result<Admitted, Refused> {
        let now_ms = self.clock.now_ms();
        let result = query::extra_labels(push.query).map_err(Refused::BadRequest).and_then(|labels| {
            let labels: Vec<(&str, &str)> = labels.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            take(&Context {
                now_ms,
                time_unit,
                falcon_step_s_min: self.options.falcon_step_s_min,
                host_default: "",
                host_from_instance: self.options.host_from_instance,
                extra_labels: &labels,
            })
        });
        self.count(protocol, push, now_ms, &result);
        result
    }

    fn store(&self, batch: &Batch, decoded: Report) -> Result<Admitted, Refused> {
        if batch.is_empty() && batch.dictionary.descriptions().is_empty() {
            return Ok(Admitted { decoded, stored: Report::default() });
        }
        let receipt = self.sink.push(batch).map_err(Refused::Sink)?;
        Ok(Admitted { decoded, stored: receipt.report })
    }

    fn count(
        &self,
        protocol: &'static Protocol,
        push: &HttpPush<'_>,
        now_ms: i64,
        result: &Result<Admitted, Refused>,
    ) {
        let Some(door) = self.door(protocol.name) else { return };
        match result {
            Ok(admitted) => door.count(push, now_ms, &admitted.total()),
            Err(Refused::BadRequest(reason)) => {
                let mut report = Report::default();
                report.reject(Position::Whole, reason);
                door.count(push, now_ms, &report);
            }
            Err(Refused::Sink(error)) => door.count_deferred(push, now_ms, error),
        }
    }
}
