//! The fixed distributions that remainders are coded with. They are part of the format: number and weights never change.
//!
//! A number is cut into a symbol (what is left after its low bits) and the low bits. Symbols up to 14 stand for
//! themselves, [`ESCAPE`] for all above. How likely each is comes from formulas by addition, multiplication, division
//! and square roots alone, which IEEE 754 rounds alike on every machine; a test holds their checksum.

use std::sync::LazyLock;

/// Symbols there are.
pub(crate) const SYMBOLS: usize = 16;
/// The symbol for all numbers that have none of their own.
pub(crate) const ESCAPE: u8 = 15;
/// A bit, in the unit of [`costs`].
pub(crate) const COST_OF_BIT: u64 = 64;

/// No symbol is reckoned less likely than this: it can be coded in another way.
const RAREST: f64 = 1.0 / 2048.0;

/// How the likelihood falls from symbol to symbol. `r` is the parameter.
#[derive(Debug, Clone, Copy)]
enum Shape {
    /// Of folded signed numbers (0, −1, 1, −2 …): r^|n|, Laplace's distribution.
    SignedLaplace,
    /// Of folded signed numbers: r^(n²), the normal distribution.
    SignedNormal,
    /// r^s: of unsigned numbers, or of folded ones whose sign is in the low bits.
    Laplace,
    /// r^((s² + s) / 2): the normal distribution, sign in the low bits.
    Normal,
    /// As [`Shape::Laplace`] in three parts of four, the rest falling a quarter as fast.
    Heavy,
    /// 0 so often, else as [`Shape::Laplace`] at 0.5, [`Shape::Laplace`] at 0.7 and [`Shape::Normal`] at 0.85.
    ZeroSteep,
    ZeroLaplace,
    ZeroNormal,
}
use Shape::{Heavy, Laplace, Normal, SignedLaplace, SignedNormal, ZeroLaplace, ZeroNormal, ZeroSteep};

/// Number of models.
pub(crate) const MODELS: usize = 80;

/// The models, in the order of their numbers.
const PARAMETERS: [(Shape, f64); MODELS] = [
    (SignedLaplace, 0.004),
    (SignedLaplace, 0.012),
    (SignedLaplace, 0.03),
    (SignedLaplace, 0.06),
    (SignedLaplace, 0.1),
    (SignedLaplace, 0.15),
    (SignedLaplace, 0.21),
    (SignedLaplace, 0.28),
    (SignedLaplace, 0.36),
    (SignedLaplace, 0.44),
    (SignedLaplace, 0.52),
    (SignedLaplace, 0.6),
    (SignedNormal, 0.08),
    (SignedNormal, 0.16),
    (SignedNormal, 0.26),
    (SignedNormal, 0.37),
    (SignedNormal, 0.48),
    (SignedNormal, 0.58),
    (SignedNormal, 0.67),
    (SignedNormal, 0.75),
    (SignedNormal, 0.82),
    (SignedNormal, 0.87),
    (SignedNormal, 0.91),
    (Laplace, 0.006),
    (Laplace, 0.02),
    (Laplace, 0.05),
    (Laplace, 0.1),
    (Laplace, 0.16),
    (Laplace, 0.23),
    (Laplace, 0.3),
    (Laplace, 0.37),
    (Laplace, 0.44),
    (Laplace, 0.5),
    (Laplace, 0.56),
    (Laplace, 0.62),
    (Laplace, 0.68),
    (Laplace, 0.73),
    (Laplace, 0.78),
    (Normal, 0.2),
    (Normal, 0.35),
    (Normal, 0.5),
    (Normal, 0.62),
    (Normal, 0.71),
    (Normal, 0.78),
    (Normal, 0.835),
    (Normal, 0.875),
    (Normal, 0.91),
    (Normal, 0.935),
    (Heavy, 0.02),
    (Heavy, 0.06),
    (Heavy, 0.13),
    (Heavy, 0.22),
    (Heavy, 0.32),
    (Heavy, 0.43),
    (Heavy, 0.54),
    (Heavy, 0.65),
    (ZeroSteep, 0.2),
    (ZeroSteep, 0.35),
    (ZeroSteep, 0.5),
    (ZeroSteep, 0.65),
    (ZeroSteep, 0.78),
    (ZeroSteep, 0.87),
    (ZeroSteep, 0.93),
    (ZeroSteep, 0.97),
    (ZeroLaplace, 0.2),
    (ZeroLaplace, 0.35),
    (ZeroLaplace, 0.5),
    (ZeroLaplace, 0.65),
    (ZeroLaplace, 0.78),
    (ZeroLaplace, 0.87),
    (ZeroLaplace, 0.93),
    (ZeroLaplace, 0.97),
    (ZeroNormal, 0.2),
    (ZeroNormal, 0.35),
    (ZeroNormal, 0.5),
    (ZeroNormal, 0.65),
    (ZeroNormal, 0.78),
    (ZeroNormal, 0.87),
    (ZeroNormal, 0.93),
    (ZeroNormal, 0.97),
];

