//! What an output is: the words and the connection of one other program.

use model::Batch;
use std::sync::Arc;
use std::time::Duration;

/// Why a batch was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Not now, for this reason; the other side may have said when to come again. The same batch comes once more.
    Later(String, Option<Duration>),
    /// The other side will never take it. Its samples are given up, and counted.
    Refused(String),
    /// It is too much at once: the same comes again in parts.
    TooLarge,
}

/// What became of a batch that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sent {
    /// Bytes on the wire.
    pub bytes: u64,
    /// Samples that the protocol cannot say, such as NaN in Graphite's lines; they were left out.
    pub left_out: u64,
}

/// Carries batches to one other program. Driven by one thread; may block.
pub trait Output: Send {
    /// Sends all rows of a batch, in their order, and waits until the other side has taken them, where it says so.
    ///
    /// # Errors
    /// See [`Failure`]. After an error the output begins anew, with a new connection where it had one.
    fn send(&mut self, batch: &Batch) -> Result<Sent, Failure>;

    /// How long what was sent without an answer may still be on its way: the protocol has no acknowledgement, and what
    /// was sent within this time is sent again when the connection breaks. Zero where there is an answer.
    fn doubt(&self) -> Duration {
        Duration::ZERO
    }

    /// Whether what was sent is still under way in good order; asked while there is nothing to send.
    fn is_alive(&mut self) -> bool {
        true
    }

    /// Ends what the output is doing, from another thread.
    fn interrupt(&self) -> Arc<dyn Fn() + Send + Sync> {
        Arc::new(|| {})
    }
}
