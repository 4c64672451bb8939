//! Numbers that code keeps about itself: statics beside the code they count, listed by each crate in one visible slice
//! and read by whoever wants to show them. Names follow `windhover_<crate>_<noun>_<unit>[_total]`.

use std::sync::atomic::{AtomicU64, Ordering};

/// Label names and values of one number.
pub type Labels = &'static [(&'static str, &'static str)];

/// A number that only grows while the process lives.
#[derive(Debug)]
pub struct Counter {
    /// Metric name.
    pub name: &'static str,
    /// One sentence for people.
    pub help: &'static str,
    /// What tells it from others of the same name.
    pub labels: Labels,
    value: AtomicU64,
}

impl Counter {
    /// A counter at zero without labels.
    pub const fn new(name: &'static str, help: &'static str) -> Self {
        Self::labelled(name, help, &[])
    }

    /// A counter at zero with labels.
    pub const fn labelled(name: &'static str, help: &'static str, labels: Labels) -> Self {
        Self { name, help, labels, value: AtomicU64::new(0) }
    }

    /// Counts `n` more.
    #[inline]
    pub fn add(&self, n: u64) {
        self.value.fetch_add(n, Ordering::Relaxed);
    }

    /// What was counted so far.
    pub fn get(&self) -> u64 {
        self.value.load(Ordering::Relaxed)
    }
}

/// A number that goes up and down.
#[derive(Debug)]
pub struct Gauge {
    /// Metric name.
    pub name: &'static str,
    /// One sentence for people.
    pub help: &'static str,
    /// What tells it from others of the same name.
    pub labels: Labels,
    bits: AtomicU64,
}

impl Gauge {
    /// A gauge at zero without labels.
    pub const fn new(name: &'static str, help: &'static str) -> Self {
        Self::labelled(name, help, &[])
    }

    /// A gauge at zero with labels.
    pub const fn labelled(name: &'static str, help: &'static str, labels: Labels) -> Self {
        Self { name, help, labels, bits: AtomicU64::new(0) }
    }

    /// Sets the value.
    #[inline]
    pub fn set(&self, value: f64) {
        self.bits.store(value.to_bits(), Ordering::Relaxed);
    }

    /// The value last set.
    pub fn get(&self) -> f64 {
        f64::from_bits(self.bits.load(Ordering::Relaxed))
    }
}

/// One number in a crate's table.
#[derive(Debug, Clone, Copy)]
pub enum Item {
    /// Only grows.
    Counter(&'static Counter),
    /// Goes up and down.
    Gauge(&'static Gauge),
}

impl Item {
    /// Metric name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Counter(c) => c.name,
            Self::Gauge(g) => g.name,
        }
    }

    /// One sentence for people.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Counter(c) => c.help,
            Self::Gauge(g) => g.help,
        }
    }

    /// Label names and values.
    pub fn labels(&self) -> Labels {
        match self {
            Self::Counter(c) => c.labels,
            Self::Gauge(g) => g.labels,
        }
    }

    /// The value now.
    pub fn value(&self) -> f64 {
        match self {
            Self::Counter(c) => c.get() as f64,
            Self::Gauge(g) => g.get(),
        }
    }

    /// Whether it only grows.
    pub fn is_counter(&self) -> bool {
        matches!(self, Self::Counter(_))
    }
}
