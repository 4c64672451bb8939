//! Bits to numbers. This is what every query waits for: a run is decoded without a branch that depends on the data,
//! except where something rare comes up.

use super::super::CHUNK_SAMPLES_MAX;
use super::super::ans::{RARE_SYMBOL, STATE_BITS, Table};
use super::super::bits::BitReader;
use super::super::models::ESCAPE;
use super::{CODING_BITS, Coding, LANES, NOTHING_BUT_ZEROS, RUN, SIDE_LENGTH_BITS, ZEROS};

/// Decoded numbers.
#[derive(Debug)]
pub(crate) enum Run<'a> {
    /// All below 15.
    Small(&'a [u8]),
    /// Any.
    Wide(&'a [u64]),
}

/// Decodes `count` numbers and hands them out a run at a time. `None` when the bytes are damaged; some may have been
/// handed out by then.
pub(crate) fn decode(bytes: &[u8], count: usize, mut take: impl FnMut(Run<'_>)) -> Option<()> {
    let mut bits = BitReader::new(bytes);
    let mut codings = [NOTHING_BUT_ZEROS; CHUNK_SAMPLES_MAX.div_ceil(RUN)];
    let codings = codings.get_mut(..count.div_ceil(RUN))?;
    read_codings(&mut bits, codings)?;
    let len = |run: usize| RUN.min(count - run * RUN);
    if codings.iter().all(|coding| coding.model == ZEROS) {
        (0..codings.len()).for_each(|run| take(Run::Small(&[0; RUN][..len(run)])));
        return (!bits.overrun()).then_some(());
    }
    let side_bits = if bits.read(1) == 1 {
        bits.read(SIDE_LENGTH_BITS) as usize
    } else {
        codings.iter().enumerate().map(|(run, coding)| len(run) * usize::from(coding.shift)).sum()
    };
    let mut states: [usize; LANES] = std::array::from_fn(|_| bits.read(STATE_BITS) as usize);
    let mut side = bits.clone();
    bits.skip(side_bits as u32);
    let side_end = bits.position();
    let (mut symbols, mut numbers) = ([0; RUN], [0; RUN]);
    for (run, &coding) in codings.iter().enumerate() {
        let len = len(run);
        if coding.model == ZEROS {
            take(Run::Small(&[0; RUN][..len]));
            continue;
        }
        let symbols = &mut symbols[..len.next_multiple_of(2)];
        decode_symbols(Table::of(coding.model), &mut bits, &mut states, symbols);
        let most = symbols.iter().fold(0, |most, &s| most.max(s));
        if most == RARE_SYMBOL {
            read_rare(symbols, &mut side);
        }
        if most < ESCAPE && coding.shift == 0 {
            take(Run::Small(&symbols[..len]));
        } else {
            widen(&symbols[..len], coding, &mut side, &mut numbers[..len]);
            take(Run::Wide(&numbers[..len]));
        }
    }
    // Each lane's last state takes bits for one that is not needed any more and not written.
    let slack = LANES * STATE_BITS as usize;
    (bits.position() <= bytes.len() * 8 + slack && side.position() <= side_end).then_some(())
}

fn read_codings(bits: &mut BitReader<'_>, codings: &mut [Coding]) -> Option<()> {
    let mut previous = NOTHING_BUT_ZEROS;
    for coding in codings {
        if bits.read(1) == 0 {
            previous = Coding::from_number(bits.read(CODING_BITS))?;
        }
        *coding = previous;
    }
    Some(())
}

/// Decodes symbols, of which there is an even number; the first pair is the first state's.
fn decode_symbols(table: &Table, bits: &mut BitReader<'_>, states: &mut [usize; LANES], symbols: &mut [u8]) {
    let [mut a, mut b, mut c, mut d] = *states;
    let (groups, rest) = symbols.as_chunks_mut::<{ 2 * LANES }>();
    for group in groups {
        // Four times eleven bits at the most.
        let (mut word, mut taken) = (bits.peek(), 0);
        let [a0, a1] = table.step_on(&mut a, &mut word, &mut taken);
        let [b0, b1] = table.step_on(&mut b, &mut word, &mut taken);
        let [c0, c1] = table.step_on(&mut c, &mut word, &mut taken);
        let [d0, d1] = table.step_on(&mut d, &mut word, &mut taken);
        *group = [a0, a1, b0, b1, c0, c1, d0, d1];
        bits.skip(taken);
    }
    *states = [a, b, c, d];
    let (mut word, mut taken) = (bits.peek(), 0);
    for (state, pair) in states.iter_mut().zip(rest.as_chunks_mut::<2>().0) {
        *pair = table.step_on(state, &mut word, &mut taken);
    }
    bits.skip(taken);
}

fn read_rare(symbols: &mut [u8], side: &mut BitReader<'_>) {
    for pair in symbols.as_chunks_mut::<2>().0.iter_mut().filter(|pair| pair[0] == RARE_SYMBOL) {
        let both = side.read(8) as u8;
        *pair = [both % 16, both / 16];
    }
}

/// Puts to symbols what stands beside them.
fn widen(symbols: &[u8], coding: Coding, side: &mut BitReader<'_>, numbers: &mut [u64]) {
    let mut escapes = 0;
    for (number, &symbol) in numbers.iter_mut().zip(symbols) {
        *number = u64::from(symbol);
        escapes |= u8::from(symbol == ESCAPE);
    }
    if escapes != 0 {
        for number in numbers.iter_mut().filter(|n| **n == u64::from(ESCAPE)) {
            *number = read_gamma(side).wrapping_add(u64::from(ESCAPE));
        }
    }
    match u32::from(coding.shift) {
        0 => {}
        shift if coding.sparse => add_low_bits_sparse(numbers, shift, side),
        shift => add_low_bits(numbers, shift, side),
    }
}

/// Puts `shift` low bits to each number, as many at a time as a word has.
fn add_low_bits(numbers: &mut [u64], shift: u32, side: &mut BitReader<'_>) {
    let mask = (1 << shift) - 1;
    for part in numbers.chunks_mut((56 / shift) as usize) {
        let mut word = side.peek();
        for number in &mut *part {
            *number = *number << shift | word & mask;
            word >>= shift;
        }
        side.skip(shift * part.len() as u32);
    }
}

/// Puts `shift` low bits to each number that is not zero, less one, and adds the one.
fn add_low_bits_sparse(numbers: &mut [u64], shift: u32, side: &mut BitReader<'_>) {
    let mask = (1 << shift) - 1;
    for number in numbers {
        // All ones, or for zeros nothing: arithmetic instead of a branch that nobody can foresee.
        let some = u64::from(*number != 0).wrapping_neg();
        let low = side.peek() & mask;
        *number = (number.wrapping_sub(1) << shift | low).wrapping_add(1) & some;
        side.skip(shift & some as u32);
    }
}

fn read_gamma(bits: &mut BitReader<'_>) -> u64 {
    let mut zeros = bits.peek().trailing_zeros();
    if zeros > 56 {
        bits.skip(32);
        let more = bits.peek().trailing_zeros().min(31);
        bits.skip(more + 1);
        zeros = 32 + more;
    } else {
        bits.skip(zeros + 1);
    }
    (1 << zeros | bits.read(zeros)) - 1
}
