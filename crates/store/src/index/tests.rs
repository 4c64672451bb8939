use super::memory::Postings;
use super::{Index, matcher};
use model::{Labels, MatchOp, Matcher};
use std::ops::ControlFlow;
use stdx::random::Random;

#[test]
fn matchers_find_what_a_scan_finds() {
    let mut random = Random::from_seed(2);
    let series: Vec<Labels> = (0..200)
        .map(|i| {
            let (job, host) = (format!("j{}", random.below(4)), format!("h{}", random.below(20)));
            let rare = if random.below(5) == 0 { "x" } else { "" };
            let number = i.to_string();
            Labels::from_pairs([("job", job.as_str()), ("host", &host), ("rare", rare), ("i", &number)])
                .unwrap()
        })
        .collect();
    let mut postings = Postings::default();
    series.iter().for_each(|labels| postings.add(labels.key()));
    let words = [
        "",
        "j1",
        "j2",
        "h3",
        "x",
        "nothing",
        "j1|j2",
        "h1.*",
        ".*",
        ".+",
        "5",
        "x?",
        "x*",
        ".*1",
        "h(1|2|3)|j1",
    ];
    let ops = [MatchOp::Equal, MatchOp::NotEqual, MatchOp::Regex, MatchOp::NotRegex];
    for _ in 0..600 {
        let matchers: Vec<Matcher> = (0..random.below(4))
            .map(|_| {
                let name = ["job", "host", "rare", "i", "absent"][random.below(5) as usize];
                let word = words[random.below(words.len() as u64) as usize];
                Matcher::new(name, ops[random.below(4) as usize], word).unwrap()
            })
            .collect();
        let found: Vec<u32> = matcher::matching(&postings, &matchers).iter().collect();
        let scan: Vec<u32> =
            (0..200).filter(|&i| Matcher::all_match(&matchers, &series[i as usize])).collect();
        assert_eq!(found, scan, "{matchers:?}");
    }
}

#[test]
fn the_last_series_can_be_taken_back() {
    let key = |host: &str| Labels::from_pairs([("host", host), ("a", "b")]).unwrap();
    let mut postings = Postings::default();
    postings.add(key("x").key());
    postings.add(key("y").key());
    postings.remove_last(key("y").key());
    let mut names = Vec::new();
    postings.names(&mut |name| {
        names.push(name.to_owned());
        ControlFlow::Continue(())
    });
    let mut hosts = Vec::new();
    postings.values("host", "", &mut |value, list| {
        hosts.push((value.to_owned(), list.to_set().iter().collect()));
        ControlFlow::Continue(())
    });
    assert_eq!((names, hosts), (vec!["a".into(), "host".into()], vec![("x".to_owned(), vec![0])]));
    assert_eq!(postings.series_count(), 1);
}
