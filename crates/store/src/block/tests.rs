use super::ahead::Ahead;
use super::index::{BlockIndex, ChunkPlace, IndexBuilder, TimesEntry};
use super::meta::{Meta, Origin, Part};
use super::reader::{Block, StoredChunk};
use super::writer::BlockWriter;
use crate::blockstore::BlockStore;
use crate::blockstore::local::LocalBlocks;
use crate::index::Index;
use crate::rollup::summary::Summary;
use model::{Kind, Labels, SeriesId, TimeRange};
use std::path::Path;
use std::sync::Arc;
use stdx::disk::{Disk, FaultyDisk};
use stdx::random::Random;

fn labels(i: u64) -> Labels {
    let (job, number) = (format!("job-{}", i % 3), format!("value-{i:05}"));
    Labels::from_pairs([("__name__", "metric"), ("job", job.as_str()), ("number", &number)]).unwrap()
}

fn index_of(count: u64) -> Vec<u8> {
    let mut builder = IndexBuilder::default();
    for i in 0..count {
        builder.add_times(TimesEntry { first_ms: i as i64, last_ms: 9, offset: 3, count: 2, len_bytes: 1 });
        let chunks = [
            ChunkPlace {
                times: i as u32,
                offset: 1000 * i,
                len_bytes: 5,
                summary: Summary::of(&[1.5, i as f64]),
            },
            ChunkPlace { times: 0, offset: 5, len_bytes: 77, summary: None },
        ];
        builder.add_series(SeriesId(i * 2 + i / 10), labels(i).key(), Kind::Counter, &chunks);
    }
    builder.finish(4).unwrap()
}

#[test]
fn an_index_finds_what_was_put_in() {
    for count in [0, 1, 15, 16, 17, 100, 1000] {
        let index = BlockIndex::open(index_of(count), 4).unwrap();
        assert_eq!(u64::from(index.series_count()), count);
        assert_eq!(index.ids().count() as u64, count);
        for i in 0..count {
            let ordinal = i as u32;
            let id = SeriesId(i * 2 + i / 10);
            assert_eq!((index.ordinal(id), index.id(ordinal)), (Some(ordinal), Some(id)));
            assert_eq!(index.find(labels(i).key()), Some(ordinal));
            let series = index.reader().get(ordinal).unwrap();
            assert_eq!((series.key.as_slice(), series.kind), (labels(i).key(), Kind::Counter));
            assert_eq!(series.chunks[0].offset, 1000 * i);
            assert_eq!(index.chunks(ordinal), Some((Kind::Counter, series.chunks)));
            assert_eq!(index.times(ordinal).unwrap().first_ms, i as i64);
        }
        assert_eq!(index.ordinal(SeriesId(1)), None);
        assert_eq!(index.find(labels(count).key()), None);
        assert_eq!((index.id(count as u32), index.reader().get(count as u32)), (None, None));
        assert_eq!(index.find(Labels::empty().key()), None);
        assert_eq!(index.exact("job", "job-2").len(), count / 3);
        assert_eq!((index.present("job").len(), index.present("rack").len()), (count, 0));
    }
}

#[test]
fn flipped_bits_and_cut_ends_of_an_index_are_seen() {
    let bytes = index_of(20);
    for at in 0..bytes.len() {
        let mut bad = bytes.clone();
        bad[at] ^= 1;
        assert!(BlockIndex::open(bad, 4).is_err(), "{at}");
        assert!(BlockIndex::open(bytes[..at].to_vec(), 4).is_err(), "{at}");
    }
    assert!(BlockIndex::open(bytes, 5).is_err(), "the index of another block");
}

/// Even where the checksum is right, nonsense must not do harm.
#[test]
fn nonsense_with_a_right_checksum_does_no_harm() {
    let mut random = Random::from_seed(5);
    let bytes = index_of(40);
    for _ in 0..800 {
        let mut bad = bytes[..bytes.len() - 4].to_vec();
        for _ in 0..1 + random.below(3) {
            let at = 16 + random.below(bad.len() as u64 - 16) as usize;
            bad[at] = random.next_u64() as u8;
        }
        let crc = stdx::crc::crc32(&bad);
        bad.extend_from_slice(&crc.to_le_bytes());
        let Ok(index) = BlockIndex::open(bad, 4) else { continue };
        for i in 0..40 {
            let _ = (index.reader().get(i), index.chunks(i), index.find(labels(u64::from(i)).key()));
            let _ = (index.id(i), index.ordinal(SeriesId(u64::from(i))), index.times(i));
        }
        let _ = (index.present("number"), index.exact("job", "job-1"));
        index.values("number", "value-0001", &mut |_, list| {
            assert!(list.to_set().max().is_none_or(|max| max < index.series_count()));
            crate::index::Step::Next
        });
    }
}

fn store(disk: &FaultyDisk) -> Arc<dyn BlockStore> {
    disk.create_dir_all(Path::new("/s")).unwrap();
    Arc::new(LocalBlocks::open(Arc::new(disk.clone()), Path::new("/s")).unwrap())
}

fn write_block(disk: &FaultyDisk, series: &[(u64, Vec<i64>)], window: TimeRange) -> Block {
    let mut writer = BlockWriter::create(store(disk), 7, window).unwrap();
    for (id, times_ms) in series {
        let values: Vec<f64> = times_ms.iter().map(|t| (t % 10) as f64).collect();
        writer.samples(times_ms, &values).unwrap();
        writer.end_series(SeriesId(*id), labels(*id).key(), Kind::Gauge);
    }
    writer.finish(vec![1, 2], Origin::default()).unwrap();
    Block::open(&store(disk), 7).unwrap()
}

