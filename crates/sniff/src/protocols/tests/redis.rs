use crate::testing::{Talk, assert_heard, heard};

fn command(words: &[&str]) -> String {
    let words: String = words.iter().map(|word| format!("${}\r\n{word}\r\n", word.len())).collect();
    format!("*{}\r\n{words}", words.matches('$').count())
}

#[test]
fn commands_and_answers_of_every_type() {
    let mut talk = Talk::opened(6379);
    let answers = [
        "+OK\r\n",
        ":5\r\n",
        "$-1\r\n",
        "*-1\r\n",
        "*0\r\n",
        "$0\r\n\r\n",
        "_\r\n",
        "#t\r\n",
        ",1.5\r\n",
        "(123\r\n",
        "=6\r\ntxt:ab\r\n",
        "%1\r\n+a\r\n:1\r\n",
        "~2\r\n+a\r\n*1\r\n$3\r\nx\r\n\r\n",
        "|1\r\n+ttl\r\n:9\r\n+OK\r\n",
        "*3\r\n*2\r\n+a\r\n-ERR within\r\n$1\r\n*\r\n*0\r\n",
    ];
    for answer in answers {
        talk.client(command(&["get", "a key"])).server(answer);
    }
    let count = answers.len() as u64;
    let tap = assert_heard("redis", &talk, &[("GET", "", count, 0)]);
    let bytes: usize = answers.iter().map(|answer| answer.len()).sum();
    assert_eq!(heard(&tap)[0].2.response_bytes, bytes as u64);
}

#[test]
fn errors_are_told_by_their_first_word() {
    let mut talk = Talk::opened(6379);
    talk.client(command(&["INCR", "a"])).server("-WRONGTYPE Operation against a key\r\n");
    talk.client(command(&["INCR", "a"])).server("!9\r\nERR no no\r\n");
    let tap = assert_heard("redis", &talk, &[("INCR", "", 2, 2)]);
    let codes: Vec<_> = tap.tally.codes.iter().map(|code| (&*code.text, code.count)).collect();
    assert_eq!(codes, [("WRONGTYPE", 1), ("ERR", 1)]);
}

#[test]
fn pipelines_transactions_subcommands_and_inline() {
    let mut talk = Talk::opened(6379);
    talk.client(
        [command(&["MULTI"]), command(&["SET", "a", &"x".repeat(3000)]), command(&["EXEC"])].concat(),
    );
    talk.server("+OK\r\n+QUEUED\r\n*1\r\n+OK\r\n");
    talk.client("ping\r\n").server("+PONG\r\n");
    talk.client(command(&["config", "get", "save"])).server("*2\r\n$4\r\nsave\r\n$0\r\n\r\n");
    let wanted = [
        ("CONFIG|GET", "", 1, 0),
        ("EXEC", "", 1, 0),
        ("MULTI", "", 1, 0),
        ("PING", "", 1, 0),
        ("SET", "", 1, 0),
    ];
    assert_heard("redis", &talk, &wanted);
}

#[test]
fn pushes_are_no_answers() {
    let message = "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$5\r\nhello\r\n";
    let mut talk = Talk::opened(6379);
    talk.client(command(&["SUBSCRIBE", "c"])).server("*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n");
    talk.server(message).server(message);
    talk.client(command(&["UNSUBSCRIBE"])).server("*3\r\n$11\r\nunsubscribe\r\n$1\r\nc\r\n:0\r\n");
    talk.client(command(&["PING"])).server("+PONG\r\n");
    let tap = crate::testing::tapped(crate::protocols::named("redis").unwrap(), &talk.packets, 6379);
    let wanted = [("PING", 1), ("SUBSCRIBE", 1), ("UNSUBSCRIBE", 1)];
    let found = heard(&tap);
    assert_eq!(found.iter().map(|(n, _, c)| (n.as_str(), c.requests)).collect::<Vec<_>>(), wanted);
    assert_eq!((tap.tally.services()[0].pushed, tap.tally.services()[0].unasked), (4, 0));

    let mut talk = Talk::opened(6379);
    talk.client(command(&["HELLO", "3"])).server("%1\r\n+proto\r\n:3\r\n");
    talk.client(command(&["GET", "a"]))
        .server(">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n")
        .server("$1\r\nx\r\n");
    assert_heard("redis", &talk, &[("GET", "", 1, 0), ("HELLO", "", 1, 0)]);
}

#[test]
fn replication_and_tls_are_not_read() {
    let mut talk = Talk::opened(6379);
    talk.client(command(&["PSYNC", "?", "-1"]))
        .server("+FULLRESYNC a 0\r\n$5\r\nRDB..")
        .server(command(&["SET", "a", "b"]));
    assert_heard("redis", &talk, &[("PSYNC", "", 1, 0)]);
    let mut talk = Talk::opened(6379);
    talk.client([22, 3, 1, 0, 5, 1, 0, 0, 1, 3]).server([22, 3, 3, 0, 5, 2, 0, 0, 1, 3]);
    let tap = crate::testing::tapped(crate::protocols::named("redis").unwrap(), &talk.packets, 6379);
    assert_eq!(tap.tally.services()[0].encrypted, 1);
}
