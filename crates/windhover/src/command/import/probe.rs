//! `windhover import probe FILE`: takes in what shell probes print.

use crate::command::counted;
use crate::command::remote::Remote;
use crate::settings::Settings;
use anyhow::Context;
use clap::ArgMatches;
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};

/// Lines are sent in parcels of about this size; a single line may be as long as the door allows.
const PARCEL_BYTES: usize = 256 << 10;

/// Runs the command. Bad lines are told on standard error and do not stop the good ones.
pub fn run(matches: &ArgMatches, settings: &Settings) -> anyhow::Result<()> {
    let name: &String = matches.get_one("file").context("FILE is required")?;
    let source: Box<dyn Read> = match name.as_str() {
        "-" => Box::new(std::io::stdin()),
        path => Box::new(File::open(path).with_context(|| path.to_owned())?),
    };
    let mut input = BufReader::new(source);
    let mut remote = Remote::new(matches.get_one("url").map(String::as_str), settings)?;
    let mut done = Done::default();
    loop {
        let parcel = parcel(&mut input)?;
        if parcel.is_empty() {
            break;
        }
        let answer = remote.post("/api/v1/probe", "text/plain", &parcel)?;
        done.add(&serde_json::from_slice(&answer).context("the server's answer is not JSON")?, &parcel);
    }
    println!("{} taken, {} refused", counted(done.accepted, "sample"), counted(done.rejected, "line"));
    if done.rejected > 0 && done.accepted == 0 {
        anyhow::bail!("no line was taken");
    }
    Ok(())
}

/// The next whole lines: as many as the reader holds already, so that a probe that prints for ever is not held back.
fn parcel(input: &mut BufReader<Box<dyn Read>>) -> std::io::Result<Vec<u8>> {
    let mut parcel = Vec::new();
    input.read_until(b'\n', &mut parcel)?;
    while !parcel.is_empty() && parcel.len() < PARCEL_BYTES {
        if !input.buffer().contains(&b'\n') {
            break;
        }
        input.read_until(b'\n', &mut parcel)?;
    }
    Ok(parcel)
}

#[derive(Default)]
struct Done {
    accepted: u64,
    rejected: u64,
    lines: u64,
}

impl Done {
    fn add(&mut self, answer: &Value, parcel: &[u8]) {
        self.accepted += answer["accepted"].as_u64().unwrap_or(0);
        self.rejected += answer["rejected"].as_u64().unwrap_or(0);
        for reason in answer["reasons"].as_array().into_iter().flatten() {
            let line = self.lines + reason["line"].as_u64().unwrap_or(0);
            eprintln!("line {line}: {}", reason["reason"].as_str().unwrap_or(""));
        }
        self.lines += parcel.iter().filter(|b| **b == b'\n').count() as u64;
    }
}
