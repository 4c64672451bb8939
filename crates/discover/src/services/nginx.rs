//! nginx and what was made from it: OpenResty, Tengine, Angie, freenginx.

mod access;
mod errors;
mod invocation;
mod reader;
mod status;
mod syntax;

use super::{Mark, Reread, Service};
use crate::root::path;
use crate::{Inspection, Process};
use syntax::Directive;

pub(super) static SERVICE: Service = Service {
    name: "nginx",
    summary: "Every access log it writes, at whatever level and in whatever format, its error logs, and the numbers of stub_status.",
    signs: "the title `nginx: master process`, or a program called nginx, openresty, tengine, angie or freenginx",
    configuration: "`-c`, `-p` and `-g` of the command line, else what was compiled into the program; includes are followed",
    recognise,
    inspect,
    reread: Reread::WithChildren,
    ports: &[],
    speaks: "http",
};

const NAMES: [&str; 5] = ["nginx", "openresty", "tengine", "angie", "freenginx"];

fn recognise(process: &Process) -> Option<Mark> {
    let title = process.arguments.first()?;
    if let Some((name, role)) = title.split_once(": ")
        && NAMES.contains(&name)
    {
        // Also the one that takes over while its parent still serves: each has a configuration of its own.
        return Some(if role.starts_with("master process") { Mark::Main } else { Mark::Part });
    }
    let asks_only =
        || process.arguments.iter().any(|word| matches!(word.as_str(), "-t" | "-T" | "-v" | "-V" | "-s"));
    (process.is_called(&NAMES) && !asks_only()).then_some(Mark::Top)
}

fn inspect(inspection: &mut Inspection<'_>) {
    let places = invocation::places(inspection);
    let folder = path::folder(&places.configuration).to_owned();
    let mut all = reader::read_given(inspection, &places.directives, &folder);
    all.extend(reader::read(inspection, &places.configuration, &folder));
    inspection.plan.name.clone_from(&places.configuration);
    inspection.fact("configuration", &places.configuration);
    let servers = all.iter().flat_map(Directive::children).filter(|child| child.name() == "server").count();
    inspection.fact("servers", servers.to_string());
    for block in all.iter().filter(|block| matches!(block.name(), "http" | "stream")) {
        access::plan(inspection, block, &places);
    }
    errors::plan(inspection, &all, &places);
    let ports = inspection.ports();
    inspection.speaks_at(ports, true);
    status::plan(inspection, all.iter().find(|block| block.name() == "http"));
}
