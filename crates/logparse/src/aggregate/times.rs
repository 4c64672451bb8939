//! How times were spread: quantiles since the last flush, sums and buckets since the start.

use super::Options;
use super::told::{Series, Told};
use crate::metrics;
use stdx::sketch::Sketch;

/// See the module's text.
#[derive(Debug)]
pub(crate) struct Times {
    metrics: &'static metrics::Times,
    sketch: Sketch,
    count_now: u64,
    sum_now: f64,
    max: f64,
    count: u64,
    sum: f64,
    buckets: Box<[u64]>,
    had_values: bool,
    series: TimesSeries,
}

/// The series of some times.
#[derive(Debug)]
struct TimesSeries {
    count: Series,
    sum: Series,
    max: Series,
    quantiles: Box<[Series]>,
    /// The last is for values without a bound.
    buckets: Box<[Series]>,
}

impl Times {
    pub(crate) fn new(metrics: &'static metrics::Times, options: &Options) -> Self {
        let bounds = if metrics.buckets.is_some() { options.bounds.len() } else { 0 };
        let buckets = if bounds == 0 { 0 } else { bounds + 1 };
        Self {
            metrics,
            sketch: Sketch::default(),
            count_now: 0,
            sum_now: 0.0,
            max: 0.0,
            count: 0,
            sum: 0.0,
            buckets: vec![0; bounds].into(),
            had_values: false,
            series: TimesSeries {
                count: Series::default(),
                sum: Series::default(),
                max: Series::default(),
                quantiles: vec![Series::default(); options.quantiles.len()].into(),
                buckets: vec![Series::default(); buckets].into(),
            },
        }
    }

    /// Adds a time in seconds.
    #[inline]
    pub(crate) fn add(&mut self, seconds: f64) {
        self.sketch.add(seconds, 1);
        self.add_sum(1, seconds, seconds);
    }

    /// Adds a time whose sum is added otherwise.
    #[inline]
    pub(crate) fn add_to_sketch(&mut self, seconds: f64) {
        self.sketch.add(seconds, 1);
    }

    /// Adds times that are in no sketch.
    #[inline]
    pub(crate) fn add_sum(&mut self, count: u64, sum: f64, max: f64) {
        self.count_now += count;
        self.sum_now += sum;
        self.max = self.max.max(max);
    }

    pub(crate) fn flush(&mut self, labels: &[(&str, &str)], options: &Options, told: &mut Told) {
        // What never came has no series: not every line that may have a time has one.
        if self.count + self.count_now == 0 {
            return;
        }
        self.count += self.count_now;
        self.sum += self.sum_now;
        told.counter(&mut self.series.count, &self.metrics.count, labels, self.count as f64);
        told.counter(&mut self.series.sum, &self.metrics.sum, labels, self.sum);
        if let Some(metric) = &self.metrics.buckets {
            for (count, bound) in self.buckets.iter_mut().zip(&options.bounds) {
                *count += self.sketch.count_up_to(*bound);
            }
            let counts = self.buckets.iter().copied().chain([self.count]);
            for (i, (series, count)) in self.series.buckets.iter_mut().zip(counts).enumerate() {
                if !told.again(series, count as f64) {
                    let bound = options.bounds.get(i).map_or("+Inf".to_owned(), f64::to_string);
                    told.counter(series, metric, &with(labels, ("le", &bound)), count as f64);
                }
            }
        }
        self.flush_gauges(labels, options, told);
        self.sketch.clear();
        (self.count_now, self.sum_now, self.max) = (0, 0.0, 0.0);
    }

    fn flush_gauges(&mut self, labels: &[(&str, &str)], options: &Options, told: &mut Told) {
        let TimesSeries { max, quantiles, .. } = &mut self.series;
        let had_values = std::mem::replace(&mut self.had_values, self.count_now > 0);
        if self.count_now > 0 {
            told.gauge(max, &self.metrics.max, labels, self.max);
            self.sketch.quantiles(&options.quantiles, |i, value| {
                let value = value.min(self.max);
                if !told.again(&quantiles[i], value) {
                    let quantile = options.quantiles[i].to_string();
                    let labels = with(labels, ("quantile", &quantile));
                    told.gauge(&mut quantiles[i], &self.metrics.quantiles, &labels, value);
                }
            });
        } else if had_values {
            told.pause(max);
            quantiles.iter().for_each(|series| told.pause(series));
        }
    }

    /// Ends the series and forgets what was counted.
    pub(crate) fn end(&mut self, told: &mut Told) {
        let TimesSeries { count, sum, max, quantiles, buckets } = &mut self.series;
        [count, sum, max].into_iter().chain(quantiles).chain(buckets).for_each(|series| told.end(series));
    }
}

/// Labels and one more, as many as there can be.
fn with<'a>(labels: &[(&'a str, &'a str)], more: (&'a str, &'a str)) -> Vec<(&'a str, &'a str)> {
    labels.iter().copied().chain([more]).collect()
}
