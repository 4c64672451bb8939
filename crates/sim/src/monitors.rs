//! Monitors and probes on a simulated network: the real [`Station`], with clocks that drift and start anywhere.

use crate::network::{Network, Weather};
use crate::queue::Queue;
use probe::{Ear, Manner, Mouth, Now, Range, Station};
use std::net::IpAddr;
use stdx::random::Random;

/// Milliseconds between two pings.
pub const PERIOD_MS: u64 = 1000;
/// The same in microseconds of true time.
pub const PERIOD_US: i64 = PERIOD_MS as i64 * 1000;
/// Ports are told apart by this.
const TO_PROBES: bool = true;

/// What happens.
#[derive(Debug)]
enum Event {
    /// A monitor's time has come; void when it was started anew since.
    Wake { node: usize, life: u32 },
    /// A datagram arrives.
    Arrive { node: usize, from: usize, ear: Ear, bytes: Vec<u8> },
    /// A probe hears a ping and answers whoever sent it.
    Asked { node: usize, by: usize },
}

/// A clock that is off.
#[derive(Debug, Clone, Copy)]
struct Crystal {
    /// Parts per million that it is too fast.
    drift_ppm: i64,
    offset_ms: i64,
}

impl Crystal {
    fn new(random: &mut Random, drift_ppm_max: u64) -> Self {
        let drift_ppm = random.below(2 * drift_ppm_max + 1) as i64 - drift_ppm_max as i64;
        Self { drift_ppm, offset_ms: random.below(1 << 40) as i64 }
    }

    fn at_ms(self, true_us: i64) -> i64 {
        self.offset_ms + (true_us + true_us * self.drift_ppm / 1_000_000).div_euclid(1000)
    }

    /// When it will show that: a little after rather than before.
    fn true_us(self, own_ms: i64) -> i64 {
        let own_us = (own_ms - self.offset_ms) * 1000;
        own_us * 1_000_000 / (1_000_000 + self.drift_ppm) + 2
    }
}

struct Monitor {
    /// `None` while it does not run.
    station: Option<Station>,
    crystal: Crystal,
    life: u32,
    /// The next time that it is to be woken, so that each wake is queued once.
    woken_us: i64,
}

/// A ping that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ping {
    /// True time, microseconds.
    pub at_us: i64,
    /// Which monitor.
    pub by: usize,
}

/// Monitors `0..monitors`, then probes, on one network.
pub struct World {
    /// The network between them; monitors come first.
    pub network: Network,
    /// Every ping so far.
    pub pings: Vec<Ping>,
    /// How many answers each monitor believed.
    pub believed: Vec<u64>,
    now_us: i64,
    random: Random,
    queue: Queue<Event>,
    monitors: Vec<Monitor>,
    probes: usize,
    drift_ppm_max: u64,
}

/// What a station says, before the network has it.
#[derive(Default)]
struct Said {
    datagrams: Vec<(bool, Vec<u8>)>,
    believed: u64,
}

impl Mouth for Said {
    fn to_probes(&mut self, datagram: &[u8]) {
        self.datagrams.push((TO_PROBES, datagram.to_vec()));
    }

    fn to_monitors(&mut self, datagram: &[u8]) {
        self.datagrams.push((!TO_PROBES, datagram.to_vec()));
    }

    fn believed(&mut self, _: i64, _: IpAddr, lines: &[u8]) {
        self.believed += lines.iter().filter(|byte| **byte == b'\n').count() as u64;
    }
}

impl World {
    /// A world where nobody runs yet.
    pub fn new(seed: u64, monitors: usize, probes: usize, weather: Weather, drift_ppm_max: u64) -> Self {
        let mut random = Random::from_seed(seed);
        let crystals: Vec<Crystal> =
            (0..monitors).map(|_| Crystal::new(&mut random, drift_ppm_max)).collect();
        let monitor = |crystal| Monitor { station: None, crystal, life: 0, woken_us: i64::MAX };
        Self {
            network: Network::new(monitors + probes, weather),
            pings: Vec::new(),
            believed: vec![0; monitors],
            now_us: 0,
            random,
            queue: Queue::default(),
            monitors: crystals.into_iter().map(monitor).collect(),
            probes,
            drift_ppm_max,
        }
    }

    /// True time, microseconds.
    pub fn now_us(&self) -> i64 {
        self.now_us
    }

    /// How many monitors there are, running or not.
    pub fn monitors(&self) -> usize {
        self.monitors.len()
    }

