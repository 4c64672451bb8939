//! Vectors where lists of series are wanted.

use crate::names::{signatures, timelion::FUNCTIONS};
use crate::tests::{T0, insert, minute, shown};
use crate::{Request, run};
use lang::promql;
use model::Kind;
use model::memory::MemoryStore;

#[test]
fn a_vector_is_drawn_at_the_starts_of_buckets() {
    let store = MemoryStore::new();
    insert(&store, "__name__=a host=x", Kind::Gauge, 10_000, &[1.0, 2.0, 3.0, 4.0]);
    insert(&store, "__name__=a host=y", Kind::Gauge, 30_000, &[10.0, 20.0]);
    let grid = minute("20s");
    let scope = crate::Grid::new(&grid).unwrap().scope();
    let plan = promql::plan(&["sum(a)", "a{host='y'} * 2", "time() > bool 0", "rate(a[20s])"], &scope);
    let answer = run(&Request::new(&plan, FUNCTIONS, grid), &store).unwrap();
    let frames: Vec<Vec<String>> =
        answer.results.iter().map(|frame| shown(frame.as_ref().unwrap())).collect();
    assert_eq!(frames[0], ["{}: 11 13 24"]);
    assert_eq!(frames[1], ["{host=\"y\"}: 20 20 40"]);
    assert_eq!(frames[2], ["{}: 1 1 1"]);
    assert_eq!(frames[3], ["{host=\"x\"}: - 0.1 -"]);
    assert!(answer.stats.samples > 0 && signatures(FUNCTIONS).len() > 1);
    assert_eq!(answer.grid.start_ms(), T0);
}

#[test]
fn each_node_of_a_vector_tells_what_it_took() {
    let store = MemoryStore::new();
    insert(&store, "__name__=a host=x", Kind::Gauge, 10_000, &[1.0, 2.0, 3.0, 4.0]);
    insert(&store, "__name__=a host=y", Kind::Gauge, 30_000, &[10.0, 20.0]);
    let grid = minute("20s");
    let scope = crate::Grid::new(&grid).unwrap().scope();
    let plan = promql::plan(&["sum(max_over_time(a[20s])) / count(a{host='y'})"], &scope);
    let answer = run(&Request::new(&plan, FUNCTIONS, grid), &store).unwrap();
    let read: Vec<(u64, u64)> = answer.nodes.iter().map(|cost| (cost.series_read, cost.samples)).collect();
    // The window, its function, the sum, the selection, its count, the quotient.
    let [window, .., selection, count, quotient] = read[..] else { panic!("{read:?}") };
    assert_eq!((window.0, selection.0, count, quotient), (2, 1, (0, 0), (0, 0)));
    assert!(window.1 > 0 && selection.1 > 0);
    assert_eq!(read.iter().map(|cost| cost.1).sum::<u64>(), answer.stats.samples);
    let given: Vec<u64> = answer.nodes.iter().map(|cost| cost.series).collect();
    assert_eq!(given[1..], [2, 1, 1, 1, 1]);
}
