//! Events on disk: an append log that is sorted and packed as it ages, bounded in bytes and age, and beside it how the
//! parts of every host stand now.
//!
//! An acknowledged event is in the log's file and, as far as [`Options::sync`] says, on the medium. What was written
//! last is also in memory, so that whoever follows a log reads no file. A *segment* that is large or old enough is
//! *sealed*: its events are sorted by host, packed in blocks with an index, and the log's file goes.
//!
//! ```text
//! NUMBER.log, NUMBER.seg   (NUMBER: that of its first event, 16 hexadecimal digits)
//! file    := "WHEV"  version u8 = 1  crc32 u32  record*         .seg: after the last record  index_offset u64
//! record  := len u32  crc32 u32  payload [len]                  (checksum of the payload; its first byte is the kind)
//! payload := 1 told | 2 block | 3 index | 4 standings | 5 profile   (other kinds are passed over)
//!
//! told    := number u64  text host  0 | 1 stream u64 varint frame   varint count  event{count}       in a .log
//!            (number: of the first event, those that follow count on; stream and frame: where an agent said it)
//! block   := raw_len u32  zstd( run* )                                                               in a .seg
//! run     := text host  varint count  (varint number  event){count}          (number: less the one before it in the run)
//! index   := first u64  end u64  sealed i64
//!            varint hosts  (text host){hosts}  varint blocks  entry{blocks}  varint origins  (stream u64  varint frame)*
//! entry   := varint offset  varint len  varint host_first  varint host_last  varint number_first  varint number_last
//!            zigzag time_min  zigzag time_max  levels u8
//! event   := as in a frame of events of the native protocol: `wire::protocols::native::events`
//!
//! standings   a file of records of kind 4, replaced as a whole
//! standings   := as in a frame of standings, then for each part  zigzag since
//! text        := varint len, UTF-8
//!
//! profiles/HOST.CRC32   a file of records of kind 5 for each host, replaced as a whole
//! profile     := text host  event
//! ```
//!
//! Integers of fixed size are little-endian. A record that does not match its checksum costs what is in it: at the end
//! of a `.log` it is a write that was cut, in the middle it is damage; both are counted. An index that cannot be read
//! is made anew from its blocks.

mod active;
mod block;
mod commit;
mod event_log;
mod file;
mod open;
mod options;
mod origins;
mod profiles;
mod query;
mod retain;
mod seal;
mod sealed;
mod standings;
mod telemetry;

pub use event_log::{EventLog, Stats};
pub use options::{Options, Sync};
pub use profiles::PROFILES_PER_HOST_MAX;
pub use telemetry::TELEMETRY;

/// For fuzz targets: reads any bytes as each kind of file.
pub fn read_any(bytes: &[u8]) {
    for record in file::records(bytes) {
        let _ = active::Row::decode(record.payload);
        let _ = block::unpack(record.payload);
        let _ = sealed::Index::decode(record.payload);
        let _ = standings::decode(record.payload);
        let _ = profiles::decode(record.payload);
    }
    let _ = active::Row::decode(bytes);
    let _ = block::unpack(bytes);
    let _ = sealed::Index::decode(bytes);
    let _ = standings::decode(bytes);
    let _ = profiles::decode(bytes);
}

#[cfg(test)]
mod tests;
