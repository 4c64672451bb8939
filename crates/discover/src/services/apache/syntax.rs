//! The language of Apache's configuration: a directive a line, sections in angle brackets, variables, includes, conditions.

use super::invocation::Invocation;
use super::macros::Macros;
use crate::Inspection;
use crate::root::{glob, path};
use crate::text::{EXPANDED_BYTES_MAX, words};
use std::collections::{BTreeMap, BTreeSet};

/// Deepest chain of files that include each other, and of folders below an included one.
const INCLUDES_MAX: usize = 20;
/// Most lines that come of macros, which may use each other.
const MACRO_LINES_MAX: usize = 100_000;
/// Modules that are part of the program in every distribution.
const BUILT_IN: [&str; 12] = [
    "core",
    "so",
    "http_core",
    "http",
    "log_config",
    "logio",
    "version",
    "unixd",
    "watchdog",
    "mpm_event",
    "mpm_worker",
    "mpm_prefork",
];

/// A directive, or a section with what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Directive {
    /// Its name, that of a section with the bracket before it, and its arguments.
    pub words: Vec<String>,
    /// `file:line`
    pub place: String,
    pub block: Vec<Directive>,
}

impl Directive {
    pub(super) fn is(&self, name: &str) -> bool {
        self.words[0].eq_ignore_ascii_case(name)
    }
}

/// Reads everything; gives the directives of the server and where relative paths begin.
pub(super) fn read(inspection: &mut Inspection<'_>, invocation: &Invocation) -> (Vec<Directive>, String) {
    let mut reader = Reader {
        inspection,
        root: invocation.root.clone(),
        variables: invocation.variables.clone(),
        modules: BTreeSet::new(),
        macros: Macros::default(),
        macro_lines: 0,
        open: vec![Section::default()],
    };
    let given = |text: &[String]| text.join("\n");
    reader.take("-C", &given(&invocation.before), 0);
    reader.file(&invocation.configuration, 0);
    reader.take("-c", &given(&invocation.after), 0);
    while reader.open.len() > 1 {
        reader.close();
    }
    let all = reader.open.pop().map(|section| section.block).unwrap_or_default();
    (all, reader.root)
}

/// A section under way.
#[derive(Default)]
struct Section {
    directive: Option<Directive>,
    block: Vec<Directive>,
    /// Whether what is in it counts.
    is_skipped: bool,
    /// Whether what is in it is as if it stood around it: a condition.
    is_transparent: bool,
}

struct Reader<'i, 'p> {
    inspection: &'i mut Inspection<'p>,
    root: String,
    variables: BTreeMap<String, String>,
    modules: BTreeSet<String>,
    macros: Macros,
    macro_lines: usize,
    open: Vec<Section>,
}

impl Reader<'_, '_> {
    fn file(&mut self, file: &str, depth: usize) {
        if let Some(text) = self.inspection.read(file) {
            self.take(file, &text, depth);
        }
    }

    fn take(&mut self, file: &str, text: &str, depth: usize) {
        let mut whole = String::new();
        for (at, line) in text.lines().enumerate() {
            if let Some(part) = line.strip_suffix('\\') {
                whole.push_str(part);
                continue;
            }
            whole.push_str(line);
            let line = std::mem::take(&mut whole);
            self.line(line.trim(), &format!("{file}:{}", at + 1), depth);
        }
    }

    fn line(&mut self, line: &str, place: &str, depth: usize) {
        if line.is_empty() || line.starts_with('#') || self.macros.take(line, place) {
            return;
        }
        if let Some(name) = line.strip_prefix("</") {
            return self.end(name.trim_end_matches('>'), place);
        }
        let is_skipped = self.open.iter().any(|section| section.is_skipped);
        if let Some(section) = line.strip_prefix('<') {
            let expanded = self.expanded(section.trim_end_matches('>'));
            let mut words = words(&expanded);
            if words.first().is_some_and(|name| name.eq_ignore_ascii_case("macro")) {
                // What a condition leaves out is passed over, and has no name.
                self.macros.begin(if is_skipped { &[] } else { &words });
            } else if let Some(name) = words.first_mut() {
                name.insert(0, '<');
                self.begin(words, place, is_skipped);
            }
        } else if !is_skipped {
            let words = words(&self.expanded(line));
            if !words.is_empty() {
                self.directive(words, place, depth);
            }
        }
    }

    fn begin(&mut self, words: Vec<String>, place: &str, is_skipped: bool) {
        let fits = if is_skipped { Some(false) } else { self.condition(&words) };
        self.open.push(Section {
            directive: Some(Directive { words, place: place.to_owned(), block: Vec::new() }),
            block: Vec::new(),
            is_skipped: fits == Some(false),
            is_transparent: fits.is_some(),
        });
    }

