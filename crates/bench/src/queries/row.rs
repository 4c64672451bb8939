//! What is measured of a class, and how it is printed.

use super::classes::{Class, Instance, Shape};
use super::ours::Rows;
use super::parallel::Waits;
use super::web::{Server, Web};
use super::{load, ours, theirs};
use crate::cost::{cpu_seconds, median};
use crate::options::Options;
use crate::peer::Peer;
use crate::victoria::Victoria;
use std::time::{Duration, Instant};
use stdx::random::Random;
use store::Store;

/// Questions that eight clients ask in turn: more than any cache of answers is warm for.
const QUESTIONS: usize = 40;
/// Sessions of eight clients with each server, in turn, so that a busy machine is busy for all of them.
const SESSIONS: usize = 3;

/// The same samples without and with rows.
pub struct Stores<'a> {
    pub store: &'a Store,
    pub tiered: &'a Store,
}

/// Those who answer over HTTP, as far as they could be started.
pub struct Peers<'a> {
    pub server: Option<&'a Server>,
    pub victoria: Option<&'a Victoria>,
    pub prometheus: Option<&'a Web>,
}

/// CPU and wall time in milliseconds, medians.
type Cost = Option<(f64, f64)>;

/// Medians of one class, in milliseconds.
#[derive(Default)]
pub struct Row {
    engine: Cost,
    tiers: Cost,
    promql: Cost,
    server: Cost,
    http: Cost,
    victoria: Cost,
    prometheus: Cost,
    /// Ours, victoria-metrics', prometheus'.
    waits: [Waits; 3],
}

type Get<'a> = Box<dyn Fn(&str) -> Result<String, String> + Sync + 'a>;