/// How likely each symbol is in a model.
pub(crate) fn likelihoods(model: usize) -> [f64; SYMBOLS] {
    let (shape, r) = PARAMETERS[model];
    match shape {
        SignedLaplace => falling(|symbol| if symbol % 2 == 1 { r } else { 1.0 }),
        SignedNormal => falling(|symbol| if symbol % 2 == 1 { power(r, symbol) } else { 1.0 }),
        Laplace => geometric(r),
        Normal => normal(r),
        // Square roots are exact to the last bit in IEEE 754 as well.
        Heavy => mixed(geometric(r), 0.75, geometric(r.sqrt().sqrt())),
        ZeroSteep => inflated(r, geometric(0.5)),
        ZeroLaplace => inflated(r, geometric(0.7)),
        ZeroNormal => inflated(r, normal(0.85)),
    }
}

/// From n² to (n + 1)² it is 2n + 1, which is the folded number; from n(n + 1)/2 to the next it is n + 1.
fn power(base: f64, exponent: u32) -> f64 {
    (1..exponent).fold(base, |product, _| product * base)
}

fn geometric(r: f64) -> [f64; SYMBOLS] {
    falling(|_| r)
}

fn normal(r: f64) -> [f64; SYMBOLS] {
    falling(|symbol| power(r, symbol))
}

/// A distribution from what each symbol has of the likelihood of the one before. What is after the last goes to it.
fn falling(ratio: impl Fn(u32) -> f64) -> [f64; SYMBOLS] {
    let mut likely = [0.0; SYMBOLS];
    let (mut this, mut sum) = (1.0, 0.0);
    for symbol in 0..128 {
        if symbol > 0 {
            this *= ratio(symbol);
        }
        likely[(symbol as usize).min(SYMBOLS - 1)] += this;
        sum += this;
    }
    likely.map(|l| l / sum)
}

fn mixed(a: [f64; SYMBOLS], share: f64, b: [f64; SYMBOLS]) -> [f64; SYMBOLS] {
    std::array::from_fn(|symbol| share * a[symbol] + (1.0 - share) * b[symbol])
}

/// 0 with the likelihood `zero`, else one more than `others` says.
fn inflated(zero: f64, others: [f64; SYMBOLS]) -> [f64; SYMBOLS] {
    std::array::from_fn(|symbol| match symbol {
        0 => zero,
        last if last == SYMBOLS - 1 => (1.0 - zero) * (others[last - 1] + others[last]),
        _ => (1.0 - zero) * others[symbol - 1],
    })
}

/// What each symbol costs in each model, in parts of a bit.
pub(crate) fn costs() -> &'static [[i16; SYMBOLS]; MODELS] {
    static COSTS: LazyLock<[[i16; SYMBOLS]; MODELS]> = LazyLock::new(|| std::array::from_fn(costs_of));
    &COSTS
}

fn costs_of(model: usize) -> [i16; SYMBOLS] {
    let cost = |likelihood: f64| (-likelihood.log2() * COST_OF_BIT as f64).round() as i16;
    likelihoods(model).map(|likelihood| cost(likelihood.max(RAREST)))
}