    /// Starts a monitor, or starts it anew with another identity.
    pub fn start(&mut self, node: usize) {
        let manner = Manner {
            period_ms: PERIOD_MS,
            word: "ping".into(),
            ranges: vec![Range::new([0, 0, 0, 0].into(), 0).expect("a network")],
        };
        let random = Random::from_seed(self.random.next_u64());
        let monitor = &mut self.monitors[node];
        monitor.crystal = Crystal::new(&mut self.random, self.drift_ppm_max);
        monitor.life += 1;
        monitor.woken_us = i64::MAX;
        monitor.station = Some(Station::new(manner, random, monitor.crystal.at_ms(self.now_us)));
        self.schedule(node);
    }

    /// Ends a monitor without a word.
    pub fn kill(&mut self, node: usize) {
        self.monitors[node].station = None;
    }

    /// Whether a monitor runs.
    pub fn runs(&self, node: usize) -> bool {
        self.monitors[node].station.is_some()
    }

    /// The monitors that ping now.
    pub fn pinging(&self) -> Vec<usize> {
        let pings = |monitor: &Monitor| monitor.station.as_ref().is_some_and(|s| s.clock().is_pinging());
        (0..self.monitors.len()).filter(|node| pings(&self.monitors[*node])).collect()
    }

    /// Lets so many periods go by.
    pub fn run(&mut self, periods: i64) {
        let until_us = self.now_us + periods * PERIOD_US;
        while let Some((at_us, event)) = self.queue.pop_before(until_us) {
            self.now_us = at_us;
            self.happen(event);
        }
        self.now_us = until_us;
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Wake { node, life } if self.monitors[node].life == life => {
                self.monitors[node].woken_us = i64::MAX;
                self.with_station(node, |station, now, said| station.due(now, said));
            }
            Event::Wake { .. } => {}
            Event::Arrive { node, from, ear, bytes } => {
                self.with_station(node, |station, now, said| {
                    station.received(now, ear, address(from), &bytes, said);
                    station.due(now, said);
                });
            }
            Event::Asked { node, by } => {
                let lines = format!("probe{node}:load:1:GAUGE\n").into_bytes();
                self.send(
                    node,
                    by,
                    |from, bytes| Event::Arrive { node: by, from, ear: Ear::Own, bytes },
                    &lines,
                );
            }
        }
    }

    fn with_station(&mut self, node: usize, work: impl FnOnce(&mut Station, Now, &mut Said)) {
        let now_us = self.now_us;
        let monitor = &mut self.monitors[node];
        let Some(station) = &mut monitor.station else { return };
        let mut said = Said::default();
        // The unix clock of each is as far off as its other one; only differences matter here.
        let now = Now { steady_ms: monitor.crystal.at_ms(now_us), unix_ms: now_us / 1000 };
        work(station, now, &mut said);
        self.believed[node] += said.believed;
        for (is_to_probes, bytes) in said.datagrams {
            if is_to_probes {
                self.pings.push(Ping { at_us: now_us, by: node });
            }
            self.broadcast(node, is_to_probes, &bytes);
        }
        self.schedule(node);
    }

    fn schedule(&mut self, node: usize) {
        let (now_us, monitor) = (self.now_us, &mut self.monitors[node]);
        let Some(station) = &monitor.station else { return };
        let at_us = monitor.crystal.true_us(station.wake_ms()).max(now_us + 1);
        // An earlier wake that is queued already looks again.
        if at_us < monitor.woken_us {
            monitor.woken_us = at_us;
            self.queue.push(at_us, Event::Wake { node, life: monitor.life });
        }
    }

    fn broadcast(&mut self, by: usize, is_to_probes: bool, bytes: &[u8]) {
        if is_to_probes {
            for node in self.monitors.len()..self.monitors.len() + self.probes {
                self.send(by, node, |by, _| Event::Asked { node, by }, bytes);
            }
            return;
        }
        for node in 0..self.monitors.len() {
            let arrive = |from, bytes| Event::Arrive { node, from, ear: Ear::Monitors, bytes };
            self.send(by, node, arrive, bytes);
        }
    }

    fn send(&mut self, from: usize, to: usize, event: impl Fn(usize, Vec<u8>) -> Event, bytes: &[u8]) {
        let delays: Vec<i64> = self.network.delays_us(from, to, &mut self.random).collect();
        for delay_us in delays {
            self.queue.push(self.now_us + delay_us, event(from, bytes.to_vec()));
        }
    }
}

fn address(node: usize) -> IpAddr {
    IpAddr::from([10, 0, (node >> 8) as u8, node as u8])
}
