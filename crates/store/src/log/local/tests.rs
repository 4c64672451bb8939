use super::LocalLog;
use crate::stats::Counters;
use crate::{AppendError, BatchId, Damage, Event, Item, Log, Offset, Options};
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use stdx::clock::ManualClock;
use stdx::disk::{Call, Disk, FaultyDisk};
use stdx::random::Random;

struct Rig {
    disk: FaultyDisk,
    events: Arc<Mutex<Vec<Event>>>,
}

impl Rig {
    fn new() -> Self {
        let disk = FaultyDisk::new();
        disk.create_dir_all(Path::new("/s")).unwrap();
        disk.sync_dir(Path::new("/")).unwrap();
        Self { disk, events: Arc::default() }
    }

    fn open_at(&self, floor: Offset) -> LocalLog {
        let clock = Arc::new(ManualClock::at(1000));
        let mut options = Options::new("/s", Arc::new(self.disk.clone()), clock);
        options.segment_bytes = 400;
        let events = Arc::clone(&self.events);
        options.tell = Arc::new(move |event| events.lock().unwrap().push(event));
        LocalLog::open(&options, Arc::new(Counters::new()), floor).unwrap()
    }

    fn open(&self) -> LocalLog {
        self.open_at(0)
    }

    fn events(&self) -> Vec<Event> {
        std::mem::take(&mut self.events.lock().unwrap())
    }

    fn segments(&self) -> Vec<PathBuf> {
        self.disk.files().into_iter().filter(|path| path.starts_with("/s/log")).collect()
    }
}

fn id(n: u64) -> BatchId {
    BatchId { producer: u128::from(n / 50), n }
}

/// Records `from..to`, each of which says its number.
fn fill(log: &dyn Log, range: std::ops::Range<u64>) {
    for n in range {
        assert_eq!(log.append(0, id(n), format!("record {n}").as_bytes()).unwrap(), n);
    }
}

/// Offsets and contents, and what was lost.
fn read(log: &dyn Log, from: Offset) -> (Vec<Offset>, Vec<Damage>) {
    let (mut found, mut lost) = (Vec::new(), Vec::new());
    let end = log.read(0, from, &mut |item| {
        match item {
            Item::Record(record) => {
                assert_eq!(record.body, format!("record {}", record.offset).as_bytes());
                assert_eq!(record.stored_ms, 1000);
                assert!(record.id.is_none_or(|name| name == id(record.offset)));
                found.push(record.offset);
            }
            Item::Lost(damage) => lost.push(damage),
        }
        ControlFlow::Continue(())
    });
    assert_eq!(end.unwrap(), log.bounds(0).unwrap().end.max(from));
    (found, lost)
}

