//! "Did you mean …?"

/// Candidates further away than this many edits are not offered; short words allow fewer.
const EDITS_MAX: usize = 3;

/// The candidate most like `word`, if any is like enough. Ties go to the first.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    ranked(word, candidates).into_iter().next()
}

/// The candidates like `word`, best first.
pub fn ranked<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let word = word.to_lowercase();
    let mut found: Vec<(usize, &str)> = Vec::new();
    for candidate in candidates {
        if let Some(rank) = rank(&word, candidate) {
            found.push((rank, candidate));
        }
    }
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, candidate)| candidate).collect()
}

// Lower is more alike: edits and abbreviations first, then words that contain each other.
fn rank(word: &str, candidate: &str) -> Option<usize> {
    let lower = candidate.to_lowercase();
    let allowed = (word.chars().count().max(2) / 2).min(EDITS_MAX);
    let edits = distance(word, &lower);
    let is_short_for = edits > 1 && is_abbreviation(word, &lower);
    if edits <= allowed || is_short_for {
        return Some(if is_short_for { ABBREVIATED } else { edits * 2 });
    }
    let contained =
        word.len() >= 2 && (has_part(&lower, word) || (lower.len() >= 3 && has_part(word, &lower)));
    contained.then_some(EDITS_MAX * 2 + 1)
}

/// An abbreviation is worse than one edit and better than two.
const ABBREVIATED: usize = 3;

/// Whether `word` is `text` with letters left out, less than half of them: `movingavg` of `movingaverage`.
fn is_abbreviation(word: &str, text: &str) -> bool {
    let mut rest = text.chars();
    let is_part = word.chars().all(|wanted| rest.any(|c| c == wanted));
    word.len() * 2 > text.len() && is_part && word.chars().next() == text.chars().next()
}

/// Whether a part of `text` begins like `part`: `sum` is in `cpu_sum`, but not in `resumed`.
fn has_part(text: &str, part: &str) -> bool {
    let begins = |at: usize| !text[..at].ends_with(|c: char| c.is_alphanumeric());
    text.match_indices(part).any(|(at, _)| begins(at))
}

/// Edits (insert, delete, replace, swap neighbours) from one word to the other: optimal string alignment distance.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    if a.len().abs_diff(b.len()) > EDITS_MAX {
        return EDITS_MAX + 1;
    }
    let mut older: Vec<usize> = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut row: Vec<usize> = older.clone();
    for (i, &x) in a.iter().enumerate() {
        row[0] = i + 1;
        for (j, &y) in b.iter().enumerate() {
            let replaced = last[j] + usize::from(x != y);
            let mut best = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                best = best.min(older[j - 1] + 1);
            }
            row[j + 1] = best;
        }
        std::mem::swap(&mut older, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        let names = ["movingaverage", "movingstd", "multiply", "min", "max", "load1", "load15"];
        let cases = [
            ("movingavarage", Some("movingaverage")),
            ("movingavg", Some("movingaverage")),
            ("mutliply", Some("multiply")),
            ("load17", Some("load1")),
            ("moving", Some("movingstd")),
            ("MAX", Some("max")),
            ("verage", None),
            ("elephant", None),
            ("", None),
        ];
        for (word, wanted) in cases {
            assert_eq!(nearest(word, names), wanted, "{word}");
        }
        assert_eq!(distance("ab", "ba"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
