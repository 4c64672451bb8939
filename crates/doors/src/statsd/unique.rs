//! How many different members a set has: exact while there are few, then HyperLogLog (Flajolet and others 2007) with its
//! correction for small counts, whose error is 1.6 % one time in three and seldom above 5 %.

use hashbrown::HashTable;

/// Most members that are counted exactly.
const EXACT_MAX: usize = 512;
/// Registers of the estimate, as bits.
const REGISTER_BITS: u32 = 12;
const REGISTERS: usize = 1 << REGISTER_BITS;

/// Counts members by their hashes.
#[derive(Debug)]
pub(crate) enum Unique {
    /// The hashes themselves.
    Exact(HashTable<u64>),
    /// Of each register the longest run of zeros seen, plus one.
    Estimate(Box<[u8; REGISTERS]>),
}

impl Default for Unique {
    fn default() -> Self {
        Self::Exact(HashTable::new())
    }
}

impl Unique {
    /// Adds a member.
    pub(crate) fn add(&mut self, hash: u64) {
        let hash = mix(hash);
        match self {
            Self::Exact(members) => {
                if members.find(hash, |other| *other == hash).is_some() {
                    return;
                }
                members.insert_unique(hash, hash, |other| *other);
                if members.len() > EXACT_MAX {
                    let mut registers = Box::new([0; REGISTERS]);
                    members.iter().for_each(|hash| note(&mut registers, *hash));
                    *self = Self::Estimate(registers);
                }
            }
            Self::Estimate(registers) => note(registers, hash),
        }
    }

    /// How many members there are.
    pub(crate) fn count(&self) -> f64 {
        match self {
            Self::Exact(members) => members.len() as f64,
            Self::Estimate(registers) => estimate(registers),
        }
    }

    /// Forgets the members. A large set is likely to be large again, but not so likely that its memory is kept.
    pub(crate) fn clear(&mut self) {
        match self {
            Self::Exact(members) => members.clear(),
            Self::Estimate(_) => *self = Self::default(),
        }
    }

    /// Memory held beside the set itself, in bytes.
    pub(crate) fn memory_bytes(&self) -> usize {
        match self {
            Self::Exact(members) => members.allocation_size(),
            Self::Estimate(_) => REGISTERS,
        }
    }
}

fn note(registers: &mut [u8; REGISTERS], hash: u64) {
    let register = &mut registers[(hash >> (64 - REGISTER_BITS)) as usize];
    let run = (hash << REGISTER_BITS).leading_zeros().min(64 - REGISTER_BITS) as u8 + 1;
    *register = run.max(*register);
}

fn estimate(registers: &[u8; REGISTERS]) -> f64 {
    let m = REGISTERS as f64;
    let sum: f64 = registers.iter().map(|run| 0.5f64.powi(i32::from(*run))).sum();
    let raw = 0.7213 / (1.0 + 1.079 / m) * m * m / sum;
    let empty = registers.iter().filter(|run| **run == 0).count();
    if raw <= 2.5 * m && empty > 0 { (m * (m / empty as f64).ln()).round() } else { raw.round() }
}

/// Spreads a hash that is good enough for a table over all its bits (the last step of MurmurHash3).
fn mix(mut hash: u64) -> u64 {
    hash = (hash ^ hash >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ hash >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ hash >> 33
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_members_are_exact_and_many_are_close() {
        for n in [0u64, 1, 10, 512, 513, 2_000, 10_000, 100_000, 1_000_000] {
            let mut set = Unique::default();
            (0..n).chain(0..n.min(700)).for_each(|member| set.add(member));
            let (count, n) = (set.count(), n as f64);
            let allowed = if n <= EXACT_MAX as f64 { 0.0 } else { n * 0.05 };
            assert!((count - n).abs() <= allowed, "{count} for {n}");
            assert!(set.memory_bytes() <= 16 * 1024);
            set.clear();
            assert_eq!(set.count(), 0.0);
        }
    }
}
