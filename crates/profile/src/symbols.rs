//! Names of functions, from the symbol tables (ELF) of the files that a process has in memory.

use crate::maps::Mapping;
use object::read::{ReadCache, ReadRef};
use object::{Object, ObjectSegment, ObjectSymbol, SymbolKind};
use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Stands for functions of a program that has no symbol table.
pub(crate) const NO_SYMBOLS: &str = "[no symbol table]";
/// Stands for what is in no file.
pub(crate) const UNKNOWN: &str = "[unknown]";
/// Longest name of a function, in bytes; generic ones can be pages long.
const NAME_BYTES_MAX: usize = 160;

/// The names of one process's functions.
pub(crate) struct Symbols {
    mappings: Vec<Mapping>,
    program: PathBuf,
    files: HashMap<PathBuf, Table>,
    named: HashMap<u64, String>,
}

/// One file.
#[derive(Debug, Default)]
struct Table {
    /// Where its parts stand: offset in the file, length, address.
    segments: Vec<(u64, u64, u64)>,
    /// Functions by address: address, length, name as in the file.
    functions: Vec<(u64, u64, String)>,
}

impl Symbols {
    /// `program` is a path under which the program's own file can be read, whatever became of it.
    pub(crate) fn new(mappings: Vec<Mapping>, program: &Path) -> Self {
        let mut symbols =
            Self { mappings, program: program.to_owned(), files: HashMap::new(), named: HashMap::new() };
        let own = std::fs::read_link(program).unwrap_or_default();
        symbols.files.insert(own.clone(), Table::read(program));
        symbols.program = own;
        symbols
    }

    /// Whether the program itself has names.
    pub(crate) fn has_own(&self) -> bool {
        self.files.get(&self.program).is_some_and(|table| !table.functions.is_empty())
    }

    /// The function at an address.
    pub(crate) fn name(&mut self, address: u64) -> &str {
        if !self.named.contains_key(&address) {
            let name = self.find(address);
            self.named.insert(address, name);
        }
        &self.named[&address]
    }

    fn find(&mut self, address: u64) -> String {
        let Some(mapping) = self.mappings.iter().find(|m| (m.start..m.end).contains(&address)) else {
            return UNKNOWN.to_owned();
        };
        let table = self.files.entry(mapping.path.clone()).or_insert_with(|| Table::read(&mapping.path));
        match table.function(address - mapping.start + mapping.offset) {
            Some(mangled) => shown(mangled),
            None if mapping.path == self.program && table.functions.is_empty() => NO_SYMBOLS.to_owned(),
            None => {
                let name = mapping.path.file_name().unwrap_or_default().to_string_lossy();
                format!("[{}]", name.trim_matches(['[', ']']))
            }
        }
    }
}

impl Table {
    /// A file that cannot be read has no names.
    fn read(path: &Path) -> Self {
        let Ok(file) = File::open(path) else { return Self::default() };
        let cache = ReadCache::new(file);
        parse(&cache).unwrap_or_default()
    }

    fn function(&self, offset: u64) -> Option<&str> {
        let segment = self.segments.iter().find(|(at, length, _)| (*at..at + length).contains(&offset))?;
        let address = offset - segment.0 + segment.2;
        let before = self.functions.partition_point(|(start, ..)| *start <= address);
        let (start, length, name) = self.functions[..before].last()?;
        // Those written in assembler tell no length.
        (*length == 0 || address < start + length).then_some(name)
    }
}

fn parse<'a>(data: impl ReadRef<'a>) -> object::Result<Table> {
    let file = object::File::parse(data)?;
    let segments = file.segments().map(|segment| {
        let (offset, length) = segment.file_range();
        (offset, length, segment.address())
    });
    let mut functions = functions(file.symbols());
    if functions.is_empty() {
        functions = self::functions(file.dynamic_symbols());
    }
    Ok(Table { segments: segments.collect(), functions })
}

fn functions<'a>(symbols: impl Iterator<Item = impl ObjectSymbol<'a>>) -> Vec<(u64, u64, String)> {
    let is_function =
        |symbol: &_| ObjectSymbol::is_definition(symbol) && ObjectSymbol::kind(symbol) == SymbolKind::Text;
    let named = symbols.filter(is_function).filter_map(|symbol| {
        let name = symbol.name().ok().filter(|name| !name.is_empty())?;
        Some((symbol.address(), symbol.size(), name.to_owned()))
    });
    let mut functions: Vec<_> = named.collect();
    functions.sort_unstable();
    functions.dedup_by_key(|(address, ..)| *address);
    functions
}

/// A name as people wrote it, without what the folded format uses.
fn shown(mangled: &str) -> String {
    let mut name = format!("{:#}", rustc_demangle::demangle(mangled));
    if name.len() > NAME_BYTES_MAX {
        name.truncate(name.floor_char_boundary(NAME_BYTES_MAX - '…'.len_utf8()));
        name.push('…');
    }
    name.replace([';', '\n'], ":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_readable_short_and_fit_the_folded_format() {
        assert_eq!(shown("_ZN7collect8schedule3run17h0123456789abcdefE"), "collect::schedule::run");
        assert_eq!(shown("_RNvC7mycrate3foo"), "mycrate::foo");
        assert_eq!(shown("read"), "read");
        assert_eq!(shown("a;b"), "a:b");
        let long = shown(&"é".repeat(500));
        assert!(long.len() <= NAME_BYTES_MAX && long.ends_with('…'));
    }

    #[test]
    fn an_address_belongs_to_the_function_that_covers_it() {
        let table = Table {
            segments: vec![(0x1000, 0x1000, 0x40_1000)],
            functions: vec![
                (0x40_1000, 0x10, "a".to_owned()),
                (0x40_1020, 0, "b".to_owned()),
                (0x40_1040, 4, "c".to_owned()),
            ],
        };
        let named = [0x1000, 0x100f, 0x1010, 0x1030, 0x1043, 0x1044, 0x0fff, 0x2000];
        let named = named.map(|offset| table.function(offset).unwrap_or("-"));
        assert_eq!(named, ["a", "a", "-", "b", "c", "-", "-", "-"]);
    }
}
