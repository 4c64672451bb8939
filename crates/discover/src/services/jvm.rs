//! Java machines, by the file in which each keeps its counters for other programs.

mod applications;

use super::{Mark, Reread, Service};
use crate::plan::{Address, Ask, Work};
use crate::process::listeners::Listener;
use crate::process::option;
use crate::root::path;
use crate::text::lines;
use crate::{Inspection, Process};

pub(super) static SERVICE: Service = Service {
    name: "jvm",
    summary: "Heap, garbage collection, classes and threads of a Java machine; it is not disturbed for that.",
    signs: "a program called java",
    configuration: "the command line and the files of arguments it names: what it runs, and what tells two of them apart",
    recognise,
    inspect,
    reread: Reread::WithFiles,
    ports: &[],
    speaks: "",
};

/// From here on the system chooses ports by itself, unless told otherwise (`net.ipv4.ip_local_port_range`).
const FIRST_CHOSEN_PORT: u16 = 32768;
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
    let words = words(inspection);
    let at = runs(&words);
    let runs = at.map_or("", |at| &words[at]);
    let first = at.and_then(|at| words.get(at + 1));
    let known = applications::known(runs, &words, first).or_else(|| {
        let port = well_known_port(inspection)?;
        Some(format!("{} {port}", called(runs, &words)))
    });
    inspection.plan.name = known.clone().unwrap_or_else(|| called(runs, &words));
    inspection.fact("runs", runs);
    counters(inspection, known);
}

/// What frameworks are told to be called, else the class or archive.
fn called(runs: &str, words: &[String]) -> String {
    let told = option(words, &["-Dspring.application.name", "--spring.application.name", "-Dapp.name"]);
    told.unwrap_or_else(|| path::name(runs).to_owned())
}

/// The lowest port where it listens, unless the system chose it: such a one is another after every start.
fn well_known_port(inspection: &Inspection<'_>) -> Option<u16> {
    inspection.ports().first().copied().filter(|port| *port < FIRST_CHOSEN_PORT)
}

/// The arguments with those of files in their places: `java @/etc/app/options`.
fn words(inspection: &mut Inspection<'_>) -> Vec<String> {
    let process = inspection.process;
    let mut words = Vec::new();
    for word in process.arguments.iter().skip(1) {
        match word.strip_prefix('@').filter(|file| !file.starts_with('@')) {
            Some(file) => {
                let text = inspection.read(&process.absolute(file)).unwrap_or_default();
                words.extend(lines(&text).flat_map(|(_, line)| crate::text::words(line)));
            }
            None => words.push(word.clone()),
        }
    }
    words
}

/// Adds the machine's own numbers to a service that runs on one and is asked by TCP.
pub(super) fn plan(inspection: &mut Inspection<'_>) {
    let address = inspection.plan.parts.iter().find_map(|part| match &part.work {
        Work::Ask(Ask { address: Address::Tcp(address), .. }) => Some(address.to_string()),
        _ => None,
    });
    counters(inspection, address);
}

/// Has the machine's counters read. Their file has the number of the process in its name, and series that are called
/// after it begin anew with every start: that is for those whom nothing else tells from others.
fn counters(inspection: &mut Inspection<'_>, named: Option<String>) {
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
    let named = named.unwrap_or_else(|| file.clone());
    let ask = inspection.ask("jvm", &Listener::Unix(file));
    inspection.asks("java machine", Ask { address: Address::Unix(place), named, ..ask });
}

/// Where the class, module or archive that it runs stands.
fn runs(words: &[String]) -> Option<usize> {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        match word.as_str() {
            "-jar" | "-m" | "--module" => return words.get(at + 1).map(|_| at + 1),
            option if WITH_VALUE.contains(&option) => at += 2,
            option if option.starts_with('-') => at += 1,
            _ => return Some(at),
        }
    }
    None
}
