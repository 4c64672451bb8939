//! Which seeds are run.

use stdx::random::Random;

/// How many seeds a property is tried with; `WINDHOVER_SIM_SEEDS` sets another number.
const SEEDS: u64 = 200;

/// Tries a property with every seed. `WINDHOVER_SIM_SEED` tries it with that one alone.
pub(crate) fn each(property: impl Fn(u64, &mut Random)) {
    let number = |name| std::env::var(name).ok().map(|text| text.parse::<u64>().expect(name));
    let seeds = match number("WINDHOVER_SIM_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("WINDHOVER_SIM_SEEDS").unwrap_or(SEEDS),
    };
    for seed in seeds {
        let told = Told(seed);
        property(seed, &mut Random::from_seed(seed ^ 0xfeed));
        std::mem::forget(told);
    }
}

/// Tells the seed when the property does not come back.
struct Told(u64);

impl Drop for Told {
    fn drop(&mut self) {
        eprintln!("failed with seed {0}: run it alone with WINDHOVER_SIM_SEED={0}", self.0);
    }
}
