//! The language of nginx's configuration: words, `;`, blocks. As `ngx_conf_read_token` has it: quotes and comments count
//! only where a word begins, `{` ends a word unless it follows `$`, and a backslash keeps the next character.

use std::rc::Rc;

/// Deepest nesting of blocks.
pub(super) const DEPTH_MAX: usize = 64;

/// A directive with its block, if it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Directive {
    /// Its name and arguments, quotes taken off.
    pub words: Vec<String>,
    pub file: Rc<str>,
    pub line: u32,
    pub block: Option<Vec<Directive>>,
}

impl Directive {
    pub(super) fn name(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// Its arguments.
    pub(super) fn arguments(&self) -> &[String] {
        self.words.get(1..).unwrap_or_default()
    }

    /// `file:line`.
    pub(super) fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }

    /// What its block holds.
    pub(super) fn children(&self) -> &[Self] {
        self.block.as_deref().unwrap_or_default()
    }
}

/// Reads a text into directives. What was read before a mistake is kept; the mistake is told with its place.
pub(super) fn parse(file: &Rc<str>, text: &str) -> (Vec<Directive>, Option<String>) {
    let mut reader = Reader { rest: text, line: 1, file: file.clone() };
    let mut found = Vec::new();
    let problem = reader.block(0, &mut found).err();
    (found, problem)
}

struct Reader<'t> {
    rest: &'t str,
    line: u32,
    file: Rc<str>,
}

enum Token {
    Word(String),
    End,
    Open,
    Close,
    Last,
}

impl Reader<'_> {
    fn block(&mut self, depth: usize, found: &mut Vec<Directive>) -> Result<(), String> {
        loop {
            let (mut words, mut line) = (Vec::new(), self.line);
            let has_block = loop {
                let token = self.token()?;
                if words.is_empty() {
                    line = self.line;
                }
                match (token, words.is_empty()) {
                    (Token::Word(word), _) => words.push(word),
                    (Token::End, false) => break false,
                    (Token::Open, false) => break true,
                    (Token::Close, true) if depth > 0 => return Ok(()),
                    (Token::Last, true) if depth == 0 => return Ok(()),
                    (Token::Last, true) => return Err(self.at("the file ends where a `}` is missing")),
                    (Token::Last, false) => return Err(self.at("the file ends where a `;` is missing")),
                    (Token::End, true) => return Err(self.at("unexpected `;`")),
                    (Token::Open, true) => return Err(self.at("unexpected `{`")),
                    (Token::Close, _) => return Err(self.at("unexpected `}`")),
                }
            };
            found.push(Directive { words, file: self.file.clone(), line, block: None });
            if has_block {
                self.open(depth, found)?;
            }
        }
    }

    /// The block of the directive found last. What is in it before a mistake is kept.
    fn open(&mut self, depth: usize, found: &mut [Directive]) -> Result<(), String> {
        let directive = found.last_mut().expect("its caller pushed it");
        if directive.name().ends_with("_by_lua_block") {
            directive.block = Some(Vec::new());
            return self.skip_lua();
        }
        if depth >= DEPTH_MAX {
            return Err(self.at("blocks are nested too deeply"));
        }
        let mut inner = Vec::new();
        let outcome = self.block(depth + 1, &mut inner);
        directive.block = Some(inner);
        outcome
    }

    fn at(&self, what: &str) -> String {
        format!("{}:{}: {what}", self.file, self.line)
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        self.line += u32::from(c == '\n');
        Some(c)
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn skip_line(&mut self) {
        let end = memchr::memchr(b'\n', self.rest.as_bytes()).unwrap_or(self.rest.len());
        self.rest = &self.rest[end..];
    }

    fn token(&mut self) -> Result<Token, String> {
        loop {
            match self.peek() {
                None => return Ok(Token::Last),
                Some('#') => self.skip_line(),
                Some(c) if is_blank(c) => drop(self.next()),
                Some('\u{feff}') => drop(self.next()),
                Some(';') => return self.single(Token::End),
                Some('{') => return self.single(Token::Open),
                Some('}') => return self.single(Token::Close),
                Some('"' | '\'') => return self.quoted(),
                Some(_) => return Ok(Token::Word(self.word())),
            }
        }
    }

    fn single(&mut self, token: Token) -> Result<Token, String> {
        self.next();
        Ok(token)
    }

    fn word(&mut self) -> String {
        let mut word = String::new();
        let mut before = '\0';
        while let Some(c) = self.peek() {
            let is_variable = c == '{' && before == '$';
            if is_blank(c) || c == ';' || (c == '{' && !is_variable) {
                break;
            }
            self.next();
            before = c;
            match c {
                '\\' => {
                    self.escaped(&mut word);
                    before = '\0';
                }
                _ => word.push(c),
            }
        }
        word
    }

    fn quoted(&mut self) -> Result<Token, String> {
        let (quote, from) = (self.next(), self.line);
        let mut word = String::new();
        loop {
            match self.next() {
                None => return Err(format!("{}:{from}: a quote is not closed", self.file)),
                c if c == quote => break,
                Some('\\') => self.escaped(&mut word),
                Some(c) => word.push(c),
            }
        }
        match self.peek() {
            None | Some(';' | '{' | ')') => Ok(Token::Word(word)),
            Some(c) if is_blank(c) => Ok(Token::Word(word)),
            Some(c) => Err(self.at(&format!("unexpected `{c}` after a quote"))),
        }
    }

    /// What follows a backslash: quotes, blanks and backslashes stand for themselves, all else keeps the backslash.
    fn escaped(&mut self, word: &mut String) {
        match self.next() {
            Some(c @ ('"' | '\'' | '\\')) => word.push(c),
            Some('t') => word.push('\t'),
            Some('r') => word.push('\r'),
            Some('n') => word.push('\n'),
            Some(c) => word.extend(['\\', c]),
            None => word.push('\\'),
        }
    }

    /// Skips to the end of a block of Lua, whose strings and comments may hold braces.
    fn skip_lua(&mut self) -> Result<(), String> {
        let (mut depth, from) = (1, self.line);
        while let Some(c) = self.next() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                '"' | '\'' => self.skip_lua_string(c),
                '[' => drop(self.skip_long_bracket()),
                '-' if self.peek() == Some('-') => self.skip_lua_comment(),
                _ => {}
            }
            if depth == 0 {
                return Ok(());
            }
        }
        Err(format!("{}:{from}: a block of Lua is not closed", self.file))
    }

    fn skip_lua_string(&mut self, quote: char) {
        while let Some(c) = self.next() {
            match c {
                '\\' => drop(self.next()),
                c if c == quote || c == '\n' => return,
                _ => {}
            }
        }
    }

    fn skip_lua_comment(&mut self) {
        self.next();
        let is_long = self.peek() == Some('[') && {
            self.next();
            self.skip_long_bracket()
        };
        if !is_long {
            self.skip_line();
        }
    }

    /// After `[`: skips `=*[ … ]=*]`; says whether there was one.
    fn skip_long_bracket(&mut self) -> bool {
        let level = self.rest.bytes().take_while(|byte| *byte == b'=').count();
        if self.rest.as_bytes().get(level) != Some(&b'[') {
            return false;
        }
        let end = format!("]{}]", "=".repeat(level));
        let to = self.rest.find(&end).map_or(self.rest.len(), |at| at + end.len());
        self.line += u32::try_from(self.rest[..to].matches('\n').count()).unwrap_or(0);
        self.rest = &self.rest[to..];
        true
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

#[cfg(test)]
mod tests;
