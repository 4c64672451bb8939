use super::*;
use proptest::prelude::*;

/// What comes out, one text each; those that are no plain line are marked.
fn unwrapped(envelope: Envelope, wanted: Option<Stream>, blocks: &[&[u8]]) -> Vec<String> {
    let (mut unwrapper, mut all) = (Unwrapper::new(envelope, wanted), Vec::new());
    for block in blocks {
        let shown = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
        unwrapper.unwrap(&mut block.to_vec(), &mut |piece| match piece {
            Piece::Lines(lines) => {
                let lines = lines.strip_suffix(b"\n").expect("lines end with a feed");
                all.extend(lines.split(|byte| *byte == b'\n').map(shown));
            }
            Piece::Line(line) => all.push(shown(line)),
            Piece::TooLong => all.push("<too long>".to_owned()),
            Piece::Foreign(line) => all.push(format!("<foreign> {}", shown(line))),
        });
    }
    all
}

fn docker(text: &str, stream: &str) -> String {
    let quoted = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('<', "\\u003c");
    format!("{{\"log\":\"{quoted}\",\"stream\":\"{stream}\",\"time\":\"2026-11-22T08:14:03.1Z\"}}\n")
}

fn cri(text: &str, stream: &str, tag: &str) -> String {
    format!("2026-11-22T08:14:03.120450017+01:00 {stream} {tag} {text}\n")
}

const DOCKER: Envelope = Envelope::Of(0);
const CRI: Envelope = Envelope::Of(1);

#[test]
fn names_are_those_of_the_table() {
    let names: Vec<&str> = ENVELOPES.iter().map(|row| row.name).collect();
    assert_eq!(ENVELOPE_NAMES[2..], names[..]);
    assert_eq!((Envelope::named("docker"), Envelope::named("cri")), (Some(DOCKER), Some(CRI)));
    assert_eq!((Envelope::named("auto"), Envelope::named("none")), (Some(Envelope::Auto), None));
    for (at, row) in ENVELOPES.iter().enumerate() {
        assert_eq!(
            unwrapped(Envelope::Of(at), None, &[format!("{}\n", row.example).as_bytes()]),
            ["GET / 200"],
            "{}",
            row.name
        );
    }
}

#[test]
fn the_stream_chooses() {
    let block = docker("a \"b\" \\ <c>\n", "stdout") + &docker("oh\n", "stderr") + &docker("\n", "stdout");
    assert_eq!(unwrapped(DOCKER, None, &[block.as_bytes()]), ["a \"b\" \\ <c>", "oh", ""]);
    assert_eq!(unwrapped(DOCKER, Some(Stream::Stderr), &[block.as_bytes()]), ["oh"]);
    let block = cri("a b", "stdout", "F") + &cri("oh", "stderr", "F:x") + "2026-11-22T08:14:03Z stdout F\n";
    assert_eq!(unwrapped(CRI, None, &[block.as_bytes()]), ["a b", "oh", ""]);
    assert_eq!(unwrapped(CRI, Some(Stream::Stdout), &[block.as_bytes()]), ["a b", ""]);
}

#[test]
fn split_lines_are_joined_stream_by_stream_and_over_blocks() {
    let first = docker("one\n", "stdout") + &docker("lo", "stdout") + &docker("err\n", "stderr");
    let second = docker("ng\n", "stdout") + &docker("two\n", "stdout");
    assert_eq!(
        unwrapped(DOCKER, None, &[first.as_bytes(), second.as_bytes()]),
        ["one", "err", "long", "two"]
    );
    let first = cri("lo", "stdout", "P") + &cri("o", "stderr", "P") + &cri("n", "stdout", "P:x");
    let second = cri("g", "stdout", "F") + &cri("h", "stderr", "F");
    assert_eq!(unwrapped(CRI, None, &[first.as_bytes(), second.as_bytes()]), ["long", "oh"]);
}

#[test]
fn a_line_without_an_end_is_bounded() {
    let part = docker(&"x".repeat(400_000), "stdout");
    let blocks: Vec<&[u8]> = vec![part.as_bytes(); 3];
    let (end, next) = (docker("end\n", "stdout"), docker("next\n", "stdout"));
    let all = [&blocks[..], &[end.as_bytes(), next.as_bytes()]].concat();
    assert_eq!(unwrapped(DOCKER, None, &all), ["<too long>", "next"]);
}

