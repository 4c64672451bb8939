//! Very many short texts that are only ever added: one after the other in a few large pieces of memory, so that a text
//! takes its bytes and nothing more.

/// Bytes of a piece; the longest text has to fit.
const PIECE_BYTES: usize = 1 << 16;

/// Where a text is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    piece: u32,
    at: u16,
    len: u16,
}

/// The texts.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    pieces: Vec<Vec<u8>>,
}

impl Texts {
    /// Adds a text of less than 64 KiB.
    pub(crate) fn push(&mut self, text: &[u8]) -> Place {
        let fits = |piece: &Vec<u8>| piece.len() + text.len() <= PIECE_BYTES;
        if !self.pieces.last().is_some_and(fits) {
            if let Some(full) = self.pieces.last_mut() {
                full.shrink_to_fit();
            }
            // The first grows as needed: small stores should be small.
            let first = if self.pieces.is_empty() { 0 } else { PIECE_BYTES };
            self.pieces.push(Vec::with_capacity(first));
        }
        let number = self.pieces.len() - 1;
        let piece = &mut self.pieces[number];
        let place = Place { piece: number as u32, at: piece.len() as u16, len: text.len() as u16 };
        piece.extend_from_slice(text);
        place
    }

    /// A text.
    #[inline]
    pub(crate) fn get(&self, place: Place) -> &[u8] {
        &self.pieces[place.piece as usize][usize::from(place.at)..][..usize::from(place.len)]
    }

    /// Forgets this text, which is not empty, and all that were added after it.
    pub(crate) fn truncate(&mut self, place: Place) {
        self.pieces.truncate(place.piece as usize + 1);
        if let Some(last) = self.pieces.last_mut() {
            last.truncate(usize::from(place.at));
        }
    }

    pub(crate) fn len_bytes(&self) -> usize {
        self.pieces.iter().map(Vec::capacity).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_over_the_ends_of_pieces() {
        let mut texts = Texts::default();
        let text = |i: usize| vec![i as u8; i * 37 % 9000];
        let mut places: Vec<Place> = (0..100).map(|i| texts.push(&text(i))).collect();
        texts.truncate(places[40]);
        places.truncate(40);
        places.extend((40..200).map(|i| texts.push(&text(i))));
        places.iter().enumerate().for_each(|(i, place)| assert_eq!(texts.get(*place), text(i)));
        assert!(texts.pieces.len() > 5);
    }
}
