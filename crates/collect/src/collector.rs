//! What a collector is: a row in the table, and the thing the row opens.

use crate::record::Recorder;
use crate::{Error, Host, Metric, Options, ProcessTable};

/// For [`Row::interval_ms`]: as often as the agent ticks.
pub const EVERY_TICK: u64 = 0;

/// A collector's place in the table.
#[derive(Debug)]
pub struct Row {
    /// One word; the label `collector` of its own series.
    pub name: &'static str,
    /// One sentence for people.
    pub summary: &'static str,
    /// Least time between two passes, in milliseconds, or [`EVERY_TICK`].
    pub interval_ms: u64,
    /// Everything it may say.
    pub metrics: &'static [Metric],
    /// Makes it ready for a host. Nothing is read yet.
    pub open: fn(&Host, &Options) -> Box<dyn Collector>,
}

/// Reads a part of the host, again and again, keeping what makes the next pass cheap.
pub trait Collector: Send {
    /// Measures once. What was recorded before an error is kept.
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error>;

    /// Why it says less than it could although nothing failed, for people: a permission or a program it lacks. Empty
    /// when it lacks nothing, and when the host does not have what it measures.
    fn remark(&self) -> &str {
        ""
    }

    /// Whether there is anything to do at all, asked once after it was opened. One that needs settings and has none is
    /// left out, and costs nothing.
    fn is_wanted(&self) -> bool {
        true
    }
}

/// What a collector is given for one pass.
pub struct Pass<'a> {
    /// The tick, in Unix milliseconds.
    pub now_ms: i64,
    /// Scratch space for all collectors.
    pub buffer: &'a mut Vec<u8>,
    /// What collectors that ran before at this tick left for others.
    pub shared: &'a mut Shared,
    /// The processes of the host, once somebody has asked for them at this tick: [`Pass::read_processes`].
    pub processes: &'a mut ProcessTable,
    /// Where the numbers go.
    pub out: Recorder<'a>,
}

impl Pass<'_> {
    /// Makes sure that the processes are those of this tick. They are read once, whoever asks.
    pub fn read_processes(&mut self) -> Result<(), Error> {
        self.processes.read(self.now_ms, self.buffer, self.shared.busy_ticks)
    }
}

/// What one collector found out at this tick that spares another the same work. It may always be missing: a collector
/// may be left out, fail, or not be due.
#[derive(Debug, Default)]
pub struct Shared {
    /// CPU time in user and system mode since the host started, in ticks of all cores.
    pub busy_ticks: Option<u64>,
    /// TCP connections in the states ESTABLISHED and CLOSE_WAIT together.
    pub tcp_established: Option<u64>,
}
