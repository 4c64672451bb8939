//! A network between nodes: what becomes of a datagram from one to another.

use stdx::random::Random;

/// How a network misbehaves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weather {
    /// Share of datagrams that are lost, each receiver for itself.
    pub loss: f64,
    /// Share of datagrams that come twice.
    pub twice: f64,
    /// Least and longest delay, in microseconds; every datagram has its own, so they overtake each other.
    pub delay_us: (i64, i64),
}

impl Weather {
    /// Nothing is lost and everything is quick.
    pub const FAIR: Self = Self { loss: 0.0, twice: 0.0, delay_us: (50, 500) };
}

/// The links between a number of nodes.
#[derive(Debug)]
pub struct Network {
    /// How it misbehaves now.
    pub weather: Weather,
    /// Which part of the net each node is in; datagrams stay within a part.
    parts: Vec<u8>,
    /// Nodes that datagrams of others do not reach.
    deaf: Vec<bool>,
}

impl Network {
    /// One net of `nodes` nodes.
    pub fn new(nodes: usize, weather: Weather) -> Self {
        Self { weather, parts: vec![0; nodes], deaf: vec![false; nodes] }
    }

    /// Splits it: each node goes into the part that is named for it.
    pub fn split(&mut self, part: impl Fn(usize) -> u8) {
        for (node, now) in self.parts.iter_mut().enumerate() {
            *now = part(node);
        }
    }

    /// Makes it whole again.
    pub fn heal(&mut self) {
        self.split(|_| 0);
    }

    /// Lets a node hear nobody, or others again.
    pub fn deafen(&mut self, node: usize, is_deaf: bool) {
        self.deaf[node] = is_deaf;
    }

    /// Which part a node is in.
    pub fn part(&self, node: usize) -> u8 {
        self.parts[node]
    }

    /// Whether a node hears nobody.
    pub fn is_deaf(&self, node: usize) -> bool {
        self.deaf[node]
    }

    /// After which delays, in microseconds, a datagram arrives: none when it is lost, two when it comes twice.
    pub fn delays_us(
        &self,
        from: usize,
        to: usize,
        random: &mut Random,
    ) -> impl Iterator<Item = i64> + use<> {
        let is_cut = self.parts[from] != self.parts[to] || (self.deaf[to] && from != to);
        let (least, longest) = self.weather.delay_us;
        let mut one = |chance: f64| {
            let delay_us = least + random.below((longest - least) as u64 + 1) as i64;
            (random.unit() < chance).then_some(delay_us)
        };
        // The same numbers are drawn whatever becomes of it, so that a smaller case differs little from a larger one.
        let copies = [one(1.0 - self.weather.loss), one(self.weather.twice)];
        copies.into_iter().flatten().filter(move |_| !is_cut)
    }
}
