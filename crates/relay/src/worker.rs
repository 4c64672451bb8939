//! The thread of one output: reads on, chooses, sends, settles.

use crate::log::{Log, Position, Reader, Step, Why};
use crate::mark::Scope;
use crate::members::Leaving;
use crate::output::{Failure, Output};
use crate::route::Chooser;
use crate::stats::{self, OutputStats};
use model::{Batch, Slot};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
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
        };
        let worker = Self { log, reader, chooser, output, rows_max, shown, leaving, clock, backoff, run };
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

    /// Sends what was gathered, in pieces of what the protocol allows.
    fn deliver(&mut self) -> End {
        let (mut from, mut limit) = (0, self.rows_max);
        while from < self.chooser.batch.len() {
            self.cut(from, limit);
            let rows = self.run.piece.len();
            let started = Instant::now();
            let result = self.output.send(&self.run.piece);
            std::mem::swap(&mut self.run.piece.dictionary, &mut self.chooser.batch.dictionary);
            match result {
                Ok(sent) => {
                    self.backoff.succeed();
                    let book = &mut self.run.book;
                    book.sent += rows as u64 - sent.left_out;
                    book.unsayable += sent.left_out;
                    book.bytes += sent.bytes;
                    book.batches += 1;
                    let mut shown = self.shown.lock();
                    shown.took_us = started.elapsed().as_micros() as u64;
                    shown.last_ms = Some(self.clock.now_ms());
                    drop(shown);
                    self.note(None);
                    from += rows;
                }
                Err(Failure::TooLarge) if rows > 1 => limit = rows / 2,
                Err(Failure::TooLarge) => from += self.refuse(1, "a single sample is too large".to_owned()),
                Err(Failure::Refused(why)) => from += self.refuse(rows, why),
                Err(Failure::Later(why, wait)) => match self.later(why, wait) {
                    End::Done => {}
                    end => return end,
                },
            }
        }
        End::Done
    }

    /// Puts rows into the piece, together with the dictionary, which goes back after sending.
    fn cut(&mut self, from: usize, limit: usize) {
        let (piece, batch) = (&mut self.run.piece, &mut self.chooser.batch);
        piece.clear_rows();
        std::mem::swap(&mut piece.dictionary, &mut batch.dictionary);
        let mut row = 0;
        for rows in batch.groups() {
            let skip = from.saturating_sub(row).min(rows.slots.len());
            let take = (rows.slots.len() - skip).min(limit - piece.len());
            row += rows.slots.len();
            if take > 0 {
                piece.begin(rows.time_ms);
                let pairs = rows.slots[skip..skip + take].iter().zip(&rows.values[skip..]);
                pairs.for_each(|(slot, value): (&Slot, &f64)| piece.push(*slot, *value));
            }
            if piece.len() == limit {
                break;
            }
        }
    }

    fn refuse(&mut self, rows: usize, why: String) -> usize {
        self.run.book.refused += rows as u64;
        self.shown.lock().refusal = why;
        rows
    }

    /// After a failure: waits, and says whether the same piece is to be sent again.
    fn later(&mut self, why: String, wait: Option<Duration>) -> End {
        stats::RETRIES.add(1);
        let pause = self.backoff.fail().max(wait.unwrap_or_default());
        self.note(Some(why));
        self.show();
        let leaving = self.leaving.clone();
        let is_closing = self.log.pause(pause, &|| leaving.due().is_some());
        if is_closing {
            End::Stop
        } else if self.leaving.due().is_some() || !self.output.doubt().is_zero() {
            End::Again
        } else {
            End::Done
        }
    }

    fn note(&self, problem: Option<String>) {
        let mut shown = self.shown.lock();
        shown.failures = self.backoff.failures();
        shown.retries += u64::from(problem.is_some());
        shown.problem = problem.unwrap_or_default();
    }

    /// Everything gathered is dealt with.
    fn book(&mut self) {
        self.note_passed();
        self.chooser.clear_rows();
        let book = std::mem::take(&mut self.run.book);
        let at = self.reader.at();
        self.run.doubtful.push_back(Doubtful { at, sent_ms: self.clock.now_ms(), book });
    }

    /// Forgets what was read but not settled, to read it again.
    fn go_back(&mut self) {
        self.run.doubtful.clear();
        self.run.book = Book::default();
        self.run.step = None;
        self.chooser.clear_rows();
        self.chooser.begin();
        self.reader.seek(self.run.settled);
    }

    /// Settles what is beyond doubt, or all.
    fn settle(&mut self, all: bool) {
        let now_ms = self.clock.now_ms();
        let doubt_ms = self.output.doubt().as_millis() as i64;
        let before = self.run.settled;
        while let Some(first) = self.run.doubtful.front() {
            if !all && first.book.sent > 0 && now_ms.saturating_sub(first.sent_ms) < doubt_ms {
                break;
            }
            let Some(first) = self.run.doubtful.pop_front() else { break };
            self.run.settled = first.at;
            self.count(&first.book);
        }
        if before != self.run.settled {
            self.reader.settle(self.run.settled);
        }
        self.show();
        let (at, when_ms) = self.run.remembered;
        if at != self.run.settled && now_ms.saturating_sub(when_ms) >= REMEMBER_MS {
            self.run.remembered = (self.run.settled, now_ms);
            if self.reader.remember(self.run.settled, 0).is_err() {
                stats::DISK_FAILURES.add(1);
            }
        }
    }

    fn count(&self, book: &Book) {
        stats::SENT.add(book.sent);
        stats::PASSED.add(book.passed);
        stats::SENT_BYTES.add(book.bytes);
        stats::BATCHES.add(book.batches);
        stats::DROPPED_FULL.add(book.full);
        stats::DROPPED_DAMAGED.add(book.damaged);
        stats::DROPPED_REFUSED.add(book.refused);
        stats::DROPPED_UNSAYABLE.add(book.unsayable);
        let mut shown = self.shown.lock();
        shown.copies += book.copies;
        shown.sent += book.sent;
        shown.passed += book.passed;
        shown.dropped_full += book.full;
        shown.dropped_damaged += book.damaged;
        shown.dropped_refused += book.refused;
        shown.dropped_unsayable += book.unsayable;
        shown.bytes += book.bytes;
        shown.batches += book.batches;
    }

    /// What waits, and what came in: by the numbers of samples in the log, which know nothing of what was counted here.
    fn show(&self) {
        let end = self.log.end();
        let held = end.sample.saturating_sub(self.run.settled.sample);
        let bytes = self.log.bytes_behind(self.run.settled);
        let mut shown = self.shown.lock();
        shown.entered = end.sample.saturating_sub(self.run.start.sample) + shown.copies;
        shown.held = held;
        shown.held_max = shown.held_max.max(held);
        shown.queue_bytes = bytes;
        shown.is_out = self.leaving.due().is_some();
    }

    /// Gives what waits to the other members of a cluster: it goes into the log once more, for that cluster, behind the
    /// mark that says that this one is out.
    fn hand_over(&mut self, cluster: &str, until: Position) {
        self.go_back();
        let scope = Scope::Cluster(cluster.to_owned());
        while self.reader.at() < until {
            match self.reader.step() {
                Ok(Step::Rows) => {
                    let Reader { batch, scope, outs, .. } = &self.reader;
                    self.chooser.take(batch, scope, outs);
                }
                Ok(Step::End) => break,
                Ok(step) => {
                    if !self.give(&scope) {
                        return self.go_back();
                    }
                    self.apply(&step);
                }
                Err(_) => {
                    stats::DISK_FAILURES.add(1);
                    self.log.pause(DISK_WAIT, &|| false);
                    return self.go_back();
                }
            }
            if self.chooser.batch.len() >= self.rows_max && !self.give(&scope) {
                return self.go_back();
            }
        }
        if !self.give(&scope) {
            return self.go_back();
        }
        // An end before `until` is one of marks only.
        self.run.settled = self.run.settled.max(until);
        self.reader.seek(self.run.settled);
        self.chooser.begin();
        self.settle(true);
    }

    fn give(&mut self, scope: &Scope) -> bool {
        self.note_passed();
        let rows = self.chooser.batch.len() as u64;
        if rows > 0 && self.log.push(&self.chooser.batch, scope).is_err() {
            self.log.pause(DISK_WAIT, &|| false);
            return false;
        }
        self.chooser.clear_rows();
        stats::REHASHED.add(rows);
        self.shown.lock().rehashed += rows;
        let book = std::mem::take(&mut self.run.book);
        self.count(&book);
        self.run.settled = self.reader.at();
        self.reader.settle(self.run.settled);
        true
    }
}
