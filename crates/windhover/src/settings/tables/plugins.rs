//! Plugins: programs and folders of programs.

use super::{Column, Kind, Table};

const FORMATS: Kind =
    Kind::Choice(&["auto", "falcon", "putval", "prometheus", "monitoring", "probe", "influx", "graphite"]);

const FORMAT: Column =
    Column::optional("format", FORMATS, "auto", "What it prints; `auto` recognises it by the first line");
const OUTPUT_MAX: Column = Column::optional(
    "output_max",
    Kind::Bytes,
    "1MiB",
    "How much of a run's output is taken, or of a line of a program that stays",
);
const MEMORY_MAX: Column =
    Column::optional("memory_max", Kind::Bytes, "", "Most address space of each of its processes");
const FILES_MAX: Column =
    Column::optional("files_max", Kind::Count, "", "Most open files of each of its processes");
const PROCESSES_MAX: Column =
    Column::optional("processes_max", Kind::Count, "", "Most processes of its user while it runs");
const USER: Column = Column::optional(
    "user",
    Kind::Text,
    "",
    "User it runs as, by name or number; needs root. As the agent itself when left out",
);
const GROUP: Column =
    Column::optional("group", Kind::Text, "", "Group it runs as; that of the user when left out");
const NICE: Column =
    Column::optional("nice", Kind::Count, "0", "How far it steps back behind other programs, 0 to 19");
const ENV: Column = Column::optional("env", Kind::Pairs, "", "Variables of its environment");
const LABELS: Column = Column::optional("labels", Kind::Pairs, "", "Labels that its series get");

/// `[[plugin]]`
pub(super) const PLUGIN: Table = Table {
    key: super::PLUGIN,
    summary: "A program that is run and whose output becomes series",
    columns: &[
        Column::optional("name", Kind::Text, "", "Its name; that of the program's file when left out"),
        Column::required(
            "command",
            Kind::Texts,
            "The program and its arguments, `[\"/path\", \"-a\", \"b\"]`",
        ),
        Column::optional("interval", Kind::Duration, "60s", "Time between two starts"),
        Column::optional(
            "timeout",
            Kind::Duration,
            "",
            "Longest run; half a second less than the interval when left out",
        ),
        Column::optional(
            "mode",
            Kind::Choice(&["once", "stream"]),
            "once",
            "`once`: it prints and ends; `stream`: it stays and prints lines as they come",
        ),
        FORMAT,
        Column::optional(
            "folder",
            Kind::Path,
            "",
            "Its working folder; that of the program's file when left out",
        ),
        OUTPUT_MAX,
        MEMORY_MAX,
        FILES_MAX,
        PROCESSES_MAX,
        USER,
        GROUP,
        NICE,
        ENV,
        LABELS,
    ],
    example: "name = \"load\"\ncommand = [\"/usr/lib/nagios/plugins/check_load\", \"-w\", \"5,4,3\", \"-c\", \"10,9,8\"]\ninterval = \"30s\"\nuser = \"nobody\"\nlabels = { team = \"ops\" }",
};

/// `[[plugin_dir]]`
pub(super) const PLUGIN_DIR: Table = Table {
    key: super::PLUGIN_DIR,
    summary: "A folder of plugins as Open-Falcon has them: a file `60_name` is run every 60 s",
    columns: &[
        Column::required("path", Kind::Path, "The folder"),
        Column::optional(
            "folders",
            Kind::Texts,
            "",
            "Folders in it that are looked at, too, such as `sys/ntp`",
        ),
        Column::optional(
            "files",
            Kind::Texts,
            "",
            "Files in it that are run with arguments, `sys/ntp/60_x.py(a,\"b c\",d\\,e)`",
        ),
        Column::optional(
            "timeout",
            Kind::Duration,
            "",
            "Longest run; half a second less than each file's period when left out",
        ),
        FORMAT,
        OUTPUT_MAX,
        MEMORY_MAX,
        FILES_MAX,
        PROCESSES_MAX,
        USER,
        GROUP,
        NICE,
        ENV,
        LABELS,
    ],
    example: "path = \"/opt/falcon/plugin\"\nfolders = [\"sys/ntp\"]\nfiles = ['net/60_ping.py(10.0.0.1,\"two words\")']",
};
