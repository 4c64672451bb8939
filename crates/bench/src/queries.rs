//! TSBS' fourteen query classes over `cpu-only` data (10 s steps, 12 h): ours through the engine in this process (in Timelion
//! and in PromQL) and through our server, victoria-metrics over HTTP past its cache. Same hosts, same windows; the answers are compared
//! number by number before anything is printed.

mod classes;
mod load;
mod ours;
mod theirs;

use crate::cost::{cpu_seconds, median};
use crate::options::Options;
use crate::peer::{Peer, folder, free_port, ready, windhover};
use crate::victoria::Victoria;
use classes::{CLASSES, Class, Instance};
use ours::Rows;
use std::path::Path;
use std::process::Command;
use std::time::Instant;
use stdx::random::Random;
use store::Store;

/// Prints a row a class.
pub fn run(options: &Options) -> Result<(), String> {
    let size = load::Size { hosts: options.size(8, 100, 1000), steps: 4320 };
    let data = match &options.keep {
        Some(keep) => keep.join(format!("queries-{}", size.hosts)),
        None => folder("queries")?,
    };
    let outcome = measure(options, &size, &data);
    if options.keep.is_none() {
        let _ = std::fs::remove_dir_all(&data);
    }
    outcome
}

fn measure(options: &Options, size: &load::Size, data: &Path) -> Result<(), String> {
    let raw = data.join("windhover");
    drop(load::ours(size, &raw)?); // a copy is made of what nobody has open
    let tiered = load::with_tiers(size, &raw, &data.join("tiered"))?;
    let store = load::ours(size, &raw)?;
    let victoria = (!options.alone)
        .then(|| told("victoria-metrics", load::victoria(size, &data.join("victoria-metrics"))))
        .flatten();
    let prometheus = (!options.alone)
        .then(|| told("prometheus", load::prometheus(size, &data.join("prometheus"))))
        .flatten();
    let server =
        (!options.alone).then(|| told("our server", Server::start(&raw, &data.join("served")))).flatten();
    println!("{} hosts, {} samples; CPU and wall ms, medians", size.hosts, size.hosts * size.steps * 10);
    println!(
        "{:<22} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>7} {:>7} {:>7}",
        "class",
        "engine",
        "wall",
        "tiers",
        "wall",
        "promql",
        "wall",
        "server",
        "wall",
        "http",
        "wall",
        "victoria",
        "wall",
        "prom",
        "wall",
        "ratio",
        "promql",
        "http"
    );
    let (mut ratios, mut promql, mut http) = (Vec::new(), Vec::new(), Vec::new());
    for class in CLASSES.iter().filter(|class| options.wants(class.name)) {
        let row = Row::measure(
            class,
            options,
            size,
            &Stores { store: &store, tiered: &tiered },
            &Peers { server: server.as_ref(), victoria: victoria.as_ref(), prometheus: prometheus.as_ref() },
        )?;
        row.print(class.name);
        ratios.extend(row.ratio());
        promql.extend(row.promql_ratio());
        http.extend(row.http_ratio());
    }
    if options.wants("lastpoint") {
        let (cpu, wall) = ours::lastpoint(store_runs(options), size, &store)?;
        println!(
            "{:<22} {cpu:>9.2} {wall:>9.2}   found and read, without a plan and frames",
            "lastpoint, store"
        );
    }
    for (language, ratios) in [("Timelion", ratios), ("PromQL", promql), ("PromQL over HTTP", http)] {
        if !ratios.is_empty() {
            let mean = ratios.iter().map(|r| r.ln()).sum::<f64>() / ratios.len() as f64;
            let part = 1.0 / mean.exp();
            println!("geometric mean of our part of the better peer's CPU, {language}: 1/{part:.1}");
        }
    }
    if let Some(server) = server {
        server.web.peer.stop();
    }
    if let Some(prometheus) = prometheus {
        prometheus.peer.stop();
    }
    if let Some(victoria) = victoria {
        victoria.peer.stop();
    }
    Ok(())
}

