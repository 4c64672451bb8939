//! The threads: each leads, helps or rests as [`super::turns`] says.

use super::connection::{Connection, LATE, STOP};
use super::shared::{LISTENER, NEVER_MS, POKE, Shared};
use super::turns::{Hand, Task, Wake};
use crate::telemetry;
use rustix::event::{Timespec, epoll};
use std::cmp::Reverse;
use std::io::ErrorKind;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// What is taken from epoll at once.
const EVENTS_MAX: usize = 64;
/// Connections accepted before others have their turn.
const ACCEPTS_MAX: usize = 64;
/// How long nothing is accepted when there are no descriptors left.
const ACCEPT_PAUSE_MS: u64 = 50;
/// How long a thread too many rests before it ends.
const SPARE: Duration = Duration::from_secs(10);

/// Begins a thread that was counted with [`super::turns::Turns::join`].
pub(super) fn spawn(shared: &Arc<Shared>) {
    let with = shared.clone();
    let begun = std::thread::Builder::new().name("serve".into()).spawn(move || attend(&with));
    if begun.is_err() {
        // The system has none left: those that there are go on.
        shared.turns().leave();
    }
}

/// Begins the thread that looks whether the one that leads is kept too long.
pub(super) fn watch(shared: &Arc<Shared>) -> std::io::Result<()> {
    shared.turns().join();
    let with = shared.clone();
    std::thread::Builder::new().name("serve-watch".into()).spawn(move || {
        while with.alarm.wait() {
            let mut turns = with.turns();
            if turns.is_over() {
                break;
            }
            let wake = if turns.is_called() { turns.take_lead() } else { Wake::Nobody };
            drop(turns);
            if wake != Wake::Nobody {
                telemetry::LONG.add(1);
            }
            with.rouse(wake);
        }
        with.turns().leave();
        with.work.notify_all();
    })?;
    Ok(())
}

fn attend(shared: &Arc<Shared>) {
    let mut turns = shared.turns();
    let mut hand = turns.hand();
    let mut rested_long = false;
    loop {
        match turns.task(&mut hand) {
            Task::End => break,
            Task::Lead => {
                drop(turns);
                lead(shared, &mut hand);
                turns = shared.turns();
            }
            Task::Work(connection) => {
                drop(turns);
                connection.attend(shared, &mut hand);
                turns = shared.turns();
                turns.helped();
            }
            Task::Rest if rested_long && turns.is_spare() => break,
            Task::Rest => {
                turns.rest();
                let pause = if turns.is_spare() { SPARE } else { Duration::MAX };
                (turns, rested_long) = shared
                    .work
                    .wait_timeout(turns, pause)
                    .map(|(turns, waited)| (turns, waited.timed_out()))
                    .unwrap_or_else(|e| (e.into_inner().0, false));
                turns.wake();
                continue;
            }
        }
        rested_long = false;
    }
    turns.leave();
    drop(turns);
    shared.work.notify_all();
}

fn lead(shared: &Arc<Shared>, hand: &mut Hand) {
    let mut events = Vec::with_capacity(EVENTS_MAX);
    while hand.leads {
        let mut turns = shared.turns();
        if turns.is_over() {
            return turns.give_up(hand);
        }
        let next = turns.ready.pop_front();
        let wake = if next.is_some() { turns.help() } else { Wake::Nobody };
        drop(turns);
        shared.rouse(wake);
        match next {
            Some(connection) => connection.attend(shared, hand),
            None => wait(shared, &mut events, hand),
        }
    }
}

