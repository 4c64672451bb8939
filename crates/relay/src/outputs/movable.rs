//! An output whose other side may move: it is made anew where it is now.

use crate::output::{Failure, Output, Sent};
use model::Batch;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Makes an output to an address; the error is for people.
pub type Make = Arc<dyn Fn(&str) -> Result<Box<dyn Output>, String> + Send + Sync>;

/// Where the other side is: shared by the output and whoever knows.
#[derive(Default)]
pub(crate) struct Place(Mutex<State>);

#[derive(Default)]
struct State {
    /// "" as long as nobody knows.
    url: String,
    /// Grows whenever the connection is to be made anew.
    generation: u64,
    /// Ends what the output that was made last is doing.
    interrupt: Option<Arc<dyn Fn() + Send + Sync>>,
    has_ended: bool,
}

impl Place {
    pub(crate) fn new(url: &str) -> Self {
        Self(Mutex::new(State { url: url.to_owned(), ..State::default() }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn url(&self) -> String {
        self.lock().url.clone()
    }

    /// The other side is there from now on.
    pub(crate) fn set(&self, url: &str) {
        let mut state = self.lock();
        if state.url != url {
            url.clone_into(&mut state.url);
            state.cut();
        }
    }

    /// Ends what is under way: nobody will answer.
    pub(crate) fn cut(&self) {
        self.lock().cut();
    }

    fn end(&self) {
        let mut state = self.lock();
        state.has_ended = true;
        state.cut();
    }
}

impl State {
    fn cut(&mut self) {
        self.generation += 1;
        if let Some(interrupt) = self.interrupt.take() {
            interrupt();
        }
    }
}

/// See the module's text.
pub(crate) struct Movable {
    place: Arc<Place>,
    make: Make,
    made: Option<(u64, Box<dyn Output>)>,
}

impl Movable {
    pub(crate) fn new(place: Arc<Place>, make: Make) -> Self {
        Self { place, make, made: None }
    }

    fn output(&mut self) -> Result<&mut Box<dyn Output>, Failure> {
        let mut state = self.place.lock();
        if state.has_ended {
            return Err(Failure::Later("given up because we are stopping".to_owned(), None));
        }
        if state.url.is_empty() {
            return Err(Failure::Later("nobody has registered".to_owned(), None));
        }
        if self.made.as_ref().is_none_or(|(generation, _)| *generation != state.generation) {
            let output = (self.make)(&state.url).map_err(|why| Failure::Later(why, None))?;
            state.interrupt = Some(output.interrupt());
            self.made = Some((state.generation, output));
        }
        drop(state);
        let none = || Failure::Later("nobody has registered".to_owned(), None);
        self.made.as_mut().map(|(_, output)| output).ok_or_else(none)
    }
}

impl Output for Movable {
    fn send(&mut self, batch: &Batch) -> Result<Sent, Failure> {
        self.output()?.send(batch)
    }

    fn doubt(&self) -> Duration {
        self.made.as_ref().map_or(Duration::ZERO, |(_, output)| output.doubt())
    }

    fn is_alive(&mut self) -> bool {
        self.made.as_mut().is_none_or(|(_, output)| output.is_alive())
    }

    fn interrupt(&self) -> Arc<dyn Fn() + Send + Sync> {
        let place = self.place.clone();
        Arc::new(move || place.end())
    }
}
