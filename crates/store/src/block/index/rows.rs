//! The labels of series as numbers: which names (a *shape*, which many series share), and the place of each value in
//! the sorted values of its name. A row says only what differs from the row before.

use model::Kind;
use stdx::varint;

/// In the first byte of a row: it has the shape of the row before.
const SAME_SHAPE: u8 = 0x80;

/// The labels of a series as numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) shape: u32,
    pub(super) kind: Kind,
    /// One number for each name of the shape.
    pub(super) values: Vec<u32>,
}

impl Row {
    /// Appends the row; `previous` is the one before, if it may be built upon.
    pub(super) fn write(&self, previous: Option<&Self>, out: &mut Vec<u8>) {
        match previous.filter(|previous| previous.shape == self.shape) {
            Some(previous) => {
                out.push(self.kind as u8 | SAME_SHAPE);
                let pairs = || self.values.iter().zip(&previous.values);
                let changed = pairs().enumerate().filter(|(_, (new, old))| new != old);
                varint::write_u64(out, changed.fold(0, |mask, (at, _)| mask | 1 << at));
                pairs().filter(|(new, old)| new != old).for_each(|(new, _)| write_number(out, *new));
            }
            None => {
                out.push(self.kind as u8);
                write_number(out, self.shape);
                self.values.iter().for_each(|&value| write_number(out, value));
            }
        }
    }

    /// Takes a row off the front of `input`, in place of the one before; `width` says how many names a shape has.
    pub(super) fn read(&mut self, input: &mut &[u8], width: impl Fn(u32) -> Option<usize>) -> Option<()> {
        let (&first, rest) = input.split_first()?;
        *input = rest;
        self.kind = Kind::from_u8(first & !SAME_SHAPE)?;
        if first & SAME_SHAPE == 0 {
            self.shape = read_number(input)?;
            self.values.clear();
            self.values.resize(width(self.shape)?, 0);
            return self.values.iter_mut().try_for_each(|value| {
                *value = read_number(input)?;
                Some(())
            });
        }
        let mut mask = varint::read_u64(input)?;
        while mask != 0 {
            *self.values.get_mut(mask.trailing_zeros() as usize)? = read_number(input)?;
            mask &= mask - 1;
        }
        Some(())
    }
}

fn write_number(out: &mut Vec<u8>, number: u32) {
    varint::write_u64(out, u64::from(number));
}

fn read_number(input: &mut &[u8]) -> Option<u32> {
    u32::try_from(varint::read_u64(input)?).ok()
}
