//! The limits of a request, and how much of them is left.

use crate::{Cost, Frame, QueryError, Request, Stats};
use lang::{Error, Span};
use model::{Reading, TierChoice};
use std::time::Instant;

/// After about so many samples the clock is looked at: well below a millisecond's work.
const ASK_SAMPLES: usize = 1 << 16;
/// What a call of [`Budget::spend`] counts beside its samples.
const CALL_SAMPLES: usize = 1 << 8;

/// What a request may still take, and what it took.
pub(crate) struct Budget<'a> {
    request: &'a Request<'a>,
    started: Instant,
    held: usize,
    /// Samples counted since the clock was looked at.
    unasked: usize,
    /// What it took so far.
    pub(crate) stats: Stats,
    /// From which tiers.
    pub(crate) reading: Reading,
    /// What nodes took that were evaluated for another one; empty where none was.
    pub(super) inner: Vec<Cost>,
}

impl<'a> Budget<'a> {
    /// At the start of a request.
    pub(crate) fn new(request: &'a Request<'a>) -> Self {
        Self {
            request,
            started: Instant::now(),
            held: 0,
            unasked: 0,
            stats: Stats::default(),
            reading: Reading::default(),
            inner: Vec::new(),
        }
    }

    /// Whether it is answered as Kibana's Timelion would.
    pub(crate) fn is_compatible(&self) -> bool {
        self.request.compatible
    }

    /// From which tier is to be read.
    pub(crate) fn tier(&self) -> TierChoice {
        self.request.tier
    }

    /// Most series of one read.
    pub(crate) fn series_max(&self) -> usize {
        self.request.limits.series
    }

    /// Most buckets a read may have for itself.
    pub(crate) fn buckets_max(&self) -> usize {
        self.request.grid.buckets_max
    }

    /// Most values of one list.
    pub(crate) fn points_max(&self) -> usize {
        self.request.limits.points
    }

    /// Counts samples and asks whether to go on.
    pub(crate) fn spend(&mut self, samples: usize) -> Result<(), QueryError> {
        self.check_samples(samples as u64)?;
        self.stats.samples += samples as u64;
        // A look at the clock costs as much as many samples.
        self.unasked += samples + CALL_SAMPLES;
        if self.unasked < ASK_SAMPLES {
            return Ok(());
        }
        self.unasked = 0;
        self.go_on()
    }

    /// Whether so many samples more are allowed.
    pub(crate) fn check_samples(&self, more: u64) -> Result<(), QueryError> {
        let samples_max = self.request.limits.samples;
        if self.stats.samples + more <= samples_max {
            return Ok(());
        }
        let message = format!("The request reads more than the limit of {samples_max} samples");
        Err(limit(&message, "take a shorter range or fewer series"))
    }

    /// Whether there is time left and somebody still waits.
    pub(crate) fn go_on(&self) -> Result<(), QueryError> {
        let limits = &self.request.limits;
        if self.started.elapsed() > limits.time {
            let message =
                format!("The request takes longer than the limit of {} s", limits.time.as_secs_f64());
            return Err(limit(&message, "take a shorter range or fewer series"));
        }
        if (self.request.cancelled)() {
            return Err(limit("The request was cancelled", "ask again"));
        }
        Ok(())
    }

    /// Takes a frame into account that now lives beside the others.
    pub(super) fn hold(&mut self, frame: Frame) -> Result<Frame, QueryError> {
        self.go_on()?;
        let limits = &self.request.limits;
        let (series, values) = (frame.series.len(), frame.value_count());
        if series > limits.series {
            let message = format!("{series} series are more than the limit of {}", limits.series);
            return Err(limit(&message, "take fewer series"));
        }
        if self.held + values > limits.points {
            let message =
                format!("The request holds more than the limit of {} values at once", limits.points);
            return Err(limit(&message, "take fewer series or longer buckets"));
        }
        self.held += values;
        Ok(frame)
    }

    /// Takes into account what was read elsewhere for the same request.
    pub(crate) fn absorb(&mut self, stats: &Stats, reading: Reading) {
        self.stats.series += stats.series;
        self.stats.samples += stats.samples;
        self.stats.find_us += stats.find_us;
        self.stats.read_us += stats.read_us;
        self.reading.merge(reading);
    }

    /// Takes into account what each node took that was evaluated elsewhere.
    pub(crate) fn absorb_costs(&mut self, costs: &[Cost]) {
        self.inner.resize(self.inner.len().max(costs.len()), Cost::default());
        self.inner.iter_mut().zip(costs).for_each(|(sum, cost)| sum.add(cost));
    }

    /// Takes into account what a read took that counted for itself.
    pub(crate) fn take(&mut self, samples: u64, reading: Reading) {
        self.stats.samples += samples;
        self.reading.merge(reading);
    }

    /// Some of what was held is gone.
    pub(super) fn release(&mut self, values: usize) {
        self.held = self.held.saturating_sub(values);
    }
}

fn limit(message: &str, hint: &str) -> QueryError {
    QueryError::Limit(Error::new(Span::default(), message).hint(hint))
}
