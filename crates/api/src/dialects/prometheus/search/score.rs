//! How well a name fits what was typed, from 0 to 1.

/// How names that do not hold the text as it stands are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// All characters in their order, with gaps; long runs and small gaps are better.
    Subsequence,
    /// The text within the name, or as alike as Jaro and Winkler measure it.
    JaroWinkler,
}

/// The texts, of which one must fit.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    texts: Vec<Vec<char>>,
    algorithm: Algorithm,
    threshold: f64,
    is_strict: bool,
}

/// How well a name fits that begins with the text, and one that has it further on.
const BEGINS: f64 = 1.0;
const HOLDS: f64 = 0.9;

impl Wanted {
    /// Names that fit one of `texts` no worse than `threshold`; all do if there is none.
    pub(super) fn new(texts: &[&str], algorithm: Algorithm, threshold: f64, is_strict: bool) -> Self {
        let texts = texts.iter().map(|text| letters(text, is_strict)).collect();
        Self { texts, algorithm, threshold, is_strict }
    }

    /// How well a name fits, if it does.
    pub(super) fn score(&self, name: &str) -> Option<f64> {
        if self.texts.is_empty() {
            return Some(BEGINS);
        }
        let name = letters(name, self.is_strict);
        self.texts.iter().filter_map(|text| self.fit(text, &name)).max_by(f64::total_cmp)
    }

    fn fit(&self, text: &[char], name: &[char]) -> Option<f64> {
        if name.starts_with(text) {
            return Some(BEGINS);
        }
        let score = match self.algorithm {
            Algorithm::Subsequence => subsequence(text, name),
            Algorithm::JaroWinkler if name.windows(text.len()).any(|part| part == text) => {
                return Some(HOLDS);
            }
            Algorithm::JaroWinkler if self.threshold == 0.0 => return None,
            Algorithm::JaroWinkler => jaro_winkler(text, name),
        };
        (score > 0.0 && score >= self.threshold).then_some(score)
    }
}

fn letters(text: &str, is_strict: bool) -> Vec<char> {
    if is_strict { text.chars().collect() } else { text.to_lowercase().chars().collect() }
}

/// The sum of the squares of the runs, less each gap's share of the name (what follows counts half), of the largest
/// possible. Each place where the first character stands is tried; from there the next one that fits is taken.
fn subsequence(text: &[char], name: &[char]) -> f64 {
    let starts = (0..name.len()).filter(|&at| text.first() == Some(&name[at]));
    let best = starts.map_while(|at| from(text, name, at)).max_by(f64::total_cmp);
    best.map_or(0.0, |best| best.max(0.0) / (text.len() * text.len()) as f64)
}

fn from(text: &[char], name: &[char], start: usize) -> Option<f64> {
    let gap = |characters: usize| characters as f64 / name.len() as f64;
    let (mut at, mut end, mut score, mut rest) = (start, 0, 0.0, text);
    while let Some(first) = rest.first() {
        at += name[at..].iter().position(|c| c == first)?;
        let run = name[at..].iter().zip(rest).take_while(|(a, b)| a == b).count();
        score += (run * run) as f64 - gap(at - end);
        at += run;
        end = at;
        rest = &rest[run..];
    }
    Some(score - gap(name.len() - end) / 2.0)
}

/// Jaro's measure, raised by Winkler's share of a common beginning of up to four characters.
fn jaro_winkler(a: &[char], b: &[char]) -> f64 {
    let jaro = jaro(a, b);
    let prefix = a.iter().zip(b).take(4).take_while(|(a, b)| a == b).count();
    jaro + prefix as f64 * 0.1 * (1.0 - jaro)
}

fn jaro(a: &[char], b: &[char]) -> f64 {
    let reach = (a.len().max(b.len()) / 2).saturating_sub(1);
    let mut taken = vec![false; b.len()];
    let mut common = Vec::new();
    for (i, c) in a.iter().enumerate() {
        let places = i.saturating_sub(reach)..(i + reach + 1).min(b.len());
        if let Some(j) = places.into_iter().find(|&j| !taken[j] && b[j] == *c) {
            taken[j] = true;
            common.push(*c);
        }
    }
    if common.is_empty() {
        return 0.0;
    }
    let theirs = b.iter().zip(&taken).filter(|(_, taken)| **taken).map(|(c, _)| c);
    let swapped = common.iter().zip(theirs).filter(|(a, b)| a != b).count() as f64 / 2.0;
    let matching = common.len() as f64;
    (matching / a.len() as f64 + matching / b.len() as f64 + (matching - swapped) / matching) / 3.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-6, "{a} {b}");
    }

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn jaro_and_winkler_are_as_in_their_papers() {
        for (a, b, expected) in [
            ("martha", "marhta", 0.961_111),
            ("dixon", "dicksonx", 0.813_333),
            ("dwayne", "duane", 0.84),
            ("a", "b", 0.0),
        ] {
            near(jaro_winkler(&chars(a), &chars(b)), (expected * 1e6_f64).round() / 1e6);
        }
    }

    #[test]
    fn runs_are_better_than_gaps_and_order_counts() {
        // Two runs of two within six characters: 4 + 4, less a gap of two of six, of sixteen.
        near(subsequence(&chars("abcd"), &chars("ab__cd")), (8.0 - 2.0 / 6.0) / 16.0);
        near(subsequence(&chars("ab"), &chars("_ab_")), (4.0 - 0.25 - 0.125) / 4.0);
        near(subsequence(&chars("ba"), &chars("ab")), 0.0);
        near(subsequence(&chars("abc"), &chars("ab")), 0.0);
    }

    #[test]
    fn a_name_fits_if_one_of_the_texts_does() {
        let fits = |texts: &[&str], algorithm, threshold, strict: bool, name: &str| {
            Wanted::new(texts, algorithm, threshold, strict).score(name)
        };
        use Algorithm::{JaroWinkler, Subsequence};
        assert_eq!(fits(&[], Subsequence, 1.0, true, "x"), Some(1.0));
        assert_eq!(fits(&["lo", "zz"], Subsequence, 1.0, true, "load1"), Some(1.0));
        assert_eq!(fits(&["LO"], JaroWinkler, 0.0, true, "load1"), None);
        assert_eq!(fits(&["LO"], JaroWinkler, 0.0, false, "node_load1"), Some(0.9));
        assert_eq!(fits(&["nodelad"], JaroWinkler, 0.0, false, "node_load"), None);
        assert!(fits(&["nodelad"], JaroWinkler, 0.8, false, "node_load").is_some());
        assert!(fits(&["nld"], Subsequence, 0.0, true, "node_load").is_some());
        assert_eq!(fits(&["nld"], Subsequence, 0.9, true, "node_load"), None);
        assert_eq!(fits(&["x"], JaroWinkler, 0.8, true, ""), None);
        assert_eq!(fits(&[""], JaroWinkler, 0.8, true, "a"), Some(1.0));
    }
}