#[test]
fn series_of_one_scrape_share_their_times_whenever_they_began() {
    let window = TimeRange::new(0, 7_200_000);
    let all: Vec<i64> = (0..7200).map(|i| i * 1000 + i % 3).collect();
    let late = all[1000..].to_vec();
    let gone = all[..5000].to_vec();
    let disk = FaultyDisk::new();
    let block = write_block(&disk, &[(0, all.clone()), (1, late), (2, gone), (3, all)], window);
    let columns = |id| {
        let chunks = block.chunks(SeriesId(id), TimeRange::ALL).unwrap();
        chunks.iter().map(|c| c.place.times).collect::<Vec<_>>()
    };
    assert_eq!(columns(0), [0, 1, 2, 3]);
    assert_eq!(columns(3), columns(0));
    assert_eq!(columns(1)[1..], columns(0)[1..], "only the first differs");
    assert_eq!(columns(2)[..2], columns(0)[..2], "only the last differs");
    assert_eq!(block.meta.samples, 7200 * 2 + 6200 + 5000);
    assert_eq!(block.meta.replaces, [1, 2]);
    let mut times = Vec::new();
    for chunk in block.chunks(SeriesId(1), TimeRange::new(3_000_000, 4_000_000)).unwrap() {
        block.read_times(&chunk.times, &mut times).unwrap();
    }
    assert!(times.contains(&3_000_000) && times.len() < 6200);
}

#[test]
fn bursts_and_crowds_are_cut_into_chunks_that_can_be_read() {
    let window = TimeRange::new(0, 7_200_000);
    let crowd: Vec<i64> = (0..50_000).collect();
    let burst: Vec<i64> = (0..9000).chain([7_000_000]).collect();
    let disk = FaultyDisk::new();
    let block = write_block(&disk, &[(0, crowd.clone()), (1, burst.clone())], window);
    let mut ahead = Ahead::default();
    for (id, expected) in [(0, crowd), (1, burst)] {
        let (mut times, mut values) = (Vec::new(), Vec::new());
        for chunk in block.chunks(SeriesId(id), TimeRange::ALL).unwrap() {
            block.read_times(&chunk.times, &mut times).unwrap();
            block.read_values(&chunk, &mut ahead, &mut values).unwrap();
        }
        assert_eq!(values.len(), times.len());
        assert_eq!(times, expected);
    }
}

#[test]
fn chunks_are_the_same_however_they_are_read() {
    let window = TimeRange::new(0, 7_200_000);
    let series: Vec<(u64, Vec<i64>)> =
        (0..400).map(|id| (id, (0..720).map(|i| i * 10_000).collect())).collect();
    let disk = FaultyDisk::new();
    let block = write_block(&disk, &series, window);
    let chunks: Vec<StoredChunk> =
        (0..400).flat_map(|id| block.chunks(SeriesId(id), TimeRange::ALL).unwrap()).collect();
    let mut random = Random::from_seed(3);
    let mut ahead = Ahead::default();
    // In order, backwards, every seventh, at random.
    let orders: [Vec<usize>; 4] = [
        (0..chunks.len()).collect(),
        (0..chunks.len()).rev().collect(),
        (0..chunks.len()).step_by(7).collect(),
        (0..300).map(|_| random.below(chunks.len() as u64) as usize).collect(),
    ];
    for chunk in orders.into_iter().flatten().map(|at| &chunks[at]) {
        let (mut alone, mut values) = (Vec::new(), Vec::new());
        block.read_values(chunk, &mut Ahead::default(), &mut alone).unwrap();
        block.read_values(chunk, &mut ahead, &mut values).unwrap();
        assert_eq!(values, alone);
    }
}

#[test]
fn a_meta_comes_back_and_damage_is_seen() {
    let meta = Meta {
        sequence: 4,
        window: TimeRange::new(-10, 20),
        first_ms: -3,
        last_ms: 19,
        series: 2,
        samples: 30,
        data_bytes: 400,
        index_bytes: 50,
        replaces: vec![1, 3],
        origin: Origin {
            from_offset: 7,
            to_offset: 1 << 40,
            tier_ms: 60_000,
            policy: "short".to_owned(),
            parts: vec![Part { window: TimeRange::new(-10, 5), sequence: 3 }],
        },
    };
    let bytes = meta.encode();
    assert_eq!(Meta::decode(&bytes, 4).unwrap(), meta);
    assert_eq!(meta.len_bytes(), 450 + bytes.len() as u64);
    assert!(Meta::decode(&bytes, 5).is_err());
    for at in 0..bytes.len() {
        let mut bad = bytes.clone();
        bad[at] ^= 64;
        assert!(Meta::decode(&bad, 4).is_err(), "{at}");
        assert!(Meta::decode(&bytes[..at], 4).is_err(), "{at}");
    }
}

#[test]
fn a_joined_block_says_what_each_window_first_written_had() {
    let window = |from: i64| TimeRange::new(from, from + 2);
    let meta = |sequence, from: i64, origin| Meta {
        sequence,
        window: window(from),
        first_ms: from,
        last_ms: from,
        series: 1,
        samples: 1,
        data_bytes: 1,
        index_bytes: 1,
        replaces: Vec::new(),
        origin,
    };
    let first =
        [meta(4, 0, Origin::raw(10, 20)), meta(5, 2, Origin::raw(20, 30)), meta(6, 0, Origin::raw(30, 31))];
    let joined = Origin::joined(first.iter());
    let part = |from, sequence| Part { window: window(from), sequence };
    assert_eq!((joined.from_offset, joined.to_offset), (10, 31));
    assert_eq!(joined.parts, [part(0, 6), part(2, 5)]);
    let again = [meta(9, 0, joined), meta(8, 2, Origin::raw(40, 41))];
    assert_eq!(Origin::joined(again.iter()).parts, [part(0, 6), part(2, 8)]);
}
