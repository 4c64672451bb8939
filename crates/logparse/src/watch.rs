//! A pattern of files with one format: its files as they come and go, each with a tail and an aggregate of its own.

mod counted;
mod files;
mod tally;

use crate::aggregate::Options;
use crate::envelope::{Envelope, Stream, Unwrapper, place};
use crate::formats::{Format, FormatError};
use crate::journal::Wanted;
use crate::tail::{Begin, Budget, FileId, Place, Positions, Tail, born_ms};
use crate::telemetry;
pub(crate) use counted::Counted;
use files::Files;
pub(crate) use files::expand;
use files::generations::OLD_MS;
use model::{Sink, Standing};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
pub(crate) use tally::Tally;

/// What to watch.
#[derive(Debug, Clone)]
pub struct Spec {
    /// The label `name` of its series, and how it is told of: `nginx`, `shop`.
    pub name: String,
    /// Absolute paths; `*`, `?` and `[…]` in them stand for what they do in a shell.
    pub patterns: Vec<String>,
    /// Files that are another's although a pattern fits them; paths like those of the patterns.
    pub except: Vec<String>,
    /// Where these paths begin: `/`, or `/proc/PID/root` for a process that sees other files. Series have the path without.
    pub root: PathBuf,
    /// What is read of the journal instead of files; then patterns are those of its own files, empty for where systemd has
    /// them.
    pub journal: Option<Wanted>,
    /// What a runtime of containers wrapped around each line.
    pub envelope: Option<Envelope>,
    /// Lines of the other stream are left out, where the envelope tells them apart.
    pub stream: Option<Stream>,
    /// The label `log_file`, where that is not the path: a container's `/dev/stdout`.
    pub log_file: Option<String>,
    /// The format of the lines.
    pub format: Arc<Format>,
    /// Labels that its series get besides `host`, `name` and `log_file`.
    pub labels: Vec<(String, String)>,
    /// Whether what is in the files when they are first seen counts, too.
    pub from_start: bool,
    /// What is made of the lines.
    pub options: Options,
}

impl Spec {
    /// What tells it from the others: `nginx /var/log/nginx/access.log`.
    pub(crate) fn title(&self) -> String {
        let mut title = match &self.journal {
            None => format!("{} {}", self.name, self.patterns.join(", ")),
            Some(Wanted::Counts) => self.name.clone(),
            Some(Wanted::Field(field)) => format!("{} journal {field}", self.name),
        };
        if self.root != Path::new("/") {
            title.push_str(&format!(" below {}", self.root.display()));
        }
        if let Some(stream) = self.stream {
            title.push_str(&format!(" ({})", stream.as_str()));
        }
        title
    }

    /// The labels of every series of a file.
    pub(crate) fn labels_of(&self, host: &str, path: &str) -> Vec<(String, String)> {
        let label = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let log_file = self.log_file.as_deref().unwrap_or(path);
        let mut labels = vec![label("host", host), label("log_file", log_file), label("name", &self.name)];
        if self.envelope.is_some() {
            labels.extend(place::labels(path).into_iter().map(|(name, value)| (name.to_owned(), value)));
        }
        for (name, value) in &self.labels {
            labels.retain(|(other, _)| other != name);
            labels.push(label(name, value));
        }
        labels
    }

    /// Under what the positions of a file are kept: the two streams of one file are read each by itself.
    fn key(&self, name: &str) -> String {
        match self.stream {
            Some(stream) => format!("{name} ({})", stream.as_str()),
            None => name.to_owned(),
        }
    }

    /// Counts of all entries of the journal below a root.
    ///
    /// # Errors
    /// Never: it has no format that could be wrong.
    pub fn of_journal(root: impl Into<PathBuf>) -> Result<Self, FormatError> {
        // Entries that are only counted have no format.
        let format = Arc::new(Format::compile("redis", "")?);
        Ok(Self { root: root.into(), journal: Some(Wanted::Counts), ..Self::new("journal", "", format) })
    }

    /// The usual one.
    pub fn new(name: impl Into<String>, pattern: impl Into<String>, format: Arc<Format>) -> Self {
        Self {
            name: name.into(),
            patterns: vec![pattern.into()],
            except: Vec::new(),
            root: PathBuf::from("/"),
            journal: None,
            envelope: None,
            stream: None,
            log_file: None,
            format,
            labels: Vec::new(),
            from_start: false,
            options: Options::default(),
        }
    }
}

/// How often patterns are looked up again.
const EXPAND_MS: i64 = 10_000;
/// Bytes of one file in one go; others come first, then the rest.
const READ_BYTES_MAX: u64 = 4 << 20;

/// A file with its series.
#[derive(Debug)]
struct Slot {
    /// The path as series have it.
    name: String,
    /// Under which its positions are kept.
    key: String,
    tail: Tail,
    counted: Counted,
    /// A newer one is written, and where this one ended is kept.
    is_old: bool,
}

/// See the module's text.
#[derive(Debug)]
pub(crate) struct Watch {
    spec: Spec,
    host: String,
    files: Files,
    slots: Vec<Slot>,
    expand_ms: i64,
    is_first: bool,
    /// When files were looked for last, or whoever follows them began: what was made later is new.
    looked_ms: i64,
    standing: Standing,
    /// What was wrong when all was last told, beside what the files say.
    refused: String,
}

