//! Sentences that servers always write alike, and what they say happened.

use crate::messages::Amount;
use memchr::memmem;

/// How much of a message is compared; sentences end before.
const COMPARED_BYTES_MAX: usize = 400;

/// One of them.
#[derive(Debug)]
pub(super) struct Phrase {
    /// How the message begins; `*` stands for anything, and at the front for a sentence at any place.
    pub(super) text: &'static str,
    /// What that is called.
    pub(super) event: &'static str,
    pub(super) amount: Given,
}

/// Where in the message it says how much, behind these words.
#[derive(Debug, Clone, Copy)]
pub(super) enum Given {
    Nothing,
    Seconds(&'static str),
    Milliseconds(&'static str),
    Bytes(&'static str),
}

/// Shorter than the struct where nothing is measured.
pub(super) const fn phrase(text: &'static str, event: &'static str) -> Phrase {
    Phrase { text, event, amount: Given::Nothing }
}

/// The first of the phrases that a message is, with how much of it there was.
pub(super) fn find(phrases: &[Phrase], message: &[u8]) -> Option<(&'static str, Amount)> {
    let message = &message[..message.len().min(COMPARED_BYTES_MAX)];
    let phrase = phrases.iter().find(|phrase| fits(phrase.text, message))?;
    Some((phrase.event, phrase.amount.of(message)))
}

fn fits(text: &str, message: &[u8]) -> bool {
    let (first, rest) = text.split_once('*').unwrap_or((text, ""));
    let Some(behind) = message.strip_prefix(first.as_bytes()) else { return false };
    let mut behind = behind;
    rest.split('*').all(|part| match memmem::find(behind, part.as_bytes()) {
        Some(at) => {
            behind = &behind[at + part.len()..];
            true
        }
        None => false,
    })
}

impl Given {
    fn of(self, message: &[u8]) -> Amount {
        match self {
            Self::Nothing => Amount::None,
            Self::Seconds(words) => number_behind(message, words).map_or(Amount::None, Amount::Seconds),
            Self::Milliseconds(words) => {
                number_behind(message, words).map_or(Amount::None, |ms| Amount::Seconds(ms / 1e3))
            }
            Self::Bytes(words) => number_behind(message, words).map_or(Amount::None, Amount::Bytes),
        }
    }
}

/// The number that stands right behind some words.
pub(super) fn number_behind(text: &[u8], words: &str) -> Option<f64> {
    let at = memmem::find(text, words.as_bytes())? + words.len();
    number(&text[at..])
}

/// The number that a text begins with.
pub(super) fn number(text: &[u8]) -> Option<f64> {
    const DIGITS_MAX: usize = 24;
    let digits =
        text.iter().take(DIGITS_MAX).take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    std::str::from_utf8(&text[..digits]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_found_where_they_may_stand() {
        let phrases = [
            Phrase {
                text: "process * still waiting for",
                event: "waits",
                amount: Given::Milliseconds(" after "),
            },
            Phrase { text: "*too slow (", event: "slow", amount: Given::Seconds("too slow (") },
            phrase("ready", "started"),
        ];
        for (message, wanted) in [
            (
                "process 7 still waiting for ShareLock on x after 1000.5 ms",
                Some(("waits", Amount::Seconds(1.0005))),
            ),
            ("still waiting for", None),
            ("child executing too slow (1.2 sec)", Some(("slow", Amount::Seconds(1.2)))),
            ("too slow (x", Some(("slow", Amount::None))),
            ("not ready", None),
            ("ready for connections", Some(("started", Amount::None))),
        ] {
            assert_eq!(find(&phrases, message.as_bytes()), wanted, "{message}");
        }
    }
}
