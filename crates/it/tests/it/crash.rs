//! `kill -9` at random moments under load: everything acknowledged is back after the next start.
//! `WINDHOVER_CRASH_SECONDS` sets the length (default 20).

use it::http::{numbers, run, try_post};
use it::process::{Folder, Server, free_port};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

#[test]
fn nothing_acknowledged_is_lost_by_kill_9() {
    let seconds = std::env::var("WINDHOVER_CRASH_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(20);
    let (folder, port) = (Folder::new("crash"), free_port());
    let start_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() - 3000;
    let acknowledged = Arc::new(AtomicU64::new(0));
    let deadline = Instant::now() + Duration::from_secs(seconds);
    let (mut rounds, mut seed) = (0u64, 0x9e37_79b9u64);
    while Instant::now() < deadline {
        let server = Server::start("server", folder.path(), port, &[]);
        check(&server, start_s, acknowledged.load(Ordering::SeqCst));
        let stop = Arc::new(AtomicBool::new(false));
        let writer = write(server.url.clone(), start_s, acknowledged.clone(), stop.clone());
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // The moment of death is what is tested, so here a time must pass.
        std::thread::sleep(Duration::from_millis(20 + (seed >> 33) % 400));
        server.process.kill();
        stop.store(true, Ordering::SeqCst);
        writer.join().unwrap();
        rounds += 1;
    }
    let server = Server::start("server", folder.path(), port, &[]);
    check(&server, start_s, acknowledged.load(Ordering::SeqCst));
    println!("{rounds} kills, {} samples acknowledged and found", acknowledged.load(Ordering::SeqCst));
    assert!(rounds >= 3 && acknowledged.load(Ordering::SeqCst) > 0);
}

/// Samples of one series; more would reach into the future, so the next ones go to another series.
const LANE: u64 = 2900;

/// Sends sample n with value n, one request each, until the server is gone.
fn write(
    url: String,
    start_s: u64,
    acknowledged: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        while !stop.load(Ordering::SeqCst) {
            let n = acknowledged.load(Ordering::SeqCst);
            let line = format!("tick,host=crash,lane={} value={n} {}", n / LANE, start_s + n % LANE);
            match try_post(&format!("{url}/write?precision=s"), "text/plain", line.as_bytes()) {
                Some(answer) if answer.status == 204 => acknowledged.store(n + 1, Ordering::SeqCst),
                Some(answer) => panic!("{} {}", answer.status, answer.text),
                None => return,
            }
        }
    })
}

fn check(server: &Server, start_s: u64, acknowledged: u64) {
    for lane in 0..acknowledged.div_ceil(LANE) {
        let there = (acknowledged - lane * LANE).min(LANE);
        let expr = format!(".es(q='host:crash AND lane:{lane}', metric='sum:tick')");
        let series = run(&server.url, &expr, &start_s.to_string(), &(start_s + there).to_string(), "1s");
        let found = series.first().map(numbers).unwrap_or_default();
        assert_eq!(found.len() as u64, there, "acknowledged samples of lane {lane} are missing");
        let wrong = found.iter().enumerate().find(|(n, value)| **value != (lane * LANE + *n as u64) as f64);
        assert!(wrong.is_none(), "{wrong:?}");
    }
}