impl Watch {
    /// `begun_ms` is when files began to be followed at all.
    pub(crate) fn new(spec: Spec, host: &str, begun_ms: i64) -> Self {
        let standing = Standing { part: "log", name: spec.title(), ..Standing::default() };
        Self {
            files: Files::default(),
            slots: Vec::new(),
            expand_ms: i64::MIN,
            is_first: true,
            looked_ms: begun_ms,
            host: host.to_owned(),
            refused: String::new(),
            standing,
            spec,
        }
    }

    /// Looks for files and reads what is new; true when more is left.
    pub(crate) fn tick(&mut self, now_ms: i64, positions: &mut Positions, buffer: &mut Vec<u8>) -> bool {
        if now_ms >= self.expand_ms || self.expand_ms - now_ms > EXPAND_MS {
            self.expand(now_ms, positions);
            self.expand_ms = now_ms + EXPAND_MS;
        }
        let mut has_more = false;
        for slot in &mut self.slots {
            let mut budget = Budget { bytes: READ_BYTES_MAX };
            has_more |= slot.tail.tick(now_ms, &mut budget, buffer, &mut slot.counted);
        }
        has_more
    }

    /// Finds new files.
    fn expand(&mut self, now_ms: i64, positions: &mut Positions) {
        let found = self.files.find(&self.spec, now_ms);
        self.refused = found.problem;
        for slot in self
            .slots
            .iter_mut()
            .filter(|slot| !slot.is_old && found.old.iter().any(|old| old == slot.tail.path()))
        {
            slot.is_old = true;
            positions.put_back(slot.tail.positions(&slot.key, now_ms));
        }
        for path in found.paths {
            let name = self.visible(&path);
            if self.slots.iter().any(|slot| slot.name == name) {
                continue;
            }
            // A file that was renamed from one name of the pattern to another is still the same.
            let mut place = Place::new(&self.spec.root, path.clone());
            let meta = place.look();
            if let Ok(meta) = &meta
                && self.slots.iter().any(|slot| slot.tail.knows(&path, meta))
            {
                continue;
            }
            let is_old = || {
                meta.as_ref()
                    .is_ok_and(|found| born_ms(found).is_some_and(|born_ms| born_ms < now_ms - OLD_MS))
            };
            let begin = match self.spec.from_start {
                // What was left out because it was old may be written again.
                false if self.is_first || is_old() => Begin::End,
                _ => Begin::Start,
            };
            let now = meta.as_ref().map_or(FileId::NONE, FileId::of);
            let key = self.spec.key(&name);
            let known = positions.take(&key, place.root_id(), now);
            let tail = Tail::new(place, begin, self.looked_ms, known);
            let labels = self.spec.labels_of(&self.host, &name);
            let (format, options) = (self.spec.format.clone(), self.spec.options.clone());
            let tally = Tally::new(format, options, &labels, now_ms);
            let unwrapper = self.spec.envelope.map(|it| Box::new(Unwrapper::new(it, self.spec.stream)));
            let counted = Counted::new(tally, unwrapper);
            self.slots.push(Slot { name, key, tail, counted, is_old: false });
        }
        (self.is_first, self.looked_ms) = (false, now_ms);
    }

    /// The path as those see it who write the log.
    fn visible(&self, path: &Path) -> String {
        match path.strip_prefix(&self.spec.root) {
            Ok(rest) => Path::new("/").join(rest).to_string_lossy().into_owned(),
            Err(_) => path.to_string_lossy().into_owned(),
        }
    }

    /// Hands on what was counted, and says how all stands.
    pub(crate) fn flush(&mut self, now_ms: i64, took_us: u64, sink: &dyn Sink) {
        let mut problem = self.refused.clone();
        let (mut samples, mut add) = (0, |text: &str| {
            if !text.is_empty() && problem.len() < 1000 {
                let _infallible = write!(problem, "{}{text}", if problem.is_empty() { "" } else { "; " });
            }
        });
        for slot in &mut self.slots {
            let (told, why) = slot.counted.tally.flush(now_ms, sink);
            samples += told;
            telemetry::LOST.add(u64::from(!why.is_empty()));
            add(&why);
            add(&slot.tail.problem);
            add(&slot.counted.unmatched(&slot.name));
        }
        self.spec.format.warnings.iter().for_each(|warning| add(warning));
        self.standing.last_ms = Some(now_ms);
        (self.standing.took_us, self.standing.samples, self.standing.problem) = (took_us, samples, problem);
        self.drop_gone(now_ms, sink);
    }

    /// Ends the series of files that a pattern no longer finds, and of those that are over.
    fn drop_gone(&mut self, now_ms: i64, sink: &dyn Sink) {
        let files = &self.files;
        self.slots.retain_mut(|slot| {
            let is_gone = slot.is_old || slot.tail.is_over() && files.is_of_a_glob(slot.tail.path());
            if is_gone {
                slot.counted.tally.end(now_ms, sink);
            }
            !is_gone
        });
    }

    /// Ends all series; gives what a later start has to know.
    pub(crate) fn end(&mut self, now_ms: i64, sink: &dyn Sink) -> Vec<crate::tail::Position> {
        self.slots.iter_mut().for_each(|slot| slot.counted.tally.end(now_ms, sink));
        self.positions(now_ms).collect()
    }

    pub(crate) fn positions(&self, now_ms: i64) -> impl Iterator<Item = crate::tail::Position> {
        self.slots.iter().flat_map(move |slot| slot.tail.positions(&slot.key, now_ms))
    }

    pub(crate) fn standing(&self) -> &Standing {
        &self.standing
    }

    pub(crate) fn files(&self) -> usize {
        self.slots.len()
    }
}