fn store_runs(options: &Options) -> usize {
    options.size(1, 15, 15)
}

/// What could be started; why not, otherwise.
fn told<T>(name: &str, started: Result<T, String>) -> Option<T> {
    started.inspect_err(|why| println!("{name} not measured: {why}")).ok()
}

/// The same samples without and with rows.
struct Stores<'a> {
    store: &'a Store,
    tiered: &'a Store,
}

/// Those who answer over HTTP, as far as they could be started.
struct Peers<'a> {
    server: Option<&'a Server>,
    victoria: Option<&'a Victoria>,
    prometheus: Option<&'a Web>,
}

/// Medians of one class, in milliseconds.
#[derive(Default)]
struct Row {
    engine: Option<(f64, f64)>,
    tiers: Option<(f64, f64)>,
    promql: Option<(f64, f64)>,
    server: Option<(f64, f64)>,
    http: Option<(f64, f64)>,
    victoria: Option<(f64, f64)>,
    prometheus: Option<(f64, f64)>,
}

impl Row {
    fn measure(
        class: &Class,
        options: &Options,
        size: &load::Size,
        stores: &Stores<'_>,
        peers: &Peers<'_>,
    ) -> Result<Self, String> {
        let mut random = Random::from_seed(42);
        let runs = options.size(1, class.runs, class.runs);
        let instances: Vec<Instance> = (0..=runs).map(|_| class.instance(size, &mut random)).collect();
        let mut ours: Vec<Rows> = Vec::new();
        let keep = |answer| {
            let rows = ours::rows(answer)?;
            // A host may never have been above 90; everything else has an answer.
            let may_be_empty = class.shape == classes::Shape::Above90ByHost;
            let found = !rows.is_empty() || may_be_empty;
            ours.push(rows);
            if found { Ok(()) } else { Err(format!("{}: nothing was found", class.name)) }
        };
        let mut row = Self {
            engine: Some(timed(
                &instances,
                cpu_seconds,
                |instance| ours::answer(stores.store, instance),
                keep,
            )?),
            ..Self::default()
        };
        let mut raw = instances.iter().zip(&ours);
        let compare = |answer| {
            let (instance, raw) = raw.next().ok_or("more answers than questions")?;
            let told = |why| format!("{}: rows beside samples: {}: {why}", class.name, instance.timelion());
            ours::same(raw, &ours::rows(answer)?).map_err(told)
        };
        let ask = |instance: &Instance| ours::answer(stores.tiered, instance);
        row.tiers = Some(timed(&instances, cpu_seconds, ask, compare)?);
        let mut expected = instances.iter().zip(&ours);
        let compare = |answer| {
            let (instance, ours) = expected.next().ok_or("more answers than questions")?;
            let told =
                |why| format!("{}: PromQL beside Timelion: {}: {why}", class.name, instance.timelion());
            ours::same(ours, &ours::vector_rows(instance, answer)?).map_err(told)
        };
        let ask = |instance: &Instance| ours::vectors(stores.store, instance);
        row.promql = Some(timed(&instances, cpu_seconds, ask, compare)?);
        let over_http = |peer: &Peer, get: &dyn Fn(&str) -> Result<String, String>| {
            let mut expected = instances.iter().zip(&ours);
            let compare = |answer: Vec<String>| {
                let (instance, ours) = expected.next().ok_or("more answers than questions")?;
                let told = |why| format!("{}: {}: {why}", class.name, instance.timelion());
                ours::same(ours, &theirs::rows(instance, &answer)?).map_err(told)
            };
            let cpu = || peer.cost().cpu_seconds;
            timed(&instances, cpu, |instance| theirs::answer(get, instance), compare).map(Some)
        };
        if let Some(victoria) = peers.victoria {
            row.victoria = over_http(&victoria.peer, &|path| victoria.get(path))?;
        }
        if let Some(prometheus) = peers.prometheus {
            row.prometheus = over_http(&prometheus.peer, &|path| prometheus.get(path))?;
        }
        if let Some(server) = peers.server {
            let cpu = || server.web.peer.cost().cpu_seconds;
            row.server = Some(timed(&instances, cpu, |instance| server.ask(instance), |_| Ok(()))?);
            row.http = over_http(&server.web.peer, &|path| server.web.get(path))?;
        }
        Ok(row)
    }