impl Row {
    /// Asks everybody, and compares the answers.
    pub fn measure(
        class: &Class,
        options: &Options,
        size: &load::Size,
        stores: &Stores<'_>,
        peers: &Peers<'_>,
    ) -> Result<Self, String> {
        let mut random = Random::from_seed(42);
        let runs = options.size(1, class.runs, class.runs);
        let instances: Vec<Instance> = (0..=runs).map(|_| class.instance(size, &mut random)).collect();
        let mut row = Self::default();
        let ours = row.in_process(class, &instances, stores)?;
        if let Some(server) = peers.server {
            let cpu = || server.web.peer.cost().cpu_seconds;
            row.server = Some(timed(&instances, cpu, |instance| server.ask(instance), |_| Ok(()))?);
        }
        let mut known: [Option<(&Peer, Get<'_>)>; 3] = [const { None }; 3];
        known[0] = peers.server.map(|s| (&s.web.peer, Box::new(|path: &str| s.web.get(path)) as Get<'_>));
        known[1] = peers.victoria.map(|v| (&v.peer, Box::new(|path: &str| v.get(path)) as Get<'_>));
        known[2] = peers.prometheus.map(|p| (&p.peer, Box::new(|path: &str| p.get(path)) as Get<'_>));
        let mut costs = [None; 3];
        for (cost, (peer, get)) in costs.iter_mut().zip(&known).filter_map(|(c, k)| Some((c, k.as_ref()?))) {
            *cost = Some(over_http(class, &instances, &ours, peer, get)?);
        }
        [row.http, row.victoria, row.prometheus] = costs;
        let questions: Vec<Instance> = (0..QUESTIONS).map(|_| class.instance(size, &mut random)).collect();
        let time_max = Duration::from_millis(options.size(100, 1000, 2500));
        for _ in 0..SESSIONS {
            for (waits, known) in row.waits.iter_mut().zip(&known) {
                let Some((peer, get)) = known else { continue };
                waits.session(peer, &**get, &questions, time_max)?;
            }
        }
        Ok(row)
    }

    fn in_process(
        &mut self,
        class: &Class,
        instances: &[Instance],
        stores: &Stores<'_>,
    ) -> Result<Vec<Rows>, String> {
        let mut ours: Vec<Rows> = Vec::new();
        let keep = |answer| {
            let rows = ours::rows(answer)?;
            // A host may never have been above 90; everything else has an answer.
            let found = !rows.is_empty() || class.shape == Shape::Above90ByHost;
            ours.push(rows);
            if found { Ok(()) } else { Err(format!("{}: nothing was found", class.name)) }
        };
        let ask = |instance: &Instance| ours::answer(stores.store, instance);
        self.engine = Some(timed(instances, cpu_seconds, ask, keep)?);
        let mut expected = instances.iter().zip(&ours);
        let compare = |answer| {
            let (instance, raw) = expected.next().ok_or("more answers than questions")?;
            let told = |why| format!("{}: rows beside samples: {}: {why}", class.name, instance.timelion());
            ours::same(raw, &ours::rows(answer)?).map_err(told)
        };
        let ask = |instance: &Instance| ours::answer(stores.tiered, instance);
        self.tiers = Some(timed(instances, cpu_seconds, ask, compare)?);
        let mut expected = instances.iter().zip(&ours);
        let compare = |answer| {
            let (instance, ours) = expected.next().ok_or("more answers than questions")?;
            let told =
                |why| format!("{}: PromQL beside Timelion: {}: {why}", class.name, instance.timelion());
            ours::same(ours, &ours::vector_rows(instance, answer)?).map_err(told)
        };
        let ask = |instance: &Instance| ours::vectors(stores.store, instance);
        self.promql = Some(timed(instances, cpu_seconds, ask, compare)?);
        Ok(ours)
    }

    // The better peer's CPU.
    fn best(&self) -> Option<f64> {
        let peers = [self.victoria, self.prometheus].into_iter().flatten().map(|(cpu, _)| cpu);
        peers.min_by(f64::total_cmp)
    }

    /// Our part of the better peer's CPU: Timelion, PromQL, PromQL over HTTP.
    pub fn ratios(&self) -> [Option<f64>; 3] {
        [self.engine, self.promql, self.http].map(|ours| Some(ours?.0 / self.best()?))
    }

    /// The table of what is answered over HTTP.
    pub fn print_http_head() {
        println!(
            "{:<22} {:>17} {:>17} {:>17} {:>7}   {:>26} {:>26} {:>26}",
            "over HTTP, in PromQL",
            "ours: CPU  wall",
            "victoria",
            "prometheus",
            "ratio",
            "8 clients: CPU p50 p99",
            "victoria",
            "prometheus"
        );
    }

    /// A row of it.
    pub fn print_http(&mut self, name: &str) {
        let waits = self.waits.each_mut().map(|waits| {
            let (p50, p99) = (waits.percentile_ms(50), waits.percentile_ms(99));
            p50.zip(p99).map_or(format!("{:>26}", "-"), |(p50, p99)| {
                format!("{:>8.1} {p50:>8.1} {p99:>8.1}", waits.cpu_ms())
            })
        });
        println!(
            "{name:<22} {} {} {} {:>7}   {}",
            cells(self.http),
            cells(self.victoria),
            cells(self.prometheus),
            part(self.ratios()[2]),
            waits.join(" ")
        );
    }

    /// The table of the engine without HTTP, and of our own interface.
    pub fn print_engine_head() {
        println!(
            "{:<22} {:>17} {:>17} {:>17} {:>17} {:>9} {:>9}",
            "CPU and wall ms",
            "engine, Timelion",
            "with tiers",
            "engine, PromQL",
            "Timelion, HTTP",
            "Timelion",
            "PromQL"
        );
    }

    /// A row of it.
    pub fn print_engine(&self, name: &str) {
        let [timelion, promql, _] = self.ratios();
        println!(
            "{name:<22} {} {} {} {} {:>9} {:>9}",
            cells(self.engine),
            cells(self.tiers),
            cells(self.promql),
            cells(self.server),
            part(timelion),
            part(promql)
        );
    }
}

fn cells(cost: Cost) -> String {
    cost.map_or(format!("{:>8} {:>8}", "-", "-"), |(cpu, wall)| format!("{cpu:>8.2} {wall:>8.2}"))
}

fn part(ratio: Option<f64>) -> String {
    ratio.map_or("-".to_owned(), |ratio| format!("1/{:.1}", 1.0 / ratio))
}

fn over_http(
    class: &Class,
    instances: &[Instance],
    ours: &[Rows],
    peer: &Peer,
    get: &Get<'_>,
) -> Result<(f64, f64), String> {
    let mut expected = instances.iter().zip(ours);
    let compare = |answer: Vec<String>| {
        let (instance, ours) = expected.next().ok_or("more answers than questions")?;
        let told = |why| format!("{}: {}: {}: {why}", class.name, peer.name, instance.timelion());
        ours::same(ours, &theirs::rows(instance, &answer)?).map_err(told)
    };
    let cpu = || peer.cost().cpu_seconds;
    timed(instances, cpu, |instance| theirs::answer(get, instance), compare)
}

/// Medians of processor and wall time in milliseconds. The first instance only warms up; `then` is not timed.
fn timed<R>(
    instances: &[Instance],
    cpu: impl Fn() -> f64,
    ask: impl Fn(&Instance) -> Result<R, String>,
    mut then: impl FnMut(R) -> Result<(), String>,
) -> Result<(f64, f64), String> {
    let (mut cpus, mut walls) = (Vec::new(), Vec::new());
    for (at, instance) in instances.iter().enumerate() {
        let (cpu_before, started) = (cpu(), Instant::now());
        let answer = ask(instance)?;
        let wall = started.elapsed().as_secs_f64();
        if at > 0 {
            cpus.push((cpu() - cpu_before) * 1000.0);
            walls.push(wall * 1000.0);
        }
        then(answer)?;
    }
    Ok((median(&mut cpus), median(&mut walls)))
}
