use super::memory::Postings;
use super::{Index, Step, matcher};
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
    series.iter().for_each(|labels| drop(postings.add(labels.key()).to_vec()));
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

/// Values of a name with their series.
type Values = Vec<(String, Vec<u32>)>;

/// Names with their values.
fn all(postings: &Postings) -> Vec<(String, Values)> {
    let mut all = Vec::new();
    postings.names(&mut |name| {
        let mut values = Vec::new();
        postings.values(name, "", &mut |value, list| {
            values.push((value.to_owned(), list.to_set().iter().collect()));
            Step::Next
        });
        all.push((name.to_owned(), values));
        ControlFlow::Continue(())
    });
    all
}

#[test]
fn the_last_series_can_be_taken_back() {
    for seed in 0..50 {
        let mut random = Random::from_seed(seed);
        let mut labels = || {
            let (a, b) = (random.below(40).to_string(), random.below(5).to_string());
            let name = ["x", "y", "z"][random.below(3) as usize];
            let b = if random.below(3) == 0 { "" } else { b.as_str() };
            Labels::from_pairs([("a", a.as_str()), (name, b)]).unwrap()
        };
        let (first, second): (Vec<_>, Vec<_>) =
            ((0..30).map(|_| labels()).collect(), (0..30).map(|_| labels()).collect());
        let third: Vec<_> = (0..30).map(|_| labels()).collect();
        let (mut postings, mut taken_back) = (Postings::default(), Vec::new());
        for labels in &first {
            postings.add(labels.key());
        }
        let before = all(&postings);
        for labels in &second {
            taken_back.extend_from_slice(postings.add(labels.key()));
        }
        if seed % 2 == 0 {
            all(&postings); // and is put in order
        }
        postings.truncate(30, taken_back.into_iter());
        assert_eq!((all(&postings), postings.series_count()), (before, 30), "seed {seed}");
        let mut fresh = Postings::default();
        for labels in first.iter().chain(&third) {
            fresh.add(labels.key());
        }
        for labels in &third {
            postings.add(labels.key());
        }
        assert_eq!(all(&postings), all(&fresh), "seed {seed}");
        for name in ["a", "x", "nothing"] {
            assert_eq!(postings.present(name), fresh.present(name));
            assert_eq!(postings.exact(name, "3"), fresh.exact(name, "3"));
            assert_eq!(postings.only(name), super::only(&postings, name));
        }
    }
}
