//! `/api/v1/export`: samples as they were stored, series after series, sorted by metric name and labels.
//!
//! ```text
//! match[]   selectors such as {host="web1"}; a series that satisfies one of them is given; all when absent
//! from, to  instants (from_ms, to_ms: Unix milliseconds); everything when absent
//! step      one value for each, such as 1m (step_ms: milliseconds), instead of every sample; rows answer where samples
//!           are gone
//! aggregate how the samples of a step become one: avg, min, max, sum, last, absmax, absmin; else as the server's
//!           store.aggregation says, else avg
//! format    json (default), openmetrics, csv: any format of `windhover export` that is written series by series
//! ```
//!
//! The answer is a stream that takes bounded memory however long it gets. With `page_samples` (JSON only) it is one page of
//! about so many, and its last line says how to go on: `{"next":{"after":"up{a=\"1\"}","after_ms":1700000000000}}`,
//! given back as parameters, or `{"next":null}` when that was all. Where samples of the page are gone it says so:
//! `{"next":null,"gone":[{"from_ms":0,"to_ms":60000,"tier_ms":60000}]}`.

use crate::dialects::prometheus::{params, selector::parse_selector};
use crate::params::Params;
use crate::{Api, respond};
use foreign::formats::json as lines;
use foreign::{Aggregate, Error, Format, Options, Origin, Step, StoreOrigin, Writing, origin, pour};
use model::{Interval, LabelsBuilder, Matcher, Reading, Series, TimeRange, Zone, timetext};
use serde_json::{Value, json};
use serve::{Body, Events, HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;
use wire::protocols::prometheus_text::{read_series, write_series};

/// Most exports at a time: each has a thread.
const EXPORTS_MAX: usize = 4;
/// Size of the pieces a stream is sent in, in bytes.
const PIECE_BYTES: usize = 256 << 10;
/// Pieces that wait while a client reads slowly.
const PIECES_WAITING_MAX: usize = 2;
/// Most samples of a page, but for the end of a chunk.
const PAGE_SAMPLES_MAX: usize = 1 << 20;

static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// `GET|POST /api/v1/export`.
pub fn get(api: &Arc<Api>, request: &Request) -> Response {
    let asked = match Asked::parse(&params(request), api.clock.now_ms()) {
        Ok(asked) => asked,
        Err(sentence) => return respond::error(StatusCode::BAD_REQUEST, sentence, None),
    };
    match asked.page_samples {
        Some(page_samples) => match page(api, &asked, page_samples) {
            Ok(body) => Response::new(StatusCode::OK, "application/stream+json", body),
            Err(error) => respond::error(StatusCode::UNPROCESSABLE_ENTITY, error.to_string(), None),
        },
        None => stream(api, asked),
    }
}

/// What was asked for.
struct Asked {
    selectors: Vec<Vec<Matcher>>,
    range: TimeRange,
    step_ms: Option<i64>,
    how: Option<Aggregate>,
    format: &'static Format,
    now_ms: i64,
    page_samples: Option<usize>,
    /// Series and time to go on from.
    after: Option<(LabelsBuilder, i64)>,
}

impl Asked {
    fn parse(params: &Params, now_ms: i64) -> Result<Self, String> {
        let mut selectors = Vec::new();
        for text in params.all("match[]") {
            selectors.push(parse_selector(text).map_err(|e| format!("match[]={text}: {e}"))?);
        }
        if selectors.is_empty() {
            selectors.push(Vec::new());
        }
        let number = |name: &str| match params.get(name).map(str::parse::<i64>) {
            Some(Err(_)) => Err(format!("{name}: not a number")),
            Some(Ok(number)) => Ok(Some(number)),
            None => Ok(None),
        };
        let instant = |name: &str| match params.get(name) {
            Some(text) => {
                timetext::parse(text, now_ms, &Zone::utc()).map(Some).map_err(|e| format!("{name}: {e}"))
            }
            None => number(&format!("{name}_ms")),
        };
        let step_ms = match params.get("step") {
            Some(text) => Some(step_ms(text)?),
            None => number("step_ms")?,
        };
        if step_ms.is_some_and(|step_ms| step_ms <= 0) {
            return Err("step_ms: must be more than 0".to_owned());
        }
        let how = match params.get("aggregate") {
            Some(name) => Some(Aggregate::named(name).ok_or_else(|| unknown_aggregate(name))?),
            None => None,
        };
        let range = TimeRange::new(instant("from")?.unwrap_or(i64::MIN), instant("to")?.unwrap_or(i64::MAX));
        let name = params.get("format").unwrap_or(lines::FORMAT.name);
        let format = Format::named(name).filter(|f| matches!(f.write, Some(Writing::Series(_))));
        let format = format.ok_or_else(|| format!("format={name}: not one that can be streamed"))?;
        let page_samples = number("page_samples")?.map(|n| (n.max(1) as usize).min(PAGE_SAMPLES_MAX));
        if page_samples.is_some() && format.name != lines::FORMAT.name {
            return Err("page_samples goes with format=json only".to_owned());
        }
        let mut after = None;
        if let Some(text) = params.get("after") {
            let mut labels = LabelsBuilder::default();
            read_series(text, &mut labels).map_err(|e| format!("after={text}: {e}"))?;
            after = Some((labels, number("after_ms")?.unwrap_or(i64::MIN)));
        }
        Ok(Self { selectors, range, step_ms, how, format, now_ms, page_samples, after })
    }

    /// The step that was asked for.
    fn step<'a>(&self, api: &'a Api) -> Option<Step<'a>> {
        self.step_ms.map(|step_ms| Step { step_ms, how: self.how, usual: &*api.usual })
    }

    fn options(&self) -> Options {
        Options::new(self.now_ms, Zone::utc(), self.range)
    }
}

