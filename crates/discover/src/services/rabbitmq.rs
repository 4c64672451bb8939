//! RabbitMQ, by its plugins that tell numbers.

use super::{Mark, Reread, Service};
use crate::plan::Ask;
use crate::process::listeners::Listener;
use crate::text::{lines, pair};
use crate::{Inspection, Process};

pub(super) static SERVICE: Service = Service {
    name: "rabbitmq",
    summary: "Queues, messages, connections and nodes, from its Prometheus plugin.",
    signs: "an Erlang machine (beam.smp) that boots rabbit",
    configuration: "RABBITMQ_CONFIG_FILE, else /etc/rabbitmq/rabbitmq.conf; RABBITMQ_ENABLED_PLUGINS_FILE",
    recognise,
    inspect,
    reread: Reread::WithFiles,
    ports: &[],
    speaks: "",
};

const PROMETHEUS: u16 = 15692;
const NONE: &str = "the plugin that tells numbers is off: run `rabbitmq-plugins enable rabbitmq_prometheus`";

fn recognise(process: &Process) -> Option<Mark> {
    let boots = |pair: &[String]| matches!(pair[0].as_str(), "-s" | "-run") && pair[1] == "rabbit";
    let is_rabbit = process.arguments.windows(2).any(boots)
        || process.arguments.iter().any(|word| word == "rabbit_prelaunch");
    (process.program_name().starts_with("beam") && is_rabbit).then_some(Mark::Top)
}

fn inspect(inspection: &mut Inspection<'_>) {
    let environment = inspection.process.environment();
    let told = |name: &str| environment.iter().find(|(it, _)| it == name).map(|(_, value)| value.clone());
    let file = told("RABBITMQ_CONFIG_FILE").unwrap_or_else(|| "/etc/rabbitmq/rabbitmq.conf".to_owned());
    let file = if file.ends_with(".conf") { file } else { format!("{file}.conf") };
    let text = inspection.read_if_there(&file).unwrap_or_default();
    let value = |name: &str| {
        lines(&text)
            .filter_map(|(_, line)| pair(line))
            .find(|(it, _)| *it == name)
            .map(|(_, it)| it.to_owned())
    };
    let plugins =
        told("RABBITMQ_ENABLED_PLUGINS_FILE").unwrap_or_else(|| "/etc/rabbitmq/enabled_plugins".to_owned());
    let plugins = inspection.read_if_there(&plugins).unwrap_or_default();
    // Newer ones take their name when they run already, so that it is not on the command line.
    let node = inspection.process.option(&["-sname", "-name"]).or_else(|| told("RABBITMQ_NODENAME"));
    let node = node.unwrap_or_else(|| "rabbit".to_owned());
    inspection.plan.name.clone_from(&node);
    inspection.fact("node", node);
    inspection.fact("plugins", plugins.trim().trim_end_matches('.').to_owned());
    let told = value("prometheus.tcp.port").and_then(|port| port.parse().ok());
    let port: u16 = told.unwrap_or(PROMETHEUS);
    let is_on = inspection.listeners.is_empty() && plugins.contains("rabbitmq_prometheus");
    if inspection.tcp_at(port).is_none() && !is_on {
        inspection.look_again();
        inspection.problem(NONE);
        return;
    }
    let address = inspection.tcp_at(port).unwrap_or_else(|| ([127, 0, 0, 1], port).into());
    let ask = Ask { path: "/metrics".to_owned(), ..inspection.ask("rabbitmq", &Listener::Tcp(address)) };
    inspection.asks("numbers", ask);
}
