//! The map must be true: every crate is in ARCHITECTURE.md, and every path it names exists.

use crate::run::root;
use std::fs;

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

/// What stands between backquotes and looks like a path of the repository; `target/` is only there after a build.
fn paths(text: &str) -> Vec<&str> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted
        .filter(|t| {
            t.contains('/')
                && !t.contains([' ', '*', '{', ':'])
                && !t.starts_with(['/', '.'])
                && !t.starts_with("target/")
        })
        .collect()
}

#[test]
fn the_map_names_every_crate_and_only_what_exists() {
    let map = read("ARCHITECTURE.md");
    for entry in fs::read_dir(root().join("crates")).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(map.contains(&format!("- `{name}`:")), "crate `{name}` is not described in ARCHITECTURE.md");
    }
    for page in ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"] {
        for path in paths(&read(page)) {
            let named = path.replace("NAME", "");
            let exists = root().join(path).exists() || named != path || path.starts_with("127.");
            assert!(exists, "{page} names {path}, which is not there");
        }
    }
}

#[test]
fn the_agent_stays_out_of_the_servers_crates() {
    let manifest = |name: &str| read(&format!("crates/{name}/Cargo.toml"));
    let never = [
        ("stdx", &["model", "serde"][..]),
        ("model", &["serde", "tokio", "wire"]),
        ("net", &["model", "tokio"]),
        ("wire", &["serde", "tokio", "store", "net"]),
        ("foreign", &["serde", "store", "lang", "net", "tokio"]),
        ("store", &["serde", "lang", "query", "net", "tokio"]),
        ("lang", &["store", "query"]),
        ("collect", &["net", "wire", "tokio"]),
        ("serve", &["model", "tokio"]),
        ("query", &["store", "net"]),
        ("ship", &["store"]),
        ("checks", &["store", "wire", "serde", "tokio"]),
        ("profile", &["model", "store", "serde", "tokio"]),
        ("doors", &["store", "serve", "tokio"]),
        ("logparse", &["net", "store", "serde", "tokio"]),
        ("probe", &["store", "net", "serde", "tokio"]),
        ("sniff", &["net", "store", "serde", "tokio"]),
        ("scrape", &["store", "serve", "serde", "tokio"]),
        ("ingest", &["store"]),
        ("api", &["collect", "store"]),
    ];
    for (name, unwanted) in never {
        let text = manifest(name);
        let dependencies = text.split("[dev-dependencies]").next().unwrap();
        for word in unwanted {
            let found = dependencies
                .lines()
                .any(|l| l.starts_with(&format!("{word}.")) || l.starts_with(&format!("{word} ")));
            assert!(!found, "crate `{name}` must never reach `{word}`");
        }
    }
}
