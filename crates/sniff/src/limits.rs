//! Every bound of the sniffer; where nothing else is said, for each network it listens to. What is beyond one is counted
//! (`telemetry`) and costs exactness, never memory.

/// Most connections that are followed at once; the one that was silent longest is forgotten for a new one.
pub const CONNECTIONS_MAX: usize = 8192;
/// A connection of which nothing was seen for so long is forgotten.
pub const IDLE_NS_MAX: u64 = 600 * 1_000_000_000;
/// Most bytes of a direction that came too early and are held.
pub const HELD_BYTES_MAX: usize = 256 << 10;
/// Most segments of a direction that came too early and are held.
pub const HELD_SEGMENTS_MAX: usize = 256;
/// Most bytes that are held for all connections together.
pub const HELD_BYTES_TOTAL_MAX: usize = 8 << 20;
/// How long a byte is waited for, by the clock of the capture.
pub const HELD_NS_MAX: u64 = 1_000_000_000;
/// A step of the sequence numbers that is longer than any window is another connection.
pub const JUMP_BYTES_MAX: u32 = 64 << 20;
/// Most bytes of the head of a message that are kept until the rest comes.
pub const HEAD_BYTES_MAX: usize = 16 << 10;
/// Most requests of a connection that wait for an answer.
pub const PENDING_MAX: usize = 1024;
/// Most prepared statements that are remembered for a connection.
pub const STATEMENTS_MAX: usize = 256;
/// Most client addresses that are told apart.
pub const PEERS_MAX: usize = 256;
/// Most operations (with their targets) that are told apart, all services together.
pub const OPERATIONS_MAX: usize = 1024;
/// Most pairs of a client and an operation that are told apart.
pub const PAIRS_MAX: usize = 2048;
/// Most error codes that are told apart.
pub const CODES_MAX: usize = 128;
/// Longest name of an operation, and of a target, in bytes.
pub const NAME_BYTES_MAX: usize = 80;
/// Most ports that can be watched at once, in all networks together.
pub const PORTS_MAX: usize = 64;
/// Most networks beside the host's that can be listened to at once: each has a ring.
pub const NETWORKS_MAX: usize = 32;
/// Most memory of the kernel for the packets of such a network, in bytes: its ring is no larger, though the host's may be.
pub const RING_BYTES_ELSEWHERE_MAX: usize = 2 << 20;
