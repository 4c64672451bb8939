//! The Docker engine: only what control groups cannot tell, which is everything about containers that do not run.

use super::ask::Ask;
use super::json::{self, Leaf};
use super::session::Once;
use super::{Address, Error, Metric, Row, http};
use std::collections::BTreeMap;
use std::path::PathBuf;

pub(super) const ROW: Row = Row {
    name: "docker",
    summary: "The Docker engine: containers by state, health of each, images. CPU, memory and traffic of containers come from \
              their control groups.",
    port: 0,
    needs: "Needs the right to open `/var/run/docker.sock`: an agent that runs as root, or in the group `docker` (which is as \
            much).",
    metrics: &METRICS,
    open: || Box::new(Once(ask)),
};

static METRICS: [Metric; 7] = [
    Metric::gauge("docker_info", "", "Always 1; the labels tell.").by(&["version", "driver"]),
    Metric::gauge("docker_containers", "", "Containers by state.").by(&["state"]),
    Metric::gauge("docker_images", "", "Images.").from("Images"),
    Metric::gauge("docker_files", "", "Files the engine has open (in debug mode).").from("NFd"),
    Metric::gauge(
        "docker_container_running",
        "",
        "1 when a container runs, 0 when it does not; of the first 500.",
    )
    .by(&["container", "image"]),
    Metric::gauge(
        "docker_container_healthy",
        "",
        "1 when its own check finds a container well, 0 when not; left out while it starts.",
    )
    .by(&["container", "image"]),
    Metric::gauge(
        "docker_container_restarting",
        "",
        "1 while a container is started again because it ended.",
    )
    .by(&["container", "image"]),
];
/// Where it usually listens.
const SOCKET: &str = "/var/run/docker.sock";
/// Most containers told of one by one.
const CONTAINERS_MAX: usize = 500;

fn ask(ask: &mut Ask<'_>) -> Result<(), Error> {
    let target = super::Target {
        address: ask.target.address.clone().or(Some(Address::Path(PathBuf::from(SOCKET)))),
        ..ask.target.clone()
    };
    let mut ask = ask.of(&target);
    let info = http::get(&mut ask, "/info")?;
    engine(&info, &mut ask)?;
    let list = http::get(&mut ask, "/containers/json?all=1")?;
    containers(&list, &mut ask)
}

fn engine(info: &[u8], ask: &mut Ask<'_>) -> Result<(), Error> {
    let mut texts = BTreeMap::new();
    json::leaves(info, &mut |path, leaf| match (path, leaf) {
        ([field], Leaf::Number(number)) => {
            let state = field.strip_prefix("Containers").filter(|state| !state.is_empty());
            match state {
                Some(state) => ask.push(&METRICS[1], &[&state.to_lowercase()], number),
                None => _ = ask.tell(&METRICS, field, &[], number),
            }
        }
        ([field], Leaf::Text(text)) => _ = texts.insert(field.clone(), text),
        _ => {}
    })?;
    let text = |name: &str| texts.get(name).map_or("", String::as_str);
    ask.push(&METRICS[0], &[text("ServerVersion"), text("Driver")], 1.0);
    Ok(())
}

fn containers(list: &[u8], ask: &mut Ask<'_>) -> Result<(), Error> {
    let mut all: BTreeMap<usize, BTreeMap<String, String>> = BTreeMap::new();
    json::leaves(list, &mut |path, leaf| {
        let (Some(at), Leaf::Text(text)) = (path.first().and_then(|at| at.parse().ok()), leaf) else {
            return;
        };
        let name = path[1..].join(".");
        if at < CONTAINERS_MAX && ["Names.0", "Image", "State", "Status"].contains(&&*name) {
            all.entry(at).or_default().insert(name, text);
        }
    })?;
    for container in all.values() {
        let field = |name: &str| container.get(name).map_or("", String::as_str);
        let labels = [field("Names.0").trim_start_matches('/'), field("Image")];
        let is = |yes: bool| f64::from(u8::from(yes));
        ask.push(&METRICS[4], &labels, is(field("State") == "running"));
        ask.push(&METRICS[6], &labels, is(field("State") == "restarting"));
        // `Up 2 hours (healthy)`
        let status = field("Status");
        let health = if status.ends_with("(healthy)") {
            Some(1.0)
        } else {
            status.ends_with("(unhealthy)").then_some(0.0)
        };
        ask.push_some(&METRICS[5], &labels, health);
    }
    Ok(())
}
