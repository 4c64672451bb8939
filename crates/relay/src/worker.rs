//! The thread of one output: reads on, chooses, sends, settles.

mod deliver;
mod hand_over;
mod settle;

use crate::log::{Log, Position, Reader, Step, Why};
use crate::members::Leaving;
use crate::output::Output;
use crate::route::Chooser;
use crate::stats::{self, OutputStats};
use model::Batch;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use stdx::backoff::Backoff;
use stdx::clock::Clock;

/// Longest wait for something new, which is only a bound: a push wakes the thread.
const IDLE: Duration = Duration::from_secs(1);
/// How often it is written down how far the output is.
const REMEMBER_MS: i64 = 2000;
/// Wait after the disk failed.
const DISK_WAIT: Duration = Duration::from_secs(1);

/// What others may see of a worker.
#[derive(Default)]
pub(crate) struct Shown(Mutex<OutputStats>);

impl Shown {
    pub(crate) fn new(stats: OutputStats) -> Self {
        Self(Mutex::new(stats))
    }

    // Numbers only: none is worse than another for a panic meanwhile.
    pub(crate) fn lock(&self) -> MutexGuard<'_, OutputStats> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Samples by what became of them.
#[derive(Debug, Clone, Copy, Default)]
struct Book {
    /// Samples that go out more than once, beyond the first time.
    copies: u64,
    sent: u64,
    passed: u64,
    refused: u64,
    unsayable: u64,
    full: u64,
    damaged: u64,
    bytes: u64,
    batches: u64,
    rehashed: u64,
}

/// What was sent and may still be lost on the way.
struct Doubtful {
    at: Position,
    sent_ms: i64,
    book: Book,
}

/// How sending ended.
enum End {
    /// All of it is settled one way or the other.
    Done,
    /// The same must be read and sent again.
    Again,
    /// It is over.
    Stop,
}

pub(crate) struct Worker {
    pub(crate) log: Arc<Log>,
    pub(crate) reader: Reader,
    pub(crate) chooser: Chooser,
    pub(crate) output: Box<dyn Output>,
    pub(crate) rows_max: usize,
    pub(crate) shown: Arc<Shown>,
    pub(crate) leaving: Arc<Leaving>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) backoff: Backoff,
    run: Run,
}

/// Where a worker is.
struct Run {
    book: Book,
    /// Whether the next segment is to be begun before more is read.
    step: Option<Step>,
    doubtful: VecDeque<Doubtful>,
    /// Where it began to count.
    start: Position,
    settled: Position,
    remembered: (Position, i64),
    piece: Batch,
    /// Counted, and not shown yet: what waits and what became of it are shown at once, so that they always agree.
    unshown: Book,
}

impl Worker {
    #[allow(clippy::too_many_arguments)] // each is another thing
    pub(crate) fn new(
        log: Arc<Log>,
        reader: Reader,
        chooser: Chooser,
        output: Box<dyn Output>,
        rows_max: usize,
        shown: Arc<Shown>,
        leaving: Arc<Leaving>,
        clock: Arc<dyn Clock>,
        backoff: Backoff,
    ) -> Self {
        let settled = reader.at();
        let run = Run {
            book: Book::default(),
            step: None,
            doubtful: VecDeque::new(),
            start: settled,
            settled,
            remembered: (settled, i64::MIN / 2),
            piece: Batch::new(),
            unshown: Book::default(),
        };
        let mut worker = Self { log, reader, chooser, output, rows_max, shown, leaving, clock, backoff, run };
        worker.show();
        worker
    }

    /// Works until the log is closed and all is sent, or nothing goes any more.
    pub(crate) fn run(mut self) {
        loop {
            if let Some((cluster, until)) = self.leaving.due()
                && self.settled() < until
            {
                self.hand_over(&cluster, until);
                continue;
            }
            if self.gather().is_err() {
                stats::DISK_FAILURES.add(1);
                if self.log.pause(DISK_WAIT, &|| false) {
                    break;
                }
                continue;
            }
            let end = if self.chooser.batch.is_empty() { End::Done } else { self.deliver() };
            match end {
                End::Done => self.book(),
                End::Again => {
                    self.go_back();
                    continue;
                }
                End::Stop => break,
            }
            self.settle(false);
            if self.run.step.is_none() && self.reader.at() >= self.log.end() && self.rest() {
                self.settle(true);
                break;
            }
        }
        let _ = self.reader.remember(self.settled(), 0);
        self.show();
    }

    fn settled(&self) -> Position {
        self.run.settled
    }

    /// Waits for something new; says whether it is over.
    fn rest(&mut self) -> bool {
        let wait = if self.run.doubtful.is_empty() { IDLE } else { self.output.doubt().min(IDLE) };
        let is_closing = self.log.wait(self.reader.at(), wait);
        if !self.run.doubtful.is_empty() && !self.output.is_alive() {
            self.note(Some("the connection was closed".to_owned()));
            self.go_back();
            return is_closing;
        }
        is_closing
    }

    /// Reads until there is enough for one sending, or no more.
    fn gather(&mut self) -> std::io::Result<()> {
        if let Some(step) = self.run.step.take() {
            self.apply(&step);
        }
        while self.chooser.batch.len() < self.rows_max {
            match self.reader.step()? {
                Step::End => return Ok(()),
                Step::Rows => {
                    let Reader { batch, scope, outs, .. } = &self.reader;
                    self.chooser.take(batch, scope, outs);
                }
                step if self.chooser.batch.is_empty() => self.apply(&step),
                step => {
                    self.run.step = Some(step);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn apply(&mut self, step: &Step) {
        match step {
            Step::Begin => self.begin(),
            Step::Turn => self.chooser.turn(),
            Step::Missed(samples, Why::Full) => {
                self.run.book.full += samples;
                self.begin();
            }
            Step::Missed(samples, Why::Damaged) => {
                self.run.book.damaged += samples;
                self.begin();
            }
            Step::Rows | Step::End => {}
        }
    }

    /// New slots; what was counted of the old ones is kept.
    fn begin(&mut self) {
        self.note_passed();
        self.chooser.begin();
    }

    fn note_passed(&mut self) {
        self.run.book.passed += std::mem::take(&mut self.chooser.passed);
        self.run.book.copies += std::mem::take(&mut self.chooser.copies);
    }
}
