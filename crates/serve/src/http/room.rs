//! How much room there is: descriptors for connections, and memory for bodies that are on their way.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Descriptors that are left for everything else: files of the store, doors, programs.
const OTHER_DESCRIPTORS: usize = 1024;
/// Connections that are always allowed, however few descriptors there are.
const CONNECTIONS_MIN: usize = 64;

/// Asks the system for as many descriptors as it gives, and gives how many connections fit into them, at most `most`.
pub(super) fn connections(most: usize) -> usize {
    let now = getrlimit(Resource::Nofile);
    if now.current != now.maximum {
        // Then it stays at what it is, which is counted with.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: now.maximum, maximum: now.maximum });
    }
    let limit = getrlimit(Resource::Nofile).current.map_or(usize::MAX, |limit| limit as usize);
    most.min(limit.saturating_sub(OTHER_DESCRIPTORS).max(CONNECTIONS_MIN))
}

/// Memory for the bodies of all requests together.
#[derive(Debug)]
pub(super) struct Room {
    bytes_max: usize,
    taken: AtomicUsize,
}

impl Room {
    pub(super) fn new(bytes_max: usize) -> Arc<Self> {
        Arc::new(Self { bytes_max, taken: AtomicUsize::new(0) })
    }
}

/// What one body takes of it, given back when dropped.
#[derive(Debug)]
pub(super) struct Taken {
    room: Arc<Room>,
    bytes: usize,
}

impl Taken {
    pub(super) fn nothing(room: &Arc<Room>) -> Self {
        Self { room: room.clone(), bytes: 0 }
    }

    /// Has so much, if it had less; false when there is not so much.
    pub(super) fn up_to(&mut self, bytes: usize) -> bool {
        let more = bytes.saturating_sub(self.bytes);
        more == 0 || self.more(more)
    }

    fn more(&mut self, bytes: usize) -> bool {
        let taken = self.room.taken.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.bytes += bytes;
        taken <= self.room.bytes_max
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.room.taken.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_shared_and_given_back() {
        let room = Room::new(10);
        let (mut a, mut b) = (Taken::nothing(&room), Taken::nothing(&room));
        assert!(a.more(4) && b.more(6) && !a.more(1));
        drop(a);
        assert!(b.up_to(7) && b.up_to(10) && !b.more(1));
        drop(b);
        assert_eq!(room.taken.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn there_is_always_room_for_some_connections() {
        assert_eq!(connections(10), 10);
        assert!(connections(usize::MAX) >= CONNECTIONS_MIN);
    }
}