/// Waits until something can be gone on with, and finds out what.
fn wait(shared: &Arc<Shared>, events: &mut Vec<epoll::Event>, hand: &Hand) {
    events.clear();
    let due_ms = shared.due_ms.load(Ordering::Relaxed);
    let timeout = (due_ms != NEVER_MS).then(|| {
        let left_ms = due_ms.saturating_sub(shared.now_ms());
        Timespec { tv_sec: (left_ms / 1000) as i64, tv_nsec: (left_ms % 1000 * 1_000_000) as i64 }
    });
    // It fails when it is interrupted, and is then asked again.
    let _ = epoll::wait(&shared.epoll, rustix::buffer::spare_capacity(events), timeout.as_ref());
    for event in events.iter() {
        let (token, flags) = (event.data.u64(), event.flags);
        match token {
            LISTENER => accept(shared, hand),
            POKE => shared.take_poke(),
            token => {
                let connection = shared.connections().get(token);
                notice(shared, connection, flags.bits());
            }
        }
    }
    if due_ms != NEVER_MS && shared.now_ms() >= due_ms {
        sweep(shared);
    }
    if shared.is_stopping() {
        close_doors(shared);
    }
}

fn notice(shared: &Shared, connection: Option<Arc<Connection>>, flags: u32) {
    if let Some(connection) = connection
        && connection.notice(flags)
    {
        shared.turns().ready.push_back(connection);
    }
}

/// Tells connections whose time is over, and streams that are to go on.
fn sweep(shared: &Shared) {
    let now_ms = shared.now_ms();
    // What becomes due from here on is not overlooked.
    shared.due_ms.store(NEVER_MS, Ordering::Relaxed);
    let (mut late, mut next_ms) = (Vec::new(), NEVER_MS);
    for connection in shared.connections().iter() {
        match connection.deadline_ms() {
            deadline_ms if deadline_ms <= now_ms => late.push(connection.clone()),
            deadline_ms => next_ms = next_ms.min(deadline_ms),
        }
    }
    let mut beats = shared.beats.lock().unwrap_or_else(PoisonError::into_inner);
    while let Some(Reverse((at_ms, token))) = beats.peek().copied() {
        if at_ms > now_ms {
            next_ms = next_ms.min(at_ms);
            break;
        }
        beats.pop();
        late.extend(shared.connections().get(token));
    }
    drop(beats);
    late.into_iter().for_each(|connection| notice(shared, Some(connection), LATE));
    let accept_ms = shared.accept_ms.swap(0, Ordering::Relaxed);
    if accept_ms > now_ms {
        shared.accept_ms.store(accept_ms, Ordering::Relaxed);
        next_ms = next_ms.min(accept_ms);
    } else if accept_ms > 0 {
        listen(shared, epoll::EventFlags::IN);
    }
    shared.due_ms.fetch_min(next_ms, Ordering::Relaxed);
}

fn listen(shared: &Shared, flags: epoll::EventFlags) {
    if let Some(listener) = &*shared.listener.lock().unwrap_or_else(PoisonError::into_inner) {
        let _ = epoll::modify(&shared.epoll, listener, epoll::EventData::new_u64(LISTENER), flags);
    }
}

fn accept(shared: &Arc<Shared>, hand: &Hand) {
    for _ in 0..ACCEPTS_MAX {
        let accepted = match &*shared.listener.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(listener) => listener.accept(),
            None => return,
        };
        match accepted {
            Ok((stream, peer)) => Connection::begin(stream, peer, shared, hand),
            Err(e) if e.kind() == ErrorKind::WouldBlock => return,
            Err(e) if matches!(e.kind(), ErrorKind::ConnectionAborted | ErrorKind::Interrupted) => {}
            Err(_) => {
                // Out of descriptors, which does not go away by trying again at once.
                listen(shared, epoll::EventFlags::empty());
                let accept_ms = shared.now_ms() + ACCEPT_PAUSE_MS;
                shared.accept_ms.store(accept_ms, Ordering::Relaxed);
                return shared.due(accept_ms, hand);
            }
        }
    }
}

/// Takes no more connections, and tells those there are.
fn close_doors(shared: &Shared) {
    let listener = shared.listener.lock().unwrap_or_else(PoisonError::into_inner).take();
    if listener.is_some() {
        let all: Vec<_> = shared.connections().iter().cloned().collect();
        all.into_iter().for_each(|connection| notice(shared, Some(connection), STOP));
    }
}
