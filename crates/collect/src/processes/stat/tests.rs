use super::*;
use stdx::random::Random;

const LINE: &str = "42 (a) b (c) S 17 42 42 34816 -1 4194560 100 0 9 0 120 80 7 8 20 -5 3 0 555 1000000 777 18446744073709551615 1 2 4 0";

#[test]
fn names_may_hold_anything_and_kernel_threads_lose_their_tail() {
    let wanted = Stat {
        name: Name::new(b"a) b (c"),
        state: b'S',
        parent: 17,
        user_ticks: 120,
        system_ticks: 80,
        major_faults: 9,
        threads: 3,
        start_ticks: 555,
        resident_pages: 777,
        is_kernel: false,
        image: 1 ^ 8,
    };
    assert_eq!(parse(LINE.as_bytes()), Some(wanted));
    assert_eq!(wanted.ticks(), 200);
    for name in ["x y", ")", " ", "a\nb\n", "(", "\u{1}\u{7f}", ") R 1 1"] {
        let line = LINE.replace("a) b (c", name);
        assert_eq!(parse(line.as_bytes()), Some(Stat { name: Name::new(name.as_bytes()), ..wanted }), "{name:?}");
    }
    for (flags, wanted) in [("2129984", "kworker"), ("4194560", "kworker/0:1-ev")] {
        let line = LINE.replace("a) b (c", "kworker/0:1-ev").replace("4194560", flags);
        assert_eq!(parse(line.as_bytes()).unwrap().kind(), wanted.as_bytes());
    }
}

#[test]
fn a_line_cut_short_is_none_and_mutated_ones_never_panic() {
    let needed = LINE.find(" 18446").unwrap();
    for end in 0..needed - 3 {
        assert_eq!(parse(&LINE.as_bytes()[..end]), None, "{end}");
    }
    assert!(parse(&LINE.as_bytes()[..needed]).is_some());
    let mut random = Random::from_seed(3);
    for _ in 0..20_000 {
        let mut line = LINE.as_bytes().to_vec();
        for _ in 0..1 + random.below(4) {
            let at = random.below(line.len() as u64) as usize;
            line[at] = b" ()-9\xff\0S"[random.below(8) as usize];
        }
        let _ = parse(&line);
    }
}
