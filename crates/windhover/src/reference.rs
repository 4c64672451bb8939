//! The reference pages that follow from the tables. `cargo xtask docs` writes them; otherwise these tests prove that
//! they are fresh.

use crate::settings::tables::{TABLES, Table};
use crate::settings::{Kind, SETTINGS};
use std::fmt::Write;
use std::path::Path;

fn check(name: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference").join(name);
    if std::env::var_os("WINDHOVER_BLESS").is_some() {
        std::fs::write(&path, page).expect("the page can be written");
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(there == page, "docs/reference/{name} is not what the tables say; run `cargo xtask docs`");
}

/// Text that may stand in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[test]
fn settings_reference_page_is_fresh() {
    let mut page = String::from(
        "# Settings\n\nEvery setting is a key in the TOML file (`--config FILE`, and `conf.d/*.toml` beside it), an environment\n\
         variable and a flag; the later of these wins. Unknown keys are errors. `windhover config check` reads them all,\n\
         `windhover config show` tells what holds and why. After SIGHUP the tokens and policies are read again; other\n\
         changes are told in the log and hold after a restart.\n\n\
         | key | flag | environment | default | |\n|---|---|---|---|---|\n",
    );
    for s in SETTINGS {
        let default = if s.default.is_empty() { "–".to_owned() } else { format!("`{}`", s.default) };
        let (flag, kind) = (s.flag, cell(&s.kind.placeholder()));
        writeln!(
            page,
            "| `{}` | `--{flag} {kind}` | `{}` | {default} | {} |",
            s.key,
            s.environment(),
            cell(s.help)
        )
        .unwrap();
    }
    page.push_str("\n# Tables\n\nThese may stand several times in the file; their order is kept.\n");
    TABLES.iter().for_each(|table| page.push_str(&table_section(table)));
    check("settings.md", &page);
}

#[allow(clippy::unwrap_used)]
fn table_section(table: &Table) -> String {
    let Table { key, summary, example, .. } = table;
    let mut text = format!(
        "\n## [[{key}]]\n\n{summary}.\n\n```toml\n[[{key}]]\n{example}\n```\n\n| key | | default | |\n|---|---|---|---|\n"
    );
    for column in table.columns {
        let default = match column.default {
            _ if column.required => "needed".to_owned(),
            "" => "–".to_owned(),
            default => format!("`{default}`"),
        };
        let kind = cell(&column.kind.placeholder());
        writeln!(text, "| `{}` | {kind} | {default} | {} |", column.name, cell(column.help)).unwrap();
    }
    for column in table.columns {
        if let Kind::Tables(below) = column.kind {
            text.push_str(&table_section(below));
        }
    }
    text
}

#[test]
fn http_reference_page_is_fresh() {
    let mut page = String::from(
        "# HTTP\n\nEverything is on one port. Bodies may be compressed (`Content-Encoding`: gzip, deflate, zstd, snappy). From this\n\
         machine no password is asked; others send `Authorization: Bearer TOKEN`, or the token as the password of Basic.\n\n\
         ## Doors: what takes samples in\n\n| path | methods | |\n|---|---|---|\n",
    );
    for route in ingest::route::ROUTES {
        let methods = if route.methods.is_empty() { "any".to_owned() } else { route.methods.join(", ") };
        writeln!(page, "| `{}` | {methods} | {} |", route.path, cell(route.summary)).unwrap();
    }
    page.push_str("\n## Reading\n\n| path | methods | |\n|---|---|---|\n");
    for route in api::routes::ROUTES {
        let methods: Vec<&str> = route.methods.iter().map(|m| m.as_str()).collect();
        writeln!(page, "| `{}` | {} | {} |", route.path, methods.join(", "), cell(route.summary)).unwrap();
    }
    check("http.md", &page);
}

#[test]
fn timelion_reference_page_is_fresh() {
    let mut page = String::from(
        "# Timelion functions\n\nAn expression is a chain that starts with a source: `.es(metric=avg:load1).movingaverage(1m)`. Several are\n\
         separated by commas; parentheses group: `(.es(), .static(1)).sum()`. Arguments go by position or by name.\n",
    );
    for row in query::names::timelion::FUNCTIONS {
        let s = &row.signature;
        writeln!(page, "\n## .{}()\n\n{}", s.name, s.summary).unwrap();
        if !s.aliases.is_empty() {
            writeln!(page, "\nAlso: {}", s.aliases.join(", ")).unwrap();
        }
        if !s.args.is_empty() {
            page.push_str("\n| argument | takes | default | |\n|---|---|---|---|\n");
        }
        for p in s.args {
            let types: Vec<&str> = p.types.iter().map(|t| t.as_str()).collect();
            let default = if p.default.is_empty() { "" } else { p.default };
            writeln!(page, "| `{}` | {} | {} | {} |", p.name, types.join(", "), cell(default), cell(p.doc))
                .unwrap();
        }
        writeln!(page, "\nExample: `{}`", s.example).unwrap();
    }
    check("timelion.md", &page);
}

#[test]
fn formats_reference_page_is_fresh() {
    let mut page = String::from(
        "# Files of other programs\n\n`windhover import FILE|FOLDER…` takes them in, `windhover export` writes them. Formats are recognised by their first\n\
         bytes; `--format` says it where that fails. Folders are searched. A broken line, series or chunk costs itself only: it\n\
         is told with its place and counted, and the exit code is 3. Samples of any age are taken as far as the retention\n\
         keeps them; importing the same again changes nothing as long as samples are kept as they came ([more on\n\
         this](../manual/storage.md#moving-in)).\n\
         [Round robin and whisper files](round-robin.md) tells which of their rows become samples.\n\n\
         | format | import | export | usual endings | |\n|---|---|---|---|---|\n",
    );
    let yes = |is_there: bool| if is_there { "yes" } else { "–" };
    for f in foreign::FORMATS {
        let (read, write) = (yes(f.read.is_some()), yes(f.write.is_some()));
        let endings = f.endings.iter().map(|e| format!("`{e}`")).collect::<Vec<_>>().join(" ");
        writeln!(page, "| `{}` | {read} | {write} | {endings} | {} |", f.name, cell(f.summary)).unwrap();
    }
    page.push_str("\n## Options\n\n| flag | of | for | |\n|---|---|---|---|\n");
    for option in foreign::OPTIONS {
        let takers = foreign::FORMATS.iter().filter(|f| f.options.contains(&option.name)).map(|f| f.name);
        let takers = takers.collect::<Vec<_>>().join(", ");
        let flag = format!("--{} {}", option.name, option.value);
        let of = match (option.reads, option.writes) {
            (true, true) => "both",
            (true, false) => "import",
            _ => "export",
        };
        writeln!(page, "| `{}` | {of} | {takers} | {} |", cell(flag.trim_end()), cell(option.help)).unwrap();
    }
    check("formats.md", &page);
}
