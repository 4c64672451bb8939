//! Splits: series by the values of labels.

use hashbrown::{DefaultHashBuilder, HashMap, HashSet, HashTable};
use lang::plan::{Aggregate, Split};
use model::{Aspects, Labels, LabelsBuilder, Rolled, Row, Series};
use std::cmp::Ordering;
use std::hash::BuildHasher;

/// Series that become one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Group {
    /// The value of each split's label.
    pub(super) key: Vec<String>,
    /// In order of number.
    pub(super) series: Vec<Series>,
    /// How many samples they have in the range, where that was counted.
    pub(super) samples: u64,
    /// How much they say, see [`weight`].
    pub(super) weight: f64,
}

/// How much of a chart a series fills: the sum of its samples' sizes, its growth for rates, their number for counts.
///
/// Elasticsearch ranks the values of a split by their documents alone. Samples come on a clock: nearly every series of a
/// host has one each second, and a process that started late has fewer however much it uses, so that rule would keep
/// the idle ones. What people mean by "the top 5" is the five that stand out.
pub(super) fn weight(values: &[f64], aggregate: &Aggregate) -> f64 {
    let mut there = values.iter().copied().filter(|v| v.is_finite());
    match aggregate {
        Aggregate::Rate | Aggregate::Increase => {
            let first = there.next().unwrap_or(0.0);
            (there.next_back().unwrap_or(first) - first).max(0.0)
        }
        Aggregate::Count => there.count() as f64,
        _ => there.map(f64::abs).sum(),
    }
}

/// What [`piece_weight`] looks at.
pub(super) fn weight_aspects(aggregate: &Aggregate) -> Aspects {
    match aggregate {
        Aggregate::Rate | Aggregate::Increase => Aspects::COUNT | Aspects::FIRST | Aspects::LAST,
        Aggregate::Count => Aspects::COUNT,
        _ => Aspects::COUNT | Aspects::SUM | Aspects::MIN | Aspects::MAX,
    }
}

/// The same of what a source hands over. Rows with values of both signs count as if half were the least and half the
/// greatest.
pub(super) fn piece_weight(piece: Rolled<'_>, aggregate: &Aggregate) -> f64 {
    let of_row = |row: &Row| match aggregate {
        Aggregate::Rate | Aggregate::Increase => (row.last - row.first).max(0.0),
        Aggregate::Count => row.count as f64,
        _ if row.min < 0.0 && row.max > 0.0 => row.count as f64 * (row.max - row.min) / 2.0,
        _ => row.sum.abs(),
    };
    match piece {
        Rolled::Samples { values, .. } => weight(values, aggregate),
        Rolled::Rows(rows) => rows.iter().map(of_row).filter(|weight| weight.is_finite()).sum(),
        Rolled::Table(table) => {
            table.rows().map(|row| of_row(&row)).filter(|weight| weight.is_finite()).sum()
        }
    }
}

impl Group {
    /// The labels all series share.
    pub(super) fn common_labels(&self) -> Labels {
        let Some((first, rest)) = self.series.split_first() else { return Labels::empty() };
        if rest.is_empty() {
            return first.labels.clone();
        }
        let mut common = LabelsBuilder::default();
        for (name, value) in first.labels.iter() {
            if rest.iter().all(|series| series.labels.get(name) == Some(value)) {
                common.add(name, value);
            }
        }
        common.build().unwrap_or_default() // a part of a label set is within the limits too
    }
}

/// Series by the values of their split labels; those that lack one are left out. In order of their first series.
pub(super) fn make(found: Vec<Series>, splits: &[Split]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let (mut places, hasher): (HashTable<usize>, _) = (HashTable::new(), DefaultHashBuilder::default());
    for series in found {
        let labels = series.labels.clone();
        let values = splits.iter().map(|split| labels.get(&split.label));
        let Some(key) = values.collect::<Option<Vec<&str>>>() else { continue };
        let hash = hasher.hash_one(&key);
        let place = places.find(hash, |&place| groups[place].key == key).copied().unwrap_or_else(|| {
            let rehash = |&place: &usize| {
                hasher.hash_one(groups[place].key.iter().map(String::as_str).collect::<Vec<&str>>())
            };
            places.insert_unique(hash, groups.len(), rehash);
            let key = key.iter().map(|value| (*value).to_owned()).collect();
            groups.push(Group { key, series: Vec::new(), samples: 0, weight: 0.0 });
            groups.len() - 1
        });
        groups[place].series.push(series);
    }
    groups
}

