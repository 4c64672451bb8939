//! Numbers to bits.

use super::super::ans::{Given, STATE_BITS, Table};
use super::super::bits::BitWriter;
use super::super::models::ESCAPE;
use super::{CODING_BITS, Coding, LANES, NOTHING_BUT_ZEROS, RUN, SIDE_LENGTH_BITS, ZEROS, gamma_bits, plan};

/// Appends the code of `numbers`; how many there are must be known to the reader.
pub(crate) fn encode(numbers: &[u64], out: &mut Vec<u8>) {
    let codings = plan::codings(numbers);
    let mut bits = BitWriter::default();
    write_codings(&codings, &mut bits);
    if codings.iter().any(|coding| coding.model != ZEROS) {
        write_runs(numbers, &codings, &mut bits);
    }
    out.extend_from_slice(&bits.finish());
}

fn write_codings(codings: &[Coding], bits: &mut BitWriter) {
    let mut previous = NOTHING_BUT_ZEROS;
    for &coding in codings {
        bits.write(u64::from(coding == previous), 1);
        if coding != previous {
            bits.write(coding.number(), CODING_BITS);
        }
        previous = coding;
    }
}

fn write_runs(numbers: &[u64], codings: &[Coding], bits: &mut BitWriter) {
    let mut symbols: Vec<u8> = Vec::with_capacity(numbers.len() + 1);
    let mut side = BitWriter::default();
    let (mut side_bits, mut plain_bits) = (0, 0);
    for (run, &coding) in numbers.chunks(RUN).zip(codings) {
        let start = symbols.len();
        symbols.extend(run.iter().map(|&n| coding.symbol(n).min(u64::from(ESCAPE)) as u8));
        // Half a pair is filled up with what is dropped again.
        symbols.resize(start + run.len().next_multiple_of(2), 0);
        if coding.model != ZEROS {
            side_bits += write_side(&mut side, coding, run, symbols[start..].as_chunks().0);
            plain_bits += run.len() as u64 * u64::from(coding.shift);
        }
    }
    let (states, given) = code(symbols.as_chunks().0, codings);
    bits.write(u64::from(side_bits != plain_bits), 1);
    if side_bits != plain_bits {
        bits.write(side_bits, SIDE_LENGTH_BITS);
    }
    states.iter().for_each(|&state| bits.write(u64::from(state), STATE_BITS));
    let mut left = side_bits;
    for byte in side.finish() {
        bits.write(u64::from(byte), left.min(8) as u32);
        left = left.saturating_sub(8);
    }
    given.iter().for_each(|g| bits.write(u64::from(g.value), u32::from(g.bits)));
}

/// Codes the symbols from the last to the first: the states that decoding starts with, and what it has to be given for
/// each pair.
fn code(pairs: &[[u8; 2]], codings: &[Coding]) -> ([u16; LANES], Vec<Given>) {
    let mut given = vec![Given::default(); pairs.len()];
    let mut states = [None; LANES];
    for (at, coding) in codings.iter().enumerate().rev().filter(|(_, coding)| coding.model != ZEROS) {
        let run = at * RUN / 2..pairs.len().min((at + 1) * RUN / 2);
        let table = Table::of(coding.model);
        let (pairs, given) = (&pairs[run.clone()], &mut given[run]);
        let mut end = pairs.len();
        while end > 0 && (end % LANES != 0 || states.contains(&None)) {
            end -= 1;
            let state = &mut states[end % LANES];
            *state = Some(match *state {
                // Nothing comes after a lane's last pair, so it needs to be given nothing.
                None => table.last_state(pairs[end]),
                Some(state) => table.step_back(state, pairs[end], &mut given[end]),
            });
        }
        let mut full = states.map(Option::unwrap_or_default);
        let groups = pairs[..end].as_chunks::<LANES>().0.iter().zip(given[..end].as_chunks_mut::<LANES>().0);
        for (pairs, given) in groups.rev() {
            for lane in 0..LANES {
                full[lane] = table.step_back(full[lane], pairs[lane], &mut given[lane]);
            }
        }
        if end > 0 {
            states = full.map(Some);
        }
    }
    (states.map(Option::unwrap_or_default), given)
}

/// Writes what stands beside the symbols of a run, and tells how many bits it is.
fn write_side(side: &mut BitWriter, coding: Coding, run: &[u64], pairs: &[[u8; 2]]) -> u64 {
    let mut bits = coding.low_bits(run);
    let table = Table::of(coding.model);
    for &[a, b] in pairs {
        if !table.has([a, b]) {
            side.write(u64::from(a | b << 4), 8);
            bits += 8;
        }
    }
    for &number in run {
        let symbol = coding.symbol(number);
        if symbol >= u64::from(ESCAPE) {
            bits += gamma_bits(symbol - u64::from(ESCAPE));
            write_gamma(side, symbol - u64::from(ESCAPE));
        }
    }
    for &number in run {
        if !coding.sparse {
            side.write(number, u32::from(coding.shift));
        } else if number != 0 {
            side.write(number - 1, u32::from(coding.shift));
        }
    }
    bits
}

fn write_gamma(bits: &mut BitWriter, number: u64) {
    let width = (number + 1).ilog2();
    bits.write_unary(width);
    bits.write(number + 1, width);
}