#[test]
fn what_has_no_envelope_is_told_or_taken_as_it_is() {
    let torn = "{\"log\":\"half\n\0\0\0\n".to_owned() + &docker("whole\n", "stdout");
    let all = unwrapped(DOCKER, None, &[torn.as_bytes()]);
    assert_eq!(all, ["<foreign> {\"log\":\"half", "<foreign> \0\0\0", "whole"]);
    let mixed =
        "plain\n".to_owned() + &cri("in cri", "stdout", "F") + &docker("in docker\n", "stderr") + "last";
    assert_eq!(
        unwrapped(Envelope::Auto, None, &[mixed.as_bytes()]),
        ["plain", "in cri", "in docker", "last"]
    );
    for bad in [
        "{\"log\":\"a\\q\",\"stream\":\"stdout\",\"time\":\"\"}",
        "{\"log\":\"a\\n\\\"b\",\"level\":\"x\"}",
        "{\"log\":\"a\\u12\",\"stream\":\"stdout\",\"time\":\"\"}",
        "{\"log\":\"a\\n\",\"stream\":\"elsewhere\",\"time\":\"\"}",
        "2026-11-22T08:14:03Z stdout X a",
        "2026-11-22T08:14:03Z out F a",
        "2026-11-22",
        "",
    ] {
        let told = [format!("<foreign> {bad}")];
        assert_eq!(unwrapped(DOCKER, None, &[format!("{bad}\n").as_bytes()]), told);
        assert_eq!(unwrapped(CRI, None, &[format!("{bad}\n").as_bytes()]), told);
    }
}

#[test]
fn escapes_are_undone() {
    let line = r#"{"log":"\u00e9 \ud83d\ude00 \ud83d x \ude00 \t\r\b\f\/\u0026\n","stream":"stdout","attrs":{"a":"}"},"time":"t"}"#;
    let all = unwrapped(DOCKER, None, &[format!("{line}\n").as_bytes()]);
    assert_eq!(all, ["é 😀 \u{fffd} x \u{fffd} \t\r\u{8}\u{c}/&"]);
}

proptest! {
    #[test]
    fn whatever_was_wrapped_comes_out(
        lines in prop::collection::vec(("[ -~é\u{1}\t]{0,60}", any::<bool>(), 0usize..30), 0..20),
        in_docker: bool,
        cut: prop::sample::Index,
    ) {
        let mut text = String::new();
        for (line, is_stderr, part) in &lines {
            let stream = if *is_stderr { "stderr" } else { "stdout" };
            let at = (0..=*part.min(&line.len())).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
            let (head, tail) = line.split_at(at);
            let is_split = *part % 3 == 0;
            let of_docker = |text: &str| as_docker(text, stream);
            match (in_docker, is_split) {
                (true, false) => text.push_str(&of_docker(&format!("{line}\n"))),
                (true, true) => text.push_str(&(of_docker(head) + &of_docker(&format!("{tail}\n")))),
                (false, false) => text.push_str(&cri(line, stream, "F")),
                (false, true) => text.push_str(&(cri(head, stream, "P") + &cri(tail, stream, "F"))),
            }
        }
        let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).collect();
        let cut = if ends.is_empty() { 0 } else { ends[cut.index(ends.len())] };
        let (first, second) = text.as_bytes().split_at(cut);
        let wanted: Vec<String> = lines.iter().map(|(line, ..)| line.clone()).collect();
        prop_assert_eq!(&unwrapped(Envelope::Auto, None, &[first, second]), &wanted);
        let of_stderr: Vec<String> = lines.iter().filter(|(_, is, _)| *is).map(|(line, ..)| line.clone()).collect();
        let envelope = if in_docker { DOCKER } else { CRI };
        prop_assert_eq!(unwrapped(envelope, Some(Stream::Stderr), &[first, second]), of_stderr);
    }

    #[test]
    fn no_bytes_make_it_fail(block in prop::collection::vec(any::<u8>(), 0..300)) {
        for envelope in [Envelope::Auto, DOCKER, CRI] {
            unwrapped(envelope, None, &[&block]);
            let head = [&b"{\"log\":\""[..], &block].concat();
            unwrapped(envelope, Some(Stream::Stdout), &[&head]);
        }
    }
}

/// As Docker escapes: controls as `\u00XX` unless they have a name.
fn as_docker(text: &str, stream: &str) -> String {
    let mut quoted = String::new();
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '<' | '>' | '&' | '\0'..' ' => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    format!("{{\"log\":\"{quoted}\",\"stream\":\"{stream}\",\"time\":\"2026-11-22T08:14:03.1Z\"}}\n")
}
