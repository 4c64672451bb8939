//! The words every other crate speaks: label sets, samples, batches, matchers, time, and the two contracts
//! [`Sink`] (write) and [`Source`] (read) between which the whole product hangs.

pub mod batch;
pub mod event;
pub mod histogram;
pub mod interval;
pub mod keeper;
pub mod labels;
pub mod limits;
pub mod matcher;
pub mod memory;
pub mod metric;
pub mod node;
pub mod report;
pub mod rolled;
pub mod series;
pub mod sink;
pub mod source;
pub mod standing;
pub mod time;
pub mod timetext;
pub mod zone;

pub use batch::{Batch, Dictionary, Rows, Slot};
pub use event::{
    Event, EventKind, EventPage, EventQuery, EventSink, EventSource, HostStandings, Level, Origin, Place,
    Stand, Stood, Told,
};
pub use histogram::{CounterReset, Histogram};
pub use interval::{Interval, Unit};
pub use keeper::Keeper;
pub use labels::{Labels, LabelsBuilder};
pub use matcher::{MatchOp, Matcher};
pub use metric::Metric;
pub use node::Node;
pub use report::{Position, Report};
pub use rolled::{Aspects, Detail, Reading, Rolled, Row, RowBuilder, Sum, Table, TierChoice, tier_name};
pub use series::{Description, Kind, Sample, Series, SeriesId};
pub use sink::{PushError, Receipt, Sink};
pub use source::{Chunk, ReadError, Selection, Source, VisitHistograms, VisitStarts};
pub use standing::{Standing, Standings};
pub use time::TimeRange;
pub use zone::Zone;

/// The label that holds the metric name.
pub const NAME: &str = "__name__";
/// The label that holds the host.
pub const HOST: &str = "host";

/// The value that says "this series ends here" (Prometheus' staleness marker, one particular NaN).
pub const STALE: f64 = f64::from_bits(0x7ff0_0000_0000_0002);

/// Whether `value` is the staleness marker and not any other NaN.
#[inline]
pub fn is_stale(value: f64) -> bool {
    value.to_bits() == STALE.to_bits()
}
