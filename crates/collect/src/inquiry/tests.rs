use super::*;
use crate::collector::Shared;
use crate::processes::ProcessTable;
use crate::record::Identity;
use model::{Batch, is_stale};

static METRICS: [Metric; 1] = [Metric::gauge("warmth", "", "Warmth.").by(&["disk"])];

struct Bench {
    batch: Batch,
    identity: Identity,
    inquiry: Inquiry,
}

impl Bench {
    fn new() -> Self {
        let (mut batch, mut identity) = (Batch::new(), Identity::new("h", &[]));
        identity.renew(&mut batch);
        let inquiry = Inquiry::new(&Host::recorded("/nowhere"), "disks", &METRICS, 60_000, 8);
        Self { batch, identity, inquiry }
    }

    /// What a pass says when the question, if it is put, is answered like that.
    fn pass(&mut self, now_ms: i64, answer: Result<&[(&str, f64)], &str>) -> (Vec<String>, Option<String>) {
        self.batch.clear_rows();
        self.batch.begin(now_ms);
        self.identity.begin_tick();
        let answer = answer.map_err(str::to_owned).map(|list| {
            let mut findings = Findings::default();
            list.iter().for_each(|(disk, value)| findings.add(0, &[disk], *value));
            findings
        });
        if self.inquiry.is_due(now_ms) {
            self.inquiry.ask(now_ms, move || answer);
        }
        let out = Recorder::new(&mut self.batch, &mut self.identity);
        let (mut buffer, mut shared) = (Vec::new(), Shared::default());
        let processes = &mut ProcessTable::new(&Host::recorded("/nowhere"));
        let mut pass = Pass { now_ms, buffer: &mut buffer, shared: &mut shared, processes, out };
        let error = self.inquiry.tell(&mut pass).err().map(|error| error.to_string());
        let rows = self.batch.groups().flat_map(|rows| rows.slots.iter().zip(rows.values));
        let lines = rows.map(|(&slot, &value)| {
            let value = if is_stale(value) { "end".to_owned() } else { value.to_string() };
            format!("{} {value}", self.batch.dictionary.labels(slot).get("disk").unwrap_or_default())
        });
        (lines.collect(), error)
    }
}

#[test]
fn answers_are_repeated_until_the_next() {
    let mut bench = Bench::new();
    let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    assert_eq!(bench.pass(0, Ok(&[("a", 1.0), ("b", 2.0)])), (lines(&["a 1", "b 2"]), None));
    assert_eq!(bench.pass(30_000, Err("not asked")), (lines(&["a 1", "b 2"]), None));
    assert_eq!(bench.pass(60_000, Ok(&[("b", 3.0), ("c", 4.0)])).0, lines(&["a end", "b 3", "c 4"]));
    let failed = Some("cannot ask disks: gone".to_owned());
    assert_eq!(bench.pass(120_000, Err("gone")), (lines(&["b end", "c end"]), failed.clone()));
    assert_eq!(bench.pass(150_000, Ok(&[])), (Vec::new(), failed));
    assert_eq!(bench.pass(180_000, Ok(&[("a\u{1f}x", 1.0)])), (lines(&["a x 1"]), None));
}
