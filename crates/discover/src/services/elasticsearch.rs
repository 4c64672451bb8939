//! Elasticsearch and OpenSearch.

use super::{Mark, Reread, Service, jvm};
use crate::plan::Ask;
use crate::process::listeners::Listener;
use crate::root::path;
use crate::{Inspection, Process, yaml};

pub(super) static SERVICE: Service = Service {
    name: "elasticsearch",
    summary: "Health of the cluster, and this node's indexing, searching, memory, queues; and its Java machine.",
    signs: "a Java machine that runs Elasticsearch or OpenSearch",
    configuration: "ES_PATH_CONF, `-Des.path.conf` or the usual folder: elasticsearch.yml or opensearch.yml",
    recognise,
    inspect,
    reread: Reread::WithFiles,
    ports: &[9200],
    speaks: "http",
};

const CLASSES: [&str; 4] = [
    "org.elasticsearch.bootstrap.Elasticsearch",
    "org.elasticsearch.server/org.elasticsearch.bootstrap.Elasticsearch",
    "org.opensearch.bootstrap.OpenSearch",
    "org.elasticsearch.bootstrap.Bootstrap",
];
const SECURED: &str = "it checks who asks: create a user with the role `monitoring_user` and name it in a [[service]] of the settings";

fn recognise(process: &Process) -> Option<Mark> {
    process.arguments.iter().any(|word| CLASSES.contains(&word.as_str())).then_some(Mark::Top)
}

fn inspect(inspection: &mut Inspection<'_>) {
    let process = inspection.process;
    let is_open = process.arguments.iter().any(|word| word.contains("opensearch"));
    let name = if is_open { "opensearch" } else { "elasticsearch" };
    let variable = if is_open { "OPENSEARCH_PATH_CONF" } else { "ES_PATH_CONF" };
    let folder = process.option(&["-Des.path.conf", "-Dopensearch.path.conf"]);
    let folder = folder
        .or_else(|| process.environment().into_iter().find(|(it, _)| it == variable).map(|(_, value)| value));
    let file = path::join(&folder.unwrap_or_else(|| format!("/etc/{name}")), &format!("{name}.yml"));
    let pairs = yaml::pairs(&inspection.read(&file).unwrap_or_default());
    let told = |key: &str| {
        let given = process.option(&[&format!("-E{key}")]);
        given.or_else(|| pairs.iter().rev().find(|(it, _)| it == key).map(|(_, value)| value.clone()))
    };
    inspection.fact("configuration", file);
    for (shown, key) in
        [("cluster", "cluster.name"), ("node", "node.name"), ("data", "path.data"), ("log", "path.logs")]
    {
        if let Some(value) = told(key) {
            inspection.fact(shown, value);
        }
    }
    // Of a range it takes the first that is free.
    let range = told("http.port").unwrap_or_else(|| "9200-9299".to_owned());
    let (first, last) = range.split_once('-').unwrap_or((&range, &range));
    let first: u16 = first.trim().parse().unwrap_or(9200);
    let ports = first..=last.trim().parse().unwrap_or(first);
    let port = inspection.ports().into_iter().find(|port| ports.contains(port)).unwrap_or(first);
    let address = inspection.tcp_at(port).unwrap_or_else(|| ([127, 0, 0, 1], port).into());
    let is_on = |key: &str| told(key).is_some_and(|word| crate::text::is_yes(&word));
    if is_on("xpack.security.enabled") {
        inspection.problem(SECURED);
    }
    let is_tls = is_on("xpack.security.http.ssl.enabled") || is_on("plugins.security.ssl.http.enabled");
    inspection.plan.name = port.to_string();
    let is_open = !is_tls && inspection.tcp_at(port).is_some();
    // It tells searches and indexing by node, not who asks for what.
    inspection.speaks_at(is_open.then_some(port).into_iter().collect(), true);
    let ask = Ask { is_tls, ..inspection.ask("elasticsearch", &Listener::Tcp(address)) };
    inspection.asks("statistics", ask);
    jvm::plan(inspection);
}
