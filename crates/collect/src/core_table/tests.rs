use super::*;
use crate::Host;
use crate::collector::Shared;
use crate::processes::ProcessTable;
use crate::record::{Identity, Recorder};
use model::Batch;

static METRICS: [Metric; 2] = [
    Metric::counter("drops_total", "", "Drops.").from("drop"),
    Metric::gauge("backlog", "", "Backlog.").from("backlog"),
];

/// What the table says after each of these contents of the file.
fn said(texts: &[&str]) -> Vec<[f64; 2]> {
    let root = tempfile::tempdir().unwrap();
    let host = Host::recorded(root.path());
    let mut table = CoreTable::<2>::new(host.file("table"), None);
    let (mut batch, mut identity, mut buffer) = (Batch::new(), Identity::new("h", &[]), Vec::new());
    identity.renew(&mut batch);
    let tell = |text: &&str| {
        std::fs::write(root.path().join("table"), text).unwrap();
        batch.clear_rows();
        batch.begin(1000);
        identity.begin_tick();
        let out = Recorder::new(&mut batch, &mut identity);
        let (shared, processes) = (&mut Shared::default(), &mut ProcessTable::new(&host));
        let mut pass = Pass { now_ms: 1000, buffer: &mut buffer, shared, processes, out };
        table.collect(&mut pass, &METRICS, &[]).unwrap();
        let rows = batch.groups().next().unwrap();
        [rows.values[0], rows.values[1]]
    };
    texts.iter().map(tell).collect()
}

#[test]
fn counts_that_begin_again_go_on() {
    let texts = [
        "found  drop backlog\n0 fffffff0 00000002\n0 00000010 00000005\n",
        "found  drop backlog\n0 00000001 00000000\n0 00000011 00000000\n",
        // The module was loaded anew.
        "found  drop backlog\n0 00000003 00000000\n0 00000004 00000000\n",
        // A core less: nothing is known to have happened since.
        "found  drop backlog\n0 00000008 00000000\n",
        "found  drop backlog\n0 00000009 00000001\n",
    ];
    let start = f64::from(u32::MAX);
    let wanted = [[start + 1.0, 5.0], [start + 19.0, 0.0], [start + 25.0, 0.0], [start + 25.0, 0.0]];
    assert_eq!(said(&texts)[..4], wanted);
    assert_eq!(said(&texts)[4], [start + 26.0, 1.0]);
}

#[test]
fn columns_may_stand_anywhere_and_lines_may_be_cut() {
    assert_eq!(said(&["backlog x drop\n7 0 a\n3\nzz 1 1\n"]), [[11.0, 7.0]]);
}
