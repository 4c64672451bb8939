//! One stream: what it said so far, and the samples that the sink has yet to take.

use super::{Answer, FRAMES, REJECTED, REPEATED, SAMPLES, apart};
use model::{Batch, EventSink, Origin, PushError, Report, Sink};
use wire::protocols::native::{Decoder, frame, is_apart};

/// How many samples are gathered from small frames before the sink gets them.
const PUSH_SAMPLES: usize = 4096;

/// The frames of a request.
#[derive(Debug)]
pub(super) struct Body<'a> {
    /// The stream they are of.
    pub(super) stream: u64,
    /// Sequence number of the first frame.
    pub(super) first: u64,
    /// All after the header.
    pub(super) frames: &'a [u8],
    /// Length of the body, header included, so that errors can say where.
    pub(super) len_bytes: usize,
}

/// Where what the frames say goes.
#[derive(Clone, Copy)]
pub(super) struct Sinks<'a> {
    pub(super) samples: &'a dyn Sink,
    pub(super) events: Option<&'a dyn EventSink>,
}

/// See the module's text. `batch` keeps its dictionary as long as the stream lives, so a store finds each series by its
/// slot and looks at no label twice.
#[derive(Debug, Default)]
pub(super) struct Session {
    decoder: Decoder,
    batch: Batch,
    /// Sequence number of the frame to come. Rows of frames before it that the sink has not taken are in `batch`.
    next: u64,
}

impl Session {
    /// Applies the frames of `body` that were not applied before, and answers.
    pub(super) fn apply(&mut self, body: &Body<'_>, sinks: Sinks<'_>, samples_max: usize) -> Answer {
        let mut report = Report::default();
        let answer = self.apply_into(&mut report, body, sinks, samples_max);
        SAMPLES.add(report.accepted);
        REJECTED.add(report.rejected);
        answer
    }

    fn apply_into(
        &mut self,
        report: &mut Report,
        body: &Body<'_>,
        sinks: Sinks<'_>,
        samples_max: usize,
    ) -> Answer {
        if let Err(e) = self.flush(sinks.samples, report) {
            return Answer::refused(&e);
        }
        if body.first > self.next {
            return Answer::resume(self.next, "frames are missing before the first one");
        }
        let walked = self.walk(report, body, sinks, samples_max);
        // What was good before a bad frame is kept.
        if let Err(e) = self.flush(sinks.samples, report) {
            return Answer::refused(&e);
        }
        walked.err().unwrap_or_else(|| Answer::kept(self.next, report))
    }

    /// Takes frame after frame until the end, the limit of samples, or a frame that cannot be taken.
    fn walk(
        &mut self,
        report: &mut Report,
        body: &Body<'_>,
        sinks: Sinks<'_>,
        samples_max: usize,
    ) -> Result<(), Answer> {
        let (mut rest, mut sequence, mut samples) = (body.frames, body.first, 0);
        while !rest.is_empty() && samples < samples_max {
            let byte = body.len_bytes - rest.len() + frame::ENVELOPE_BYTES;
            let payload = frame::take(&mut rest).map_err(|e| Answer::resume(self.next, e.reason()))?;
            if sequence < self.next {
                REPEATED.add(1);
            } else if is_apart(payload) {
                let origin = Origin { stream: body.stream, frame: sequence };
                let taken = apart::take(payload, sinks.events, origin, report);
                taken.map_err(|e| e.answer(sequence, byte))?;
                FRAMES.add(1);
                self.next += 1;
            } else {
                let decoded = self.decoder.decode(payload, &mut self.batch, report);
                samples += decoded.map_err(|e| Answer::malformed(Some(sequence), byte + e.byte, e.reason))?;
                FRAMES.add(1);
                self.next += 1;
            }
            sequence += 1;
            if self.batch.len() >= PUSH_SAMPLES {
                self.flush(sinks.samples, report).map_err(|e| Answer::refused(&e))?;
            }
        }
        Ok(())
    }

    /// Gives the sink what it has yet to take; on an error it stays for the next request.
    fn flush(&mut self, sink: &dyn Sink, report: &mut Report) -> Result<(), PushError> {
        if !self.batch.is_empty() {
            let receipt = sink.push(&self.batch)?;
            self.batch.clear_rows();
            report.merge(receipt.report);
        }
        Ok(())
    }

    /// Memory held, in bytes, roughly.
    pub(super) fn memory_bytes(&self) -> usize {
        let row = size_of::<model::Slot>() + size_of::<f64>();
        size_of::<Self>() + self.decoder.memory_bytes() + self.batch.len() * row
    }
}
