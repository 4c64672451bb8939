//! Sending what was gathered, and what becomes of an answer.

use super::{End, Worker};
use crate::output::Failure;
use crate::stats;
use model::Slot;
use std::time::{Duration, Instant};

impl Worker {
    /// Sends what was gathered, in pieces of what the protocol allows.
    pub(super) fn deliver(&mut self) -> End {
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
                    shown.took_total_us += shown.took_us;
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

    pub(super) fn note(&self, problem: Option<String>) {
        let mut shown = self.shown.lock();
        shown.failures = self.backoff.failures();
        shown.retries += u64::from(problem.is_some());
        shown.problem = problem.unwrap_or_default();
    }
}
