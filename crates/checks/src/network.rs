//! What a check needs of the world.

use net::probe::Surroundings;
use net::{Interrupt, Resolve};
use stdx::clock::Clock;

/// The world as a check sees it.
#[derive(Clone, Copy)]
pub struct Network<'a> {
    /// Who turns names into addresses.
    pub resolver: &'a dyn Resolve,
    /// How another thread gives the check up.
    pub interrupt: &'a Interrupt,
    /// What time it is: certificates run out by it.
    pub clock: &'a dyn Clock,
}

impl<'a> Network<'a> {
    /// What a probe needs of it.
    pub fn surroundings(&self) -> Surroundings<'a> {
        Surroundings { resolver: self.resolver, interrupt: self.interrupt }
    }
}