    fn end(&mut self, name: &str, place: &str) {
        let is_open =
            |section: &Section| section.directive.as_ref().is_some_and(|it| it.is(&format!("<{name}")));
        if self.open.last().is_some_and(is_open) {
            self.close();
        } else {
            self.inspection.problem(format!("{place}: </{name}> where no <{name}> is open"));
        }
    }

    fn close(&mut self) {
        let Some(section) = self.open.pop() else { return };
        let around = self.open.last_mut().expect("the outermost is closed by nobody");
        match section.directive {
            _ if section.is_skipped => {}
            Some(directive) if !section.is_transparent => {
                around.block.push(Directive { block: section.block, ..directive });
            }
            _ => around.block.extend(section.block),
        }
    }

    /// Whether a condition holds; `None` for a section that is none.
    fn condition(&self, words: &[String]) -> Option<bool> {
        let argument = words.get(1).map_or("", String::as_str);
        let (is_not, name) = argument.strip_prefix('!').map_or((false, argument), |name| (true, name));
        let holds = match words[0].to_ascii_lowercase().as_str() {
            "<ifmodule" => {
                let name = name.trim_start_matches("mod_").trim_end_matches(".c").trim_end_matches("_module");
                self.modules.contains(name) || BUILT_IN.contains(&name)
            }
            "<ifdefine" => self.variables.contains_key(name),
            "<iffile" => self.inspection.process.root.exists(&path::join(&self.root, name)),
            // Which version runs is not known; what is written for one that runs is rather for it than not.
            "<ifversion" | "<ifdirective" | "<ifsection" => true,
            _ => return None,
        };
        Some(holds != is_not)
    }

    fn directive(&mut self, words: Vec<String>, place: &str, depth: usize) {
        let argument = words.get(1).cloned().unwrap_or_default();
        match words[0].to_ascii_lowercase().as_str() {
            "serverroot" => self.root.clone_from(&argument),
            "define" => drop(self.variables.insert(argument, words.get(2).cloned().unwrap_or_default())),
            "undefine" => drop(self.variables.remove(&argument)),
            "loadmodule" => drop(self.modules.insert(argument.trim_end_matches("_module").to_owned())),
            "include" => self.include(&argument, place, depth, true),
            "use" => self.use_macro(&words, place, depth),
            "undefmacro" => self.macros.undefine(&argument),
            "includeoptional" => self.include(&argument, place, depth, false),
            _ => {
                let directive = Directive { words, place: place.to_owned(), block: Vec::new() };
                self.open.last_mut().expect("the outermost is always open").block.push(directive);
            }
        }
    }

    fn use_macro(&mut self, words: &[String], place: &str, depth: usize) {
        if depth >= INCLUDES_MAX {
            self.inspection.problem(format!("{place}: macros use each other too deeply"));
            return;
        }
        let Some(lines) = self.macros.used(words) else {
            let name = words[1..].join(" ");
            return self.inspection.problem(format!("{place}: there is no macro for `Use {name}`"));
        };
        for (line, place) in lines {
            if self.macro_lines >= MACRO_LINES_MAX {
                let why = format!("more than {MACRO_LINES_MAX} lines come of macros: the rest is left out");
                return self.inspection.problem(why);
            }
            self.macro_lines += 1;
            self.line(&line, &place, depth + 1);
        }
    }

    fn include(&mut self, pattern: &str, place: &str, depth: usize, is_needed: bool) {
        if depth >= INCLUDES_MAX {
            self.inspection.problem(format!("{place}: files include each other too deeply"));
            return;
        }
        let pattern = path::join(&self.root, pattern);
        let files = if glob::is_pattern(&pattern) { self.inspection.glob(&pattern) } else { vec![pattern] };
        for file in files {
            self.include_one(&file, place, depth, is_needed);
        }
    }

    fn include_one(&mut self, file: &str, place: &str, depth: usize, is_needed: bool) {
        if depth < INCLUDES_MAX && self.inspection.process.root.is_folder(file) {
            // A folder stands for all files in it and below it.
            for file in self.inspection.glob(&path::join(file, "*")) {
                self.include_one(&file, place, depth + 1, is_needed);
            }
            return;
        }
        match self.inspection.try_read(file) {
            Ok(text) => self.take(file, &text, depth + 1),
            Err(why) if is_needed || !why.ends_with("it is not there") => {
                self.inspection.problem(format!("{place}: {why}"));
            }
            Err(_) => {}
        }
    }

    /// `${NAME}` by its value; one that is not known stays.
    fn expanded(&self, text: &str) -> String {
        let (mut expanded, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, after)) = after.split_once('}') else { break };
            if expanded.len() > EXPANDED_BYTES_MAX {
                break;
            }
            expanded.push_str(before);
            match self.variables.get(name) {
                Some(value) => expanded.push_str(value),
                None => expanded.extend(["${", name, "}"]),
            }
            rest = after;
        }
        expanded + rest
    }
}
