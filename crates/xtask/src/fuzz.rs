//! The fuzz targets, each for a few seconds: `cargo xtask fuzz [SECONDS]`. All are built first, then as many run at a time
//! as there are processors; what one says is shown when it fails.

use crate::run::{command, exists, read, root, show};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;

/// Seconds a target when nothing else is said.
const SECONDS: &str = "5";

/// Runs every target with its corpus, seeded by the fixtures. All run, even when one fails.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let seconds = arguments.first().map_or(SECONDS, String::as_str);
    if !exists("cargo-fuzz") {
        println!("installing cargo-fuzz: it builds and runs the fuzz targets");
        show(&mut command("cargo", &["install", "--quiet", "--locked", "cargo-fuzz"]))?;
    }
    show(&mut command("cargo", &["+nightly", "fuzz", "build"]))?;
    let targets = read(&mut command("cargo", &["+nightly", "fuzz", "list"]))?;
    let built = built()?;
    let failed = all(targets.lines().filter(|t| !t.is_empty()), |target| fuzz(&built, target, seconds));
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}

/// Where the targets are built: below the name of the platform, which cargo-fuzz always says.
fn built() -> Result<PathBuf, String> {
    let about = read(&mut command("rustc", &["+nightly", "--version", "--verbose"]))?;
    let host = about.lines().find_map(|l| l.strip_prefix("host: ")).ok_or("rustc does not say its host")?;
    Ok(root().join("fuzz/target").join(host).join("release"))
}

/// Takes the targets one after the other on each processor; the errors of those that failed.
fn all<'a>(
    targets: impl Iterator<Item = &'a str> + Send,
    one: impl Fn(&str) -> Result<(), String> + Sync,
) -> Vec<String> {
    let (targets, failed) = (Mutex::new(targets), Mutex::new(Vec::new()));
    let next = || targets.lock().expect("no target panics while it is taken").next();
    let take = || {
        while let Some(target) = next() {
            if let Err(error) = one(target) {
                failed.lock().expect("nothing panics while it is told").push(error);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(take);
        }
    });
    failed.into_inner().expect("all threads have ended")
}

fn fuzz(built: &Path, target: &str, seconds: &str) -> Result<(), String> {
    let (corpus, artifacts) = (format!("fuzz/corpus/{target}"), format!("fuzz/artifacts/{target}/"));
    for folder in [&corpus, &artifacts] {
        fs::create_dir_all(root().join(folder)).map_err(|e| format!("{folder}: {e}"))?;
    }
    let seeds = [format!("fixtures/wire/{target}"), format!("fixtures/foreign/{}", target.replace('_', "-"))];
    let mut run = Command::new(built.join(target));
    run.current_dir(root())
        .arg(&corpus)
        .args(seeds.iter().filter(|seeds| root().join(seeds).exists()))
        .args([&format!("-max_total_time={seconds}"), "-verbosity=0"])
        .arg(format!("-artifact_prefix={artifacts}"))
        // As cargo-fuzz sets it: statics that are linked twice are no defect of ours.
        .env("ASAN_OPTIONS", "detect_odr_violation=0")
        .stdin(Stdio::null());
    let output = run.output().map_err(|e| format!("{target}: {e}"))?;
    if output.status.success() {
        println!("fuzzed {target} for {seconds} s");
        return Ok(());
    }
    println!("{}", String::from_utf8_lossy(&output.stderr).trim_end());
    Err(format!("fuzz target {target} ended with {}", output.status))
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
