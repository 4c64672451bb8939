//! What a statement is: its first word and its first table. Not a parser of SQL: a look at words, which never fails and
//! never takes long.

use crate::names::Name;

/// How far a statement is looked into for its table.
const LOOK_BYTES_MAX: usize = 512;

/// A statement's class.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Class {
    /// First word in upper case, such as `SELECT`.
    pub(crate) verb: Name,
    /// First table, without quotes; empty when there is none.
    pub(crate) table: Name,
}

/// Words before a table.
const BEFORE_TABLE: [&[u8]; 5] = [b"FROM", b"INTO", b"UPDATE", b"TABLE", b"JOIN"];
/// Words that may stand between those and the table.
const FILLERS: [&[u8]; 6] = [b"ONLY", b"IF", b"NOT", b"EXISTS", b"IGNORE", b"LOW_PRIORITY"];
/// Words where a table could stand that begin something else.
const INSTEAD_OF_TABLE: [&[u8]; 4] = [b"SELECT", b"VALUES", b"LATERAL", b"STDIN"];
/// Statements that are told with their second word.
const WITH_OBJECT: [&[u8]; 3] = [b"CREATE", b"DROP", b"ALTER"];
/// Statements that are about no table, or whose words after `FROM` are not one.
const WITHOUT_TABLE: [&[u8]; 8] =
    [b"BEGIN", b"COMMIT", b"ROLLBACK", b"SET", b"SHOW", b"SAVEPOINT", b"RELEASE", b"START"];
/// Statements whose table follows at once.
const TABLE_FIRST: [&[u8]; 4] = [b"UPDATE", b"COPY", b"TRUNCATE", b"LOCK"];

/// The class of a statement, of which the end may be missing.
pub(crate) fn class(statement: &[u8]) -> Class {
    let mut words = Words { rest: &statement[..statement.len().min(LOOK_BYTES_MAX)] };
    let mut class = Class::default();
    let Some(first) = words.next() else {
        class.verb.push(b"EMPTY");
        return class;
    };
    if !first.iter().all(|b| b.is_ascii_alphabetic() || *b == b'_') {
        class.verb.push(b"other");
        return class;
    }
    class.verb.push_upper(&first[..first.len().min(16)]);
    let is_one_of = |list: &[&[u8]], word: &[u8]| list.iter().any(|known| known.eq_ignore_ascii_case(word));
    if is_one_of(&WITHOUT_TABLE, first) {
        return class;
    }
    let mut is_next = is_one_of(&TABLE_FIRST, first);
    let object = if is_one_of(&WITH_OBJECT, first) { words.next() } else { None };
    if let Some(object) = object.filter(|word| word.iter().all(u8::is_ascii_alphabetic)) {
        class.verb.push(b" ");
        class.verb.push_upper(&object[..object.len().min(16)]);
        is_next = object.eq_ignore_ascii_case(b"TABLE");
    }
    for word in words {
        if is_one_of(&BEFORE_TABLE, word) {
            is_next = true;
        } else if is_one_of(&INSTEAD_OF_TABLE, word) {
            is_next = false;
        } else if is_next && !is_one_of(&FILLERS, word) {
            class.table = table(word);
            return class;
        }
    }
    class
}

/// A table without quotes around its parts. Digits are folded when there are many: partitions are one table.
fn table(word: &[u8]) -> Name {
    let mut name = Name::default();
    let digits = word.iter().filter(|b| b.is_ascii_digit()).count();
    for part in word.split(|b| matches!(b, b'"' | b'`' | b'[' | b']')) {
        if digits > 3 { name.push_folded(part) } else { name.push(part) }
    }
    name
}

/// Words of a statement; comments, texts in single quotes, numbers and signs are passed over.
struct Words<'s> {
    rest: &'s [u8],
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'_' | b'.' | b'"' | b'`' | b'$' | b'[' | b']')
        || byte >= 0x80
}

impl<'s> Iterator for Words<'s> {
    type Item = &'s [u8];

    fn next(&mut self) -> Option<&'s [u8]> {
        loop {
            let first = *self.rest.first()?;
            match first {
                b'-' if self.rest.starts_with(b"--") => self.pass_over(b"\n"),
                b'#' => self.pass_over(b"\n"),
                b'/' if self.rest.starts_with(b"/*") => self.pass_over(b"*/"),
                b'\'' => {
                    self.rest = &self.rest[1..];
                    self.pass_over(b"'");
                }
                byte if is_word(byte) => {
                    let len = self.word_len();
                    let (word, rest) = self.rest.split_at(len);
                    self.rest = rest;
                    return Some(word);
                }
                // A bracket tells that no name comes: `FROM (SELECT …`.
                _ => self.rest = &self.rest[1..],
            }
        }
    }
}

impl Words<'_> {
    fn pass_over(&mut self, end: &[u8]) {
        let at = memchr::memmem::find(self.rest, end);
        self.rest = at.and_then(|at| self.rest.get(at + end.len()..)).unwrap_or_default();
    }

    /// Quoted names may hold anything up to the end of the quotes.
    fn word_len(&self) -> usize {
        let mut at = 0;
        while let Some(byte) = self.rest.get(at) {
            if matches!(byte, b'"' | b'`') {
                match memchr::memchr(*byte, &self.rest[at + 1..]) {
                    Some(end) => at += end + 2,
                    None => return self.rest.len(),
                }
            } else if is_word(*byte) {
                at += 1;
            } else {
                break;
            }
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::class;

    #[test]
    fn statements_have_a_verb_and_a_table() {
        let cases = [
            ("select * from orders where id = 1", "SELECT", "orders"),
            ("SELECT\n\ta.b, 'from x' FROM \"public\".\"Order Items\" i", "SELECT", "public.Order Items"),
            ("/* app:x */ select 1", "SELECT", ""),
            ("-- who\nSELECT 1 FROM t--", "SELECT", "t"),
            ("insert into `logs_20261122` values (1)", "INSERT", "logs_*"),
            ("UPDATE ONLY users SET x = 'from y'", "UPDATE", "users"),
            ("DELETE FROM a.b WHERE 1", "DELETE", "a.b"),
            ("create table if not exists t (id int)", "CREATE TABLE", "t"),
            ("CREATE UNIQUE INDEX i ON t (a)", "CREATE UNIQUE", ""),
            ("drop table t", "DROP TABLE", "t"),
            ("SELECT * FROM (SELECT * FROM inner_t) x", "SELECT", "inner_t"),
            ("with x as (select 1 from a) select * from x", "WITH", "a"),
            ("SET x = 'from y'", "SET", ""),
            ("copy t (a, b) from stdin", "COPY", "t"),
            ("BEGIN", "BEGIN", ""),
            ("", "EMPTY", ""),
            (";", "EMPTY", ""),
            ("{call x}", "CALL", ""),
            ("1 + 1", "other", ""),
            ("select 'never ends", "SELECT", ""),
        ];
        for (statement, verb, table) in cases {
            let class = class(statement.as_bytes());
            let text = |name: crate::names::Name| String::from_utf8(name.as_bytes().to_vec()).unwrap();
            assert_eq!((text(class.verb).as_str(), text(class.table).as_str()), (verb, table), "{statement}");
        }
    }
}
