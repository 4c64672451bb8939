//! Java machines, by the file in which each keeps its counters for other programs.

use super::{Mark, Reread, Service};
use crate::plan::{Address, Ask};
use crate::process::listeners::Listener;
use crate::root::path;
use crate::{Inspection, Process};

pub(super) static SERVICE: Service = Service {
    name: "jvm",
    summary: "Heap, garbage collection, classes and threads of a Java machine; it is not disturbed for that.",
    signs: "a program called java",
    configuration: "the command line: what it runs, where its temporary folder is",
    recognise,
    inspect,
    reread: Reread::WithFiles,
    ports: &[],
    speaks: "",
};

/// Options of the launcher whose value is the next argument.
const WITH_VALUE: [&str; 8] = [
    "-cp",
    "-classpath",
    "--class-path",
    "-p",
    "--module-path",
    "--add-modules",
    "--upgrade-module-path",
    "--add-exports",
];

fn recognise(process: &Process) -> Option<Mark> {
    // Every Java machine for itself: one that starts another is no parent of it in this sense.
    (process.is_called(&["java", "jsvc"]) && process.arguments.len() > 1).then_some(Mark::Main)
}

fn inspect(inspection: &mut Inspection<'_>) {
    let runs = runs(inspection.process);
    inspection.plan.name = path::name(&runs).to_owned();
    inspection.fact("runs", runs);
    plan(inspection);
}

/// Adds the machine's own numbers to a service that runs on one.
pub(super) fn plan(inspection: &mut Inspection<'_>) {
    let process = inspection.process;
    let has = |word: &str| process.arguments.iter().any(|it| it == word);
    if has("-XX:-UsePerfData") {
        inspection.problem("the Java machine keeps no counters: it was started with -XX:-UsePerfData");
        return;
    }
    // The machine always writes below /tmp, whatever java.io.tmpdir says.
    let number = process.own_pid();
    let Some(file) = inspection.glob(&format!("/tmp/hsperfdata_*/{number}")).into_iter().next() else {
        inspection.look_again();
        inspection
            .problem(format!("no file /tmp/hsperfdata_*/{number}: the Java machine keeps no counters there"));
        return;
    };
    let place = process.root.locate(&file).unwrap_or_else(|_| process.root.outside(&file));
    let ask = inspection.ask("jvm", &Listener::Unix(file));
    inspection.asks("java machine", Ask { address: Address::Unix(place), ..ask });
}

/// The class, module or archive that it runs.
fn runs(process: &Process) -> String {
    let mut words = process.arguments.iter().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "-jar" | "-m" | "--module" => return words.next().cloned().unwrap_or_default(),
            option if WITH_VALUE.contains(&option) => drop(words.next()),
            option if option.starts_with('-') || option.starts_with('@') => {}
            class => return class.to_owned(),
        }
    }
    String::new()
}
