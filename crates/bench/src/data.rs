//! Data made from a seed: the same on every machine, and every series' values independent of the others'.

pub mod churn;
pub mod cpu;
pub mod names;
pub mod node;
pub mod play;
pub mod recording;

use model::Labels;
use stdx::random::Random;

/// Series that are all sampled at the same instants.
pub trait Feed {
    /// The series.
    fn labels(&self) -> &[Labels];
    /// The next value of every series.
    fn step(&mut self) -> &[f64];
}

/// Labels that are known to be well-formed.
fn labels<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Labels {
    Labels::from_pairs(pairs).expect("generated labels are within the limits")
}

/// One of a list.
fn pick<'a>(random: &mut Random, list: &[&'a str]) -> &'a str {
    list[random.below(list.len() as u64) as usize]
}

/// A normally distributed number of mean 0 and variance 1 (Box and Muller 1958).
fn normal(random: &mut Random) -> f64 {
    let radius = (-2.0 * (1.0 - random.unit()).ln()).sqrt();
    radius * (std::f64::consts::TAU * random.unit()).cos()
}

#[cfg(test)]
mod tests {
    use super::cpu::Cpu;
    use super::node::Node;
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_values_whatever_the_number_of_hosts() {
        let (mut few, mut many) = (Cpu::new(1, 7), Cpu::new(3, 7));
        for _ in 0..20 {
            assert_eq!(few.step()[..10], many.step()[..10]);
        }
        assert_eq!(few.labels(), &many.labels()[..10]);
        assert_ne!(Cpu::new(1, 8).step(), Cpu::new(1, 7).step());
    }

    #[test]
    fn walks_are_whole_percents_with_steps_of_about_one() {
        let column = Cpu::column(7, 3, 5000);
        assert!(column.iter().all(|v| (0.0..=100.0).contains(v) && v.fract() == 0.0));
        let squares: f64 = column.windows(2).map(|w| (w[1] - w[0]).powi(2)).sum();
        assert!((0.8..1.5).contains(&(squares / 4999.0)), "{}", squares / 4999.0);
    }

    #[test]
    fn half_of_a_node_s_series_never_change() {
        let mut node = Node::new(1, 1);
        let first = node.step().to_vec();
        let steps: Vec<Vec<f64>> = (0..50).map(|_| node.step().to_vec()).collect();
        let still = (0..first.len()).filter(|&at| steps.iter().all(|s| s[at] == first[at])).count();
        assert!((50..=56).contains(&still), "{still}");
    }
}
