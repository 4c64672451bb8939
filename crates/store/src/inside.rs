//! Doors for benchmarks and fuzz targets into what the store otherwise keeps to itself. Nothing here is promised to
//! stay as it is.

/// The codec of columns. Counts are numbers of samples; `None` means that the bytes are damaged.
pub mod codec {
    use crate::codec::{times, values};

    /// Appends the code of `samples`, which is not empty.
    pub fn encode_values(samples: &[f64], out: &mut Vec<u8>) {
        values::encode(samples, out);
    }

    /// Appends `count` values.
    pub fn decode_values(bytes: &[u8], count: usize, samples: &mut Vec<f64>) -> Option<()> {
        values::decode(bytes, count, samples)
    }

    /// Appends the code of `times_ms`, which is not empty and ascends.
    pub fn encode_times(times_ms: &[i64], out: &mut Vec<u8>) {
        times::encode(times_ms, out);
    }

    /// Appends `count` times.
    pub fn decode_times(bytes: &[u8], count: usize, times_ms: &mut Vec<i64>) -> Option<()> {
        times::decode(bytes, count, times_ms)
    }
}

/// The log: records and their bodies, as they are read back.
pub mod log {
    use crate::log::record::{Decoded, Decoder};
    use crate::log::segment::{Part, Parts, frame, read_frame};

    /// Walks bytes as a segment and decodes all that is whole; gives the number of records that made sense.
    pub fn read_segment(bytes: &[u8]) -> usize {
        let (mut decoder, mut decoded, mut understood) = (Decoder::default(), Decoded::default(), 0);
        for part in Parts::new(bytes) {
            match part {
                Part::Record { payload, .. } => {
                    let body = read_frame(payload).map_or(payload, |frame| frame.body);
                    understood += usize::from(decoder.decode(body, &mut decoded).is_ok());
                }
                Part::Damage { .. } | Part::Tail { .. } => decoder.lose(),
            }
        }
        understood
    }

    /// Decodes bodies one after the other, past the checksums that keep a fuzzer out.
    pub fn read_bodies<'a>(bodies: impl Iterator<Item = &'a [u8]>) {
        let (mut decoder, mut decoded) = (Decoder::default(), Decoded::default());
        for body in bodies {
            if decoder.decode(body, &mut decoded).is_err() {
                assert!(decoded.samples.is_empty());
            }
        }
    }

    /// Puts a body into a record and takes it out again.
    pub fn there_and_back(offset: u64, stored_ms: i64, producer: Option<u128>, n: u64, body: &[u8]) {
        let mut record = vec![0; crate::log::segment::HEADER_BYTES];
        let mut framed = Vec::new();
        frame(&mut framed, offset, stored_ms, producer, n, body);
        record.extend_from_slice(&framed);
        let part = Parts::new(&record).next();
        let Some(Part::Record { payload, .. }) = part else { panic!("a record that is not found") };
        let frame = read_frame(payload).expect("as it was written");
        assert_eq!((frame.offset, frame.stored_ms, frame.producer), (offset, stored_ms, producer));
        assert_eq!((frame.n, frame.body), (n, body));
    }
}

/// The reader of blocks.
pub mod block {
    use crate::block::index::BlockIndex;
    use crate::block::meta::Meta;
    use crate::index::Index;
    use crate::rollup::rows;
    use model::Kind;
    use stdx::crc::crc32;

    const SEQUENCE: u64 = 1;

    /// Reads bytes as each file and column of a block that is not samples, behind a right header and before a right
    /// checksum, and walks through what they say.
    pub fn read(bytes: &[u8]) {
        for version in 1..=2 {
            let _ = Meta::decode(&file(*b"WHMETA", version, bytes), SEQUENCE);
            if let Ok(index) = BlockIndex::open(file(*b"WHINDX", version, bytes), SEQUENCE) {
                walk(&index);
            }
        }
        for count in [1, 7, 4096] {
            let starts_ms: Vec<i64> = (0..count).map(|row| row * 60_000).collect();
            if let Some(found) = rows::decode(bytes, &starts_ms, 60_000, rows::every_aspect()) {
                for kind in [Kind::Gauge, Kind::Counter] {
                    rows::encode(&found, kind, &mut Vec::new());
                }
            }
        }
    }

    fn file(magic: [u8; 6], version: u16, body: &[u8]) -> Vec<u8> {
        let mut bytes = [&magic[..], &version.to_le_bytes(), &SEQUENCE.to_le_bytes(), body].concat();
        let crc = crc32(&bytes);
        bytes.extend_from_slice(&crc.to_le_bytes());
        bytes
    }

    fn walk(index: &BlockIndex) {
        for ordinal in 0..index.series_count().min(100) {
            let _ = (index.id(ordinal), index.chunks(ordinal), index.reader().get(ordinal));
        }
        for times in 0..100 {
            let _ = index.times(times);
        }
    }

    #[cfg(test)]
    mod tests {
        use stdx::random::Random;

        #[test]
        fn any_bytes_are_refused_or_read() {
            let mut random = Random::from_seed(1);
            for _ in 0..3000 {
                let len = random.below(120);
                // Mostly small numbers, as real files have them.
                let byte =
                    |r: &mut Random| if r.below(3) == 0 { r.next_u64() as u8 } else { r.below(5) as u8 };
                let bytes: Vec<u8> = (0..len).map(|_| byte(&mut random)).collect();
                super::read(&bytes);
            }
        }
    }
}