fn step_ms(text: &str) -> Result<i64, String> {
    Interval::parse_step_ms(text).ok_or_else(|| format!("step={text}: a time such as 10s, 5m or 1d"))
}

fn unknown_aggregate(name: &str) -> String {
    let known: Vec<&str> = Aggregate::ALL.iter().map(|(name, _)| *name).collect();
    format!("aggregate={name}: one of {}", known.join(", "))
}

/// One page of JSON lines, and where to go on.
fn page(api: &Api, asked: &Asked, page_samples: usize) -> Result<Vec<u8>, Error> {
    let mut origin = StoreOrigin::open(&*api.source, &asked.selectors, asked.range)?;
    let series: Vec<Series> = origin.series().to_vec();
    let (first, start_ms) = match &asked.after {
        None => (0, i64::MIN),
        Some((labels, time_ms)) => {
            let labels = labels.clone().build().map_err(|e| Error::Option(format!("after: {e}")))?;
            let before = |s: &Series| (s.labels.name(), &s.labels) < (labels.name(), &labels);
            let first = series.partition_point(before);
            let is_same = series.get(first).is_some_and(|s| s.labels == labels);
            (first, if is_same { *time_ms } else { i64::MIN })
        }
    };
    let (mut next, mut current, mut samples) = (None, None, 0);
    let mut bytes = Vec::new();
    {
        let mut writer = lines::start(&mut bytes, &asked.options())?;
        let step = asked.step(api);
        let walked =
            origin::walk(&mut origin, first, asked.range, step.as_ref(), &mut |at, times_ms, values| {
                let from =
                    if at == first { times_ms.partition_point(|time_ms| *time_ms < start_ms) } else { 0 };
                let (times_ms, values) = (&times_ms[from..], &values[from..]);
                let Some(&time_ms) = times_ms.first() else { return Ok(()) };
                // The page is full: what comes now is where the next one starts.
                if samples >= page_samples {
                    next = Some((at, time_ms));
                    return Err(Error::Stopped);
                }
                if current != Some(at) {
                    current = Some(at);
                    writer.series(&series[at], None)?;
                }
                samples += times_ms.len();
                writer.samples(times_ms, values)
            });
        match walked {
            Err(Error::Stopped) if next.is_some() => {}
            other => other?,
        }
    }
    let next = next.map(|(at, time_ms)| (&series[at], time_ms));
    bytes.extend_from_slice(last_line(next, &origin.reading()).as_bytes());
    Ok(bytes)
}

/// Starts with `{"next":`, by which it is known.
fn last_line(next: Option<(&Series, i64)>, reading: &Reading) -> String {
    let next = next.map(|(series, after_ms)| {
        let mut after = String::new();
        write_series(&mut after, &series.labels);
        json!({ "after": after, "after_ms": after_ms })
    });
    let gone = |(range, tier_ms): &(TimeRange, u32)| json!({ "from_ms": range.start_ms, "to_ms": range.end_ms, "tier_ms": tier_ms });
    let gone: Vec<Value> = reading.gone.iter().map(gone).collect();
    let gone = if gone.is_empty() { String::new() } else { format!(",\"gone\":{}", Value::from(gone)) };
    format!("{{\"next\":{}{gone}}}\n", Value::from(next))
}

/// The whole answer as a stream: a thread writes, the connection takes the pieces.
fn stream(api: &Arc<Api>, asked: Asked) -> Response {
    let Some(turn) = Turn::take() else {
        let sentence = format!("{EXPORTS_MAX} exports are running already");
        return respond::error(
            StatusCode::SERVICE_UNAVAILABLE,
            sentence,
            Some("try again when one has ended"),
        );
    };
    let media_type = match asked.format.name {
        "openmetrics" => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        _ => "application/stream+json",
    };
    let (sender, receiver) = sync_channel(PIECES_WAITING_MAX);
    let api = api.clone();
    let spawned = std::thread::Builder::new().name("export".to_owned()).spawn(move || {
        let _turn = turn;
        let mut pieces = Pieces { sender, piece: Vec::with_capacity(PIECE_BYTES) };
        // A client that went away is no news; a read that failed was told by the store.
        let _ = write_all(&api, &asked, &mut pieces);
    });
    if let Err(error) = spawned {
        return respond::error(StatusCode::SERVICE_UNAVAILABLE, error.to_string(), None);
    }
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let next = Box::new(move || next_piece(&receiver));
    Response {
        status: StatusCode::OK,
        headers,
        body: Body::Events(Events { every: Duration::from_millis(1), next }),
    }
}

fn next_piece(receiver: &Receiver<Vec<u8>>) -> Option<Vec<u8>> {
    receiver.recv().ok()
}

fn write_all(api: &Api, asked: &Asked, out: &mut Pieces) -> Result<(), Error> {
    let mut origin = StoreOrigin::open(&*api.source, &asked.selectors, asked.range)?;
    let Some(Writing::Series(start)) = asked.format.write else { return Ok(()) };
    {
        let mut writer = start(out, &asked.options())?;
        pour::series(&mut origin, asked.range, asked.step(api).as_ref(), &mut *writer)?;
    }
    out.flush().map_err(|_| Error::Stopped)
}

/// One of the few exports that may run.
struct Turn;

impl Turn {
    fn take() -> Option<Self> {
        let add = |running| (running < EXPORTS_MAX).then_some(running + 1);
        RUNNING.fetch_update(Ordering::SeqCst, Ordering::SeqCst, add).is_ok().then_some(Self)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Hands what is written on in pieces; fails when nobody takes them any more.
struct Pieces {
    sender: SyncSender<Vec<u8>>,
    piece: Vec<u8>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE_BYTES));
        self.sender.send(piece).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}
