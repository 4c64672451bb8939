//! Pages in Prometheus' text format: of what they say, the metrics of a table are taken, under our names.

use super::ask::Ask;
use super::{Error, Metric};
use model::{Batch, NAME};
use std::collections::BTreeMap;
use wire::Context;
use wire::protocols::prometheus_text;

/// Reads a page. A metric's `source` is the name on the page, and perhaps one label it must have: `name{label=value}`.
/// Labels that the metric does not have are summed over.
pub(super) fn read(page: &[u8], metrics: &'static [Metric], ask: &mut Ask<'_>) -> Result<(), Error> {
    let mut batch = Batch::new();
    prometheus_text::decode(page, &Context::at(0), &mut batch);
    let mut sums: BTreeMap<(usize, Vec<String>), f64> = BTreeMap::new();
    for rows in batch.groups() {
        for (slot, value) in rows.slots.iter().zip(rows.values) {
            let labels = batch.dictionary.labels(*slot);
            let name = labels.get(NAME).unwrap_or_default();
            for (at, metric) in metrics.iter().enumerate() {
                if is_from(metric.source, name, |label| labels.get(label)) {
                    let values = metric.labels.iter().map(|l| labels.get(l).unwrap_or_default().to_owned());
                    *sums.entry((at, values.collect())).or_default() += value;
                }
            }
        }
    }
    if sums.is_empty() {
        return Err(Error::malformed("none of the metrics such a service has"));
    }
    for ((at, values), value) in sums {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        ask.push(&metrics[at], &values, value);
    }
    Ok(())
}

fn is_from<'l>(source: &str, name: &str, label: impl Fn(&str) -> Option<&'l str>) -> bool {
    let Some((of, wanted)) = source.trim_end_matches('}').split_once('{') else { return source == name };
    of == name && wanted.split_once('=').is_some_and(|(wanted, value)| label(wanted) == Some(value))
}
