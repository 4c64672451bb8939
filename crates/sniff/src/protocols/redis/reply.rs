//! What the server says: answers, and pushes that nobody asked for.

use super::Redis;
use super::resp::{BULK_BYTES_MAX, ELEMENTS_MAX, Found, word};
use crate::conversation::{Scene, Step};
use crate::exchange::Answer;
use crate::protocols::{line, number};

/// Longest code of an error.
const CODE_BYTES_MAX: usize = 24;

/// An answer of which some elements are still to come.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Reply {
    bytes: u64,
    pub(super) elements_left: u64,
    is_push: bool,
    /// The push that ends a subscription.
    ends: bool,
    code: [u8; CODE_BYTES_MAX],
    code_len: usize,
}

impl Redis {
    pub(super) fn reply(&mut self, bytes: &[u8]) -> Step {
        let mut reply = self.reply.unwrap_or(Reply { elements_left: 1, ..Reply::default() });
        let is_begun = self.reply.is_some();
        let mut used = 0;
        while reply.elements_left > 0 && used < bytes.len() {
            let Some((text, line_len)) = line(&bytes[used..]) else { break };
            let Some((kind, rest)) = text.split_first() else { return Step::Lost };
            let is_top = !is_begun && used == 0;
            let mut len = line_len as u64;
            reply.elements_left -= 1;
            match (kind, number(rest)) {
                (b'-', _) if is_top => reply.set_code(rest),
                (b'+' | b'-' | b':' | b'_' | b',' | b'#' | b'(', _) => {}
                (b'$' | b'=', Some(text_len)) if text_len <= BULK_BYTES_MAX => len += text_len + 2,
                (b'!', Some(text_len)) if text_len <= BULK_BYTES_MAX => {
                    if is_top {
                        reply.set_code(&bytes[line_len.min(bytes.len())..]);
                    }
                    len += text_len + 2;
                }
                (b'$' | b'*', None) if rest == b"-1" => {}
                (b'*' | b'~', Some(count)) if count <= ELEMENTS_MAX => {
                    reply.elements_left += count;
                    if is_top && self.is_subscribed && !self.is_resp3 {
                        reply.is_push = true;
                        reply.ends = ends_subscription(&bytes[line_len..]);
                    }
                }
                (b'>', Some(count)) if count <= ELEMENTS_MAX => {
                    reply.elements_left += count;
                    reply.is_push |= is_top;
                    self.is_resp3 = true;
                }
                (b'%', Some(count)) if count <= ELEMENTS_MAX => reply.elements_left += count * 2,
                // Attributes stand before what they belong to.
                (b'|', Some(count)) if count <= ELEMENTS_MAX => reply.elements_left += count * 2 + 1,
                _ => return Step::Lost,
            }
            if reply.elements_left > ELEMENTS_MAX * 4 {
                return Step::Lost;
            }
            let end = used as u64 + len;
            used = end.min(bytes.len() as u64) as usize;
            if end > bytes.len() as u64 {
                reply.bytes += end;
                self.reply = Some(reply);
                return Step::Pass(end);
            }
        }
        if used == 0 {
            return self.unfinished(bytes);
        }
        reply.bytes += used as u64;
        self.reply = Some(reply);
        Step::Pass(used as u64)
    }

    pub(super) fn replied(&mut self, reply: &Reply, scene: &mut Scene<'_, '_>) {
        if reply.is_push {
            self.is_subscribed &= !reply.ends;
            return scene.record.pushed();
        }
        let error = (reply.code_len > 0).then_some(&reply.code[..reply.code_len]);
        scene.exchanges.answer(Answer { bytes: reply.bytes, error }, scene.now_ns, scene.record);
    }
}

impl Reply {
    fn set_code(&mut self, text: &[u8]) {
        let word = text.split(|b| b.is_ascii_whitespace()).next().unwrap_or_default();
        let word = if word.is_empty() { b"ERR" } else { word };
        self.code_len = word.len().min(CODE_BYTES_MAX);
        self.code[..self.code_len].copy_from_slice(&word[..self.code_len]);
    }
}

/// Whether it is the answer to the last `UNSUBSCRIBE`: no subscriptions are left.
fn ends_subscription(elements: &[u8]) -> bool {
    let mut rest = elements;
    let Found::There((kind, used)) = word(rest) else { return false };
    if !kind.to_ascii_lowercase().ends_with(b"unsubscribe") {
        return false;
    }
    rest = &rest[used..];
    let after_name = if let Some(rest) = rest.strip_prefix(b"$-1\r\n") {
        rest
    } else {
        match word(rest) {
            Found::There((_, used)) => &rest[used..],
            _ => return false,
        }
    };
    after_name.starts_with(b":0\r\n")
}
