//! A round robin file for each series, defined as the specification's monitor has rrdtool make it: a second for 10 days,
//! a minute for 90 days, an hour for 18 months, a day for 10 years. A file that is there already keeps its definition.

use super::file_name;
use foreign::formats::rrd::inplace::{InPlace, InPlaceError};
use foreign::formats::rrd::update::{ArchiveDefinition, Reading, SourceDefinition, UpdateError};
use foreign::formats::rrd::{Consolidation, SourceKind};
use model::{Batch, Kind, Position, PushError, Receipt, Report, Sink};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Most files that one run makes or updates: each has 8 MB, and what names them comes from the network.
const FILES_MAX: usize = 2_000;
const STEP_S: u64 = 1;
/// Rates outside are unknown.
const BOUNDS: (f64, f64) = (0.0, 99.0);
/// Seconds of a row, and rows.
const ARCHIVES: [(u64, usize); 4] = [(1, 864_000), (60, 129_600), (3_600, 13_392), (86_400, 3_660)];

/// See the module's text.
pub struct Rrd {
    folder: PathBuf,
    heartbeat_s: u64,
    files: Mutex<BTreeMap<String, InPlace>>,
}

impl Rrd {
    /// Writes into this folder what comes about once a `period`.
    pub fn new(folder: PathBuf, period: Duration) -> Self {
        // The specification has a second, for a ping a second. With longer ones everything would be unknown.
        let heartbeat_s = if period <= Duration::from_secs(1) { 1 } else { 2 * period.as_secs().max(1) };
        Self { folder, heartbeat_s, files: Mutex::default() }
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<String, InPlace>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn update(&self, name: &str, kind: Kind, time_s: i64, value: f64) -> Result<(), String> {
        let mut files = self.files();
        if !files.contains_key(name) {
            if files.len() >= FILES_MAX {
                return Err(format!("there are {FILES_MAX} files already"));
            }
            let file = self.open(&self.folder.join(name), kind, time_s).map_err(|e| e.to_string())?;
            files.insert(name.to_owned(), file);
        }
        let file = files.get_mut(name).ok_or("not opened")?;
        match file.update(time_s * 1_000_000, Reading::Number(value)) {
            // Two pings in a second, as when two monitors agree anew. The shell monitor's update fails then, too.
            Ok(()) | Err(InPlaceError::Update(UpdateError::NotAfter)) => Ok(()),
            Err(InPlaceError::Update(why)) => Err(why.to_string()),
            Err(why) => {
                // As it is on the disk, if it is there at all, when the next value comes.
                files.remove(name);
                Err(why.to_string())
            }
        }
    }

    fn open(&self, path: &Path, kind: Kind, time_s: i64) -> Result<InPlace, InPlaceError> {
        if path.exists() {
            return InPlace::open(path);
        }
        let source = SourceDefinition {
            name: "x".to_owned(),
            kind: match kind {
                Kind::Counter => SourceKind::Counter,
                Kind::Derive => SourceKind::Derive,
                Kind::Absolute => SourceKind::Absolute,
                Kind::Gauge | Kind::Unknown => SourceKind::Gauge,
            },
            heartbeat_s: self.heartbeat_s,
            min: BOUNDS.0,
            max: BOUNDS.1,
        };
        let archive =
            |(steps, rows)| ArchiveDefinition { function: Consolidation::Average, xff: 0.5, steps, rows };
        InPlace::create(path, STEP_S, time_s - 1, &source, &ARCHIVES.map(archive))
    }
}

impl Sink for Rrd {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let mut report = Report::default();
        for rows in batch.groups() {
            for (item, (slot, value)) in rows.slots.iter().zip(rows.values).enumerate() {
                let labels = batch.dictionary.labels(*slot);
                let name = file_name(labels.host(), labels.name(), ".rrd");
                let time_s = rows.time_ms.div_euclid(1000);
                match self.update(&name, batch.dictionary.kind(*slot), time_s, *value) {
                    Ok(()) => report.accepted += 1,
                    Err(why) => report.reject(Position::Item(item + 1), format!("{name}: {why}")),
                }
            }
        }
        Ok(Receipt { report, duplicates: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{HOST, Labels, NAME};

    #[test]
    fn files_have_the_specified_definition_and_values() {
        let folder = std::env::temp_dir().join(format!("windhover-monitor-rrd-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let sink = Rrd::new(folder.clone(), Duration::from_secs(1));
        let mut batch = Batch::new();
        let labels = Labels::from_pairs([(NAME, "load_5"), (HOST, "web")]).unwrap();
        let slot = batch.dictionary.add(&labels, Kind::Gauge);
        for second in 0..4 {
            batch.sample(slot, 1_700_000_000_250 + second * 1000, 0.5 + second as f64);
        }
        batch.sample(slot, 1_700_000_003_900, 7.0);
        assert_eq!(sink.push(&batch).unwrap().report.accepted, 5);
        let path = folder.join("web.load_5.rrd");
        let file = foreign::formats::rrd::binary::read(&std::fs::read(&path).unwrap()).unwrap();
        let shape: Vec<(u64, usize)> = file.archives.iter().map(|a| (a.steps, a.rows)).collect();
        assert_eq!(shape, ARCHIVES);
        assert_eq!(
            (file.sources[0].name.as_str(), file.sources[0].heartbeat_s, file.sources[0].max),
            ("x", 1, 99.0)
        );
        assert_eq!(file.archives[0].values[864_000 - 4..], [0.5, 1.5, 2.5, 3.5]);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
