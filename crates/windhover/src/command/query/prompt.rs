//! Questions line by line, with a history that is kept and completion by the tab key.
//!
//! A line that begins with a backslash changes what follows; `\?` lists them.

use super::ask::Asker;
use super::{Question, output};
use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::Validator;
use rustyline::{Config, Context, Editor, Helper};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

/// Most lines of the history.
const HISTORY_LINES_MAX: usize = 10_000;

const HELP: &str = r"\l LANGUAGE   timelion, promql, rpn …
\from TIME    start, such as now-6h
\to TIME      end
\step TIME    time between points, or auto
\o OUTPUT     table, spark, chart, csv, json, xport, fetch
\e            tell step by step what was done, or not any more
\t            tell how long it took, or not any more
\q            end (also Ctrl-D)";

/// Answers lines until the end of the input.
pub(super) fn run(asker: Asker<'_>, mut question: Question) -> anyhow::Result<()> {
    let shared = Rc::new(RefCell::new(asker));
    let language = Rc::new(RefCell::new(question.language.clone()));
    let config = Config::builder().max_history_size(HISTORY_LINES_MAX)?.auto_add_history(true).build();
    let mut editor: Editor<Words<'_>, FileHistory> = Editor::with_config(config)?;
    editor.set_helper(Some(Words { asker: Rc::clone(&shared), language: Rc::clone(&language) }));
    let history = history_file();
    if let Some(path) = &history {
        // The first time there is none.
        editor.load_history(path).ok();
    }
    loop {
        match editor.readline(&format!("{}> ", question.language)) {
            Ok(line) if line.trim().is_empty() => {}
            Ok(line) => {
                if !answer_line(line.trim(), &mut question, &mut shared.borrow_mut()) {
                    break;
                }
                language.borrow_mut().clone_from(&question.language);
            }
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(error.into()),
        }
    }
    if let Some(path) = &history {
        editor.save_history(path)?;
    }
    Ok(())
}

// Says whether to go on.
fn answer_line(line: &str, question: &mut Question, asker: &mut Asker<'_>) -> bool {
    if let Some(command) = line.strip_prefix('\\') {
        let (word, value) = command.split_once(' ').unwrap_or((command, ""));
        if word == "q" {
            return false;
        }
        if let Err(why) = change(word, value.trim(), question) {
            eprintln!("{why}");
        }
        return true;
    }
    question.exprs = vec![line.to_owned()];
    if let Err(error) = question.answer(asker) {
        eprintln!("{error:#}");
    }
    true
}

fn change(word: &str, value: &str, question: &mut Question) -> Result<(), String> {
    let wanted = |names: Vec<&str>| format!("`{value}` is none of {}", names.join(", "));
    match word {
        "l" => {
            let Some(language) = lang::languages::find(value) else {
                return Err(wanted(lang::LANGUAGES.iter().map(|language| language.name).collect()));
            };
            language.name.clone_into(&mut question.language);
        }
        "o" => {
            let found = output::find(value).filter(|output| !output.is_binary);
            let text = || output::OUTPUTS.iter().filter(|output| !output.is_binary).map(|output| output.name);
            question.output = found.ok_or_else(|| wanted(text().collect()))?;
        }
        "from" => value.clone_into(&mut question.from),
        "to" => value.clone_into(&mut question.to),
        "step" => value.clone_into(&mut question.step),
        "e" => question.explains = !question.explains,
        "t" => question.traces = !question.traces,
        _ => eprintln!("{HELP}"),
    }
    Ok(())
}

// Where the home of the user is; without one nothing is kept.
fn history_file() -> Option<PathBuf> {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder =
        named("XDG_STATE_HOME").or_else(|| Some(named("HOME")?.join(".local/state")))?.join("windhover");
    std::fs::create_dir_all(&folder).ok()?;
    Some(folder.join("query_history"))
}

/// Asks what may stand at the cursor.
struct Words<'a> {
    asker: Rc<RefCell<Asker<'a>>>,
    language: Rc<RefCell<String>>,
}

impl Completer for Words<'_> {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        if line.starts_with('\\') {
            return Ok((pos, Vec::new()));
        }
        let cursor = line[..pos].chars().count();
        let request = json!({ "language": *self.language.borrow(), "text": line, "cursor": cursor });
        // Without an answer there is nothing to offer; the next question says why.
        let said = self.asker.borrow_mut().complete(&request).unwrap_or_default();
        let start = said["start"].as_u64().map_or(cursor, |start| start as usize);
        let byte = line.char_indices().nth(start).map_or(line.len(), |(at, _)| at);
        Ok((byte, said["items"].as_array().into_iter().flatten().map(pair).collect()))
    }
}

fn pair(item: &Value) -> Pair {
    let text = |name: &str| item[name].as_str().unwrap_or("");
    Pair {
        display: format!("{} {}", text("label"), text("detail")).trim().to_owned(),
        replacement: text("text").to_owned(),
    }
}

impl Helper for Words<'_> {}
impl Highlighter for Words<'_> {}
impl Validator for Words<'_> {}
impl Hinter for Words<'_> {
    type Hint = String;
}
