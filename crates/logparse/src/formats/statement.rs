//! The first word of a statement in SQL, which says what it does.

/// Words that have a name; all others are `other`.
const OPERATIONS: [&str; 40] = [
    "ALTER",
    "ANALYZE",
    "BEGIN",
    "CALL",
    "CLOSE",
    "CLUSTER",
    "COMMENT",
    "COMMIT",
    "COPY",
    "CREATE",
    "DEALLOCATE",
    "DECLARE",
    "DELETE",
    "DISCARD",
    "DO",
    "DROP",
    "EXECUTE",
    "EXPLAIN",
    "FETCH",
    "GRANT",
    "INSERT",
    "KILL",
    "LISTEN",
    "LOAD",
    "LOCK",
    "MERGE",
    "NOTIFY",
    "OPTIMIZE",
    "PREPARE",
    "REFRESH",
    "REINDEX",
    "REPLACE",
    "ROLLBACK",
    "SAVEPOINT",
    "SELECT",
    "SET",
    "SHOW",
    "TRUNCATE",
    "UPDATE",
    "VACUUM",
];

/// What a statement does, by its first line.
pub(super) fn operation(statement: &[u8]) -> &'static str {
    let text = without_comments(statement);
    let len = text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let word = &text[..len];
    let is = |name: &&&str| name.as_bytes().eq_ignore_ascii_case(word);
    // Whoever names its parts first mostly reads.
    let known = OPERATIONS.iter().find(is).copied();
    known.or_else(|| word.eq_ignore_ascii_case(b"with").then_some("WITH")).unwrap_or("other")
}

/// From the first word on: programs put comments and parentheses before it.
fn without_comments(mut text: &[u8]) -> &[u8] {
    loop {
        text = text.trim_ascii_start();
        if let Some(comment) = text.strip_prefix(b"/*") {
            let Some(end) = memchr::memmem::find(comment, b"*/") else { return b"" };
            text = &comment[end + 2..];
        } else if let Some(inner) = text.strip_prefix(b"(") {
            text = inner;
        } else {
            return text;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_counts() {
        for (statement, wanted) in [
            ("select 1", "SELECT"),
            ("  /* shop:7 */ (SELECT 1) UNION", "SELECT"),
            ("with x as (select 1) delete from y", "WITH"),
            ("/* never ends", "other"),
            ("frobnicate", "other"),
            ("", "other"),
        ] {
            assert_eq!(operation(statement.as_bytes()), wanted, "{statement}");
        }
    }
}