/// The place of each key in natural order; equal keys share one.
pub(super) fn ranks<'a>(keys: impl Iterator<Item = &'a [String]>) -> HashMap<&'a [String], usize> {
    let mut ranks: HashMap<&[String], usize> = keys.map(|key| (key, 0)).collect();
    let mut sorted: Vec<&[String]> = ranks.keys().copied().collect();
    sorted.sort_unstable_by(|a, b| natural(a, b));
    for (place, key) in sorted.into_iter().enumerate() {
        ranks.insert(key, place);
    }
    ranks
}

/// Whether no split has more values than it may have.
pub(super) fn within_limits(groups: &[Group], splits: &[Split]) -> bool {
    let least = splits.iter().map(|split| split.limit).min().unwrap_or(usize::MAX);
    if groups.len() <= least {
        return true;
    }
    (0..splits.len()).all(|depth| {
        let mut counts: HashMap<&[String], HashSet<&str>> = HashMap::new();
        for group in groups {
            counts.entry(&group.key[..depth]).or_default().insert(&group.key[depth]);
        }
        counts.values().all(|values| values.len() <= splits[depth].limit)
    })
}

/// The heaviest groups, split by split: the outer ones are chosen first. Of equally heavy ones those with more samples
/// are taken, of those the first by name. The order stays.
pub(super) fn top(mut groups: Vec<Group>, splits: &[Split]) -> Vec<Group> {
    for (depth, split) in splits.iter().enumerate() {
        let mut ranks: HashMap<Vec<String>, (u64, f64)> = HashMap::new();
        for group in &groups {
            let (samples, weight) = ranks.entry(group.key[..=depth].to_vec()).or_default();
            *samples += group.samples;
            *weight += group.weight;
        }
        let mut ranked: Vec<(Vec<String>, (u64, f64))> = ranks.into_iter().collect();
        ranked.sort_by(|(a, (samples_a, weight_a)), (b, (samples_b, weight_b))| {
            weight_b.total_cmp(weight_a).then(samples_b.cmp(samples_a)).then_with(|| natural(a, b))
        });
        let mut taken: HashMap<Vec<String>, usize> = HashMap::new();
        ranked.retain(|(key, _)| {
            let count = taken.entry(key[..depth].to_vec()).or_default();
            *count += 1;
            *count <= split.limit
        });
        let kept: HashSet<Vec<String>> = ranked.into_iter().map(|(key, _)| key).collect();
        groups.retain(|group| kept.contains(&group.key[..=depth]));
    }
    groups
}

/// Order of names in which numbers count as numbers: cpu2 before cpu10.
pub(super) fn natural(a: &[String], b: &[String]) -> Ordering {
    let each = a.iter().zip(b).map(|(a, b)| natural_text(a, b));
    each.fold(Ordering::Equal, Ordering::then).then(a.len().cmp(&b.len()))
}

fn natural_text(a: &str, b: &str) -> Ordering {
    let same = same_start(a, b);
    let (mut rest_a, mut rest_b) = (&a[same..], &b[same..]);
    while let (Some(x), Some(y)) = (rest_a.chars().next(), rest_b.chars().next()) {
        let (digits_a, digits_b) = (leading_digits(rest_a), leading_digits(rest_b));
        if digits_a > 0 && digits_b > 0 {
            let number_a = rest_a[..digits_a].trim_start_matches('0');
            let number_b = rest_b[..digits_b].trim_start_matches('0');
            match number_a.len().cmp(&number_b.len()).then_with(|| number_a.cmp(number_b)) {
                Ordering::Equal => (rest_a, rest_b) = (&rest_a[digits_a..], &rest_b[digits_b..]),
                order => return order,
            }
        } else if x != y {
            return x.cmp(&y);
        } else {
            (rest_a, rest_b) = (&rest_a[x.len_utf8()..], &rest_b[y.len_utf8()..]);
        }
    }
    rest_a.len().cmp(&rest_b.len()).then_with(|| a.cmp(b))
}

