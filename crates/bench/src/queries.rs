//! TSBS' fourteen query classes over `cpu-only` data (10 s steps, 12 h): our server, victoria-metrics past its cache and
//! prometheus, all over HTTP in PromQL, one client and eight; then our engine in this process. Same hosts, same windows; the
//! answers are compared number by number before anything is printed. Then charts of thirty days from rows.

mod classes;
mod load;
mod month;
mod ours;
mod parallel;
mod row;
mod theirs;
mod web;

use crate::options::Options;
use crate::peer::folder;
use classes::CLASSES;
use row::{Peers, Row, Stores};
use std::path::Path;
use web::Server;

/// What our server is started with, besides where it listens: the samples of the classes are long past.
const RETENTION: [&str; 2] = ["--store-retention", "20000d"];

/// Prints a row a class, and a row a chart of thirty days.
pub fn run(options: &Options) -> Result<(), String> {
    let data = match &options.keep {
        Some(keep) => keep.join("queries"),
        None => folder("queries")?,
    };
    std::fs::create_dir_all(&data).map_err(|e| e.to_string())?;
    let is_about = |name: &&str| options.wants(name);
    let mut outcome = Ok(());
    if CLASSES.iter().map(|class| class.name).any(|name| is_about(&name)) {
        outcome = classes(options, &data);
    }
    if month::names().any(|name| is_about(&name)) {
        outcome = outcome.and_then(|()| month::run(options, &data));
    }
    if options.keep.is_none() {
        let _ = std::fs::remove_dir_all(&data);
    }
    outcome
}

fn classes(options: &Options, data: &Path) -> Result<(), String> {
    let size = load::Size { hosts: options.size(8, 100, 1000), steps: 4320 };
    let data = data.join(size.hosts.to_string());
    std::fs::create_dir_all(&data).map_err(|e| e.to_string())?;
    let raw = data.join("windhover");
    drop(load::ours(&size, &raw)?); // copies are made of what nobody has open
    let tiered = load::with_tiers(&size, &raw, &data.join("tiered"))?;
    let server = (!options.alone)
        .then(|| told("our server", Server::start(&raw, &data.join("served"), &RETENTION)))
        .flatten();
    let store = load::ours(&size, &raw)?;
    let victoria = (!options.alone)
        .then(|| told("victoria-metrics", load::victoria(&size, &data.join("victoria-metrics"))))
        .flatten();
    let prometheus = (!options.alone)
        .then(|| told("prometheus", load::prometheus(&size, &data.join("prometheus"))))
        .flatten();
    println!("{} hosts, {} samples; CPU and wall ms, medians", size.hosts, size.hosts * size.steps * 10);
    let stores = Stores { store: &store, tiered: &tiered };
    let peers =
        Peers { server: server.as_ref(), victoria: victoria.as_ref(), prometheus: prometheus.as_ref() };
    Row::print_http_head();
    let mut rows = Vec::new();
    for class in CLASSES.iter().filter(|class| options.wants(class.name)) {
        let mut row = Row::measure(class, options, &size, &stores, &peers)?;
        row.print_http(class.name);
        rows.push((class.name, row));
    }
    println!();
    Row::print_engine_head();
    rows.iter().for_each(|(name, row)| row.print_engine(name));
    if options.wants("lastpoint") {
        let (cpu, wall) = ours::lastpoint(options.size(1, 15, 15), &size, &store)?;
        println!(
            "{:<22} {cpu:>8.2} {wall:>8.2}   found and read, without a plan and frames",
            "lastpoint, store"
        );
    }
    for (at, language) in ["Timelion", "PromQL", "PromQL over HTTP"].into_iter().enumerate() {
        let ratios: Vec<f64> = rows.iter().filter_map(|(_, row)| row.ratios()[at]).collect();
        if !ratios.is_empty() {
            let mean = ratios.iter().map(|r| r.ln()).sum::<f64>() / ratios.len() as f64;
            let (part, worst) = (1.0 / mean.exp(), 1.0 / ratios.iter().copied().fold(0.0, f64::max));
            println!(
                "our part of the better peer's CPU, {language}: geometric mean 1/{part:.1}, worst 1/{worst:.1}"
            );
        }
    }
    server.into_iter().for_each(|server| server.web.peer.stop());
    prometheus.into_iter().for_each(|prometheus| prometheus.peer.stop());
    victoria.into_iter().for_each(|victoria| victoria.peer.stop());
    Ok(())
}

/// What could be started; why not, otherwise.
fn told<T>(name: &str, started: Result<T, String>) -> Option<T> {
    started.inspect_err(|why| println!("{name} not measured: {why}")).ok()
}
