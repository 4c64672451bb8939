//! What a running server is asked to do with its store.

use super::super::remote::Remote;
use anyhow::Context;
use clap::ArgMatches;
use serde_json::Value;
use std::io::Write;

/// `store delete --match SELECTOR … --start T --end T [--now]`.
pub fn delete(remote: &mut Remote, matches: &ArgMatches) -> anyhow::Result<()> {
    let answer = post(remote, "/api/v1/store/delete", &selection(matches))?;
    println!("deleted samples of {} series", answer["series"]);
    if matches.get_flag("now") {
        post(remote, "/api/v1/store/clean", &[])?;
        println!("and took them off the disk");
    }
    Ok(())
}

/// `store snapshot [LABEL] | --list | --remove NAME`.
pub fn snapshot(remote: &mut Remote, matches: &ArgMatches) -> anyhow::Result<()> {
    if let Some(name) = matches.get_one::<String>("remove") {
        post(remote, "/api/v1/store/snapshot/remove", &[("name", name)])?;
        println!("removed {name}");
    } else if matches.get_flag("list") {
        let answer: Value = parse(&remote.get("/api/v1/store/snapshots")?)?;
        list(answer["snapshots"].as_array().map_or(&[][..], Vec::as_slice))?;
    } else {
        let label = matches.get_one::<String>("label").map_or("", String::as_str);
        list(&[post(remote, "/api/v1/store/snapshot", &[("label", label)])?])?;
    }
    Ok(())
}

/// `store restore NAME [--match SELECTOR …] [--start T] [--end T]`.
pub fn restore(remote: &mut Remote, matches: &ArgMatches) -> anyhow::Result<()> {
    let name: &String = matches.get_one("name").context("NAME is required")?;
    let mut fields = selection(matches);
    fields.push(("name", name));
    let answer = post(remote, "/api/v1/store/restore", &fields)?;
    println!(
        "{} series: {} samples restored, {} were there, {} refused because they are older than any policy keeps (store.retention, [[store.policy]])",
        answer["series"], answer["samples"], answer["known"], answer["refused"]
    );
    Ok(())
}

fn list(rows: &[Value]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let mut print = |row: &Value| {
        let name = row["name"].as_str().unwrap_or("");
        writeln!(out, "{name}  {} blocks, {} bytes", row["blocks"], row["bytes"])
    };
    match rows.iter().try_for_each(&mut print) {
        // Whoever reads us has seen enough (`| head`).
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("standard output"),
    }
}

fn selection(matches: &ArgMatches) -> Vec<(&str, &str)> {
    let selectors = matches.get_many::<String>("match").into_iter().flatten();
    let mut fields: Vec<(&str, &str)> = selectors.map(|selector| ("match[]", selector.as_str())).collect();
    for name in ["start", "end"] {
        fields.extend(matches.get_one::<String>(name).map(|time| (name, time.as_str())));
    }
    fields
}

fn post(remote: &mut Remote, path: &str, fields: &[(&str, &str)]) -> anyhow::Result<Value> {
    let form: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    parse(&remote.post(path, "application/x-www-form-urlencoded", form.join("&").as_bytes())?)
}

fn parse(answer: &[u8]) -> anyhow::Result<Value> {
    serde_json::from_slice(answer).context("the server's answer is not JSON")
}

/// Everything but letters and digits as `%XX`.
fn encoded(text: &str) -> String {
    let byte = |b: u8| match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(b).to_string(),
        _ => format!("%{b:02X}"),
    };
    text.bytes().map(byte).collect()
}
