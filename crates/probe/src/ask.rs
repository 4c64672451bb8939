//! Asking the probes of a network once, for who wants to know whether there are any.

use crate::links::Target;
use crate::sockets::{self, Ears};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// Largest answer that is looked at, in bytes.
const ANSWER_BYTES_MAX: usize = 65_535;

/// Pings a network once, as a foreign monitor does, and gives who of it answers within that time. Monitors at work are not
/// disturbed: one ping is no clock.
///
/// # Errors
/// What keeps a monitor from hearing or being heard there, for people.
pub fn ask(target: &Target, port: u16, word: &str, wait: Duration) -> Result<BTreeSet<IpAddr>, String> {
    let ears = Ears::open(target, port, false)?;
    let sent = ears.own.send_to(format!("{word}\n").as_bytes(), ears.probes_at);
    sent.map_err(|e| format!("pings cannot be sent: {e}"))?;
    let (deadline, mut buffer, mut answered) =
        (Instant::now() + wait, vec![0; ANSWER_BYTES_MAX], BTreeSet::new());
    while let Some(left) = deadline.checked_duration_since(Instant::now()) {
        let mut fds = [PollFd::from_borrowed_fd(ears.own.as_fd(), PollFlags::IN)];
        let left = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
        // An error here (EINTR) is a look too many.
        let _ = poll(&mut fds, Some(&left));
        while let Ok((_, from, _)) = sockets::receive(&ears.own, &mut buffer) {
            let from = from.to_canonical();
            if target.ranges.iter().any(|range| range.contains(from)) {
                answered.insert(from);
            }
        }
    }
    Ok(answered)
}

/// Whether pings can be heard at that address.
///
/// # Errors
/// Why not, for people.
pub fn can_hear(listen: &str, port: u16) -> Result<(), String> {
    sockets::probe(listen, port).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answerer::{Answerer, Options, Says};
    use crate::links;
    use std::net::UdpSocket;
    use std::sync::Arc;
    use stdx::clock::SystemClock;

    #[test]
    fn who_answers_is_known() {
        let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().min(65_000);
        let here = links::links().unwrap();
        let target = links::targets(&["127.255.255.255".to_owned()], &[], &here).unwrap().remove(0);
        assert!(ask(&target, port, "ping", Duration::from_millis(20)).unwrap().is_empty());
        let says = Says::Command("echo web:load:1:GAUGE".into(), Duration::from_secs(30));
        let ranges = vec!["127.0.0.0/8".parse().unwrap()];
        let options = Options { listen: vec!["0.0.0.0".into()], port, ranges, says };
        let probe = Answerer::start(options, Arc::new(SystemClock)).unwrap();
        let deadline = Instant::now() + Duration::from_secs(30);
        while ask(&target, port, "ping", Duration::from_millis(200)).unwrap().is_empty() {
            assert!(Instant::now() < deadline, "nobody answers");
        }
        assert!(can_hear("0.0.0.0", port).is_ok() && can_hear("nonsense", port).is_err());
        probe.stop();
    }
}