    // The better peer's CPU.
    fn best(&self) -> Option<f64> {
        let peers = [self.victoria, self.prometheus].into_iter().flatten().map(|(cpu, _)| cpu);
        peers.min_by(f64::total_cmp)
    }

    fn ratio(&self) -> Option<f64> {
        Some(self.engine?.0 / self.best()?)
    }

    fn promql_ratio(&self) -> Option<f64> {
        Some(self.promql?.0 / self.best()?)
    }

    fn http_ratio(&self) -> Option<f64> {
        Some(self.http?.0 / self.best()?)
    }

    fn print(&self, name: &str) {
        let cells = |pair: Option<(f64, f64)>| match pair {
            Some((cpu, wall)) => format!("{cpu:>9.2} {wall:>9.2}"),
            None => format!("{:>9} {:>9}", "-", "-"),
        };
        let part = |ratio: Option<f64>| ratio.map_or("-".to_owned(), |ratio| format!("1/{:.1}", 1.0 / ratio));
        println!(
            "{name:<22} {} {} {} {} {} {} {} {:>7} {:>7} {:>7}",
            cells(self.engine),
            cells(self.tiers),
            cells(self.promql),
            cells(self.server),
            cells(self.http),
            cells(self.victoria),
            cells(self.prometheus),
            part(self.ratio()),
            part(self.promql_ratio()),
            part(self.http_ratio())
        );
    }
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

/// Somebody who speaks Prometheus' API.
struct Web {
    peer: Peer,
    agent: ureq::Agent,
    base: String,
}

impl Web {
    fn new(peer: Peer, base: String) -> Self {
        Self { peer, agent: ureq::agent(), base }
    }

    fn get(&self, path: &str) -> Result<String, String> {
        let mut answer =
            self.agent.get(format!("{}{path}", self.base)).call().map_err(|e| format!("{path}: {e}"))?;
        answer.body_mut().with_config().limit(1 << 30).read_to_string().map_err(|e| e.to_string())
    }
}

/// Our server on a copy of the store, so that what it does by itself does not change the original.
struct Server {
    web: Web,
}

impl Server {
    fn start(original: &Path, copy: &Path) -> Result<Self, String> {
        let _ = std::fs::remove_dir_all(copy);
        std::fs::create_dir_all(copy).map_err(|e| e.to_string())?;
        // The server keeps its samples in a folder of this name.
        load::copy(original, &copy.join("store"))?;
        let listen = format!("127.0.0.1:{}", free_port());
        let mut command = Command::new(windhover());
        command.args(["server", "--listen", &listen, "--store-retention", "20000d", "--data"]).arg(copy);
        let peer = Peer::start("windhover", &mut command)?;
        let base = format!("http://{listen}");
        ready(&format!("{base}/health"))?;
        peer.settle();
        Ok(Self { web: Web::new(peer, base) })
    }

    fn ask(&self, instance: &Instance) -> Result<Vec<u8>, String> {
        let url = format!("{}/api/v1/run", self.web.base);
        let request = self.web.agent.post(&url).content_type("application/json");
        let mut answer = request.send(ours::body(instance)).map_err(|e| e.to_string())?;
        let body = answer.body_mut().with_config().limit(1 << 30).read_to_vec().map_err(|e| e.to_string())?;
        let start = String::from_utf8_lossy(&body[..body.len().min(400)]).into_owned();
        if start.contains("\"error\":null,\"note\":null") { Ok(body) } else { Err(start) }
    }
}
