//! The order of functions in what is handed out: those that an agent enters again and again come first, in the order of
//! `packaging/steady-functions.txt`. Left to itself the compiler strews them over the whole file, and since the kernel maps
//! sixteen pages around each that is touched, an agent that runs 0.7 MB of code held 4.5 MB of it.
//!
//! Names of symbols end with a hash that every change of the code changes, so the list has names as people know them, and
//! the symbols are looked up where they first are known: in the object file that rustc hands to the linker. That is why
//! this program takes the linker's place ([`link`]) and calls it with one argument more. Linking twice, the second time by
//! the symbols of the first, would optimize the whole program twice.

use crate::run::{command, read, root, show};
use rustc_demangle::demangle;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Tells this program, by its being there, that it is called as the linker; its value is the list.
pub const VARIABLE: &str = "WINDHOVER_LINK_ORDER";

/// A list that fewer of its names than this part still exist of is of another program.
const FOUND_PART_MIN: f64 = 0.5;

/// Where the list is. `cargo xtask bench entered` says how it is made.
pub fn list() -> PathBuf {
    root().join("packaging/steady-functions.txt")
}

/// Links as the arguments say, with functions in the order of `list`. Only LLVM's linker can order them; any other links
/// as it always does.
pub fn link(list: &Path, arguments: &[String]) -> Result<(), String> {
    let mut linker = command("cc", &[]);
    linker.args(arguments);
    if arguments.iter().any(|argument| argument == "-fuse-ld=lld") {
        let output = arguments.iter().skip_while(|argument| *argument != "-o").nth(1);
        let file = PathBuf::from(format!("{}.order", output.ok_or("no file to write")?));
        let objects: Vec<&String> = arguments.iter().filter(|argument| argument.ends_with(".o")).collect();
        let ordered = ordered(&read_list(list)?, &symbols(&objects)?).join("\n");
        fs::write(&file, ordered).map_err(|e| format!("{}: {e}", file.display()))?;
        linker.arg(format!("-Wl,--symbol-ordering-file={}", file.display()));
        // Functions of other builds and of other C libraries are no news.
        linker.arg("-Wl,--no-warn-symbol-ordering");
    }
    show(&mut linker)
}

/// Says how close together the functions of the list are; an error when it is no list of this program.
pub fn check(binary: &Path) -> Result<(), String> {
    let names = read_list(&list())?;
    let found = places(&names, &read_symbols(&[binary])?);
    if (found.len() as f64) < FOUND_PART_MIN * names.len() as f64 {
        let (found, all, list) = (found.len(), names.len(), list());
        return Err(format!("{}: of {all} functions {found} still exist: make it anew", list.display()));
    }
    let span = found.iter().max().zip(found.iter().min()).map_or(0, |(last, first)| last - first);
    println!("{} functions that a steady agent enters lie within {} KiB", found.len(), span >> 10);
    Ok(())
}

/// Addresses of those listed functions of which there is just one.
fn places(names: &[String], symbols: &[(u64, String)]) -> Vec<u64> {
    let mut known: HashMap<String, Vec<u64>> = HashMap::new();
    symbols.iter().for_each(|(address, symbol)| known.entry(shown(symbol)).or_default().push(*address));
    names.iter().filter_map(|name| known.get(name)).filter(|all| all.len() == 1).map(|all| all[0]).collect()
}

/// Symbols in the order in which they are to lie. A generic function is there many times under one name, and which of
/// them are meant is not known: such names come last, the rarest first. What the objects do not have may be a function of
/// a C library and is handed on.
fn ordered<'a>(names: &'a [String], symbols: &'a [String]) -> Vec<&'a str> {
    let mut known: HashMap<String, Vec<&str>> = HashMap::new();
    symbols.iter().for_each(|symbol| known.entry(shown(symbol)).or_default().push(symbol));
    let mut wanted: Vec<Vec<&str>> =
        names.iter().map(|name| known.remove(name).unwrap_or_else(|| vec![name])).collect();
    wanted.sort_by_key(Vec::len);
    wanted.concat()
}

/// The name without what is different in every build: the hash, and the number by which LLVM tells copies of a small
/// function apart. `bench entered` writes names the same way.
fn shown(symbol: &str) -> String {
    let number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    match symbol.rsplit_once('.') {
        Some((first, last)) if symbol.starts_with('_') && number(last) => format!("{:#}", demangle(first)),
        _ => format!("{:#}", demangle(symbol)),
    }
}

fn read_list(list: &Path) -> Result<Vec<String>, String> {
    let text = fs::read_to_string(list).map_err(|e| format!("{}: {e}", list.display()))?;
    Ok(text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(str::to_owned).collect())
}

fn symbols(objects: &[&String]) -> Result<Vec<String>, String> {
    if objects.is_empty() {
        return Err("no object file among the linker's arguments".into());
    }
    Ok(read_symbols(objects)?.into_iter().map(|(_, symbol)| symbol).collect())
}

/// Address and symbol of every function, as nm(1) tells them.
fn read_symbols<F: AsRef<Path>>(files: &[F]) -> Result<Vec<(u64, String)>, String> {
    let mut nm = command("nm", &["--defined-only"]);
    nm.args(files.iter().map(AsRef::as_ref));
    let said = read(&mut nm)?;
    Ok(said.lines().filter_map(function).collect())
}

/// `address kind symbol`; the kinds of code are `t` and `w`, in capitals where other files may use it.
fn function(line: &str) -> Option<(u64, String)> {
    let mut fields = line.splitn(3, ' ');
    let address = u64::from_str_radix(fields.next()?, 16).ok()?;
    let is_code = fields.next().is_some_and(|kind| matches!(kind, "t" | "T" | "w" | "W"));
    fields.next().filter(|_| is_code).map(|symbol| (address, symbol.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "_ZN7collect4file4read17h0123456789abcdefE";
    const GENERIC: [&str; 2] =
        ["_ZN5alloc3vec4grow17h0000000000000001E", "_ZN5alloc3vec4grow17h0000000000000002E"];

    #[test]
    fn names_that_are_there_once_come_first_and_what_is_unknown_is_handed_on() {
        let names = ["alloc::vec::grow", "collect::file::read", "malloc", "gone::away"].map(str::to_owned);
        let symbols = [GENERIC[0], FIRST, "_ZN4cold4code17h0000000000000003E", GENERIC[1]].map(str::to_owned);
        let ordered = ordered(&names, &symbols);
        assert_eq!(ordered, [FIRST, "malloc", "gone::away", GENERIC[0], GENERIC[1]]);
    }

    #[test]
    fn functions_are_found_by_their_names_whatever_their_hash() {
        let said =
            format!("0000000000401000 t {FIRST}\n0000000000500000 r a_constant\n                 U malloc\n");
        let symbols: Vec<(u64, String)> = said.lines().filter_map(function).collect();
        assert_eq!(symbols, [(0x40_1000, FIRST.to_owned())]);
        assert_eq!(places(&["collect::file::read".to_owned(), "b".to_owned()], &symbols), [0x40_1000]);
    }

    #[test]
    fn copies_of_a_function_have_its_name() {
        assert_eq!(shown(&format!("{FIRST}.1579")), "collect::file::read");
        assert_eq!(shown("systrim.constprop.0"), "systrim.constprop.0");
    }

    #[test]
    fn the_list_has_every_name_once() {
        let mut names = read_list(&list()).unwrap();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!((names.len(), names.len() > 500), (count, true));
    }
}
