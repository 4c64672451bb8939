//! The fuzz targets, each for a few seconds: `cargo xtask fuzz [SECONDS]`.

use crate::run::{command, exists, read, root, show};
use std::fs;
use std::path::Path;

/// Seconds a target when nothing else is said.
const SECONDS: &str = "5";

/// Runs every target with its corpus, seeded by the fixtures.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let seconds = arguments.first().map_or(SECONDS, String::as_str);
    if !exists("cargo-fuzz") {
        println!("installing cargo-fuzz: it builds and runs the fuzz targets");
        show(&mut command("cargo", &["install", "--quiet", "--locked", "cargo-fuzz"]))?;
    }
    let targets = read(&mut command("cargo", &["+nightly", "fuzz", "list"]))?;
    for target in targets.lines().filter(|t| !t.is_empty()) {
        fuzz(target, seconds)?;
    }
    Ok(())
}

fn fuzz(target: &str, seconds: &str) -> Result<(), String> {
    let corpus = format!("fuzz/corpus/{target}");
    fs::create_dir_all(root().join(&corpus)).map_err(|e| e.to_string())?;
    let seeds = [format!("fixtures/wire/{target}"), format!("fixtures/foreign/{}", target.replace('_', "-"))];
    let limit = format!("-max_total_time={seconds}");
    let mut arguments = vec!["+nightly", "fuzz", "run", target, &corpus];
    arguments.extend(seeds.iter().filter(|seeds| root().join(seeds).exists()).map(String::as_str));
    arguments.extend(["--", &limit, "-verbosity=0"]);
    println!("fuzzing {target} for {seconds} s");
    show(&mut command("cargo", &arguments))
}

/// Why the targets cannot run here, if they cannot: libFuzzer's instrumentation needs a nightly compiler.
pub fn obstacle() -> Option<&'static str> {
    let home = std::env::var_os("RUSTUP_HOME").or_else(|| std::env::var_os("HOME"))?;
    let toolchains = [Path::new(&home).join("toolchains"), Path::new(&home).join(".rustup/toolchains")];
    let nightly = toolchains.iter().filter_map(|t| fs::read_dir(t).ok()).flatten().flatten();
    let found = nightly.into_iter().any(|t| t.file_name().to_string_lossy().starts_with("nightly"));
    (!found)
        .then_some("no nightly toolchain (rustup toolchain install nightly); the mutation tests ran instead")
}