#[test]
fn records_keep_their_offsets_over_lives_and_segments() {
    let rig = Rig::new();
    for life in 0..5 {
        let log = rig.open();
        assert_eq!(log.bounds(0).unwrap(), 0..life * 20);
        fill(&log, life * 20..life * 20 + 20);
        for from in [0, 7, life * 20 + 3, life * 20 + 20] {
            assert_eq!(read(&log, from), ((from..life * 20 + 20).collect(), vec![]), "{from}");
        }
    }
    assert!(rig.segments().len() > 5);
    assert_eq!(rig.events(), []);
    let log = rig.open();
    let mut seen = 0;
    let stopped = log.read(0, 11, &mut |_| {
        seen += 1;
        if seen == 4 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!((seen, stopped.unwrap()), (4, 15));
}

#[test]
fn a_record_that_is_tried_again_is_stored_once() {
    let rig = Rig::new();
    let log = rig.open();
    fill(&log, 0..30);
    assert_eq!(log.append(0, id(7), b"again").unwrap(), 7);
    drop(log);
    let log = rig.open();
    assert_eq!(log.append(0, id(29), b"again, in another life").unwrap(), 29);
    assert_eq!(log.bounds(0).unwrap(), 0..30);
}

#[test]
fn what_is_trimmed_is_gone_and_offsets_go_on() {
    let rig = Rig::new();
    let log = rig.open();
    fill(&log, 0..60);
    log.trim(0, 35).unwrap();
    let start = log.bounds(0).unwrap().start;
    assert!((20..=35).contains(&start), "{start}");
    assert_eq!(read(&log, 35).0, (35..60).collect::<Vec<_>>());
    let (found, lost) = read(&log, 0);
    assert_eq!(found.first(), Some(&start));
    assert_eq!(lost.iter().map(|damage| damage.offsets.clone()).collect::<Vec<_>>(), [0..start]);
    log.trim(0, 60).unwrap();
    assert_eq!((rig.segments().len(), log.health().len_bytes), (0, 0));
    fill(&log, 60..61);
    log.trim(0, 61).unwrap();
    drop(log);
    // Where the next record goes is then only known to whoever had the log trimmed.
    let log = rig.open_at(61);
    fill(&log, 61..62);
    assert_eq!(log.bounds(0).unwrap(), 61..62);
}

/// Whatever bit flips: the records that are left keep their offsets, and those that are not are named.
#[test]
fn damage_in_the_middle_shifts_nothing() {
    let rig = Rig::new();
    fill(&rig.open(), 0..60);
    let segments = rig.segments();
    for path in &segments[..segments.len() - 1] {
        let bytes = rig.disk.read(path).unwrap();
        for at in (0..bytes.len()).step_by(3) {
            rig.disk.damage(path, |bytes| bytes[at] ^= 1 << (at % 8));
            let what = format!("{} byte {at}", path.display());
            if (6..8).contains(&at) {
                let mut options =
                    Options::new("/s", Arc::new(rig.disk.clone()), Arc::new(ManualClock::at(0)));
                options.segment_bytes = 400;
                assert!(LocalLog::open(&options, Arc::new(Counters::new()), 0).is_err(), "{what}");
            } else {
                let log = rig.open();
                let (found, lost) = read(&log, 0);
                let gone: Vec<Offset> = lost.iter().flat_map(|damage| damage.offsets.clone()).collect();
                assert!(gone.len() <= 1, "{what}: {gone:?}");
                let mut all = [found, gone].concat();
                all.sort_unstable();
                assert_eq!(all, (0..60).collect::<Vec<_>>(), "{what}");
            }
            rig.disk.damage(path, |now| now.clone_from(&bytes));
        }
    }
    rig.events();
    // A whole file is gone.
    rig.disk.remove_file(&segments[1]).unwrap();
    let (found, lost) = read(&rig.open(), 0);
    assert_eq!(lost.len(), 1);
    assert_eq!(found.len() as u64 + (lost[0].offsets.end - lost[0].offsets.start), 60);
}

#[test]
fn a_torn_end_is_cut_and_told_and_its_offset_given_out_again() {
    for cut in 1..30 {
        let rig = Rig::new();
        fill(&rig.open(), 0..5);
        let path = rig.segments().remove(0);
        rig.disk.damage(&path, |bytes| bytes.truncate(bytes.len() - cut));
        let log = rig.open();
        assert!(matches!(rig.events()[..], [Event::LogCut { .. }]), "{cut}");
        assert_eq!(log.bounds(0).unwrap(), 0..4);
        fill(&log, 4..9);
        assert_eq!(read(&rig.open(), 0), ((0..9).collect(), vec![]), "{cut}");
        assert_eq!(rig.events(), []);
    }
}

#[test]
fn a_full_disk_is_waited_for_and_another_failure_is_the_end() {
    let rig = Rig::new();
    let log = rig.open();
    fill(&log, 0..5);
    for _ in 0..3 {
        rig.disk.set_capacity_bytes(Some(1));
        assert!(matches!(log.append(0, id(5), b"x"), Err(AppendError::Full(_))));
        assert!(log.health().is_full);
    }
    rig.disk.set_capacity_bytes(None);
    fill(&log, 5..20);
    assert!(!log.health().is_full);
    rig.disk.set_capacity_bytes(Some(1));
    let refused = (0..20).all(|_| matches!(log.append(0, id(20), &[0; 500]), Err(AppendError::Full(_))));
    assert!(refused, "also where a segment would have to be started");
    rig.disk.set_capacity_bytes(None);
    fill(&log, 20..40);
    assert_eq!(read(&log, 0), ((0..40).collect(), vec![]));
    rig.disk.fail(Call::Write, 1, ErrorKind::Other);
    assert!(matches!(log.append(0, id(40), b"x"), Err(AppendError::Broken(_))));
    assert!(matches!(log.append(0, id(40), b"x"), Err(AppendError::Broken(_))));
    drop(log);
    let log = rig.open();
    fill(&log, 40..50);
    assert_eq!(read(&rig.open(), 0), ((0..50).collect(), vec![]));
}

#[test]
fn what_was_synced_survives_a_power_cut() {
    for seed in 0..60 {
        let rig = Rig::new();
        let log = rig.open();
        fill(&log, 0..40);
        log.sync(0, 40).unwrap();
        fill(&log, 40..60);
        rig.disk.lose_power(&mut Random::from_seed(seed));
        let log = rig.open();
        let (found, lost) = read(&log, 0);
        assert!(found.starts_with(&(0..40).collect::<Vec<_>>()), "seed {seed}: {found:?}");
        assert!(lost.iter().all(|damage| damage.offsets.start >= 40), "seed {seed}: {lost:?}");
        let next = log.bounds(0).unwrap().end;
        fill(&log, next..next + 10);
        assert_eq!(read(&rig.open(), next).0, (next..next + 10).collect::<Vec<_>>(), "seed {seed}");
    }
}

#[test]
fn too_long_a_record_is_refused_by_its_length() {
    let log = Rig::new().open();
    let refused = log.append(0, id(0), &vec![0; 129 << 20]).unwrap_err();
    assert!(refused.to_string().contains("135266304 bytes"), "{refused}");
}
