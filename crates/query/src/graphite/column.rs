//! Samples and rows of one series → times and values.

use super::series::Consolidation;
use model::{Aspects, Rolled, Row, Table};

/// What was read of one series.
#[derive(Debug, Clone, Default)]
pub(super) struct Column {
    pub(super) times_ms: Vec<i64>,
    pub(super) values: Vec<f64>,
    /// Length of the longest row among them, 0 for samples.
    pub(super) row_ms: i64,
    /// How the samples of a row, and several values of one step beside rows, become one.
    pub(super) way: Consolidation,
}

impl Column {
    pub(super) fn new(way: Consolidation) -> Self {
        Self { way, ..Self::default() }
    }

    pub(super) fn add(&mut self, piece: Rolled<'_>) {
        match piece {
            Rolled::Samples { times_ms, values } => {
                for (time_ms, value) in times_ms.iter().zip(values).filter(|(_, value)| !value.is_nan()) {
                    self.times_ms.push(*time_ms);
                    self.values.push(*value);
                }
            }
            Rolled::Rows(rows) => {
                for row in rows.iter().filter(|row| row.count > 0) {
                    self.times_ms.push(row.span.start_ms);
                    self.values.push(value_of(row, self.way));
                    self.row_ms = self.row_ms.max(row.span.len_ms());
                }
            }
            Rolled::Table(table) => {
                for at in (0..table.len()).filter(|at| table.counts[*at] > 0) {
                    self.times_ms.push(table.starts_ms[at]);
                    self.values.push(value_of_table(table, at, self.way));
                    self.row_ms = self.row_ms.max(table.row_ms);
                }
            }
        }
    }
}

/// What the samples of a row come to.
fn value_of(row: &Row, way: Consolidation) -> f64 {
    match way {
        Consolidation::Average | Consolidation::AvgZero => row.sum / row.count as f64,
        Consolidation::Sum => row.sum,
        Consolidation::Min => row.min,
        Consolidation::Max => row.max,
        Consolidation::First => row.first,
        Consolidation::Last => row.last,
    }
}

/// The same of a row of a table.
fn value_of_table(table: &Table, at: usize, way: Consolidation) -> f64 {
    match way {
        Consolidation::Average | Consolidation::AvgZero => table.sums[at] / table.counts[at] as f64,
        Consolidation::Sum => table.sums[at],
        Consolidation::Min => table.mins[at],
        Consolidation::Max => table.maxs[at],
        Consolidation::First => table.firsts[at],
        Consolidation::Last => table.lasts[at],
    }
}

/// What of a row says that.
pub(super) fn aspects_of(way: Consolidation) -> Aspects {
    Aspects::COUNT.and(match way {
        Consolidation::Average | Consolidation::AvgZero | Consolidation::Sum => Aspects::SUM,
        Consolidation::Min => Aspects::MIN,
        Consolidation::Max => Aspects::MAX,
        Consolidation::First => Aspects::FIRST,
        Consolidation::Last => Aspects::LAST,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Kind, RowBuilder, TimeRange};

    fn row(start_ms: i64, values: &[f64]) -> Row {
        let span = TimeRange::new(start_ms, start_ms + 60_000);
        let mut builder = RowBuilder::new(span, Kind::Gauge);
        let times_ms: Vec<i64> = (0..values.len() as i64).map(|at| start_ms + at * 10_000).collect();
        builder.add_samples(&times_ms, values);
        builder.finish().expect("there are samples")
    }

    #[test]
    fn a_row_is_one_value_by_the_way_that_is_wanted() {
        let ways = [
            (Consolidation::Average, 3.0),
            (Consolidation::Sum, 9.0),
            (Consolidation::Min, 1.0),
            (Consolidation::Max, 6.0),
            (Consolidation::First, 2.0),
            (Consolidation::Last, 1.0),
        ];
        for (way, wanted) in ways {
            let mut column = Column::new(way);
            column.add(Rolled::Rows(&[row(60_000, &[2.0, 6.0, 1.0])]));
            assert_eq!((column.times_ms, column.values, column.row_ms), (vec![60_000], vec![wanted], 60_000));
            assert!(aspects_of(way).contains(Aspects::COUNT));
        }
    }

    #[test]
    fn samples_stand_beside_rows_and_what_is_no_number_is_left_out() {
        let mut column = Column::new(Consolidation::Max);
        let none = Row { count: 0, ..row(60_000, &[9.0]) };
        column.add(Rolled::Rows(&[row(0, &[4.0]), none]));
        column.add(Rolled::Samples { times_ms: &[120_000, 130_000, 140_000], values: &[1.0, f64::NAN, 2.0] });
        assert_eq!((column.times_ms, column.values), (vec![0, 120_000, 140_000], vec![4.0, 1.0, 2.0]));
    }
}
