//! Whether a counter started anew between two samples.

use super::add::Shape;
use super::{Buckets, CounterReset, Histogram};

impl Histogram {
    /// Whether counts started anew after `before`: a count is less, or the bounds became finer, which no counter does.
    pub fn is_reset_after(&self, before: &Self) -> bool {
        match self.hint {
            CounterReset::Reset => true,
            CounterReset::NotReset => false,
            CounterReset::Unknown | CounterReset::Gauge => self.is_less_than(before),
        }
    }

    fn is_less_than(&self, before: &Self) -> bool {
        if self.count < before.count || self.is_custom() != before.is_custom() {
            return true;
        }
        if self.has_shape_of(before) {
            return self.has_less_than(before);
        }
        let Ok(shape) = Shape::common(self, before) else { return true };
        let (mut now, mut then) = (self.clone(), before.clone());
        shape.shape(&mut now);
        shape.shape(&mut then);
        // Only what came before may have to be made coarser.
        let became_finer = now.schema != self.schema || now.zero_threshold != self.zero_threshold;
        became_finer || now.has_less_than(&then)
    }

    fn has_shape_of(&self, other: &Self) -> bool {
        self.schema == other.schema
            && self.zero_threshold == other.zero_threshold
            && self.bounds == other.bounds
    }

    fn has_less_than(&self, before: &Self) -> bool {
        self.zero_count < before.zero_count
            || shrank(&self.positive, &before.positive)
            || shrank(&self.negative, &before.negative)
    }

    /// What is known about this sample when `before` was written before it, as a store that looks at every sample finds
    /// it: a sample that starts anew is said nothing about, because others may come in between.
    pub fn hint_after(&self, before: Option<&Self>) -> CounterReset {
        let Some(before) = before.filter(|before| !before.is_stale()) else { return self.first_hint() };
        if self.hint == CounterReset::Gauge || before.hint == CounterReset::Gauge {
            return self.first_hint();
        }
        let starts_anew =
            self.hint == CounterReset::Reset || !self.has_shape_of(before) || self.is_less_than(before);
        if starts_anew {
            return self.first_hint();
        }
        CounterReset::NotReset
    }

    fn first_hint(&self) -> CounterReset {
        if self.hint == CounterReset::NotReset { CounterReset::Unknown } else { self.hint }
    }
}

fn shrank(now: &Buckets, then: &Buckets) -> bool {
    now.paired(then).any(|(_, now, then)| now < then)
}
