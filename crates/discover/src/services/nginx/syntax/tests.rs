use super::*;

fn read(text: &str) -> (Vec<Directive>, Option<String>) {
    parse(&"n.conf".into(), text)
}

fn words(text: &str) -> Vec<Vec<String>> {
    let (found, problem) = read(text);
    assert_eq!(problem, None, "{text}");
    found.into_iter().map(|directive| directive.words).collect()
}

#[test]
fn words_end_where_nginx_ends_them() {
    for (text, wanted) in [
        ("a b;c d;", &["a|b", "c|d"][..]),
        ("a 'b;c' \"d e\";", &["a|b;c|d e"]),
        ("a b#c;#d;\n e;", &["a|b#c", "e"]),
        ("a it's;", &["a|it's"]),
        ("a ${b}c;", &["a|${b}c"]),
        ("a 'x\\'y' \"\\\"\" \\n\\d;", &["a|x'y|\"|\n\\d"]),
        ("a b\\;c;", &["a|b\\;c"]),
        ("a '';", &["a|"]),
        ("\u{feff}a;", &["a"]),
    ] {
        let got: Vec<String> = words(text).iter().map(|words| words.join("|")).collect();
        assert_eq!(got, wanted, "{text}");
    }
}

#[test]
fn blocks_nest_and_lines_are_counted() {
    let (found, problem) = read("http {\n  server{listen 80;}\n\n  log_format x 'a'\n 'b';\n}\nuser x;");
    assert_eq!(problem, None);
    let http = &found[0];
    assert_eq!((http.line, http.children()[0].line, http.children()[1].line), (1, 2, 4));
    assert_eq!(http.children()[1].words, ["log_format", "x", "a", "b"]);
    assert_eq!((found[1].place(), found[1].name()), ("n.conf:7".to_owned(), "user"));
}

#[test]
fn lua_is_skipped_whatever_it_holds() {
    let text = "content_by_lua_block {\n local a = '}' .. \"\\\"}\" -- }\n --[[ } \n ]] --[==[ }]] ]==]\n \
                if a then b = { [[ } ]], c[1] } end\n}\nuser x;";
    let (found, problem) = read(text);
    assert_eq!(problem, None);
    assert_eq!((found.len(), found[1].line), (2, 7));
    let broken = read("init_by_lua_block { local a = '}'").1;
    assert_eq!(broken.as_deref(), Some("n.conf:1: a block of Lua is not closed"));
}

#[test]
fn mistakes_have_a_place_and_keep_what_came_before() {
    for (text, wanted) in [
        ("a;\nhttp { b;", "n.conf:2: the file ends where a `}` is missing"),
        ("a;\nb", "n.conf:2: the file ends where a `;` is missing"),
        ("a;\n}", "n.conf:2: unexpected `}`"),
        ("a;\n;", "n.conf:2: unexpected `;`"),
        ("a;\n{", "n.conf:2: unexpected `{`"),
        ("a;\nb 'c\n", "n.conf:2: a quote is not closed"),
        ("a;\nb 'c'd;", "n.conf:2: unexpected `d` after a quote"),
    ] {
        let (found, problem) = read(text);
        assert_eq!(problem.as_deref(), Some(wanted), "{text}");
        assert_eq!(found[0].name(), "a");
    }
    let (found, _) = read("http { server { listen 80;");
    assert_eq!(found[0].children()[0].children()[0].words, ["listen", "80"]);
    let deep = "a { ".repeat(DEPTH_MAX + 2);
    assert!(read(&deep).1.unwrap().contains("too deeply"));
}

#[test]
fn noise_never_panics() {
    let mut random = stdx::random::Random::from_seed(7);
    let pieces = [
        "a",
        " ",
        ";",
        "{",
        "}",
        "'",
        "\"",
        "\\",
        "$",
        "#",
        "\n",
        "é",
        "x_by_lua_block",
        "[[",
        "]]",
        "--",
        "=",
    ];
    for _ in 0..5000 {
        let text: String =
            (0..random.below(40)).map(|_| pieces[random.below(pieces.len() as u64) as usize]).collect();
        let _ = read(&text);
    }
}