/// Bytes that are the same in both and decide nothing: not those of a number or character that goes on differently.
fn same_start(a: &str, b: &str) -> usize {
    let equal = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let digits = a.as_bytes()[..equal].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let start = equal - digits;
    (0..=start).rev().find(|&at| a.is_char_boundary(at) && b.is_char_boundary(at)).unwrap_or(0)
}

fn leading_digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Kind, Labels, SeriesId};

    #[test]
    fn numbers_in_names_count_as_numbers() {
        let mut names = ["cpu10", "cpu2", "cpu", "cpu02", "db", "cpu2a", "äpfel", "9", "10"];
        names.sort_by(|a, b| natural_text(a, b));
        assert_eq!(names, ["9", "10", "cpu", "cpu02", "cpu2", "cpu2a", "cpu10", "db", "äpfel"]);
    }

    // Numbers and single characters, numbers without leading zeros; the texts themselves where these are the same.
    fn plainly(text: &str) -> (Vec<(char, usize, String)>, &str) {
        let mut parts: Vec<(char, usize, String)> = Vec::new();
        let mut in_number = false;
        for c in text.chars() {
            match parts.last_mut() {
                Some((_, len, digits)) if in_number && c.is_ascii_digit() => {
                    digits.push(c);
                    let stripped = digits.trim_start_matches('0').to_owned();
                    (*len, *digits) = (stripped.len(), stripped);
                }
                _ if c.is_ascii_digit() => {
                    let digits = c.to_string().trim_start_matches('0').to_owned();
                    parts.push(('0', digits.len(), digits));
                }
                _ => parts.push((c, 0, String::new())),
            }
            in_number = c.is_ascii_digit();
        }
        (parts, text)
    }

    #[test]
    fn order_agrees_with_a_plain_one_whatever_the_names_share() {
        let mut random = stdx::random::Random::from_seed(8);
        let alphabet = ['0', '0', '1', '2', '9', 'a', 'ä', 'ö', ':', '/'];
        let mut text = || -> String {
            (0..random.below(7)).map(|_| alphabet[random.below(alphabet.len() as u64) as usize]).collect()
        };
        for _ in 0..20_000 {
            let (a, b) = (text(), text());
            assert_eq!(natural_text(&a, &b), plainly(&a).cmp(&plainly(&b)), "{a:?} {b:?}");
        }
    }

    fn group(host: &str, mode: &str, samples: u64) -> Group {
        let labels = Labels::from_pairs([("host", host), ("mode", mode)]).unwrap();
        let series = Series { id: SeriesId(0), labels, kind: Kind::Gauge };
        Group { key: vec![host.to_owned(), mode.to_owned()], series: vec![series], samples, weight: 0.0 }
    }

    #[test]
    fn the_values_with_most_samples_stay_outer_ones_first() {
        let split = |label: &str, limit| Split { label: label.to_owned(), limit };
        let splits = [split("host", 2), split("mode", 1)];
        let groups = vec![
            group("a", "idle", 5),
            group("a", "user", 5),
            group("b", "idle", 30),
            group("c", "idle", 1),
            group("c", "user", 9),
        ];
        assert!(!within_limits(&groups, &splits));
        let left = top(groups, &splits);
        assert!(within_limits(&left, &splits));
        let keys: Vec<String> = left.iter().map(|g| g.key.join("/")).collect();
        // a and c have ten samples each: the first by name stays; of its two modes again the first.
        assert_eq!(keys, ["a/idle", "b/idle"]);
    }

    #[test]
    fn the_heavier_is_kept_however_few_its_samples() {
        let mut groups = vec![group("a", "idle", 9), group("a", "user", 3), group("a", "steal", 9)];
        groups[0].weight = 1.0;
        groups[1].weight = 2.0;
        groups[2].weight = 0.5;
        let splits = [Split { label: "host".into(), limit: 9 }, Split { label: "mode".into(), limit: 1 }];
        let kept: Vec<String> = top(groups, &splits).into_iter().map(|g| g.key[1].clone()).collect();
        assert_eq!(kept, ["user"]);
        assert_eq!(weight(&[5.0, f64::NAN, 7.5], &Aggregate::Rate), 2.5);
        assert_eq!(weight(&[-5.0, model::STALE, 7.0], &Aggregate::Avg), 12.0);
    }
}
