//! What an administrator may choose of the statsd door.

use std::time::Duration;

/// Most quantiles that may be wanted.
pub const QUANTILES_MAX: usize = 16;
/// Most bounds of buckets that may be wanted.
pub const BOUNDS_MAX: usize = 64;

/// What an administrator may choose.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The label `host` of series without a tag of that name.
    pub host: String,
    /// Time between two flushes, which are on whole multiples of it.
    pub interval: Duration,
    /// Flushes without news after which a series is no longer told.
    pub idle_flushes: u32,
    /// Most series that come out.
    pub series_max: usize,
    /// Most memory that names, series and sketches may take before new ones are refused, in bytes.
    pub memory_bytes_max: usize,
    /// Quantiles of times, between 0 and 1, rising.
    pub quantiles: Vec<f64>,
    /// Upper bounds of cumulative buckets of times, rising; none unless wanted.
    pub bounds: Vec<f64>,
}

impl Options {
    /// The usual choices for a host.
    pub fn for_host(host: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            interval: Duration::from_secs(10),
            idle_flushes: 30,
            series_max: 10_000,
            memory_bytes_max: 32 << 20,
            quantiles: vec![0.5, 0.9, 0.95, 0.99],
            bounds: Vec::new(),
        }
    }

    /// Bounded rising lists, without which nothing else here holds.
    ///
    /// # Errors
    /// Says which of them is wrong, and why.
    pub fn check(&self) -> Result<(), String> {
        let rising = |list: &[f64]| list.windows(2).all(|pair| pair[0] < pair[1]);
        if self.interval.as_millis() == 0 {
            return Err("the interval is 0".to_owned());
        }
        if self.quantiles.len() > QUANTILES_MAX || self.bounds.len() > BOUNDS_MAX {
            return Err(format!("at most {QUANTILES_MAX} quantiles and {BOUNDS_MAX} buckets are allowed"));
        }
        if !rising(&self.quantiles) || self.quantiles.iter().any(|q| !(0.0..=1.0).contains(q)) {
            return Err("quantiles must rise, and be between 0 and 1".to_owned());
        }
        if !rising(&self.bounds) || self.bounds.iter().any(|bound| !bound.is_finite()) {
            return Err("buckets must rise".to_owned());
        }
        Ok(())
    }

    /// Buckets of a series of times, the one without a bound among them.
    pub(crate) fn buckets(&self) -> usize {
        if self.bounds.is_empty() { 0 } else { self.bounds.len() + 1 }
    }

    pub(crate) fn interval_ms(&self) -> i64 {
        i64::try_from(self.interval.as_millis()).unwrap_or(i64::MAX).max(1)
    }
}
